"""The pages of duplicates without a browser: what they show, escape and refuse, and what their forms do."""

import html
import json
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from multidict import MultiDict
from tests.daemon.web.conftest import Client, World
from tests.daemon.web.paper_shelf import NASTY, PaperSource, Shelf, invoices, make_shelf
from tests.daemon.web.test_web_api import get

from reconciled.config import Mode
from reconciled.source import Merging
from reconciled.web.forms_duplicates import _back

SignIn = Callable[[Client], Any]


@pytest.fixture
async def shelf(world: World) -> AsyncIterator[Shelf]:
    made = await make_shelf(world)
    yield made
    await world.house.duplicates.close()


@pytest.fixture
async def made(shelf: Shelf, client: Client, sign_in: SignIn) -> dict[str, int]:
    """The groups of `invoices`, in front of somebody who is signed in."""
    await shelf.world.decide(mode=Mode.ASK)
    await sign_in(client)
    return await invoices(shelf)


async def show(client: Client, path: str, status: int = 200) -> str:
    answer = await client.get(path, headers={"Accept": "text/html"})
    assert answer.status == status, await answer.text()
    return await answer.text()


def field(page: str, name: str) -> str:
    """The first value of a hidden field."""
    found = re.search(f'name="{name}" value="([^"]*)"', page)
    assert found, name
    return html.unescape(found[1])


async def send(client: Client, path: str, **fields: Any) -> tuple[int, str]:
    """A form, as the page that was loaded last would send it. Returns the status, and where it leads."""
    page = await show(client, "/duplicates?state=all")
    data = [("csrf", field(page, "csrf"))]
    for name, value in fields.items():
        data += [(name, str(one)) for one in (value if isinstance(value, list) else [value])]
    answer = await client.post(path, data=data, allow_redirects=False)
    return answer.status, answer.headers.get("Location", await answer.text())


async def test_titles_are_text(client: Client, made: dict[str, int]) -> None:
    for path in (
        "/duplicates", "/duplicates/1", f"/duplicates/1?a={made['a']}&b={made['b']}&view=text",
        "/duplicates/1?view=whole", "/duplicates/act?group=1&action=delete",
        "/duplicates/act?group=1&action=ignore",
    ):  # fmt: skip
        page = await show(client, path)
        assert "<script>alert" not in page, path
        assert "&lt;script&gt;alert(1)" in page, path
        for line in page.splitlines():
            if "\u202e" in line:  # a title that turns the writing stands in a box of its own
                for turning in re.finditer("\u202e", line):
                    assert "<bdi>" in line[: turning.start()].rpartition("</bdi>")[2], (path, line)


async def test_the_list_shows_what_there_is_to_know(client: Client, made: dict[str, int]) -> None:
    page = await show(client, "/duplicates")
    assert page.index('id="g2"') < page.index('id="g1"')
    assert "1 amount differs: 120,00 → 210,00" in page
    assert "2026-05-03 · Smith &amp; Sons · Invoice · 2 pages · 117.2 KiB · ASN 12" in page
    assert f'src="/api/v1/papers/{made["a"]}/preview" loading="lazy"' in page
    assert 'aria-label="text: speaks for it (+3.0)"' in page
    assert "style=" not in page
    assert not re.search(r"\son\w+=", page)
    assert "No group is like that" in await show(client, "/duplicates?q=nothing")
    assert 'id="g1"' not in await show(client, "/duplicates?band=review")
    assert "Next page" in await show(client, "/duplicates?limit=1")


async def test_who_is_not_signed_in_answers_nothing(world: World, client: Client, shelf: Shelf) -> None:
    await invoices(shelf)
    page = await show(client, "/duplicates")
    assert "Sign in to answer" in page
    assert 'name="do"' not in page
    answer = await client.post("/duplicates/answer", data={"group": "1", "do": "ignore"})
    assert answer.status in (401, 403)
    assert await world.rows("SELECT * FROM judgement") == []


async def test_forms_need_their_token(world: World, client: Client, made: dict[str, int]) -> None:
    del made
    for path in ("/duplicates/answer", "/duplicates/act", "/duplicates/run", "/duplicates/cancel"):
        answer = await client.post(path, data={"group": "1", "do": "ignore", "action": "tag", "csrf": "x"})
        assert answer.status == 403, path
    assert await world.rows("SELECT * FROM judgement") == []


async def test_ignored_from_the_list_and_undone(client: Client, made: dict[str, int]) -> None:
    del made
    back = "/duplicates?band=duplicate"
    status, to = await send(client, "/duplicates/answer", group=1, do="ignore", back=back)
    assert (status, to) == (303, "/duplicates?band=duplicate&answered=1")
    page = await show(client, to)
    assert 'value="reopen">Undo' in page
    assert 'id="g1"' not in page
    assert (await get(client, "duplicates/1"))["state"] == "ignored"
    assert "Ignored by owner" in await show(client, "/duplicates/1")
    assert await send(client, "/duplicates/answer", group=1, do="reopen", back=back) == (303, back)
    assert (await get(client, "duplicates/1"))["state"] == "open"


async def test_the_primary_is_set_and_set_back(client: Client, made: dict[str, int]) -> None:
    status, to = await send(
        client, "/duplicates/answer", group=1, do=f"primary {made['c']}", back="/duplicates/1"
    )
    assert (status, to) == (303, "/duplicates/1?answered=1&was=0")
    page = await show(client, to)
    assert 'value="primary policy">Undo' in page
    assert "primary chosen by owner" in page
    assert (await get(client, "duplicates/1"))["primary"] == made["c"]
    await send(client, "/duplicates/answer", group=1, do="primary policy", back="/duplicates/1")
    assert (await get(client, "duplicates/1"))["primary"] == made["a"]
    assert "Undo" in await show(client, f"/duplicates?answered=1&was={made['a']}")


async def test_one_member_is_no_duplicate(client: Client, made: dict[str, int]) -> None:
    await send(client, "/duplicates/answer", group=1, do=f"not_duplicate {made['b']}", back="/duplicates/1")
    assert [one["item"] for one in (await get(client, "duplicates/1"))["members"]] == [made["a"], made["c"]]
    _, to = await send(client, "/duplicates/answer", group=2, do="not_duplicate", back="/duplicates")
    page = await show(client, to)
    assert "Undo" in page
    assert (await get(client, "duplicates/2"))["over"] is not None
    await send(client, "/duplicates/answer", group=2, do="reopen")
    assert (await get(client, "duplicates/2"))["over"] is None


async def test_who_is_no_duplicate_and_bears_the_tag_is_shown_with_its_undo(
    world: World, client: Client, made: dict[str, int]
) -> None:
    page = await show(client, "/duplicates/act?group=1&action=tag")
    told = {"group": 1, "action": "tag", "label": field(page, "label"), "shown": field(page, "shown")}
    await send(client, "/duplicates/act", **told)
    await world.outbox.work_once()
    ((tagged,),) = await world.rows(f"SELECT id FROM action WHERE item_id = {made['b']} AND state = 'done'")
    to = (await send(client, "/duplicates/answer", group=1, do=f"not_duplicate {made['b']}"))[1]
    assert to == f"/duplicates?answered=1&acted={tagged}"
    page = await show(client, to)
    assert "tag stays on what is no duplicate" in page
    assert f'"/actions/{tagged}/undo">Undo' in page


async def test_what_is_done_is_what_was_shown(
    world: World, client: Client, shelf: Shelf, made: dict[str, int]
) -> None:
    page = await show(client, "/duplicates/act?group=1&action=delete&back=/duplicates/1")
    assert "“Scan 0003”" in page
    assert "“Invoice 12” stays" in page
    fields = {"group": 1, "action": "delete", "shown": field(page, "shown"), "back": "/duplicates/1"}
    await shelf.library.rescan(made["c"], "another text by now")
    status, said = await send(client, "/duplicates/act", **fields)
    assert status == 409
    assert "no longer what was shown" in said
    assert await world.rows("SELECT * FROM action") == []
    page = await show(client, f"/duplicates/act?group=1&action=tag&member={made['b']}&label=twin")
    assert "with “twin”" in page
    status, to = await send(
        client, "/duplicates/act", group=1, member=made["b"], action="tag", label="twin",
        shown=field(page, "shown"),
    )  # fmt: skip
    assert (status, to) == (303, "/duplicates?acted=1")
    page = await show(client, to)
    assert "1 action ordered" in page
    assert 'href="/actions/1/undo"' in page
    assert await world.rows("SELECT verb, label FROM action") == [("tag", "twin")]


async def test_a_tag_is_chosen_from_those_that_there_are(client: Client, made: dict[str, int]) -> None:
    del made
    page = await show(client, "/duplicates/act?group=1&action=tag")
    assert re.findall(r'<option value="([^"]*)">', page) == ["duplicate", "house", "tax"]
    assert field(page, "label") == "duplicate"


async def test_from_group_to_group(client: Client, shelf: Shelf, made: dict[str, int]) -> None:
    del made
    assert 'href="/duplicates/1" data-key="j"' in await show(client, "/duplicates/2")
    assert 'href="/duplicates/2" data-key="k"' in await show(client, "/duplicates/1")
    await shelf.library.say(2, "ignore")
    assert 'data-key="k"' not in await show(client, "/duplicates/1")


async def test_many_groups_at_once(client: Client, made: dict[str, int]) -> None:
    del made
    page = await show(client, "/duplicates/act?group=1&group=2&group=77&action=resolve")
    assert "resolved: 2 groups of 3" in page.lower()
    assert "there is no group 77" in page.lower()
    status, to = await send(
        client, "/duplicates/act", group=[1, 2, 77], action="resolve", shown=field(page, "shown")
    )
    assert (status, to) == (303, "/duplicates?answered=1,2&left=77")
    assert (await show(client, to)).count('value="reopen">Undo') == 2
    assert [one["state"] for one in (await get(client, "duplicates"))["items"]] == ["resolved", "resolved"]


async def test_deleting_many_has_to_be_typed(
    world: World, client: Client, shelf: Shelf, sign_in: SignIn
) -> None:
    await world.decide(mode=Mode.ASK)
    await sign_in(client)
    for number in range(1, 28):
        await shelf.paper(number, f"Copy {number}", "the same words on each of them all")
    await shelf.library.regroup()
    page = await show(client, "/duplicates")
    assert "and 19 more" in page
    page = await show(client, "/duplicates/act?group=1&action=delete")
    assert 'name="count"' in page
    fields = {"group": 1, "action": "delete", "shown": field(page, "shown")}
    status, said = await send(client, "/duplicates/act", **fields, count="25")
    assert status == 409
    assert "say the number" in said
    status, to = await send(client, "/duplicates/act", **fields, count="26")
    assert status == 303
    assert len(await world.rows("SELECT id FROM action WHERE verb = 'delete'")) == 26
    assert len(to) < 200


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example", "/login", "/duplicatesx", "/items"]
)
def test_a_form_leads_to_our_pages_only(back: str) -> None:
    assert _back(MultiDict({"back": back})) == "/duplicates"
    assert _back(MultiDict({"back": "/duplicates/4?view=text"})) == "/duplicates/4?view=text"


async def test_what_is_no_form(client: Client, made: dict[str, int]) -> None:
    del made
    for path, fields in (
        ("/duplicates/answer", {"group": "1", "do": "burn"}),
        ("/duplicates/answer", {"group": "x", "do": "ignore"}),
        ("/duplicates/answer", {"group": "1", "do": "primary x"}),
        ("/duplicates/act", {"group": "1", "action": "delete"}),
        ("/duplicates/act", {"group": "1", "action": "burn", "shown": "x"}),
        ("/duplicates/act", {"action": "delete", "shown": "x"}),
    ):
        status, said = await send(client, path, **fields)
        assert status == 400, (path, fields, said)
    for address in ("?action=tag", "?group=1", "?group=x&action=tag", "?group=1&action=tag&primary=x"):
        await show(client, f"/duplicates/act{address}", 400)
    await show(client, "/duplicates/99", 404)
    await show(client, "/duplicates/1?b=999", 404)
    await show(client, "/duplicates?answered=x,1,,9&acted=z")


async def test_dry_run_says_so(world: World, client: Client, made: dict[str, int]) -> None:
    del made
    await world.decide(mode=Mode.DRY_RUN)
    page = await show(client, "/duplicates/act?group=1&action=delete")
    assert "The mode is dry-run" in page
    assert 'name="shown"' not in page


async def test_lists_as_files(client: Client, made: dict[str, int]) -> None:
    answer = await client.get("/duplicates/export.csv?state=all")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="duplicates.csv"'
    head, *rows = (await answer.text()).splitlines()
    assert head.startswith("group,band,state,group_confidence,item,source,kind,id,title,created")
    assert [row.split(",")[0] for row in rows] == ["2", "2", "1", "1", "1"]
    assert "1 amount differs: 120,00 → 210,00" in rows[1]
    told = json.loads(await (await client.get("/duplicates/export.json?band=duplicate")).text())
    assert told == {"items": [await get(client, "duplicates/1")]}
    assert [one["item"] for one in told["items"][0]["members"]] == [made["a"], made["b"], made["c"]]
    none = json.loads(await (await client.get("/duplicates/export.json?q=nothing")).text())
    assert none == {"items": []}
    assert (await client.get("/duplicates/export.csv?odd=1")).status == 400


async def test_texts_that_are_not_there(client: Client, shelf: Shelf, made: dict[str, int]) -> None:
    await shelf.text(made["e"])
    page = await show(client, "/duplicates/2?view=text")
    assert "did not give the words" in page


async def test_a_group_of_many_is_compared_by_choice(
    client: Client, shelf: Shelf, made: dict[str, int]
) -> None:
    page = await show(client, f"/duplicates/1?a={made['b']}&b={made['c']}")
    assert f'<option value="{made["c"]}" selected>' in page
    assert re.search(r"<strong>99.3 %</strong>", page)
    await shelf.library.say(1, "ignore")
    assert "Ask again" in await show(client, "/duplicates/1")
    assert NASTY not in page.replace(f"<bdi>Invoice 12 {NASTY}</bdi>", "")


async def test_factors_that_do_not_count_say_so(client: Client, made: dict[str, int]) -> None:
    page = await show(client, f"/duplicates/1?b={made['b']}")
    assert "image: speaks against it (-1.0), it does not count" in page


async def test_the_search_is_begun_and_what_lacks_is_said(
    world: World, client: Client, made: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    del made

    async def searching(_: Any, run: Any) -> dict[str, Any]:
        del run
        return {}

    world.engine.passes["duplicates"] = searching
    assert await send(client, "/duplicates/run") == (303, "/duplicates")
    assert await send(client, "/duplicates/cancel") == (303, "/duplicates")
    page = await show(client, "/duplicates")
    assert "Last search" in page
    monkeypatch.setattr(world.house.duplicates, "lacks", lambda: "install reconciled[duplicates]")
    assert "Install reconciled[duplicates]" in await show(client, "/duplicates")


async def test_after_a_large_order_all_of_it_is_told(
    world: World, client: Client, shelf: Shelf, sign_in: SignIn
) -> None:
    await world.decide(mode=Mode.ASK)
    await sign_in(client)
    for number in range(1, 24):
        await shelf.paper(number, f"Copy {number}", "the same words on each of them all")
    await shelf.library.regroup()
    for back in ("/duplicates", "/duplicates/1"):
        page = await show(client, f"/duplicates/act?group=1&action=tag&label={back[-1]}&back={back}")
        _, to = await send(
            client, "/duplicates/act", group=1, action="tag", label=back[-1], shown=field(page, "shown"),
            back=back,
        )  # fmt: skip
        told = await show(client, to)
        assert "22 actions ordered" in told
        assert 'and <a href="/actions">2 more</a>' in told


async def test_many_answers_are_told_and_taken_back_together(
    client: Client, shelf: Shelf, sign_in: SignIn
) -> None:
    await sign_in(client)
    for number in range(1, 15, 2):
        for each in (number, number + 1):
            await shelf.paper(each, f"Sheet {each}", f"words that only this pair {number} has got")
    await shelf.library.regroup()
    groups = range(1, 8)
    told = await show(client, f"/duplicates?answered={','.join(map(str, groups))}&left=9&state=all")
    assert "7 groups answered" in told
    assert '1 group was left as it is: <a href="/duplicates/9">9</a>' in told
    assert 'value="reopen">Undo' not in told
    undo = html.unescape(re.search(r'href="(/duplicates/act\?action=reopen[^"]*)"', told)[1])  # type: ignore[index]
    assert [f"group={one}" for one in groups] == re.findall(r"group=\d+", undo)
    assert "7 groups of 7" in await show(client, undo)


async def test_what_is_shown_before_says_whether_it_can_be_undone(
    client: Client, made: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    del made

    async def merged(*_: Any, **__: Any) -> Merging:
        return Merging(gains=("the tag “tax”",), conflicts=())

    for name in ("foresee_merge", "merge"):
        monkeypatch.setattr(PaperSource, name, merged, raising=False)
    assert "Undo brings back" in await show(client, "/duplicates/act?group=1&action=delete")
    page = await show(client, "/duplicates/act?group=1&action=merge_delete")
    assert "Undo brings back" in page
    assert "What was merged stays merged" in page
    page = await show(client, "/duplicates/act?group=1&action=merge")
    assert "Undo brings back" not in page
    assert "What was merged stays merged" in page


async def test_another_tag_is_for_the_same_papers(client: Client, made: dict[str, int]) -> None:
    page = await show(client, f"/duplicates/act?group=1&action=tag&primary={made['c']}&member={made['a']}")
    form = page[page.index('<form method="get"') : page.index("Use this tag")]
    assert f'name="primary" value="{made["c"]}"' in form
    assert f'name="member" value="{made["a"]}"' in form


async def test_nothing_can_be_begun_that_cannot_run(
    world: World, client: Client, made: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    del made
    assert "Search now" in await show(client, "/duplicates")
    monkeypatch.setattr(world.house.duplicates, "lacks", lambda: "install reconciled[duplicates]")
    assert "Search now" not in await show(client, "/duplicates")
