"""`python -m benchmarks`: the figures that are compared from release to release."""

import asyncio
import sys

from benchmarks.pace import NotReady, pace


def main() -> int:
    """Print the figures; return the exit code."""
    try:
        for line in asyncio.run(pace()):
            sys.stdout.write(f"{line}\n")
    except NotReady as error:
        sys.stdout.write(f"failed: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
