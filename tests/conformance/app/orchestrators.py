"""The orchestrators whose traffic with the genuine extension is in `goldens`, unchanged but for lint."""

from tests.conformance.app import failing, running, waiting
from tests.conformance.app.registry import ORCHESTRATORS, RUNS

__all__ = ["ORCHESTRATORS", "RUNS", "failing", "running", "waiting"]
