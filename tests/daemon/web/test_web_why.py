"""The item's page says why it is, or is not, considered gone."""

import shlex
from html import unescape
from urllib.parse import quote

import pytest
from tests.daemon.web.conftest import Client, World, film

from reconciled.errors import Unreachable
from reconciled.model import Key
from reconciled.testing.model_app import ModelApp

HTML = {"Accept": "text/html"}


async def why(client: Client, path: str = "/items/radarr/movie/3") -> str:
    answer = await client.get(path, headers=HTML)
    assert answer.status == 200
    return unescape(await answer.text()).split("<h2>Why</h2>")[1].split("</section>")[0]


async def test_it_names_each_source_and_its_last_answer(
    world: World, radarr: ModelApp, client: Client
) -> None:
    jellyfin = await world.follow("jellyfin")
    jellyfin.put(*(film(n) for n in range(3, 24)))
    await world.scan("jellyfin")
    await world.follow("late")
    said = await why(client)
    assert "Nothing speaks against it; the scan at " in said
    assert "the scan (run 1) listed it" in said
    assert '<a href="/items/jellyfin/movie/3">' in said
    assert "no scan of it is complete yet" in said
    await world.lose("radarr", Key("movie", "3"))
    assert "404 of the model, while " in await why(client)
    jellyfin.trouble = Unreachable("connection refused")
    world.clock.advance(60)
    await world.engine.lookup("jellyfin", Key("movie", "3"))
    assert "not heard" in await why(client)


async def test_what_is_only_remembered_has_a_page_too(world: World, radarr: ModelApp, client: Client) -> None:
    await world.lose("radarr", Key("movie", "3"))
    await world.ledger.write(lambda tx: tx.execute("DELETE FROM item WHERE key = '3'"))
    assert "only its tombstone is kept by now" in await why(client)


@pytest.mark.parametrize("id_", ["a/b c", 'x"<b>'])
async def test_odd_ids(world: World, client: Client, id_: str) -> None:
    files = await world.follow("files")
    odd = film(1, title="<i>odd</i>")
    files.put(type(odd)(Key("movie", id_), odd.title))
    await world.scan("files")
    (path,) = await world.rows("SELECT key FROM item")
    assert path[0] == id_
    quoted = (
        id_.replace("/", "%2F")
        .replace(" ", "%20")
        .replace('"', "%22")
        .replace("<", "%3C")
        .replace(">", "%3E")
    )
    answer = await client.get(f"/api/v1/explain/files/movie/{quoted}")
    assert (await answer.json())["thing"]["id"] == id_


async def test_its_command_asks_for_that_item_and_does_nothing_else(world: World, client: Client) -> None:
    files = await world.follow("files")
    id_ = "x; echo $(id) 'n' `id`"
    files.put(type(film(1))(Key("movie", id_), "odd"))
    await world.scan("files")
    said = await why(client, f"/items/files/movie/{quote(id_, safe='')}")
    command = said.split("or <code>")[1].split("</code>")[0]
    assert shlex.split(command) == ["reconciled", "explain", "files", "movie", id_]
    assert command.endswith(shlex.quote(id_)), "no shell sees more in it than a word"
