"""The form of policies and of licence routes: what is wrong with one is said with its place."""

from datetime import date
from pathlib import Path

import pytest
from test_law_load import findings

from exportwatch.errors import ConfigError
from exportwatch.law.load import PACKAGED, load_pack, read_pack
from exportwatch.law.model import PolicyEffect
from exportwatch.law.routes import LicenseRoute, license_routes, read_routes
from exportwatch_events.catalogue import LicenseType
from law_packs import OXIDES, write_pack

POLICY = """\
policies:
  - id: REFUSAL
    limb: "*"
    effect: refused_in_principle
    countries: [US]
    codes: [9X1]
    name: {en: "refused", zh: "不予许可"}
    source: {cite: "Announcement 1 of 2021", confidence: INF}
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return write_pack(tmp_path)


def found(pack: Path, policy: str) -> list[str]:
    (pack / "cn/CN-2021-1.yaml").write_text(OXIDES + policy, encoding="utf-8")
    return findings(pack)


def test_a_policy_is_read_with_its_scope(pack: Path) -> None:
    assert found(pack, POLICY) == []
    (policy,) = read_pack(pack).instruments[0].policies
    assert (policy.effect, policy.limb, policy.countries, policy.codes) == (
        PolicyEffect.REFUSED_IN_PRINCIPLE,
        "*",
        frozenset(["US"]),
        ("9X1",),
    )


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        ('limb: "*"', 'limb: "3"', 'limb "3" is not known'),
        ('limb: "*"', 'limbs: ["*", "3"]', 'limb "3" is not known'),
        ('limb: "*"', 'note: "x"', 'key "note" is not known'),
        ('    limb: "*"\n', "", "expected either limb or limbs"),
        ("refused_in_principle", "refused_in_principl", 'did you mean "refused_in_principle"'),
        ("[US]", "[USA]", 'found "USA"'),
        ("    countries: [US]\n    codes: [9X1]\n", "", "reaches everything"),
        ("[9X1]", "[9X1]\n    users: [army]", 'expected military, found "army"'),
        ("[9X1]", "[9X1]\n    purposes: [public_health]", "purposes belong to carved_out"),
        ("refused_in_principle", "carved_out", "carved_out needs them"),
        ("confidence: INF", "confidence: sure", "expected V[S1,...]"),
        ('zh: "不予许可"', 'de: "abgelehnt"', 'key "de" is not known'),
    ],
)
def test_a_policy_that_is_not_right_is_named_with_its_place(
    pack: Path, written: str, instead: str, said: str
) -> None:
    assert written in POLICY
    problems = found(pack, POLICY.replace(written, instead))
    assert any(said in problem and problem.startswith("cn/CN-2021-1.yaml:") for problem in problems), problems


def test_two_policies_of_one_name_are_refused(pack: Path) -> None:
    twice = POLICY + POLICY.removeprefix("policies:\n")
    assert any('"REFUSAL" stands twice' in problem for problem in found(pack, twice))


def test_every_policy_of_the_pack_has_a_source_and_both_languages() -> None:
    policies = load_pack(None).register.policies
    assert len(policies) >= 13
    assert all(p.source.cite and p.name.en and p.name.zh for p in policies)


def test_a_floor_belongs_to_foreign_made_content_and_is_a_percentage(pack: Path) -> None:
    def changed(floor: str, jurisdiction: str) -> list[str]:
        entry = OXIDES.replace(
            "effect: dual_use_license", f"effect: dual_use_license\n    jurisdiction: {jurisdiction}{floor}"
        )
        (pack / "cn/CN-2021-1.yaml").write_text(entry, encoding="utf-8")
        return findings(pack)

    stated = "\n    content_floor_percent: "
    assert changed(f"{stated}'0.1'", "foreign_made_content") == []
    for floor in ("", f"{stated}'101'", f"{stated}'-1'", f"{stated}some"):
        assert any("content_floor_percent" in problem for problem in changed(floor, "foreign_made_content"))
    assert any("content_floor_percent" in problem for problem in changed(f"{stated}'0.1'", "re_export"))


@pytest.mark.parametrize(
    ("first", "last", "longer"),
    [("2025-05-01", "2026-04-30", False), ("2025-05-01", "2026-05-01", False), ("2025-05-01", "2026-05-02", True),
     ("2024-02-29", "2025-03-01", False), ("2024-02-29", "2025-03-02", True), ("9999-01-01", "9999-12-31", False)],
)  # fmt: skip
def test_a_year_of_validity_ends_at_the_anniversary(first: str, last: str, longer: bool) -> None:
    route = LicenseRoute(most_years=1)
    assert route.outlasts(date.fromisoformat(first), date.fromisoformat(last)) is longer
    assert not LicenseRoute().outlasts(date.fromisoformat(first), date.fromisoformat(last))


def test_every_type_of_licence_has_its_route() -> None:
    routes = license_routes(load_pack(None).tables)
    assert set(routes) == set(LicenseType)
    assert (
        routes[LicenseType.DUAL_USE_INDIVIDUAL].most_years,
        routes[LicenseType.DUAL_USE_GENERAL].most_years,
    ) == (
        1,
        3,
    )


def test_a_route_that_is_not_right_is_named() -> None:
    with pytest.raises(ConfigError, match="license_routes"):
        license_routes({})
    _, problems = read_routes({"dual_use_individual": {}})
    assert problems


def test_the_check_of_a_pack_reads_the_routes(pack: Path) -> None:
    routes = (PACKAGED / "tables/license_routes.yaml").read_text(encoding="utf-8")
    (pack / "tables").mkdir()
    (pack / "tables/license_routes.yaml").write_text(
        routes.replace("most_years: 3", "most_years: three"), "utf-8"
    )
    assert any("most_years" in problem for problem in found(pack, POLICY))
