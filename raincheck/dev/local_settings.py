"""The settings that a developer keeps in local.settings.json, which both hosts read."""

import json
from pathlib import Path
from typing import Any

__all__ = ["local_settings"]


def local_settings(root: Path) -> dict[str, str]:
    """Return its values; none where the file isn't there or can't be used, of which the host tells more."""
    try:
        document: Any = json.loads((root / "local.settings.json").read_text(encoding="utf-8-sig"))
        return {name: str(value) for name, value in document.get("Values", {}).items()}
    except (FileNotFoundError, ValueError, AttributeError):
        return {}
