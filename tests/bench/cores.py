"""Which process runs on which core, what it has used, and what this machine is."""

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def worker_core() -> int:
    """The core of the worker that is measured, and of nothing else of ours."""
    return min(os.sched_getaffinity(0))


def other_cores(core: int) -> frozenset[int]:
    """For the broker, the feeder and the harness; the same core where there is only one."""
    return frozenset(os.sched_getaffinity(0)) - {core} or frozenset([core])


@contextmanager
def on_cores(cores: frozenset[int]) -> Iterator[None]:
    """Children started inside run there, with all their threads."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and its threads so far. ProcessLookupError where it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        raise ProcessLookupError(pid) from None
    return (int(fields[11]) + int(fields[12])) / TICKS


def busy_seconds(core: int) -> float:
    """How long a core has worked for anybody, time stolen by the hypervisor included."""
    line = next(x for x in Path("/proc/stat").read_text().splitlines() if x.startswith(f"cpu{core} "))
    user, nice, system, _, _, irq, softirq, steal = (int(field) for field in line.split()[1:9])
    return (user + nice + system + irq + softirq + steal) / TICKS


def machine() -> str:
    """One line: processor, cores, memory, kernel, Python."""
    processor = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            processor = line.partition(":")[2].strip()
            break
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 1024 / 1024
    system = f"{platform.system()} {platform.release().split('-')[0]}, CPython {platform.python_version()}"
    return f"{processor}, {os.cpu_count()} cores, {memory:.0f} GiB of memory, {system}"
