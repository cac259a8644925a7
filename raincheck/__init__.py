"""Raincheck runs long work for agents: write flows, and callers collect their results later.

What a flow's author needs is here; `raincheck.testing` runs a flow in a unit test.
"""

from raincheck.errors import (
    AnswerTimedOut,
    Canceled,
    FlowCanceled,
    FlowFailed,
    OutcomeError,
    PermanentError,
    RetriesExhausted,
    StepFailed,
    StepStopped,
    StepTimedOut,
    TransientError,
)
from raincheck.flow import Flow, flow
from raincheck.retry import Retry
from raincheck.run import Operation, Run, Winner
from raincheck.step import Step, step
from raincheck.work import Work

__all__ = [
    "AnswerTimedOut",
    "Canceled",
    "Flow",
    "FlowCanceled",
    "FlowFailed",
    "Operation",
    "OutcomeError",
    "PermanentError",
    "RetriesExhausted",
    "Retry",
    "Run",
    "Step",
    "StepFailed",
    "StepStopped",
    "StepTimedOut",
    "TransientError",
    "Winner",
    "Work",
    "__version__",
    "flow",
    "step",
]

__version__ = "0.1.0"
