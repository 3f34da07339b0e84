"""What held items have in common, over real sockets: the sentence that a person decides by."""

from typing import Any

import aiohttp
import pytest
from tests.scenarios.conftest import TOKEN

pytestmark = pytest.mark.full


async def _api(home: Any, path: str) -> Any:
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as session:
        async with session.get(f"{home.daemon.url}/api/v1/{path}") as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()


async def _holds(home: Any, count: int) -> dict[str, Any]:
    """The holds that stand, by their sources."""
    await home.until_count("hold", count, "closed_at IS NULL")
    return {one["source"]: one for one in (await _api(home, "holds"))["items"]}


async def test_a_disk_that_is_away_from_two_apps_at_once(home: Any) -> None:
    root = home.apps.film(home.apps.films[0]).root
    await home.apps.radarr.root_emptied(root, notify=False)
    home.apps.jellyfin.mount_vanishes("Movies", "items_removed", notify=False)
    await home.scan("radarr", "jellyfin")
    for name, one in (await _holds(home, 2)).items():
        other = {"radarr": "jellyfin", "jellyfin": "radarr"}[name]
        assert one["likely"].startswith(f"The disk behind {root} is likely not mounted (")
        assert one["likely"].endswith(f"): all 40 lie there, and {other} misses the same, too.")
        assert one["advice"].startswith("Check the mount, then scan")
        shared = {fact["what"]: fact for fact in one["common"]}
        assert (shared["root"]["value"], shared["root"]["count"], shared["root"]["elsewhere"]) == (
            root,
            40,
            0,
        )
        assert (shared["hold"]["count"], shared["hold"]["of"]) == (40, 40)
        assert (shared["user"]["said"], shared["missed"]["value"]) == ("nobody is named", other)
    await home.apps.radarr.root_returns(root, notify=False)
    home.apps.jellyfin.mount_returns("Movies", notify=False)
    await home.scan("radarr", "jellyfin")
    await home.until_well()
    assert await home.count("tombstone") == 0


async def test_films_that_jellyfin_alone_misses(home: Any) -> None:
    """Told by its webhooks, which name nobody: Radarr still has their files."""
    for work in home.apps.films[:20]:
        home.apps.jellyfin.delete_item(home.apps.item(work).id)
    await home.apps.jellyfin.flush_webhooks()
    await home.scan("jellyfin")
    one = (await _holds(home, 1))["jellyfin"]
    assert one["likely"] == "jellyfin likely lost sight of them only: radarr still has files of all 20."
    words = {fact["value"] for fact in one["common"] if fact["what"] == "word"}
    assert words == {"jellyfin said that it was deleted"}


async def test_a_batch_says_through_which_app_its_files_went(make_home: Any) -> None:
    policies = (
        "mode: ask\npolicies:\n"
        "  mark: {when: gone, kind: movie, from: jellyfin, agree: none, then: [{tag: radarr, label: lost}]}\n"
    )
    home = await make_home(extra=policies)
    for work in home.apps.films[:3]:
        await home.apps.radarr.delete_file(home.apps.film(work).id)
        home.apps.jellyfin.delete_item(home.apps.item(work).id)
    await home.apps.jellyfin.flush_webhooks()
    await home.until_count("action", 3, "state = 'waiting'")
    (one,) = (await _api(home, "decisions"))["items"]
    assert one["likely"].startswith("They were likely deleted through radarr: it says so of all 3")
    assert one["advice"] == "Approve them if it was meant."
    assert {fact["of"] for fact in one["common"]} == {3}
    words = {fact["value"] for fact in one["common"] if fact["what"] == "word"}
    assert "radarr said that its file was deleted (manual)" in words


async def test_a_restored_backup(home: Any) -> None:
    for work in home.apps.radarr.other_works(5, 77):
        await home.apps.radarr.add(work, notify=False)
    await home.scan("radarr")
    home.apps.radarr.restore_backup(drop_newest=5)
    await home.scan("radarr")
    one = (await _holds(home, 1))["radarr"]
    assert one["likely"] == (
        "A restored backup of radarr is likely: all 5 are the newest that it had, and nobody is named "
        "for them."
    )
    assert one["advice"].startswith("If it was restored, add them there again")
