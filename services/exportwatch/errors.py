"""The errors of exportwatch, by who must act.

    Exception
    └── ConfigError      the operator: a bad pack, setting, topic file or environment stops the start (exit 2)

An outcome of a document is a value and never an exception; anything else that is raised is a bug or broken
infrastructure (exit 70).
"""

OK = 0
FINDING = 1
WRONG_USE = 2
CRASH = 70


class ConfigError(Exception):
    """Something the operator can put right; its text says where it is, what was found and expected."""
