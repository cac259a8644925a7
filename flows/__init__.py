"""Your flows, one file each. Every flow and step at the top of a module here is found at start."""
