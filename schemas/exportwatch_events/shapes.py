"""JSON Schema of the optional fields of ERP events.

At run time an optional field is ``Any``: whatever stands there is data to judge, never a reason to refuse
the record. What a producer *should* send is documented here and reaches ``schemas/json`` by
``WithJsonSchema``. Nothing in this module runs when an event is read.
"""

from typing import Any, Final

Shape = dict[str, Any]


def text(description: str, **more: Any) -> Shape:
    """A string or null."""
    return {"type": ["string", "null"], "description": description, **more}


def flag(description: str) -> Shape:
    """True, false or null (unknown)."""
    return {"type": ["boolean", "null"], "description": description}


def choice(description: str, *values: str) -> Shape:
    """One of the values, or null."""
    return {"enum": [*values, None], "description": description}


def list_of(entry: Shape, description: str) -> Shape:
    """A list, or null."""
    return {"type": ["array", "null"], "items": entry, "description": description}


def record(description: str, required: tuple[str, ...], **properties: Shape) -> Shape:
    """An object of these properties, further ones allowed, or null."""
    return {
        "type": ["object", "null"],
        "description": description,
        "properties": properties,
        "required": list(required),
    }


DECIMAL: Final[Shape] = {
    "anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^-?\d+(\.\d+)?([eE][+-]?\d+)?$"}]
}
COUNTRY: Final = text("ISO 3166-1 alpha-2; CN, HK, MO and TW are four values", pattern="^[A-Z]{2}$")
UNIT: Final[Shape] = {"type": "string", "description": "UN/ECE Recommendation 20 code, e.g. KGM, C62"}
DAY: Final = text(
    "YYYY-MM-DD in Asia/Shanghai, or a date-time with offset",
    pattern=r"^\d{4}-\d{2}-\d{2}([T ].+(Z|[+-]\d{2}:?\d{2}))?$",
)

PLACE: Final = record(
    "a place",
    ("country",),
    country=COUNTRY,
    unlocode=text("UN/LOCODE"),
    zone=choice("customs zone", "mainland", "bonded", "free_trade", "export_processing"),
)
VIA: Final = list_of(PLACE, "places passed through, in order")
OWNERS: Final = list_of(
    record(
        "an owner",
        ("name", "percent"),
        name={"type": "string"},
        country=COUNTRY,
        percent=DECIMAL,
    ),
    "who owns the party, with the share in percent",
)
USER_TYPES: Final = ("civil", "military", "government")
PURPOSES: Final = (
    "commercial",
    "medical_emergency",
    "public_health",
    "disaster_relief",
    "exhibition",
    "repair",
    "test",
    "research",
)
END_USE: Final = record(
    "what the goods or the technology are for; only these fields can bring a carve-out, never free text",
    (),
    text=text("free text"),
    user_type=choice("who uses it", *USER_TYPES),
    purpose=choice("for what", *PURPOSES),
)
TEXTS: Final[Shape] = {
    "type": ["object", "null"],
    "description": "further descriptions by BCP 47 language tag",
    "additionalProperties": {"type": "string"},
}
NAMES: Final = list_of({"type": "string"}, "further names")
LICENSES: Final = list_of({"type": "string"}, "license numbers cited for the whole document")
CAS: Final = list_of({"type": "string"}, "CAS registry numbers, hyphens optional")
COMPOSITION: Final = list_of(
    record(
        "a constituent",
        ("substance", "percent"),
        substance=text("element symbol, formula or name"),
        percent={**DECIMAL, "description": "mass percent"},
        evidence=choice("how it is known", "declared", "test_report"),
    ),
    "what the item consists of",
)
PARAMETERS: Final = list_of(
    record(
        "a measured property",
        ("name", "value", "unit"),
        name=text("e.g. compaction_density, discharge_capacity, purity"),
        value=DECIMAL,
        unit=text("as people write it: %, g/cc, mAh/g, MPa, µm"),
        condition={
            "type": ["object", "null"],
            "description": 'of the test, e.g. {"pressure": {"value": 220, "unit": "MPa"}}, {"c_rate": 0.1}',
        },
    ),
    "technical parameters",
)
FORM: Final = choice(
    "shape or stage of the item",
    "ore",
    "metal",
    "alloy",
    "ingot",
    "powder",
    "oxide",
    "compound",
    "target",
    "magnet",
    "crystal",
    "wafer",
    "solution",
    "component",
    "assembly",
    "finished_product",
    "equipment",
)
KIND: Final = choice("what is handed over", "goods", "technology", "service", "software")
QUANTITY: Final = record("a quantity", ("value", "unit"), value=DECIMAL, unit=UNIT)
MONEY: Final = record(
    "an amount of money",
    ("amount", "currency"),
    amount=DECIMAL,
    currency=text("ISO 4217", pattern="^[A-Z]{3}$"),
)
DELIVERABLES: Final = list_of(
    {"enum": ["documents", "software", "training", "on_site_engineers", "remote_access", "equipment"]},
    "what a contract hands over",
)
HS_YEAR: Final[Shape] = {"type": ["integer", "null"], "description": "year of the customs code table"}
PERCENT: Final[Shape] = {"anyOf": [*DECIMAL["anyOf"], {"type": "null"}]}

ROLES: Final = (
    "exporter",
    "consignee",
    "buyer",
    "end_user",
    "intermediate_consignee",
    "freight_forwarder",
    "manufacturer",
)
ROLE: Final[Shape] = {"enum": [*ROLES]}
CONTRACT_TYPE: Final[Shape] = {
    "enum": [
        "sale",
        "patent_assignment",
        "patent_license",
        "know_how_license",
        "joint_venture",
        "equity_investment",
        "technical_service",
        "training",
        "consulting",
        "joint_research",
        "tolling",
        "access_grant",
        "hire",
        "public_disclosure",
    ]
}
STAGE: Final[Shape] = {"enum": ["negotiation", "signed", "effective", "executed"]}
CONSIDERATION: Final = choice("what is given for it", "cash", "equity", "royalty", "none")
RECIPIENT_LOCATION: Final = choice(
    "in_china: a foreign person inside China receives it (deemed export); absent: abroad",
    "abroad",
    "in_china",
)
