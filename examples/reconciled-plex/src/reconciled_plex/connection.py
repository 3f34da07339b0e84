"""A Plex Media Server at the other end of a client.

Each of its answers, an error too, carries the header `X-Plex-Protocol`; what lacks it comes from a
proxy or another program, and is trouble whatever its status. Which server it is, `/identity` says;
before anything counts as absent, it has to be the one that the last probe saw.
"""

from collections.abc import Collection
from typing import TypeVar

from reconciled.errors import BadResponse
from reconciled.http import Client, Http, Params, Response

from reconciled_plex.config import PlexConfig
from reconciled_plex.payloads import Container, Identity

MARK = "x-plex-protocol"
T = TypeVar("T")


class Connection:
    """Asks one server. `identity` is what it said last, None before that."""

    def __init__(self, config: PlexConfig, http: Http) -> None:
        self.config = config
        self.identity: Identity | None = None
        token = config.token.get_secret_value()
        self.client: Client = http.at(
            config.url,
            headers={
                "X-Plex-Token": token,
                "X-Plex-Client-Identifier": "reconciled",
                "X-Plex-Product": "reconciled",
            },
            secrets=(token,),
            timeout=config.timeout,
        )

    @property
    def program(self) -> str:
        """The program with its version, for sentences."""
        return "Plex" if self.identity is None else f"Plex {self.identity.version}"

    async def ask(self, path: str, *, params: Params | None = None, allow: Collection[int] = ()) -> Response:
        """A GET. BadResponse without the mark."""
        answer = await self.client.request("GET", path, params=params, allow=allow)
        if not answer.headers.get(MARK):
            raise BadResponse(
                f"{answer.where}: {answer.status} without X-Plex-Protocol, so it is not Plex that answers; "
                "a proxy, or another app?"
            )
        return answer

    async def read(self, kind: type[T], path: str, *, params: Params | None = None) -> T:
        """An answer as a `kind`."""
        return await self.decode(kind, await self.ask(path, params=params))

    async def decode(self, kind: type[T], answer: Response) -> T:
        """What stands in the container of an answer."""
        found: Container[T] = await self.client.decode(Container[kind], answer)  # type: ignore[valid-type]
        return found.content

    async def introduce(self) -> Identity:
        """Which server answers; from now on it has to be this one."""
        self.identity = await self.read(Identity, "/identity")
        return self.identity

    async def check(self) -> None:
        """BadResponse unless the server that answers is the one that the last probe saw."""
        before = self.identity
        now = await self.introduce()
        if before is not None and before.machine_identifier != now.machine_identifier:
            self.identity = before
            raise BadResponse(
                f"{self.config.url}: another Plex answers there now; what it lacks says nothing"
            )
