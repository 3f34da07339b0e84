"""Scores over the API and on the page: what dry-run would have done, and what the world said of it."""

from dataclasses import replace
from typing import Any

from tests.daemon.web.conftest import Client, World, forget
from tests.daemon.web.test_web_api import get, post
from tests.daemon.web.test_web_pages_acting import see

from reconciled.config import Mode, Step, Verb
from reconciled.ledger import decisions, shadow
from reconciled.ledger.rows import pack
from reconciled.ledger.shadow import WouldBe
from reconciled.model import Item, Key
from reconciled.runtime.reload import Preview
from reconciled.testing.model_app import ModelApp

WHY = "radarr has a file of it again (movie 801)"
WARNED = "config.yaml:1:1: policies.forget: armed "


async def judged(world: World, *verdicts: str, verb: str = "delete", policy: str = "forget") -> None:
    """Dry-run would have done so much, and this is what became of it."""

    def write(tx: Any) -> None:
        known = decisions.policy(tx, policy)
        assert known is not None
        (first,) = tx.execute("SELECT ifnull(max(id), 0) + 1 FROM shadow").fetchone()
        for number, verdict in enumerate(verdicts, first):
            lost = Item(Key("movie", str(number)), f"Film {number}")
            new = WouldBe(
                policy=policy, since_seq=known.since_seq, words=known.words, verb=verb, target="radarr",
                label="", item_id=number, kind="movie", key=str(number), title=lost.title,
                does=f"{verb} movie {number} (Film {number}) in radarr", action_id=number, finding_id=number,
                story_id=number, code="gone", losing="jellyfin", generation=0, watched=0.0, what="file",
                lost_id=None, lost=pack(lost).decode(), refs="", path=None, asked=None, stood="[]", was="{}",
                would_seq=1, would_at=world.stamp,
            )  # fmt: skip
            shadow.remember(tx, new)
            (row,) = tx.execute("SELECT max(id) FROM shadow").fetchone()
            if verdict != "open":
                why = WHY if verdict == "wrong" else "it was still lost"
                shadow.judge(tx, row, verdict, why, now=world.clock.reckoned(), at=world.stamp)

    await world.ledger.write(write)


async def test_a_policy_nobody_watched_has_an_empty_score(world: World, client: Client) -> None:
    await world.decide(forget(), mode=Mode.DRY_RUN)
    score = (await get(client, "policies"))["items"][0]["score"]
    assert (score["would"], score["right"], score["wrong"], score["open"]) == (0, 0, 0, 0)
    assert score["sentence"] == "dry-run has had nothing to do for it so far"
    assert (score["since"], score["mistakes"], score["before"]) == (world.stamp, [], None)
    assert "In dry-run it" not in await see(client, "/")


async def test_a_score_and_its_mistakes(world: World, client: Client, radarr: ModelApp) -> None:
    await world.decide(forget(), mode=Mode.DRY_RUN)
    await judged(world, "right", "right", "wrong", "open")
    await judged(world, "open", verb="unmonitor")
    score = (await get(client, "policies"))["items"][0]["score"]
    assert (score["would"], score["right"], score["wrong"], score["open"]) == (5, 2, 1, 2)
    assert score["sentence"] == (
        "would have deleted 4: 2 right, 1 wrong, 1 open; "
        "would have stopped monitoring 1: 0 right, 0 wrong, 1 open"
    )
    (mistake,) = score["mistakes"]
    assert (mistake["does"], mistake["why"]) == ("delete movie 3 (Film 3) in radarr", WHY)
    assert (mistake["action"], mistake["would_at"], mistake["judged_at"]) == (3, world.stamp, world.stamp)
    text = await see(client, "/")
    assert "In dry-run it would have deleted 4: 2 right, 1 wrong, 1 open" in text
    assert "What would have been wrong" in text
    assert f"To delete movie 3 (Film 3) in radarr</a>: {WHY}" in text
    assert 'href="/actions/3"' in text


async def test_the_score_before_an_edit_is_kept_apart(world: World, client: Client, radarr: ModelApp) -> None:
    await world.decide(forget(), mode=Mode.DRY_RUN)
    since = world.stamp
    await judged(world, "right", "wrong")
    world.clock.advance(86400)
    await world.scan("radarr")  # what is noted later has a higher number
    await world.decide(replace(forget(), grace=1200.0), mode=Mode.DRY_RUN)
    score = (await get(client, "policies"))["items"][0]["score"]
    assert (score["would"], score["since"], score["mistakes"]) == (0, world.stamp, [])
    before = score["before"]
    assert (before["right"], before["wrong"], before["open"]) == (1, 1, 0)
    assert (before["since"], before["until"]) == (since, world.stamp)
    assert before["sentence"] == "would have deleted 2: 1 right, 1 wrong, 0 open"
    assert "Before the edit" in await see(client, "/")


async def test_titles_in_mistakes_stay_text(world: World, client: Client) -> None:
    await world.decide(forget(), mode=Mode.DRY_RUN)
    await judged(world, "wrong")
    await world.ledger.write(lambda tx: tx.execute("UPDATE shadow SET does = '<b>x</b>', why = '<i>y</i>'"))
    page = await (await client.get("/", headers={"Accept": "text/html"})).text()
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert "<i>y</i>" not in page


async def test_arming_without_a_score_stands_on_the_page_until_it_is_approved(
    world: World, client: Client
) -> None:
    await world.decide(forget(), forget("tag", Step(Verb.TAG, "radarr", label="x")), mode=Mode.ACT)
    (warning,) = (await get(client, "status"))["config"]["warnings"]
    assert warning.startswith(f"{WARNED}without a score: it has never been watched in dry-run")
    assert f"<li>{WARNED}without a score" in await see(client, "/")
    await judged(world, "right", "wrong", "wrong", "open")
    (warning,) = (await get(client, "status"))["config"]["warnings"]
    assert warning.startswith(f"{WARNED}with 2 of 3 wrong")
    assert (await post(client, "reload", {}))["warnings"] == [warning]
    await world.ledger.write(lambda tx: decisions.trust(tx, "forget", "what was shown"))
    assert (await get(client, "status"))["config"]["warnings"] == []
    assert "Armed before" not in await see(client, "/")
    assert await post(client, "reload", {}) == {"ok": True}


async def test_a_preview_warns_of_what_it_would_arm(world: World, client: Client) -> None:
    async def preview() -> Preview:
        return Preview(changes=("~ mode: counts at once",), warnings=(f"{WARNED}without a score",))

    world.house.preview = preview
    assert await post(client, "reload", {"preview": True}) == {
        "ok": True,
        "changes": ["~ mode: counts at once"],
        "warnings": [f"{WARNED}without a score"],
    }
