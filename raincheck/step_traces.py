"""What is said of a failed attempt: in the log with the step's own frames, and in short."""

import logging
import sysconfig
import traceback
from pathlib import Path

from raincheck.payloads import StepCall, StepReport
from raincheck.step_failures import cause_of
from raincheck.values.text import well_formed

__all__ = ["log_failure", "trace_of"]

_LOG = logging.getLogger("raincheck.step")
_OURS = f"{Path(__file__).resolve().parent}/"
_LOOPS = tuple(f"{sysconfig.get_path('stdlib')}/{name}/" for name in ("asyncio", "concurrent"))
_MOST_FRAMES = 20  # of the short form, the innermost
_LONGEST_SHORT = 4_000  # characters: it stands in the run's history
_LONGEST = 30_000  # characters of a line in the log


def log_failure(name: str, call: StepCall, report: StepReport, error: BaseException) -> None:
    """Log once how an attempt failed: run, step, attempt, and the traceback without our own frames."""
    trace = traceback.TracebackException.from_exception(cause_of(error))
    _cut(trace)
    _LOG.log(
        logging.INFO if report.kind == "stopped" else logging.WARNING,
        "step %s of run %s, attempt %d, ended %s: %s",
        name,
        call.run_id,
        call.attempt,
        report.kind,
        well_formed("".join(trace.format()).rstrip()[-_LONGEST:]),
    )


def trace_of(error: BaseException) -> str:
    """Return class, files and lines of an exception, without its text, which may hold a secret."""
    cause = cause_of(error)
    trace = traceback.TracebackException.from_exception(cause)
    _cut(trace)
    frames = [f"  {each.filename}:{each.lineno} in {each.name}" for each in trace.stack[-_MOST_FRAMES:]]
    return well_formed("\n".join([type(cause).__name__, *frames])[:_LONGEST_SHORT])


def _cut(trace: traceback.TracebackException) -> None:
    """Leave out what is ours, here and in what led to it, and the loop that ran it."""
    pending: list[traceback.TracebackException | None] = [trace]
    while pending:
        one = pending.pop()
        if one is not None:
            own = [frame for frame in one.stack if not frame.filename.startswith(_OURS)]
            while own and own[0].filename.startswith(_LOOPS):
                del own[0]
            one.stack = traceback.StackSummary.from_list(own)
            pending += [one.__cause__, one.__context__, *(one.exceptions or ())]
