"""What a mirror costs beside a plain copy, and how long programs wait that send files all at once.

    script/bench mirror [--files 200] [--size 1MiB] [--rounds 3] [--senders 50] [--large 2GiB] [--write]

Fakes of VSRX and Paperless run in a process of their own. Each round carries the same files in turn: by a
plain copy (aiohttp to a file, and from there to Paperless; no checksum, no ledger), by a mirror into an
archive in a folder, and by a mirror into Paperless; as many at a time each. Then so many programs send one
file each through the API, and the same to a plain server that writes it to a file. At last one large file
goes through a mirror in a process of its own, whose memory the kernel counts. Medians over the rounds;
`--write` keeps them in bench/results/mirror.md.
"""

import argparse
import asyncio
import contextlib
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from bench.practice import Apps, apps_beside
from bench.practice.ways import AT_ONCE, Mirrored, copy_plainly

from reconciled import __version__
from reconciled.app import Daemon
from reconciled.config import load
from reconciled.plugins import discover
from reconciled.units import parse_size

RESULTS = Path(__file__).parent / "results" / "mirror.md"
TOKEN = "a-token-for-the-bench"


async def seconds_of(work: Awaitable[object]) -> float:
    began = time.perf_counter()
    await work
    return time.perf_counter() - began


async def carry(files: int, size: int, rounds: int) -> dict[str, list[float]]:
    """Seconds of each way, a list a round; the first round warms up and is not among them."""
    found: dict[str, list[float]] = {}
    async with apps_beside(files, size) as apps:
        for number in range(rounds + 1):
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                seconds = await _one_round(apps, folder, files)
            for way, one in seconds.items() if number else ():
                found.setdefault(way, []).append(one)
    return found


async def _one_round(apps: Apps, folder: Path, files: int) -> dict[str, float]:
    for name in ("plain", "synced", "onward", "mirrored"):
        (folder / name).mkdir()
    await apps.empty_paperless()
    seconds = {
        "plain copy to a folder": await seconds_of(copy_plainly(apps, folder / "plain", files)),
        "the same, each file put on the disk": await seconds_of(
            copy_plainly(apps, folder / "synced", files, synced=True)
        ),
        "plain copy to Paperless": await seconds_of(
            copy_plainly(apps, folder / "onward", files, onward=True)
        ),
    }
    await apps.empty_paperless()
    async with Mirrored(apps, folder / "mirrored") as mirrored:
        seconds["mirror to an archive"] = await seconds_of(mirrored.run("to_archive"))
        began = time.perf_counter()
        await mirrored.run("to_paperless")
        seconds["mirror to Paperless, handed over"] = mirrored.handed_over - began
        seconds["mirror to Paperless, synced"] = time.perf_counter() - began
    return seconds


# --- programs that send files --------------------------------------------------------------------------


async def send_at_once(senders: int, size: int, rounds: int) -> dict[str, list[float]]:
    """Seconds of each upload through the API, and of each to a plain server."""
    found: dict[str, list[float]] = {"through the API": [], "to a plain server": []}
    bodies = [os.urandom(size) for _ in range(senders)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        connector, headers = aiohttp.TCPConnector(limit=0), {"Authorization": f"Bearer {TOKEN}"}
        async with (
            _daemon(folder) as daemon,
            plain_server(folder) as plain,
            aiohttp.ClientSession(connector=connector, headers=headers) as session,
        ):
            for number in range(rounds + 1):
                records = [f"{daemon.url}/api/v1/records/library/r{number}-{n}" for n in range(senders)]
                for url in records:
                    await _put(session, url, json={"title": "A file"})
                contents = [f"{url}/content" for url in records]
                others = [f"{plain}/{number}-{n}" for n in range(senders)]
                for way, urls in (("through the API", contents), ("to a plain server", others)):
                    sent = zip(urls, bodies, strict=True)
                    calls = [seconds_of(_put(session, url, data=body)) for url, body in sent]
                    seconds = await asyncio.gather(*calls)
                    found[way] += seconds if number else ()
    return found


async def _put(session: aiohttp.ClientSession, url: str, **more: Any) -> None:
    kind = {} if "json" in more else {"Content-Type": "application/pdf"}
    async with session.put(url, headers=kind, **more) as answer:
        assert answer.status in (200, 201), await answer.text()
        await answer.read()


def _daemon(folder: Path) -> Daemon:
    config = folder / "config.yaml"
    config.write_text(
        f"daemon: {{listen: 127.0.0.1:0, token: {TOKEN}, state: {folder / 'state'}, log_level: error}}\n"
        "sources:\n  library: {app: records, content: {max_size: 64MiB}}\n"
    )
    registry = discover()
    loaded = load(config, registry.types, environ={})
    assert loaded.settings is not None, [str(problem) for problem in loaded.problems]
    return Daemon(loaded.settings, config, registry=registry, environ={}, files=loaded.files)


@contextlib.asynccontextmanager
async def plain_server(folder: Path) -> AsyncIterator[str]:
    """Writes what is put there to a file; its address."""

    async def keep(request: web.Request) -> web.Response:
        with (folder / request.match_info["name"]).open("wb") as file:
            async for chunk in request.content.iter_chunked(2**20):
                file.write(chunk)
        return web.Response(status=201)

    app = web.Application(client_max_size=0)
    app.router.add_put("/{name}", keep)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


# --- one large file ------------------------------------------------------------------------------------


def resident(what: str) -> float:
    """MiB of this process: `VmRSS` now, `VmHWM` at most."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith(f"{what}:"):
            return int(line.split()[1]) / 1024
    raise SystemExit(f"/proc/self/status has no {what}")


def forget() -> None:
    """Let the kernel count the peak anew."""
    Path("/proc/self/clear_refs").write_text("5", "ascii")


async def bring_large(size: int) -> dict[str, float]:
    """MiB that this process took at most beyond what it had before, MiB in all, and seconds."""
    async with apps_beside(1, size) as apps:
        with tempfile.TemporaryDirectory() as name:
            async with Mirrored(apps, Path(name), largest=f"{size}B") as mirrored:
                before = resident("VmRSS")
                forget()
                seconds = await seconds_of(mirrored.run("to_archive"))
                return {"extra": resident("VmHWM") - before, "most": resident("VmHWM"), "seconds": seconds}


def large_apart(size: int) -> dict[str, float]:
    """The same in a process of its own."""
    done = subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, "-m", "bench.mirror", "--bring-large", "--size", f"{size}B"],
        check=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    found: dict[str, float] = json.loads(done.stdout)
    return found


# --- what is said of it --------------------------------------------------------------------------------


def table_of_ways(found: dict[str, list[float]], files: int, size: int) -> list[str]:
    """Files and MiB a second, and how many times longer than the plain copy to the same place."""
    lines = ["| way | files/s | MiB/s | × the plain copy |", "| --- | ---: | ---: | ---: |"]
    for way, seconds in found.items():
        median = statistics.median(seconds)
        rate = size * files / 2**20 / median
        ratio = ""
        if way.startswith("mirror"):
            beside = "plain copy to Paperless" if "Paperless" in way else "plain copy to a folder"
            pairs = zip(seconds, found[beside], strict=True)
            ratio = f"{statistics.median(mine / its for mine, its in pairs):.2f}"
        lines.append(f"| {way} | {files / median:.0f} | {rate:.0f} | {ratio} |")
    return lines


def table_of_sending(found: dict[str, list[float]]) -> list[str]:
    lines = ["| all at once | mean ms | worst ms |", "| --- | ---: | ---: |"]
    for way, seconds in found.items():
        lines.append(f"| {way} | {1000 * statistics.mean(seconds):.0f} | {1000 * max(seconds):.0f} |")
    mean, worst = (
        kind(found["through the API"]) / kind(found["to a plain server"]) for kind in (statistics.mean, max)
    )
    return [*lines, f"| ratio | {mean:.2f} | {worst:.2f} |"]


def report(asked: argparse.Namespace) -> list[str]:
    """Everything, as Markdown."""
    size = parse_size(asked.size)
    lines = [
        f"{asked.files} files of {asked.size}, {AT_ONCE} at a time, {asked.rounds} rounds", "",
        *table_of_ways(asyncio.run(carry(asked.files, size, asked.rounds)), asked.files, size), "",
        f"{asked.senders} programs send a file of {asked.size} each, all at once, {asked.rounds} rounds", "",
        *table_of_sending(asyncio.run(send_at_once(asked.senders, size, asked.rounds))),
    ]  # fmt: skip
    if parse_size(asked.large):
        cost = large_apart(parse_size(asked.large))
        more = f"{cost['extra']:.0f} MiB more memory than before ({cost['most']:.0f} MiB at most in all)"
        lines += ["", f"One file of {asked.large}, VSRX to an archive: {more}, {cost['seconds']:.0f} s."]
    return lines


def keep(lines: Sequence[str]) -> None:
    """The results, where they are kept."""
    when = datetime.now(UTC).date()
    where = f"Python {platform.python_version()}, {os.cpu_count()} cores"
    said = f"`script/bench mirror`, reconciled {__version__}, {when}, {where}."
    RESULTS.write_text("\n".join(["# What a mirror costs", "", said, "", *lines]) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--size", default="1MiB")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--senders", type=int, default=50)
    parser.add_argument("--large", default="2GiB", help="0B: none")
    parser.add_argument("--write", action="store_true", help=f"keep the results in {RESULTS.name}")
    parser.add_argument("--bring-large", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.bring_large:
        print(json.dumps(asyncio.run(bring_large(parse_size(asked.size)))))
        return
    lines = report(asked)
    print("\n".join(lines))
    if asked.write:
        keep(lines)


if __name__ == "__main__":
    main()
