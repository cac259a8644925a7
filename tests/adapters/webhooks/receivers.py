"""Receivers on loopback, and the poster that posts to them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from raincheck.adapters.webhooks import HttpWebhooks
from raincheck.models import CallbackRequest
from raincheck.service.settings.webhook_secrets import WebhookSecret

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = '{"type":"run.succeeded","data":"ü"}'.encode()
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def poster(**options: object) -> HttpWebhooks:
    given = {
        "hosts": [],
        "secrets": {"default": WebhookSecret((SECRET,))},
        "development": True,
        "total_limit": 1.0,
    }
    return HttpWebhooks(clock=lambda: datetime.now(UTC), **(given | options))


@asynccontextmanager
async def receiver(handler: Handler, **options: object) -> AsyncIterator[int]:
    """Run a receiver on loopback; give its port. Whatever is left open is closed at the end."""
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        try:
            await handler(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, **options)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0)


async def request_of(reader: asyncio.StreamReader) -> tuple[list[str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    length = next(int(line.split(":")[1]) for line in head if line.lower().startswith("content-length"))
    return head, await reader.readexactly(length)


def answering(answer: bytes) -> Handler:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(answer)
        await writer.drain()

    return handler


async def post(port: int, webhooks: HttpWebhooks | None = None, path: str = "/hook?sig=s3cret"):
    callback = CallbackRequest(url=f"http://127.0.0.1:{port}{path}")
    return await (webhooks or poster()).post(callback, webhook_id="msg_1", body=BODY)
