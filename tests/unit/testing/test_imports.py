"""What tests of flows import is there without Azure's packages."""

import subprocess
import sys


def test_no_azure_package_is_imported():
    """`pip install raincheck` alone plays flows; only recorded histories take the SDK, when they are used."""
    program = (
        "import sys, raincheck.testing, raincheck.testing.command_line\n"
        "print([name for name in sys.modules if name.partition('.')[0] == 'azure'])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
