"""Figures, all as ratios of one run; absolute ones are the machine's."""

from pathlib import Path

__all__ = ["ROOT"]

ROOT = Path(__file__).parent.parent
