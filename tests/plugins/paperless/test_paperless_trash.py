"""What Paperless remembers of a loss: when the document went to the trash, and no more than that."""

from datetime import UTC, datetime, timedelta
from typing import Any

from reconciled.model import Item, Op
from reconciled.testing.fakes.paperless import FakePaperless
from reconciled_paperless.items import key_of

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def letter(number: int) -> Item:
    return Item(key_of(number), f"Letter {number}")


async def test_the_trash_says_when(fake: FakePaperless, asking: Any) -> None:
    source = asking(fake)
    fake.delete(3)
    (told,) = await source.recall(letter(3), LONG_AGO)
    assert (told.op, told.key, told.reason, told.actor) == (Op.DELETED, key_of(3), "in the trash", None)
    assert abs(told.occurred - datetime.now(UTC)) < timedelta(minutes=1)
    assert told.own_act
    assert await source.recall(letter(4), LONG_AGO) == []


async def test_what_went_before_is_not_told(fake: FakePaperless, asking: Any) -> None:
    fake.delete(3)
    assert await asking(fake).recall(letter(3), datetime.now(UTC) + timedelta(hours=1)) == []


async def test_a_purged_document_left_nothing(fake: FakePaperless, asking: Any) -> None:
    fake.purge(3)
    assert await asking(fake).recall(letter(3), LONG_AGO) == []


async def test_many_cost_one_walk(fake: FakePaperless, asking: Any) -> None:
    source = asking(fake)
    for number in range(1, 6):
        fake.delete(number)
    assert [len(await source.recall(letter(number), LONG_AGO)) for number in range(1, 6)] == [1] * 5
    assert len([path for _, path in fake.requests if path.startswith("/api/trash/")]) == 1
