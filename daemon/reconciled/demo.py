"""The demo: made-up apps, a real daemon, and things that vanish in various ways.

Everything runs in one process on loopback and in a temporary folder; nothing is configured and
nothing of the machine is touched. The page tells the story while it happens.
"""

import asyncio
import logging
import os
import random
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from reconciled.app import GOOD, Daemon
from reconciled.config import load
from reconciled.plugins import discover
from reconciled.testing.fakes.base import Fake
from reconciled.testing.fakes.household import Household

FILMS, SERIES = 320, 90
TOKEN = "demo-demo-demo-demo"  # noqa: S105 - the demo's apps and data are made up
SECRET = "made-up-webhook-secret"  # noqa: S105 - likewise
PORT = 8787
POLICIES = """policies:
  mark_what_jellyfin_lost:
    when: gone
    kind: movie
    from: jellyfin
    then: [{tag: radarr, label: gone-from-jellyfin}]
  stop_looking_for_it:
    when: gone
    kind: movie
    from: jellyfin
    grace: 10m
    unless: {tag: keep}
    then: [{unmonitor: radarr}]
"""
"""What the daemon wants done; it asks first. Nothing destructive is ever less than ten minutes away."""


def run(port: int | None) -> int:
    """Run until Ctrl-C. `port` None takes 8787, or any free one when that is taken. Returns the exit code."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
    return asyncio.run(_run(port))


async def _run(port: int | None) -> int:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    with tempfile.TemporaryDirectory(prefix="reconciled-demo-") as folder:
        async with Household(films=FILMS, series=SERIES) as home:
            free = port if port is not None else await _free(PORT)
            async with _daemon(home, Path(folder), free) as daemon:
                _connect(home, daemon.url)
                _say(
                    f"\n  The page:    {daemon.url}\n  Signing in:  {TOKEN}\n"
                    f"  The apps:    Radarr {home.radarr.url}, Sonarr {home.sonarr.url}, "
                    f"Jellyfin {home.jellyfin.url} (all made up)\n\n  Ctrl-C ends it.\n"
                )
                story = asyncio.create_task(_tell(Story(home, daemon)))
                await stopped.wait()
                story.cancel()
                await asyncio.gather(story, return_exceptions=True)
    return GOOD


def _daemon(home: Household, folder: Path, port: int) -> Daemon:
    """The daemon on a config as a person would write it, with shorter waits."""
    config = folder / "config.yaml"
    apps: dict[str, Fake] = {"radarr": home.radarr, "sonarr": home.sonarr, "jellyfin": home.jellyfin}
    blocks = "".join(
        f"  {name}: {{url: {fake.url}, api_key: {fake.api_key}, webhook: {SECRET}, timeout: 5s}}\n"
        for name, fake in apps.items()
    )
    config.write_text(
        f"daemon: {{listen: 127.0.0.1:{port}, token: {TOKEN}, state: {folder / 'state'}}}\n"
        f"defaults: {{settle: 5s, scan: 1m}}\nmode: ask\nsources:\n{blocks}{POLICIES}"
    )
    registry = discover()
    loaded = load(config, registry.types, environ={}, broken=registry.errors)
    if loaded.settings is None:
        raise RuntimeError("; ".join(map(str, loaded.problems)))
    return Daemon(
        loaded.settings,
        config,
        registry=registry,
        environ=os.environ,
        files=loaded.files,
        chance=random.Random(),  # noqa: S311 - jitter, no secret
    )


def _connect(home: Household, url: str) -> None:
    for name, fake in (("radarr", home.radarr), ("sonarr", home.sonarr), ("jellyfin", home.jellyfin)):
        fake.add_webhook(f"{url}/webhooks/{name}", headers={"X-Reconciled-Secret": SECRET})


async def _free(port: int) -> int:
    try:
        server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", port)
    except OSError:
        return 0
    server.close()
    await server.wait_closed()
    return port


@dataclass(frozen=True, slots=True)
class Story:
    """What happens to the made-up library; each chapter says what it does."""

    home: Household
    daemon: Daemon

    async def deleted_in_radarr(self) -> str:
        """Told by webhook, then noticed in Jellyfin too."""
        work = self.home.films[3]
        await self.home.radarr.delete(self.home.film(work).id, files=True)
        self.home.jellyfin.delete_item(self.home.item(work).id)
        await self.home.jellyfin.flush_webhooks()
        return f"Somebody deletes {work.title!r} in Radarr, with its files; Jellyfin notices. One story."

    async def file_deleted(self) -> str:
        """What the policies are about: the film is gone, Radarr's entry stays."""
        work = self.home.films[7]
        await self.home.radarr.delete_file(self.home.film(work).id)
        self.home.jellyfin.delete_item(self.home.item(work).id)
        await self.home.jellyfin.flush_webhooks()
        return (
            f"The file of {work.title!r} is deleted; Radarr keeps the entry and would look for it again. "
            "Two policies want something: the page asks before it tags, and in ten minutes before more."
        )

    async def deleted_on_disk(self) -> str:
        """No webhook at all: only a scan can notice."""
        for work in self.home.films[10:13]:
            await self.home.radarr.delete(self.home.film(work).id, notify=False)
        self.daemon.engine.order_scan(self.daemon.engine.place("radarr").live, "the demo")
        return "Three films leave Radarr without a word. A scan suspects them, lookups prove it: external."

    async def upgraded(self) -> str:
        """A better file: no loss."""
        work = self.home.films[20]
        await self.home.radarr.upgrade(self.home.film(work).id)
        self.home.jellyfin.replace_file(self.home.item(work).id, "Remux-2160p.mkv", notify=False)
        self.daemon.engine.order_scan(self.daemon.engine.place("jellyfin").live, "the demo")
        return f"{work.title!r} gets a better file, so Jellyfin gives it a new id: replaced, not lost."

    async def series_deleted(self) -> str:
        """A series goes in Sonarr."""
        work = self.home.series[5]
        await self.home.sonarr.delete(self.home.show(work).id, files=False)
        return f"{work.title!r} is deleted in Sonarr, its files are kept."

    async def disk_vanishes(self) -> str:
        """A mount goes: everything below it would be gone, and nothing is."""
        await self.home.radarr.root_emptied(self.home.film(self.home.films[0]).root)
        return "The films' disk is not mounted: hundreds of files are missing at once. A hold, not a loss."

    async def jellyfin_down(self) -> str:
        """Trouble is never absence."""
        await self.home.jellyfin.down()
        self.daemon.engine.order_scan(self.daemon.engine.place("jellyfin").live, "the demo")
        return "Jellyfin stops answering. Nothing of it is gone; it is in trouble, and that is all."

    async def all_back(self) -> str:
        """Everything recovers without a restart."""
        await self.home.jellyfin.up()
        await self.home.radarr.root_returns(self.home.film(self.home.films[0]).root)
        self.daemon.engine.order_scan(self.daemon.engine.place("radarr").live, "the demo")
        return "The disk and Jellyfin are back: the hold closes by itself, and nothing was lost."


async def _tell(story: Story) -> None:
    chapters: list[tuple[float, Callable[[], Awaitable[str]]]] = [
        (4, story.deleted_in_radarr),
        (8, story.file_deleted),
        (8, story.deleted_on_disk),
        (10, story.upgraded),
        (6, story.series_deleted),
        (12, story.disk_vanishes),
        (10, story.jellyfin_down),
        (40, story.all_back),
    ]
    for wait, chapter in chapters:
        await asyncio.sleep(wait)
        _say(f"  • {await chapter()}")
    _say("\n  That was the story; the page stays until Ctrl-C.")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
