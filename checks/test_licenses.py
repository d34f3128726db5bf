"""The check of licenses bites: packages with bad, missing and doubtful metadata."""

from importlib.metadata import Distribution, distributions
from pathlib import Path

import licenses
import pytest
from licenses import Rules, allowed, findings

RULES = Rules(
    frozenset({"MIT", "Apache-2.0", "BSD-3-Clause"}),
    {"MIT License": "MIT", "Apache Software License": "Apache-2.0"},
    {},
)


def installed(folder: Path, name: str, *lines: str) -> list[Distribution]:
    """A package of that name whose metadata have these lines."""
    place = folder / f"{name}-1.0.dist-info"
    place.mkdir()
    (place / "METADATA").write_text(
        "\n".join(["Metadata-Version: 2.4", f"Name: {name}", "Version: 1.0", *lines])
    )
    return list(distributions(path=[str(folder)]))


@pytest.mark.parametrize(
    "line",
    ["License-Expression: GPL-3.0-only", "License: GPL-3.0-only", "License: proprietary", "License: BSD", ""],
)
def test_a_license_that_is_not_allowed_or_not_said_is_found(
    tmp_path: Path, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert licenses.main(RULES, installed(tmp_path, "bad", line)) == 1
    assert capsys.readouterr().out.startswith("bad: ")


def test_an_expression_goes_before_the_classifiers(tmp_path: Path) -> None:
    lines = ("License-Expression: AGPL-3.0-only", "Classifier: License :: OSI Approved :: MIT License")
    assert len(list(findings(RULES, installed(tmp_path, "bad", *lines)))) == 1


def test_classifiers_that_differ_are_in_doubt(tmp_path: Path) -> None:
    both = [
        f"Classifier: License :: OSI Approved :: {one}" for one in ("MIT License", "Apache Software License")
    ]
    assert list(findings(RULES, installed(tmp_path, "bad", *both)))


@pytest.mark.parametrize(
    "line",
    [
        "License-Expression: MIT",
        "License: MIT License",
        "License: MIT",
        "Classifier: License :: OSI Approved :: MIT License",
    ],
)
def test_an_allowed_license_is_let_be(tmp_path: Path, line: str) -> None:
    assert list(findings(RULES, installed(tmp_path, "good", line))) == []


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("MIT", True),
        ("MIT AND Apache-2.0", True),
        ("MIT AND GPL-2.0-only", False),
        ("GPL-2.0-only OR MIT", True),
        ("(GPL-2.0-only OR MIT) AND BSD-3-Clause", True),
        ("MIT AND (GPL-2.0-only OR LGPL-3.0-only)", False),
        ("MIT OR GPL-2.0-only AND AGPL-3.0-only", True),
        ("MIT Apache-2.0", False),
        ("(MIT", False),
        ("MIT AND", False),
        ("", False),
        (None, False),
    ],
)
def test_an_expression_is_read_as_spdx_reads_it(expression: str | None, holds: bool) -> None:
    assert allowed(RULES, expression) is holds


def test_an_entry_needs_a_reason_a_package_and_a_doubt(tmp_path: Path) -> None:
    entries = {
        "clear": {"expression": "MIT", "why": "in vain"},
        "gone": {"expression": "MIT", "why": "not here"},
        "mute": {"expression": "MIT"},
        "told": {"expression": "MIT", "why": "the license file says so"},
    }
    installed(tmp_path, "clear", "License: MIT")
    installed(tmp_path, "mute", "")
    packages = installed(tmp_path, "told", "")
    found = list(findings(Rules(RULES.allowed, RULES.words, entries), packages))
    assert [line.partition(":")[0] for line in found] == ["clear", "mute", "gone"]


def test_what_is_installed_here_is_allowed() -> None:
    assert licenses.main() == 0
