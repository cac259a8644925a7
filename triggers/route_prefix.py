"""What the host puts before every route: `/api` unless host.json says otherwise."""

import json
from pathlib import Path

__all__ = ["route_prefix"]


def route_prefix(host_json: Path) -> str:
    """Read it: with a slash before it and none after it; empty where there is none."""
    try:
        host = json.loads(host_json.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return "/api"
    prefix = str(host.get("extensions", {}).get("http", {}).get("routePrefix", "api")).strip("/")
    return f"/{prefix}" if prefix else ""
