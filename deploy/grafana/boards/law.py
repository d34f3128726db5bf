"""What the law does: which instruments and entries speak, and how the law and the licenses stand today."""

from boards.parts import RED, YELLOW, Dashboard, Panel, Query, Row, grown, labels_variable, of, rate
from boards.shared import DEPLOYED, LAW_PACK

INSTRUMENT = 'instrument=~"$instrument"'
RESULTS = "exportwatch_instrument_results_total"
MATCHES = "exportwatch_entry_matches_total"
CONFIRMED = "exportwatch_law_last_confirmed_timestamp_seconds"

STANDS = Row(
    "How the law stands today",
    (
        Panel(
            "stat",
            "Law packs in use",
            "How many different ones the workers decide by. More than 1 for long: a rollout got stuck.",
            "short",
            (Query(f"count(count by (sha256) ({of(LAW_PACK)}))"),),
            4,
            4,
            ((2, YELLOW),),
            ("ExportwatchLawPacksDiffer",),
        ),
        Panel(
            "stat",
            "Limbs nobody confirmed",
            "Parts of instruments whose status today is unknown, a suspension that ended, say. Every item that they "
            "list is in review.",
            "short",
            (Query(f"sum(max by (instrument) ({of('exportwatch_law_limbs_unconfirmed')}))"),),
            4,
            4,
            ((1, RED),),
            ("ExportwatchLawUnconfirmed",),
        ),
        Panel(
            "stat",
            "Last confirmed",
            "How long ago somebody last confirmed the status of any part of the law. Announcements since then may not "
            "be in the data.",
            "s",
            (Query(f"time() - max({of(CONFIRMED)} > 0)"),),
            4,
            4,
            ((60 * 86400, RED),),
            ("ExportwatchLawStale",),
        ),
        Panel(
            "bargauge",
            "Licenses by standing",
            "Licenses on record. `ends_soon`: good, with the last day within 30 days; an application takes up to 45 "
            "working days.",
            "short",
            (Query(f"max by (standing) ({of('exportwatch_licenses')})", "{{standing}}"),),
            12,
            4,
            runbooks=("ExportwatchLicensesEnding",),
            decimals=0,
        ),
        Panel(
            "table",
            "Law packs",
            "Version and digest of each pack that decides, and how many workers have it.",
            "none",
            (Query(f"count by (version, sha256) ({of(LAW_PACK)})"),),
            columns=(("version", "Version"), ("Value", "Workers"), ("sha256", "SHA-256")),
            runbooks=("ExportwatchLawPacksDiffer",),
        ),
        Panel(
            "table",
            "Unconfirmed, by instrument",
            "Limbs of each instrument whose status today nobody confirmed.",
            "none",
            (
                Query(
                    "sort_desc(max by (instrument) "
                    f"({of('exportwatch_law_limbs_unconfirmed', INSTRUMENT)}) > 0)"
                ),
            ),
            columns=(("instrument", "Instrument"), ("Value", "Limbs")),
            runbooks=("ExportwatchLawUnconfirmed",),
        ),
        Panel(
            "table",
            "Next changes",
            "The day on which the status of any limb of an instrument changes next, soonest first.",
            "dateTimeAsIso",
            (
                Query(
                    "sort(min by (instrument) "
                    f"({of('exportwatch_law_next_change_timestamp_seconds', INSTRUMENT)}) * 1000)"
                ),
            ),
            columns=(("instrument", "Instrument"), ("Value", "Changes")),
        ),
    ),
)

SPEAKS = Row(
    "Which law speaks",
    (
        Panel(
            "timeseries",
            "Decisions by instrument",
            "That an instrument has a part in. A decision with two instruments counts for both.",
            "cps",
            (Query(f"sum by (instrument) ({rate(RESULTS, INSTRUMENT)})", "{{instrument}}"),),
            12,
            10,
            stacked=True,
        ),
        Panel(
            "timeseries",
            "Results of the chosen instruments",
            "What the decisions were that the instruments have a part in.",
            "cps",
            (Query(f"sum by (result) ({rate(RESULTS, INSTRUMENT)})", "{{result}}"),),
            12,
            10,
            stacked=True,
        ),
        Panel(
            "timeseries",
            "Entries that match most",
            "Items that match a control entry or may match it: the ten entries with the most.",
            "cps",
            (
                Query(
                    f"topk(10, sum by (instrument, control_code) ({rate(MATCHES, INSTRUMENT)}))",
                    "{{instrument}} {{control_code}}",
                ),
            ),
            12,
            10,
        ),
        Panel(
            "bargauge",
            "Entries in the shown range",
            "Items by control entry, the fifteen entries with the most.",
            "short",
            (
                Query(
                    f"topk(15, sum by (instrument, control_code) ({grown(MATCHES, INSTRUMENT)}))",
                    "{{instrument}} {{control_code}}",
                ),
            ),
            12,
            10,
            decimals=0,
        ),
    ),
)

LAW = Dashboard(
    "exportwatch-law",
    "exportwatch / law",
    "Which instruments and entries speak, how the law and the licenses stand today, and what changes next. Times are "
    "China's, whose days the law counts.",
    (STANDS, SPEAKS),
    variables=(
        labels_variable(
            "instrument", 'label_values(exportwatch_law_limbs_unconfirmed{job=~"$job"}, instrument)'
        ),
    ),
    annotations=DEPLOYED,
    since="now-24h",
    timezone="Asia/Shanghai",
)
