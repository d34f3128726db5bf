"""Writes ``schemas/asyncapi.yaml``: the topics and their messages in AsyncAPI 3, from the registry and the models.

``python -m exportwatch.broker.asyncapi [--check]``: exit status 0, or 1 where the file is not what they say. The
payloads are the files of ``schemas/json``, referred to; operations are seen from exportwatch.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import yaml

from exportwatch.broker.topics import Cleanup, TopicSpec, load_registry
from exportwatch_events.catalogue import (
    ALERTS,
    CONTRACTS,
    DECISIONS,
    DISPOSITIONS,
    LAW,
    LICENSES,
    PARTIES,
    QUARANTINE,
    SHIPMENTS,
)

FILE: Final = Path(__file__).parents[3] / "schemas" / "asyncapi.yaml"
COMMAND: Final = "python -m exportwatch.broker.asyncapi"
# The messages of each topic, by the name of their schema, and what they are for.
MESSAGES: Final[Mapping[str, Mapping[str, str]]] = {
    SHIPMENTS: {
        "shipment": "A shipment as it is now. The newest version of a document counts.",
        "shipment-cancellation": "The shipment does not take place.",
    },
    CONTRACTS: {
        "contract": "A contract as it is now, with the goods and the technology that it moves.",
        "contract-cancellation": "The contract does not take place.",
    },
    LAW: {"law-amendment": "What an announcement changes in the status of an instrument."},
    LICENSES: {"license": "A license as it is now; a null value withdraws it."},
    PARTIES: {"party-list-entry": "An entry of a party list; a null value withdraws it."},
    DECISIONS: {"decision": "What holds for one version of one document, also where nothing is controlled."},
    ALERTS: {"alert": "The whole state of one alert; upsert by alert id, ignore a revision that is known."},
    DISPOSITIONS: {"disposition": "Reserved: what a person decided on an alert."},
    QUARANTINE: {},
}
# Headers beside those of CloudEvents in binary mode. Values are UTF-8 text.
HEADERS: Final[Mapping[str, Mapping[str, str]]] = {
    DECISIONS: {
        "ew_document": "document key",
        "ew_version": "version of the document",
        "ew_result": "strictest result of its items",
        "ew_touches": "instruments concerned, by commas",
        "ew_source": "topic/partition/offset of the input record",
        "ew_control": "JSON object: offset of each control topic that the decision knew",
        "ew_quarantined": "error code, on the review of a record that went to quarantine",
        "traceparent": "W3C trace context of the input record, where it had one",
    },
    ALERTS: {
        "ew_document": "document key",
        "ew_version": "version of the document",
        "ew_revision": "counts the changes of the alert",
        "ew_fingerprint": "sha256 of what a person must see",
        "ew_state": "open or cleared",
        "ew_memory": "what alerting itself remembers; for nobody else",
        "traceparent": "W3C trace context of the input record, where it had one",
    },
    QUARANTINE: {
        "ew_error_code": "why it could not be read",
        "ew_error": "what was found and what was expected",
        "ew_source": "topic/partition/offset of the input record",
        "ew_source_timestamp": "milliseconds since 1970",
        "ew_document": "document key, where the record names it",
    },
}
_SENT: Final = (DECISIONS, ALERTS, QUARANTINE)
_KAFKA: Final = "0.5.0"


def document() -> dict[str, Any]:
    """The whole AsyncAPI document."""
    topics = [spec for spec in load_registry() if spec.name in MESSAGES]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "exportwatch",
            "version": version("exportwatch"),
            "description": "Shipments and contracts in; decisions, alerts and quarantined records out, on Kafka.",
        },
        "defaultContentType": "application/json",
        "channels": {_channel(spec.name): _described(spec) for spec in topics},
        "operations": dict(_operation(spec) for spec in topics if spec.name != DISPOSITIONS),
        "components": {"messages": dict(_all_messages())},
    }


def _channel(topic: str) -> str:
    """The name of a topic's channel: without the dots, which references do not like."""
    return topic.replace(".", "_")


def _described(spec: TopicSpec) -> dict[str, Any]:
    names = list(MESSAGES[spec.name]) or ["quarantined-record"]
    cleanup = ["compact", "delete"] if spec.cleanup is Cleanup.COMPACT_AND_DELETE else [spec.cleanup.value]
    return {
        "address": spec.name,
        "title": spec.purpose,
        "description": f"Key: {spec.key}.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {
            "kafka": {
                "topic": spec.name,
                "partitions": spec.partitions,
                "replicas": spec.replication_factor,
                "topicConfiguration": {
                    "cleanup.policy": cleanup,
                    "retention.ms": spec.retention,
                    "max.message.bytes": spec.max_message_bytes,
                },
                "bindingVersion": _KAFKA,
            }
        },
    }


def _operation(spec: TopicSpec) -> tuple[str, dict[str, Any]]:
    action = "send" if spec.name in _SENT else "receive"
    parties = ", ".join(spec.consumers if action == "send" else spec.producers)
    summary = f"To: {parties}." if action == "send" else f"From: {parties}."
    channel = _channel(spec.name)
    return f"{action}_{channel}", {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "summary": summary,
    }


def _all_messages() -> Sequence[tuple[str, dict[str, Any]]]:
    found = [
        (name, _message(name, summary, topic))
        for topic, messages in MESSAGES.items()
        for name, summary in messages.items()
    ]
    record = {
        "name": "quarantined-record",
        "summary": "A record that could not be read: key, value and headers as they came, and ours behind them.",
        "contentType": "application/octet-stream",
        "headers": _headers(QUARANTINE),
        "payload": {"type": "string", "description": "the bytes of the input record, unchanged"},
    }
    return [*found, ("quarantined-record", record)]


def _message(name: str, summary: str, topic: str) -> dict[str, Any]:
    message: dict[str, Any] = {"name": name, "summary": summary, "payload": {"$ref": f"./json/{name}.json"}}
    if topic in HEADERS:
        message["headers"] = _headers(topic)
    return message


def _headers(topic: str) -> dict[str, Any]:
    properties = {name: {"type": "string", "description": text} for name, text in HEADERS[topic].items()}
    return {"type": "object", "properties": properties}


class _Indented(yaml.SafeDumper):
    """Lists are indented below their key, as in the files that people write."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        del indentless
        super().increase_indent(flow, False)


def text() -> str:
    """The file as it must stand."""
    note = f"# Made by `{COMMAND}` from the topics and the models; do not edit.\n"
    return note + yaml.dump(document(), Dumper=_Indented, sort_keys=False, allow_unicode=True, width=110)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where the file differs")
    options = parser.parse_args(arguments)
    if not options.check:
        FILE.write_text(text(), encoding="utf-8")
        return 0
    if FILE.is_file() and FILE.read_text(encoding="utf-8") == text():
        return 0
    sys.stderr.write(f"{FILE}: is not what topics and models say; run `{COMMAND}` and commit the result\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
