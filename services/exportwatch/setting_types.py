"""What the values of settings may be, where a plain number or text is not enough."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

Port = Annotated[int, Field(ge=0, le=65535)]
Seconds = Annotated[float, Field(gt=0)]


class LogLevel(StrEnum):
    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


def read_gap(text: str) -> tuple[str, int, int]:
    """Topic, partition and offset of `TOPIC/PARTITION@OFFSET`. Raises ValueError."""
    place, _, offset = text.partition("@")
    topic, _, partition = place.rpartition("/")
    if not topic or not partition.isdecimal() or not offset.isdecimal():
        raise ValueError("TOPIC/PARTITION@OFFSET, separated by commas")
    return topic, int(partition), int(offset)


def check_address(server: str) -> None:
    """Raises ValueError for anything but `host:port`."""
    host, _, port = server.rpartition(":")
    if "/" in server or not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError("host:port, separated by commas, without a scheme")
