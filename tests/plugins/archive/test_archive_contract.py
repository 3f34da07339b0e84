"""The archive keeps the contract of all sources: in a folder, and against servers that really run."""

import pytest
from tests.plugins.archive.stands import AzureStand, FolderStand, S3Stand
from tests.servers import Server

from reconciled.testing.contract import SourceContract


class TestArchiveInAFolder(SourceContract):
    stand = FolderStand


@pytest.mark.full
class TestArchiveOnS3(SourceContract):
    stand = S3Stand

    @pytest.fixture(autouse=True)
    def _there(self, moto: Server) -> None:
        S3Stand.server = moto


@pytest.mark.full
class TestArchiveOnAzure(SourceContract):
    stand = AzureStand

    @pytest.fixture(autouse=True)
    def _there(self, azurite: Server) -> None:
        AzureStand.server = azurite
