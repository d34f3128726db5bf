"""Log lines: one JSON object each on stderr, from our code and from the libraries alike.

What may be in a line: ids, topics, partitions, offsets, codes, types of errors and where in the code they
arose. What may not: payloads, party names. An exception's own text may quote a payload, so only the text of
errors that are known to speak of files, settings and connections is kept.
"""

import asyncio
import logging
import signal
import sys
import traceback
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

from exportwatch.errors import ConfigError
from exportwatch.streaming.faults import Verdict, verdict

# At DEBUG aiokafka formats every fetch: 18–40 % of the throughput, printed or not.
NEVER_DEBUG = ("aiokafka", "kafka", "asyncio", "faust", "mode")
SPEAKS_OF_INFRASTRUCTURE = (ConfigError, OSError, TimeoutError)
INFRASTRUCTURE_MODULES = ("aiokafka.errors", "kafka.errors")
# While no broker answers, aiokafka complains up to three thousand times a second.
ONCE_IN_SECONDS = 10.0
MOST_COMPLAINTS = 1000


def configure(level: str, service: str, stream: TextIO | None = None) -> None:
    """Route everything that logs to `stream` (stderr) from `level` on. May be called again."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        name_the_service(service),
        describe_exception,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.addFilter(OneOfMany())
    handler.addFilter(name_exceptions_in_arguments)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.PositionalArgumentsFormatter(), *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in NEVER_DEBUG:
        logging.getLogger(name).setLevel(max(logging.INFO, logging.getLevelNamesMapping()[level]))
    logging.captureWarnings(True)


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger: `log.info("what happened", topic=…, offset=…)`."""
    bound: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return bound


OURS = logging.getLogger("exportwatch")


def is_debugging() -> bool:
    """Whether our lines at DEBUG are written; for places where even asking the logger would cost too much."""
    return OURS.isEnabledFor(logging.DEBUG)


def toggle_debug() -> None:
    """What SIGUSR1 does: our own loggers write at DEBUG, or again from the set level on. Libraries stay as they are."""
    OURS.setLevel(logging.NOTSET if OURS.level == logging.DEBUG else logging.DEBUG)
    # A warning, so that it is written from every level that one sets in earnest.
    logger("exportwatch").warning("log level changed by SIGUSR1", debug=OURS.level == logging.DEBUG)


def toggle_debug_by_signal(loop: asyncio.AbstractEventLoop) -> None:
    """Within `loop`: a handler that interrupts a write to the log must not write to it."""
    loop.add_signal_handler(signal.SIGUSR1, toggle_debug)


def name_the_service(service: str) -> Any:
    def add(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        event["service"] = service
        return event

    return add


def describe_exception(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """`exc_info` as type, place in the code and, for errors of the infrastructure only, its text.

    An operator's error has no place in the code.
    """
    found = event.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()
    error = found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        event["error"] = harmless(error)
        if not is_operators(error):
            event["error_at"] = places(error)
    return event


def is_operators(error: BaseException) -> bool:
    """Where in the code it arose tells the operator nothing."""
    return isinstance(error, ConfigError) or verdict(error) is Verdict.OPERATOR


def places(error: BaseException) -> list[str]:
    return [
        f"{frame.filename.rpartition('site-packages/')[2]}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]


def harmless(error: BaseException) -> str:
    """The error's type, with its text where that cannot quote a record."""
    kind = type(error)
    if isinstance(error, SPEAKS_OF_INFRASTRUCTURE) or kind.__module__ in INFRASTRUCTURE_MODULES:
        return f"{kind.__name__}: {error}"
    return f"{kind.__module__}.{kind.__qualname__}"


class OneOfMany(logging.Filter):
    """Of a library's warning or error that is said over and over, one line in ten seconds, with the count of the rest.

    Told apart by logger and message before its arguments are filled in.
    """

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING or record.name.startswith("exportwatch"):
            return True
        complaint = (record.name, str(record.msg))
        last, left_out = self._said.get(complaint, (float("-inf"), 0))
        if record.created - last < ONCE_IN_SECONDS:
            self._said[complaint] = (last, left_out + 1)
            return False
        if len(self._said) >= MOST_COMPLAINTS:
            self._said.clear()
        self._said[complaint] = (record.created, 0)
        if left_out:
            record.msg = f"{record.msg} (and {left_out} times more before)"
        return True


def name_exceptions_in_arguments(record: logging.LogRecord) -> bool:
    """Libraries pass exceptions as arguments (`"crashed: %r", exc`); their text is left out there too."""
    if isinstance(record.args, tuple):
        record.args = tuple(harmless(arg) if isinstance(arg, BaseException) else arg for arg in record.args)
    return True
