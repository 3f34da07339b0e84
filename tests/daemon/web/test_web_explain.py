"""`GET /api/v1/explain`: every state that a thing can be in, said with its reason and what comes next."""

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.daemon.web.conftest import API_KEY, BEARER, HOOK, JSON, TOKEN, Client, World, film, forget

from reconciled.config import Mode
from reconciled.errors import Unreachable
from reconciled.model import Item, Key, Ref, Root
from reconciled.testing.model_app import ModelApp

FILM = Key("movie", "3")


async def explain(client: Client, words: str = "radarr movie 3", *, status: int = 200) -> dict[str, Any]:
    answer = await client.get("/api/v1/explain", params={"q": words})
    assert answer.status == status, await answer.text()
    return dict(await answer.json())


async def thing(client: Client, words: str = "radarr movie 3") -> dict[str, Any]:
    return dict((await explain(client, words))["thing"])


async def told(world: World, name: str, **event: Any) -> None:
    await world.engine.receive(name, json.dumps(event).encode(), {})
    while await world.engine.read_letters():
        pass


def mine(found: dict[str, Any]) -> dict[str, Any]:
    """The item itself among those of its source."""
    return next(
        item for source in found["sources"] for item in source["items"] if item["relation"] == "itself"
    )


# --- one state after another ------------------------------------------------------------------------


async def test_present(world: World, radarr: ModelApp, client: Client) -> None:
    found = await thing(client)
    assert (found["state"], found["title"]) == ("present", "Film 3")
    assert found["because"].startswith("nothing speaks against it; the scan at ")
    assert found["next"] == [{"sentence": "the next scan or event looks at it", "at": None}]
    heard = mine(found)["answer"]
    assert (heard["verdict"], heard["how"], heard["said"]) == (
        "present",
        "listing",
        "the scan (run 1) listed it",
    )
    world.clock.advance(60)
    await world.engine.lookup("radarr", FILM)
    heard = mine(await thing(client))["answer"]
    assert (heard["verdict"], heard["how"], heard["said"]) == ("present", "lookup", "shown by a lookup")


async def test_unlisted_and_settling(world: World, radarr: ModelApp, client: Client) -> None:
    radarr.remove(FILM)
    await told(world, "radarr", op="deleted", kind="movie", id="3", actor="anna", reason="files kept")
    found = await thing(client)
    assert found["state"] == "settling"
    assert "whether it is gone is not proved; its app said so" in found["because"]
    assert "left alone for a moment first (20 s more)" in found["because"]
    assert found["next"][0]["sentence"] == "radarr is asked about it in 20 s"
    assert found["next"][0]["at"] is not None
    assert mine(found)["suspected"] is not None
    assert [one["actor"] for one in found["evidence"]] == ["anna"]


async def test_asked_soon(world: World, radarr: ModelApp, client: Client) -> None:
    radarr.remove(FILM)
    await told(world, "radarr", op="deleted", kind="movie", id="3")
    world.clock.advance(20)
    found = await thing(client)
    assert found["state"] == "asked_soon"
    assert found["next"][0]["sentence"] == "radarr is asked about it now"


async def test_in_a_hold(world: World, radarr: ModelApp, client: Client) -> None:
    hold = await world.hold("radarr")
    found = await thing(client)
    assert found["state"] == "held"
    assert f"in hold {hold}: " in found["because"]
    assert f"`reconciled release {hold}`" in found["next"][0]["sentence"]
    assert mine(found)["hold"] == hold


async def test_without_a_yes(world: World, radarr: ModelApp, client: Client) -> None:
    radarr.remove(FILM)
    radarr.deny = lambda _: True
    await told(world, "radarr", op="deleted", kind="movie", id="3")
    await world.settle()
    found = await thing(client)
    assert found["state"] == "no_yes"
    assert "denies everything" in found["because"]
    assert (
        found["next"][0]["sentence"]
        == "radarr is asked about it in 1 min; after a day without a yes it is held"
    )
    assert (mine(found)["answer"]["verdict"], mine(found)["answer"]["how"]) == ("unknown", "lookup")


async def test_no_answer_and_back_off(world: World, radarr: ModelApp, client: Client) -> None:
    await told(world, "radarr", op="deleted", kind="movie", id="3")
    original = radarr.items.pop(FILM)
    radarr.put(replace(original, refs=frozenset({Ref("tmdb:movie", "999")}), path="/other"))
    await world.settle()
    found = await thing(client)
    assert found["state"] == "no_answer"
    assert "one try without a plain answer: its key names another thing; a scan will tell" in found["because"]


@pytest.mark.parametrize("how", ["trouble", "paused"])
async def test_its_source_is_no_witness(world: World, radarr: ModelApp, client: Client, how: str) -> None:
    radarr.remove(FILM)
    await told(world, "radarr", op="deleted", kind="movie", id="3")
    if how == "trouble":
        radarr.trouble = Unreachable("connection refused")
    else:
        await client.post("/api/v1/pause", json={"source": "radarr"}, headers={**BEARER, **JSON})
    await world.settle()
    found = await thing(client)
    assert found["state"] == "unheard"
    said = "trouble: connection refused" if how == "trouble" else "it is paused by "
    assert f"radarr does not count as a witness now: {said}" in found["because"]
    assert said in found["sources"][0]["unheard"]
    assert found["next"][0]["sentence"] == "it is asked when radarr can be believed again"


async def test_a_file_below_a_root_that_is_not_as_it_was(world: World, client: Client) -> None:
    radarr = await world.follow("radarr")
    radarr.roots["/films"] = Root("/films", accessible=True, empty=False, device="/dev/a", size=10**12)
    radarr.put(*(film(n) for n in range(1, 21)))
    await world.scan("radarr")
    radarr.put(replace(film(3), has_file=False))
    await told(world, "radarr", op="file_deleted", kind="movie", id="3", external=True)
    radarr.roots["/films"] = replace(radarr.roots["/films"], accessible=False)
    await world.engine.probe("radarr")
    world.clock.advance(20)
    found = await thing(client)
    assert found["state"] == "root_odd"
    assert "/films" in found["because"]


async def test_gone(world: World, radarr: ModelApp, client: Client) -> None:
    await world.lose("radarr", FILM)
    found = await thing(client)
    assert found["state"] == "gone"
    assert "its loss was proved at " in found["because"]
    assert "404 of the model, while 'Film " in found["because"]
    assert len(found["stories"]) == 1
    assert mine(found)["answer"]["verdict"] == "absent"
    assert [one["code"] for one in found["findings"]] == ["gone"]


async def test_only_the_file_is_gone(world: World, radarr: ModelApp, client: Client) -> None:
    radarr.put(replace(film(3), has_file=False))
    await told(world, "radarr", op="file_deleted", kind="movie", id="3")
    await world.settle()
    found = await thing(client)
    assert found["state"] == "file_gone"
    assert "its entry stands, the loss of its file was proved at " in found["because"]


async def test_revived(world: World, radarr: ModelApp, client: Client) -> None:
    await world.lose("radarr", FILM)
    radarr.put(film(3))
    await world.scan("radarr")
    found = await thing(client)
    assert found["state"] == "returned"
    assert "and came back at " in found["because"]
    assert "as movie 3" in found["because"]


async def test_frozen(world: World, radarr: ModelApp, client: Client) -> None:
    await world.engine.remove("radarr", freeze=True)
    found = await thing(client)
    assert found["state"] == "frozen"
    assert found["sources"][0]["health"] == "not running"


async def test_never_listed(world: World, radarr: ModelApp, client: Client) -> None:
    await told(world, "radarr", op="deleted", kind="movie", id="77", title="Unknown", refs=["tmdb:movie/5"])
    await world.settle()
    found = await thing(client, "radarr movie 77")
    assert found["state"] == "never_listed"
    assert found["because"].startswith("radarr never listed it: an event told of its deletion")
    assert "no policy follows from it" in found["next"][0]["sentence"]
    assert [item["id"] for source in found["sources"] for item in source["items"]] == ["5"]
    assert (await thing(client, "Unknown"))["id"] == "77"


async def test_what_the_ledger_let_go_is_told_by_its_tombstone(
    world: World, radarr: ModelApp, client: Client
) -> None:
    await world.lose("radarr", FILM)
    await world.ledger.write(lambda tx: tx.execute("DELETE FROM item WHERE key = '3'"))
    for words in ("radarr movie 3", "radarr:movie/3", "Film 3"):
        found = await thing(client, words)
        assert found["state"] == "forgotten", words
        assert "only its tombstone is kept by now" in found["because"]
        assert len(found["stories"]) == 1


def a_series() -> list[Item]:
    whole = Item(Key("series", "5"), "Show", frozenset({Ref("tvdb:series", "9")}), {}, has_file=True)
    seasons = [
        Item(
            Key("season", f"5/{n}"), f"Show, season {n}", frozenset({Ref("tvdb:series", f"9/s{n:02}")}),
            {"season": n}, has_file=True, parent=whole.key,
        )
        for n in (1, 2)
    ]  # fmt: skip
    return [whole, *seasons, *(Item(Key("series", str(n)), f"Other {n}") for n in range(10, 30))]


async def test_parts(world: World, client: Client) -> None:
    sonarr = await world.follow("sonarr")
    sonarr.put(*a_series())
    await world.scan("sonarr")
    found = await thing(client, "Show")
    assert (found["kind"], found["parts"]["count"]) == ("series", 2)
    assert found["parts"]["by_presence"] == {"present": 2}
    sonarr.remove(Key("series", "5"), Key("season", "5/1"), Key("season", "5/2"))
    await told(world, "sonarr", op="deleted", kind="series", id="5", own_act=True)
    season = await thing(client, "sonarr season 5/1")
    assert season["state"] == "with_parent"
    assert season["because"] == "series 5, which it is a part of, is in doubt itself"
    await world.settle()
    season = await thing(client, "sonarr season 5/1")
    assert season["state"] == "gone_with_parent"
    assert season["because"].startswith("it ended with series 5, inside its tombstone")
    assert (season["part_of"]["id"], season["part_of"]["presence"]) == ("5", "gone")


async def test_a_key_that_names_another_thing(world: World, radarr: ModelApp, client: Client) -> None:
    other = replace(film(3), refs=frozenset({Ref("tmdb:movie", "999")}), path="/other", title="Other")
    radarr.put(other)
    await world.scan("radarr")
    found = await thing(client)
    assert found["title"] == "Other"
    (before,) = found["displaced"]
    assert (before["title"], before["relation"]) == ("Film 3", "before it")
    assert (before["state"], before["presence"]) == ("settling", "unlisted")
    await world.settle()
    await world.settle(3600)
    (before,) = (await thing(client))["displaced"]
    assert before["state"] == "gone"


# --- the thing elsewhere ----------------------------------------------------------------------------


async def test_each_source_says_what_it_holds(world: World, radarr: ModelApp, client: Client) -> None:
    jellyfin, seerr = await world.follow("jellyfin"), await world.follow("seerr")
    await world.follow("late")
    jellyfin.put(replace(film(3), key=Key("movie", "j3")), *(film(n) for n in range(100, 110)))
    odd = frozenset({Ref("tmdb:movie", "3"), Ref("imdb", "tt999")})
    jellyfin.put(replace(film(3), key=Key("movie", "odd"), refs=odd, path="/odd.mkv"))
    seerr.put(Item(Key("request", "8"), "Film 3", frozenset({Ref("tmdb:movie", "3")}), refers=True))
    for name in ("jellyfin", "seerr"):
        await world.scan(name)
    found = await thing(client)
    placed = {
        (source["source"], item["id"]): (item["relation"], item["presence"])
        for source in found["sources"]
        for item in source["items"]
    }
    assert placed == {
        ("radarr", "3"): ("itself", "present"),
        ("jellyfin", "j3"): ("same", "present"),
        ("jellyfin", "odd"): ("disputed", "present"),
        ("seerr", "8"): ("refers", "present"),
    }
    notes = {source["source"]: source["note"] for source in found["sources"]}
    assert notes["late"] == "no scan of it is complete yet, so what it holds is not known"
    found = await thing(client, "radarr movie 4")
    notes = {source["source"]: source["note"] for source in found["sources"]}
    assert notes["jellyfin"].endswith("showed nothing of it")


async def test_what_waits_elsewhere_comes_next(world: World, radarr: ModelApp, client: Client) -> None:
    jellyfin = await world.follow("jellyfin")
    jellyfin.put(*(film(n) for n in range(1, 21)))
    await world.scan("jellyfin")
    await world.decide(forget(), mode=Mode.ASK)
    await world.lose("jellyfin", FILM)
    action = await world.plan(3)
    decision = await world.ask(action)
    for words in ("radarr movie 3", "jellyfin movie 3", "Film 3"):
        found = await thing(client, words)
        assert [one["id"] for one in found["actions"]] == [action], words
        assert found["decisions"] == [decision]
        assert any(
            f"waits for your answer in decision {decision}" in one["sentence"] for one in found["next"]
        )
        assert len(found["stories"]) == 1
    assert (await thing(client, "Film 3"))["source"] == "jellyfin"  # what is in doubt or gone comes first


async def test_what_people_said(world: World, radarr: ModelApp, client: Client) -> None:
    jellyfin = await world.follow("jellyfin")
    jellyfin.put(Item(Key("movie", "x"), "Home video"), *(film(n) for n in range(100, 110)))
    await world.scan("jellyfin")
    pair = {
        "a": {"source": "radarr", "kind": "movie", "id": "3"},
        "b": {"source": "jellyfin", "kind": "movie", "id": "x"},
    }
    answer = await client.post("/api/v1/links", json=pair, headers={**BEARER, **JSON})
    assert answer.status == 200
    found = await thing(client)
    (link,) = found["links"]
    assert (link["source"], link["id"], link["said"]) == ("jellyfin", "x", "same")
    assert {source["source"] for source in found["sources"] if source["items"]} == {"radarr", "jellyfin"}


async def test_an_unmatched_request(world: World, client: Client) -> None:
    seerr = await world.follow("seerr")
    seerr.put(Item(Key("request", "8"), "Nowhere", frozenset({Ref("tmdb:movie", "1")}), refers=True))
    await world.scan("seerr")
    await world.engine.perform("orphans", "seerr", asked_by="a test")
    found = await thing(client, "Nowhere")
    assert found["state"] == "present"
    assert [one["code"] for one in found["findings"]] == ["unmatched"]


# --- by words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("Film 20", "Film 20"),
        ("film 2", "Film 2"),  # in full, though others begin with it
        ("tmdb:movie/7", "Film 7"),
        ("imdb:tt7", "Film 7"),
        ("radarr:movie/7", "Film 7"),
        ("radarr movie 7", "Film 7"),
        ("path:/films/7.mkv", None),
        ("ilm 19", "Film 19"),
    ],
)
async def test_words(radarr: ModelApp, client: Client, words: str, title: str | None) -> None:
    if title is None:
        assert (await explain(client, words, status=404))["status"] == 404
    else:
        assert (await thing(client, words))["title"] == title


async def test_several_things_are_listed(radarr: ModelApp, client: Client) -> None:
    found = await explain(client, "film 1")
    assert found["thing"]["title"] == "Film 1"
    found = await explain(client, "ilm 1")
    assert found["thing"] is None
    assert {one["title"] for one in found["matches"]} == {"Film 1", *(f"Film {n}" for n in range(10, 20))}


async def test_a_title_in_full_is_found_among_very_many_that_hold_it(
    world: World, radarr: ModelApp, client: Client
) -> None:
    """It comes last in the ledger, behind more of them than are looked at."""
    radarr.put(*(replace(film(n), title=f"With It {n}") for n in range(100, 160)))
    await world.scan("radarr")
    radarr.put(replace(film(900), title="It"))
    await world.scan("radarr")
    assert (await thing(client, "it"))["id"] == "900"


@pytest.mark.parametrize("words", ["  ", "\0", " \0\t"])
async def test_no_words_are_no_question(radarr: ModelApp, client: Client, words: str) -> None:
    assert "no words" in (await explain(client, words, status=400))["detail"]


async def test_what_is_not_known_is_told(radarr: ModelApp, client: Client) -> None:
    assert "nothing that is like 'zzz'" in (await explain(client, "zzz", status=404))["detail"]
    answer = await client.get("/api/v1/explain/radarr/movie/999")
    assert answer.status == 404
    assert (await client.get("/api/v1/explain")).status == 400
    assert (await client.get("/api/v1/explain/radarr/movie/3")).status == 200


# --- without secrets --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "attrs",
    [
        {"poster": f"https://u:p@box/x?api_key={API_KEY}&size=1"},
        {"apiKey": "plain-and-unknown"},
        {"deep": [{"session": {"access_token": "plain-and-unknown"}}]},
        {"note": f"see {TOKEN} and {HOOK}"},
        {"url": "http://box/?token=plain-and-unknown"},
    ],
)
async def test_secrets_are_taken_out(
    world: World, radarr: ModelApp, client: Client, attrs: dict[str, Any]
) -> None:
    radarr.put(replace(film(3), attrs={"year": 1999, "tags": ["keep"], **attrs}))
    await world.scan("radarr")
    answer = await client.get("/api/v1/explain/radarr/movie/3")
    text = await answer.text()
    for secret in (API_KEY, TOKEN, HOOK, "plain-and-unknown", "u:p@"):
        assert secret not in text
    shown = mine((await answer.json())["thing"])["attrs"]
    assert (shown["year"], shown["tags"]) == (1999, ["keep"])
    assert shown.keys() == {"year", "tags", *attrs}


async def test_the_address_of_a_channel_is_a_secret_too(
    world: World, radarr: ModelApp, client: Client
) -> None:
    world.serve(phone="tgram://123456789:the-token-of-a-bot/42")
    radarr.put(replace(film(3), attrs={"note": "told tgram://123456789:the-token-of-a-bot/42"}))
    await world.scan("radarr")
    text = await (await client.get("/api/v1/explain/radarr/movie/3")).text()
    assert "the-token-of-a-bot" not in text


async def test_it_only_reads(world: World, radarr: ModelApp, client: Client) -> None:
    before = await world.state()
    await thing(client)
    await explain(client, "ilm 1")
    after = await world.state()
    assert before == after
    assert radarr.asked[-1][0] == "snapshot"
