"""Flows for trials: each goes wrong, or takes its time, in a way that no example should."""
