"""A Shoko at the other end of a client: whether it runs, and what its no is worth.

Shoko has no header of its own, but its no is in words that no other program says: a 404 with the
text "No File entry for the given fileID" (5.3 and 6.0, as text or as JSON). While 5.3 starts it
answers everybody from an empty memory, so such a no, and whatever else says that there is nothing,
counts only if Shoko said shortly before and right afterwards that it is started, its database
within reach, and the same version.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from reconciled.clock import Clock
from reconciled.errors import BadResponse, Unauthorized, Unreachable
from reconciled.http import Client, Params, Response
from reconciled.model import Absent
from reconciled_shoko.payloads import Status, Versions

API = "/api/v3"
FRESH = 10.0
"""Seconds for which "I am started" is good as the word before a no."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Word:
    """That Shoko said it runs: its version, and when that was (monotonic)."""

    version: str
    at: float

    @property
    def modern(self) -> bool:
        """Whether it is 6.0 or later."""
        major = self.version.partition(".")[0]
        return major.isdigit() and int(major) >= 6


class Connection:
    """Asks one Shoko."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self.client = client
        self._clock = clock
        self._word: Word | None = None

    async def read(self, path: str, kind: type[T], *, params: Params | None = None) -> T:
        """A GET below the API whose answer is a `kind`."""
        answer = await self.client.request("GET", f"{API}{path}", params=params)
        return await self.client.decode(kind, answer)

    async def running(self) -> Word:
        """Ask whether it is started. Unreachable when it is not, or its database is out of reach."""
        status = await self.read("/Init/Status", Status)
        if status.state != "Started":
            said = f" ({status.startup_message})" if status.startup_message else ""
            raise Unreachable(f"Shoko is not started but says {status.state}{said}; nothing it says counts")
        if status.database_blocked is not None and status.database_blocked.blocked:
            reason = status.database_blocked.reason or "no reason given"
            raise Unreachable(f"Shoko's database is blocked ({reason}); nothing it says counts")
        version = (await self.read("/Init/Version", Versions)).server.version
        if not version.strip():
            raise BadResponse("Shoko names no version of its server; is it Shoko that answers?")
        self._word = Word(version, self._clock.monotonic())
        return self._word

    async def lately(self) -> Word:
        """That it runs, said within the last seconds."""
        known = self._word
        fresh = known is not None and self._clock.monotonic() - known.at <= FRESH
        return known if known is not None and fresh else await self.running()

    async def about(self, path: str, *, no: str, params: Params | None = None) -> Response | Absent:
        """The answer about one thing, or its own no, said with the words `no`. Other 404s are trouble."""
        before = await self.lately()
        answer = await self.client.request("GET", f"{API}{path}", params=params, allow=(403, 404))
        if answer.status == 403:
            raise self._forbidden(answer)
        return await self.absent(answer, no=no, before=before) if answer.status == 404 else answer

    async def absent(self, answer: Response, *, no: str, before: Word) -> Absent:
        """What a 404 is: absence if it is Shoko's own, and Shoko runs before and after; else BadResponse."""
        if said(answer) != no:
            raise BadResponse(
                f"{answer.where}: 404, but not in Shoko's words ({no!r}); a proxy, or another app?"
            )
        after = await self.still(before)
        return Absent(f"404 of Shoko {after.version}: {no}")

    async def still(self, before: Word) -> Word:
        """That it runs, said once more after what is to be believed. BadResponse: it became another."""
        after = await self.running()
        if after.version != before.version:
            raise BadResponse(f"an answer while Shoko became {after.version}; it was {before.version}")
        return after

    @staticmethod
    def _forbidden(answer: Response) -> BadResponse | Unauthorized:
        """What a 403 about one thing is: of Shoko about that thing alone, of anybody else about us."""
        if said(answer).endswith("is not allowed for the current user"):
            return BadResponse(
                f"{answer.where}: the key's user may not see it; take the restricted tags off that user"
            )
        return Unauthorized(f"{answer.where}: 403, our key was refused; check the key of this source")


def said(answer: Response) -> str:
    """What Shoko says in words: a JSON string or plain text, without a full stop. Empty for all else."""
    try:
        found = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = None if answer.is_html else answer.body.decode("utf-8", "replace")
    if isinstance(found, Mapping):
        found = found.get("detail") or found.get("title")
    return found.strip().rstrip(".") if isinstance(found, str) else ""
