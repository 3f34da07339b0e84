"""What breaks a re-download loop, as the API and the pages offer it."""

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from typing import Any, ClassVar

import pytest
from tests.daemon.web.conftest import BEARER, JSON, Client, WebSource, World, film

from reconciled.config import Mode
from reconciled.model import Key
from reconciled.source import Deletion

HTML = {"Accept": "text/html"}
FILM = Key("movie", "3")
UNMONITOR = "reconciled act unmonitor radarr movie 3"


class Keeper(WebSource):
    """An app that cannot keep away what it let go of."""

    options: ClassVar[frozenset[Deletion]] = frozenset({Deletion()})


class Taker(WebSource):
    """An app whose delete always takes the files."""

    options: ClassVar[frozenset[Deletion]] = frozenset({Deletion(files=True, exclude=True)})


class Shower(WebSource):
    """An app to whose films nothing can be done."""

    inert: ClassVar[frozenset[str]] = frozenset({"movie"})


async def loop(world: World, kind: type[WebSource] = WebSource) -> int:
    """A film that anna deleted in jellyfin and that radarr grabbed again; the finding's id."""
    for name, type_ in (("jellyfin", WebSource), ("radarr", kind)):
        model = await world.follow(name, type_)
        model.put(*(replace(film(n), attrs={"monitored": True, "tags": []}) for n in range(1, 6)))
        if name == "jellyfin":
            model.put(*(film(n) for n in range(1, 6)))
        await world.scan(name)
    world.apps["jellyfin"].remove(FILM)
    told = b'{"op": "deleted", "kind": "movie", "id": "3", "actor": "anna"}'
    await world.engine.receive("jellyfin", told, {})
    await world.settle(0)
    await world.settle()
    await world.engine.receive(
        "radarr", b'{"op": "changed", "kind": "movie", "id": "3", "grabbed": true}', {}
    )
    await world.settle()
    ((number,),) = await world.rows("SELECT id FROM finding WHERE code = 'redownload'")
    return int(number)


async def findings(client: Client, **params: str) -> list[dict[str, Any]]:
    answer = await client.get("/api/v1/findings", params={"code": "redownload", **params})
    assert answer.status == 200
    return list((await answer.json())["items"])


@pytest.mark.parametrize(
    ("kind", "commands"),
    [
        (WebSource, [UNMONITOR, "reconciled act delete radarr movie 3 --exclude"]),
        (Keeper, [UNMONITOR]),
        (Taker, [UNMONITOR, "reconciled act delete radarr movie 3 --files --exclude"]),
        (Shower, []),
    ],
)
async def test_offered_is_what_the_app_can_do(
    world: World, client: Client, kind: type[WebSource], commands: list[str]
) -> None:
    number = await loop(world, kind)
    (found,) = await findings(client)
    assert found["id"] == number
    assert "deleted in jellyfin by anna" in found["detail"]
    assert [one["command"] for one in found["remedies"]] == commands


async def test_who_set_it_aside_is_offered_nothing(world: World, client: Client) -> None:
    number = await loop(world)
    answer = await client.post(f"/api/v1/findings/{number}/ignore", json={}, headers={**BEARER, **JSON})
    assert answer.status == 200
    (found,) = await findings(client)
    assert found["remedies"] == []


async def test_other_findings_have_none(world: World, client: Client) -> None:
    await loop(world)
    answer = await client.get("/api/v1/findings", params={"code": "gone"})
    assert [one["remedies"] for one in (await answer.json())["items"]] == [[]]


async def test_the_page_leads_to_the_confirmation_and_the_form_ends_the_loop(
    world: World, client: Client, sign_in: Callable[[Client], Any]
) -> None:
    await loop(world)
    path = "/items/radarr/movie/3"
    front = unescape(await (await client.get("/", headers=HTML)).text()).split("<h2>Downloaded again</h2>")[1]
    assert f'<a href="{path}">Film 3</a> Film 3 was deleted in jellyfin by anna' in front
    page = unescape(await (await client.get(path, headers=HTML)).text())
    assert UNMONITOR in page
    assert "verb=unmonitor" not in page
    await world.decide(mode=Mode.ASK)
    await sign_in(client)
    page = unescape(await (await client.get(path, headers=HTML)).text())
    links = re.findall(r'href="(/items/radarr/movie/3/act\?[^"]*)"', page.split("<h2>Findings</h2>")[1])
    assert links == [f"{path}/act?verb=unmonitor", f"{path}/act?verb=delete&files=no&exclude=yes"]
    for link in links:
        assert (await client.get(link, headers=HTML)).status == 200
    form = await (await client.get(links[0], headers=HTML)).text()
    fields = re.findall(r'name="(\w+)" value="([^"]*)"', form)
    answer = await client.post(f"{path}/act", data=fields_of(fields), headers=HTML, allow_redirects=False)
    assert answer.status == 303, await answer.text()
    await world.outbox.work_once()
    assert world.apps["radarr"].acts == [("unmonitor", "movie 3")]
    await world.scan("radarr")
    assert await findings(client, open="true") == []


def fields_of(found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What the form's one button sends."""
    return [(name, value) for name, value in found if name not in ("nothing", "also")]
