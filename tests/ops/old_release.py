"""A screening worker that says it is another release: `python old_release.py VERSION`.

The same code under another engine version, which stands in each decision: what two releases side by side differ
in at least. The law that it decides by is the same.
"""

import sys
from pathlib import Path

from exportwatch.screening import control
from exportwatch.screening.app import main
from exportwatch.settings import load_settings
from exportwatch.streaming import logs

if __name__ == "__main__":
    sys.path.remove(str(Path(__file__).parent))
    control.ENGINE = f"exportwatch {sys.argv[1]}"  # type: ignore[misc]
    settings = load_settings()
    logs.configure(settings.log_level, "screening")
    sys.exit(main(settings))
