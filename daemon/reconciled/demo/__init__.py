"""The demo: made-up apps, a real daemon, and things that vanish and travel in various ways.

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
from pathlib import Path

from reconciled.app import Daemon
from reconciled.clock import Clock
from reconciled.config import load
from reconciled.demo.practice import MOST, Practice
from reconciled.demo.story import MIRROR, Story
from reconciled.plugins import discover
from reconciled.process import GOOD
from reconciled.testing.fakes.base import Fake
from reconciled.testing.fakes.household import Household

FILMS, SERIES = 320, 90
TOKEN = "demo-demo-demo-demo"  # noqa: S105 - the demo's apps and data are made up
SECRET = "made-up-webhook-secret"  # noqa: S105 - likewise
PORT = 8787
POLICIES = f"""policies:
  mark_what_jellyfin_lost:
    when: gone
    kind: movie
    from: jellyfin
    then: [{{tag: radarr, label: gone-from-jellyfin}}]
  stop_looking_for_it:
    when: gone
    kind: movie
    from: jellyfin
    grace: 10m
    unless: {{tag: keep}}
    then: [{{unmonitor: radarr}}]
  {MIRROR}:
    mirror: vsrx
    kind: file
    to: [paperless, archive]
    types: [pdf, jpeg]
    max_size: {MOST}B
    tag: vsrx
  mark_copies_of_deleted_files:
    when: gone
    kind: file
    from: vsrx
    then: [{{tag: paperless, label: gone-from-vsrx}}]
  delete_copies_of_deleted_files:
    when: gone
    kind: file
    from: vsrx
    grace: 10m
    then: [{{delete: paperless, files: yes}}, {{delete: archive, files: yes}}]
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
        async with Household(films=FILMS, series=SERIES) as home, Practice(secret=SECRET) as practice:
            free = port if port is not None else await _free(PORT)
            async with demo_daemon(home, practice, Path(folder), port=free) as daemon:
                connect(home, practice, daemon.url)
                _say(_welcome(home, practice, daemon.url, Path(folder)))
                story = asyncio.create_task(_tell(Story(home, practice, daemon)))
                await stopped.wait()
                story.cancel()
                await asyncio.gather(story, return_exceptions=True)
    return GOOD


def demo_daemon(
    home: Household, practice: Practice, folder: Path, *, port: int, clock: Clock | None = None
) -> Daemon:
    """The daemon on a config as a person would write it, with shorter waits."""
    config = folder / "config.yaml"
    config.write_text(
        f"daemon: {{listen: 127.0.0.1:{port}, token: {TOKEN}, state: {folder / 'state'}}}\n"
        "defaults: {settle: 5s, scan: 1m}\nmode: ask\nsources:\n"
        f"{_sources(home, practice, folder)}{POLICIES}"
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
        clock=clock,
        chance=random.Random(),  # noqa: S311 - jitter, no secret
    )


def _sources(home: Household, practice: Practice, folder: Path) -> str:
    apps: dict[str, Fake] = {"radarr": home.radarr, "sonarr": home.sonarr, "jellyfin": home.jellyfin}
    blocks = [
        f"{name}: {{url: {fake.url}, api_key: {fake.api_key}, webhook: {SECRET}, timeout: 5s}}"
        for name, fake in apps.items()
    ]
    vsrx, paperless = practice.vsrx, practice.paperless
    blocks += [
        f"vsrx: {{url: {vsrx.url}, token: {vsrx.api_key}, webhook: {SECRET}, timeout: 5s}}",
        f"paperless: {{url: {paperless.url}, token: {paperless.api_key}, poll: 10s, timeout: 5s}}",
        f"archive: {{url: 'file://{archive_of(folder)}'}}",
    ]
    return "".join(f"  {block}\n" for block in blocks)


def archive_of(folder: Path) -> Path:
    """Where the demo's archive lies."""
    return folder / "state" / "archive"


def connect(home: Household, practice: Practice, url: str) -> None:
    """Have the apps send their webhooks to the daemon."""
    for name, fake in (("radarr", home.radarr), ("sonarr", home.sonarr), ("jellyfin", home.jellyfin)):
        fake.add_webhook(f"{url}/webhooks/{name}", headers={"X-Reconciled-Secret": SECRET})
    practice.vsrx.add_webhook(f"{url}/webhooks/vsrx")


def _welcome(home: Household, practice: Practice, url: str, folder: Path) -> str:
    vsrx, paperless = practice.vsrx, practice.paperless
    copy = max(paperless.state.documents) + 3  # a person's own letters come first
    delete = f"{paperless.url}/api/documents/{copy}/ -H 'Authorization: Token {paperless.api_key}'"
    return (
        f"\n  The page:    {url}\n  Signing in:  {TOKEN}\n"
        f"  A household: Radarr {home.radarr.url}, Sonarr {home.sonarr.url}, Jellyfin {home.jellyfin.url}\n"
        f"  A practice:  VSRX {vsrx.url}, Paperless-ngx {paperless.url}, an archive in\n"
        f"               {archive_of(folder)} (all made up)\n\n"
        "  Try it: once files travelled, delete a document there, or a blob, and look at the page\n"
        "  a minute later.\n"
        f"    curl -X DELETE {delete}\n"
        f"    find {archive_of(folder)}/blobs -type f | head -n 1 | xargs rm\n"
        "  Or have it done: “Delete” on the page of any item shows all that would go, and asks.\n\n"
        "  Ctrl-C ends it.\n"
    )


async def _free(port: int) -> int:
    try:
        server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", port)
    except OSError:
        return 0
    server.close()
    await server.wait_closed()
    return port


async def _tell(story: Story) -> None:
    for wait, chapter in story.chapters():
        await asyncio.sleep(wait)
        _say(f"  • {await chapter()}")
    _say("\n  That was the story; the page stays until Ctrl-C.")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
