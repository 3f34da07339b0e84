"""The guards that count: what is too much is not believed, and what was counted with it is not acted on."""

from tests.daemon.engine.conftest import World, movie, policy, request

from reconciled.config import Step, Verb
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
