"""What else people do in a browser: sign in, undo, act by hand; and how the pages fit a phone."""

from collections.abc import Awaitable, Callable

import pytest
from tests.browser.conftest import ASKING, DESK, LABEL, PHONE, House, Visitor

pytestmark = pytest.mark.full

NAMELESS = """[...document.querySelectorAll("a, button, input:not([type=hidden]), select")]
    .filter((one) => !one.hidden && !(one.innerText || one.ariaLabel || one.labels?.length))
    .map((one) => one.outerHTML)"""
"""What a screen reader could not call by any name."""


async def test_signing_in_leads_back_to_where_one_was(
    house: House, make_visitor: Callable[..., Awaitable[Visitor]]
) -> None:
    visitor = await make_visitor(house, signed_in=False)
    await visitor.go("/items?q=the")
    await visitor.press("Sign in", role="link")
    await visitor.page.get_by_label("Token").fill("a-token-for-the-scenarios")
    await visitor.page.keyboard.press("Enter")
    await visitor.page.wait_for_url("**/items?q=the")
    await visitor.press("Sign out")
    await visitor.page.get_by_role("link", name="Sign in").wait_for()


async def test_a_tag_is_undone_after_a_look_at_the_plan(house: House, visitor: Visitor) -> None:
    work = house.apps.films[1]
    await house.lose(work)
    await visitor.sees("1 decision waits for you")
    await visitor.press("Approve 1 action of mark")
    await house.until_count("action", 1, "state = 'done'")
    await visitor.go("/actions/1")
    await visitor.press("Undo…", role="link")
    await visitor.sees(f"Take the tag {LABEL} off")
    assert house.labels(work) == [LABEL]
    await visitor.press("Undo it")
    await house.until_count("action", 1, "state = 'undone'")
    assert house.labels(work) == []


async def test_deleting_by_hand_with_what_belongs_to_it(house: House, visitor: Visitor) -> None:
    work = house.apps.films[0]
    number = house.apps.film(work).id
    assert house.apps.request(work) is not None
    await visitor.go(f"/items/radarr/movie/{number}")
    await visitor.press("Delete…", role="link")
    await visitor.sees("no, they are kept")
    assert await visitor.page.get_by_role("checkbox", name="requests").is_checked()
    assert house.apps.film(work).id == number
    await visitor.press("Delete")
    await house.until_count("action", 2, "verb = 'delete' AND state = 'done'")
    assert number not in house.apps.radarr.state.entries
    assert house.apps.request(work) is None
    await visitor.sees("done at")


async def test_what_is_unchecked_stays(house: House, visitor: Visitor) -> None:
    work = house.apps.films[0]
    number = house.apps.film(work).id
    await visitor.go(f"/items/radarr/movie/{number}/act?verb=delete")
    await visitor.page.get_by_role("checkbox", name="requests").uncheck()
    await visitor.press("Delete")
    await house.until_count("action", 1, "verb = 'delete' AND state = 'done'")
    assert number not in house.apps.radarr.state.entries
    assert house.apps.request(work) is not None


async def test_a_tag_by_hand_and_a_text_half_written(house: House, visitor: Visitor) -> None:
    work = house.apps.films[2]
    await visitor.go(f"/items/radarr/movie/{house.apps.film(work).id}")
    await visitor.hears()
    await visitor.page.get_by_label("Label").fill("keep")
    await house.scan("radarr")
    await visitor.sees("This page has news")
    assert await visitor.page.get_by_label("Label").input_value() == "keep"
    await visitor.press("Tag…")
    await visitor.press("Tag")
    await house.until_count("action", 1, "state = 'done'")
    assert house.labels(work) == ["keep"]


async def test_in_dry_run_there_is_nothing_to_press(
    make_house: Callable[..., Awaitable[House]], make_visitor: Callable[..., Awaitable[Visitor]]
) -> None:
    house = await make_house(f"mode: dry-run\n{ASKING}")
    visitor = await make_visitor(house)
    await house.lose(house.apps.films[1])
    await visitor.sees("What it would do")
    await visitor.go(f"/items/radarr/movie/{house.apps.film(house.apps.films[2]).id}")
    await visitor.sees("The mode is dry-run")
    assert await visitor.page.get_by_role("link", name="Delete…").count() == 0


async def test_pausing_and_resuming(house: House, visitor: Visitor) -> None:
    await visitor.press("Pause everything")
    await visitor.sees("Paused by owner")
    assert house.daemon.engine.paused == "owner"
    await visitor.press("Resume")
    await visitor.sees("All is well")
    assert house.daemon.engine.paused is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
async def test_every_page_fits_and_complains_about_nothing(
    house: House, make_visitor: Callable[..., Awaitable[Visitor]], *, size: dict[str, int], scheme: str
) -> None:
    visitor = await make_visitor(house, viewport=size, color_scheme=scheme)
    done, waits = house.apps.films[1:3]
    await house.lose(done)
    await visitor.sees("1 decision waits for you")
    await visitor.press("Approve 1 action of mark")
    await house.until_count("action", 1, "state = 'done'")
    await house.lose(waits)
    await house.until_waiting(1)
    for work in house.apps.films[5:17]:
        await house.apps.radarr.delete(house.apps.film(work).id, notify=False)
    await house.scan("radarr")
    await house.until_count("hold", 1)
    film = f"/items/radarr/movie/{house.apps.film(house.apps.films[20]).id}"
    lost = f"/items/radarr/movie/{house.apps.film(done).id}"
    for path in ("/", "/actions", "/actions/1", "/actions/1/undo", "/decisions/1", "/decisions/2", "/items",
                 film, f"{film}/act?verb=delete", f"{film}/act?verb=tag&label=keep", lost, "/deletions",
                 "/holds/1", "/login"):  # fmt: skip
        await visitor.go(path)
        assert await visitor.width() <= size["width"], path
        assert await visitor.page.locator("h1").count() == 1, path
        assert await visitor.page.evaluate(NAMELESS) == [], path
