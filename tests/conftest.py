"""Shared by all tests. Its being here puts ``tests/`` on the import path, where builders are found."""

from hypothesis import settings

# The same examples on every machine: a run that fails here fails everywhere. A search for new ones is
# `pytest tests/property --hypothesis-profile=search`.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None)
settings.load_profile("same")
