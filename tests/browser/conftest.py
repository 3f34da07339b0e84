"""A real browser in front of a real daemon, with fake apps behind it over real sockets.

The browser is the system's Chromium, driven by Playwright. Whatever a page complains about (a script
that fails, a broken Content-Security-Policy, an answer that is an error) fails the test that saw it.
"""

import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.conftest import registry_with_requests
from tests.patience import PATIENCE
from tests.scenarios.conftest import TOKEN, Home

from reconciled.testing.fakes.household import Household
from reconciled.testing.fakes.titles import Work

if TYPE_CHECKING:
    from playwright.async_api import Browser, ConsoleMessage, Page

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
LABEL = "gone-from-jellyfin"
ASKING = f"""policies:
  mark:
    when: gone
    kind: movie
    from: jellyfin
    then: [{{tag: radarr, label: {LABEL}}}]
"""
_HARMLESS = "Password forms should have"
"""What Chromium advises about a sign-in form that has no user name."""


def chromium() -> str:
    """Where the browser is; skips the test when it is nowhere."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if (found := shutil.which(name)) is not None:
            return found
    pytest.skip("there is no Chromium here; script/test --full installs it where there is apt-get")


class House(Home):
    """The daemon with the apps, and what a person does to their library."""

    async def lose(self, *works: Work) -> None:
        """The files go, Jellyfin forgets the films; Radarr keeps its entries, so policies want something."""
        for work in works:
            await self.apps.radarr.delete_file(self.apps.film(work).id)
            self.apps.jellyfin.delete_item(self.apps.item(work).id)
        await self.apps.jellyfin.flush_webhooks()

    async def until_waiting(self, count: int) -> None:
        """So many actions wait for an answer."""
        await self.until_count("action", count, "state = 'waiting'")

    def labels(self, work: Work) -> list[str]:
        """What Radarr itself says about a film's tags."""
        state = self.apps.radarr.state
        return [state.tags[tag] for tag in self.apps.film(work).tags]


class Visitor:
    """A person at a browser. `trouble` is what their pages complained about."""

    def __init__(self, page: "Page", house: House) -> None:
        self.page = page
        self.house = house
        self.trouble: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.trouble.append(f"{page.url}: {error}"))

    def _hear(self, message: "ConsoleMessage") -> None:
        if message.type != "log" and _HARMLESS not in message.text:
            self.trouble.append(f"{self.page.url}: {message.type}: {message.text}")

    async def go(self, path: str) -> None:
        """Open a page."""
        await self.page.goto(f"{self.house.daemon.url}{path}")

    async def sign_in(self) -> None:
        """By the form, as a person does."""
        await self.go("/login")
        await self.page.get_by_label("Token").fill(TOKEN)
        await self.page.get_by_role("button", name="Sign in").click()
        await self.page.wait_for_url(f"{self.house.daemon.url}/")

    async def press(self, name: str, *, role: Any = "button") -> None:
        """Press what is called so; once more where the page says that it has just changed."""
        nothing_sent = self.page.get_by_text("so nothing was sent")
        while True:
            await self.page.wait_for_timeout(800)
            await self.page.get_by_role(role, name=name, exact=True).first.click()
            if not await nothing_sent.is_visible():
                return

    async def sees(self, text: str) -> None:
        """It comes to be on the page."""
        await self.page.get_by_text(text).first.wait_for()

    async def key(self, name: str) -> None:
        """Press a key, when the page's scripts listen and, for an Enter, something has the focus."""
        await self.page.wait_for_load_state()
        if name == "Enter":
            await self.page.wait_for_function("document.activeElement.matches('button, a, input')")
        await self.page.keyboard.press(name)

    async def hears(self) -> None:
        """The page listens for events."""
        await self.page.wait_for_selector("body[data-live]")

    async def width(self) -> int:
        """How wide the page is, with what hangs out of it."""
        return int(await self.page.evaluate("document.documentElement.scrollWidth"))


@pytest.fixture
async def make_house(tmp_path: Path) -> AsyncIterator[Callable[..., Awaitable[House]]]:
    """`await make_house("mode: ask\\n…")`: everything started and scanned once."""
    async with contextlib.AsyncExitStack() as stack:

        async def make(config: str = f"mode: ask\n{ASKING}", *, films: int = 24) -> House:
            apps = await stack.enter_async_context(Household(films=films, series=4))
            house = House(apps, tmp_path, registry_with_requests(), hurry=20.0)
            asked = f"  requests: {{url: {apps.requests.url}, api_key: {apps.requests.api_key}}}\n"
            house.write_config(extra=asked + config, timeout="5s")
            await house.start()
            stack.push_async_callback(house.stop)
            await house.until_count("run", 4, "pass = 'scan' AND state = 'complete'")
            return house

        yield make


@pytest.fixture
async def house(make_house: Callable[..., Awaitable[House]]) -> House:
    """A daemon that asks before it tags in Radarr what Jellyfin lost."""
    return await make_house()


@pytest.fixture
async def browser() -> AsyncIterator["Browser"]:
    """A browser of the test's own."""
    executable = chromium()
    playwright = pytest.importorskip("playwright.async_api", reason="script/setup installs playwright")
    async with playwright.async_playwright() as driver:
        found = await driver.chromium.launch(
            executable_path=executable, args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        yield found
        await found.close()


@pytest.fixture
async def make_visitor(browser: "Browser") -> AsyncIterator[Callable[..., Awaitable[Visitor]]]:
    """`await make_visitor(house)`: somebody who is signed in. Their pages may complain about nothing."""
    visitors: list[Visitor] = []

    async def make(house: House, *, signed_in: bool = True, **more: Any) -> Visitor:
        context = await browser.new_context(**{"viewport": DESK, **more})
        context.set_default_timeout(PATIENCE * 1000)
        visitor = Visitor(await context.new_page(), house)
        visitors.append(visitor)
        if signed_in:
            await visitor.sign_in()
        return visitor

    yield make
    for visitor in visitors:
        await visitor.page.close()
        assert visitor.trouble == []


@pytest.fixture
async def visitor(house: House, make_visitor: Callable[..., Awaitable[Visitor]]) -> Visitor:
    """Somebody who is signed in, at a desk."""
    return await make_visitor(house)
