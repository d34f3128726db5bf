"""What an error of a Kafka client means for the worker. Pure; the codes are those of the Kafka protocol."""

from enum import StrEnum
from typing import assert_never

from aiokafka import errors

from exportwatch.broker.refusals import Right, refused_resource
from exportwatch.errors import ConfigError


class Verdict(StrEnum):
    RETRY = "retry"  # the broker or the network is away; it comes back
    TOO_LARGE = "too_large"  # this record will never be taken
    OPERATOR = "operator"  # someone must change a right, a password or a setting
    CRASH = "crash"  # a bug, or a producer that the broker has fenced: begin anew with a new process


OUTAGES = (
    errors.KafkaTimeoutError,
    errors.KafkaConnectionError,
    errors.KafkaUnavailableError,
    errors.NoBrokersAvailable,
    TimeoutError,
    OSError,
)
TOO_LARGE = (errors.MessageSizeTooLargeError, errors.RecordListTooLargeError, errors.RecordTooLargeError)
REFUSALS = (
    errors.TopicAuthorizationFailedError,
    errors.GroupAuthorizationFailedError,
    errors.ClusterAuthorizationFailedError,
    errors.TransactionalIdAuthorizationFailed,
    errors.AuthenticationFailedError,
    errors.AuthenticationMethodNotSupported,
    errors.SaslAuthenticationFailed,
    errors.UnsupportedSaslMechanismError,
    errors.IllegalSaslStateError,
    errors.SecurityDisabled,
)


def verdict(error: BaseException) -> Verdict:
    """What to do about `error`."""
    if isinstance(error, TOO_LARGE):
        return Verdict.TOO_LARGE
    if isinstance(error, REFUSALS):
        return Verdict.OPERATOR
    if isinstance(error, OUTAGES) or (isinstance(error, errors.KafkaError) and error.retriable):
        return Verdict.RETRY
    return Verdict.CRASH


def as_operators(error: BaseException, doing: str, right: Right = Right.READ) -> BaseException:
    """The error to end with: a ConfigError where the operator must act, else `error` itself.

    `right` is what `doing` needs on the topic or group that is refused.
    """
    match verdict(error):
        case Verdict.OPERATOR:
            refused = refused_resource(error, right, doing) or ConfigError(
                f"Kafka refused to let us {doing}: {error}",
                hint="check the rights of this user and the EXPORTWATCH_SASL_ and _SSL_ settings",
            )
            refused.__cause__ = error
            return refused
        case Verdict.RETRY | Verdict.TOO_LARGE | Verdict.CRASH:
            return error
        case never:
            assert_never(never)
