"""`exportwatch config check` against a real broker."""

import os
import subprocess
import sys

import pytest

from exportwatch.broker.local import LocalBroker
from exportwatch.broker.provision import admin_client, apply
from exportwatch.broker.topics import load_registry

pytestmark = pytest.mark.broker


def check(bootstrap: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "exportwatch", "config", "check"],
        env=os.environ | {"EXPORTWATCH_BOOTSTRAP_SERVERS": bootstrap} | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_missing_topics_are_named_and_none_are_made(own_broker: LocalBroker) -> None:
    for _ in range(2):
        done = check(own_broker.bootstrap)
        assert done.returncode == 2
        assert "broker: ok (1 seen, PLAINTEXT)" in done.stdout
        assert "erp.shipments.v1" in done.stderr
        assert "`exportwatch topics apply`" in done.stderr
    with admin_client(own_broker.bootstrap) as client:
        apply(client, load_registry())
    done = check(own_broker.bootstrap)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("topics: ok\n")


def test_tls_spoken_to_a_broker_without_it_is_the_operators_error(own_broker: LocalBroker) -> None:
    done = check(own_broker.bootstrap, EXPORTWATCH_SECURITY_PROTOCOL="SSL")
    assert done.returncode == 2
    assert done.stderr.startswith("exportwatch: ")
    assert "Traceback" not in done.stderr
