"""Chroma keeps the contract of all sources: played by the fake, and by its own server."""

import pytest
from tests.plugins.chroma.chroma_stands import FakeStand, RealStand
from tests.servers import Server

from reconciled.testing.contract import SourceContract


class TestChroma(SourceContract):
    stand = FakeStand


@pytest.mark.full
class TestChromaItself(SourceContract):
    stand = RealStand

    @pytest.fixture(autouse=True)
    def _there(self, chroma_server: Server) -> None:
        RealStand.server = chroma_server
