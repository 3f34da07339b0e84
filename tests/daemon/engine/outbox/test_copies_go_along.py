"""What goes with an original: the copies that we made of it alone, and what refers to them. Nothing else."""

from dataclasses import replace

import pytest
from tests.daemon.engine.conftest import World
from tests.daemon.engine.outbox.mirrored import (
    GRACE,
    a_site,
    blob,
    brought,
    copies,
    deleted,
    document,
    everywhere,
    file,
    follow,
    judge,
    lose_file,
    row_of,
    sha,
    vector,
)

from reconciled.config import Agree, Mode, Unless, Verb, When
from reconciled.engine.outbox.by_hand import CannotAct, Order, order, preview
from reconciled.engine.said import pause, resume
from reconciled.ledger.connection import Tx
from reconciled.ledger.copies_of import hand_over
from reconciled.model import Item, Key, Ref
from reconciled.testing.model_app import ModelApp

OF_81 = [f"archive {blob(81).key}", "chroma vector 11", "paperless document 11"]


async def test_a_file_that_is_gone_goes_everywhere_and_nothing_else_does(world: World) -> None:
    await a_site(world)
    await world.decide(everywhere())
    await lose_file(world, 81)
    await world.pass_time(8 * 60)
    assert deleted(world) == []
    await world.pass_time(GRACE, step=120)
    assert deleted(world) == OF_81
    await judge(world)
    assert await copies(world) == {
        "vsrx 81": ("removed", "ended"),
        "vsrx 82": ("synced", ""),
        "vsrx 83": ("synced", ""),
    }


async def test_a_copy_that_stands_keeps_no_other_from_being_deleted(world: World) -> None:
    """The archive is down for a day: the document goes all the same, the blob when it is back."""
    await a_site(world)
    await world.decide(everywhere())
    await lose_file(world, 81)
    await pause(world.engine, "archive", by="owner")
    await world.pass_time(2 * GRACE, step=120)
    assert deleted(world) == OF_81[1:]
    await resume(world.engine, "archive")
    await world.pass_time(2 * GRACE, step=120)
    assert deleted(world) == OF_81


async def test_one_that_was_found_is_left(world: World) -> None:
    """The user's own document with the same bytes, and what refers to it."""
    await a_site(world)
    await brought(world, 99, "paperless", Key("document", "1"), how="found", bytes_=1)
    await world.decide(everywhere(agree=Agree.NONE))
    await lose_file(world, 99)
    await world.pass_time(4 * GRACE, step=120)
    assert deleted(world) == []


@pytest.mark.parametrize("status", ["synced", "duplicate", "pending", "processing", "failed", "missing"])
async def test_another_original_keeps_the_copy(world: World, status: str) -> None:
    """One with the same bytes, wherever its own journey stands; the vectors of the document stay with it."""
    await a_site(world)
    there = Key("document", "11") if status in ("synced", "duplicate", "missing") else None
    await brought(world, 99, "paperless", there, how="found", status=status, bytes_=81)
    await world.decide(everywhere())
    await lose_file(world, 81)
    await world.pass_time(2 * GRACE, step=120)
    assert deleted(world) == OF_81[:1]
    await world.pass_time(3600)
    assert deleted(world) == OF_81[:1]


@pytest.mark.parametrize("how", ["a suspect", "held", "frozen", "back under another key"])
async def test_what_is_not_proved_gone_keeps_the_copy(world: World, how: str) -> None:
    """The other original is in another app, so nothing of it keeps the policy itself still."""
    await a_site(world)
    await follow(world, "folder")
    world.apps["folder"].put(file(5), file(6), file(7))
    await world.scan("folder")
    await brought(world, 5, "paperless", Key("document", "11"), how="found", bytes_=81, source="folder")
    await world.decide(everywhere("everywhere", "paperless", agree=Agree.NONE))
    match how:
        case "a suspect":
            world.apps["folder"].deny = lambda _: True  # no yes to be had: nothing is proved
            world.apps["folder"].remove(Key("file", "5"))
            await world.scan_and_settle("folder")
        case "held":
            world.apps["folder"].remove(Key("file", "5"))
            await world.scan("folder")
            await world.ledger.write(_hold)
        case "frozen":
            await world.engine.remove("folder", freeze=True)
        case _:
            world.apps["folder"].remove(Key("file", "5"))
            await world.scan_and_settle("folder")
            world.apps["folder"].put(replace(file(5), key=Key("file", "55")))
            await world.scan_and_settle("folder")
    await lose_file(world, 81)
    await world.pass_time(3 * GRACE, step=120)
    assert deleted(world) == []


def _hold(tx: Tx) -> None:
    row = row_of(tx, "folder", Key("file", "5"))
    (hold,) = tx.execute(
        "INSERT INTO hold (source_id, kind, root, reason, sentence, opened_seq, opened_at) "
        "VALUES (?, 'file', '', 'many', 'many', 1, '2026') RETURNING id",
        (row.source_id,),
    ).fetchone()
    tx.execute("UPDATE suspect SET hold_id = ? WHERE item_id = ?", (hold, row.id))


async def test_one_that_came_back_under_another_key_and_went_from_there_keeps_nothing(world: World) -> None:
    await a_site(world)
    await follow(world, "folder")
    world.apps["folder"].put(file(5), file(6))
    await world.scan("folder")
    await brought(world, 5, "paperless", Key("document", "11"), how="found", bytes_=81, source="folder")
    await world.decide(everywhere("everywhere", "paperless", agree=Agree.NONE))
    await lose_file(world, 5, source="folder")
    world.apps["folder"].put(replace(file(5), key=Key("file", "55")))
    await world.scan_and_settle("folder")
    await lose_file(world, 81)
    await world.pass_time(2 * GRACE, step=120)
    assert deleted(world) == []
    await lose_file(world, 55, source="folder")
    await world.pass_time(4 * 3600)
    assert deleted(world) == ["paperless document 11"]


async def test_the_end_of_the_last_original_takes_the_copy(world: World) -> None:
    """Made is a property of the copy: the one whose upload it was went first."""
    await a_site(world)
    await brought(world, 99, "paperless", Key("document", "11"), how="found", bytes_=81)
    await world.decide(everywhere("everywhere", "paperless"))
    await lose_file(world, 81)
    await world.pass_time(2 * GRACE, step=120)
    assert deleted(world) == []
    await judge(world)
    assert (await copies(world))["vsrx 81"] == ("removed", "kept")
    await lose_file(world, 99)
    await world.pass_time(2 * GRACE, step=120)
    assert deleted(world) == ["paperless document 11"]
    await judge(world)
    assert (await copies(world))["vsrx 99"] == ("removed", "ended")


async def test_the_same_bytes_that_appear_during_the_grace_keep_the_copy(world: World) -> None:
    """A second original, not brought anywhere yet: it would have that very copy."""
    await a_site(world)
    await world.decide(everywhere("everywhere", "paperless"))
    await lose_file(world, 81)
    await world.pass_time(8 * 60)
    assert await world.actions() == ["planned delete paperless document 11"]
    world.apps["vsrx"].put(file(84, same_as=81))
    await world.scan_and_settle("vsrx")
    await world.pass_time(2 * GRACE, step=120)
    assert deleted(world) == []
    assert await world.actions() == ["dropped delete paperless document 11"]
    assert "kept for vsrx file 84" in (await world.reasons())[0]


async def test_a_row_that_appears_right_before_the_call_keeps_the_copy(world: World) -> None:
    await a_site(world)
    await world.decide(everywhere("everywhere", "paperless"))
    await lose_file(world, 81)
    await world.pass_time(8 * 60)

    async def meanwhile(what: str) -> None:  # while the target is asked for the last time
        if what == "lookup":
            world.apps["paperless"].in_flight = None
            await brought(world, 99, "paperless", status="pending", bytes_=81)

    world.apps["paperless"].in_flight = meanwhile
    await world.pass_time(2 * GRACE, step=120)
    assert deleted(world) == []


async def test_another_gone_original_must_still_be_gone_at_the_last_look(world: World) -> None:
    """It came back without a word; no scan has seen it since."""
    await a_site(world)
    await follow(world, "folder")
    world.apps["folder"].put(file(5), file(6))
    await world.scan("folder")
    await brought(world, 5, "paperless", Key("document", "11"), how="found", bytes_=81, source="folder")
    await lose_file(world, 5, source="folder")
    await world.decide(everywhere("everywhere", "paperless", agree=Agree.NONE))
    await lose_file(world, 81)
    world.apps["folder"].put(file(5))
    await world.pass_time(2 * GRACE, step=120)
    assert deleted(world) == []


async def test_a_copy_that_somebody_changed_is_left_to_a_person(world: World) -> None:
    await a_site(world)
    await world.decide(everywhere("everywhere", "paperless"))
    await lose_file(world, 81)
    await world.pass_time(8 * 60)
    world.apps["paperless"].put(document(11, of=500))
    await world.scan("paperless")
    await world.pass_time(2 * GRACE, step=120)
    assert deleted(world) == []
    assert await world.actions() == ["dropped delete paperless document 11"]
    assert "its copy was changed since" in (await world.reasons())[0]


async def test_a_copy_that_its_app_stored_otherwise_is_not_changed(world: World) -> None:
    """An app may keep other bytes than it was given; what counts is what it showed when it took them."""
    await a_site(world)
    world.apps["paperless"].put(document(11, of=500))
    await world.scan("paperless")
    held = document(11, of=500)
    (print_,) = [ref.value for ref in held.refs if ref.space == "sha256"]
    await world.ledger.write(
        lambda tx: tx.execute("UPDATE copy SET held_sha256 = ? WHERE target_key = '11'", (print_,))
    )
    await world.decide(everywhere("everywhere", "paperless"))
    await lose_file(world, 81)
    await world.pass_time(2 * GRACE, step=120)
    assert deleted(world) == ["paperless document 11"]


async def test_a_label_on_a_copy_excepts_the_thing(world: World) -> None:
    await a_site(world)
    world.apps["paperless"].put(document(11, of=81, tags=("keep",)))
    await world.scan("paperless")
    await world.decide(everywhere(unless=Unless(tags=frozenset({"keep"}))))
    await lose_file(world, 81)
    await world.pass_time(2 * GRACE, step=120)
    assert deleted(world) == []


async def test_a_copy_that_shares_a_ref_is_no_evidence(world: World) -> None:
    """A document that names its origin: nobody takes our own copy for another app's word."""
    await a_site(world)
    known = document(11, of=81)
    world.apps["paperless"].put(replace(known, refs=known.refs | {Ref("vsrx-file", "81")}))
    await world.scan("paperless")
    await world.decide(everywhere("everywhere", "archive"))
    await lose_file(world, 81)
    await world.pass_time(2 * GRACE, step=120)
    assert deleted(world) == OF_81[:1]


@pytest.mark.parametrize(
    ("refers", "goes"),
    [
        (vector(11, key="v"), True),
        (vector(11, 12, key="v"), False),
        (vector(11, 1, key="v"), False),
        (vector(12, key="v"), False),
    ],
    ids=["to the copy", "to another copy, too", "to somebody's own, too", "to another copy"],
)
async def test_what_refers_goes_when_all_that_it_names_goes(world: World, refers: Item, goes: bool) -> None:
    await a_site(world)
    world.apps["chroma"].put(refers)
    await world.scan("chroma")
    await world.decide(everywhere("everywhere", "paperless", "chroma"))
    await lose_file(world, 81)
    await world.pass_time(2 * GRACE, step=120)
    assert ("chroma vector v" in deleted(world)) is goes
    assert "paperless document 11" in deleted(world)


async def test_a_copy_that_arrived_after_the_loss_goes_too(world: World) -> None:
    """Its upload was under way when the file went: nobody but us put it there."""
    await a_site(world)
    await world.decide(everywhere("everywhere", "paperless"))
    await lose_file(world, 99)
    await world.pass_time(60)
    world.apps["paperless"].put(document(20, of=99))
    await world.scan("paperless")
    await brought(world, 99, "paperless", Key("document", "20"))
    world.outbox.engine.tell("finding")
    await world.pass_time(2 * GRACE, step=120)
    assert deleted(world) == ["paperless document 20"]


async def test_a_copy_that_somebody_restored_is_wanted(world: World) -> None:
    """Deleted by us, taken out of the trash by a person: no policy deletes it again."""
    await a_site(world)
    orphans = everywhere("orphans", "paperless", when=When.ORPHAN, sources=frozenset({"paperless"}))
    await world.decide(everywhere("everywhere", "paperless"), orphans)
    await lose_file(world, 81)
    await world.pass_time(2 * GRACE, step=120)
    assert deleted(world) == ["paperless document 11"]
    world.apps["paperless"].acts.clear()
    world.apps["paperless"].put(document(11, of=81))
    await world.scan_and_settle("paperless")
    for _ in range(3):
        await judge(world)
        world.outbox.engine.tell("finding")
        await world.pass_time(3 * GRACE, step=120)
        assert "orphan document 11" not in await world.findings()
    assert deleted(world) == []


# --- by hand --------------------------------------------------------------------------------------


def _order(*also: str) -> Order:
    return Order(Verb.DELETE, "vsrx", Key("file", "81"), also=also, files=True)


async def test_by_hand_the_same_belongs(world: World) -> None:
    await a_site(world)
    await world.decide(mode=Mode.ASK)
    shown = await preview(world.outbox, _order("paperless", "archive", "chroma"))
    assert [f"{aim.source} {aim.row.item.key}" for aim in shown] == [
        "vsrx file 81",
        OF_81[2],
        OF_81[0],
        OF_81[1],
    ]
    await order(world.outbox, _order("paperless", "archive"), by="owner")
    await world.turn()
    assert deleted(world) == [OF_81[0], OF_81[2], "vsrx file 81"]


async def test_by_hand_a_copy_that_is_kept_does_not_belong(world: World) -> None:
    await a_site(world)
    await world.decide(mode=Mode.ASK)
    await brought(world, 99, "paperless", Key("document", "11"), how="found", bytes_=81)
    with pytest.raises(CannotAct, match="holds nothing that belongs"):
        await order(world.outbox, _order("paperless"), by="owner")


async def test_by_hand_a_copy_that_is_kept_since_is_not_deleted(world: World) -> None:
    await a_site(world)
    await world.decide(mode=Mode.ASK)
    await pause(world.engine, "paperless", by="owner")
    await order(world.outbox, _order("paperless"), by="owner")
    await world.turn()
    assert deleted(world) == ["vsrx file 81"]
    await brought(world, 99, "paperless", status="pending", bytes_=81)
    await resume(world.engine, "paperless")
    await world.pass_time(GRACE, step=120)
    assert deleted(world) == ["vsrx file 81"]
    assert "kept for vsrx file 99" in (await world.reasons())[-1]


# --- rows that change hands -----------------------------------------------------------------------


async def test_what_was_replaced_keeps_its_copy(world: World) -> None:
    """The same file under another id, in one scan: the copy is that one's, and nothing is deleted."""
    await a_site(world)
    await world.decide(everywhere())
    world.apps["vsrx"].remove(Key("file", "81"))
    world.apps["vsrx"].put(replace(file(81), key=Key("file", "181")))
    await world.scan_and_settle("vsrx")
    await world.pass_time(2 * GRACE, step=120)
    assert deleted(world) == []
    (found,) = await world.rows(
        "SELECT item.key FROM copy JOIN item ON item.id = item_id WHERE target_key = '11'"
    )
    assert found["key"] == "181"


async def test_what_came_by_an_event_before_it_was_replaced_has_one_row(world: World) -> None:
    """The new id was enrolled before the scan that told that it is the same file."""
    await a_site(world)
    world.apps["vsrx"].put(replace(file(81), key=Key("file", "181")))
    await world.engine.lookup("vsrx", Key("file", "181"))
    await brought(world, 181, "paperless", status="pending", bytes_=81)
    world.apps["vsrx"].remove(Key("file", "81"))
    await world.scan_and_settle("vsrx")
    found = await world.rows(
        "SELECT item.key, target_key FROM copy LEFT JOIN item ON item.id = item_id "
        "WHERE sha256 = ? AND target = ?",
        sha(81), "paperless",
    )  # fmt: skip
    assert found == [{"key": "181", "target_key": "11"}]


async def test_a_copy_that_was_replaced_is_named_by_its_new_key(world: World) -> None:
    await a_site(world)
    world.apps["paperless"].remove(Key("document", "11"))
    world.apps["paperless"].put(replace(document(11, of=81), key=Key("document", "111")))
    await world.scan_and_settle("paperless")
    (found,) = await world.rows("SELECT target_key FROM copy WHERE key = '81' AND target = 'paperless'")
    assert found["target_key"] == "111"
    await world.decide(everywhere("everywhere", "paperless"))
    await lose_file(world, 81)
    await world.pass_time(2 * GRACE, step=120)
    assert deleted(world) == ["paperless document 111"]


@pytest.mark.parametrize(
    ("old", "new", "left"),
    [
        ("11 made", "11 found", ["old 11 made"]),
        ("11 found", "11 made", ["old 11 made"]),
        ("11 made", "-", ["old 11 made"]),
        ("-", "12 made", ["old 12 made"]),
        ("11 made", "12 made", ["new 12 made", "old 11 made"]),
        ("-", "-", ["old None None"]),
    ],
)
async def test_the_copies_of_two_rows_that_become_one(
    world: World, old: str, new: str, left: list[str]
) -> None:
    await a_site(world)
    await world.ledger.write(lambda tx: tx.execute("DELETE FROM copy"))
    for n, said in ((81, old), (82, new)):
        key, _, how = said.partition(" ")
        there = Key("document", key) if key != "-" else None
        await brought(world, n, "paperless", there, how=how or None, status=None if how else "pending")

    def write(tx: Tx) -> list[str]:
        one, other = (row_of(tx, "vsrx", Key("file", str(n))).id for n in (81, 82))
        hand_over(tx, one, other)
        names = {one: "old", other: "new"}
        found = tx.execute("SELECT item_id, target_key, how FROM copy").fetchall()
        return sorted(f"{names[item_id]} {key} {how}" for item_id, key, how in found)

    assert await world.ledger.write(write) == left


async def test_without_any_copies_nothing_is_different(world: World) -> None:
    """A policy about another app's things does not see copies at all."""
    await a_site(world)
    world.apps["other"] = ModelApp()
    await world.decide(everywhere("other", "chroma", sources=frozenset({"paperless"})))
    world.apps["paperless"].remove(Key("document", "1"))
    await world.scan_and_settle("paperless")
    await world.pass_time(2 * GRACE, step=120)
    assert deleted(world) == ["chroma vector 1"]


async def test_what_was_lost_by_our_own_hand_cascades_once(world: World) -> None:
    """The document goes with its file; what refers to it goes by a policy of its own, if that says so."""
    await a_site(world)
    orphans = everywhere(
        "orphans", "chroma", when=When.ORPHAN, sources=frozenset({"chroma"}), cascade=True, agree=Agree.NONE
    )
    world.apps["chroma"].put(vector(11, key="other"))
    await world.scan("chroma")
    await world.decide(everywhere("everywhere", "paperless"), replace(orphans, cascade=False))
    await lose_file(world, 81)
    await world.pass_time(4 * GRACE, step=120)
    assert deleted(world) == ["paperless document 11"]
    await world.decide(everywhere("everywhere", "paperless"), orphans)
    await world.pass_time(4 * GRACE, step=120)
    assert deleted(world) == ["chroma vector 11", "chroma vector other", "paperless document 11"]
