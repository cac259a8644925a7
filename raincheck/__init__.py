"""raincheck."""
