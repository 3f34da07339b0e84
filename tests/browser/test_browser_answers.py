"""Decisions in a real browser: they appear by themselves, and an answer covers what was seen."""

from collections.abc import Awaitable, Callable

import pytest
from tests.browser.conftest import LABEL, House, Visitor

pytestmark = pytest.mark.full


async def test_a_decision_appears_by_itself_and_is_approved(house: House, visitor: Visitor) -> None:
    work = house.apps.films[1]
    await visitor.hears()
    await visitor.page.evaluate("window.never_left = true")
    await house.lose(work)
    await visitor.sees("1 decision waits for you")
    assert await visitor.page.evaluate("window.never_left")
    await visitor.press("Approve 1 action of mark")
    await visitor.sees("Approved by owner")
    await house.until_count("action", 1, "state = 'done'")
    assert house.labels(work) == [LABEL]
    await visitor.sees("done at")


async def test_a_rejected_one_changes_nothing(house: House, visitor: Visitor) -> None:
    work = house.apps.films[1]
    await house.lose(work)
    await visitor.sees("1 decision waits for you")
    await visitor.press("Reject 1 action of mark")
    await visitor.sees("Rejected by owner")
    assert await house.count("action", "state = 'rejected'") == 1
    assert house.labels(work) == []


async def test_only_what_is_checked_is_approved(house: House, visitor: Visitor) -> None:
    kept, *others = works = house.apps.films[1:4]
    await house.lose(*works)
    await house.until_waiting(3)
    await visitor.go("/decisions/1")
    await visitor.page.get_by_role("checkbox", name=f"({kept.title})").uncheck()
    await visitor.press("Approve checked")
    await visitor.sees("1 action waits for your answer")
    await house.until_count("action", 2, "state = 'done'")
    assert [house.labels(work) for work in (kept, *others)] == [[], [LABEL], [LABEL]]


async def test_what_joins_meanwhile_is_not_approved(house: House, visitor: Visitor) -> None:
    first, second = house.apps.films[1:3]
    await house.lose(first)
    await house.until_waiting(1)
    await visitor.go("/decisions/1")
    await visitor.hears()
    box = visitor.page.get_by_role("checkbox")
    await box.uncheck()  # from now on the form is being used, and the page stays as it is
    await house.lose(second)
    await house.until_waiting(2)
    await visitor.sees("This page has news")
    assert await box.count() == 1
    assert not await box.is_checked()
    await box.check()
    await visitor.press("Approve checked")
    await visitor.sees("1 action waits for your answer")
    await house.until_count("action", 1, "state = 'done'")
    assert (house.labels(first), house.labels(second)) == ([LABEL], [])


async def test_titles_and_ids_are_replaced_together(house: House, visitor: Visitor) -> None:
    await visitor.hears()
    for count, work in enumerate(house.apps.films[1:4], 1):
        await house.lose(work)
        await visitor.page.get_by_role("button", name=f"Approve {count} ").wait_for()
        sent = await visitor.page.locator(".answer input[name=action]").count()
        assert sent == count
        assert work.title in await visitor.page.locator(".decision").inner_text()


async def test_a_press_on_what_has_just_changed_sends_nothing(house: House, visitor: Visitor) -> None:
    await visitor.hears()
    await visitor.page.evaluate(
        """() => new MutationObserver(() => document.querySelector(".answer button")?.click())
                 .observe(document.body, {childList: true})"""
    )
    await house.lose(house.apps.films[1])
    await visitor.sees("The page has just changed, so nothing was sent")
    assert await house.count("action", "state = 'waiting'") == 1


async def test_by_keyboard_alone(house: House, visitor: Visitor) -> None:
    work = house.apps.films[1]
    await house.lose(work)
    await visitor.sees("1 decision waits for you")
    await visitor.page.wait_for_timeout(800)
    for _ in range(20):
        await visitor.page.keyboard.press("Tab")
        name = await visitor.page.evaluate("document.activeElement.ariaLabel || ''")
        if name.startswith("Approve"):
            break
    await visitor.page.wait_for_timeout(800)  # what has the focus is not replaced any more
    await visitor.page.keyboard.press("Enter")
    await visitor.sees("Approved by owner")
    await house.until_count("action", 1, "state = 'done'")
    assert house.labels(work) == [LABEL]


async def test_enter_in_a_box_answers_nothing(house: House, visitor: Visitor) -> None:
    await house.lose(house.apps.films[1])
    await house.until_waiting(1)
    await visitor.go("/decisions/1")
    sent: list[str] = []
    visitor.page.on("request", lambda request: sent.append(request.method))
    await visitor.page.get_by_role("checkbox").focus()
    await visitor.page.keyboard.press("Enter")
    await visitor.page.wait_for_timeout(500)
    assert "POST" not in sent
    await visitor.page.keyboard.press("Space")
    assert not await visitor.page.get_by_role("checkbox").is_checked()
    assert await house.count("action", "state = 'waiting'") == 1


async def test_without_events_the_page_asks_now_and_then(
    house: House, make_visitor: Callable[..., Awaitable[Visitor]]
) -> None:
    visitor = await make_visitor(house, signed_in=False)
    await visitor.page.clock.install()
    await visitor.page.route("**/api/v1/events", lambda route: route.fulfill(status=204))
    await visitor.sign_in()
    await house.lose(house.apps.films[1])
    await house.until_waiting(1)
    await visitor.page.clock.run_for(20_000)
    await visitor.sees("1 decision waits for you")


async def test_everything_works_without_scripts(
    house: House, make_visitor: Callable[..., Awaitable[Visitor]]
) -> None:
    visitor = await make_visitor(house, java_script_enabled=False)
    work = house.apps.films[1]
    await house.lose(work)
    await house.until_waiting(1)
    await visitor.go("/")
    await visitor.press("Approve 1 action of mark")
    await house.until_count("action", 1, "state = 'done'")
    await visitor.go("/actions")
    await visitor.press("Undo…", role="link")
    await visitor.press("Undo it")
    await house.until_count("action", 1, "state = 'undone'")
    assert house.labels(work) == []
