"""An alert's life, decision by decision: kinds, revisions, episodes, and why it was cleared."""

from decision_builders import (
    CODE,
    cancelled,
    classification,
    controlled,
    decision,
    item,
    law,
    listed,
    undecided,
    unplaced,
    unreadable,
    with_party,
)
from exportwatch.alerting.drafts import AlertRules
from exportwatch.alerting.lifecycle import Change, fold
from exportwatch.alerting.order import order_of
from exportwatch.alerting.state import DocumentMemory


class Document:
    """Folds decisions of one document and keeps what came of them."""

    def __init__(self) -> None:
        self.memory = DocumentMemory()
        self.changes: list[Change] = []

    def take(self, built: dict, *control: int) -> tuple[Change, ...]:
        folded = fold(self.memory, order_of(built["document"], control), built, AlertRules())
        self.memory = folded.memory
        self.changes += folded.changes
        return folded.changes

    def one(self, built: dict, *control: int) -> Change:
        (change,) = self.take(built, *control)
        return change


def life(change: Change) -> tuple[str, int, int]:
    return change.state.kind, change.state.episode, change.state.revision


def test_an_alert_is_opened_updated_cleared_and_opened_again_in_a_new_episode() -> None:
    document = Document()
    lives = [
        life(document.one(decision(controlled(), version=1))),
        life(document.one(decision(controlled(license_status="pending"), version=2))),
        life(document.one(decision(controlled(license_status="covered"), version=3))),
        life(document.one(decision(controlled(), version=4))),
    ]
    assert lives == [("opened", 1, 1), ("updated", 1, 2), ("cleared", 1, 3), ("opened", 2, 4)]


def test_an_update_says_what_changed() -> None:
    document = Document()
    document.take(decision(controlled(), version=1))
    change = document.one(decision(controlled(license_status="pending"), version=2, legal_date="2025-07-01"))
    assert change.changed == ("legal_date", "license", "severity")


def test_a_redelivered_decision_changes_nothing() -> None:
    document = Document()
    built = decision(controlled())
    document.take(built)
    assert document.take(built) == ()


def test_an_older_decision_changes_nothing() -> None:
    document = Document()
    document.take(decision(item(), controlled("20"), version=2))
    assert document.take(decision(controlled("10"), version=1)) == ()


def test_a_newer_decision_with_the_same_findings_keeps_the_revision_and_moves_the_order() -> None:
    document = Document()
    first = document.one(decision(controlled(), version=1))
    second = document.one(decision(controlled(), version=2))
    assert not second.is_news
    assert life(second) == life(first)
    assert (first.state.order.version, second.state.order.version) == (1, 2)


def test_a_cleared_alert_moves_on_with_its_document() -> None:
    """So that its order, read back after a restart, still tells a late version from a new one."""
    document = Document()
    document.take(decision(controlled(), version=1))
    document.take(decision(item(), version=2))
    document.take(decision(item(), version=4))
    assert document.take(decision(controlled(), version=3)) == ()


def test_of_one_version_the_later_event_wins_whatever_its_offset_from_utc() -> None:
    document = Document()
    document.take(decision(item(), version=1, at="2025-06-01T12:00:00+08:00"))
    assert document.take(decision(controlled(), version=1, at="2025-06-01T05:00:00+02:00")) == ()
    assert document.one(decision(controlled(), version=1, at="2025-06-01T05:00:00Z")).state.is_open


def test_of_one_version_and_time_the_greater_event_id_wins() -> None:
    document = Document()
    at = "2025-06-01T12:00:00+08:00"
    document.take(decision(item(), version=1, at=at, event_id="b"))
    assert document.take(decision(controlled(), version=1, at=at, event_id="a")) == ()


def test_the_same_event_decided_under_more_control_data_wins() -> None:
    document = Document()
    built = decision(controlled())
    document.take(built, 3, 7, 1)
    assert document.take(decision(item()), 3, 6, 1) == ()
    assert document.one(decision(item()), 4, 7, 1).state.cleared_reason == "law_changed"


def test_a_version_seen_without_alerts_outranks_a_late_older_one() -> None:
    built = decision(item(), version=5)
    memory = DocumentMemory(seen=order_of(built["document"], ()))
    late = decision(controlled(), version=4)
    assert fold(memory, order_of(late["document"], ()), late, AlertRules()).changes == ()


def cleared_by(first: dict, second: dict, *control: int) -> str | None:
    document = Document()
    document.take(first)
    (change,) = [one for one in document.take(second, *control) if one.state.kind == "cleared"]
    return change.state.cleared_reason


def test_a_license_that_covers_clears_for_that_reason() -> None:
    covered = decision(controlled(license_status="covered"), version=2)
    assert cleared_by(decision(controlled()), covered) == "license_covers"


def test_an_item_that_is_something_else_is_reclassified() -> None:
    assert cleared_by(decision(controlled()), decision(item(), version=2)) == "reclassified"


def test_an_item_of_which_only_the_status_of_the_law_was_open_is_reclassified_too() -> None:
    open_law = undecided("10", "law_status")
    assert cleared_by(decision(open_law), decision(item(), version=2)) == "reclassified"
    both = undecided("10", "law_status", "composition")
    assert cleared_by(decision(both), decision(item(), version=2)) == "facts_provided"


def test_a_missing_fact_that_came_is_facts_provided() -> None:
    assert cleared_by(decision(undecided()), decision(item(), version=2)) == "facts_provided"


def test_a_cancelled_document_clears_all_its_alerts() -> None:
    document = Document()
    document.take(decision(with_party(controlled("10")), undecided("20")))
    changes = document.take(cancelled(2))
    assert [change.state.cleared_reason for change in changes] == ["document_cancelled"] * 3


def test_an_item_that_left_the_document_is_removed() -> None:
    assert (
        cleared_by(decision(controlled("10"), item("20")), decision(item("20"), version=2)) == "item_removed"
    )


def test_law_that_no_longer_applies_on_the_date_is_law_changed() -> None:
    after = item("10", classifications=[classification()], law=[law("repealed")])
    assert cleared_by(decision(controlled()), decision(after, version=2)) == "law_changed"


def test_a_party_that_left_the_list_is_delisted() -> None:
    assert cleared_by(decision(with_party(item())), decision(item()), 0, 0, 9) == "party_delisted"


def test_a_party_that_left_the_document_is_facts_provided() -> None:
    assert cleared_by(decision(with_party(item())), decision(item(), version=2)) == "facts_provided"


def test_a_record_that_can_be_read_at_last_is_repaired() -> None:
    assert cleared_by(unreadable(1), decision(item(), version=2)) == "record_repaired"


def test_clearing_one_control_leaves_the_other_open() -> None:
    document = Document()
    both = controlled()
    both["classifications"].append(classification("1C906.b", "unknown"))
    document.take(decision(both))
    document.take(decision(controlled(), version=2))
    standing = {state.subject.control_code: state.is_open for state in document.memory.alerts.values()}
    assert standing == {CODE: True, "1C906.b": False}


def test_a_document_without_alerts_leaves_none_behind() -> None:
    document = Document()
    document.take(decision(item()))
    assert document.memory.alerts == {}


def test_a_change_of_pack_decides_the_same_event_again() -> None:
    """Equal orders: what the log holds later stands, as compaction will keep it."""
    document = Document()
    document.take(decision(controlled()))
    suspended = item(
        "10", "suspended", classifications=[classification()], reasons=[listed()], law=[law("suspended")]
    )
    assert life(document.one(decision(suspended))) == ("updated", 1, 2)


def test_an_unreadable_record_of_unknown_version_opens_an_alert_whatever_version_is_known() -> None:
    document = Document()
    document.take(decision(item(), version=4))
    assert life(document.one(unplaced())) == ("opened", 1, 1)


def test_it_is_repaired_by_the_next_version_and_not_by_an_older_or_redelivered_one() -> None:
    document = Document()
    document.take(decision(item(), version=4))
    document.take(unplaced())
    assert document.take(decision(item(), version=4)) == ()
    assert document.take(decision(item(), version=3)) == ()
    assert document.one(decision(item(), version=5)).state.cleared_reason == "record_repaired"


def test_it_is_not_even_opened_where_its_time_shows_a_newer_decision() -> None:
    document = Document()
    document.take(decision(item(), version=4, at="2025-06-02T00:00:00Z"))
    assert document.take(unplaced("2025-06-01T23:59:59Z")) == ()
    assert document.one(unplaced("2025-06-02T00:00:01Z")).state.is_open


def test_it_outlives_a_higher_version_that_was_true_before_it() -> None:
    document = Document()
    document.take(unplaced("2025-06-02T00:00:00Z"))
    assert document.take(decision(item(), version=5, at="2025-06-01T00:00:00Z")) == ()
    assert document.one(decision(item(), version=6, at="2025-06-03T00:00:00Z")).state.kind == "cleared"
