"""Runs one invocation the way the Azure worker does: convert, call, convert back."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import sys
import traceback
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from raincheck_devhost.wire import Frame
from raincheck_devhost.worker import converters, logs
from raincheck_devhost.worker.context import Context, Out, RetryContext, TraceContext, thread_local
from raincheck_devhost.worker.coordinator import http_coordinator
from raincheck_devhost.worker.http_v2 import set_route_parameters

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import ThreadPoolExecutor

    from raincheck_devhost.worker.index import IndexedFunction

_log = logging.getLogger("raincheck_devhost")


@dataclass
class Invoker:
    """Runs functions: coroutines on the loop, everything else in `threads`, which have no running loop."""

    functions: dict[str, IndexedFunction]
    directory: str
    threads: ThreadPoolExecutor
    over_http: bool = False

    async def run(self, request: Frame) -> Frame:
        """Run the function that an `invoke` frame names; the answer is a frame, never an exception."""
        fields = request.fields
        invocation, name = fields["id"], fields["name"]
        logs.current.set((name, invocation))
        function = self.functions[name]
        streams = self.over_http and function.http_parameter is not None
        try:
            arguments = await self._arguments(function, request, streams=streams)
            result = await self._call(function, arguments, invocation)
            if result is not None and function.signature.returns is None:
                message = f"function {name!r} without a $return binding returned a non-None value"
                raise RuntimeError(message)  # noqa: TRY301 - an answer like what the function raises
            if streams:
                http_coordinator.set_http_response(invocation, result)
            answer = self._answer(function, arguments, None if streams else result, convert=not streams)
        except BaseException as error:  # noqa: BLE001 - whatever user code raises is the answer
            return self._failed(invocation, error, streams=streams)
        sys.stdout.flush()
        return answer._replace(fields={"id": invocation, "ok": True, **answer.fields})

    async def _arguments(self, function: IndexedFunction, request: Frame, *, streams: bool) -> dict[str, Any]:
        fields = request.fields
        inputs = function.signature.inputs
        arguments: dict[str, Any] = {}
        for name, data in fields["inputs"].items():
            if streams and name == function.http_parameter:
                arguments[name] = await http_coordinator.get_http_request_async(fields["id"])
                set_route_parameters(arguments[name], data["http"]["params"])
            else:
                metadata = fields.get("metadata", {})
                arguments[name] = converters.decode(inputs[name].binding, data, metadata, request.blob)
        if function.signature.takes_context:
            arguments["context"] = Context(
                function.name,
                self.directory,
                fields["id"],
                TraceContext(),
                RetryContext(**fields.get("retry", {})),
            )
        arguments.update({name: Out() for name in function.signature.outputs})
        return arguments

    async def _call(self, function: IndexedFunction, arguments: dict[str, Any], invocation: str) -> Any:
        if function.is_async:
            thread_local.invocation_id = invocation
            return await function.call(**arguments)
        context = contextvars.copy_context()
        work = _on_thread(function.call, arguments, invocation)
        return await asyncio.get_running_loop().run_in_executor(self.threads, context.run, work)

    def _answer(
        self, function: IndexedFunction, arguments: dict[str, Any], result: Any, *, convert: bool
    ) -> Frame:
        outputs = {}
        for name, parameter in function.signature.outputs.items():
            value = arguments[name].get()
            if value is not None:
                outputs[name], _ = converters.encode(parameter.binding, value, parameter.pytype)
        returns = function.signature.returns
        if returns is None or not convert:
            return Frame({"outputs": outputs, "value": None})
        value, blob = converters.encode(returns.binding, result, returns.pytype)
        return Frame({"outputs": outputs, "value": value}, blob)

    def _failed(self, invocation: str, error: BaseException, *, streams: bool) -> Frame:
        stack = "".join(traceback.format_list(_from_the_app_on(error)))
        message = _message(error)
        if "$OutOfProcData$" not in message:  # an orchestrator's is long, and the engine reports it
            _log.error("failed: %s\n%s", message, stack)
        if streams:
            with suppress(AttributeError):  # read by the log filter
                error.reported_by_devhost = True  # type: ignore[attr-defined]
            _answer_by(invocation, error)
        kind = type(error).__name__
        return Frame({"id": invocation, "ok": False, "type": kind, "message": message, "stack": stack})


def _answer_by(invocation: str, error: BaseException) -> None:
    try:
        http_coordinator.set_http_response(invocation, error)
    except KeyError:  # it failed before it asked for its request
        http_coordinator.set_http_request(invocation, None)
        http_coordinator.set_http_response(invocation, error)


def _message(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # noqa: BLE001 - an exception's own text may raise anything
        return "Unhandled exception in function. Could not serialize original exception message."


def _from_the_app_on(error: BaseException) -> list[traceback.FrameSummary]:
    """Leave away the frames between devhost and the app's function: they are nobody's business."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [at for at, each in enumerate(frames) if each.filename == __file__]
    return frames[ours[-1] + 1 :] or frames if ours else frames


def _on_thread(call: Callable[..., Any], arguments: dict[str, Any], invocation: str) -> Callable[[], Any]:
    def work() -> Any:
        thread_local.invocation_id = invocation
        try:
            return call(**arguments)
        finally:
            thread_local.invocation_id = None

    return work
