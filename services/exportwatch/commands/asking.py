"""Commands that ask Kafka something once and end."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from aiokafka.errors import KafkaConnectionError

from exportwatch.connection import KafkaConnection
from exportwatch.errors import ConfigError
from exportwatch.setting_types import LogLevel
from exportwatch.streaming import logs

AnswerT = TypeVar("AnswerT")


def ask(connection: KafkaConnection, question: Coroutine[Any, Any, AnswerT]) -> AnswerT:
    """The answer; the log has warnings only. ConfigError where nobody answers at the addresses."""
    logs.configure(LogLevel.WARNING, "cli")
    try:
        return asyncio.run(question)
    except KafkaConnectionError as error:
        servers = ",".join(connection.servers)
        raise ConfigError(
            f"no Kafka answers: {error}", file=servers, hint="`exportwatch config check` says more"
        ) from error
