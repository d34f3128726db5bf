"""Everything of ours on a secured node, each part as its own user: processes, and what they leave behind."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness import Erp, Reader, Worker, shipment, wait_until
from kafka import KafkaProducer
from rights import user_name
from secured import PASSWORD, Gate, SecuredBroker

from exportwatch.broker.local import HOST
from exportwatch_events.catalogue import CONTRACTS, DECISIONS, QUARANTINE, SHIPMENTS

CLIENTS = Path(__file__).parents[2] / "examples/clients"
OXIDE = [{"item_id": "1", "description": "dysprosium oxide 99.9 %", "cas": ["1308-87-8"]}]
GARBAGE = b"not JSON"


@dataclass(frozen=True)
class Left:
    """What a process left: its status and everything it said."""

    status: int | None
    said: str

    @property
    def is_clean(self) -> bool:
        """No stack trace, neither as text nor as the places of a log line, and no secret."""
        # What a record made us raise is not what is tried here.
        said = "\n".join(
            line for line in self.said.splitlines() if '"alerting on a decision raised"' not in line
        )
        return not any(one in said for one in ("Traceback", '"error_at"', PASSWORD, "wrong-horse"))


@dataclass
class Stage:
    """`gate` is the one by which everybody should come in."""

    broker: SecuredBroker
    gate: Gate
    folder: Path
    number: int = 0
    running: list[Worker] = field(default_factory=list)

    def start(self, service: str, user: str, gate: Gate | None = None) -> Worker:
        self.number += 1
        folder = self.folder / f"{self.number}-{user}"
        folder.mkdir()
        environment = (gate or self.gate).environment(user, folder)
        command = [sys.executable, "-m", "exportwatch", "run", service]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
        self.running.append(Worker(process, folder / "log"))
        return self.running[-1]

    def left(self, service: str, user: str, gate: Gate | None = None, seconds: float = 45) -> Left:
        """Of a service that is expected to leave; status None where it goes on."""
        worker = self.start(service, user, gate)
        try:
            status: int | None = worker.process.wait(seconds)
        except subprocess.TimeoutExpired:
            status = None
            worker.stop()
        return Left(status, worker.log)

    def command(self, user: str, arguments: Sequence[str], gate: Gate | None = None) -> Left:
        """Of a command of the command line, which ends."""
        return self._done(
            ["-m", "exportwatch", *arguments], (gate or self.gate).environment(user, self.folder)
        )

    def publisher(self, user: str) -> Left:
        arguments = [*self._options("publisher.py", user), str(CLIENTS / "delivery.json")]
        return self._done(arguments, self.gate.environment(user, self.folder))

    def case_table(self, user: str, group: str = "case-management") -> Left:
        """Of the example consumer, which leaves when nothing more comes."""
        database = ["--database", str(self.folder / f"{user}.sqlite"), "--group", group, "--once"]
        arguments = [*self._options("case_table.py", user), *database]
        return self._done(arguments, self.gate.environment(user, self.folder))

    def _options(self, client: str, user: str) -> list[str]:
        file = self.folder / f"{user}.json"
        file.write_text(json.dumps(self.gate.of_kafka_python(user)))
        bootstrap = f"{HOST}:{self.gate.port}"
        return [str(CLIENTS / client), "--bootstrap", bootstrap, "--options", str(file)]

    def _done(self, arguments: Sequence[str], environment: dict[str, str]) -> Left:
        done = subprocess.run(
            [sys.executable, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        return Left(done.returncode, done.stdout + done.stderr)

    def write(self, user: str, topic: str) -> None:
        """A neighbour's record; raises what Kafka answers. It is one that nobody can read."""
        options = self.gate.of_kafka_python(user)
        producer = KafkaProducer(
            bootstrap_servers=f"{HOST}:{self.gate.port}", acks="all", enable_idempotence=False, **options
        )
        try:
            producer.send(topic, GARBAGE, b"a key").get(20)
        finally:
            producer.close(5)

    # -- what is published beside the users' rights ---------------------------------------------------------

    def feed(self, first: int) -> None:
        """A document with an alert to come and a record for quarantine, of each input topic."""
        with Erp(self.broker.bootstrap) as erp:
            erp.publish([shipment(first, items=OXIDE), GARBAGE])
            erp.publish([GARBAGE], topic=CONTRACTS)

    def spoil_decisions(self) -> None:
        with Erp(self.broker.bootstrap) as erp:
            erp.publish([GARBAGE], topic=DECISIONS, partition=0, key=lambda _: b"a key")

    def written(self, *topics: str) -> list[bytes]:
        reader = Reader(self.broker.bootstrap, topics)
        try:
            return [record.value or b"" for record in reader.read_to_end()]
        finally:
            reader.close()

    def serve(self, *services: str) -> list[Worker]:
        return [self.start(service, user_name(service)) for service in services]

    def wait_for_quarantine(self, *sources: str) -> None:
        def listed() -> bool:
            said = self.command(user_name("quarantine"), ["quarantine", "list", "--json"]).said
            return all(f'"{source}/' in said for source in sources)

        wait_until(listed, 60, lambda: self.running[0].log[-3000:])

    def end(self) -> None:
        for worker in self.running:
            if worker.process.poll() is None:
                worker.kill()


__all__ = ["CONTRACTS", "GARBAGE", "OXIDE", "QUARANTINE", "SHIPMENTS", "Left", "Stage"]
