"""One Apache Kafka node (KRaft, broker and controller in one) as a child process of this one.

It listens on the loopback address only, keeps its data and its log under the cache folder, and never outlives
its owner, however that ends (see `keeper`).
"""

import fcntl
import random
import shutil
import socket
import struct
import subprocess
import tempfile
import time
import uuid
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from exportwatch.broker.jars import kafka_jars
from exportwatch.broker.kept import Kept, last_lines
from exportwatch.errors import ConfigError

HOST = "127.0.0.1"
START_SECONDS = 60.0
ATTEMPTS = 5
# Below the range from which systems draw the ports of outgoing connections: a client that keeps dialling a
# stopped broker can otherwise be given that very port and connect to itself; the broker never gets it back.
PORTS = range(20_000, 32_000)
JVM = ("-Xmx256m", "-Xms64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
LOGGING = (
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
)

PROPERTIES = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "auto.create.topics.enable": "false",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    # Tests of a lost member need not wait for the default of six seconds.
    "group.min.session.timeout.ms": "1000",
    # Otherwise the node fences itself for 12 s after a kill -9.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    # Kafka reserves 128 MiB for the log cleaner unless told.
    "log.cleaner.dedupe.buffer.size": "16777216",
    "num.network.threads": "2",
    "num.io.threads": "4",
}


class LocalBroker:
    """A Kafka node under `cache_dir`; `with LocalBroker(cache_dir) as broker:` starts it on a free port.

    Without `data_dir` the data live as long as the object does; with one they are found again by the next.
    After `stop()` (orderly) or `kill()` (as a crash), `start_again()` brings the node back on the same port
    with the same data.
    """

    def __init__(self, cache_dir: Path, *, port: int | None = None, data_dir: Path | None = None) -> None:
        self._cache_dir = cache_dir
        self._wanted_port = port
        self._data_dir = data_dir
        self._process: Kept | None = None
        self._jars: Path | None = None
        self._home: Path | None = None
        self._claim: IO[str] | None = None
        self.port = 0

    @property
    def bootstrap(self) -> str:
        return f"{HOST}:{self.port}"

    @property
    def home(self) -> Path:
        """Where this node's data, properties and log lie. Raises RuntimeError before the first start."""
        if self._home is None:
            raise RuntimeError("the broker has not been started")
        return self._home

    @property
    def log_file(self) -> Path:
        return self.home / "broker.log"

    def start(self, port: int | None = None, data_dir: Path | None = None) -> str:
        """Start and wait until clients can use it; returns the bootstrap address.

        Raises ConfigError with the last lines of the node's log when it does not come up.
        """
        self._wanted_port = port or self._wanted_port
        self._data_dir = data_dir or self._data_dir
        self._jars = kafka_jars(self._cache_dir)
        self._home, self._claim = claim_home(self._cache_dir, self._data_dir)
        for attempt in range(1, ATTEMPTS + 1):
            self.port, controller_port = self._wanted_port or free_port(), free_port()
            self._write_properties(controller_port)
            try:
                self.start_again()
            except PortInUseError:
                if self._wanted_port or attempt == ATTEMPTS:
                    raise
            else:
                break
        return self.bootstrap

    def start_again(self) -> str:
        """Start the stopped or killed node with its old port and data; returns the bootstrap address."""
        if self.is_running:
            raise RuntimeError("the broker is running")
        if port_answers(self.port):
            raise PortInUseError(f"port {self.port} of {HOST} is in use by another program")
        if not (self.home / "data" / "meta.properties").exists():
            self._format()
        self._process = Kept(self._java("kafka.Kafka", str(self._properties)), self.log_file)
        self._wait_until_usable()
        return self.bootstrap

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.is_running

    @property
    def pid(self) -> int:
        """Of the node's Java process. Raises RuntimeError where none was started."""
        if self._process is None:
            raise RuntimeError("the broker is not running")
        return self._process.pid

    def stop(self) -> None:
        """An orderly stop (SIGTERM): what was acknowledged is on disk, clients are told."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    def kill(self) -> None:
        """As a crash or a pulled plug (SIGKILL)."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    def close(self) -> None:
        """Stop, and remove the data unless they were given a place of their own."""
        self.stop()
        if self._claim is not None:
            self._claim.close()
            self._claim = None
            if self._data_dir is None:
                shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def _properties(self) -> Path:
        return self.home / "server.properties"

    def _write_properties(self, controller_port: int) -> None:
        properties = PROPERTIES | {
            "listeners": f"PLAINTEXT://{HOST}:{self.port},CONTROLLER://{HOST}:{controller_port}",
            "controller.quorum.voters": f"1@{HOST}:{controller_port}",
            "log.dirs": str(self.home / "data"),
        }
        self._properties.write_text("".join(f"{key}={value}\n" for key, value in properties.items()))

    def _java(self, main: str, *arguments: str) -> list[str]:
        return ["java", *JVM, *LOGGING, "-cp", f"{self._jars}/*", main, *arguments]

    def _format(self) -> None:
        # KRaft refuses a cluster id that begins with a hyphen, which one in 64 random ones would.
        cluster_id = "A" + uuid.uuid4().hex[:21]
        command = self._java(
            "kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", str(self._properties)
        )
        with self.log_file.open("ab") as log:
            done = subprocess.run(  # noqa: S603
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, check=False
            )
        if done.returncode != 0:
            lines = last_lines(self.log_file)
            raise ConfigError(f"Kafka's storage could not be formatted; {self.log_file}:\n{lines}")

    def _wait_until_usable(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not serves_metadata(self.port):
            if not self.is_running or time.monotonic() > deadline:
                self.kill()
                lines = last_lines(self.log_file)
                kind = PortInUseError if "Address already in use" in lines else ConfigError
                raise kind(f"the local Kafka did not start; {self.log_file}:\n{lines}")
            time.sleep(0.05)


class PortInUseError(ConfigError):
    """Another program has the port."""


def claim_home(cache_dir: Path, data_dir: Path | None) -> tuple[Path, IO[str]]:
    """The node's folder and the open file that says it is in use; removes what killed owners left behind.

    Raises ConfigError when another process runs a node on `data_dir`.
    """
    nodes = cache_dir.resolve() / "kafka" / "nodes"
    nodes.mkdir(parents=True, exist_ok=True)
    for left in nodes.glob("run-*"):
        if (claim := try_claim(left)) is not None:
            claim.close()
            shutil.rmtree(left, ignore_errors=True)
    home = Path(tempfile.mkdtemp(dir=nodes, prefix="new-")) if data_dir is None else data_dir.resolve()
    home.mkdir(parents=True, exist_ok=True)
    claim = try_claim(home)
    if claim is None:
        raise ConfigError(f"another local Kafka is running on {home}")
    if data_dir is None:
        # Renamed only once it is claimed: nobody's clean-up takes it for a left one.
        home = home.rename(nodes / home.name.replace("new-", "run-"))
    return home, claim


def try_claim(home: Path) -> IO[str] | None:
    try:
        file = (home / "owner.lock").open("a")
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


def free_port() -> int:
    """A port nobody listens on now; another program may still take it before it is used."""
    for port in random.sample(PORTS, k=200):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise ConfigError(f"no free port among {PORTS.start}–{PORTS.stop - 1}")


def port_answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def serves_metadata(port: int) -> bool:
    """True when the node lists a usable broker. A bare Metadata request: every client would log its tries."""
    api, version, correlation, client, topics = 3, 1, 1, b"ready", 0
    request = struct.pack(">hhih5si", api, version, correlation, len(client), client, topics)
    try:
        with socket.create_connection((HOST, port), timeout=2) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            header = connection.recv(12, socket.MSG_WAITALL)
    except OSError:
        return False
    return len(header) == 12 and struct.unpack(">iii", header)[2] > 0
