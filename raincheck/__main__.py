"""`python -m raincheck`: call an app from the command line."""

import sys

from raincheck.client.command_line import main

if __name__ == "__main__":
    sys.exit(main())
