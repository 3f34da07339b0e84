"""Orders by hand over the API: previewed, and then exactly as shown."""

from dataclasses import replace
from typing import Any

import pytest
from tests.daemon.web.conftest import Client, World, film
from tests.daemon.web.test_web_api import get, post

from reconciled.config import Mode
from reconciled.model import Key, Ref
from reconciled.testing.model_app import ModelApp

ORDER = {
    "verb": "delete",
    "source": "radarr",
    "kind": "movie",
    "id": "3",
    "also": ["jellyfin"],
    "files": True,
}


@pytest.fixture
async def jellyfin(world: World, radarr: ModelApp) -> ModelApp:
    """Radarr's film 3 under another key, and another film."""
    model = await world.follow("jellyfin")
    model.put(replace(film(3), key=Key("movie", "j3"), path="/media/3.mkv"), film(9))
    await world.scan("jellyfin")
    await world.decide(mode=Mode.ASK)
    return model


async def preview(client: Client, body: Any, *, status: int = 200) -> Any:
    return await post(client, "actions", {**body, "preview": True}, status=status)


async def test_a_preview_names_all_and_does_nothing(
    world: World, client: Client, radarr: ModelApp, jellyfin: ModelApp
) -> None:
    told = await preview(client, ORDER)
    assert told["actions"] == []
    prints = [one.pop("print") for one in told["items"]]
    assert len(set(prints)) == 2
    how = {"verb": "delete", "label": "", "files": True, "exclude": False, "kind": "movie", "title": "Film 3"}
    assert told["items"] == [
        {
            **how, "source": "radarr", "key": "3", "path": "/films/3.mkv",
            "sentence": "delete movie 3 (Film 3) in radarr with its files",
        },
        {
            **how, "source": "jellyfin", "key": "j3", "path": "/media/3.mkv",
            "sentence": "delete movie j3 (Film 3) in jellyfin with its files",
        },
    ]  # fmt: skip
    await world.outbox.work_once()
    assert radarr.acts == jellyfin.acts == []
    assert (await get(client, "actions"))["items"] == []
    ((what,),) = await world.rows("SELECT what FROM audit")
    assert what == "POST /api/v1/actions preview delete radarr movie 3, also jellyfin"


async def test_exactly_what_was_shown_is_ordered(
    world: World, client: Client, radarr: ModelApp, jellyfin: ModelApp
) -> None:
    shown = [one["print"] for one in (await preview(client, ORDER))["items"]]
    told = await post(client, "actions", {**ORDER, "shown": shown}, status=202)
    assert [one["target"] for one in told["actions"]] == ["radarr", "jellyfin"]
    assert told["items"] == []


async def test_what_joined_meanwhile_was_not_shown(
    world: World, client: Client, radarr: ModelApp, jellyfin: ModelApp
) -> None:
    shown = [one["print"] for one in (await preview(client, ORDER))["items"]]
    jellyfin.put(replace(film(3), key=Key("movie", "j3-extended"), path="/media/3-extended.mkv"))
    await world.scan("jellyfin")
    problem = await post(client, "actions", {**ORDER, "shown": shown}, status=409)
    assert problem["detail"] == "this is no longer what was shown; nothing was done, look at it again"
    assert len((await preview(client, ORDER))["items"]) == 3
    assert await world.rows("SELECT 1 FROM action") == []


async def test_what_is_another_thing_by_now_was_not_shown(
    world: World, client: Client, radarr: ModelApp, jellyfin: ModelApp
) -> None:
    alone = {**ORDER, "also": [], "files": False}
    shown = [one["print"] for one in (await preview(client, alone))["items"]]
    radarr.put(replace(film(3), title="Film 555", refs=frozenset({Ref("tmdb:movie", "555")})))
    await world.scan("radarr")
    await post(client, "actions", {**alone, "shown": shown}, status=409)
    await world.outbox.work_once()
    assert Key("movie", "3") in radarr.items


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"id": "404"}, 404, "knows no movie 404"),
        ({"also": ["sonarr"]}, 409, "sonarr holds nothing"),
        ({"verb": "tag"}, 409, "needs a label"),
        ({"shown": ["0"]}, 409, "no longer what was shown"),
        ({"shown": [7]}, 400, "shown"),
        ({"preview": "yes"}, 400, "preview"),
    ],
)
async def test_a_preview_of_what_cannot_be(
    client: Client, jellyfin: ModelApp, change: dict[str, Any], status: int, said: str
) -> None:
    body = {**ORDER, "preview": True, **change}
    assert said in (await post(client, "actions", body, status=status))["detail"]


async def test_a_preview_is_to_be_had_in_dry_run(
    world: World, client: Client, radarr: ModelApp, jellyfin: ModelApp
) -> None:
    await world.decide(mode=Mode.DRY_RUN)
    assert len((await preview(client, ORDER))["items"]) == 2
    assert "dry-run" in (await post(client, "actions", ORDER, status=409))["detail"]


async def test_the_document_tells_of_it(client: Client, jellyfin: ModelApp) -> None:
    told = await get(client, "openapi.json")
    call = told["paths"]["/api/v1/actions"]["post"]
    assert {"200", "202", "404", "409"} <= set(call["responses"])
    body = told["components"]["schemas"]["NewAction"]["properties"]
    assert {"preview", "shown"} <= set(body)
    one = (await preview(client, ORDER))["items"][0]
    assert set(told["components"]["schemas"]["Aimed"]["properties"]) == set(one)
