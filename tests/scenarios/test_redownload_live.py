"""A film that was deleted and that Radarr downloads again: told, explained, and ended, with real plugins."""

import json
from typing import Any

import aiohttp
import pytest

pytestmark = pytest.mark.full


async def get(home: Any, path: str, **params: str) -> Any:
    url = f"{home.daemon.url}/api/v1/{path}"
    async with aiohttp.ClientSession() as session, session.get(url, params=params) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def test_a_deleted_film_that_is_grabbed_again(home: Any) -> None:
    work, radarr = home.apps.films[0], home.apps.radarr
    entry = home.apps.film(work)
    await radarr.delete_file(entry.id, reason="manual")
    await home.until_count("tombstone", 1)
    await radarr.grab(entry.id)
    await home.until_count("finding", 1, "code = 'redownload' AND resolved_at IS NULL")
    await radarr.import_file(entry.id)
    await home.until_count(
        "item",
        1,
        f"title = '{work.title}' AND has_file = 1 AND kind = 'movie' AND source_id = "
        "(SELECT id FROM source WHERE name = 'radarr')",
    )
    (found,) = (await get(home, "findings", code="redownload"))["items"]
    assert f"{work.title} was deleted in radarr on " in found["detail"]
    assert "; radarr, which still monitors it, grabbed it again " in found["detail"]
    assert [one["command"] for one in found["remedies"]] == [
        f"reconciled act unmonitor radarr movie {entry.id}",
        f"reconciled act delete radarr movie {entry.id} --exclude",
    ]
    told = await get(home, "explain", q=work.title)
    assert told["thing"]["state"] in ("returned", "present")
    assert {one["source"] for one in told["thing"]["sources"]} >= {"radarr", "jellyfin"}
    assert told["thing"]["findings"][0]["code"] == "redownload"
    assert radarr.api_key not in json.dumps(told)
    radarr.unmonitor(entry.id)
    await home.scan()
    await home.until_count("finding", 0, "code = 'redownload' AND resolved_at IS NULL")
    assert await home.count("finding", "code = 'redownload'") == 1


async def test_an_upgrade_is_none(home: Any) -> None:
    entry = home.apps.film(home.apps.films[1])
    await home.apps.radarr.grab(entry.id)
    await home.apps.radarr.upgrade(entry.id)
    await home.until_count("inbox", 0, "state = 'new'")
    await home.settled()
    assert await home.count("finding", "code = 'redownload'") == 0
