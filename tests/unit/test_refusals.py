"""What Kafka refuses, in the words of who must put it right."""

import ssl

import kafka.errors
import pytest
from aiokafka import errors

from exportwatch.broker import door
from exportwatch.broker.refusals import Right, lacks_topics, refused_resource
from exportwatch.erp import is_refusal
from exportwatch.errors import ConfigError
from exportwatch.streaming.faults import as_operators


@pytest.mark.parametrize(
    ("error", "named"),
    [
        (errors.TopicAuthorizationFailedError("a.v1"), "topic a.v1: "),
        (errors.TopicAuthorizationFailedError({"b.v1", "a.v1"}), "topic a.v1, b.v1: "),
        (kafka.errors.TopicAuthorizationFailedError("a.v1"), "topic a.v1: "),
        (errors.GroupAuthorizationFailedError("a-group"), "group a-group: "),
        (errors.GroupAuthorizationFailedError("a sentence of the client's"), "group: "),
        (errors.TopicAuthorizationFailedError(), "topic: "),
    ],
)
def test_a_refused_right_is_named_with_what_it_is_on(error: Exception, named: str) -> None:
    told = str(refused_resource(error, Right.WRITE, "publish"))
    assert told.startswith(f"{named}Kafka refused to let us publish; expected the right Write on it")
    assert "deploy/kafka/rights.yaml" in told


def test_what_is_about_no_topic_and_no_group_is_worded_by_its_client() -> None:
    assert refused_resource(errors.SaslAuthenticationFailed("no"), Right.READ, "read") is None
    told = as_operators(errors.SaslAuthenticationFailed("no"), "read")
    assert isinstance(told, ConfigError) and "EXPORTWATCH_SASL_" in str(told)


def test_an_outage_is_no_operators_error() -> None:
    gone = errors.KafkaConnectionError("gone")
    assert as_operators(gone, "read") is gone


def test_a_topic_that_is_not_shown_may_be_missing_or_not_ours() -> None:
    told = str(lacks_topics({"a.v1": Right.READ, "b.v1": Right.WRITE}, "here:1"))
    assert "lacks a.v1, b.v1, or does not show them" in told
    assert "Read on a.v1, Write on b.v1" in told and "topics apply" in told


def certificate(code: int, message: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, message
    return error


@pytest.mark.parametrize(
    ("error", "says", "hint"),
    [
        (certificate(10, "certificate has expired"), "certificate has expired", "valid one"),
        (certificate(18, "self-signed certificate"), "self-signed certificate", "EXPORTWATCH_SSL_CAFILE"),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER]"), "no TLS connection", "EXPORTWATCH_SSL_"),
        (errors.SaslAuthenticationFailed("as somebody"), "does not accept this user", "EXPORTWATCH_SASL_"),
    ],
)
def test_why_the_door_is_closed(error: Exception, says: str, hint: str) -> None:
    told = door.reason("here:1", error)
    assert told is not None and told.file == "here:1"
    assert says in str(told) and hint in str(told)
    assert "somebody" not in str(told)


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(),
        TimeoutError(),
        ssl.SSLEOFError(8, "EOF"),
        errors.KafkaConnectionError("gone"),
    ],
)
def test_a_broker_that_is_away_is_no_closed_door(error: Exception) -> None:
    assert door.reason("here:1", error) is None


def test_the_refusal_of_an_idempotent_producer_is_known_by_its_text() -> None:
    text = f"Unexpected error in InitProducerIdResponse: {kafka.errors.ClusterAuthorizationFailedError()}"
    assert is_refusal(kafka.errors.KafkaError(text))
    assert is_refusal(kafka.errors.TopicAuthorizationFailedError("a.v1"))
    assert not is_refusal(kafka.errors.KafkaTimeoutError("late"))
