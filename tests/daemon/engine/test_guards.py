"""The guards that count: what is too much is not believed, and what was counted with it is not acted on."""

import asyncio

import pytest
from tests.daemon.engine.conftest import World, movie, policy, request

from reconciled.config import Step, Verb
from reconciled.engine import chunks
from reconciled.errors import Unreachable
from reconciled.model import Key
from reconciled.testing.model_app import ModelApp


async def wanted_and_few_files(world: World, *files: int) -> ModelApp:
    """A Radarr of 200 films, of which it only looks for most; these have files."""
    app = await world.follow("radarr")
    app.put(*(movie(n, has_file=n in files) for n in range(1, 201)))
    await world.scan("radarr")
    return app


async def test_entries_without_files_do_not_hide_that_every_file_went(world: World) -> None:
    """10 of 10 files, while the list holds 190 films that never had one."""
    files = range(20, 201, 20)
    app = await wanted_and_few_files(world, *files)
    app.put(*(movie(n, has_file=False) for n in files))
    await world.scan_and_settle("radarr")
    assert await world.graves() == []
    (hold,) = await world.holds()
    assert hold["reason"] == "many"
    assert hold["sentence"].startswith("All 10 movies of radarr below /films that have files would lose them")
    await world.release_all("radarr")
    await world.settle()
    assert len(await world.graves()) == 10


async def test_entries_without_files_do_not_hide_that_most_files_went(world: World) -> None:
    """6 of 20, in two steps, an entry that went whole among them."""
    files = range(10, 201, 10)
    app = await wanted_and_few_files(world, *files)
    app.put(*(movie(n, has_file=False) for n in (10, 20, 30)))
    await world.scan_and_settle("radarr")
    assert len(await world.graves()) == 3
    app.put(*(movie(n, has_file=False) for n in (40, 50)))
    app.remove(Key("movie", "60"))
    await world.scan_and_settle("radarr")
    assert len(await world.graves()) == 3
    (hold,) = await world.holds()
    assert hold["sentence"] == (
        "At least 6 of 20 movies of radarr below /films that have files would lose them "
        "(3 of them went in the last 24 h), more than max_gone 10%"
    )


async def test_a_few_of_many_files_are_believed(world: World) -> None:
    app = await wanted_and_few_files(world, *range(1, 101))
    app.put(*(movie(n, has_file=False) for n in range(1, 11)))
    await world.scan_and_settle("radarr")
    assert len(await world.graves()) == 10
    assert await world.holds() == []


async def test_the_last_two_files_are_believed(world: World) -> None:
    app = await wanted_and_few_files(world, 50, 100)
    app.put(*(movie(n, has_file=False) for n in (50, 100)))
    await world.scan_and_settle("radarr")
    assert len(await world.graves()) == 2


async def test_nothing_follows_from_a_lost_file_while_its_entry_is_held(world: World) -> None:
    """The file went, proved; then half the entries are missed at once, this one among them."""
    radarr, requests = await world.follow("radarr"), await world.follow("requests")
    radarr.put(*(movie(n) for n in range(1, 101)))
    requests.put(request(17, of=1))
    for name in ("radarr", "requests"):
        await world.scan(name)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests"), sources=frozenset({"radarr"})))
    radarr.put(movie(1, has_file=False))
    await world.scan_and_settle("radarr")
    assert await world.graves() == ["radarr movie 1 file"]
    world.clock.advance(2 * 86400)
    radarr.remove(*(Key("movie", str(n)) for n in range(1, 51)))
    await world.scan_and_settle("radarr")
    assert await world.held() == 50
    await world.pass_time(3600)
    assert requests.acts == []
    assert await world.reasons() == ["movie 1 of radarr is held"]
    await world.release_all("radarr")
    await world.pass_time(3600)
    assert requests.acts == [("delete", "request 17", "files=False", "exclude=False")]


async def a_wave(world: World) -> dict[str, ModelApp]:
    """Five films of Jellyfin go, proved; an hour later ten more are missed, which is too much with those."""
    jellyfin, requests = await world.follow("jellyfin", many=True), await world.follow("requests")
    jellyfin.put(*(movie(n, attrs={"tags": []}) for n in range(1, 61)))
    requests.put(*(request(100 + n, of=n) for n in range(1, 61)))
    for name in ("jellyfin", "requests"):
        await world.scan(name)
    await world.decide(policy("forget", Step(Verb.DELETE, "requests"), grace=4 * 3600.0))
    jellyfin.remove(*(Key("movie", str(n)) for n in range(1, 6)))
    await world.scan_and_settle("jellyfin")
    assert len(await world.graves()) == 5
    await world.pass_time(3600)
    jellyfin.remove(*(Key("movie", str(n)) for n in range(11, 21)))
    await world.scan_and_settle("jellyfin")
    (hold,) = await world.holds()
    assert "At least 15 of 60" in hold["sentence"]
    assert "(5 of them went in the last 24 h)" in hold["sentence"]
    return {"jellyfin": jellyfin, "requests": requests}


async def test_nothing_follows_from_losses_that_a_hold_counts_until_it_is_released(world: World) -> None:
    apps = await a_wave(world)
    await world.pass_time(6 * 3600, step=100.0)
    await world.scan("jellyfin")
    await world.pass_time(6 * 3600, step=100.0)
    assert apps["requests"].acts == []
    assert set(await world.reasons()) == {"others of jellyfin went soon after it, and are held (hold 1)"}
    await world.release_all("jellyfin")
    await world.pass_time(6 * 3600, step=100.0)
    assert len(apps["requests"].acts) == 15


async def test_what_a_hold_counted_and_came_back_is_not_acted_on(world: World) -> None:
    apps = await a_wave(world)
    await world.pass_time(6 * 3600, step=100.0)
    apps["jellyfin"].put(*(movie(n, attrs={"tags": []}) for n in range(1, 61)))
    await world.scan_and_settle("jellyfin")
    await world.pass_time(6 * 3600, step=100.0)
    assert await world.holds() == []
    assert apps["requests"].acts == []


async def test_a_loss_of_the_week_before_is_no_part_of_what_is_held(world: World) -> None:
    jellyfin, requests = await world.follow("jellyfin", many=True), await world.follow("requests")
    jellyfin.put(*(movie(n, attrs={"tags": []}) for n in range(1, 61)))
    requests.put(request(101, of=1))
    for name in ("jellyfin", "requests"):
        await world.scan(name)
    jellyfin.remove(Key("movie", "1"))
    await world.scan_and_settle("jellyfin")
    world.clock.advance(7 * 86400)
    jellyfin.remove(*(Key("movie", str(n)) for n in range(11, 21)))
    await world.scan_and_settle("jellyfin")
    assert await world.held() == 10
    await world.decide(policy("forget", Step(Verb.DELETE, "requests")))
    await world.pass_time(3600)
    await world.scan("jellyfin")
    await world.pass_time(3600)
    assert len(requests.acts) == 1


async def test_a_loss_that_a_hold_counts_agrees_to_nothing(world: World) -> None:
    """Radarr's file of the same film is deleted meanwhile: Jellyfin's loss of it is no agreement."""
    radarr = await world.follow("radarr")
    radarr.put(*(movie(n, key=str(800 + n)) for n in range(1, 61)))
    await world.scan("radarr")
    apps = await a_wave(world)
    then = policy("also", Step(Verb.DELETE, "requests"), sources=frozenset({"radarr"}))
    await world.decide(then)
    radarr.put(movie(1, key="801", has_file=False))
    await world.scan_and_settle("radarr")
    await world.pass_time(3600)
    await world.scan("jellyfin")
    await world.pass_time(3600)
    assert apps["requests"].acts == []
    assert (await world.reasons())[-1] == "others of jellyfin went soon after it, and are held (hold 1)"
    await world.release_all("jellyfin")
    await world.pass_time(3600)
    assert apps["requests"].acts == [("delete", "request 101", "files=False", "exclude=False")]


async def test_a_film_whose_file_went_first_and_then_its_entry_counts_once(world: World) -> None:
    """Three films are thrown away, on the disk first, then in Radarr, which tells nobody: that is no wave."""
    app = await world.follow("radarr")
    app.put(*(movie(n) for n in range(1, 41)))
    await world.scan("radarr")
    app.put(*(movie(n, has_file=False) for n in (1, 2, 3)))
    await world.scan_and_settle("radarr")
    app.remove(*(Key("movie", str(n)) for n in (1, 2, 3)))
    await world.scan_and_settle("radarr")
    assert await world.holds() == []
    app.remove(Key("movie", "4"))
    await world.scan_and_settle("radarr")
    assert await world.holds() == []
    assert len(await world.graves()) == 7
    app.remove(Key("movie", "5"), Key("movie", "6"))
    await world.scan_and_settle("radarr")
    (hold,) = await world.holds()
    assert "At least 6 of 40 movies" in hold["sentence"]
    assert "(4 of them went in the last 24 h)" in hold["sentence"]


async def test_nobody_is_asked_about_the_first_before_all_are_counted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No settle, a ledger that is slow to write, and a worker that is not."""
    app = await world.follow("radarr", settle=0.0, many=True)
    app.put(*(movie(n) for n in range(1, 201)))
    await world.scan("radarr")
    app.remove(*(Key("movie", str(n)) for n in range(1, 121)))
    for size in ("FIRST", "MOST"):
        monkeypatch.setattr(chunks, size, 1)
    worker, over = world.place("radarr").worker, False

    async def work() -> None:
        while not over:
            await worker.work_once()
            await asyncio.sleep(0)

    working = asyncio.create_task(work())
    await world.scan("radarr")
    over = True
    await working
    assert await world.graves() == []
    assert await world.held() == 120


@pytest.mark.parametrize("how", ["killed", "cancelled"])
async def test_what_a_scan_named_before_it_was_cut_off_waits_for_the_next_one(
    world: World, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Every file is missed; a few suspicions are written when the daemon dies, or a person stops the scan."""
    app = await world.follow("radarr")
    app.put(*(movie(n) for n in range(1, 201)))
    await world.scan("radarr")
    app.put(*(movie(n, has_file=False) for n in range(1, 201)))
    for size in ("FIRST", "MOST"):
        monkeypatch.setattr(chunks, size, 1)
    run = await world.engine.begin("scan", "radarr", asked_by="a test")
    while await world.suspects() < 5:
        await asyncio.sleep(0)
    await world.engine.cancel(run)
    monkeypatch.undo()
    assert 5 <= await world.suspects() < 20
    if how == "killed":
        app.listing_trouble = Unreachable("it is still starting")
        await world.restart()
        app.listing_trouble = None
    await world.settle(60.0)
    assert await world.graves() == []
    await world.scan_and_settle("radarr")
    assert await world.graves() == []
    assert await world.held() == 200


async def test_suspects_of_a_scan_that_was_counted_are_proved_after_a_restart(world: World) -> None:
    app = await world.follow("radarr")
    app.put(*(movie(n) for n in range(1, 201)))
    await world.scan("radarr")
    app.remove(Key("movie", "7"))
    await world.scan("radarr")
    app.listing_trouble = Unreachable("it is still starting")
    await world.engine.remove("radarr", freeze=False)
    await world.follow("radarr")
    await world.engine.probe("radarr")
    await world.settle(60.0)
    assert await world.graves() == ["radarr movie 7 entry"]
