"""2 GiB in each direction, in a process of its own, in next to no memory."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

GIB = 2**30
SIZE = 2 * GIB
MOST = 64 * 2**20

pytestmark = [pytest.mark.full, pytest.mark.timeout(300)]

START = """
import asyncio, re, sys
from pathlib import Path
from reconciled.clock import SystemClock
from reconciled.http import FormFile, Http, new_session

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024

async def main(url, path):
    http = Http(new_session, SystemClock())
    client = http.at(url)
    await client.request("GET", "/small")
    before = peak()
    await travel(client, Path(path))
    print(peak() - before)
    await http.close()
"""

DOWN = """
async def travel(client, path):
    with path.open("wb") as file:
        async with client.download("/large") as got:
            async for chunk in got.chunks:
                await asyncio.to_thread(file.write, chunk)
"""

UP = """
async def travel(client, path):
    form = FormFile("document", path, "large.bin", "application/octet-stream")
    await client.send_form("/large", fields=[("title", "large")], file=form)
"""

END = "asyncio.run(main(*sys.argv[1:]))"


class Server:
    """Hands a sparse file out, and counts what is handed in."""

    def __init__(self, large: Path) -> None:
        self.large = large
        self.url = ""
        self.came = 0

    async def small(self, _request: web.Request) -> web.Response:
        return web.json_response([])

    async def out(self, _request: web.Request) -> web.FileResponse:
        return web.FileResponse(self.large)

    async def take(self, request: web.Request) -> web.Response:
        async for chunk in request.content.iter_any():
            self.came += len(chunk)
        return web.json_response("taken")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    large = tmp_path / "large.bin"
    with large.open("wb") as file:
        file.truncate(SIZE)
    made = Server(large)
    app = web.Application()
    app.add_routes([
        web.get("/small", made.small), web.get("/large", made.out), web.post("/large", made.take)
    ])  # fmt: skip
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()
    for left in tmp_path.iterdir():
        left.unlink()


async def grown(code: str, *args: str) -> int:
    """By how many bytes the peak of a process that does this is above what it was before."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", START + code + END, *args, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await child.communicate()
    assert child.returncode == 0
    return int(said)


async def test_two_gib_down(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "fetched.bin"
    more = await grown(DOWN, server.url, str(path))
    assert path.stat().st_size == SIZE
    assert more < MOST, f"{more / 2**20:.1f} MiB"


async def test_two_gib_up(server: Server) -> None:
    more = await grown(UP, server.url, str(server.large))
    assert server.came > SIZE
    assert more < MOST, f"{more / 2**20:.1f} MiB"
