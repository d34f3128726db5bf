"""For tests that need the tools of `make ops-setup`. Plain `make test` does not come here."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "checks" / "ops"))
