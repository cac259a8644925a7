# ruff: noqa: T201 - a script that prints figures; benchmarks are run one by one
"""200 runs, the host killed 30 times at random moments. Every run has to end with the right result.

python -m benchmarks.storm [runs] [kills] [seed]
"""

import sys
import tempfile
from pathlib import Path

from e2e.storm import WANTED, storm


def main() -> int:
    """Print the figures; return 1 if a result is wrong."""
    given = [int(each) for each in sys.argv[1:]]
    runs, kills, seed = given + [200, 30, 1][len(given) :]
    with tempfile.TemporaryDirectory() as folder:
        outcome = storm(Path(folder), runs, kills, seed, limit=600)
    wrong = {name: result for name, result in outcome.results.items() if result != WANTED}
    restarts = sorted(outcome.restart_seconds)
    print(f"seed {seed}: {len(outcome.results)} runs, {outcome.kills} kills, {outcome.seconds:.1f} s")
    print(f"wrong: {wrong or 'none'}")
    if restarts:
        print(f"restart to ready: median {restarts[len(restarts) // 2]:.2f} s, longest {restarts[-1]:.2f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
