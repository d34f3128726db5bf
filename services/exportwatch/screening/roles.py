"""The roles of parties in a document, by the wire contract, and who of them may receive."""

from exportwatch_events import shapes
from exportwatch_events.documents import Party

ROLES = frozenset(shapes.ROLES)
# In these nobody receives; whoever has a role that is not known may.
_GIVE_OR_CARRY = frozenset(["exporter", "manufacturer", "freight_forwarder"])


def receives(party: Party) -> bool:
    """Whether the party may get the goods, or have them sent to whom it likes."""
    return party["role"] not in _GIVE_OR_CARRY
