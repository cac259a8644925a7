"""`deliver_outcome`: posts one event of a run to its callback until it is taken, for up to 72 hours."""

from collections.abc import Generator
from datetime import timedelta
from typing import Any

from raincheck.payloads import from_durable
from raincheck.service.deliveries import (
    LONGEST,
    POST_CALLBACK,
    SCHEDULE,
    DeliveryInput,
    PostCall,
    PostReport,
    pause,
)

__all__ = ["deliver_outcome"]

ATTEMPTS = len(SCHEDULE) + 1
_SETBACKS = 60  # times in a row that nothing could be posted: the run isn't there yet, or storage is away
_SOONEST, _LATEST = 2, 300  # seconds between two of these


def deliver_outcome(context: Any) -> Generator[Any, Any, dict[str, Any]]:
    """Make attempts, with pauses by the schedule and the receiver's Retry-After; never raise."""
    order = DeliveryInput.model_validate(from_durable(context.get_input()))
    give_up = context.current_utc_datetime + timedelta(seconds=LONGEST * max(order.scale, 1.0))
    attempt, setbacks = 1, 0
    while True:
        too_late = context.current_utc_datetime >= give_up or setbacks >= _SETBACKS
        call = PostCall(
            run_id=order.run_id,
            event=order.event,
            request_id=order.request_id,
            channel=order.channel,
            attempt=attempt,
            last=attempt >= ATTEMPTS or too_late,
        )
        report = yield from _post(context, call)
        if report is None or report.kind == "not_ready":
            if too_late:
                return _ended(report, attempt - 1)
            seconds = float(min(_SOONEST * 2 ** min(setbacks, 10), _LATEST))
            setbacks += 1
        elif report.kind != "failed" or call.last:
            return _ended(report, attempt)
        else:
            seconds = pause(context.instance_id, attempt, scale=order.scale, retry_after=report.retry_after)
            attempt, setbacks = attempt + 1, 0
        yield context.create_timer(context.current_utc_datetime + timedelta(seconds=seconds))


def _post(context: Any, call: PostCall) -> Generator[Any, Any, PostReport | None]:
    """Call the activity; None where it failed itself, e.g. since storage was away."""
    try:
        return PostReport.model_validate(
            from_durable((yield context.call_activity(POST_CALLBACK, call.dumped())))
        )
    except Exception:  # noqa: BLE001 - the SDK raises bare ones
        return None


def _ended(report: PostReport | None, attempts: int) -> dict[str, Any]:
    return {
        "delivered": report is not None and report.kind == "delivered",
        "attempts": attempts,
        "status": report.status if report else None,
        "detail": report.detail if report else "the attempt could not be made",
    }
