"""VSRX keeps the contract of all sources."""

from collections.abc import Mapping, Sequence
from itertools import count

import pytest

from reconciled.model import Json, Key, Op
from reconciled.testing.contract import Letter, Mailbox, SourceContract, Stand
from reconciled.testing.fakes.vsrx import FakeVsrx
from reconciled_vsrx import Vsrx

TOKEN = "7c1e6f0a9b2d43588d04e3f6ac1b709c"
HOOK = "a-key-for-webhooks-0123456789abcdef"


class VsrxStand(Stand):
    """Eight patients with three images each; where a listing takes pages, 600 patients more."""

    source_type = Vsrx
    secrets = (TOKEN, HOOK)

    def __init__(self) -> None:
        super().__init__()
        self.fake: FakeVsrx = FakeVsrx(api_key=TOKEN, secret=HOOK)
        self._number = count(100)

    def options(self) -> Mapping[str, Json]:
        return {"url": self.fake.url, "token": TOKEN, "webhook": HOOK, "poll": "1s"}

    async def fill(self) -> None:
        self.fake.checksums = True
        for number in range(8):
            self.fake.put_patient(f"P-{number}", files=3)
        await self.fake.rebook("P-0", "P-0b")
        self.fake.flag("F-2")

    async def crowd(self) -> None:
        for number in range(600):
            self.fake.put_patient(f"C-{number}", files=number == 0)

    async def remove(self, key: Key) -> None:
        if key.kind == "fileset":
            self.fake.purge_patient(key.id)
        else:
            await self.fake.delete(key.id)

    async def add(self) -> Key:
        self.fake.put_patient(patient := f"P-{next(self._number)}")
        return Key("file", (await self.fake.add(patient)).id)

    async def events(self) -> Sequence[Letter]:
        fake = self.fake
        letters = []
        async with Mailbox() as box:
            fake.add_webhook(box.url)
            made = await fake.add("P-1")
            letters.append(box.last(Op.CHANGED))
            await fake.change(made.id, b"another image")
            letters.append(box.last(Op.CHANGED))
            await fake.delete(made.id)
            letters.append(box.last(Op.DELETED))
            await fake.rebook("P-1", "P-1b")
            letters.append(box.last(Op.CHANGED))
            fake.webhooks.clear()
        return letters


class BareVsrxStand(VsrxStand):
    """A bridge without ETags."""

    async def fill(self) -> None:
        self.fake.etags = False
        await super().fill()


class TestVsrx(SourceContract):
    """By the rules for all."""

    stand = VsrxStand


@pytest.mark.full
class TestBareVsrx(SourceContract):
    """By the rules for all, with less help from the bridge."""

    stand = BareVsrxStand
