"""Real servers for the full tests, as script/lib/servers installs them: started on loopback, and ended.

A server that is not installed makes its tests skip, with the reason. Each takes a port of its own and a
folder of its own, asks nobody outside and tells nobody anything.
"""

import http.client
import json
import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciled.testing.ports import unused_port

INSTALLED = Path(__file__).parents[1] / ".servers"
_PATIENCE = 150.0
_TRIES = 3
S3_KEYS = ("reconciled-access", "reconciled-secret-0123456789")
AZURE_ACCOUNT = "reconciled"
AZURE_KEY = "cmVjb25jaWxlZCBrZWVwcyB3aGF0IHlvdSBrZWVwLg=="


class NotStarted(Exception):
    """The server ended before it answered, or never did. What it said last."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs: its port on 127.0.0.1."""

    port: int

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"


def command_of(name: str, file: str) -> Path:
    """The server's program; the test is skipped when it is not installed."""
    path = INSTALLED / name / file
    if not path.exists():
        pytest.skip(f"{name} is not installed; script/lib/servers {name} does that")
    return path


@contextmanager
def running(
    command: Sequence[str | Path], port: int, folder: Path, *, env: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """A server, from its first answer on till the end. What it says stands in `folder`/log."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "log"
    quiet = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", **(env or {})}
    with log.open("wb") as said:
        process = subprocess.Popen(
            [str(part) for part in command], stdout=said, stderr=said, cwd=folder, env=quiet,
            start_new_session=True,
        )  # fmt: skip
    try:
        _await(port, process, log)
        yield Server(port)
    finally:
        process.kill()
        process.wait()


def _await(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < until:
        if _answers(port):
            return
        time.sleep(0.05)
    raise NotStarted(log.read_text("utf-8", "replace")[-2000:])


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    else:
        return True
    finally:
        connection.close()


@contextmanager
def moto(folder: Path) -> Iterator[Server]:
    """S3, played by moto's server; it takes any credentials."""
    port = unused_port()
    program = command_of("moto", "bin/moto_server")
    with running([program, "-H", "127.0.0.1", "-p", str(port)], port, folder) as server:
        yield server


@contextmanager
def azurite(folder: Path) -> Iterator[Server]:
    """Azure Blob, played by azurite: the account AZURE_ACCOUNT with AZURE_KEY."""
    port = unused_port()
    program = command_of("azurite", "node_modules/.bin/azurite-blob")
    told = [
        "--blobHost", "127.0.0.1", "--blobPort", str(port), "--location", str(folder / "data"), "--silent",
        "--skipApiVersionCheck", "--disableTelemetry",
    ]  # fmt: skip
    account = {"AZURITE_ACCOUNTS": f"{AZURE_ACCOUNT}:{AZURE_KEY}"}
    with running([program, *told], port, folder, env=account) as server:
        yield server


@contextmanager
def seaweedfs(folder: Path) -> Iterator[Server]:
    """S3 of SeaweedFS, which lets in S3_KEYS and nobody else.

    It takes eight ports one after the other, so that one may be gone meanwhile: it is tried again then.
    """
    with ExitStack() as stack:
        for number in range(_TRIES):
            try:
                server = stack.enter_context(_seaweedfs(folder / str(number)))
                break
            except NotStarted:
                if number == _TRIES - 1:
                    raise
        yield server


def _seaweedfs(folder: Path) -> AbstractContextManager[Server]:
    (folder / "data").mkdir(parents=True)
    access, secret = S3_KEYS
    credentials = [{"accessKey": access, "secretKey": secret}]
    identity = {"name": "us", "credentials": credentials, "actions": ["Admin", "Read", "Write", "List"]}
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    names = ("s3", "master", "volume", "filer")
    free = _unused_ports(2 * len(names))
    ports = {name: free.pop() for name in names}
    told = [
        "server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-dir={folder / 'data'}", "-s3", "-filer",
        f"-s3.config={folder / 's3.json'}", *(f"-{name}.port={port}" for name, port in ports.items()),
        *(f"-{name}.port.grpc={free.pop()}" for name in names), "-s3.port.iceberg=0", "-s3.port.lance=0",
        "-master.telemetry=false", "-volume.max=8", "-master.volumeSizeLimitMB=64",
    ]  # fmt: skip
    return running([command_of("seaweedfs", "bin/weed"), *told], ports["s3"], folder)


def _unused_ports(count: int) -> list[int]:
    found: set[int] = set()
    while len(found) < count:
        found.add(unused_port())
    return [*found]
