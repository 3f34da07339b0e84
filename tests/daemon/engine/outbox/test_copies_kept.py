"""What must never be taken for a copy of ours, or for one that nobody needs: hostile turns of the world."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from tests.daemon.engine.conftest import World
from tests.daemon.engine.outbox.mirrored import (
    GRACE,
    a_site,
    brought,
    copies,
    deleted,
    document,
    everywhere,
    file,
    follow,
    judge,
    lose_document,
    lose_file,
    row_of,
    sha,
    vector,
)

from reconciled.config import Agree, Mode, Verb, When
from reconciled.engine.outbox.by_hand import Order, order
from reconciled.engine.said import pause, resume
from reconciled.ledger import copies_of, items, sources
from reconciled.ledger.connection import Tx
from reconciled.model import Item, Key, Ref
from reconciled.testing.model_app import ModelApp


async def let_go(world: World) -> None:
    """Months pass: what is gone leaves the ledger, its tombstones stay."""
    await world.ledger.write(lambda tx: items.forget_gone(tx, before="9999", limit=10_000))


def somebodys(n: int, *, of: int) -> Item:
    """Another document under a number that was used before: it was added at another time."""
    known = document(n, of=of)
    return replace(known, refs=frozenset({Ref("paperless-document", f"{n}@2031"), Ref("sha256", sha(of))}))


async def copied(world: World, n: int = 81) -> str | None:
    """What the ledger takes for the copy of a file: the first strong ref of that item."""

    def read(tx: Tx) -> str | None:
        (found,) = tx.execute(
            "SELECT target_item FROM copy WHERE key = ? AND target = 'paperless'", (str(n),)
        ).fetchone()
        row = items.by_id(tx, found) if found is not None else None
        return None if row is None else str(min(row.item.strong_refs))

    return await world.ledger.read(read)


# --- originals that the ledger let go of ----------------------------------------------------------


@pytest.mark.parametrize("how", ["under its key", "under another key", "without a word"])
async def test_an_original_that_is_back_after_months_keeps_the_copy(world: World, how: str) -> None:
    """Its row left the ledger meanwhile, and it was not brought again yet: its bytes are not known."""
    await a_site(world)
    await brought(world, 99, "paperless", Key("document", "11"), how="found", bytes_=81)
    await lose_file(world, 99)
    await judge(world)
    await let_go(world)
    await world.decide(everywhere("everywhere", "paperless", max_actions=1000))
    back = file(99, declared=False)
    if how == "without a word":
        await lose_file(world, 81)
        world.apps["vsrx"].put(back)
        world.apps["vsrx"].unlisted.add(back.key)
    else:
        world.apps["vsrx"].put(back if how == "under its key" else replace(back, key=Key("file", "199")))
        await world.scan_and_settle("vsrx")
        await lose_file(world, 81)
    await world.pass_time(3 * GRACE, step=120)
    assert deleted(world) == []


async def test_one_that_stays_away_for_months_keeps_nothing(world: World) -> None:
    await a_site(world)
    await brought(world, 99, "paperless", Key("document", "11"), how="found", bytes_=81)
    await lose_file(world, 99)
    await let_go(world)
    await world.decide(everywhere("everywhere", "paperless"))
    await lose_file(world, 81)
    await world.pass_time(2 * GRACE, step=120)
    assert deleted(world) == ["paperless document 11"]


@pytest.mark.parametrize("forgotten", [False, True])
async def test_a_gone_original_whose_source_left_the_config_is_waited_for(
    world: World, forgotten: bool
) -> None:
    """Nobody can say that it is still gone: frozen means unknown, until the source is back or forgotten."""
    await a_site(world)
    await follow(world, "folder")
    world.apps["folder"].put(file(5), file(6))
    await world.scan("folder")
    await brought(world, 5, "paperless", Key("document", "11"), how="found", bytes_=81, source="folder")
    await lose_file(world, 5, source="folder")
    number = world.place("folder").live.id
    await world.engine.remove("folder", freeze=True)
    if forgotten:
        await world.ledger.write(lambda tx: sources.forget(tx, number))
    await world.decide(everywhere("everywhere", "paperless", agree=Agree.NONE))
    await lose_file(world, 81)
    await world.pass_time(3 * GRACE, step=120)
    assert deleted(world) == (["paperless document 11"] if forgotten else [])
    assert forgotten or "folder left the config" in (await world.reasons())[0]


# --- documents that are somebody's own ------------------------------------------------------------


async def test_a_key_that_names_another_thing_by_now_is_no_heir(world: World) -> None:
    """Our document came back as 111, and before anybody looked 111 was given to somebody's own."""
    await a_site(world)
    await lose_document(world, 11)
    world.apps["paperless"].put(replace(document(11, of=81), key=Key("document", "111")))
    await world.scan_and_settle("paperless")
    world.apps["paperless"].put(somebodys(111, of=81))
    await world.scan_and_settle("paperless")
    await judge(world)
    assert await copied(world) != "paperless-document:111@2031"
    await world.decide(everywhere("everywhere", "paperless", agree=Agree.NONE))
    await lose_file(world, 81)
    await world.pass_time(3 * GRACE, step=120)
    assert deleted(world) == []


async def test_the_same_bytes_under_a_number_that_was_ours_are_not_ours(world: World) -> None:
    """The document store went back to an older backup and gives the number away again, months later."""
    await a_site(world)
    await lose_document(world, 11)
    await judge(world)
    await let_go(world)
    world.apps["paperless"].put(somebodys(11, of=81))
    await world.scan_and_settle("paperless")
    await judge(world)
    assert (await copies(world))["vsrx 81"][0] == "missing"
    assert await copied(world) is None
    await world.decide(everywhere("everywhere", "paperless", agree=Agree.NONE))
    await lose_file(world, 81)
    await world.pass_time(3 * GRACE, step=120)
    assert deleted(world) == []


async def test_a_store_that_was_forgotten_and_added_again_is_asked_whose_its_documents_are(
    world: World,
) -> None:
    """A new installation, into which its user put her own documents in the same order."""
    await a_site(world)
    number = world.place("paperless").live.id
    await world.engine.remove("paperless", freeze=True)
    await world.ledger.write(lambda tx: sources.forget(tx, number))
    world.apps["paperless"] = ModelApp()
    await follow(world, "paperless")
    world.apps["paperless"].put(*(somebodys(n, of=n + 70) for n in (11, 12, 13)), document(1, of=1))
    await world.scan("paperless")
    await judge(world)
    assert set((await copies(world)).values()) == {("pending", "")}
    assert set((await copies(world, "archive")).values()) == {("synced", "")}
    await world.decide(everywhere("everywhere", "paperless", agree=Agree.NONE))
    await lose_file(world, 81)
    await world.pass_time(3 * GRACE, step=120)
    assert deleted(world) == []


async def test_an_archive_that_was_forgotten_and_added_again_is_known_by_its_bytes(world: World) -> None:
    await a_site(world)
    number = world.place("archive").live.id
    await world.engine.remove("archive", freeze=True)
    await world.ledger.write(lambda tx: sources.forget(tx, number))
    await follow(world, "archive")
    await world.scan("archive")
    await judge(world)
    assert set((await copies(world, "archive")).values()) == {("synced", "")}
    found = await world.rows(
        "SELECT item.key = copy.sha256 AS same FROM copy JOIN item ON item.id = target_item "
        "WHERE target = 'archive'"
    )
    assert [one["same"] for one in found] == [1, 1, 1]


async def test_bytes_that_another_file_was_found_to_have_are_not_what_we_brought(world: World) -> None:
    """Somebody put a newer file into our document; a second file with those bytes was found there."""
    await a_site(world)
    world.apps["paperless"].put(document(11, of=500))
    await world.scan("paperless")
    await brought(world, 99, "paperless", Key("document", "11"), how="found", bytes_=500)
    await world.decide(everywhere("everywhere", "paperless", agree=Agree.NONE))
    await lose_file(world, 81)
    await lose_file(world, 99)
    await world.pass_time(3 * GRACE, step=120)
    assert deleted(world) == []


# --- copies that another one needs ----------------------------------------------------------------


@pytest.mark.parametrize("by", ["policy", "hand"])
async def test_who_is_tied_to_a_copy_while_it_is_deleted_travels_itself(world: World, by: str) -> None:
    """The call was on its way when a second file with the same bytes was found to have that document."""
    await a_site(world)

    async def meanwhile(act: tuple[str, ...]) -> None:
        if act[1] == "document 11":
            await brought(world, 99, "paperless", Key("document", "11"), how="found", bytes_=81)

    world.apps["paperless"].during_act = meanwhile
    if by == "policy":
        await world.decide(everywhere("everywhere", "paperless"))
        await lose_file(world, 81)
        await world.pass_time(2 * GRACE, step=120)
    else:
        await world.decide(mode=Mode.ASK)
        wanted = Order(Verb.DELETE, "vsrx", Key("file", "81"), also=("paperless",), files=True)
        await order(world.outbox, wanted, by="owner")
        await world.turn()
        await world.pass_time(120)
    assert "paperless document 11" in deleted(world)
    await judge(world)
    await judge(world)
    found = await copies(world)
    assert found["vsrx 99"] == ("pending", "")
    assert found["vsrx 81"] == ("removed", "ended")


async def test_one_app_under_two_names_has_one_copy(world: World) -> None:
    """A second mirror brings another app's file to the same store, which stands in the config twice."""
    await a_site(world)
    await follow(world, "folder")
    world.apps["folder"].put(file(5, declared=False), file(6))
    await world.scan("folder")
    world.apps["documents"] = world.apps["paperless"]
    await follow(world, "documents")
    await world.scan("documents")
    await brought(world, 5, "documents", Key("document", "11"), how="found", bytes_=81, source="folder")
    await world.decide(everywhere("everywhere", "paperless", agree=Agree.NONE))
    await lose_file(world, 81)
    await world.pass_time(3 * GRACE, step=120)
    assert deleted(world) == []


async def test_by_hand_what_refers_to_a_copy_that_is_kept_since_is_not_deleted(world: World) -> None:
    await a_site(world)
    await world.decide(mode=Mode.ASK)
    for name in ("paperless", "chroma"):
        await pause(world.engine, name, by="owner")
    wanted = Order(Verb.DELETE, "vsrx", Key("file", "81"), also=("paperless", "chroma"), files=True)
    await order(world.outbox, wanted, by="owner")
    await world.turn()
    await brought(world, 99, "paperless", status="pending", bytes_=81)
    for name in ("paperless", "chroma"):
        await resume(world.engine, name)
    await world.pass_time(GRACE, step=120)
    assert deleted(world) == ["vsrx file 81"]


# --- what refers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("when", [When.GONE, When.ORPHAN])
async def test_what_refers_to_something_that_nobody_has_looked_at_yet_stays(world: World, when: When) -> None:
    """A document of this minute: that the ledger does not know it is no loss."""
    await a_site(world)
    world.apps["chroma"].put(vector(11, 700, key="v"))
    await world.scan("chroma")
    losing = "chroma" if when is When.ORPHAN else "vsrx"
    tidy = everywhere("vectors", "chroma", when=when, sources=frozenset({losing}), cascade=True)
    await world.decide(everywhere("everywhere", "paperless"), tidy)
    await lose_file(world, 81)
    await world.pass_time(2 * GRACE, step=120)
    await judge(world)
    await world.pass_time(2 * GRACE, step=120)
    assert "paperless document 11" in deleted(world)
    assert "chroma vector v" not in deleted(world)
    assert "orphan vector v" not in await world.findings(is_open=False)


async def test_what_refers_to_something_that_went_months_ago_goes(world: World) -> None:
    await a_site(world)
    world.apps["chroma"].put(vector(1, 11, key="v"))
    await world.scan("chroma")
    await lose_document(world, 1)
    await let_go(world)
    await world.decide(everywhere("everywhere", "paperless", "chroma"))
    await lose_file(world, 81)
    await world.pass_time(2 * GRACE, step=120)
    assert "chroma vector v" in deleted(world)


# --- many of them ---------------------------------------------------------------------------------


async def test_one_blob_of_nothing_is_judged_without_reading_all_blobs(world: World) -> None:
    await a_site(world, files=1)
    number = world.place("archive").live.id

    def plan(tx: Tx) -> list[str]:
        row = row_of(tx, "archive", Key("blob", sha(1)))
        told: list[str] = []

        def trace(sql: str) -> None:
            if sql.startswith("SELECT id FROM item"):
                told.extend(str(step[3]) for step in tx.execute(f"EXPLAIN QUERY PLAN {sql}"))

        tx.set_trace_callback(trace)
        found = copies_of.unnamed(tx, number, "archive", "blob", before="9999", only=row.id)
        tx.set_trace_callback(None)
        assert found == [row.id]
        return told

    assert any("item USING INTEGER PRIMARY KEY" in step for step in await world.ledger.read(plan))


# --- copies that a person made the only one, or another one --------------------------------------


async def stays_for_a_duplicate(world: World) -> None:
    """Somebody's own document 1 was deleted as the duplicate of our copy, document 11."""

    def write(tx: Tx) -> None:
        keeper, victim = (row_of(tx, "paperless", Key("document", n)) for n in ("11", "1"))
        tx.execute(
            "INSERT INTO action (verb, target, item_id, kind, key, title, since, asked_by, keeper, state, "
            "sent, created_seq, created_at, changed_at) VALUES ('delete', 'paperless', ?, 'document', '1', "
            "'Mine', 'so', 'owner', ?, 'done', 1.0, 1, 'a', 'a')",
            (victim.id, keeper.id),
        )

    await world.ledger.write(write)
    await lose_document(world, 1)


async def has_a_new_file(world: World) -> None:
    """Somebody put other bytes into our copy."""
    world.apps["paperless"].put(document(11, of=500))
    await world.scan("paperless")


@pytest.mark.parametrize("when", [When.GONE, When.ORPHAN])
@pytest.mark.parametrize("before", [stays_for_a_duplicate, has_a_new_file])
async def test_what_a_person_made_of_a_copy_no_policy_takes(
    world: World, before: Callable[[World], Awaitable[None]], when: When
) -> None:
    await a_site(world)
    await before(world)
    source = "vsrx" if when is When.GONE else "paperless"
    await world.decide(everywhere("tidy", "paperless", when=when, sources=frozenset({source})))
    await lose_file(world, 81)
    await lose_file(world, 82)
    await judge(world)
    assert "orphan document 11" in await world.findings(), "a person is shown it"
    await world.pass_time(3 * GRACE, step=120)
    assert deleted(world) == ["paperless document 12"]


async def test_a_copy_that_stayed_goes_once_the_other_one_is_back(world: World) -> None:
    await a_site(world)
    await stays_for_a_duplicate(world)
    await world.decide(everywhere("everywhere", "paperless"))
    await lose_file(world, 81)
    await world.pass_time(3 * GRACE, step=120)
    assert deleted(world) == []
    world.apps["paperless"].put(document(1, of=1))
    await world.scan_and_settle("paperless")
    world.outbox.engine.tell("finding")
    await world.pass_time(3 * GRACE, step=120)
    assert deleted(world) == ["paperless document 11"]
