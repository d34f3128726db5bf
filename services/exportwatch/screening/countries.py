"""Country codes that exist: ISO 3166-1 alpha-2, and who counts as abroad for the mainland's customs territory."""

COUNTRIES = frozenset(
.split()
)
MAINLAND = "CN"  # Hong Kong, Macao and Taiwan are outside the mainland's customs territory


def known_country(value: object) -> str | None:
    """The code if it is one of ISO 3166-1, else ``None``."""
    return value if isinstance(value, str) and value in COUNTRIES else None
