"""Object stores that run for a whole session, each with the bucket `archives`; archives in all of them."""

import hashlib
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests import servers
from tests.plugins.archive.buckets import make_azure_container, make_s3_bucket
from tests.plugins.archive.stands import (
    ArchiveStand,
    AzureStand,
    File,
    FolderStand,
    Open,
    S3Stand,
    SeaweedStand,
    StoreStand,
)
from tests.servers import Server

from reconciled.clock import SystemClock
from reconciled.http import Http
from reconciled.source import Context, Upload
from reconciled.testing.contract import Notes
from reconciled_archive import Archive


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with servers.moto(_folder(tmp_path_factory)) as server:
        make_s3_bucket(server)
        yield server


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with servers.azurite(_folder(tmp_path_factory)) as server:
        make_azure_container(server)
        yield server


@pytest.fixture(scope="session")
def seaweedfs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with servers.seaweedfs(_folder(tmp_path_factory)) as server:
        make_s3_bucket(server)
        yield server


def _folder(factory: pytest.TempPathFactory) -> Path:
    return factory.mktemp("server") / "home"


STORES: dict[str, type[StoreStand]] = {"moto": S3Stand, "azurite": AzureStand, "seaweedfs": SeaweedStand}


@pytest.fixture(params=["folder", *(pytest.param(name, marks=pytest.mark.full) for name in STORES)])
def place(request: pytest.FixtureRequest) -> ArchiveStand:
    """Each place that an archive can lie in."""
    if request.param == "folder":
        return FolderStand()
    kind = STORES[request.param]
    kind.server = request.getfixturevalue(request.param)
    return kind()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers of this box are asked without one, whatever the environment says."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
async def stand(place: ArchiveStand) -> AsyncIterator[ArchiveStand]:
    """The same, running."""
    await place.start()
    yield place
    await place.stop()


@pytest.fixture
async def open_archive() -> AsyncIterator[Open]:
    """Opens archives: `open_archive(url="file:///…")`; they remember what stands in `notes`."""
    opened: list[Archive] = []

    def make(*, notes: Notes | None = None, clock: Any = None, **options: Any) -> Archive:
        clock = clock or SystemClock()
        http = Http(lambda: pytest.fail("an archive asks by itself"), clock)
        context = Context("archive", http, clock, logging.getLogger("test"), notes or Notes())
        opened.append(Archive(Archive.Config.model_validate(options), context))
        return opened[-1]

    yield make
    for source in opened:
        await source.close()


@pytest.fixture
def file(tmp_path: Path) -> File:
    """Makes uploads: `file(b"bytes")`."""

    def make(content: bytes, *, sha256: str | None = None) -> Upload:
        digest = hashlib.sha256(content).hexdigest()
        path = tmp_path / digest
        path.write_bytes(content)
        return Upload(
            path, "scan.pdf", "Scan", "application/pdf", len(content), sha256 or digest, "vsrx/file/81"
        )

    return make
