"""Rights on a real Kafka with its authorizer: deploy/kafka/rights.yaml is enough, and no right of it is too much.

Each right is taken away once, from a user of its own; what needs it must say so and leave with status 2.
"""

import json
import sqlite3
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import Worker, delete_topics, wait_until
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError
from rights import load_rights, user_name
from secured import Gate, Missing, SecuredBroker, acls_without, admit, all_missing, make_certificates
from stage import Left, Stage

from exportwatch.broker.provision import admin_client, apply
from exportwatch.broker.topics import load_registry
from exportwatch_events.catalogue import ALERTS, CONTRACTS, DECISIONS, DISPOSITIONS, SHIPMENTS

pytestmark = pytest.mark.broker
CACHE_DIR = Path(__file__).parents[2] / ".cache"
TABLE = load_rights()
SERVICES = ("screening", "alerting", "canary")
# The tool does the same to every topic; one stands for all.
CASES = [one for one in all_missing(TABLE) if one.principal != "topics" or one.acl.name == CONTRACTS]
WRITERS = ("erp", "case-management", "law-desk", "license-desk")
THROUGH = 'exportwatch_canary_round_trip_seconds_count{service="alerting"}'
CSV = "entry_id,name,list_id\n{number},Some Listed Body {number},test-list\n"


@pytest.fixture(scope="module")
def pems(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pems")
    make_certificates(folder)
    return folder


@pytest.fixture(scope="module")
def stage(pems: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A node with every user of the table, and one more user for each right that it lacks."""
    users = {user_name(name): principal.acls for name, principal in TABLE.items()}
    users |= {one.user: acls_without(TABLE[one.principal], one) for one in CASES}
    with SecuredBroker(CACHE_DIR, pems) as broker:
        with admin_client(broker.bootstrap) as client:
            admit(client, users)
        stage = Stage(broker, Gate(broker.secure_port, pems), tmp_path_factory.mktemp("stage"))
        yield stage
        stage.end()


@pytest.fixture(scope="module")
def served(stage: Stage) -> Iterator[Stage]:
    """The topics made, a document taken from input to case, and all of it with the table's rights.

    Left behind: decisions that alerting has not seen, of which each opens an alert and one is quarantined.
    """
    made = stage.command(user_name("topics"), ["topics", "apply"])
    assert (made.status, made.said.count("changed")) == (0, len(load_registry())), made.said
    stage.feed(1)
    workers = stage.serve(*SERVICES)
    assert stage.publisher(user_name("erp")).status == 0
    wait_until(lambda: len(stage.written(ALERTS)) >= 2, 90, lambda: logs(workers))
    wait_until(lambda: came_through(workers[2]), 60, lambda: logs(workers))
    stage.wait_for_quarantine(SHIPMENTS, CONTRACTS)
    assert [worker.stop() for worker in (workers[1], workers[2])] == [0, 0]
    decided = len(stage.written(DECISIONS))
    stage.feed(2)
    wait_until(lambda: len(stage.written(DECISIONS)) > decided, 60, lambda: logs(workers))
    stage.spoil_decisions()
    assert workers[0].stop() == 0
    yield stage


def logs(workers: list[Worker]) -> str:
    return "\n".join(worker.log[-2000:] for worker in workers)


def came_through(canary: Worker) -> bool:
    file = canary.log_file.parent / "ops" / "canary-0.json"
    if not file.exists():
        return False
    url = json.loads(file.read_text())["url"]
    with urllib.request.urlopen(f"{url}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    return any(line.startswith(THROUGH) and float(line.rpartition(" ")[2]) > 0 for line in lines)


# -- all rights --------------------------------------------------------------------------------------------


def test_with_the_rights_of_the_table_a_document_becomes_a_case(served: Stage) -> None:
    user = user_name("case-management")
    assert served.case_table(user).status == 0
    with sqlite3.connect(served.folder / f"{user}.sqlite") as database:
        found = database.execute("SELECT document FROM cases ORDER BY document").fetchall()
    assert found == [("default/ERP-P01/shipment/0080004711",), ("default/ERP-P01/shipment/S1",)]


@pytest.mark.parametrize(
    ("principal", "arguments"),
    [
        ("topics", ["topics", "diff"]),
        ("screening", ["config", "check"]),
        ("control-check", ["control", "check"]),
        ("reconcile", ["reconcile"]),
        ("quarantine", ["quarantine", "status"]),
        ("parties-import", ["parties", "show"]),
    ],
)
def test_with_the_rights_of_the_table_each_tool_works(
    served: Stage, principal: str, arguments: list[str]
) -> None:
    done = served.command(user_name(principal), arguments)
    # A finding is not the tool's failure.
    assert done.status in (0, 1), done.said
    assert done.is_clean


def test_with_the_rights_of_the_table_records_are_replayed_and_dropped(served: Stage) -> None:
    user = user_name("quarantine")
    replayed = served.command(user, ["quarantine", "replay", "--topic", CONTRACTS, "--again"])
    assert (replayed.status, "replayed" in replayed.said) == (0, True), replayed.said
    dropped = served.command(user, ["quarantine", "drop", "--topic", CONTRACTS, "--reason", "a test"])
    assert dropped.status == 0, dropped.said


def test_with_the_rights_of_the_table_a_party_list_is_imported(served: Stage, tmp_path: Path) -> None:
    done = served.command(user_name("parties-import"), import_of(tmp_path, 1))
    assert (done.status, "1 entries published" in done.said) == (0, True), done.said


@pytest.mark.parametrize("principal", WRITERS)
def test_a_neighbour_writes_what_the_table_says(served: Stage, principal: str) -> None:
    for topic in TABLE[principal].may("Write") - {SHIPMENTS}:
        served.write(user_name(principal), topic)


def import_of(folder: Path, number: int) -> list[str]:
    file = folder / "list.csv"
    file.write_text(CSV.format(number=number))
    return ["parties", "import", str(file), "--format", "csv", "--force"]


# -- one right less ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", CASES, ids=lambda one: one.id)
def test_each_right_is_needed_and_its_lack_is_named(served: Stage, missing: Missing, tmp_path: Path) -> None:
    if missing.principal in WRITERS and missing.operation == "Write" and missing.acl.name != SHIPMENTS:
        with pytest.raises(KafkaError, match=r"Authorization|Timeout"):
            served.write(missing.user, missing.acl.name)
        return
    left = tried(served, missing, tmp_path)
    assert left.status == 2, left.said[-3000:]
    last = left.said.strip().splitlines()[-1]
    assert missing.acl.name in last and missing.operation in last, last
    assert left.is_clean, left.said[-3000:]


def tried(stage: Stage, missing: Missing, folder: Path) -> Left:
    """What needs the right, by the user that lacks it."""
    user = missing.user
    match missing.principal:
        case "screening":
            stage.feed(100 + missing.number)
            return stage.left("screening", user)
        case "alerting" | "canary":
            return stage.left(missing.principal, user)
        case "reconcile":
            return stage.command(user, ["reconcile"])
        case "control-check":
            return stage.command(user, ["control", "check"])
        case "quarantine":
            return stage.command(user, replay_or_list(missing))
        case "parties-import":
            return stage.command(user, import_of(folder, 10 + missing.number))
        case "topics":
            return applied(stage, missing)
        case "erp":
            return stage.publisher(user)
        case "case-management":
            return stage.case_table(user, group="case-management-2")
    raise AssertionError(f"nothing tries {missing.id}")


def replay_or_list(missing: Missing) -> list[str]:
    if missing.operation == "Read":
        return ["quarantine", "list"]
    topic = CONTRACTS if missing.acl.name == CONTRACTS else SHIPMENTS
    return ["quarantine", "replay", "--topic", topic, "--again"]


def applied(stage: Stage, missing: Missing) -> Left:
    """`topics apply` where a topic is missing or a setting differs; put right afterwards."""
    bootstrap = stage.broker.bootstrap
    with admin_client(bootstrap) as client:
        if missing.operation == "Create":
            delete_topics(bootstrap, [CONTRACTS])
        else:
            changed = ConfigResource(ConfigResourceType.TOPIC, CONTRACTS, {"retention.ms": "86400000"})
            client.alter_configs([changed])
        try:
            return stage.command(missing.user, ["topics", "apply"])
        finally:
            apply(client, load_registry())


# -- who is not let in -------------------------------------------------------------------------------------

DOORS = {
    "wrong password": "does not accept this user and password",
    "expired certificate": "certificate has expired",
    "unknown authority": "the broker's certificate is refused: self-signed certificate",
}


def gate_of(stage: Stage, door: str) -> Gate:
    secure, expired, pems = stage.broker.secure_port, stage.broker.expired_port, stage.gate.pems
    match door:
        case "wrong password":
            return Gate(secure, pems, password_file="wrong-password")
        case "expired certificate":
            return Gate(expired, pems, cafile="expired.pem")
        case _:
            return Gate(secure, pems, cafile="stranger.pem")


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("service", SERVICES)
def test_a_service_that_is_not_let_in_says_why_and_leaves(stage: Stage, service: str, door: str) -> None:
    assert_turned_away(stage.left(service, user_name(service), gate_of(stage, door)), door)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("principal", "arguments"),
    [
        ("topics", ["topics", "apply"]),
        ("topics", ["config", "check"]),
        ("reconcile", ["reconcile"]),
        ("control-check", ["control", "check"]),
        ("quarantine", ["quarantine", "list"]),
        ("parties-import", ["parties", "show"]),
        ("erp", ["feed", "--documents", "1"]),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else None,
)
def test_a_command_that_is_not_let_in_says_why_and_leaves(
    stage: Stage, principal: str, arguments: list[str], door: str
) -> None:
    assert_turned_away(stage.command(user_name(principal), arguments, gate_of(stage, door)), door)


def assert_turned_away(left: Left, door: str) -> None:
    assert left.status == 2, left.said[-3000:]
    last = left.said.strip().splitlines()[-1]
    assert last.startswith("exportwatch: ") and DOORS[door] in last, last
    assert left.is_clean, left.said[-3000:]


def test_every_entry_of_the_table_is_tried() -> None:
    assert {one.principal for one in CASES} == set(TABLE)
    assert DISPOSITIONS in TABLE["case-management"].may("Write")
