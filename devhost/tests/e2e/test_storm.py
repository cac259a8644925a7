from pathlib import Path

from e2e.storm import WANTED, storm


def test_every_run_survives_a_storm_of_kills(tmp_path: Path) -> None:
    """20 runs, the host killed three times at random moments: all end, all with the right result."""
    outcome = storm(tmp_path / "state", runs=20, kills=3, seed=7)
    assert outcome.kills == 3
    assert set(outcome.results.values()) == {WANTED}
