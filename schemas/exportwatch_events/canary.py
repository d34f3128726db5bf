"""The canary: documents of our own that show, a few each minute, that records still become decisions.

What a canary says is fixed: dysprosium oxide on a day on which the law of it is settled, so that its decision is
known beforehand. A document counts as a canary only if it says exactly that, whoever publishes it: with anything
else in it, a tenant ``_canary`` is a tenant like any other and its alerts reach people.
"""

from collections.abc import Mapping
from typing import Any, Final

from exportwatch_events.catalogue import CANARY_TENANT, CONTRACTS, Hold, Result

CANARY_SOURCE: Final = "exportwatch"
CANARY_KEY_PREFIX: Final = f"{CANARY_TENANT}/{CANARY_SOURCE}/"
# Listed, and nothing covers it: since 2025-04-04 and on this day (announcement 18 of 2025).
CANARY_RESULT: Final = Result.LICENSE_REQUIRED
CANARY_HOLD: Final = Hold.HOLD

_OWN = ("event_id", "event_time", "shipment_id", "contract_id")
_BOTH: Final[Mapping[str, Any]] = {
    "source": CANARY_SOURCE,
    "tenant": CANARY_TENANT,
    # Always the same, so that compaction keeps one decision of each.
    "version": 1,
    "from": {"country": "CN"},
    "to": {"country": "DE"},
    "parties": [
        {"role": "exporter", "name": "exportwatch canary"},
        {"role": "end_user", "name": "exportwatch canary", "country": "DE"},
    ],
    "items": [
        {
            "item_id": "1",
            "kind": "goods",
            "description": "Dysprosium oxide (canary of exportwatch, there are no goods)",
            "cas": ["1308-87-8"],
            "form": "oxide",
        }
    ],
}
_SHIPMENT: Final = {**_BOTH, "event_type": "shipment.changed", "export_date": "2025-09-01"}
_CONTRACT: Final = {
    **_BOTH,
    "event_type": "contract.changed",
    "contract_type": "sale",
    "stage": "effective",
    "transfer_date": "2025-09-01",
}


def canary_event(topic: str, partition: int, event_id: str, event_time: str) -> dict[str, Any]:
    """The canary of an input partition, a contract on the contracts' topic. Always the same document."""
    own = {"event_id": event_id, "event_time": event_time}
    if topic == CONTRACTS:
        return {**_CONTRACT, **own, "contract_id": f"CANARY-{partition}"}
    return {**_SHIPMENT, **own, "shipment_id": f"CANARY-{partition}"}


def is_canary(facts: Mapping[str, Any] | None) -> bool:
    """Whether the ``facts`` of a decision are those of a canary, and nothing beside."""
    if facts is None:
        return False
    said = {name: value for name, value in facts.items() if name not in _OWN}
    return said in (_SHIPMENT, _CONTRACT)
