"""The ways to collect a run, one after another, each checked."""

import time
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

from raincheck.client import Client, NotGenuine, RunStatus, StatusDocument, verify_callback
from raincheck.dev.children import Failed
from raincheck.dev.demo.receiver import Receiver
from raincheck.dev.terminal import Terminal

__all__ = ["callback", "digest", "story"]

_LIMIT = 60.0  # seconds that anything here may take
_PIECES = 40


async def digest(client: Client, terminal: Terminal, receiver: Receiver) -> StatusDocument:
    """Start a run that answers with a token at once, and poll to its result."""
    documents = _documents()
    terminal.title("1. Start, and poll for the result")
    given = {"documents": documents, "sentences": 1}
    began = time.monotonic()
    run = await client.start("digest_documents", given, background=True, callback=receiver.url)
    token = run.continuation_token or ""
    _check(bool(token), f"the start answered {run.status}, without a token")
    terminal.done(f"POST /api/flows/digest_documents/runs  →  202 in {_ms(began)}", f"{len(documents)} files")
    terminal.done(f"continuation token {token[:16]}…{token[-6:]}", "keep it for up to 72 hours")
    looks = 0
    with terminal.working("polling GET /api/runs/{token}") as show:

        def look(document: StatusDocument) -> None:
            nonlocal looks
            looks += 1
            if document.progress:
                show(document.progress.message or "")

        done = await client.wait(token, limit=_LIMIT, on_look=look)
    _check(done.status is RunStatus.SUCCEEDED, f"the run ended {done.status}: {done.error}")
    _check(len(done.result["documents"]) == len(documents), "a document is missing in the result")
    terminal.done(f"GET /api/runs/{{token}}  →  200 {done.status}", f"{looks} looks, {_ms(began)} in all")
    for digested in done.result["documents"][:3]:
        sentence = " ".join(digested["summary"]).replace("\n", " ")
        terminal.line(f"      {terminal.style(digested['name'], 'cyan')}  {_cut(sentence, 76)}")
    terminal.line(f"      {terminal.style('keywords', 'cyan')}  {', '.join(done.result['keywords'])}")
    return done


async def story(client: Client, terminal: Terminal) -> StatusDocument:
    """Follow a run, lose the connection halfway, go on with the token, and compare."""
    terminal.title("2. Follow a stream, cut it off, go on where it was")
    given = {"topic": "rain", "pieces": _PIECES, "delay_ms": 40}
    run = await client.start("tell_story", given, background=True)
    first, token = await _read(client, terminal, run.continuation_token or "", stop_after=_PIECES // 2)
    terminal.line(terminal.style(f"  ✂ cut off after {len(first)} of {_PIECES} pieces", "yellow"))
    rest, _ = await _read(client, terminal, token, stop_after=None)
    done = await client.wait(run.continuation_token or "", limit=_LIMIT)
    _check(done.status is RunStatus.SUCCEEDED, f"the run ended {done.status}: {done.error}")
    _check(len(first) + len(rest) == _PIECES, f"{len(first)} + {len(rest)} pieces came, not {_PIECES}")
    _check("".join(first + rest) == done.result["text"], "the two halves are not the story")
    terminal.done(f"{len(first)} + {len(rest)} pieces are the whole story: no word lost, none doubled")
    return done


async def _read(
    client: Client, terminal: Terminal, token: str, *, stop_after: int | None
) -> tuple[list[str], str]:
    pieces: list[str] = []
    limit = time.monotonic() + _LIMIT
    async with aclosing(client.follow(token)) as events:
        async for event in events:
            _check(time.monotonic() < limit, "the stream took too long")
            token = event.continuation_token or token
            if event.type == "output.text.delta":
                pieces.append(event.fields["text"])
                _tell(terminal.write, pieces)
            if stop_after is not None and len(pieces) == stop_after:
                break
    if pieces and not pieces[-1].endswith("\n"):
        terminal.line()
    return pieces, token


def _tell(write: Callable[[str], None], pieces: list[str]) -> None:
    """Write the last piece, indented where it begins a line."""
    begins = len(pieces) == 1 or pieces[-2].endswith("\n")
    write(f"    {pieces[-1]}" if begins else pieces[-1])


def callback(terminal: Terminal, receiver: Receiver, secret: str, run: StatusDocument) -> None:
    """Take the callback that the first run's end has sent, and check its signature."""
    terminal.title("3. Be called back")
    with terminal.working(f"waiting at {receiver.url}"):
        received = receiver.next(_LIMIT)
    genuine = verify_callback(received.body, received.headers, secret)
    _check(genuine.type == "run.succeeded", f"the callback says {genuine.type}")
    _check(genuine.data.id == run.id, "the callback is about another run")
    terminal.done(f"POST {receiver.url}  {genuine.type}", f"webhook-id {genuine.id}")
    terminal.done("signature verified with the standardwebhooks package")
    try:
        verify_callback(received.body.replace(b"succeeded", b"failed"), received.headers, secret)
    except NotGenuine:
        terminal.done("the same callback with one word changed is refused")
    else:
        raise Failed("a forged callback was taken for genuine")


def _documents() -> list[dict[str, str]]:
    here = Path.cwd()
    files = [here / "README.md", here / "CONTRIBUTING.md", *sorted((here / "docs").rglob("*.md"))]
    return [
        {"name": file.relative_to(here).as_posix(), "text": file.read_text(encoding="utf-8")}
        for file in files
        if file.exists()
    ]


def _check(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not holds:
        raise Failed(otherwise)


def _ms(began: float) -> str:
    spent = time.monotonic() - began
    return f"{spent:.1f} s" if spent >= 1 else f"{spent * 1000:.0f} ms"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
