"""Country codes that exist: ISO 3166-1 alpha-2, and who counts as abroad for the mainland's customs territory."""

COUNTRIES = frozenset(
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO "
    "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE "
    "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO "
    "MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW "
    "PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM "
    "TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW".split()
)
MAINLAND = "CN"  # Hong Kong, Macao and Taiwan are outside the mainland's customs territory

# Codes of their own in ISO 3166-1, and the United States all the same: their users, the military above all (INF).
_TERRITORIES = dict.fromkeys(("AS", "GU", "MP", "PR", "UM", "VI"), "US")


def nation_of(country: str | None) -> str | None:
    """The nation that a country's code belongs to: itself, but for territories."""
    return _TERRITORIES.get(country, country) if country is not None else None


def known_country(value: object) -> str | None:
    """The code if it is one of ISO 3166-1, else ``None``."""
    return value if isinstance(value, str) and value in COUNTRIES else None
