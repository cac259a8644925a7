"""Your steps: they do the work, whatever it is."""
