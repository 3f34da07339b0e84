"""Chroma's own server, for a whole session; and stands that run."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from tests import servers
from tests.plugins.chroma.chroma_stands import ChromaStand, FakeStand, RealStand
from tests.servers import Server

from reconciled.http import Http
from reconciled_chroma import Chroma


@pytest.fixture(scope="session")
def chroma_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with servers.chroma(tmp_path_factory.mktemp("chroma") / "home") as server:
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
def source(stand: ChromaStand, open_chroma: Any) -> Chroma:
    found: Chroma = open_chroma()
    return found


@pytest.fixture
def open_chroma(stand: ChromaStand, http: Http, make: Any) -> Any:
    """Makes a source on the collection: `open_chroma(field="doc")`."""

    def opened(**more: Any) -> Chroma:
        from logging import getLogger

        from tests.plugins.conftest import Notes

        from reconciled.clock import SystemClock
        from reconciled.source import Context

        config = Chroma.Config.model_validate({**stand.options(), "timeout": "10s", **more})
        return Chroma(config, Context("chroma", http, SystemClock(), getLogger("test"), Notes()))

    return opened
