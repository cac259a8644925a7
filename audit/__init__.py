"""Asks public databases whether what the locks pin has known holes: `make audit`.

Both tools do the asking, pip-audit for Python and npm's own for Azurite. What they leave to guess is decided
here: a database that can't be reached is said and no failure, for a check that only fails without a network
would be switched off; a lock that can't be read is a failure.
"""
