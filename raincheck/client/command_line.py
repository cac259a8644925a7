"""The command line's words: what can be said, and what the exit codes mean."""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from raincheck.client import commands
from raincheck.client.client import Client
from raincheck.client.errors import ClientError, Refused, StillRunning, Unreachable
from raincheck.client.new_keys import KINDS, new_key
from raincheck.client.token_store import TokenStore

__all__ = ["main", "parser"]

_EPILOG = """\
TOKEN is a continuation token, @NAME of one that was kept with --keep, or - to read it from standard input.

exit codes: 0 the run succeeded (or what was asked for was done) · 1 it failed or was canceled · 2 wrong usage
            3 the app refused · 4 the app gave no answer · 5 the run goes on or waits for input · 130 Ctrl-C

environment: RAINCHECK_URL, RAINCHECK_KEY, RAINCHECK_TOKEN_FILE (default ~/.raincheck/tokens.json)
"""

_CODES: list[tuple[type[Exception], int]] = [
    (StillRunning, 5),
    (Refused, 3),
    (ClientError, 4),
    (Exception, 2),
]


def main(arguments: Sequence[str] | None = None, programs: Mapping[str, str] | None = None) -> int:
    """Do what the command line says; return the exit code.

    `programs`: what else is there, for the list of commands. The caller of this has looked for them already.
    """
    words = parser(programs or {})
    options = words.parse_args(arguments)
    if options.command in (programs or {}):
        words.error(f"`{options.command}` comes first: raincheck {options.command} …")
    if options.command == "keys":
        sys.stdout.write("\n".join(new_key(options.kind)) + "\n")
        return 0
    file = os.environ.get("RAINCHECK_TOKEN_FILE") or "~/.raincheck/tokens.json"
    try:
        return asyncio.run(_with_client(options, TokenStore(Path(file).expanduser())))
    except (ClientError, commands.Usage, httpx.InvalidURL) as error:
        hint = f" Is the app up at {options.url}?" if isinstance(error, Unreachable) else ""
        sys.stderr.write(f"raincheck: {error}{hint}\n")
        return next(code for kind, code in _CODES if isinstance(error, kind))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


async def _with_client(options: argparse.Namespace, tokens: TokenStore) -> int:
    async with Client(options.url, key=options.key) as client:
        return await commands.COMMANDS[options.command](client, tokens, options)


def parser(programs: Mapping[str, str]) -> argparse.ArgumentParser:
    """Build the parser; `programs` are listed before the client's commands."""
    whole = argparse.ArgumentParser(
        prog="raincheck",
        description="Make an app, run it here; start its flows and collect their results.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    whole.add_argument(
        "--url",
        default=os.environ.get("RAINCHECK_URL") or "http://localhost:7071",
        help="the app (default: RAINCHECK_URL, else http://localhost:7071)",
    )
    whole.add_argument(
        "--key",
        default=os.environ.get("RAINCHECK_KEY") or None,
        help="function key; better in RAINCHECK_KEY, where no list of processes shows it",
    )
    words = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for word, text in programs.items():
        words.add_parser(word, help=text, add_help=False)

    flows = words.add_parser("flows", help="list the flows, or describe one")
    flows.add_argument("flow", nargs="?", metavar="FLOW")

    start = words.add_parser("start", help="start a run and print its status document")
    start.add_argument("flow", metavar="FLOW")
    start.add_argument(
        "--input", type=_json, default={}, metavar="JSON", help="JSON, @FILE, or - for standard input"
    )
    start.add_argument("--wait", type=int, metavar="N", help="seconds to wait for the result")
    start.add_argument("--background", action="store_true", default=None, help="a token at once")
    start.add_argument("--callback", metavar="URL", help="where the app posts the end")
    start.add_argument("--keep", metavar="NAME", help="keep the token under this name: then say @NAME")

    for word, text in (
        ("status", "print the status document of a run"),
        ("wait", "poll until the run has ended, then print its status document"),
        ("follow", "print what the run writes, as it is written"),
    ):
        about = words.add_parser(word, help=text)
        about.add_argument("token", metavar="TOKEN")
        if word == "wait":
            about.add_argument("--limit", type=float, metavar="S", help="give up after so many seconds")
        if word == "follow":
            about.add_argument("--json", action="store_true", help="every event, a line each")

    words.add_parser("kept", help="list the tokens that were kept, without the tokens")
    keys = words.add_parser("keys", help="make a key for the app's settings")
    keys.add_argument("new", choices=["new"])
    keys.add_argument("kind", nargs="?", choices=KINDS, default="signing", help="default: signing")
    return whole


def _json(text: str) -> Any:
    try:
        if text == "-":
            text = sys.stdin.read()
        elif text.startswith("@"):
            text = Path(text[1:]).read_text(encoding="utf-8")
        return json.loads(text)
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{error.filename}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise argparse.ArgumentTypeError(f"that is not JSON: {error}") from error
