"""A reload foretold: the running daemon says what the edited file would change, and changes nothing."""

from typing import Any

import aiohttp
from tests.scenarios.conftest import TOKEN, Home


async def ask(home: Home) -> tuple[int, Any]:
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as session:
        url = f"{home.daemon.url}/api/v1/reload"
        async with session.post(url, json={"preview": True}) as answer:
            return answer.status, await answer.json()


async def test_a_preview_says_what_a_reload_would_do(make_home: Any, monkeypatch: Any) -> None:
    home: Home = await make_home(films=3, series=1)
    assert await ask(home) == (200, {"ok": True, "changes": ["nothing changes"]})

    async def hold_still() -> None:
        return

    monkeypatch.setattr(home.daemon.reloader, "reload", hold_still)  # the watch would take the edit over
    before = home.daemon.reloader.state
    home.write_config(without="sonarr", radarr="max_gone: 50%", extra="mode: ask\n")
    status, told = await ask(home)
    assert status == 200
    assert told["changes"] == [
        "- sources.sonarr: is stopped, its items are frozen",
        "~ sources.radarr: is restarted",
        "~ mode: counts at once",
    ]
    home.write_config(extra="nonsense: 1\n")
    status, told = await ask(home)
    assert (status, "nonsense" in told["problems"][0]) == (422, True)
    assert home.daemon.reloader.state == before
    assert set(home.daemon.engine.places) == {"radarr", "sonarr", "jellyfin"}
