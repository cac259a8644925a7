"""What a new app is made of: files of this package, and some that the app at Raincheck's root has, too."""

from pathlib import Path

__all__ = ["CHANGELOG", "CONSTRAINTS", "FROM_ROOT", "HUB", "app_files"]

FOLDER = Path(__file__).with_name("templates")
_ROOT = Path(__file__).parents[2]  # where the package is used from its source folder

FROM_ROOT = (
    ".npmrc",
    "activities/__init__.py",
    "activities/ruff.toml",
    "function_app.py",
    "host.json",
    "local.settings.sample.json",
    "orchestrators/__init__.py",
    "orchestrators/ruff.toml",
    "package-lock.json",
    "package.json",
    "tests/app/mypy.ini",
    "tests/app/pytest.ini",
    "tests/app/ruff.toml",
    "tests/app/test_recorded.py",
)
"""Written once, at the root; a wheel holds copies among the templates (pyproject.toml)."""

HUB = '"hubName": "Raincheck"'
CHANGELOG = "raincheck/dev/templates/CHANGELOG.md"
CONSTRAINTS = "raincheck/dev/templates/constraints.txt"
"""Names in a wheel."""

_OWN = {
    ".funcignore": "funcignore",  # a name with a dot would be missed by half of the tools that copy it
    ".gitignore": "gitignore",
    "Makefile": "Makefile",
    "README.md": "README.md",
    "activities/names.py": "activities/names.py",
    "orchestrators/greet.py": "orchestrators/greet.py",
    "requirements-dev.txt": "requirements-dev.txt",
    "requirements.txt": "requirements.txt",
    "tests/app/recorded/greet.json": "tests/app/recorded/greet.json",
    "tests/app/test_greet.py": "tests/app/test_greet.py",
    "vendor/constraints.txt": "constraints.txt",
}


def app_files() -> dict[str, str]:
    """Return the text of each file of a new app, by its path."""
    paths = {name: FOLDER / own for name, own in _OWN.items()}
    for name in FROM_ROOT:
        copied = FOLDER / name
        paths[name] = copied if copied.is_file() else _ROOT / name
    return {name: path.read_text(encoding="utf-8") for name, path in sorted(paths.items())}
