from pathlib import Path

import pytest

from raincheck_devhost.edits import is_source


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("function_app.py", True),
        ("flows/order.py", True),
        ("host.json", True),
        ("flows/host.json", False),
        ("README.md", False),
        (".venv/lib/x.py", False),
        ("node_modules/x/y.py", False),
        ("tests/test_x.py", False),
    ],
)
def test_only_the_apps_own_code_calls_for_a_reload(path: str, wanted: bool) -> None:  # noqa: FBT001 - a table
    """A test that is edited, or an installed package, must not restart the app."""
    root = Path("/app")
    assert is_source(root / path, root) is wanted
