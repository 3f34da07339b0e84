"""What a source is given to reach its app: `Http`, and from it a `Client` bound to the app."""

from collections.abc import Callable, Iterable, Mapping

from reconciled.clock import Clock
from reconciled.http.client import Client
from reconciled.http.wire import TRANSFERS, Sessions, Wire


class Http:
    """A source's connections to its app; one a source, so that a slow app takes up no other's.

    `session` is an `aiohttp.ClientSession`, or what opens one at the first request (`new_session`).
    `concurrency` is the most requests at a time, `max_size` the most bytes of one answer, unpacked;
    `transfers` is the most files that travel at a time, which neither of the two is about.
    `wire` makes what sends the requests; a rehearsal has its own. Whoever made it calls `close()`; a
    request after that is `Unreachable`.
    """

    def __init__(
        self,
        session: Sessions,
        clock: Clock,
        *,
        concurrency: int = 4,
        max_size: int = 256 * 2**20,
        transfers: int = TRANSFERS,
        wire: Callable[..., Wire] = Wire,
    ) -> None:
        self._wire = wire(session, clock, concurrency=concurrency, max_size=max_size, transfers=transfers)

    @property
    def requests(self) -> int:
        """How many requests were sent, second tries and followed redirects included."""
        return self._wire.requests

    def at(
        self,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        secrets: Iterable[str] = (),
        timeout: float = 30.0,
    ) -> Client:
        """A client for the app at `base_url`; does no I/O.

        `headers` go with every request, `secrets` never stand in a message, `timeout` is for a
        whole request in seconds. A user and password in the URL are sent as basic auth. ValueError
        when the URL is none, or has a password beside an Authorization header.
        """
        return Client(self._wire, base_url, headers=headers or {}, secrets=secrets, timeout=timeout)

    async def close(self) -> None:
        """Close the connections that were opened here."""
        await self._wire.close()
