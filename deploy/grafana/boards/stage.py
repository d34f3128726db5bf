"""One service from close: what it takes, how long it needs, what it waits for."""

from boards.parts import RED, Dashboard, Panel, Query, Row, grown, labels_variable, of, quantile, rate
from boards.shared import BUILD, DEPLOYED, STARTED, by_service, of_service

CHOSEN = 'service="$service"'
AGES = "exportwatch_event_age_seconds"
TAKEN = "exportwatch_records_consumed_total"
CPU = by_service(rate("process_cpu_seconds_total"), CHOSEN)


def service(name: str) -> str:
    return of(name, CHOSEN)


FLOW = Row(
    "What it takes, and how long it needs",
    (
        Panel(
            "timeseries",
            "Throughput",
            "Records taken from each input topic.",
            "cps",
            (Query(f"sum by (topic) ({rate(TAKEN, CHOSEN)})", "{{topic}}"),),
            stacked=True,
        ),
        Panel(
            "timeseries",
            "Event age",
            "From publication until everything that follows was acknowledged.",
            "s",
            (
                Query(quantile(0.5, AGES, more=CHOSEN), "median"),
                Query(quantile(0.99, AGES, more=CHOSEN), "99 %"),
            ),
            steps=((60, RED),),
            runbooks=("ExportwatchFreshnessBurnFast", "ExportwatchFreshnessBurnSlow"),
        ),
        Panel(
            "heatmap",
            "Event ages",
            "How many events were how old when they were done. Two bands apart: some partitions are behind.",
            "s",
            (Query(f"sum by (le) (increase({of(AGES + '_bucket', CHOSEN)}[$__rate_interval]))", "{{le}}"),),
        ),
        Panel(
            "timeseries",
            "Batch size",
            "Records of a delivered batch. It grows under load: that is how a worker keeps up.",
            "short",
            (
                Query(quantile(0.5, "exportwatch_batch_records", more=CHOSEN), "median"),
                Query(quantile(0.99, "exportwatch_batch_records", more=CHOSEN), "99 %"),
            ),
        ),
        Panel(
            "timeseries",
            "Time for a batch",
            "From delivery to the last acknowledgement.",
            "s",
            (
                Query(quantile(0.5, "exportwatch_processing_seconds", more=CHOSEN), "median"),
                Query(quantile(0.99, "exportwatch_processing_seconds", more=CHOSEN), "99 %"),
            ),
        ),
        Panel(
            "timeseries",
            "CPU per document",
            "CPU seconds of the workers by the records that they took. Without load, the worker's own upkeep "
            "is spread over few records and the number says little.",
            "s",
            (Query(f"sum({CPU}) / sum({rate(TAKEN, CHOSEN)})", "of one record"),),
        ),
    ),
)

WAITING = Row(
    "What waits, and where it stands still",
    (
        Panel(
            "timeseries",
            "Records waiting",
            "Own count of the workers: published and not yet delivered. Batches in progress are not in it, nor what "
            "arrives in a partition that stands still.",
            "short",
            (Query(f"sum by (topic) ({service('exportwatch_consumer_lag_records')})", "{{topic}}"),),
            runbooks=("ExportwatchConsumerStalled",),
        ),
        Panel(
            "timeseries",
            "Records not committed, by kafka_exporter",
            "The group's lag as kafka_exporter sees it from outside; it tells also of partitions that "
            "stand still or that no worker has. "
            "Empty where kafka_exporter does not run.",
            "short",
            (
                Query(
                    'sum by (consumergroup, topic) (kafka_consumergroup_lag{consumergroup=~".+-$service"})',
                    "{{consumergroup}} {{topic}}",
                ),
            ),
            runbooks=("ExportwatchConsumerStalled",),
        ),
        Panel(
            "timeseries",
            "Batches in progress",
            "Delivered and not finished. Always at the most that may be in flight, or above 0 while nothing is taken: "
            "the cluster does not acknowledge.",
            "short",
            (
                Query(
                    f"sum by (instance) ({service('exportwatch_batches_in_progress')})",
                    "{{instance}}",
                ),
            ),
        ),
        Panel(
            "timeseries",
            "Partitions by worker",
            "Input partitions assigned. A worker with 0 is one too many.",
            "short",
            (
                Query(
                    f"sum by (instance) ({service('exportwatch_partitions_assigned')})",
                    "{{instance}}",
                ),
            ),
            stacked=True,
        ),
        Panel(
            "timeseries",
            "Rebalances",
            "Times that the group handed out partitions anew, as its workers saw it.",
            "short",
            (
                Query(
                    f"sum by (instance) (increase({service('exportwatch_rebalances_total')}[$__rate_interval]))",
                    "{{instance}}",
                ),
            ),
            4,
            runbooks=("ExportwatchWorkersRestarting",),
        ),
        Panel(
            "timeseries",
            "Sends repeated",
            "Begun anew by us, when a partition had no leader for too long, say. What the Kafka client repeats by "
            "itself is not in it; it shows in batches in progress and in the age of events.",
            "cps",
            (
                Query(
                    f"sum by (instance) ({rate('exportwatch_publish_retries_total', CHOSEN)})", "{{instance}}"
                ),
            ),
            4,
            steps=((0.1, RED),),
            runbooks=("ExportwatchPublishRetrying",),
        ),
        Panel(
            "stat",
            "Done without an answer",
            "In the shown range. Anything but 0 is a defect.",
            "short",
            (Query(f"sum(ceil({grown('exportwatch_records_unanswered_total', CHOSEN)}))"),),
            4,
            steps=((1, RED),),
            runbooks=("ExportwatchCompletenessGap",),
        ),
        Panel(
            "timeseries",
            "Starts of workers",
            "Of all services, within the quarter of an hour before.",
            "short",
            (Query(STARTED, "{{service}}"),),
            4,
            runbooks=("ExportwatchWorkersRestarting",),
        ),
    ),
)

STANDS_ON = Row(
    "What it stands on",
    (
        Panel(
            "timeseries",
            "Age of control data",
            "Since the worker that is furthest behind last read law, licenses and parties to their ends. Only a "
            "service that decides by them has any.",
            "s",
            (
                Query(
                    f"max by (topic) ({of_service(of('exportwatch_control_data_age_seconds'))})",
                    "{{topic}}",
                ),
            ),
            steps=((120, RED),),
            runbooks=("ExportwatchControlDataUnread",),
        ),
        Panel(
            "timeseries",
            "Control records that cannot be used",
            "What they name is distrusted: more goes to review.",
            "short",
            (
                Query(
                    f"max by (topic) ({of_service(of('exportwatch_control_problems'))})",
                    "{{topic}}",
                ),
            ),
            steps=((1, RED),),
            runbooks=("ExportwatchControlProblems",),
        ),
        Panel(
            "table",
            "Workers",
            "Which build runs where.",
            "none",
            (Query(service(BUILD)),),
            columns=(("instance", "Instance"), ("version", "Version"), ("python", "Python"), ("job", "Job")),
        ),
        Panel(
            "timeseries",
            "CPU",
            "Cores used by each worker.",
            "none",
            (Query(CPU, "{{instance}}"),),
            12,
        ),
        Panel(
            "timeseries",
            "Memory",
            "Resident memory of each worker.",
            "bytes",
            (Query(by_service(of("process_resident_memory_bytes"), CHOSEN), "{{instance}}"),),
            12,
        ),
    ),
)

STAGE = Dashboard(
    "exportwatch-stage",
    "exportwatch / stage",
    "One service from close: throughput, age, batches, cost, what waits, and the control data that it decides by.",
    (FLOW, WAITING, STANDS_ON),
    variables=(
        labels_variable(
            "service", 'label_values(exportwatch_records_consumed_total{job=~"$job"}, service)', many=False
        ),
    ),
    annotations=DEPLOYED,
    since="now-1h",
)
