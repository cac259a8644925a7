"""The client: start runs, collect them."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit

import httpx
from pydantic import BaseModel

from raincheck.client.errors import Refused, StillRunning, Unreachable, retry_after
from raincheck.client.events import RunEvent
from raincheck.client.following import follow
from raincheck.models import OnNewer, StatusDocument
from raincheck.outcomes import RunStatus

__all__ = ["Client"]

_CONNECT = 10.0  # seconds
_ANSWER = 245.0  # the longest that any answer is held back
_SILENCE = 45.0  # a stream says something every 15 s
_PATIENCE = 60.0
_POLL = 2.0  # where the answer doesn't say


class Client:
    """Calls one app. `url` is its address (`/api` is added where there is no path), `key` its function key.

    The key goes to what starts and lists flows only; runs are opened by their tokens. Times are in seconds.
    """

    def __init__(
        self,
        url: str,
        *,
        key: str | None = None,
        http: httpx.AsyncClient | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        base = url.rstrip("/")
        self._base = base if urlsplit(base).path else f"{base}/api"
        self._key = {"x-functions-key": key} if key else {}
        self._http = http or httpx.AsyncClient(timeout=httpx.Timeout(_ANSWER, connect=_CONNECT))
        self._sleep = sleep
        self._monotonic = monotonic

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def flows(self) -> list[dict[str, Any]]:
        """List the flows, each with name, description and the schemas of input and result."""
        answer = await self._ask("GET", "/flows", headers=self._key)
        flows: list[dict[str, Any]] = answer.json()["flows"]
        return flows

    async def flow(self, name: str) -> dict[str, Any]:
        """Describe one flow."""
        answer = await self._ask("GET", f"/flows/{quote(name, safe='')}", headers=self._key)
        description: dict[str, Any] = answer.json()
        return description

    async def start(
        self,
        flow: str,
        value: Any,
        *,
        background: bool | None = None,
        wait: int | None = None,
        callback: str | Mapping[str, Any] | None = None,
        conversation_id: str | None = None,
        on_newer: OnNewer | None = None,
        channel: str | None = None,
        metadata: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
    ) -> StatusDocument:
        """Start a run. The document has the result if it was there in time, else a `continuation_token`.

        Args:
            flow: its name.
            value: its input: a pydantic model, or what JSON can hold.
            background: True: a token at once; False: wait as long as is allowed; None: as the flow says.
            wait: seconds to wait for the result.
            callback: a URL to post the end to, or `{"url", "secret", "events"}`.
            conversation_id: of the conversation that the run is a turn of.
            on_newer: what becomes of older runs of the conversation that are still open.
            channel: names a profile of limits.
            metadata: comes back in every document.
            idempotency_key: starts one run however often it is sent; with it, a start without an answer is
                sent again for up to a minute.

        Raises:
            Refused: it was not started.
            Unreachable: `may_have_arrived` says whether it may have been started.
        """
        options = {
            "background": None if background and wait is not None else background,  # the header says both
            "callback": {"url": callback} if isinstance(callback, str) else callback,
            "conversation_id": conversation_id,
            "on_newer": on_newer,
            "channel": channel,
            "metadata": metadata,
        }
        given = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
        body = {"input": given, **{name: option for name, option in options.items() if option is not None}}
        headers = dict(self._key)
        if wait is not None:
            headers["Prefer"] = f"respond-async, wait={wait}" if background else f"wait={wait}"
        path = f"/flows/{quote(flow, safe='')}/runs"
        if idempotency_key is None:
            answer = await self._ask("POST", path, json=body, headers=headers)
        else:
            headers["Idempotency-Key"] = idempotency_key
            answer = await self._ask_until_known(path, body, headers)
        return StatusDocument.model_validate(answer.json())

    async def status(self, token: str) -> StatusDocument:
        """Look at a run once.

        Raises:
            Refused: 404, the token is not good; 410, it has expired.
            Unreachable: try again.
        """
        return (await self._look(token, None))[0]

    async def wait(
        self,
        token: str,
        *,
        limit: float | None = None,
        hold: int | None = None,
        patience: float = _PATIENCE,
        on_look: Callable[[StatusDocument], None] | None = None,
    ) -> StatusDocument:
        """Poll until the run has ended or waits for input, as often as the answers' Retry-After says.

        Args:
            token: of the run.
            limit: give up after so many seconds; None: never.
            hold: let the app hold each answer back for so many seconds until something changes.
            patience: bear the app's absence so long.
            on_look: called with every document.

        Raises:
            StillRunning: it has not ended within `limit`.
            Refused: the token is not good.
            Unreachable: the app was away for longer than `patience`.
        """
        began = good_at = self._monotonic()
        document: StatusDocument | None = None
        while True:
            try:
                document, pause = await self._look(token, hold)
            except (Refused, Unreachable) as error:
                passing = isinstance(error, Unreachable) or error.may_pass
                if not passing or self._monotonic() - good_at >= patience:
                    raise
                pause = (error.retry_after if isinstance(error, Refused) else None) or _POLL
            else:
                good_at = self._monotonic()
                if on_look:
                    on_look(document)
                if document.status.terminal or document.status is RunStatus.INPUT_REQUIRED:
                    return document
            left = None if limit is None else limit - (self._monotonic() - began)
            if left is not None and left <= 0 and document is not None:
                raise StillRunning(document)
            await self._sleep(pause if left is None else max(0.0, min(pause, left)))

    def follow(self, token: str, *, patience: float = _PATIENCE) -> AsyncGenerator[RunEvent, None]:
        """Return the run's events from the token's position to the end, through lost connections.

        Each event has a token to go on after it, which only reads. Leave early with `contextlib.aclosing`.

        Raises:
            Refused, Unreachable, BrokenStream: see `raincheck.client.errors`.
        """
        return follow(self._stream, token, patience=patience, sleep=self._sleep, monotonic=self._monotonic)

    async def cancel(self, cancel_url: str) -> StatusDocument:
        """Ask a run to stop, by the `cancel_url` of its document."""
        return StatusDocument.model_validate((await self._send("POST", cancel_url)).json())

    async def answer(self, answer_url: str, value: Any) -> StatusDocument:
        """Answer a question, by the `answer_url` of an `input_requests` item. The first answer counts.

        Raises:
            Refused: 422, it doesn't fit; 409, another answer was taken; 410, the question is closed.
        """
        given = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
        return StatusDocument.model_validate(
            (await self._send("POST", answer_url, json={"value": given})).json()
        )

    async def _ask_until_known(
        self, path: str, body: Mapping[str, Any], headers: Mapping[str, str]
    ) -> httpx.Response:
        """Send a start that may be sent again, until the answer is known or the patience is at its end."""
        began = self._monotonic()
        while True:
            try:
                return await self._ask("POST", path, json=body, headers=headers)
            except (Refused, Unreachable) as error:
                pause = error.retry_after if isinstance(error, Refused) else None
                starting = isinstance(error, Refused) and error.code == "start_in_progress"
                passing = isinstance(error, Unreachable) or error.may_pass or starting
                if not passing or self._monotonic() - began >= _PATIENCE:
                    raise
                await self._sleep(pause or _POLL)

    async def _look(self, token: str, hold: int | None) -> tuple[StatusDocument, float]:
        headers = {"Prefer": f"wait={hold}"} if hold is not None else {}
        answer = await self._ask("GET", f"/runs/{quote(token, safe='')}", headers=headers)
        pause = retry_after(answer) or _POLL
        held = "preference-applied" in answer.headers
        return StatusDocument.model_validate(answer.json()), min(pause, 0.2) if held else pause

    @asynccontextmanager
    async def _stream(self, token: str, after: str | None) -> AsyncIterator[httpx.Response]:
        url = f"{self._base}/runs/{quote(token, safe='')}/events"
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": after} if after else {})
        timeout = httpx.Timeout(_SILENCE, connect=_CONNECT)
        async with self._http.stream("GET", url, headers=headers, timeout=timeout) as response:
            if not response.is_success:
                await response.aread()
                raise Refused.of(response)
            yield response

    async def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        return await self._send(method, f"{self._base}{path}", **options)

    async def _send(self, method: str, url: str, **options: Any) -> httpx.Response:
        try:
            response = await self._http.request(method, url, **options)
        except httpx.TransportError as error:
            raise Unreachable(error) from error
        if not response.is_success:
            raise Refused.of(response)
        return response
