"""What vanished is noticed, proved and remembered: by scans, by events, and with who did it."""

import sqlite3
from typing import Any

import pytest

from reconciled.model import Key


async def films(world: Any, film: Any, name: str = "radarr", count: int = 100, **how: Any) -> Any:
    app = await world.follow(name, **how)
    app.put(*(film(n) for n in range(1, count + 1)))
    await world.scan(name)
    return app


async def test_a_scan_learns_everything_and_says_so(world: Any, film: Any) -> None:
    await films(world, film, count=30)
    assert set((await world.presence("radarr")).values()) == {"present"}
    run = (await world.rows("SELECT * FROM run"))[0]
    assert run["state"] == "complete"
    assert '"new":30' in run["stats"]
    assert await world.tombstones() == []


async def test_a_film_deleted_without_a_word_is_found_by_scan_and_proof(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.remove(Key("movie", "7"))
    await world.scan("radarr")
    assert (await world.presence("radarr"))["movie 7"] == "unlisted"
    assert await world.graves() == []
    await world.settle()
    assert await world.graves() == ["radarr movie 7 entry"]
    assert await world.findings() == ["gone movie 7"]
    assert await world.cause(1) == "external"
    assert await world.suspects() == 0


async def test_an_unlisted_item_that_a_lookup_shows_is_present(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.unlisted.add(Key("movie", "7"))
    await world.scan("radarr")
    await world.settle()
    assert (await world.presence("radarr"))["movie 7"] == "present"
    assert await world.tombstones() == []


async def test_a_webhook_names_the_app_and_is_proved_after_its_settle(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.remove(Key("movie", "7"))
    await world.tell(
        "radarr", op="deleted", kind="movie", id="7", title="Film 7", own_act=True, reason="MovieDelete"
    )
    await world.settle(19.0)
    assert await world.graves() == []
    await world.settle(1.0)
    assert await world.graves() == ["radarr movie 7 entry"]
    assert await world.cause(1) == "radarr"


async def test_a_webhook_that_lies_leaves_no_trace(world: Any, film: Any) -> None:
    await films(world, film)
    await world.tell("radarr", op="deleted", kind="movie", id="7", title="Film 7", own_act=True)
    assert (await world.presence("radarr"))["movie 7"] == "unlisted"
    await world.settle()
    assert (await world.presence("radarr"))["movie 7"] == "present"
    assert await world.rows("SELECT * FROM evidence") == []


async def test_losses_of_one_thing_share_a_story_with_the_first_naming_cause(world: Any, film: Any) -> None:
    radarr = await films(world, film)
    jellyfin = await world.follow("jellyfin", many=True)
    jellyfin.put(*(film(n, key=f"j{n}") for n in range(1, 101)))
    await world.scan("jellyfin")
    radarr.remove(Key("movie", "7"))
    await world.tell("radarr", op="deleted", kind="movie", id="7", own_act=True)
    await world.settle()
    jellyfin.remove(Key("movie", "j7"))
    await world.scan("jellyfin")
    await world.settle()
    graves = await world.tombstones()
    assert [g["source"] for g in graves] == ["radarr", "jellyfin"]
    assert len({g["story_id"] for g in graves}) == 1
    assert await world.cause(graves[0]["story_id"]) == "radarr"


async def test_attribution_arrives_late_and_is_added_beside(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.remove(Key("movie", "7"))
    await world.scan("radarr")
    await world.settle()
    assert await world.cause(1) == "external"
    await world.tell("radarr", op="deleted", kind="movie", id="7", own_act=True, actor="anna")
    assert await world.cause(1) == "radarr"
    assert len(await world.tombstones()) == 1


async def test_a_file_that_fell_ends_the_file_and_not_the_entry(world: Any, film: Any, root: Any) -> None:
    app = await world.follow("radarr")
    app.roots["/films"] = root()
    app.put(*(film(n) for n in range(1, 101)))
    await world.scan("radarr")
    app.put(film(7, has_file=False))
    await world.tell(
        "radarr", op="file_deleted", kind="movie", id="7", external=True, reason="missing from disk"
    )
    await world.settle()
    assert await world.graves() == ["radarr movie 7 file"]
    assert (await world.presence("radarr"))["movie 7"] == "present"
    assert await world.cause(1) == "external"
    app.put(film(7))
    await world.scan("radarr")
    assert await world.graves() == []
    assert await world.findings() == []


async def test_a_file_loss_that_only_a_scan_noticed(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.put(film(7, has_file=False))
    await world.scan("radarr")
    assert (await world.rows("SELECT has_file FROM item WHERE key = '7'"))[0]["has_file"] == 1
    await world.settle()
    assert await world.graves() == ["radarr movie 7 file"]


async def test_an_upgrade_settles_for_half_an_hour(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.put(film(7, has_file=False))
    await world.tell("radarr", op="changed", kind="movie", id="7", reason="upgrade", settle=1800)
    await world.scan("radarr")
    await world.settle(1000)
    app.put(film(7, path="/films/7 better.mkv"))
    await world.settle(1000)
    assert await world.tombstones() == []
    assert await world.findings(is_open=False) == []


async def test_an_unknown_key_that_is_denied_is_remembered_as_never_listed(world: Any, film: Any) -> None:
    await films(world, film)
    await world.tell(
        "radarr", op="deleted", kind="movie", id="999", title="Brief Film", refs=["tmdb:movie/999"]
    )
    await world.settle()
    assert await world.graves() == ["radarr movie 999 entry"]
    assert (await world.tombstones())[0]["title"] == "Brief Film"
    assert await world.findings() == []


async def test_an_event_about_a_new_item_brings_it_in(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.put(film(500))
    await world.tell("radarr", op="changed", kind="movie", id="500")
    await world.settle(0)
    assert (await world.presence("radarr"))["movie 500"] == "present"


async def test_what_comes_back_revives_its_tombstone(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.remove(Key("movie", "7"))
    await world.scan_and_settle("radarr")
    app.put(film(7))
    run = await world.scan("radarr")
    assert '"returned":1' in run["stats"]
    assert await world.graves() == []
    assert await world.findings() == []
    assert (await world.tombstones())[0]["revived"]


async def test_a_deletion_during_the_walk_is_not_undone_by_it(world: Any, film: Any) -> None:
    """The page was read before the deletion, its loss proved before the listing ended."""
    app = await films(world, film)
    app.page_size = 50

    def delete_behind(page: int) -> None:
        if page == 1:
            app.items.pop(Key("movie", "1"), None)

    app.on_page = delete_behind
    place = world.place("radarr")
    row = await world.ledger.read(lambda tx: tx.execute("SELECT max(seq) FROM run").fetchone())
    assert row
    await world.tell("radarr", op="deleted", kind="movie", id="1", own_act=True)
    world.clock.advance(20)
    run = await world.scan("radarr")
    await place.worker.work_once()
    await world.settle(60)
    assert run["state"] == "complete"
    assert (await world.presence("radarr"))["movie 1"] == "gone"


async def test_a_tombstone_never_changes(world: Any, film: Any) -> None:
    app = await films(world, film)
    app.remove(Key("movie", "7"))
    await world.scan_and_settle("radarr")
    for sql in ("UPDATE tombstone SET title = 'x'", "DELETE FROM tombstone"):
        with pytest.raises(sqlite3.IntegrityError, match="tombstone"):
            await world.ledger.write(lambda tx, sql=sql: tx.execute(sql))
