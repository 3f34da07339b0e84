"""The pages of the acting half, and what comes of their forms in the ledger and in the apps."""

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from tests.daemon.web.conftest import Client, World, film, forget

from reconciled.config import Mode, Step, Verb
from reconciled.model import Item, Key, Ref
from reconciled.source import Deletion
from reconciled.testing.model_app import ModelApp

SignIn = Callable[[Client], Any]
HTML = {"Accept": "text/html"}


async def see(client: Client, path: str, *, status: int = 200) -> str:
    answer = await client.get(path, headers=HTML)
    assert (answer.status, answer.content_type) == (status, "text/html"), path
    return unescape(await answer.text())


async def send(
    client: Client, path: str, *fields: tuple[str, object], page: str = "/", **more: str
) -> tuple[int, str]:
    """Send a form as that page's session would. Where it leads, or what the error's page says."""
    csrf = re.findall(r'name="csrf" value="(\w+)"', await see(client, page))[0]
    given = [("csrf", csrf), *((name, str(value)) for name, value in fields), *more.items()]
    answer = await client.post(path, data=given, headers=HTML, allow_redirects=False)
    return answer.status, answer.headers.get("Location") or unescape(await answer.text())


def fields(page: str, action: str) -> list[tuple[str, str]]:
    """What the form with that action would send, as it stands on the page."""
    form = re.findall(rf'<form[^>]* action="{re.escape(action)}".*?</form>', page, re.DOTALL)[0]
    return [
        (name, value)
        for box, name, value in re.findall(
            r'<input type="(hidden|checkbox)" name="(\w+)" value="([^"]*)"(?: checked)?', form
        )
        if box == "hidden" or f'value="{value}" checked' in form
    ]


async def states(world: World) -> dict[int, str]:
    return dict(await world.rows("SELECT id, state FROM action ORDER BY id"))


@pytest.fixture
async def asked(world: World, radarr: ModelApp) -> int:
    """Three deletions in radarr wait for an answer."""
    await world.decide(forget(), mode=Mode.ASK)
    return await world.ask(*[await world.plan(number) for number in (1, 2, 3)])


# --- what waits ------------------------------------------------------------------------------------


async def test_the_status_page_begins_with_what_waits(
    world: World, client: Client, asked: int, sign_in: SignIn
) -> None:
    page = await see(client, "/")
    assert "1 decision waits for you" in page
    assert "Sign in to answer" in page
    assert "/approve" not in page
    await sign_in(client)
    page = await see(client, "/")
    words = page.replace("<bdi>", "").replace("</bdi>", "")
    assert words.index("Film 1 · Film 2 · Film 3") < words.index("<h2>Sources</h2>")
    assert [value for name, value in fields(page, f"/decisions/{asked}/approve") if name == "action"] == [
        "1", "2", "3",
    ]  # fmt: skip
    assert "It asks you before it changes anything" in page
    await world.hold("radarr")
    assert "1 decision and 1 hold wait for you" in await see(client, "/")


async def test_many_titles_are_counted_and_too_many_are_not_approved_unseen(
    world: World, client: Client, sign_in: SignIn
) -> None:
    radarr = await world.follow("radarr")
    radarr.put(*(film(number) for number in range(1, 121)))
    await world.scan("radarr")
    await world.decide(forget(), mode=Mode.ASK)
    await sign_in(client)
    decision = await world.ask(*[await world.plan(number) for number in range(1, 101)])
    page = await see(client, "/")
    assert "and 90 more" in page
    assert "Look through all 100" in page
    assert "/approve" not in page
    await world.ask(*[await world.plan(number) for number in range(101, 121)])
    page = await see(client, "/")
    assert "Look through all 120" in page
    assert "/approve" not in page
    page = await see(client, f"/decisions/{decision}")
    assert "These are 100 of 120" in page
    sent = fields(page, f"/decisions/{decision}/approve")
    assert len([one for one in sent if one[0] == "action"]) == 100
    assert await send(client, f"/decisions/{decision}/approve", *sent[1:]) == (303, f"/decisions/{decision}")
    page = await see(client, f"/decisions/{decision}")
    assert "20 actions wait for your answer" in page
    assert "Answered so far" in page
    assert len([one for one in fields(page, f"/decisions/{decision}/approve") if one[0] == "action"]) == 20


@pytest.mark.parametrize(("count", "answered_here"), [(1, True), (10, True), (11, False)])
async def test_a_card_is_answered_only_if_it_names_everything(
    world: World, client: Client, radarr: ModelApp, sign_in: SignIn, *, count: int, answered_here: bool
) -> None:
    await world.decide(forget(), mode=Mode.ASK)
    decision = await world.ask(*[await world.plan(number) for number in range(1, count + 1)])
    await sign_in(client)
    page = await see(client, "/")
    assert (f"/decisions/{decision}/approve" in page) is answered_here
    assert (f"Look through all {count}" in page) is not answered_here


async def test_the_next_can_be_looked_at_without_an_answer(world: World, client: Client) -> None:
    radarr = await world.follow("radarr")
    radarr.put(*(film(number) for number in range(1, 106)))
    await world.scan("radarr")
    decision = await world.ask(*[await world.plan(number) for number in range(1, 106)])
    page = await see(client, f"/decisions/{decision}")
    (following,) = re.findall(r'href="([^"]*cursor[^"]*)"', page)
    assert "(Film 1)" not in page
    assert "(Film 1)" in await see(client, following)


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        (Mode.DRY_RUN, "nothing goes out"),
        (Mode.ASK, "asks you before"),
        (Mode.ACT, "once you approved what a policy does first"),
    ],
)
async def test_the_mode_is_explained(world: World, client: Client, mode: Mode, said: str) -> None:
    await world.decide(mode=mode)
    assert said in await see(client, "/")


async def test_what_is_planned_and_what_became_of_others(
    world: World, client: Client, radarr: ModelApp
) -> None:
    await world.decide(forget(), mode=Mode.DRY_RUN)
    await world.plan(1)
    await world.put(await world.plan(2), "failed", reason="no connection")
    await world.put(await world.plan(3), "dropped", reason="Film 3 is back")
    page = await see(client, "/")
    assert "What it would do" in page
    assert "Would delete movie 1 (Film 1) in radarr" in page
    assert "failed, no connection" in page
    assert "not done, Film 3 is back" in page
    await world.decide(forget(), mode=Mode.ACT)
    assert "What is planned" in await see(client, "/")


# --- answers ---------------------------------------------------------------------------------------


async def test_approving_as_shown(world: World, client: Client, asked: int, sign_in: SignIn) -> None:
    await sign_in(client)
    shown = fields(await see(client, "/"), f"/decisions/{asked}/approve")
    await world.ask(await world.plan(4))
    assert await send(client, f"/decisions/{asked}/approve", *shown[1:]) == (303, f"/decisions/{asked}")
    assert await states(world) == {1: "planned", 2: "planned", 3: "planned", 4: "waiting"}
    assert "1 action waits for your answer" in await see(client, f"/decisions/{asked}")
    ((what,),) = await world.rows("SELECT what FROM audit ORDER BY id DESC LIMIT 1")
    assert what == f"POST /decisions/{asked}/approve 3 actions: 1, 2, 3"


async def test_only_what_is_checked(world: World, client: Client, asked: int, sign_in: SignIn) -> None:
    await sign_in(client)
    page = await see(client, f"/decisions/{asked}")
    assert page.count(" checked>") == 3
    assert (await see(client, f"/decisions/{asked}?checked=none")).count(" checked>") == 0
    assert (await send(client, f"/decisions/{asked}/approve", ("action", 2)))[0] == 303
    assert (await send(client, f"/decisions/{asked}/reject", ("action", 3)))[0] == 303
    assert await states(world) == {1: "waiting", 2: "planned", 3: "rejected"}
    assert (await send(client, f"/decisions/{asked}/reject", ("action", 1)))[0] == 303
    page = await see(client, f"/decisions/{asked}")
    assert "Rejected by owner" in page
    assert "Film 1" in page
    assert "/approve" not in page


async def test_the_enter_key_in_a_box_answers_nothing(
    world: World, client: Client, asked: int, sign_in: SignIn
) -> None:
    """Browsers press a form's first button for it."""
    await sign_in(client)
    page = await see(client, f"/decisions/{asked}")
    assert re.findall(r'<button[^>]*name="(\w+)"|<button>(Approve \w+)', page) == [
        ("nothing", ""),
        ("", "Approve checked"),
    ]
    for verb in ("approve", "reject"):
        got = await send(client, f"/decisions/{asked}/{verb}", ("nothing", 1), ("action", 1))
        assert got == (303, f"/decisions/{asked}?checked=none")
    form = [("nothing", 1), ("verb", "delete"), ("row", 1)]
    assert await send(client, "/items/radarr/movie/5/act", *form) == (303, "/items/radarr/movie/5")
    assert set((await states(world)).values()) == {"waiting"}


@pytest.mark.parametrize(
    ("sent", "status", "said"),
    [
        ([], 400, "Nothing was checked, so nothing was done"),
        ([("action", "1 OR 1")], 400, "load the page again"),
        ([("action", "-1")], 400, "load the page again"),
        ([("action", "1"), ("action", "4")], 409, "4 no longer wait"),
        ([("action", "99")], 409, "nothing was done"),
    ],
)
@pytest.mark.parametrize("verb", ["approve", "reject"])
async def test_a_form_that_shows_something_else_does_nothing(
    world: World, client: Client, asked: int, sign_in: SignIn,
    *, verb: str, sent: list[tuple[str, object]], status: int, said: str,
) -> None:  # fmt: skip
    await world.ask(await world.plan(4, policy="other"), policy="other")
    await sign_in(client)
    before = await states(world)
    got, page = await send(client, f"/decisions/{asked}/{verb}", *sent)
    assert got == status
    assert said in page
    assert f'href="/decisions/{asked}"' in page
    assert await states(world) == before


async def test_what_was_answered_already_says_so(
    world: World, client: Client, asked: int, sign_in: SignIn
) -> None:
    await sign_in(client)
    form = [("action", 1), ("action", 2), ("action", 3)]
    await send(client, f"/decisions/{asked}/reject", *form)
    status, page = await send(client, f"/decisions/{asked}/approve", *form)
    assert (status, "Owner rejected this already, so nothing more was done" in page) == (409, True)
    assert "Look again" in page
    assert set((await states(world)).values()) == {"rejected"}
    assert (await send(client, "/decisions/77/approve", *form))[0] == 404
    await see(client, "/decisions/77", status=404)
    await see(client, "/decisions/abc", status=404)


FORMS = (
    "/decisions/1/approve",
    "/decisions/1/reject",
    "/decisions/1/undo",
    "/actions/1/undo",
    "/items/radarr/movie/5/act",
    "/findings/1/ignore",
    "/findings/1/heed",
    "/pause",
    "/resume",
)


@pytest.mark.parametrize("path", FORMS)
async def test_no_form_works_without_its_token(
    world: World, client: Client, asked: int, sign_in: SignIn, path: str
) -> None:
    await sign_in(client)
    before = await world.state()
    fine = {"action": "1", "verb": "delete", "row": "5"}
    for more in ({}, {"csrf": "wrong"}, {"csrf": ""}):
        answer = await client.post(path, data=fine | more, headers=HTML, allow_redirects=False)
        assert answer.status == 403, path
        assert "out of date" in await answer.text()
    answer = await client.post(path, json=fine, headers=HTML)
    assert answer.status == 415
    assert await world.state() == before


@pytest.mark.parametrize("path", FORMS)
async def test_who_is_not_signed_in_is_shown_the_way(client: Client, asked: int, path: str) -> None:
    answer = await client.post(path, data={"action": "1"}, headers=HTML, allow_redirects=False)
    assert answer.status == 401
    (to,) = set(re.findall(r'href="/login\?next=([^"]*)"', await answer.text()))
    back = {"decisions": "/decisions/1", "actions": "/actions/1/undo", "items": "/items/radarr/movie/5"}
    assert to == back.get(path.split("/")[1], "/")


async def test_signing_in_leads_back(stranger: Client, asked: int) -> None:
    for path in (
        f"/decisions/{asked}?checked=none",
        "/actions/1/undo",
        "/items/radarr/movie/5/act?verb=delete",
    ):
        answer = await stranger.get(path, headers=HTML, allow_redirects=False)
        assert answer.status == 303
        there = await stranger.get(answer.headers["Location"])
        (to,) = re.findall(r'name="next" value="([^"]*)"', await there.text())
        assert unescape(to) == path


# --- actions ---------------------------------------------------------------------------------------


async def test_the_list_of_actions(world: World, client: Client, asked: int) -> None:
    await world.put(await world.plan(4, verb="tag", label="old", target="radarr"), "done")
    page = await see(client, "/actions")
    assert page.count("<li>") == 4
    assert "waits for your answer in decision 1" in page
    page = await see(client, "/actions?state=done&policy=&target=")
    assert page.count("<li>") == 1
    assert "Tag movie 4 (Film 4) in radarr with old" in page
    assert "Nothing fits" in await see(client, "/actions?policy=other&target=nowhere")
    assert "<option selected>other</option>" in await see(client, "/actions?policy=other")
    await see(client, "/actions?state=odd", status=400)
    (following,) = re.findall(r'href="(/actions\?[^"]*cursor[^"]*)"', await see(client, "/actions?limit=3"))
    assert (await see(client, following)).count("<li>") == 1
    page = await see(client, "/actions/1")
    assert 'href="/items/radarr/movie/1"' in page
    assert f'href="/decisions/{asked}"' in page
    await see(client, "/actions/99", status=404)
    assert "policies:" in await see(client, "/actions?cursor=MA")  # nothing is older than the first


async def test_undoing_a_tag(world: World, client: Client, radarr: ModelApp, sign_in: SignIn) -> None:
    await world.decide(mode=Mode.ACT)
    number = await world.plan(1, verb="tag", label="old")
    await world.put(number, "done")
    assert "Sign in to undo" in await see(client, f"/actions/{number}/undo")
    await sign_in(client)
    assert f'href="/actions/{number}/undo"' in await see(client, "/actions")
    page = await see(client, f"/actions/{number}/undo")
    assert "Take the tag old off movie 1 (Film 1) in radarr" in page
    assert await send(client, f"/actions/{number}/undo") == (303, f"/actions/{number + 1}")
    await world.outbox.work_once()
    assert radarr.acts == [("untag", "movie 1", "old")]
    assert (await states(world))[number] == "undone"
    assert f'href="/actions/{number}"' in await see(client, f"/actions/{number + 1}")


async def test_what_is_another_thing_by_now_is_not_undone(
    world: World, client: Client, radarr: ModelApp, sign_in: SignIn
) -> None:
    await world.decide(mode=Mode.ACT)
    await sign_in(client)
    page = await see(client, "/items/radarr/movie/5/act?verb=tag&label=old")
    await send(client, "/items/radarr/movie/5/act", *fields(page, "/items/radarr/movie/5/act")[1:])
    await world.outbox.work_once()
    radarr.put(replace(film(5), title="Film 555", refs=frozenset({Ref("tmdb:movie", "555")})))
    await world.scan("radarr")
    page = await see(client, "/actions/1/undo")
    assert "This cannot be undone" in page
    assert "Movie 5 of radarr is another thing now (Film 555)" in page
    assert (await send(client, "/actions/1/undo"))[0] == 409
    await world.outbox.work_once()
    assert [act[0] for act in radarr.acts] == ["tag"]


async def test_undoing_a_decision(world: World, client: Client, radarr: ModelApp, sign_in: SignIn) -> None:
    await world.decide(forget("forget", Step(Verb.TAG, "radarr", label="old")), mode=Mode.ACT)
    done = [await world.plan(one, verb="tag", label="old") for one in (1, 2)]
    done.append(await world.plan(3, verb="restore"))
    decision = await world.ask(*done)
    for action in done:
        await world.put(action, "done")
    assert "Sign in to undo" in await see(client, f"/decisions/{decision}/undo")
    await sign_in(client)
    page = await see(client, f"/decisions/{decision}/undo")
    assert "Undo 2</button>" in page
    assert "Film 2: take the tag old off movie 2 (Film 2) in radarr" in page
    assert "Film 3: restore has no opposite here" in page
    assert await send(client, f"/decisions/{decision}/undo") == (303, f"/decisions/{decision}")
    await world.outbox.work_once()
    assert sorted(radarr.acts) == [("untag", "movie 1", "old"), ("untag", "movie 2", "old")]
    assert "Nothing of this can be undone" in await see(client, f"/decisions/{decision}/undo")
    status, page = await send(client, f"/decisions/{decision}/undo")
    assert (status, "nothing of decision" in page.lower()) == (409, True)
    assert (await send(client, "/decisions/99/undo"))[0] == 404


async def test_a_page_says_beforehand_how_far_it_can_be_undone(
    world: World, client: Client, radarr: ModelApp, sign_in: SignIn
) -> None:
    await world.decide(forget(), mode=Mode.ASK)
    number = await world.plan(1, files=True)
    assert "can be undone, without its files" in await see(client, f"/actions/{number}")
    await world.put(number, "done")
    await sign_in(client)
    page = await see(client, f"/actions/{number}/undo")
    assert "Restore movie 1 (Film 1) in radarr" in page
    assert "Its file went with it and cannot be brought back" in page


async def test_what_cannot_be_undone(world: World, client: Client, radarr: ModelApp, sign_in: SignIn) -> None:
    await world.decide(mode=Mode.ACT)
    await world.put(await world.plan(1, verb="restore"), "done")
    await world.plan(2, verb="tag", label="old")
    await sign_in(client)
    for number, said in ((1, "no opposite"), (2, "is planned")):
        page = await see(client, f"/actions/{number}/undo")
        assert "This cannot be undone" in page
        assert "<button>Undo it" not in page
        status, page = await send(client, f"/actions/{number}/undo")
        assert (status, said in page) == (409, True)
        assert f'href="/actions/{number}"' in page
    assert (await send(client, "/actions/99/undo"))[0] == 404
    assert radarr.acts == []


# --- by hand ---------------------------------------------------------------------------------------


@pytest.fixture
async def requests(world: World, radarr: ModelApp) -> ModelApp:
    """An app whose request 7 refers to radarr's film 5."""
    model = await world.follow("requests")
    wanted = replace(film(7), key=Key("request", "7"), refs=frozenset({Ref("tmdb:movie", "5")}), refers=True)
    model.put(wanted, film(90))
    await world.scan("requests")
    return model


async def test_deleting_by_hand_here_and_where_it_belongs(
    world: World, client: Client, radarr: ModelApp, requests: ModelApp, sign_in: SignIn
) -> None:
    await world.decide(mode=Mode.ASK)
    await sign_in(client)
    page = await see(client, "/items/radarr/movie/5")
    (path,) = re.findall(r'href="(/items/radarr/movie/5/act\?verb=delete[^"]*)"', page)
    page = await see(client, path)
    assert "Delete movie 5 (Film 5) in radarr" in page
    assert "no, they are kept" in page
    sent = fields(page, "/items/radarr/movie/5/act")
    assert [value.split()[0] for name, value in sent if name == "also"] == ["requests"]
    assert await send(client, "/items/radarr/movie/5/act", *sent[1:]) == (303, "/items/radarr/movie/5")
    await world.outbox.work_once()
    assert Key("movie", "5") not in radarr.items
    assert Key("request", "7") not in requests.items
    assert radarr.acts == [("delete", "movie 5", "files=False", "exclude=False")]
    assert "Film 5" in await see(client, "/items/radarr/movie/5")


async def test_deleting_the_other_ways(
    world: World, client: Client, radarr: ModelApp, requests: ModelApp, sign_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    await world.decide(mode=Mode.ASK)
    monkeypatch.setattr(
        world.engine.place("requests").live.source, "options", frozenset({Deletion()}), raising=False
    )
    await sign_in(client)
    page = await see(client, "/items/radarr/movie/5/act?verb=delete&files=yes&exclude=yes")
    assert "with its files and keep it from coming back" in page
    assert "requests cannot delete files" in page
    sent = fields(page, "/items/radarr/movie/5/act")
    assert not [one for one in sent if one[0] == "also"]
    await send(client, "/items/radarr/movie/5/act", *sent[1:])
    ordered = await world.rows("SELECT verb, target, key, files, exclude FROM action")
    assert ordered == [("delete", "radarr", "5", 1, 1)]
    await see(client, "/items/requests/request/7/act?verb=delete&files=yes", status=409)


async def test_only_what_the_source_can_do_is_offered(
    world: World, client: Client, radarr: ModelApp, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.decide(mode=Mode.ASK)
    await sign_in(client)
    page = await see(client, "/items/radarr/movie/5")
    assert all(said in page for said in ("Delete…", "Tag…", "Stop monitoring…", "Monitor…"))
    assert "Restore…" not in page
    assert "Take off…" not in page
    radarr.put(replace(film(5), attrs={"tags": ["old"], "monitored": True}))
    await world.scan("radarr")
    monkeypatch.setattr(
        world.engine.place("radarr").live.source, "options", frozenset[Deletion](), raising=False
    )
    page = await see(client, "/items/radarr/movie/5")
    assert "Delete…" not in page
    assert "Take off…" in page
    assert ">Monitor…" not in page
    for query, status in (
        ("verb=delete", 409),
        ("verb=tag", 409),
        ("verb=explode", 400),
        ("files=maybe", 400),
    ):
        await see(client, f"/items/radarr/movie/5/act?{query}", status=status)
    await see(client, "/items/radarr/movie/555/act?verb=tag&label=x", status=404)
    await see(client, "/items/nobody/movie/5/act?verb=tag&label=x", status=404)


async def test_what_is_gone_can_only_be_restored(
    world: World, client: Client, radarr: ModelApp, sign_in: SignIn
) -> None:
    await world.decide(mode=Mode.ASK)
    await world.lose("radarr", Key("movie", "5"))
    await sign_in(client)
    page = await see(client, "/items/radarr/movie/5")
    assert "Restore…" in page
    assert "Delete…" not in page
    await see(client, "/items/radarr/movie/5/act?verb=delete", status=409)


async def test_another_thing_than_the_page_showed(
    world: World, client: Client, radarr: ModelApp, requests: ModelApp, sign_in: SignIn
) -> None:
    await world.decide(mode=Mode.ASK)
    await sign_in(client)
    sent = fields(await see(client, "/items/radarr/movie/5/act?verb=delete"), "/items/radarr/movie/5/act")[1:]
    odd = [(name, "999" if name == "row" else value) for name, value in sent]
    second = replace(film(8), key=Key("request", "8"), refs=frozenset({Ref("tmdb:movie", "5")}), refers=True)
    requests.put(second)
    await world.scan("requests")
    for form in (odd, sent, [("verb", "odd")], []):
        status, page = await send(client, "/items/radarr/movie/5/act", *form)
        assert status in (400, 409)
        assert 'href="/items/radarr/movie/5"' in page
    assert await states(world) == {}


@pytest.mark.parametrize(
    ("app", "changed"),
    [
        ("radarr", replace(film(5), title="Film 555", refs=frozenset({Ref("tmdb:movie", "555")}))),
        ("radarr", film(5, title="Film 5 (Remake)")),
        ("requests", None),
    ],
)
async def test_a_page_is_about_what_it_showed(
    world: World, client: Client, radarr: ModelApp, requests: ModelApp, sign_in: SignIn,
    *, app: str, changed: Item | None,
) -> None:  # fmt: skip
    """The same rows of the ledger; but they are, or are called, something else by now."""
    await world.decide(mode=Mode.ASK)
    await sign_in(client)
    sent = fields(await see(client, "/items/radarr/movie/5/act?verb=delete"), "/items/radarr/movie/5/act")[1:]
    wanted = requests.items[Key("request", "7")]
    world.apps[app].put(changed or replace(wanted, title="All of Film 5"))
    await world.scan(app)
    for form in (sent, [one for one in sent if app == "requests" or one[0] != "also"]):
        status, page = await send(client, "/items/radarr/movie/5/act", *form)
        assert status == 409
        assert 'href="/items/radarr/movie/5"' in page
    assert await states(world) == {}
    await world.outbox.work_once()
    assert radarr.acts == requests.acts == []


async def test_what_was_unchecked_stays(
    world: World, client: Client, radarr: ModelApp, requests: ModelApp, sign_in: SignIn
) -> None:
    await world.decide(mode=Mode.ASK)
    await sign_in(client)
    sent = fields(await see(client, "/items/radarr/movie/5/act?verb=delete"), "/items/radarr/movie/5/act")[1:]
    form = [one for one in sent if one[0] != "also"]
    assert (await send(client, "/items/radarr/movie/5/act", *form))[0] == 303
    await world.outbox.work_once()
    assert Key("movie", "5") not in radarr.items
    assert Key("request", "7") in requests.items
    ((what,),) = await world.rows("SELECT what FROM audit ORDER BY id DESC LIMIT 1")
    assert what == "POST /items/radarr/movie/5/act delete files=no exclude=no"


async def test_a_tag_by_hand_twice_at_once_is_a_clear_page(
    world: World, client: Client, radarr: ModelApp, sign_in: SignIn
) -> None:
    await world.decide(mode=Mode.ACT)
    await sign_in(client)
    page = await see(client, "/items/radarr/movie/5/act?verb=tag&label=old")
    sent = fields(page, "/items/radarr/movie/5/act")[1:]
    assert (await send(client, "/items/radarr/movie/5/act", *sent))[0] == 303
    status, page = await send(client, "/items/radarr/movie/5/act", *sent)
    assert (status, "under way already" in page) == (409, True)


async def test_nothing_is_ordered_in_dry_run(
    world: World, client: Client, radarr: ModelApp, sign_in: SignIn
) -> None:
    await world.decide(mode=Mode.DRY_RUN)
    await sign_in(client)
    page = await see(client, "/items/radarr/movie/5")
    assert "The mode is dry-run" in page
    assert "Delete…" not in page
    page = await see(client, "/items/radarr/movie/5/act?verb=tag&label=x")
    assert "The mode is dry-run" in page
    ((row,),) = await world.rows("SELECT id FROM item WHERE key = '5'")
    form = [("verb", "tag"), ("label", "x"), ("row", row)]
    status, page = await send(client, "/items/radarr/movie/5/act", *form)
    assert (status, "dry-run" in page) == (409, True)
    assert await states(world) == {}


async def test_an_id_with_slashes_has_its_page_too(world: World, client: Client, sign_in: SignIn) -> None:
    model = await world.follow("radarr")
    model.put(replace(film(1), key=Key("movie", "a/b/act")), film(2))
    await world.scan("radarr")
    await world.decide(mode=Mode.ASK)
    await sign_in(client)
    page = await see(client, "/items/radarr/movie/a%2Fb%2Fact")
    (path,) = re.findall(r'href="(/items/[^"]*act\?verb=monitor)"', page)
    sent = fields(await see(client, path), "/items/radarr/movie/a%2Fb%2Fact/act")[1:]
    status, to = await send(client, "/items/radarr/movie/a%2Fb%2Fact/act", *sent)
    assert (status, to) == (303, "/items/radarr/movie/a%2Fb%2Fact")
    assert await states(world) == {1: "planned"}


# --- findings, pauses ------------------------------------------------------------------------------


async def test_a_finding_is_ignored_and_counts_again(
    world: World, client: Client, radarr: ModelApp, sign_in: SignIn
) -> None:
    await world.lose("radarr", Key("movie", "5"))
    await sign_in(client)
    assert "/findings/1/ignore" in await see(client, "/items/radarr/movie/5")
    assert await send(client, "/findings/1/ignore") == (303, "/items/radarr/movie/5")
    page = await see(client, "/items/radarr/movie/5")
    assert "by owner: nothing follows from it" in page
    assert await send(client, "/findings/1/heed") == (303, "/items/radarr/movie/5")
    assert "/findings/1/ignore" in await see(client, "/items/radarr/movie/5")
    assert (await send(client, "/findings/9/ignore"))[0] == 404


async def test_pausing_and_resuming(world: World, client: Client, radarr: ModelApp, sign_in: SignIn) -> None:
    await sign_in(client)
    assert await send(client, "/pause", ("source", "radarr")) == (303, "/")
    page = await see(client, "/")
    assert "paused by owner: nothing of it is judged" in page
    assert "Paused by" not in page
    await send(client, "/resume", ("source", "radarr"))
    assert "nothing of it is judged" not in await see(client, "/")
    await send(client, "/pause")
    page = await see(client, "/")
    assert "Paused by owner" in page
    assert "Scan now" not in page
    await send(client, "/resume")
    assert "Paused by" not in await see(client, "/")
    assert (await send(client, "/pause", ("source", "nobody")))[0] == 404


async def test_the_words_of_a_policy_stay_text(
    world: World, client: Client, radarr: ModelApp, sign_in: SignIn
) -> None:
    evil = '<script>alert("x")</script>'
    radarr.put(film(1, title=evil))
    await world.scan("radarr")
    await world.decide(forget("forget", Step(Verb.TAG, "radarr", label=evil)), mode=Mode.ASK)
    decision = await world.ask(await world.plan(1, verb="tag", label=evil, since=evil))
    await sign_in(client)
    act = "/items/radarr/movie/1/act?verb=tag&label=%3Cscript%3E"
    acting = ("/actions", "/actions/1", "/actions/1/undo", f"/decisions/{decision}/undo")
    for path in ("/", f"/decisions/{decision}", *acting, "/items/radarr/movie/1", act):
        answer = await client.get(path, headers=HTML)
        assert answer.status == 200, path
        assert "<script>" not in await answer.text(), path
