"""The rows of the overview that tell what comes out: decisions, quarantine, alerts."""

from boards.parts import RED, YELLOW, Panel, Query, Row, grown, of, rate

SCREENED = rate("exportwatch_records_consumed_total", 'service="screening"')

DECIDED = Row(
    "What are we deciding?",
    (
        Panel(
            "timeseries",
            "Decisions",
            "Acknowledged by the broker, by result.",
            "cps",
            (Query(f"sum by (result) ({rate('exportwatch_decisions_total')})", "{{result}}"),),
            16,
            stacked=True,
        ),
        Panel(
            "bargauge",
            "Decisions in the shown range",
            "By result. A share of review that jumps points to data that the ERP stopped sending, or to new law.",
            "short",
            (Query(f"sum by (result) ({grown('exportwatch_decisions_total')})", "{{result}}"),),
            decimals=0,
        ),
    ),
)

REJECTED = Row(
    "What is rejected, and why?",
    (
        Panel(
            "timeseries",
            "Quarantine",
            "Records that could not be read, by error code. INTERNAL_ERROR is a defect of ours.",
            "cps",
            (Query(f"sum by (code) ({rate('exportwatch_quarantined_total')})", "{{code}}"),),
            12,
            stacked=True,
            runbooks=("ExportwatchInternalErrors",),
        ),
        Panel(
            "timeseries",
            "Share that goes to quarantine",
            "Of the records that screening takes; 0.5 % may.",
            "percentunit",
            (Query(f"sum({rate('exportwatch_quarantined_total')}) / sum({SCREENED})", "of all records"),),
            steps=((0.005, RED),),
            runbooks=("ExportwatchQuarantineBurnFast", "ExportwatchQuarantineBudgetLow"),
        ),
        Panel(
            "stat",
            "Quarantined in the shown range",
            "Records put into quarantine.",
            "short",
            (Query(f"sum(ceil({grown('exportwatch_quarantined_total')}))"),),
            4,
            steps=((1, YELLOW),),
        ),
    ),
)

ALERTED = Row(
    "What do people get?",
    (
        Panel(
            "timeseries",
            "Alert events",
            "Opened, updated and cleared, by severity (5 is the gravest).",
            "cps",
            (
                Query(
                    f"sum by (change, severity) ({rate('exportwatch_alerts_total')})",
                    "{{change}} {{severity}}",
                ),
            ),
            12,
            stacked=True,
        ),
        Panel(
            "timeseries",
            "Alerts held",
            "That the workers remember: open ones, and cleared ones that may open again.",
            "short",
            (Query(f"sum by (state) ({of('exportwatch_alerts_held')})", "{{state}}"),),
        ),
        Panel(
            "bargauge",
            "Alert events in the shown range",
            "Alert events by what happened.",
            "short",
            (Query(f"sum by (change) ({grown('exportwatch_alerts_total')})", "{{change}}"),),
            4,
            decimals=0,
        ),
    ),
)
