"""Seerr, and the older programs that it grew out of, under the contract that every source keeps."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

import pytest

from reconciled.model import Json, Key, Op
from reconciled.testing import SourceContract, Stand
from reconciled.testing.contract import Letter, Mailbox
from reconciled.testing.fakes.seerr import FakeSeerr
from reconciled.testing.fakes.titles import films, series
from reconciled_seerr import Seerr

KEY = "MTc2MzY4MDAwMHNlZXJyLWNvbnRyYWN0LWtleQ=="


class SeerrStand(Stand):
    """Seerr 3: ten films and eight series, some asked for, some twice, some by season or in 4K."""

    source_type = Seerr
    newer = True
    secrets = (KEY,)

    def __init__(self) -> None:
        super().__init__()
        self.fake: FakeSeerr = FakeSeerr(api_key=KEY, newer=self.newer)

    def options(self) -> Mapping[str, Json]:
        return {"url": self.fake.url, "api_key": KEY}

    async def fill(self) -> None:
        for number, work in enumerate(films(10)):
            self.fake.put_medium(work)
            if number % 2:
                self.fake.put(work, by="ben", is4k=number % 3 == 0)
        for number, work in enumerate(series(8)):
            self.fake.put(work, seasons=(1, 2)[: 1 + number % 2])
        self.fake.put(films(10)[1], by="cleo")

    async def crowd(self) -> None:
        for work in films(600, seed=2):
            self.fake.put(work)

    async def remove(self, key: Key) -> None:
        if key.kind == "request":
            self.fake.remove_request(int(key.id))
        else:
            self.fake.clear_medium(int(key.id))

    async def add(self) -> Key:
        return Key("request", str((await self.fake.add(films(1, seed=3)[0])).id))

    async def events(self) -> Sequence[Letter]:
        async with Mailbox() as box:
            self.fake.add_webhook(box.url)
            asked = await self.fake.add(films(1, seed=4)[0])
            letters = [box.last(Op.CHANGED)]
            await self.fake.approve(asked.id)
            letters.append(box.last(Op.CHANGED))
            await self.fake.complain()
            letters.append(box.last(None))
            await self.fake.send_test()
            letters.append(box.last(Op.TEST))
        return letters

    def troubles(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        return {"its database fails, and it says not found": self._is_locked}

    async def _is_locked(self) -> None:
        self.fake.locked = True


class OverseerrStand(SeerrStand):
    """The same by an Overseerr."""

    newer = False


class TestSeerr(SourceContract):
    """Seerr 3."""

    stand = SeerrStand


@pytest.mark.full
class TestOverseerr(SourceContract):
    """Overseerr 1.34."""

    stand = OverseerrStand
