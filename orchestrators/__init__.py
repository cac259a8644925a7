"""Your flows: they decide what happens, in which order. A module here may hold its steps as well."""
