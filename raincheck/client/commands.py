"""What the commands do. Documents and text go to standard output, everything else to standard error."""

import argparse
import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

from raincheck.client.client import Client
from raincheck.client.events import RunEvent
from raincheck.client.token_store import Kept, TokenStore
from raincheck.models import StatusDocument
from raincheck.outcomes import RunStatus

__all__ = ["COMMANDS", "Usage"]

_HOLD = 20  # seconds


class Usage(Exception):
    """What was said can't be done."""


async def flows(client: Client, _: TokenStore, options: argparse.Namespace) -> int:
    """List the flows, or describe one."""
    if options.flow:
        _print(await client.flow(options.flow))
        return 0
    for flow in await client.flows():
        summary = str(flow.get("description") or "").partition("\n")[0]
        sys.stdout.write(f"{flow['name']}: {summary}\n")
    return 0


async def start(client: Client, tokens: TokenStore, options: argparse.Namespace) -> int:
    """Start a run."""
    document = await client.start(
        options.flow,
        options.input,
        background=options.background,
        wait=options.wait,
        callback=options.callback,
    )
    if options.keep and document.continuation_token:
        tokens.keep(options.keep, _kept(document, document.continuation_token))
        sys.stderr.write(f"The token is kept as @{options.keep}.\n")
    _print(document.model_dump(mode="json"))
    return 0 if document.continuation_token else _code(document)


async def status(client: Client, tokens: TokenStore, options: argparse.Namespace) -> int:
    """Look at a run once."""
    document = await client.status(_token(tokens, options.token))
    _print(document.model_dump(mode="json"))
    return _code(document)


async def wait(client: Client, tokens: TokenStore, options: argparse.Namespace) -> int:
    """Wait for a run's end."""
    shown = None

    def show(document: StatusDocument) -> None:
        nonlocal shown
        progress = document.progress
        if progress and progress != shown:
            percent = "" if progress.percent is None else f"{progress.percent:.0f} % "
            sys.stderr.write(f"{percent}{progress.message or ''}\n")
        shown = progress

    token = _token(tokens, options.token)
    document = await client.wait(token, limit=options.limit, hold=_HOLD, on_look=show)
    _print(document.model_dump(mode="json"))
    return _code(document)


async def follow(client: Client, tokens: TokenStore, options: argparse.Namespace) -> int:
    """Print what a run writes. Broken off, the next `follow @NAME` goes on right there."""
    kept = tokens.get(options.token[1:]) if options.token.startswith("@") else None
    token = last = (kept and kept.read_on) or _token(tokens, options.token)
    code = 0
    try:
        async with aclosing(client.follow(token)) as events:
            async for event in events:
                _show(event, as_json=options.json)
                last = event.continuation_token or last
                code = 1 if event.type in {"run.failed", "run.canceled"} else 0
    finally:
        if kept and last != token:
            tokens.keep(options.token[1:], kept.model_copy(update={"read_on": last}))
    return code


async def kept_tokens(_: Client, tokens: TokenStore, __: argparse.Namespace) -> int:
    """List what is kept."""
    for name, kept in sorted(tokens.all().items()):
        sys.stdout.write(f"@{name}: {kept.flow} {kept.run_id}, kept at {kept.kept_at:%Y-%m-%d %H:%M} UTC\n")
    return 0


COMMANDS: Mapping[str, Callable[[Client, TokenStore, argparse.Namespace], Awaitable[int]]] = {
    "flows": flows,
    "follow": follow,
    "kept": kept_tokens,
    "start": start,
    "status": status,
    "wait": wait,
}


def _token(tokens: TokenStore, text: str) -> str:
    if text == "-":
        return sys.stdin.readline().strip()
    if not text.startswith("@"):
        return text
    kept = tokens.get(text[1:])
    if kept is None:
        raise Usage(f"No token is kept as {text}; `kept` lists them.")
    return kept.token


def _kept(document: StatusDocument, token: str) -> Kept:
    return Kept(token=token, run_id=document.id, flow=document.flow, kept_at=datetime.now(UTC))


def _code(document: StatusDocument) -> int:
    if document.status is RunStatus.SUCCEEDED:
        return 0
    return 1 if document.status.terminal else 5


def _print(document: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def _show(event: RunEvent, *, as_json: bool) -> None:
    if as_json:
        line = {"sequence_number": event.sequence_number, "type": event.type, **event.fields}
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    elif event.type == "output.text.delta":
        sys.stdout.write(str(event.fields.get("text", "")))
    elif event.type == "output.data":
        sys.stdout.write(json.dumps(event.fields.get("data"), ensure_ascii=False) + "\n")
    elif event.type == "run.failed":
        error = event.fields.get("error") or {}
        sys.stderr.write(f"{error.get('code')}: {error.get('message')}\n")
    elif event.type == "step.progress":
        sys.stderr.write(f"{event.fields.get('message') or ''}\n")
    sys.stdout.flush()
