"""What an archive needs while one large file goes in, comes out and is read back: memory and time.

    script/bench archive [--size 2GiB] [folder] [moto]

The file is sparse. Each place is measured in a process of its own: `extra` is the peak of its resident
memory, over what it was once the archive was open, both as the kernel counts them. `moto` needs
script/lib/servers moto, and holds the file in its own memory.
"""

import argparse
import asyncio
import contextlib
import hashlib
import json
import logging
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

from reconciled.clock import SystemClock
from reconciled.http import Http, new_session
from reconciled.model import Json, Key
from reconciled.source import Content, Context, Upload
from reconciled.testing.ports import unused_port
from reconciled.units import parse_size
from reconciled_archive import Archive

MOTO = Path(__file__).parents[1] / ".servers" / "moto" / "bin" / "moto_server"
PLACES = ("folder", "moto")
_WAITS = 200


class Notes:
    """A source's store, in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, Json] = {}

    async def get(self, name: str) -> Json:
        return self.kept.get(name)

    async def set(self, name: str, value: Json) -> None:
        self.kept[name] = value


def resident(what: str) -> float:
    """MiB of this process: `VmRSS` now, `VmHWM` at most since `forget`."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith(f"{what}:"):
            return int(line.split()[1]) / 1024
    raise SystemExit(f"/proc/self/status has no {what}")


def forget() -> None:
    """Let the kernel count the peak anew."""
    Path("/proc/self/clear_refs").write_text("5", "ascii")


async def measure(options: dict[str, Any], path: Path, sha256: str, size: int) -> dict[str, dict[str, float]]:
    """Each way of the file: its seconds, and the MiB that it took more."""
    http = Http(new_session, SystemClock())
    context = Context("archive", http, SystemClock(), logging.getLogger("bench"), Notes())
    archive = Archive(Archive.Config.model_validate(options), context)
    await archive.probe()
    upload = Upload(path, "large", "Large", "application/octet-stream", size, sha256, "bench/1")
    found: dict[str, dict[str, float]] = {}
    key: Key | None = None

    async def fetch() -> None:
        assert key is not None
        async with archive.fetch(key) as content:
            assert isinstance(content, Content)
            read = 0
            async for chunk in content.chunks:
                read += len(chunk)
        assert read == size

    async def put() -> None:
        nonlocal key
        key = (await archive.upload(upload)).key

    async def read_back() -> None:
        assert key is not None
        assert await archive.read_back(key) is None

    ways: dict[str, Callable[[], Awaitable[None]]] = {"upload": put, "fetch": fetch, "read back": read_back}
    for name, way in ways.items():
        before = resident("VmRSS")
        forget()
        began = time.perf_counter()
        await way()
        seconds = time.perf_counter() - began
        found[name] = {"seconds": round(seconds, 1), "extra": round(resident("VmHWM") - before, 1)}
    await archive.close()
    await http.close()
    return found


@contextlib.contextmanager
def place(name: str, folder: Path) -> Iterator[dict[str, Any]]:
    """The settings of an archive there."""
    if name == "folder":
        yield {"url": f"file://{folder}/archive"}
        return
    port = unused_port()
    url = f"http://127.0.0.1:{port}"
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([MOTO, "-H", "127.0.0.1", "-p", str(port)], stdout=log, stderr=log)  # noqa: S603
    try:
        _make_bucket(url)
        keys = {"access_key": "a", "secret_key": "b", "timeout": "60s"}
        yield {"url": "s3://large/bench", "endpoint": url, "allow_http": True, **keys}
    finally:
        server.kill()
        server.wait()


def _make_bucket(url: str) -> None:
    said = "AWS4-HMAC-SHA256 Credential=a/20250101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
    request = urllib.request.Request(f"{url}/large", method="PUT", headers={"Authorization": said})  # noqa: S310
    for _ in range(_WAITS):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(request, timeout=5).close()  # noqa: S310 - loopback
            return
        time.sleep(0.1)
    raise SystemExit("moto did not start")


def sparse(path: Path, size: int) -> str:
    """A file of nothing but zeros; its sha256."""
    with path.open("wb") as file:
        file.truncate(size)
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(2**20):
            digest.update(chunk)
    return digest.hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("places", nargs="*", metavar="PLACE", help=f"of {', '.join(PLACES)}; all by default")
    parser.add_argument("--size", default="2GiB")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.measure:
        print(json.dumps(asyncio.run(measure(**_job(told.measure)))))
        return
    with tempfile.TemporaryDirectory() as top:
        file = Path(top) / "large"
        size = parse_size(told.size)
        job = {"path": str(file), "sha256": sparse(file, size), "size": size}
        for name in told.places or [one for one in PLACES if one != "moto" or MOTO.exists()]:
            folder = Path(top) / name
            folder.mkdir()
            with place(name, folder) as options:
                said = json.dumps({**job, "options": options})
                done = subprocess.run(  # noqa: S603
                    [sys.executable, "-m", "bench.archive", "--measure", said],
                    check=True,
                    stdout=subprocess.PIPE,
                )
            for way, cost in json.loads(done.stdout).items():
                print(
                    f"{name}: {way} of {told.size}: {cost['extra']} MiB extra, {cost['seconds']} s",
                    flush=True,
                )


def _job(text: str) -> dict[str, Any]:
    job: dict[str, Any] = json.loads(text)
    return {**job, "path": Path(job["path"])}


if __name__ == "__main__":
    main()
