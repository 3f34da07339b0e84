"""Deleting in Shoko: with the files or without, as asked, and only what is there."""

from typing import Any

import pytest

from reconciled.errors import BadResponse, Refused, Unauthorized, Unreachable, Unsupported
from reconciled.model import Absent, Key
from reconciled.source import Deletes, Deletion, Tags
from reconciled.testing.fakes.shoko import FakeShoko
from reconciled.testing.faults import Fault
from reconciled_shoko import Shoko

LEAVE, TAKE = Deletion(files=False), Deletion(files=True)


def test_what_it_can_do(shoko: Shoko) -> None:
    assert isinstance(shoko, Deletes)
    assert not isinstance(shoko, Tags)
    assert shoko.options == {LEAVE, TAKE}
    assert shoko.acts_within == 120


@pytest.mark.parametrize("how", [LEAVE, TAKE])
async def test_a_series(fake: FakeShoko, shoko: Shoko, how: Deletion) -> None:
    files = {file.id for file in fake.files_of(57)}
    for _ in range(2):
        await shoko.delete(Key("series", "57"), how)
    assert set(fake.state.series) == {58, 59}
    assert bool(files & set(fake.state.files)) != how.files
    assert fake.deletes == {"series 57": 1}
    assert isinstance(await shoko.lookup(Key("series", "57")), Absent)


@pytest.mark.parametrize("how", [LEAVE, TAKE])
async def test_a_series_whose_file_is_another_ones_too(fake: FakeShoko, shoko: Shoko, how: Deletion) -> None:
    """Shoko takes all files of a deleted series, from whomever else they are."""
    shared = fake.files_of(57)[0]
    shared.also = (58,)
    before = fake.state.clone()
    for number in (57, 58):
        with pytest.raises(Refused, match=f"series {number} belong to series {115 - number} too"):
            await shoko.delete(Key("series", str(number)), how)
    assert fake.state == before
    assert shared.locations[0].on_disk
    await shoko.delete(Key("series", "59"), how)
    assert set(fake.state.series) == {57, 58}


async def test_a_series_of_which_nobody_says_whose_its_files_are(fake: FakeShoko, shoko: Shoko) -> None:
    fake.faults.set(Fault.EMPTY, path="/api/v3/Series/57/File")
    with pytest.raises(BadResponse, match="does not tell whose every file is"):
        await shoko.delete(Key("series", "57"), TAKE)
    assert 57 in fake.state.series


async def test_a_series_without_files(fake: FakeShoko, shoko: Shoko) -> None:
    for file in fake.files_of(57):
        del fake.state.files[file.id]
    await shoko.delete(Key("series", "57"), TAKE)
    assert set(fake.state.series) == {58, 59}


@pytest.mark.parametrize("how", [LEAVE, TAKE])
async def test_a_file(fake: FakeShoko, shoko: Shoko, how: Deletion) -> None:
    file = fake.files_of(57)[0]
    for _ in range(2):
        await shoko.delete(Key("file", str(file.id)), how)
    assert file.id not in fake.state.files
    assert file.locations[0].on_disk != how.files
    assert fake.deletes == {f"file {file.id}": 1}


@pytest.mark.parametrize(
    ("key", "how"),
    [
        (Key("season", "57/1"), TAKE),
        (Key("series", "57"), Deletion(exclude=True)),
        (Key("series", "57"), Deletion(files=True, exclude=True)),
        (Key("series", "57/1"), TAKE),
        (Key("series", ""), TAKE),
    ],
)
async def test_what_it_cannot_do(fake: FakeShoko, shoko: Shoko, key: Key, how: Deletion) -> None:
    with pytest.raises(Unsupported):
        await shoko.delete(key, how)
    assert fake.requests == []


async def test_no_administrator(fake: FakeShoko, shoko: Shoko) -> None:
    fake.user.admin = False
    with pytest.raises(Refused, match="administrator"):
        await shoko.delete(Key("series", "57"), TAKE)
    fake.faults.set(Fault.FORBIDDEN, method="DELETE")
    with pytest.raises(Unauthorized):
        await shoko.delete(Key("series", "57"), TAKE)
    assert 57 in fake.state.series


async def test_a_no_of_somebody_else(fake: FakeShoko, shoko: Shoko) -> None:
    for fault in (Fault.NOT_FOUND, Fault.NOT_FOUND_APP, Fault.HTML, Fault.OTHER_APP):
        fake.faults.set(fault, method="DELETE")
        with pytest.raises(BadResponse):
            await shoko.delete(Key("series", "57"), TAKE)
        fake.faults.clear()
    assert 57 in fake.state.series


async def test_only_while_it_is_started(fake: FakeShoko, shoko: Shoko) -> None:
    fake.startup = "Starting"
    with pytest.raises(Unreachable):
        await shoko.delete(Key("series", "57"), TAKE)
    assert fake.count(method="DELETE") == 0


async def test_it_takes_too_long(fake: FakeShoko, make: Any) -> None:
    shoko = make(Shoko, fake.url, fake.api_key, act_timeout="100ms")
    fake.faults.set(Fault.HANG, method="DELETE")
    with pytest.raises(Unreachable):
        await shoko.delete(Key("series", "57"), TAKE)
    fake.faults.clear()
