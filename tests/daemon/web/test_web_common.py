"""What a hold's suspects and a decision's losses have in common: API, pages, and what is over."""

import json
import re
from html import unescape
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from markupsafe import escape
from tests.daemon.web.conftest import BEARER, World, film

from reconciled.model import Key
from reconciled.testing.model_app import ModelApp

Client = TestClient[Any, Any]


async def read(client: Client, path: str, **headers: str) -> str:
    answer = await client.get(path, headers=BEARER | headers)
    assert answer.status == 200, await answer.text()
    return await answer.text()


async def get(client: Client, path: str) -> Any:
    return json.loads(await read(client, f"/api/v1/{path}"))


async def page(client: Client, path: str) -> str:
    """The words of a page, in one line."""
    text = re.sub(r"<[^>]+>", " ", await read(client, path, Accept="text/html"))
    return re.sub(r"\s+", " ", unescape(text))


@pytest.fixture
async def two(world: World, radarr: ModelApp) -> World:
    """The same twenty films in jellyfin."""
    other = await world.follow("jellyfin")
    other.put(*(film(number) for number in range(1, 21)))
    await world.scan("jellyfin")
    return world


async def test_a_hold_says_why_on_every_way_to_it(two: World, client: Client) -> None:
    for number in range(1, 11):
        two.apps["jellyfin"].remove(Key("movie", str(number)))
    await two.scan("jellyfin")
    ((hold,),) = await two.rows("SELECT id FROM hold")
    (listed,) = (await get(client, "holds"))["items"]
    told = await get(client, f"holds/{hold}")
    likely = "jellyfin likely lost sight of them only: radarr still has files of all 10."
    for one in (listed, told):
        assert one["likely"] == likely
        assert one["advice"].startswith("Check its libraries")
        assert {
            "what": "root", "value": "/films", "count": 10, "of": 10, "elsewhere": 10,
            "said": "all 10 lie below /films, and so does everything else of jellyfin",
        } in one["common"]  # fmt: skip
    assert f"Likely: {likely}" in await page(client, "/")
    shown = await page(client, f"/holds/{hold}")
    assert f"Likely: {likely}" in shown
    assert "present Radarr still has a file of all 10" in shown
    assert "root All 10 lie below /films" in shown
    assert "likely" in await read(client, "/api/v1/holds", Accept="text/csv")


async def test_a_hold_that_is_over_says_nothing_of_it(two: World, client: Client) -> None:
    items = dict(two.apps["jellyfin"].items)
    hold = await two.hold("jellyfin")
    two.apps["jellyfin"].items.update(items)
    await two.scan("jellyfin")
    told = await get(client, f"holds/{hold}")
    assert told["closed"] is not None
    assert (told["common"], told["likely"], told["advice"]) == ([], None, None)
    assert "in common" not in await page(client, f"/holds/{hold}")


async def test_where_nothing_fits_that_is_said(world: World, client: Client, radarr: ModelApp) -> None:
    for number in range(1, 11):
        radarr.remove(Key("movie", str(number)))
    await world.scan("radarr")
    (one,) = (await get(client, "holds"))["items"]
    assert one["likely"] is None
    assert one["advice"].startswith("Nothing in common was found beyond the root /films")
    assert one["advice"] in await page(client, f"/holds/{one['id']}")
    assert "Likely:" not in await page(client, "/")


async def test_a_decision_says_who_and_what(two: World, client: Client) -> None:
    for number in (3, 4):
        key = Key("movie", str(number))
        two.apps["jellyfin"].remove(key)
        body = {"op": "deleted", "kind": "movie", "id": key.id, "actor": "anna", "own_act": True}
        await two.engine.receive("jellyfin", json.dumps(body).encode(), {})
    await two.settle(0)
    await two.settle()
    findings = await two.rows("SELECT id, key FROM finding WHERE code = 'gone' ORDER BY id")
    planned = [await two.plan(int(key), finding_id=number) for number, key in findings]
    decision = await two.ask(*planned)
    (listed,) = (await get(client, "decisions"))["items"]
    told = await get(client, f"decisions/{decision}")
    for one in (listed, told):
        assert one["likely"] == "anna likely deleted them in jellyfin: the events of both name anna."
        assert one["advice"] == "Approve them if it was meant."
        assert {"user", "root", "present"} <= {fact["what"] for fact in one["common"]}
    assert "Likely: anna likely deleted them" in await page(client, f"/decisions/{decision}")
    assert "Likely: anna likely deleted them" in await page(client, "/")


async def test_what_apps_wrote_is_no_markup(world: World, client: Client) -> None:
    odd = "<b>'\"& \u202e"
    app = await world.follow("jellyfin")
    for number in range(1, 21):
        one = film(number)
        app.put(type(one)(one.key, odd, one.refs, {"tags": [odd] if number <= 10 else []}, has_file=True))
    await world.scan("jellyfin")
    for number in range(1, 11):
        app.remove(Key("movie", str(number)))
    await world.scan("jellyfin")
    ((hold,),) = await world.rows("SELECT id FROM hold")
    text = await read(client, f"/holds/{hold}", Accept="text/html")
    assert "<b>" not in text
    assert "&lt;b&gt;" in text
    title = f"<bdi>{escape(odd)}</bdi>"
    assert text.count(title) == 10, "what turns the direction of writing turns nothing beside it"
    assert f"{title} · {title}" in await read(client, "/", Accept="text/html")
    (tag,) = [one for one in (await get(client, f"holds/{hold}"))["common"] if one["what"] == "tag"]
    assert (tag["value"], tag["count"], tag["elsewhere"]) == (odd, 10, 0)
