"""`Mailbox`: a server that keeps what an app sends, as it came: for a stand's `events()`.

async with Mailbox() as box:
    self.fake.add_webhook(box.url)
    await self.fake.add("A film")
    return [box.last(Op.CHANGED)]
"""

from collections.abc import Mapping
from types import TracebackType
from typing import Self

from aiohttp import web

from reconciled.model import Op
from reconciled.testing.contract_stand import Letter


class Mailbox:
    """`letters` are the bodies and headers in the order in which they came; header names in lower case."""

    def __init__(self) -> None:
        self.letters: list[tuple[bytes, Mapping[str, str]]] = []
        self._runner: web.ServerRunner | None = None

    @property
    def url(self) -> str:
        """Where to send; any path below is taken too."""
        if self._runner is None:
            raise RuntimeError("the mailbox is not open; use it as `async with Mailbox() as box`")
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}/hook"

    def last(self, op: Op | None) -> Letter:
        """What came last, with the op that it tells. LookupError when nothing came yet."""
        body, headers = self.letters[-1]
        return body, headers, op

    async def _take(self, request: web.BaseRequest) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.letters.append((await request.read(), headers))
        return web.Response(status=202)

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
