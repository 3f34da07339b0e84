"""How long after a webhook a loss is proved, beyond the settle time.

    script/bench webhooks [--titles 10000] [--losses 100] [--settle 2]

A whole daemon watches fakes of Radarr, Sonarr and Jellyfin with half the titles as films and half
as series. Films are deleted in Radarr and in Jellyfin, both tell by webhook; then the times from
each event to its tombstone are read from the ledger, less the settle time.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from datetime import datetime
from pathlib import Path

from reconciled.app import Daemon
from reconciled.config import load
from reconciled.plugins import discover
from reconciled.testing.fakes.base import Fake
from reconciled.testing.fakes.household import Household

SECRET = "a-made-up-secret"


def daemon_for(apps: dict[str, Fake], folder: Path, settle: float) -> Daemon:
    config = folder / "config.yaml"
    config.write_text(
        f"daemon: {{listen: 127.0.0.1:0, state: {folder / 'state'}, log_level: error}}\n"
        f"defaults: {{settle: {settle}s}}\nsources:\n"
        + "".join(
            f"  {n}: {{url: {a.url}, api_key: {a.api_key}, webhook: {SECRET}}}\n" for n, a in apps.items()
        )
    )
    registry = discover()
    loaded = load(config, registry.types, environ={})
    assert loaded.settings is not None, loaded.problems
    return Daemon(loaded.settings, config, registry=registry, environ={}, files=loaded.files)


async def until(daemon: Daemon, sql: str, count: int) -> None:
    while (await daemon.engine.ledger.read(lambda tx: tx.execute(sql).fetchone()))[0] < count:
        await asyncio.sleep(0.05)


async def main(titles: int, losses: int, settle: float) -> None:
    with tempfile.TemporaryDirectory() as name:
        async with Household(films=titles // 2, series=titles // 2) as home:
            fakes: list[Fake] = [home.radarr, home.sonarr, home.jellyfin]
            apps = dict(zip(("radarr", "sonarr", "jellyfin"), fakes, strict=True))
            async with daemon_for(apps, Path(name), settle) as daemon:
                for app, fake in apps.items():
                    fake.add_webhook(f"{daemon.url}/webhooks/{app}", headers={"X-Reconciled-Secret": SECRET})
                await until(daemon, "SELECT count(*) FROM run WHERE state = 'complete'", 3)
                began = time.perf_counter()
                for work in home.films[: losses // 2]:
                    await home.radarr.delete(home.film(work).id)
                    home.jellyfin.delete_item(home.item(work).id)
                await home.jellyfin.flush_webhooks()
                told = time.perf_counter() - began
                await until(daemon, "SELECT count(*) FROM tombstone", losses // 2 * 2)
                await report(daemon, losses // 2 * 2, settle, told)


async def report(daemon: Daemon, losses: int, settle: float, told: float) -> None:
    rows = await daemon.engine.ledger.read(
        lambda tx: tx.execute(
            "SELECT e.at, t.confirmed, t.story_id FROM tombstone AS t "
            "JOIN evidence AS e ON e.tombstone_id = t.id WHERE e.how = 'event'"
        ).fetchall()
    )
    late = [
        (datetime.fromisoformat(confirmed) - datetime.fromisoformat(at)).total_seconds() - settle
        for at, confirmed, _ in rows
    ]
    stories = len({story for *_, story in rows})
    print(f"{losses} losses told by webhook in {told:.2f} s: {len(rows)} proved, {stories} stories")
    middle, longest = statistics.median(late), max(late)
    print(f"beyond the settle of {settle:g} s: median {middle:.2f} s, longest {longest:.2f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--titles", type=int, default=10_000)
    parser.add_argument("--losses", type=int, default=100)
    parser.add_argument("--settle", type=float, default=2.0)
    arguments = parser.parse_args()
    asyncio.run(main(arguments.titles, arguments.losses, arguments.settle))
