"""Runs that are under way go on with your code of today: what was recorded of them must still fit.

`make record` records your flows anew, and says how to record those of which there is nothing yet.
"""

from pathlib import Path

import pytest
from raincheck.testing import Recording, recordings


@pytest.mark.parametrize("recording", recordings(Path(__file__).with_name("recorded")), ids=str)
def test_a_recorded_history_replays(recording: Recording) -> None:
    """The same steps in the same order; where not, the failure says what to do."""
    recording.replay()
