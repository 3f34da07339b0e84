"""`Receiver`: a server that takes webhooks and keeps them, for tests of what an app sends."""

from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import msgspec
from aiohttp import web
from multidict import CIMultiDictProxy


@dataclass(frozen=True, slots=True)
class Received:
    """One request: its path with query, headers and decoded JSON body."""

    path: str
    headers: CIMultiDictProxy[str]
    body: dict[str, Any]


class Receiver:
    """`async with Receiver() as receiver: … receiver.url … receiver.received`. Answers with `status`."""

    def __init__(self, *, status: int = 202) -> None:
        self.status = status
        self.received: list[Received] = []
        self._runner: web.ServerRunner | None = None

    @property
    def url(self) -> str:
        """Where to send; any path below is taken too."""
        if self._runner is None:
            raise RuntimeError("the receiver is not listening")
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}/hook"

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """All bodies so far."""
        return [each.body for each in self.received]

    async def _take(self, request: web.BaseRequest) -> web.Response:
        body = msgspec.json.decode(await request.read(), type=dict[str, Any])
        self.received.append(Received(request.path_qs, request.headers, body))
        return web.Response(status=self.status)

    async def __aenter__(self) -> Self:
        self._runner = web.ServerRunner(web.Server(self._take), shutdown_timeout=0.03)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
