"""Tools of operators: each has a pod with its own Kafka user, and each command of a runbook belongs to one of them."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from manifests import ENVIRONMENTS, Manifest, of_kind, rendered, selects, settings_of, tool, variables_of
from rights import load_rights, user_name

from exportwatch.settings import known_variables

RUNBOOKS = Path(__file__).parents[2] / "deploy/runbooks"
TABLE = load_rights()
TOOLS = ("reconcile", "quarantine", "control-check", "parties-import", "topics")
ASK_NO_KAFKA = ("exportwatch law", "exportwatch config show")
each_tool = pytest.mark.parametrize(
    ("environment", "principal"), [(environment, one) for environment in ENVIRONMENTS for one in TOOLS]
)


def template(environment: str, principal: str) -> Manifest:
    found: Manifest = tool(environment, user_name(principal))["spec"]["jobTemplate"]["spec"]["template"]
    return found


def container(environment: str, principal: str) -> dict[str, Any]:
    (found,) = template(environment, principal)["spec"]["containers"]
    return dict(found)


def variables(environment: str, principal: str) -> dict[str, str]:
    return variables_of(environment, container(environment, principal))


def principal_of(command: str) -> str | None:
    """Whose rights a command needs; None where it asks no Kafka. LookupError where nobody has it."""
    if any(is_part(start, command) for start in ASK_NO_KAFKA):
        return None
    found = [name for name, one in TABLE.items() if is_part(one.runs, command)]
    if not found:
        raise LookupError(f"deploy/kafka/rights.yaml: nobody runs `{command}`")
    return found[0]


def is_part(start: str, command: str) -> bool:
    return f"{command} ".startswith(f"{start} ")


def commands() -> Iterable[tuple[str, str]]:
    """Runbook and command: the fenced ones and those within a sentence."""
    for file in sorted(RUNBOOKS.glob("Exportwatch*.md")):
        text = file.read_text("utf-8")
        for block in re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
            yield from ((file.stem, line) for line in block.splitlines())
        yield from ((file.stem, line) for line in re.findall(r"`(exportwatch [a-z][^`]*)`", text))


# -- the pods ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_each_tool_of_the_table_has_a_pod_and_no_other(environment: str) -> None:
    tools = {name for name, one in TABLE.items() if one.runs.startswith("exportwatch ")}
    assert tools - {"screening", "alerting", "canary"} == set(TOOLS)
    assert set(of_kind(environment, "CronJob")) == {user_name(name) for name in TOOLS}


@each_tool
def test_a_tool_logs_in_as_its_own_user(environment: str, principal: str) -> None:
    user = user_name(principal)
    assert variables(environment, principal)["EXPORTWATCH_SASL_USERNAME"] == user
    assert user in of_kind(f"{environment}/kafka", "KafkaUser")
    volumes = {one["name"]: one for one in template(environment, principal)["spec"]["volumes"]}
    assert volumes["user"]["secret"]["secretName"] == user


@each_tool
def test_the_settings_of_a_tool_are_accepted_and_their_files_mounted(
    environment: str, principal: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = variables(environment, principal)
    assert set(given) <= set(known_variables())
    volumes = {one["name"]: one for one in template(environment, principal)["spec"]["volumes"]}
    mounted = set()
    for mount in container(environment, principal)["volumeMounts"]:
        items = volumes[mount["name"]].get("secret", {}).get("items", [])
        mounted |= {f"{mount['mountPath']}/{item['path']}" for item in items} or {mount["mountPath"]}
    assert {value for value in given.values() if value.startswith("/")} == mounted
    credentials = settings_of(given, monkeypatch, tmp_path).kafka.credentials
    assert credentials is not None
    assert (credentials.username, credentials.password) == (user_name(principal), "content")


@each_tool
def test_a_tool_is_let_through_to_kafka_and_for_names(environment: str, principal: str) -> None:
    labels = template(environment, principal)["metadata"]["labels"]
    policies = of_kind(environment, "NetworkPolicy")
    for name in ("workers-ask-for-names", "workers-reach-kafka"):
        assert selects(policies[name]["spec"]["podSelector"], labels)


@each_tool
def test_a_tool_is_taken_for_no_worker(environment: str, principal: str) -> None:
    labels = template(environment, principal)["metadata"]["labels"]
    assert "ports" not in container(environment, principal)  # nothing there to scrape
    for one in rendered(environment):
        if one["kind"] in ("Deployment", "PodDisruptionBudget"):
            assert not selects(one["spec"]["selector"], labels)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_reconcile_runs_by_itself_and_is_not_repeated_for_what_it_found(environment: str) -> None:
    spec = tool(environment, user_name("reconcile"))["spec"]
    assert not spec.get("suspend")
    assert spec["concurrencyPolicy"] == "Forbid"
    assert container(environment, "reconcile")["args"] == ["reconcile"]
    (rule,) = spec["jobTemplate"]["spec"]["podFailurePolicy"]["rules"]
    assert (rule["action"], rule["onExitCodes"]["values"]) == ("FailJob", [1])
    assert rule["onExitCodes"]["containerName"] == container(environment, "reconcile")["name"]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("principal", [one for one in TOOLS if one != "reconcile"])
def test_the_other_tools_wait_for_a_person(environment: str, principal: str) -> None:
    assert tool(environment, user_name(principal))["spec"]["suspend"] is True
    assert container(environment, principal)["command"][0] == "sleep"


# -- the runbooks --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("runbook", "command"), sorted(set(commands())))
def test_a_command_of_a_runbook_has_a_user_that_the_readme_names(runbook: str, command: str) -> None:
    principal = principal_of(command)
    rows = [line for line in (RUNBOOKS / "README.md").read_text().splitlines() if line.startswith("| `")]
    if principal in ("screening", "alerting", "canary"):  # `exportwatch run …` is a worker itself
        return
    first, second = command.split()[:2]
    (row,) = (line for line in rows if line.startswith(f"| `{first} {second}"))
    assert (f"| `{user_name(principal)}` |" in row) if principal else ("| none" in row)


@pytest.mark.parametrize(
    ("command", "principal"),
    [
        ("exportwatch topics diff", "topics"),
        ("exportwatch quarantine list --limit 20", "quarantine"),
        ("exportwatch config show", None),
    ],
)
def test_the_user_of_a_command_is_found(command: str, principal: str | None) -> None:
    assert principal_of(command) == principal


@pytest.mark.parametrize("command", ["exportwatch feed", "exportwatch config check", "exportwatch control"])
def test_a_command_that_no_user_may_is_found_out(command: str) -> None:
    with pytest.raises(LookupError):
        principal_of(command)
