"""`end_run`: terminates a run that can't end by itself because a step of it ignores that it was stopped."""

from collections.abc import Generator
from datetime import timedelta
from typing import Any

from raincheck.payloads import TERMINATE_RUN, Termination, from_durable

__all__ = ["terminate_run"]

PASSES = 60
SOONEST, LATEST = 2, 60  # seconds between two passes


def terminate_run(context: Any) -> Generator[Any, Any, dict[str, Any]]:
    """Make passes over the run and its sub-flows until none of them is open, with backoff and an end."""
    ending = Termination.model_validate(from_durable(context.get_input()))
    pause = SOONEST
    for made in range(1, PASSES + 1):
        try:
            answer = from_durable((yield context.call_activity(TERMINATE_RUN, ending.dumped())))
        except Exception:  # noqa: BLE001 - the SDK raises bare ones; storage may be away: the next pass tells
            answer = None
        if isinstance(answer, dict) and answer.get("open") == 0:
            return {"ended": True, "passes": made}
        yield context.create_timer(context.current_utc_datetime + timedelta(seconds=pause))
        pause = min(pause * 2, LATEST)
    return {"ended": False, "passes": PASSES}
