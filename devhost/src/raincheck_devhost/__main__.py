"""`python -m raincheck_devhost`."""

import sys

from raincheck_devhost.host import main

sys.exit(main())
