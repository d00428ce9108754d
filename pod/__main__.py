"""`python -m pod` is the command `rhizome`."""

import sys

from pod.cli import main

sys.exit(main())
