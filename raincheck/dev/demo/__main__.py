"""The demo: starts the app in this folder, shows the ways to collect a run, stops everything."""

import asyncio
import base64
import secrets
import shutil
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import httpx

from raincheck.client import Client, ClientError, StatusDocument
from raincheck.dev.children import Failed, tail
from raincheck.dev.demo import ways
from raincheck.dev.demo.receiver import Receiver, receiver
from raincheck.dev.machine import check_app
from raincheck.dev.stack import stack, storage
from raincheck.dev.terminal import Terminal

_LIMIT = 120.0  # seconds for all ways together
_NEXT = """\
  make up              runs the app on http://localhost:7071 until Ctrl-C; then, in another terminal:

  curl -i http://localhost:7071/api/flows/tell_story/runs \\
       -H 'Content-Type: application/json' -H 'Prefer: respond-async' \\
       -d '{"input": {"topic": "rain", "pieces": 200}}'

  curl    http://localhost:7071/api/runs/TOKEN           # TOKEN is the continuation_token: status, result
  curl -N http://localhost:7071/api/runs/TOKEN/events    # the stream, from where the token stands

  .venv/bin/raincheck --help                             # the same with a small client

  Then write a flow of your own: README.md, "A first flow of your own"."""


def main() -> int:
    """Run the demo; give the exit code."""
    terminal = Terminal()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder = Path(tempfile.mkdtemp(prefix="raincheck-demo-"))
    began = time.monotonic()
    terminal.line(terminal.style("Raincheck: one run, many ways to collect it", "bold"))
    try:
        _show(terminal, folder)
    except KeyboardInterrupt:
        terminal.line("\n  stopped")
        shutil.rmtree(folder, ignore_errors=True)
        return 130
    except Exception as error:  # noqa: BLE001 - whatever it is, its cause is shown
        _explain(terminal, error, folder)
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    terminal.done(f"everything is stopped again ({time.monotonic() - began:.0f} s in all)")
    terminal.title("What to try next")
    terminal.line(_NEXT)
    return 0


def _show(terminal: Terminal, folder: Path) -> None:
    secret = f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"
    terminal.title("Starting on free ports")
    check_app(Path.cwd(), "dev")
    with ExitStack() as running:
        inbox = running.enter_context(receiver())
        with terminal.working("Azurite"):
            azurite = running.enter_context(storage(folder, Path.cwd()))
        terminal.done("Azurite, the local Azure Storage", azurite.addresses["Blob"])
        settings = {"RAINCHECK_WEBHOOK_SECRETS": f"default={secret}"}
        with terminal.working("the host"):
            app = running.enter_context(stack(folder, azurite, settings, app=Path.cwd()))
        terminal.done("devhost, the local Functions host", app.url)
        run = asyncio.run(_collect(app.url, terminal, inbox))
        ways.callback(terminal, inbox, secret, run)
        terminal.title("Done")
        with terminal.working("stopping"):
            running.close()


async def _collect(url: str, terminal: Terminal, inbox: Receiver) -> StatusDocument:
    http = httpx.AsyncClient(timeout=30, trust_env=False)  # a proxy has no business on this machine
    try:
        async with asyncio.timeout(_LIMIT), Client(url, http=http) as client:
            run = await ways.digest(client, terminal, inbox)
            await ways.story(client, terminal)
            return run
    except TimeoutError:
        raise Failed(f"It took longer than {_LIMIT:.0f} s.") from None


def _explain(terminal: Terminal, error: Exception, folder: Path) -> None:
    expected = isinstance(error, Failed | ClientError)
    terminal.failed(str(error) if expected else f"{type(error).__name__}: {error}")
    logs = [error.log] if isinstance(error, Failed) and error.log else [folder / "host.log"]
    for log in logs:
        if text := tail(log):
            terminal.title(f"The end of {log}")
            terminal.line(text)


if __name__ == "__main__":
    sys.exit(main())
