"""Every error of ours, in one tree.

RaincheckError
├── ConfigurationError       a setting is missing or wrong: the app does not start
├── DefinitionError          a flow or step can't be registered: file and line are in the text
├── PermanentError           a step says: retrying won't help           (ends the step)
├── TransientError           a step says: try again, maybe later        (retried)
├── StepStopped              the run no longer wants this step          (ends the step)
├── StepEscaped              a step raised what would end the worker: SystemExit and its like
├── LogClosed                the run has ended, its event log takes no more
├── OutcomeError             what a flow sees of work that did not succeed
│   ├── StepFailed           a permanent error, or a bug in the step
│   ├── RetriesExhausted     the last attempt failed too
│   ├── StepTimedOut         every attempt ran into the step's time limit
│   ├── AnswerTimedOut       nobody answered a question in time
│   ├── FlowFailed           a sub-flow ended Failed
│   └── FlowCanceled         a sub-flow ended Canceled
├── FlowBug                  the flow broke a rule of replay: ends the run, not to be caught
├── RequestError             what a caller did wrong: becomes a problem document
├── AlreadyStarted           an orchestration of that id is there already
└── StorageUnavailable       storage can't be reached: 503 where nothing was started
    └── NothingStarted       the same of a start, and it is certain that nothing was started

Canceled (a BaseException)   thrown into a flow that is cancelled; clean up and let it pass
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from raincheck.server_waits import seconds_of

__all__ = [
    "AlreadyStarted",
    "AnswerTimedOut",
    "Canceled",
    "ConfigurationError",
    "DefinitionError",
    "FlowBug",
    "FlowCanceled",
    "FlowFailed",
    "LogClosed",
    "NothingStarted",
    "OutcomeError",
    "PermanentError",
    "RaincheckError",
    "RequestError",
    "RetriesExhausted",
    "StepEscaped",
    "StepFailed",
    "StepStopped",
    "StepTimedOut",
    "StorageUnavailable",
    "TransientError",
]


class RaincheckError(Exception):
    """The root of every error of ours."""


class ConfigurationError(RaincheckError):
    """A setting is missing or wrong. The text has its name, the value's shape and an example."""


class DefinitionError(RaincheckError):
    """A flow or a step can't be registered. The text begins with file and line."""

    @property
    def place(self) -> tuple[str, int]:
        """File and line; a host that shows what is wrong with an app shows these."""
        match = re.match(r"(.+?):(\d+): ", str(self))
        if match is None:
            raise AttributeError("place")
        return match[1], int(match[2])


class PermanentError(RaincheckError):
    """Raised by a step: trying again won't help. `message` and `code` reach the caller of the run."""

    def __init__(self, message: str, *, code: str = "step_failed") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class TransientError(RaincheckError):
    """Raised by a step: try again, not before `retry_after`. `message` reaches the caller.

    `retry_after` is in seconds, a timedelta, or what a server's Retry-After header said; text that says
    nothing asks for nothing.
    """

    def __init__(self, message: str, *, retry_after: float | timedelta | str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after = _seconds(retry_after)


class StepStopped(RaincheckError):
    """The run no longer wants this step: it was cancelled, or lost a race. Let it pass."""


class StepEscaped(RaincheckError):
    """A step raised what would have ended the worker, such as SystemExit: the cause is that."""


class LogClosed(RaincheckError):
    """The run has ended and its event log takes no more lines."""


class OutcomeError(RaincheckError):
    """What a flow sees of work that did not succeed. `code` is for programs, `message` for people."""

    code = "failed"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code


class StepFailed(OutcomeError):
    """The step ended with a permanent error, or has a bug."""

    code = "step_failed"


class RetriesExhausted(OutcomeError):
    """Every attempt of the step failed; the message is the last one's."""

    code = "retries_exhausted"


class StepTimedOut(OutcomeError):
    """Every attempt of the step ran into its time limit."""

    code = "step_timed_out"


class AnswerTimedOut(OutcomeError):
    """Nobody answered the question in time; later answers are refused."""

    code = "answer_timed_out"


class FlowFailed(OutcomeError):
    """A sub-flow ended Failed; code and message are those of its outcome."""

    code = "flow_failed"


class FlowCanceled(OutcomeError):
    """A sub-flow ended Canceled although this run goes on."""

    code = "flow_canceled"


class FlowBug(RaincheckError):
    """The flow broke a rule of replay. The run ends Failed with this message, caught or not."""

    def __init__(self, message: str, *, code: str = "flow_bug") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class RequestError(RaincheckError):
    """What a caller did wrong, or can't have now: becomes an RFC 9457 problem document.

    `errors` is a list of `{"path", "message"}` (for 422); `retry_after` is in seconds.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: list[dict[str, str]] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors or []
        self.retry_after = retry_after

    @classmethod
    def invalid(cls, path: str, message: str) -> "RequestError":
        """Build the 422 of one thing that does not fit: `path` says which, `message` how it must be."""
        return cls(422, "invalid_request", message, errors=[{"path": path, "message": message}])


class AlreadyStarted(RaincheckError):
    """An orchestration of that id is there already: it was not started a second time."""


class StorageUnavailable(RaincheckError):
    """Storage can't be reached. No address, key or stack is in the text."""


class NothingStarted(StorageUnavailable):
    """A start failed and it is certain that nothing was started, so the caller may simply try again."""


class Canceled(BaseException):
    """Thrown into a flow whose run, gather or race was cancelled. Clean up, then let it pass."""


def _seconds(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, str):
        return seconds_of(value, datetime.now(UTC))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(min(value, _LONGEST_WAIT))
    raise TypeError(
        f"TransientError(retry_after={type(value).__name__}): it takes seconds, a timedelta, "
        "or the text of a Retry-After header"
    )


_LONGEST_WAIT = 10**9  # seconds; more is no longer a number of a float's
