"""Shared by all tests. Its being here puts ``tests/`` on the import path, where builders are found."""

import signal

from hypothesis import settings

# The same examples on every machine: a run that fails here fails everywhere. A search for new ones is
# `pytest tests/property --hypothesis-profile=search`.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None)
settings.load_profile("same")

# A shell that starts us in the background has SIGINT ignored, and so would every process that a test starts and
# then interrupts. A handler here is what children lose at exec: they have the default again.
signal.signal(signal.SIGINT, signal.default_int_handler)
