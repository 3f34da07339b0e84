"""An app that is only described keeps the contract of all sources, in each way of paging."""

from collections.abc import Mapping
from typing import Any

import pytest
from tests.plugins.http_json.bookshelf import FakeBookshelf, described

from reconciled.model import Json, Key
from reconciled.testing.contract import SourceContract, Stand
from reconciled_http_json import HttpJson


class BookshelfStand(Stand):
    source_type = HttpJson
    way: Mapping[str, Any] = {"param": "page", "first": 1}

    def __init__(self) -> None:
        super().__init__()
        self.fake: FakeBookshelf = FakeBookshelf()
        self.secrets = (self.fake.api_key,)

    def options(self) -> Mapping[str, Json]:
        return described(self.fake, self.way)

    async def fill(self) -> None:
        for number in range(8):
            self.fake.put(f"Book {number}")

    async def crowd(self) -> None:
        for number in range(50):
            self.fake.put(f"More {number}")

    async def remove(self, key: Key) -> None:
        del self.fake.books[key.id]

    async def add(self) -> Key:
        return Key("item", self.fake.put("A new one"))


class CursorStand(BookshelfStand):
    way: Mapping[str, Any] = {"param": "cursor", "cursor": "meta.next"}


class LinkStand(BookshelfStand):
    way: Mapping[str, Any] = {"link": "meta.link"}


class TestByNumber(SourceContract):
    stand = BookshelfStand


@pytest.mark.full
class TestByCursor(SourceContract):
    stand = CursorStand


@pytest.mark.full
class TestByLink(SourceContract):
    stand = LinkStand
