import json
from collections.abc import Callable
from pathlib import Path

from e2e.host import Host, eventually


def _lines(notes: Path, start: str) -> list[str]:
    return [each for each in notes.read_text().splitlines() if each.startswith(start)]


def test_a_timer_comes_due(devhost: Callable[..., Host], notes: Path) -> None:
    """Every second, with what the genuine host passes for so short a schedule."""
    devhost("timed", "--no-watch", NOTES=str(notes)).start()
    eventually(lambda: len(_lines(notes, "often")) >= 3)
    assert set(_lines(notes, "often")) == {"often False {} {'AdjustForDST': True} 0/2"}


def test_a_failing_timer_is_retried_as_its_policy_says(devhost: Callable[..., Host], notes: Path) -> None:
    """Attempts 0, 1 and 2, then the next due time."""
    devhost("timed", "--no-watch", NOTES=str(notes), FAIL="1").start()
    eventually(lambda: len(_lines(notes, "often")) >= 4)
    counts = [line.rpartition(" ")[2] for line in _lines(notes, "often")[:4]]
    assert counts == ["0/2", "1/2", "2/2", "0/2"]


def test_run_on_startup_runs_once(devhost: Callable[..., Host], notes: Path) -> None:
    """At the start and not again."""
    devhost("timed", "--no-watch", NOTES=str(notes)).start()
    eventually(lambda: len(_lines(notes, "often")) >= 2)
    assert _lines(notes, "first") == ["first False"]


def test_a_timer_missed_while_the_host_was_away_is_past_due(
    devhost: Callable[..., Host], notes: Path
) -> None:
    """What came due meanwhile runs at the start, once, and says so."""
    host = devhost("timed", "--no-watch", NOTES=str(notes)).start()
    remembered = host.state / "timers.json"
    eventually(remembered.exists)
    host.kill()
    status = json.loads(remembered.read_text())
    status["yearly"]["Next"] = "2020-01-01T00:00:00+00:00"
    remembered.write_text(json.dumps(status))
    host.start()
    eventually(lambda: _lines(notes, "yearly"))
    assert _lines(notes, "yearly") == ["yearly True ['Last', 'LastUpdated', 'Next']"]


def test_a_timer_runs_by_hand(devhost: Callable[..., Host], notes: Path) -> None:
    """POST /admin/functions/<name> is 202 and runs it; an unknown name is 404."""
    host = devhost("timed", "--no-watch", NOTES=str(notes)).start()
    assert host.post("/admin/functions/yearly", json={"input": ""}).status_code == 202
    eventually(lambda: _lines(notes, "yearly"))
    assert host.post("/admin/functions/nobody", json={}).status_code == 404
