"""The check of the bill of materials bites: what it leaves out, invents, or has in another version is found."""

from typing import Any

import pytest
from sbom import differences

PACKAGES = (("PyYAML", "6.0.3"), ("mypy_extensions", "1.2.0"), ("exportwatch", "0.1.0"))


def bill(*components: tuple[str, str], of: str = "exportwatch") -> dict[str, Any]:
    return {
        "metadata": {"component": {"name": of}},
        "components": [{"name": name, "version": version} for name, version in components],
    }


def test_a_bill_of_what_is_installed_is_let_be() -> None:
    assert list(differences(bill(("pyyaml", "6.0.3"), ("mypy-extensions", "1.2.0")), PACKAGES)) == []


@pytest.mark.parametrize(
    ("bad", "found"),
    [
        (bill(("PyYAML", "6.0.3")), 1),
        (bill(("PyYAML", "6.0.2"), ("mypy_extensions", "1.2.0")), 2),
        (bill(("PyYAML", "6.0.3"), ("mypy_extensions", "1.2.0"), ("left-pad", "1.0")), 1),
        (bill(("PyYAML", "6.0.3"), ("mypy_extensions", "1.2.0"), of="other"), 1),
    ],
)
def test_a_bill_that_differs_is_found(bad: dict[str, Any], found: int) -> None:
    assert len(list(differences(bad, PACKAGES))) == found
