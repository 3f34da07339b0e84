"""`Relay`: a port before an app's own that lets its answers through a few bytes at a time."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Self

from reconciled.model import Json

_PIECES = 24


class Relay:
    """`async with Relay(fake.port) as relay: … relay.through(options, fake.port)`."""

    def __init__(self, port: int) -> None:
        self._behind = port
        self._server: asyncio.Server | None = None
        self._running: set[asyncio.Task[None]] = set()
        self.port = 0

    def through(self, options: Mapping[str, Json], port: int) -> dict[str, Json]:
        """The same settings, with this port where the app's own stands in them."""
        return {name: _replaced(value, f":{port}", f":{self.port}") for name, value in options.items()}

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", self._behind)
        for from_, to, pieces in ((reader, behind_writer, 1), (behind_reader, writer, _PIECES)):
            task = asyncio.create_task(_pump(from_, to, pieces=pieces))
            self._running.add(task)
            task.add_done_callback(self._running.discard)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, pieces: int) -> None:
    """Hand on what comes until one side ends, each read in so many pieces with a pause after each."""
    try:
        while block := await reader.read(2**18):
            size = max(1, -(-len(block) // pieces))
            for start in range(0, len(block), size):
                writer.write(block[start : start + size])
                await writer.drain()
                await asyncio.sleep(0.001 if pieces > 1 else 0)
    except ConnectionError:
        pass  # one side left; the other learns it below
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


def _replaced(value: Json, old: str, new: str) -> Json:
    match value:
        case str():
            return value.replace(old, new)
        case list():
            return [_replaced(one, old, new) for one in value]
        case dict():
            return {name: _replaced(one, old, new) for name, one in value.items()}
        case _:
            return value
