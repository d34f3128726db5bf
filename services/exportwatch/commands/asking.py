"""Commands that ask Kafka something once and end."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from aiokafka.errors import KafkaConnectionError, KafkaError

from exportwatch.broker.door import refuse_closed_door
from exportwatch.connection import KafkaConnection
from exportwatch.errors import ConfigError
from exportwatch.setting_types import LogLevel
from exportwatch.streaming import logs
from exportwatch.streaming.faults import Verdict, as_operators, verdict

AnswerT = TypeVar("AnswerT")


def ask(connection: KafkaConnection, question: Coroutine[Any, Any, AnswerT]) -> AnswerT:
    """The answer; the log has warnings only. ConfigError where nobody answers, lets us in or lets us read."""
    logs.configure(LogLevel.WARNING, "cli")
    try:
        return asyncio.run(question)
    except KafkaConnectionError as error:
        refuse_closed_door(connection.for_aiokafka())
        servers = ",".join(connection.servers)
        raise ConfigError(
            f"no Kafka answers: {error}", file=servers, hint="`exportwatch config check` says more"
        ) from error
    except KafkaError as error:
        if verdict(error) is Verdict.OPERATOR:
            raise as_operators(error, "read") from error
        raise
