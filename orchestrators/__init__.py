"""Your flows: they decide what happens in which order. Every flow at the top of a module here is found."""
