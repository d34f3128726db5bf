"""Shared by all tests. Its being here puts ``tests/`` on the import path, where builders are found."""
