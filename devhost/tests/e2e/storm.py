"""Kills the host again and again while runs are under way: every run has to end with the right result.

The same for the test (small) and for benchmarks/storm.py (large).
"""

import random
import time
from dataclasses import dataclass, field
from pathlib import Path

from e2e.host import APPS, Host

STEPS = 5
WANTED = sum(range(STEPS)) + 12


@dataclass
class Outcome:
    """What a storm left: results by instance, and how long it took."""

    results: dict[str, int] = field(default_factory=dict)
    kills: int = 0
    seconds: float = 0.0
    restart_seconds: list[float] = field(default_factory=list)


def storm(state: Path, runs: int, kills: int, seed: int, limit: float = 300.0) -> Outcome:
    """Start `runs` chains, kill the host `kills` times at random moments, wait for every end."""
    chance = random.Random(seed)
    outcome = Outcome()
    began = time.monotonic()
    with Host(APPS / "durable", state, "--no-watch") as host:
        names = [f"storm-{number}" for number in range(runs)]
        batches = [names[at :: kills + 1] for at in range(kills + 1)]
        for at, batch in enumerate(batches):
            for name in batch:
                host.run("chain", name, {"steps": STEPS, "seconds": 0.05})
            if at < kills:
                chance_ends = time.monotonic() + chance.uniform(0.0, 0.6)
                while time.monotonic() < chance_ends:
                    host.get("/api/ping")
                host.kill()
                outcome.kills += 1
                started = time.monotonic()
                host.start()
                outcome.restart_seconds.append(time.monotonic() - started)
        for name in names:
            outcome.results[name] = host.result(name, limit)
    outcome.seconds = time.monotonic() - began
    return outcome
