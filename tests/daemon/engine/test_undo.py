"""Undo: what is said of it before, what it works from, and what it never takes away or does twice."""

import contextlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.daemon.engine.conftest import Crash, World, a_root, movie
from tests.daemon.engine.test_outbox import a_house
from tests.daemon.engine.test_outbox_crashes import until_crash

from reconciled.config import Mode, Verb
from reconciled.engine.outbox.by_hand import CannotAct, Order, order
from reconciled.engine.outbox.images import draw, image_of, was_so_before
from reconciled.engine.outbox.outlook import outlook
from reconciled.engine.outbox.undo import NoSuchDecision, plan, undo, undo_decision
from reconciled.errors import Unreachable
from reconciled.ledger import actions
from reconciled.model import Item, Json, Key
from reconciled.source import Captures, Foresees, Prospect, Restores

FILM = Key("movie", "802")


async def done(world: World, verb: Verb, **more: Any) -> int:
    """That verb, done to a film of Radarr by hand; the action's id."""
    (row,) = await order(world.outbox, Order(verb, "radarr", FILM, **more), by="owner")
    await world.turn()
    await world.settle()
    assert (await world.actions())[-1].startswith("done")
    return row.id


@pytest.fixture
async def house(world: World) -> World:
    await a_house(world)
    await world.decide(mode=Mode.ASK)
    return world


async def before_of(world: World, action: int) -> dict[str, Any]:
    (found,) = await world.rows("SELECT before FROM action WHERE id = ?", action)
    kept: dict[str, Any] = json.loads(found["before"])
    return kept


# before-images


@pytest.mark.parametrize("verb", [Verb.DELETE, Verb.UNMONITOR, Verb.MONITOR, Verb.TAG, Verb.UNTAG])
async def test_every_verb_keeps_what_was_before(house: World, verb: Verb) -> None:
    app = house.apps["radarr"]
    tags: list[Json] = ["left"] if verb is Verb.UNTAG else []
    app.items[FILM] = replace(app.items[FILM], attrs={"tags": tags, "monitored": verb is not Verb.MONITOR})
    label = "left" if verb in (Verb.TAG, Verb.UNTAG) else ""
    kept = await before_of(house, await done(house, verb, label=label))
    assert kept["attrs"] == {"tags": tags, "monitored": verb is not Verb.MONITOR}
    assert kept["record"] == {"captured": "Film 2"}
    assert "tmdb:movie/2" in kept["refs"]


def test_an_image_that_cannot_be_read_is_none() -> None:
    row = actions.ActionRow(*([None] * len(actions.ActionRow.__slots__)))  # type: ignore[arg-type]
    for kept in (None, "", "{", "[]", '{"id": 5, "title": "a record of its own"}', "null"):
        assert image_of(replace(row, before=kept)) is None


@pytest.mark.parametrize(
    ("verb", "attrs", "nothing"),
    [
        ("tag", {"tags": ["Left"]}, True),
        ("tag", {"tags": []}, False),
        ("tag", {}, False),
        ("untag", {"tags": []}, True),
        ("untag", {"tags": ["left"]}, False),
        ("untag", {}, False),
        ("monitor", {"monitored": True}, True),
        ("monitor", {"monitored": False}, False),
        ("unmonitor", {"monitored": False}, True),
        ("unmonitor", {"monitored": True}, False),
        ("unmonitor", {}, False),
        ("delete", {"monitored": False, "tags": ["left"]}, False),
    ],
)
def test_what_was_so_before_is_not_ours_to_take(verb: str, attrs: dict[str, Json], nothing: bool) -> None:
    row = actions.ActionRow(*([None] * len(actions.ActionRow.__slots__)))  # type: ignore[arg-type]
    image = draw(Item(FILM, "Film 2", frozenset(), attrs), None)
    said = was_so_before(replace(row, verb=verb, label="left", before=image))
    assert (said is not None) is nothing
    spaced = was_so_before(replace(row, verb=verb, label=" LEFT ", before=image))
    assert (spaced is not None) is nothing


async def test_a_tag_that_was_there_before_stays(house: World) -> None:
    number = await done(house, Verb.TAG, label="left")
    kept = await before_of(house, number)
    kept["attrs"]["tags"] = ["left"]  # the app did not say so before the call
    await house.ledger.write(
        lambda tx: tx.execute("UPDATE action SET before = ? WHERE id = ?", (json.dumps(kept), number))
    )
    planned = await plan(house.outbox, number)
    assert not planned.possible
    assert "had the tag left before" in planned.sentence
    with pytest.raises(CannotAct):
        await undo(house.outbox, number, by="owner")


async def test_an_image_of_another_thing_is_not_brought_back(house: World) -> None:
    number = await done(house, Verb.DELETE)
    kept = {**await before_of(house, number), "refs": ["tmdb:movie/999"], "title": "Another"}
    await house.ledger.write(
        lambda tx: tx.execute("UPDATE action SET before = ? WHERE id = ?", (json.dumps(kept), number))
    )
    assert not (await plan(house.outbox, number)).possible


async def test_by_hand_too_nothing_of_another_thing_is_brought_back(house: World) -> None:
    number = await done(house, Verb.DELETE)
    kept = {**await before_of(house, number), "refs": ["tmdb:movie/999"], "title": "Another"}
    await house.ledger.write(
        lambda tx: tx.execute("UPDATE action SET before = ? WHERE id = ?", (json.dumps(kept), number))
    )
    await order(house.outbox, Order(Verb.RESTORE, "radarr", FILM), by="owner")
    await house.turn()
    await house.settle()
    assert FILM not in house.apps["radarr"].items
    assert any("what was kept of movie 802 is Another" in reason for reason in await house.reasons())


async def test_what_was_undone_while_the_app_was_asked_is_not_undone_again(house: World) -> None:
    number = await done(house, Verb.DELETE)
    source: Any = house.engine.places["radarr"].live.source
    asked = 0

    async def foresee(key: Key, image: Json) -> Prospect:
        nonlocal asked
        asked += 1
        if asked == 1:  # meanwhile somebody else undoes it, and deletes it once more
            await undo(house.outbox, number, by="another")
            await house.turn()
            await house.settle()
            await done(house, Verb.DELETE)
        return Prospect()

    source.foresee = foresee
    with pytest.raises(CannotAct, match="is undone"):
        await undo(house.outbox, number, by="owner")
    await house.turn()
    assert FILM not in house.apps["radarr"].items


async def test_undoing_an_undo_works_from_its_own_image(house: World) -> None:
    number = await done(house, Verb.TAG, label="left")
    (back,) = await undo(house.outbox, number, by="owner")
    await house.turn()
    await house.settle()
    assert (await before_of(house, back.id))["attrs"]["tags"] == ["left"]
    assert (await plan(house.outbox, back.id)).possible


# a deletion


def foreseeing(world: World, prospect: Prospect | Exception) -> list[tuple[Key, Json]]:
    """Radarr says that beforehand; returns what it was asked."""
    asked: list[tuple[Key, Json]] = []
    source: Any = world.engine.places["radarr"].live.source

    async def foresee(key: Key, image: Json) -> Prospect:
        asked.append((key, image))
        if isinstance(prospect, Exception):
            raise prospect
        return prospect

    source.foresee = foresee
    assert isinstance(source, Foresees)
    return asked


async def test_it_is_said_before_what_the_app_foresees(house: World) -> None:
    house.apps["radarr"].roots = {"/films": a_root()}
    await house.scan("radarr")
    number = await done(house, Verb.DELETE, files=True)
    until = datetime(2026, 12, 12, tzinfo=UTC)
    asked = foreseeing(house, Prospect(("its history is lost",), until))
    planned = await plan(house.outbox, number)
    assert (planned.possible, planned.until, planned.verb) == (True, until, Verb.RESTORE)
    assert planned.lacks == ("its file went with it and cannot be brought back", "its history is lost")
    assert asked == [(FILM, {"captured": "Film 2"})]


async def test_what_the_app_refuses_beforehand_is_not_ordered(house: World) -> None:
    number = await done(house, Verb.DELETE)
    foreseeing(house, Prospect(refused="it was purged"))
    with pytest.raises(CannotAct, match="it was purged"):
        await undo(house.outbox, number, by="owner")
    assert len(await house.actions()) == 1


async def test_an_app_that_does_not_answer_is_asked_when_it_does(house: World) -> None:
    number = await done(house, Verb.DELETE)
    foreseeing(house, Unreachable("no route"))
    planned = await plan(house.outbox, number)
    assert planned.possible
    assert "could not be asked beforehand: no route" in planned.lacks[0]


async def test_a_deletion_is_undone_once(house: World) -> None:
    number = await done(house, Verb.DELETE)
    assert (await house.presence("radarr"))["movie 802"] == "gone"
    await undo(house.outbox, number, by="owner")
    with pytest.raises(CannotAct, match="under way already"):
        await undo(house.outbox, number, by="owner")
    await house.turn()
    await house.settle()
    assert FILM in house.apps["radarr"].items
    assert (await house.presence("radarr"))["movie 802"] == "present"
    with pytest.raises(CannotAct, match="is undone"):
        await undo(house.outbox, number, by="owner")
    assert [act[0] for act in house.apps["radarr"].acts] == ["delete", "restore"]


@pytest.mark.parametrize("moment", ["sending committed", "called"])
async def test_a_crash_in_the_middle_brings_it_back_all_the_same(house: World, moment: str) -> None:
    number = await done(house, Verb.DELETE)
    await undo(house.outbox, number, by="owner")
    house.crash_at = moment
    with contextlib.suppress(Crash):
        await until_crash(house, 600)
    await house.restart()
    await house.pass_time(1800)
    assert FILM in house.apps["radarr"].items
    assert await house.actions() == ["undone delete radarr movie 802", "done restore radarr movie 802"]


async def test_a_new_key_is_told_and_looked_at(house: World) -> None:
    number = await done(house, Verb.DELETE)
    app, again = house.apps["radarr"], Key("movie", "977")
    source: Any = house.engine.places["radarr"].live.source

    async def restore(key: Key, image: Json) -> Key:
        assert image == {"captured": "Film 2"}
        app.items[again] = movie(2, key="977")
        return again

    source.restore = restore
    await undo(house.outbox, number, by="owner")
    await house.turn()
    await house.settle()
    assert (await house.presence("radarr"))["movie 977"] == "present"
    assert any("it is movie 977 there now" in reason for reason in await house.reasons())
    assert [row["key"] for row in await house.rows("SELECT key FROM revival")] == ["movie 977"]


async def test_an_answer_that_was_lost_is_asked_for_again_and_nothing_is_added_twice(house: World) -> None:
    number = await done(house, Verb.DELETE)
    app, again, calls = house.apps["radarr"], Key("movie", "977"), []
    source: Any = house.engine.places["radarr"].live.source

    async def restore(key: Key, image: Json) -> Key:
        calls.append(key)
        if again in app.items:
            return again
        app.items[again] = movie(2, key="977")
        raise Unreachable("the answer was cut off")

    source.restore = restore
    await undo(house.outbox, number, by="owner")
    await house.turn()
    await house.engine.probe("radarr")
    await house.pass_time(1800)
    assert calls == [FILM, FILM]
    assert await house.actions() == ["undone delete radarr movie 802", "done restore radarr movie 802"]
    assert [row["key"] for row in await house.rows("SELECT key FROM revival")] == ["movie 977"]


async def test_no_such_decision(house: World) -> None:
    with pytest.raises(NoSuchDecision):
        await undo_decision(house.outbox, 5, by="owner")


# in few words, from the class alone


class Trash:
    async def restore(self, key: Key, image: Json) -> Key:
        return key

    async def delete(self, key: Key, how: Any) -> None: ...


class Keeps(Trash):
    async def capture(self, key: Key) -> Json: ...
    async def tag(self, key: Key, label: str) -> None: ...
    async def untag(self, key: Key, label: str) -> None: ...


@pytest.mark.parametrize(
    ("source", "verb", "files", "said"),
    [
        (Keeps(), Verb.DELETE, False, "can be undone"),
        (Keeps(), Verb.DELETE, True, "can be undone, without its files"),
        (Keeps(), Verb.TAG, False, "can be undone"),
        (Keeps(), Verb.UNMONITOR, False, "cannot be undone"),
        (Keeps(), Verb.RESTORE, False, "cannot be undone"),
        (Trash(), Verb.DELETE, True, "can be undone while app keeps it in its trash"),
        (Trash(), Verb.TAG, False, "cannot be undone"),
        (object(), Verb.DELETE, False, "cannot be undone"),
        (None, Verb.DELETE, False, "cannot be undone"),
        (None, Verb.NOTIFY, False, None),
    ],
)
def test_the_outlook(source: Any, verb: Verb, files: bool, said: str | None) -> None:
    assert isinstance(Keeps(), Captures)
    assert isinstance(Trash(), Restores)
    assert outlook(source, "app", verb, files=files, label="left") == said
