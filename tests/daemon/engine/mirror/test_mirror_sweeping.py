"""What transfers leave on our disk: kept while their files are to travel, taken away by the next run else.

A life that is killed leaves what it fetched; `leave` plays that.
"""

import os
from collections.abc import Awaitable, Callable

import pytest
from tests.daemon.engine.mirror.mirror_stand import Stand

from reconciled.config import Mode
from reconciled.engine.mirror.part import name_of
from reconciled.engine.mirror.sweeping import STALE
from reconciled.errors import Refused, Unreachable
from reconciled.model import Key


def lying(stand: Stand) -> set[str]:
    """The names of what lies in the folder of the mirror."""
    return {path.name for path in (stand.folder / stand.mirror.name).iterdir()}


def leave(stand: Stand, number: int, *, age: float = 0.0) -> set[str]:
    """What a life that was killed so many seconds ago left of a file; its names."""
    folder, name = stand.folder / stand.mirror.name, name_of("practice", Key("file", str(number)))
    paths = [folder / f"{name}{suffix}" for suffix in (".part", ".json")]
    for path in paths:
        path.write_bytes(b"some")
        at = path.stat().st_mtime - age
        os.utime(path, (at, at))
    return {path.name for path in paths}


async def test_bytes_that_wait_for_those_of_another_file_leave_nothing_of_a_killed_life(
    stand: Stand,
) -> None:
    """Of two files of the same bytes one was uploaded, and that the other waits for it was written down: the
    life after that never fetches it again, so it has to take away what lies there.
    """
    for number in (1, 2):
        stand.file(number, "the same")
    await only_cabinet(stand)
    await stand.run()
    await stand.engine.stop()
    fetched = stand.practice.fetched.total()
    left = leave(stand, 1) | leave(stand, 2)
    await stand.begin()
    assert len(await stand.rows("SELECT 1 FROM copy WHERE twin IS NOT NULL")) == 1
    assert lying(stand) == left
    await stand.run()
    await stand.follow()
    assert await stand.copies() == {"1": ("synced", "made"), "2": ("duplicate", "found")}
    assert stand.practice.fetched.total() == fetched
    assert lying(stand) == set()


async def test_what_travels_no_more_by_what_a_run_finds_is_taken_away_by_that_run(stand: Stand) -> None:
    """Half of it had come; then the rules changed, so that it is refused before anything is fetched."""
    stand.file(1)
    await only_cabinet(stand, max_size=1)
    leave(stand, 1)
    await stand.run()
    assert await stand.copies() == {"1": ("refused", None)}
    assert lying(stand) == set()


# --- who comes for it ---------------------------------------------------------------------------------


async def waits(stand: Stand) -> None:
    """It has not set out yet."""


async def is_put_off(stand: Stand) -> None:
    stand.cabinet.before = [Unreachable("refused")]
    await stand.run()


async def is_unheard_of(stand: Stand) -> None:
    stand.cabinet.after = [Unreachable("reset by peer")]
    await stand.run()


async def changed(stand: Stand) -> None:
    """The copy stands, and the newer bytes of its original have not come whole."""
    await stand.bring()
    stand.file(1, "newer")
    await stand.scan("practice")


async def is_in_hand(stand: Stand) -> None:
    """The target has it all and is working on it."""
    await stand.run()


async def is_brought(stand: Stand) -> None:
    await stand.bring()


async def is_gone(stand: Stand) -> None:
    stand.practice.files["1"].deleted = True
    await stand.scan("practice")


async def is_refused(stand: Stand) -> None:
    await stand.change(max_size=1)
    await stand.run()


@pytest.mark.parametrize(
    ("fate", "comes"),
    [
        (waits, True),
        (is_put_off, True),
        (is_unheard_of, True),
        (changed, True),
        (is_in_hand, False),
        (is_brought, False),
        (is_gone, False),
        (is_refused, False),
    ],
)
async def test_what_was_left_stays_exactly_while_its_file_is_to_travel(
    stand: Stand, fate: Callable[[Stand], Awaitable[None]], comes: bool
) -> None:
    """However old it is, and whatever the mode: the run that looks only says what it would bring."""
    stand.file(1)
    await only_cabinet(stand)
    await fate(stand)
    left = leave(stand, 1, age=2 * STALE)
    stand.mirrors.mode = Mode.DRY_RUN
    await stand.run()
    assert lying(stand) == (left if comes else set())


@pytest.mark.parametrize(("age", "stays"), [(0.0, True), (2 * STALE, False)])
async def test_what_failed_and_waits_for_a_person_is_kept_for_a_while(
    stand: Stand, age: float, stays: bool
) -> None:
    stand.file(1)
    await only_cabinet(stand)
    stand.cabinet.before = [Refused("too many pages")]
    await stand.run()
    assert await stand.copies() == {"1": ("failed", None)}
    left = leave(stand, 1, age=age)
    await stand.run()
    assert lying(stand) == (left if stays else set())


async def test_what_is_not_ours_is_left(stand: Stand) -> None:
    await only_cabinet(stand)
    letter = stand.folder / stand.mirror.name / "a letter of mine.part"
    letter.write_text("dear")
    await stand.run()
    assert lying(stand) == {letter.name}


async def only_cabinet(stand: Stand, **more: object) -> None:
    await stand.change(targets=("cabinet",), transfers=1, **more)
    await stand.scan("practice")
