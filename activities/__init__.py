"""Your steps: they do the work, whatever it is. Every step at the top of a module here is found at start."""
