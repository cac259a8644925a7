"""The orchestrators whose traffic with the genuine extension is in `goldens`, unchanged but for lint."""

from conformance.app import failing, running, waiting
from conformance.app.registry import ORCHESTRATORS, RUNS

__all__ = ["ORCHESTRATORS", "RUNS", "failing", "running", "waiting"]
