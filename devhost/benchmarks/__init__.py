"""How fast the host is. Each module is a program; `python -m benchmarks` prints the figures of `pace`.

The apps that are measured, and the class that runs a host as a process, are the tests' own.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "tests"))
