"""The first look: is anything unscreened, how late, what is decided, what is rejected, what do people get."""

from boards.outcomes import ALERTED, DECIDED, REJECTED
from boards.parts import RED, YELLOW, Dashboard, Panel, Query, Row, grown, of, quantile, rate
from boards.shared import DEPLOYED, STARTED, by_service

AGES = "exportwatch_event_age_seconds"
CANARY_TRIP = "exportwatch_canary_round_trip_seconds"
IN_TIME = rate(AGES + "_bucket", 'le="60.0"')

UNSCREENED = Row(
    "Is anything unscreened?",
    (
        Panel(
            "stat",
            "Records waiting",
            "Published and not yet delivered to a worker. A number that stands is worse than a large one that falls.",
            "short",
            (Query(f"sum by (service) ({of('exportwatch_consumer_lag_records')})", "{{service}}"),),
            4,
            4,
            runbooks=("ExportwatchConsumerStalled",),
        ),
        Panel(
            "stat",
            "Done without an answer",
            "Records that a worker was done with though nothing was written for them. Anything but 0 is a defect.",
            "short",
            (Query(f"sum(ceil({grown('exportwatch_records_unanswered_total')}))"),),
            4,
            4,
            ((1, RED),),
            ("ExportwatchCompletenessGap", "ExportwatchReconcileFailed"),
        ),
        Panel(
            "stat",
            "Canary documents missing",
            "Documents of our own that a service has not answered in time. No data: no canary runs.",
            "short",
            (Query(f"max by (service) ({of('exportwatch_canary_missing')})", "{{service}}"),),
            4,
            4,
            ((1, RED),),
            ("ExportwatchCanaryMissing",),
        ),
        Panel(
            "stat",
            "Partitions standing still",
            "Input partitions that the quarantine limit paused; they wait for `exportwatch quarantine resume`.",
            "short",
            (Query(f"sum({of('exportwatch_partitions_paused')})"),),
            4,
            4,
            ((1, RED),),
            ("ExportwatchPartitionPaused",),
        ),
        Panel(
            "stat",
            "Lost to retention, accepted",
            "Records that were deleted before they were read, where an operator let the worker go on.",
            "short",
            (Query(f"sum(max_over_time({of('exportwatch_gap_records_accepted_total')}[$__range]))"),),
            4,
            4,
            ((1, RED),),
            ("ExportwatchRecordsLostToRetention",),
        ),
        Panel(
            "stat",
            "Workers",
            "Processes that answer, by service. No data: none runs, or Prometheus cannot reach the ops port.",
            "short",
            (Query(f"count by (service) ({of('exportwatch_build_info')})", "{{service}}"),),
            4,
            4,
            runbooks=("ExportwatchServiceAbsent",),
        ),
        Panel(
            "timeseries",
            "Records waiting, by topic",
            "Own count of the workers: published and not yet delivered. Of a partition that stands still they know "
            "only what they had seen before.",
            "short",
            (
                Query(
                    f"sum by (service, topic) ({of('exportwatch_consumer_lag_records')})",
                    "{{service}} {{topic}}",
                ),
            ),
            runbooks=("ExportwatchConsumerStalled",),
        ),
        Panel(
            "timeseries",
            "Canary round trip",
            "From the publication of a canary document until the service was done with it: the whole way, every "
            "minute, by every input partition.",
            "s",
            (
                Query(quantile(0.5, CANARY_TRIP), "{{service}} median"),
                Query(quantile(0.99, CANARY_TRIP), "{{service}} 99 %"),
            ),
            steps=((60, RED),),
            runbooks=("ExportwatchCanaryMissing",),
        ),
        Panel(
            "timeseries",
            "Canaries sent, and wrong",
            "Published must not stop. A wrong one means that real goods are decided wrongly, too.",
            "cps",
            (
                Query(f"sum({rate('exportwatch_canary_published_total')})", "published"),
                Query(f"sum({rate('exportwatch_canary_wrong_total')})", "wrong"),
            ),
            4,
            runbooks=("ExportwatchCanaryAbsent", "ExportwatchCanaryWrong"),
        ),
        Panel(
            "stat",
            "Last canary answered",
            "How long ago. It grows by itself where a service stops or no canary runs any more.",
            "s",
            (
                Query(
                    f"time() - max by (service) ({of('exportwatch_canary_last_answer_timestamp_seconds')})",
                    "{{service}}",
                ),
            ),
            4,
            steps=((120, YELLOW), (300, RED)),
            runbooks=("ExportwatchCanaryMissing",),
        ),
    ),
)

LATE = Row(
    "How late?",
    (
        Panel(
            "timeseries",
            "Event age",
            "From publication until everything that follows was acknowledged. 99.5 % must be below 60 s.",
            "s",
            (
                Query(quantile(0.5, AGES), "{{service}} median"),
                Query(quantile(0.95, AGES), "{{service}} 95 %"),
                Query(quantile(0.995, AGES), "{{service}} 99.5 %"),
            ),
            16,
            steps=((60, RED),),
            runbooks=("ExportwatchFreshnessBurnFast", "ExportwatchFreshnessBurnSlow"),
        ),
        Panel(
            "timeseries",
            "Later than 60 s",
            "Share of the events that miss the objective; 0.5 % may.",
            "percentunit",
            (
                Query(
                    f"1 - sum by (service) ({IN_TIME}) / sum by (service) ({rate(AGES + '_count')})",
                    "{{service}}",
                ),
            ),
            steps=((0.005, RED),),
            runbooks=("ExportwatchFreshnessBudgetLow",),
        ),
    ),
)

OPERATIONS = Row(
    "What the rules say, and what it costs",
    (
        Panel(
            "table",
            "Rules that fire",
            "Of deploy/prometheus/rules, as Prometheus evaluates them now. Empty is good, if Prometheus has the rules.",
            "none",
            (Query('ALERTS{alertname=~"Exportwatch.+",alertstate="firing"}'),),
            columns=(
                ("alertname", "Alert"),
                ("severity", "Severity"),
                ("service", "Service"),
                ("topic", "Topic"),
                ("instrument", "Instrument"),
            ),
        ),
        Panel(
            "timeseries",
            "CPU",
            "Cores used by each worker. One worker uses at most a little more than one.",
            "none",
            (Query(by_service(rate("process_cpu_seconds_total")), "{{service}} {{instance}}"),),
        ),
        Panel(
            "timeseries",
            "Memory",
            "Resident memory of each worker.",
            "bytes",
            (Query(by_service(of("process_resident_memory_bytes")), "{{service}} {{instance}}"),),
        ),
        Panel(
            "timeseries",
            "Open file descriptors",
            "Share of what the process may have open. A worker that reaches 1 cannot connect any more.",
            "percentunit",
            (
                Query(
                    f"{of('process_open_fds')} / {of('process_max_fds')}",
                    "{{instance}}",
                ),
            ),
            12,
            steps=((0.8, RED),),
        ),
        Panel(
            "timeseries",
            "Starts of workers",
            "Within the quarter of an hour before. Each costs a rebalance; nothing is lost.",
            "short",
            (Query(STARTED, "{{service}}"),),
            12,
            runbooks=("ExportwatchWorkersRestarting",),
        ),
    ),
)

OVERVIEW = Dashboard(
    "exportwatch-overview",
    "exportwatch / overview",
    "Is anything unscreened, how late are we, what do we decide, what is rejected, and what do people get?",
    (UNSCREENED, LATE, DECIDED, REJECTED, ALERTED, OPERATIONS),
    annotations=DEPLOYED,
)
