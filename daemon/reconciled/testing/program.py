"""`Program`: somebody else's program, which takes callbacks over a real socket and keeps them as they came.

It can be down: then connections are refused, on the same port on which it listens again afterwards.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import msgspec
from aiohttp import web

from reconciled.testing.ports import unused_port

SHUTDOWN = 0.03
Answer = Callable[[Mapping[str, str], bytes], int]


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it came, with the status that it was answered; header names as they were sent."""

    headers: Mapping[str, str]
    body: bytes
    status: int

    @property
    def told(self) -> dict[str, Any]:
        """What the body says."""
        return msgspec.json.decode(self.body, type=dict[str, Any])


class Program:
    """`async with Program() as program: … program.url … program.calls`. `answer` decides the status."""

    def __init__(self, *, answer: Answer = lambda _, __: 204, up: bool = True) -> None:
        self.answer = answer
        self.calls: list[Call] = []
        self._port = 0
        self._up = up
        self._runner: web.ServerRunner | None = None

    @property
    def url(self) -> str:
        """Where callbacks go; its slash at the end counts."""
        return f"http://127.0.0.1:{self._port}/reconciled/"

    @property
    def taken(self) -> list[dict[str, Any]]:
        """What was answered 2xx."""
        return [call.told for call in self.calls if 200 <= call.status < 300]

    async def up(self) -> None:
        """Listen (again)."""
        if self._runner is None:
            self._runner = web.ServerRunner(web.Server(self._take), shutdown_timeout=SHUTDOWN)
            await self._runner.setup()
            self._port = self._port or unused_port()
            await web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True).start()

    async def down(self) -> None:
        """Refuse connections."""
        if self._runner is not None:
            runner, self._runner = self._runner, None
            await runner.cleanup()

    async def _take(self, request: web.BaseRequest) -> web.Response:
        if request.path != "/reconciled/":
            return web.Response(status=404)
        body, headers = await request.read(), dict(request.headers)
        status = self.answer(headers, body)
        self.calls.append(Call(headers, body, status))
        return web.Response(status=status)

    async def __aenter__(self) -> Self:
        await self.up()
        if not self._up:
            await self.down()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.down()
