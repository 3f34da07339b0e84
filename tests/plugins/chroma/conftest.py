"""Chroma's own server, for a whole session; and stands that run."""

import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any, Protocol

import pytest
from tests.plugins.chroma.chroma_stands import ChromaStand, FakeStand, RealStand
from tests.plugins.conftest import Notes
from tests.servers import Server, command_of, running

from reconciled.clock import SystemClock
from reconciled.http import Http
from reconciled.source import Context
from reconciled.testing.ports import unused_port
from reconciled_chroma import Chroma


class Open(Protocol):
    """Makes a source on the stand's collection: `open_chroma(field="doc")`."""

    def __call__(self, notes: Notes | None = None, **more: Any) -> Chroma: ...


@pytest.fixture(scope="session")
def chroma_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """It asks nobody for a token, and computes no embedding: these are given."""
    folder, port = tmp_path_factory.mktemp("chroma") / "home", unused_port()
    told = ["run", "--host", "127.0.0.1", "--port", str(port), "--path", str(folder / "data")]
    quiet = {"ANONYMIZED_TELEMETRY": "False", "DO_NOT_TRACK": "1"}
    with running([command_of("chroma", "bin/chroma"), *told], port, folder, env=quiet) as server:
        yield server


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.full)])
async def stand(request: pytest.FixtureRequest) -> AsyncIterator[ChromaStand]:
    """A collection with nothing in it: in the fake, and in Chroma itself."""
    if request.param == "real":
        RealStand.server = request.getfixturevalue("chroma_server")
    made: ChromaStand = RealStand() if request.param == "real" else FakeStand()
    await made.start()
    await made.filler.make()
    yield made
    await made.stop()


@pytest.fixture
def open_chroma(stand: ChromaStand, http: Http) -> Open:
    def opened(notes: Notes | None = None, **more: Any) -> Chroma:
        config = Chroma.Config.model_validate({**stand.options(), "timeout": "10s", **more})
        context = Context("chroma", http, SystemClock(), logging.getLogger("test"), notes or Notes())
        return Chroma(config, context)

    return opened


@pytest.fixture
def chroma(open_chroma: Open) -> Chroma:
    return open_chroma()
