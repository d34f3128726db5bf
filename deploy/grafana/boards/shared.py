"""Queries that more than one dashboard asks."""

from boards.parts import Annotation, of

BUILD = "exportwatch_build_info"
LAW_PACK = "exportwatch_law_pack_info"
STARTED = f"sum by (service) (changes({of('exportwatch_worker_start_timestamp_seconds')}[15m]))"


def by_service(expr: str, more: str = "") -> str:
    """Series of the process itself, which know no service: the service that the same worker names."""
    return f"{expr} * on (job, instance) group_left (service) max by (job, instance, service) ({of(BUILD, more)})"


def of_service(expr: str) -> str:
    """Series without the label `service`: those of workers of the chosen one."""
    chosen = 'service="$service"'
    return f"{expr} and on (job, instance) {of(BUILD, chosen)}"


def _appeared(name: str, labels: str) -> str:
    """Once where a value of the labels is there that was not there a minute before."""
    return f"count by ({labels}) ({of(name)}) unless count by ({labels}) ({of(name)} offset 1m)"


DEPLOYED = (
    Annotation("Deployments", _appeared(BUILD, "service, version"), "{{service}} {{version}}", "blue"),
    Annotation("Law packs", _appeared(LAW_PACK, "version, sha256"), "law {{version}}", "purple"),
)
