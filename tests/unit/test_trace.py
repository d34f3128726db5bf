"""Trace context: what is valid goes on unchanged, what is not is left out, and without any nothing is looked at."""

import json

import pytest

from exportwatch.streaming.trace import is_parent, is_state, trace_headers

PARENT = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
OTHER = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
STATE = b"rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"


def test_a_parent_and_its_state_go_on_unchanged() -> None:
    headers = (("trace", b"1"), ("traceparent", PARENT), ("tracestate", STATE))
    assert trace_headers(headers, b"{}") == (("traceparent", PARENT), ("tracestate", STATE))


def test_without_headers_the_value_is_not_looked_at() -> None:
    assert (
        trace_headers((), json.dumps({"specversion": "1.0", "traceparent": PARENT.decode()}).encode()) == ()
    )


def test_the_plain_header_comes_before_that_of_cloud_events_and_the_last_of_a_name_counts() -> None:
    assert trace_headers((("ce_traceparent", OTHER), ("traceparent", PARENT)), None) == (
        ("traceparent", PARENT),
    )
    assert trace_headers((("traceparent", PARENT), ("traceparent", OTHER)), None) == (("traceparent", OTHER),)
    assert trace_headers((("ce_traceparent", PARENT), ("ce_tracestate", STATE)), None) == (
        ("traceparent", PARENT),
        ("tracestate", STATE),
    )


def test_an_invalid_plain_header_gives_way_to_a_valid_one_of_cloud_events() -> None:
    headers = (("traceparent", b"nonsense"), ("tracestate", STATE), ("ce_traceparent", PARENT))
    assert trace_headers(headers, None) == (("traceparent", PARENT),)


def structured(**attributes: object) -> bytes:
    return json.dumps({"specversion": "1.0", "type": "t", "data": {}} | attributes).encode()


def test_attributes_of_a_structured_event_are_read() -> None:
    headers = (("content-type", b"application/cloudevents+json; charset=UTF-8"),)
    event = structured(traceparent=PARENT.decode(), tracestate=STATE.decode())
    assert trace_headers(headers, event) == (("traceparent", PARENT), ("tracestate", STATE))
    assert trace_headers((("content-type", b"application/json"),), event) == ()


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b'{"traceparent"',
        b'["traceparent"]',
        structured(traceparent=5),
        structured(traceparent=None),
        structured(traceparent="\ud800"),
        structured(traceparent="nonsense"),
        structured(data={"traceparent": PARENT.decode()}),
    ],
)
def test_a_structured_event_without_a_valid_parent_has_no_trace(value: bytes | None) -> None:
    assert trace_headers((("content-type", b"application/cloudevents+json"),), value) == ()


def test_a_state_alone_or_an_invalid_one_is_left_out() -> None:
    assert trace_headers((("tracestate", STATE),), None) == ()
    assert trace_headers((("traceparent", PARENT), ("tracestate", b"no list")), None) == (
        ("traceparent", PARENT),
    )
    assert trace_headers((("traceparent", None), ("tracestate", STATE)), None) == ()


@pytest.mark.parametrize(
    ("value", "valid"),
    [
        (PARENT, True),
        (PARENT[:-2] + b"ff", True),
        (b"cc" + PARENT[2:], True),
        (b"cc" + PARENT[2:] + b"-what-comes", True),
        (b"cc" + PARENT[2:] + b".what-comes", False),
        (b"cc" + PARENT[2:] + b"-" + b"x" * 300, False),
        (PARENT + b"-more", False),
        (b"ff" + PARENT[2:], False),
        (PARENT.upper(), False),
        (PARENT.replace(b"4bf92f3577b34da6a3ce929d0e0e4736", b"0" * 32), False),
        (PARENT.replace(b"00f067aa0ba902b7", b"0" * 16), False),
        (PARENT[:-1], False),
        (PARENT + b"\n", False),
        (b" " + PARENT, False),
        (b"", False),
        (b"\xff" * 55, False),
    ],
)
def test_a_parent_is_valid_as_the_recommendation_says(value: bytes, valid: bool) -> None:
    assert is_parent(value) is valid


@pytest.mark.parametrize(
    ("value", "valid"),
    [
        (STATE, True),
        (b"a=1", True),
        (b"a=1 , ,\tb=2", True),
        (b"fw529a3039@dt=FfAAAI,*a@b=1", False),
        (b"0tenant@vendor=a b", True),
        (b"a=1,a=2", False),
        (b"A=1", False),
        (b"a", False),
        (b"a=", False),
        (b"a=b=c", False),
        (b"a=\xff", False),
        (b"a=1\n", False),
        (b"", False),
        (b",", False),
        (b",".join(b"k%d=1" % number for number in range(32)), True),
        (b",".join(b"k%d=1" % number for number in range(33)), False),
        (b"a=" + b"x" * 256, True),
        (b"a=" + b"x" * 257, False),
        (b"a=" + b"x" * 256 + b",b=" + b"x" * 256, False),
    ],
)
def test_a_state_is_valid_as_the_recommendation_says(value: bytes, valid: bool) -> None:
    assert is_state(value) is valid
