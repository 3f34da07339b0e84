"""Duplicates in a real browser, before a daemon and a Paperless: what is decided is what Paperless holds."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.browser.conftest import PHONE, Visitor
from tests.daemon.ledger.library import Library
from tests.scenarios.conftest import TOKEN, Home

from reconciled.app import Daemon
from reconciled.config import load
from reconciled.duplicates.words import Difference, Factor
from reconciled.ledger import items, papers, sources
from reconciled.ledger.connection import Tx
from reconciled.model import Key
from reconciled.plugins import Registry
from reconciled.testing.clock import HurriedClock
from reconciled.testing.fakes.paperless import FakePaperless
from reconciled.testing.fakes.paperless_pictures import pdf
from reconciled_paperless import Paperless

pytestmark = pytest.mark.full

NASTY = "\u202e<script>document.title = 'taken over'</script>"
INVOICE = "Invoice {n} of Smith and Sons\nfor repairs to the roof in May\nTotal due {sum} EUR\n"
PARTS = {Factor.TEXT: 4.0, Factor.NUMBERS: 2.0, Factor.IMAGE: -1.0}
MakeVisitor = Callable[..., Awaitable[Visitor]]


class Cabinet(Home):
    """A Paperless with an invoice three times, another that was revised, and letters; texts were compared.

    Group 1 are the documents 1, 2 and 3; group 2 are 4 and 5, to be reviewed.
    """

    def __init__(self, paperless: FakePaperless, folder: Path) -> None:
        self.paperless = paperless
        self.folder = folder
        self.config = folder / "config.yaml"
        self.hurry = 20.0
        self._stack = AsyncExitStack()
        self.library: Library
        self.item: dict[int, int] = {}

    async def begin(self) -> None:
        """The daemon, its first scan, and the groups."""
        self.config.write_text(
            f"mode: ask\ndaemon: {{listen: 127.0.0.1:0, token: {TOKEN}, state: {self.folder / 'state'}}}\n"
            "defaults: {settle: 2s}\nsources:\n"
            f"  paperless: {{url: {self.paperless.url}, token: {self.paperless.api_key}, poll: off}}\n"
        )
        registry = Registry.with_types(Paperless)
        loaded = load(self.config, registry.types, environ={})
        assert loaded.settings is not None, [str(problem) for problem in loaded.problems]
        self.daemon = Daemon(
            loaded.settings, self.config, registry=registry, environ={}, files=loaded.files,
            clock=HurriedClock(self.hurry), zone=UTC, chance=random.Random(1),
        )  # fmt: skip
        await self._stack.enter_async_context(self.daemon)
        await self.until_count("run", 1, "pass = 'scan' AND state = 'complete'")
        self.library = Library(self.daemon.engine.ledger)
        self.library.now = self.daemon.engine.clock.now()
        await self._read()
        await self._compare()

    async def _read(self) -> None:
        """The ledger knows the words of all documents, and that they were compared."""
        source: Any = self.daemon.sources.source("paperless")
        keys = [Key("document", str(number)) for number in self.paperless.state.documents]
        told = await source.texts(keys)

        def write(tx: Tx) -> dict[int, int]:
            known = sources.get(tx, "paperless")
            assert known is not None
            rows = {key: items.by_key(tx, known.id, key)[0] for key in keys}
            readings = [
                papers.read(row.id, known.id, told[key].words, about=told[key].about)
                for key, row in rows.items()
            ]
            papers.put(tx, readings, seq=1, at=self.library.at)
            papers.compared(tx, {one.item_id: one.print for one in readings})
            return {int(key.id): row.id for key, row in rows.items()}

        self.item = await self.daemon.engine.ledger.write(write)

    async def _compare(self) -> None:
        like, item = self.library.like, self.item
        for a, b in ((1, 2), (1, 3), (2, 3)):
            await like(item[a], item[b], parts=PARTS, said="all that differs are errors of reading")
        differs = [Difference("amount", "120,00", "210,00")]
        await like(item[4], item[5], 0.0, vetoed=True, differences=differs, said="an amount differs")
        await self.library.regroup()

    def tags(self) -> dict[int, set[str]]:
        """What the documents of the groups are labelled with, in Paperless."""
        state = self.paperless.state
        return {
            number: {state.tags[tag].name for tag in state.documents[number].tags}
            for number in range(1, 6)
            if number in state.documents
        }

    async def state(self, group: int) -> str:
        """How a group stands."""
        return str((await self.library.group(group)).state)


BEFORE = {1: {"tax"}, 2: set[str](), 3: {"paid"}, 4: set[str](), 5: set[str]()}


@pytest.fixture
async def cabinet(tmp_path: Path) -> AsyncIterator[Cabinet]:
    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(FakePaperless())
        began = app.now() - timedelta(days=60)
        first = INVOICE.format(n=12, sum="120,00")
        shelf: list[tuple[str, str, tuple[str, ...]]] = [
            ("Invoice 12", first, ("tax",)),
            (f"Invoice 12 {NASTY}", first.replace("roof", "r00f"), ()),
            ("Scan 0003", first.replace("repairs", "rcpairs"), ("paid",)),
            ("Invoice 13", INVOICE.format(n=13, sum="120,00"), ()),
            ("Invoice 13 revised", INVOICE.format(n=13, sum="210,00"), ()),
            *((f"Letter {n}", f"Letter {n} says number {n}", ()) for n in range(40)),
        ]
        for each, (title, words, labels) in enumerate(shelf):
            at = began + timedelta(seconds=each)
            app.put(
                title, content=words, archive=pdf(words), owner=None, added=at, modified=at, labels=labels
            )
        made = Cabinet(app, tmp_path)
        stack.push_async_callback(made.stop)
        await made.begin()
        yield made


async def shown(visitor: Visitor, selector: str) -> None:
    """Each of these pictures was loaded."""
    await visitor.page.wait_for_function(
        "name => { const all = [...document.querySelectorAll(name)]; "
        "all.forEach(one => one.scrollIntoView()); "
        "return all.length > 0 && all.every(one => one.complete && one.naturalWidth > 0); }",
        arg=selector,
    )


async def test_opened_compared_tagged_ignored_and_undone(cabinet: Cabinet, make_visitor: MakeVisitor) -> None:
    visitor = await make_visitor(cabinet)
    page = visitor.page
    await visitor.go("/duplicates")
    await shown(visitor, ".thumb img")
    await page.locator("#g1 h2 a").click()
    await shown(visitor, ".pane img")
    await visitor.key("z")
    await page.wait_for_selector(".compare.zoomed")
    await page.get_by_role("link", name="Text", exact=True).click()
    await page.locator(".difftext del", has_text="roof").wait_for()
    await page.get_by_role("link", name="Whole documents").click()
    assert await page.locator("iframe").count() == 2
    await page.wait_for_timeout(500)
    await visitor.go("/duplicates/2?view=text")
    assert await page.locator(".difftext mark").inner_text() == "120,00 210,00"

    await visitor.go("/duplicates/1")
    await page.get_by_role("button", name="Make Scan 0003 the primary").click()
    await visitor.sees("stands for its group")
    assert (await cabinet.library.group(1)).primary == cabinet.item[3]
    await visitor.key("t")
    await visitor.sees("Tag 2 documents with “duplicate”")
    assert cabinet.tags() == BEFORE
    await visitor.key("Enter")
    await visitor.sees("2 actions ordered")
    await cabinet.until_count("action", 2, "state = 'done' AND verb = 'tag'")
    assert cabinet.tags() == {**BEFORE, 1: {"tax", "duplicate"}, 2: {"duplicate"}}
    await page.locator("[data-live=done] .state-done").nth(1).wait_for()

    await visitor.go("/duplicates/1")
    await visitor.press("Ignore")
    await visitor.sees("Ignored by owner")
    assert await cabinet.state(1) == "ignored"
    await visitor.press("Undo")
    await visitor.sees("Not a duplicate")
    assert await cabinet.state(1) == "open"
    assert cabinet.tags() == {**BEFORE, 1: {"tax", "duplicate"}, 2: {"duplicate"}}
    assert (set(cabinet.paperless.state.trash), len(cabinet.paperless.state.documents)) == (set(), 45)
    assert await page.title() != "taken over"

    await page.get_by_text("More", exact=True).click()
    await page.get_by_role("link", name="Take the tag off…").click()
    await visitor.press("Take the tag off")
    await cabinet.until_count("action", 2, "state = 'done' AND verb = 'untag'")
    assert cabinet.tags() == BEFORE


async def test_by_keyboard_alone(cabinet: Cabinet, make_visitor: MakeVisitor) -> None:
    visitor = await make_visitor(cabinet)
    page = visitor.page
    await visitor.go("/duplicates")
    await visitor.key("?")
    await visitor.sees("next, previous group")
    await visitor.key("Escape")
    await visitor.key("j")
    assert await page.locator(".group.at").get_attribute("id") == "g2"
    await visitor.key("i")
    await page.wait_for_selector("#g2", state="detached")
    assert await cabinet.state(2) == "ignored"
    assert await page.locator(".group.at").get_attribute("id") == "g1"
    await visitor.key("u")
    await page.wait_for_selector("#g2")
    assert await cabinet.state(2) == "open"
    await page.locator("#g1").focus()
    await visitor.key("l")
    await visitor.key("n")
    await page.wait_for_selector("#g1 .tile >> nth=2", state="detached")
    assert (await cabinet.library.groups())[1] == [cabinet.item[1], cabinet.item[2]]
    await page.locator("#g1").focus()
    await visitor.key("p")
    await visitor.sees("by hand")
    assert (await cabinet.library.group(1)).primary == cabinet.item[2]
    await visitor.key("d")
    await visitor.sees("to the trash of paperless")
    assert set(cabinet.paperless.state.trash) == set()
    await visitor.key("Enter")
    await cabinet.until_count("action", 1, "state = 'done' AND verb = 'delete'")
    assert set(cabinet.paperless.state.trash) == {1}
    await page.wait_for_url("**acted=**")
    await visitor.go("/duplicates?state=all")
    await visitor.sees("over")


async def test_many_are_chosen_and_answered_at_once(cabinet: Cabinet, make_visitor: MakeVisitor) -> None:
    visitor = await make_visitor(cabinet)
    page = visitor.page
    await visitor.go("/duplicates")
    for _ in range(2):
        await visitor.key("j")
        await visitor.key("x")
    await visitor.sees("2 groups chosen")
    await visitor.press("Look at it…")
    await visitor.sees("Ignored: 2 groups of 2")
    await visitor.key("Enter")
    await page.wait_for_url("**answered=**")
    assert [await cabinet.state(group) for group in (1, 2)] == ["ignored", "ignored"]
    assert await page.get_by_role("button", name="Undo").count() == 2


async def test_a_key_first_shows_what_it_is_about(cabinet: Cabinet, make_visitor: MakeVisitor) -> None:
    visitor = await make_visitor(cabinet)
    page = visitor.page
    await visitor.go("/duplicates")
    await visitor.key("i")
    assert await page.locator(".group.at").get_attribute("id") == "g2"
    await page.wait_for_timeout(300)
    assert await cabinet.state(2) == "open"
    await visitor.go(f"/duplicates/1?b={cabinet.item[3]}")
    assert await page.locator(".tile.at").get_attribute("data-member") == str(cabinet.item[3])
    await visitor.key("n")
    await page.wait_for_url("**answered=**")
    assert (await cabinet.library.groups())[1] == [cabinet.item[1], cabinet.item[2]]
    await visitor.key("d")
    await visitor.sees("to the trash of paperless")
    # as if Enter had been held down since the page before
    held = "{key: 'Enter', repeat: true, bubbles: true, cancelable: true}"
    press = f"one => one.dispatchEvent(new KeyboardEvent('keydown', {held}))"
    assert not await page.locator("button.danger").evaluate(press), "it is not left to the button"
    await visitor.go("/duplicates")
    await page.get_by_label("all", exact=True).check()
    await visitor.sees("2 groups chosen")
    await page.get_by_label("all", exact=True).uncheck()
    await visitor.sees("0 groups chosen")


async def test_sliders_only_look(cabinet: Cabinet, make_visitor: MakeVisitor) -> None:
    visitor = await make_visitor(cabinet)
    page = visitor.page
    await visitor.go("/duplicates")
    await page.locator("#weights summary").click()
    before = await cabinet.rows("SELECT a, b, confidence, band FROM likeness")
    assert await page.locator("#g1 [data-pair] [data-confidence]").first.inner_text() == "99.8 %"
    await page.locator("input[name='on-image']").check()
    await page.locator("input[type=range][name=image]").fill("2")
    await page.locator("#g1 .weighed", has_text="98 %").first.wait_for()
    await page.locator("input[type=range][name=duplicate]").fill("0.99")
    await visitor.sees("Of all pairs: duplicates 3 → 0, to review 1 → 4")
    await visitor.press("Keep these")
    await visitor.sees("factors: {text: 1, numbers: 1, thirds: 1, name: 0, metadata: 0, image: 2}")
    await page.get_by_role("button", name="As in the config").click()
    await visitor.sees("Of all pairs: duplicates 3 → 3, to review 1 → 1")
    assert await cabinet.rows("SELECT a, b, confidence, band FROM likeness") == before


async def test_the_search_is_followed_live(cabinet: Cabinet, make_visitor: MakeVisitor) -> None:
    go_on = asyncio.Event()

    async def searching(_: Any, run: Any) -> dict[str, Any]:
        progress = run.progress
        progress.done, progress.total, progress.stage, progress.rate = 10, 900, "reading", 50.0
        await go_on.wait()
        progress.done, progress.stage, progress.left = 600, "comparing", 8.0
        await asyncio.Event().wait()
        return {}

    cabinet.daemon.engine.passes["duplicates"] = searching
    visitor = await make_visitor(cabinet)
    await visitor.go("/duplicates")
    await visitor.press("Search now")
    await visitor.hears()
    await visitor.page.evaluate("window.never_left = true")
    await visitor.sees("Reading: 10 of 900 papers, 50 a second")
    go_on.set()
    await visitor.sees("Comparing: 600 of 900 papers, 50 a second, 8 s left")
    assert await visitor.page.evaluate("window.never_left")
    await visitor.press("Stop")
    await visitor.sees("Last search cancelled")


async def test_everything_but_keys_and_sliders_works_without_scripts(
    cabinet: Cabinet, make_visitor: MakeVisitor
) -> None:
    visitor = await make_visitor(cabinet, java_script_enabled=False)
    page = visitor.page
    await visitor.go("/duplicates")
    assert await page.locator("#weights").is_hidden()
    await page.locator("#g2").get_by_role("button", name="Ignore").click()
    assert await cabinet.state(2) == "ignored"
    await visitor.press("Undo")
    assert await cabinet.state(2) == "open"
    await page.locator("#g1 h2 input").check()
    await page.get_by_role("combobox", name="What is done to the chosen groups").select_option("tag")
    await visitor.press("Look at it…")
    await page.get_by_label("Tag", exact=True).fill("twice")
    await visitor.press("Use this tag")
    await visitor.sees("Tag 2 documents with “twice”")
    await visitor.press("Tag")
    await cabinet.until_count("action", 2, "state = 'done' AND verb = 'tag'")
    assert cabinet.tags() == {**BEFORE, 2: {"twice"}, 3: {"paid", "twice"}}


async def test_on_a_phone_nothing_hangs_out(cabinet: Cabinet, make_visitor: MakeVisitor) -> None:
    visitor = await make_visitor(cabinet, viewport=PHONE)
    for path in (
        "/duplicates", "/duplicates/1", "/duplicates/1?view=text", "/duplicates/1?view=whole",
        "/duplicates/act?group=1&group=2&action=delete", "/duplicates/act?group=1&action=tag",
    ):  # fmt: skip
        await visitor.go(path)
        await visitor.page.wait_for_timeout(300)
        assert await visitor.width() == PHONE["width"], path
