"""Paperless-ngx keeps the contract: 3.x by token, 3.x by user and password, and 2.20."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import pytest

from reconciled.model import Json, Key, Op
from reconciled.source import Hook
from reconciled.testing.contract import Letter, Mailbox, SourceContract, Stand
from reconciled.testing.fakes.paperless import FakePaperless
from reconciled_paperless import Paperless
from reconciled_paperless.items import key_of
from reconciled_paperless.workflows import wanted


class PaperlessStand(Stand):
    """Eight letters, some with labels, some with a number of the archive, one with all that there is."""

    source_type = Paperless
    version: ClassVar[str] = "3.0.5"

    def __init__(self) -> None:
        super().__init__()
        self.app = FakePaperless(version=self.version)
        self.app.delay = None
        self.fake = self.app
        self.secrets = (self.app.api_key,)

    def options(self) -> Mapping[str, Json]:
        return {"url": self.app.url, "token": self.app.api_key, "timeout": "5s", "poll": "1s"}

    async def fill(self) -> None:
        self.app.put("An invoice", labels=["invoice", "keep"], asn=12, content="one word")
        for each in range(6):
            self.app.put(f"Letter {each}", labels=["letter"] if each % 2 else [], content=f"letter {each}")
        sender, kind = self.app.put_correspondent("ACME").id, self.app.put_type("Contract").id
        self.app.put(
            "A contract", pages=None, file_name="contract.pdf", correspondent=sender, document_type=kind
        )
        self.app.put_note(8, "Signed by both")

    async def crowd(self) -> None:
        self.app.put_many(2200)

    async def remove(self, key: Key) -> None:
        self.app.delete(int(key.id))

    async def add(self) -> Key:
        return key_of((await self.app.add("A new one")).id)

    def content(self, key: Key) -> bytes:
        return self.app.state.documents[int(key.id)].newest

    async def settled(self) -> None:
        await self.app.consume()

    async def events(self) -> Sequence[Letter]:
        async with Mailbox() as box:
            hook = Hook(box.url, "hush")
            numbered = self.app.modern
            self.app.state.workflows[1] = {"id": 1, **wanted("paperless", hook, numbered=numbered)}
            document = await self.app.add("Told")
            await self.app.edit(document.id, title="Told again")
            return [box.last(Op.CHANGED)]


class PaperlessByPassword(PaperlessStand):
    """With the event stream."""

    def __init__(self) -> None:
        super().__init__()
        self.secrets = ("secret-admin",)

    def options(self) -> Mapping[str, Json]:
        return {"url": self.app.url, "user": "admin", "password": "secret-admin", "timeout": "5s"}


class OldPaperless(PaperlessStand):
    """2.20: no versions in its lists, no /root/, no number in its webhooks."""

    version = "2.20.15"


class TestPaperless(SourceContract):
    stand = PaperlessStand


@pytest.mark.full
class TestPaperlessByPassword(SourceContract):
    stand = PaperlessByPassword


@pytest.mark.full
class TestOldPaperless(SourceContract):
    stand = OldPaperless
