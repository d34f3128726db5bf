"""Who can provide a missing fact, and the sentence in which a decision asks for it."""

from collections.abc import Mapping, Sequence

from exportwatch.classification.units import PARAMETERS
from exportwatch.law.changes import limb_in_words
from exportwatch.law.model import ControlEntry, LimbStatus
from exportwatch.law.subject import Missing
from exportwatch_events.catalogue import FACT_LAW_STATUS

LABORATORY = "test report of an accredited laboratory"
DATA_SHEET = "the manufacturer's data sheet"
MINISTRY_STATUS = "the commerce ministry (confirmation of the status)"
OTHERWISE = "the exporter's technical file"
_PARTY = "the party itself (registration papers), compared by a person"
_BY_FACT: Mapping[str, str] = {
    "composition": LABORATORY,
    "test_report": LABORATORY,
    "constituents": LABORATORY,
    "identity": DATA_SHEET,
    "kind_of_material": DATA_SHEET,
    "magnet_material": DATA_SHEET,
    "wire_parameters": DATA_SHEET,
    "wheel_parameters": DATA_SHEET,
    "equipment_parameters": DATA_SHEET,
    "further_conditions": "the commerce ministry (the full text of the entry)",
    "official_position": "the commerce ministry (a written position)",
    "form": "the exporter's product file (drawing or photograph)",
    "description": "the exporter's sales file",
    "cas": "the supplier's safety data sheet",
    "kind": "the contract",
    "process": "the technical annex of the contract",
    "transferred_technology": "the technical annex of the contract",
    "publication": "the publisher (proof of an earlier publication)",
    "route": "the freight forwarder (places of departure and destination)",
    "deemed_export": "the provincial commerce department",
    "country_of_origin": "the certificate of origin",
    "uses_chinese_technology": "the manufacturer (a statement of the technology used)",
    "chinese_content_percent": "the manufacturer's bill of materials",
    "end_use": "the end user (end-user and end-use certificate)",
    "end_use.user_type": "the end user (end-user and end-use certificate)",
    "quantity": "the packing list",
    "value": "the commercial invoice",
    "party_list": "whoever maintains the party list (publish the record anew)",
    "license": "the exporter's licence file",
    "licenses": "the exporter's licence file",
    "export_date": "the customs declaration",
    "transfer_date": "the contract",
    "license.contract_id": "the exporter's licence file (the contract that was filed with the application)",
    FACT_LAW_STATUS: MINISTRY_STATUS,
}


def provider_of(missing: Missing) -> str:
    """Who can provide it."""
    if missing.by:
        return missing.by
    if missing.fact.startswith("parties"):
        return _PARTY
    return _BY_FACT.get(missing.fact) or (DATA_SHEET if missing.fact in PARAMETERS else OTHERWISE)


def missing_in_words(missing: Missing, asked_by: Sequence[ControlEntry]) -> dict[str, str]:
    """The fact, why it is needed, which sentence of law asks for it, and who can provide it."""
    sentences = dict.fromkeys(
        f"{entry.control_code} of {limb_in_words(entry.instrument_id, entry.limb)}" for entry in asked_by
    )
    asked = f"; asked by {', '.join(sentences)}" if sentences else ""
    return {"fact": missing.fact, "why": f"{missing.why}{asked}; provided by: {provider_of(missing)}"}


def law_status(status: LimbStatus) -> Missing:
    """What is missing where nobody confirmed the status of a limb."""
    limb = limb_in_words(status.instrument_id, status.limb)
    note = f" ({status.note})" if status.note else ""
    return Missing(FACT_LAW_STATUS, f"is {limb} suspended or in force on the day?{note}")
