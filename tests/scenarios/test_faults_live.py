"""No fault of an app, a network, a proxy or a disk makes anything gone, and all is well afterwards.

Each scenario deletes one film behind the apps' backs before the fault, so that a suspect is there
to be judged wrongly, and looks at the end whether exactly that film is remembered.
"""

from typing import Any

import pytest

from reconciled.testing.faults import Fault

pytestmark = pytest.mark.full

FAULTS: dict[str, tuple[Fault, dict[str, Any]]] = {
    "reset": (Fault.RESET, {}),
    "hang": (Fault.HANG, {}),
    "401 for a minute": (Fault.UNAUTHORIZED, {}),
    "403 of a proxy": (Fault.FORBIDDEN, {}),
    "404 of a proxy": (Fault.NOT_FOUND, {}),
    "404 with the app's headers": (Fault.NOT_FOUND_APP, {}),
    "429": (Fault.RATE_LIMITED, {"retry_after": 1}),
    "429 without Retry-After": (Fault.RATE_LIMITED, {"retry_after": None}),
    "500": (Fault.ERROR, {}),
    "503 while starting": (Fault.STARTING, {}),
    "HTML with 200": (Fault.HTML, {}),
    "redirect to a login page": (Fault.REDIRECT, {}),
    "redirect to another host": (Fault.REDIRECT_AWAY, {}),
    "cut JSON": (Fault.CUT_JSON, {}),
    "truncated JSON": (Fault.TRUNCATED_JSON, {}),
    "wrong shape": (Fault.WRONG_SHAPE, {}),
    "another app": (Fault.OTHER_APP, {}),
}
LOOKUPS = {"radarr": "/api/v3/movie/*", "jellyfin": "/Items[?]*ids=*"}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.full
async def test_a_fault_while_a_suspect_waits(make_home: Any, fault: str) -> None:
    """At Radarr and Jellyfin at once; each has lost the first film, and after the fault the second.

    The lookups fail before the scan that names the suspects: hurried, their settle is over in a
    moment, and what was proved before the fault began would be no mistake.
    """
    hangs = FAULTS[fault][0] is Fault.HANG
    home = await make_home(hurry=50.0, timeout="300ms" if hangs else "10s")
    fakes = {"radarr": home.apps.radarr, "jellyfin": home.apps.jellyfin}
    what, more = FAULTS[fault]
    for name, fake in fakes.items():
        fake.faults.set(what, LOOKUPS[name], **more)
    await _delete_silently(home, home.apps.films[0])
    await home.scan(*fakes)
    await home.until_count("suspect", 2)  # by the next scan where this one took too long
    for fake in fakes.values():
        fake.faults.set(what, **more)
    await home.scan(*fakes)
    await home.settled(4)
    assert await home.count("tombstone") == 0, fault
    for fake in fakes.values():
        fake.faults.clear()
    await home.until_count("tombstone", 2)
    await _delete_silently(home, home.apps.films[1])
    await home.scan(*fakes)
    await home.until_count("tombstone", 4)
    await home.until_well()
    assert {one["title"] for one in await home.stories()} == {work.title for work in home.apps.films[:2]}
    assert await home.count("hold", "closed_at IS NULL") == 0


async def _delete_silently(home: Any, work: Any) -> None:
    await home.apps.radarr.delete(home.apps.film(work).id, notify=False)
    home.apps.jellyfin.delete_item(home.apps.item(work).id, notify=False)


async def test_empty_lists_are_held_and_the_one_real_loss_waits_for_its_release(home: Any) -> None:
    await _delete_silently(home, home.apps.films[0])
    for fake in (home.apps.radarr, home.apps.jellyfin):
        fake.faults.set(Fault.EMPTY)
    await home.scan("radarr", "jellyfin")
    await home.settled(4)
    assert await home.count("tombstone") == 0
    for fake in (home.apps.radarr, home.apps.jellyfin):
        fake.faults.clear()
    await home.scan("radarr", "jellyfin")
    await home.settled(4)
    assert await home.count("suspect", "hold_id IS NOT NULL") == 2
    for hold in await home.rows(
        "SELECT hold.id, name FROM hold JOIN source ON source.id = source_id WHERE closed_at IS NULL"
    ):
        await home.daemon.engine.release(hold["name"], hold["id"])
    await home.until_count("tombstone", 2)
    await home.until_well()


async def test_lookups_that_all_answer_404_with_the_apps_headers(home: Any) -> None:
    await _delete_silently(home, home.apps.films[0])
    home.apps.radarr.faults.set(Fault.NOT_FOUND_APP, "/api/v3/movie/*")
    await home.scan("radarr")
    await home.settled(4)
    assert await home.count("tombstone", "source = 'radarr'") == 0
    why = await home.rows("SELECT why FROM work WHERE why <> ''")
    assert "it denies everything" in why[0]["why"]
    home.apps.radarr.faults.clear()
    await home.until_count("tombstone", 1, "source = 'radarr'")


@pytest.mark.parametrize("name", ["radarr", "sonarr", "jellyfin"])
async def test_refused_connections(home: Any, name: str) -> None:
    fake = getattr(home.apps, name)
    await fake.down()
    await home.scan(name)
    assert await home.count("item", "presence <> 'present'") == 0
    assert home.daemon.engine.place(name).live.health.state == "trouble"
    await fake.up()
    await home.until_well()


async def test_two_apps_down_at_once(home: Any) -> None:
    """What made a peer delete everything: one refuses, the other is starting."""
    await home.apps.sonarr.down()
    home.apps.jellyfin.faults.set(Fault.STARTING)
    runs = await home.scan()
    assert sorted(run["state"] for run in runs) == ["complete", "failed", "failed"]
    await home.settled()
    assert await home.count("tombstone") == 0
    assert await home.count("item", "presence <> 'present'") == 0
    await home.apps.sonarr.up()
    home.apps.jellyfin.faults.clear()
    await home.until_well()


@pytest.mark.parametrize("name", ["radarr", "sonarr", "jellyfin"])
async def test_an_empty_database(home: Any, name: str) -> None:
    fake = getattr(home.apps, name)
    before = fake.empty_database()
    await home.scan(name)
    await home.settled()
    assert await home.count("tombstone") == 0
    assert await home.count("hold", "closed_at IS NULL") >= 1
    fake.restore_state(before)
    await home.scan(name)
    assert await home.count("hold", "closed_at IS NULL") == 0
    assert await home.count("item", "presence <> 'present'") == 0


async def test_a_list_that_is_empty_though_the_lookups_are_right(home: Any) -> None:
    home.apps.radarr.faults.set(Fault.EMPTY, "/api/v3/movie")
    await home.scan("radarr")
    await home.settled()
    assert await home.count("tombstone") == 0
    assert await home.count("hold", "closed_at IS NULL") == 1
    home.apps.radarr.faults.clear()
    await home.scan("radarr")
    await home.until_well()
    assert await home.count("hold", "closed_at IS NULL") == 0


@pytest.mark.parametrize("what", ["root_vanishes", "root_emptied"])
async def test_a_root_folder_that_is_gone_or_emptied(make_home: Any, what: str) -> None:
    """400 files MissingFromDisk."""
    home = await make_home(films=400, series=2)
    radarr = home.apps.radarr
    root = home.apps.film(home.apps.films[0]).root
    await getattr(radarr, what)(root)
    await home.scan("radarr")
    await home.settled()
    assert await home.count("tombstone") == 0
    assert (
        await home.count("item", "source_id = (SELECT id FROM source WHERE name = 'radarr') AND has_file = 1")
        == 400
    )
    if what == "root_emptied":
        assert await home.count("hold", "closed_at IS NULL") == 1
    await radarr.root_returns(root)
    await home.scan("radarr")
    await home.until_well()
    assert await home.count("tombstone") == 0
    assert await home.count("hold", "closed_at IS NULL") == 0


@pytest.mark.parametrize("mode", ["protected", "items_removed"])
async def test_a_mount_of_jellyfin_that_vanishes(home: Any, mode: str) -> None:
    jellyfin = home.apps.jellyfin
    jellyfin.mount_vanishes("Movies", mode)
    await jellyfin.flush_webhooks()
    await home.scan("jellyfin")
    await home.settled()
    assert await home.count("tombstone") == 0
    jellyfin.mount_returns("Movies")
    await jellyfin.flush_webhooks()
    await home.scan("jellyfin")
    await home.until_well()
    assert await home.count("tombstone") == 0
    assert await home.count("hold", "closed_at IS NULL") == 0


async def test_a_proxy_that_begins_to_deny_in_the_middle_of_the_lookups(home: Any) -> None:
    for work in home.apps.films[:3]:
        await home.apps.radarr.delete(home.apps.film(work).id, notify=False)
    home.apps.radarr.faults.set(Fault.NOT_FOUND_APP, "/api/v3/movie/*", after=2)
    await home.scan("radarr")
    await home.settled()
    assert await home.count("tombstone") == 0
    home.apps.radarr.faults.clear()
    await home.until_count("tombstone", 3)


@pytest.mark.parametrize("name", ["radarr", "sonarr", "jellyfin"])
async def test_another_instance_behind_the_address(home: Any, name: str) -> None:
    fake = getattr(home.apps, name)
    before = fake.replace_with_other_instance()
    await home.scan(name)
    await home.settled()
    await home.scan(name)
    assert await home.count("tombstone") == 0
    assert await home.count("hold", "closed_at IS NULL AND reason = 'instance'") >= 1
    fake.restore_state(before)
    await home.scan(name)
    await home.until_well()
    assert await home.count("tombstone") == 0
    assert await home.count("hold", "closed_at IS NULL") == 0
    assert await home.count("item", "presence <> 'present'") == 0


async def test_ids_reused_after_a_restore(home: Any) -> None:
    radarr = home.apps.radarr
    for work in radarr.other_works(3, 5):
        await radarr.add(work)
    await home.until_count(
        "item", len(home.apps.films) + 3, "source_id = (SELECT id FROM source WHERE name = 'radarr')"
    )
    radarr.restore_backup(drop_newest=3)
    for work in radarr.other_works(3, 6):
        await radarr.add(work, notify=False)
    await home.scan("radarr")
    await home.settled()
    await home.scan("radarr")
    await home.settled()
    assert await home.count("tombstone") == 0
    assert await home.count("hold", "closed_at IS NULL AND reason = 'newest'") == 1


async def test_a_fault_in_the_middle_of_a_paged_listing(make_home: Any) -> None:
    home = await make_home(films=2500, series=5, timeout="20s")
    home.apps.jellyfin.faults.set(Fault.ERROR, "/Items[?]*startIndex=2000*")
    (run,) = await home.scan("jellyfin")
    assert run["state"] == "failed"
    assert await home.count("item", "presence <> 'present'") == 0
    home.apps.jellyfin.faults.clear()
    await home.until_well()


async def test_a_wrong_app_behind_the_address_is_named(home: Any) -> None:
    home.apps.radarr.faults.set(Fault.OTHER_APP)
    await home.scan("radarr")
    live = home.daemon.engine.place("radarr").live
    assert live.health.state == "trouble"
    assert "radarr" in live.health.detail.lower()
