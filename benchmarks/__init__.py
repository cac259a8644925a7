"""Figures, all as ratios of one run; absolute ones are the machine's."""
