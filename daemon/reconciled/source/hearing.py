"""What a source may hear: its app's stream and webhooks, other programs' records, news of its orphans."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from reconciled.model import Event, Item, Key, Loss, Record


@dataclass(frozen=True, slots=True)
class Connected:
    """An event stream is up (again). Nothing is replayed, so the engine orders a scan."""


@runtime_checkable
class Listens(Protocol):
    """Is told by its app over a stream."""

    def listen(self) -> AsyncIterator[Event | Connected]:
        """Follow the stream: one connection, `Connected` first. A `SourceError` (or its end) ends it.

        It is called again then, by the one who follows all streams, at once and then ever more
        patiently. Unsupported: this app, so configured, has no stream; it is not asked again.
        """


@runtime_checkable
class ReceivesWebhooks(Protocol):
    """Is told by its app over webhooks."""

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Event]:
        """What the body says; pure. Header names are lower case. BadEvent when it is not the app's."""


@runtime_checkable
class VerifiesWebhooks(Protocol):
    """Has its own way to tell a real webhook from a forged one (a signature)."""

    def verify_webhook(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Forged when the signature is missing or wrong; pure."""


@runtime_checkable
class Registers(Protocol):
    """Follows what other programs register with us over the API: its items are what is on its shelf."""

    def item_of(self, record: Record) -> Item:
        """The item that a record is; pure, and may be called on any thread. Its key's id is the record's."""


@runtime_checkable
class Works(Protocol):
    """Has something of its own to do for as long as it is followed, such as telling its program."""

    async def work(self) -> None:
        """Go on for ever. What it raises is logged, and it is begun again, ever more patiently."""


@runtime_checkable
class HearsOfOrphans(Protocol):
    """Wants to know which of its items refer to something that is gone."""

    async def orphans(self, found: Mapping[Key, Loss]) -> None:
        """All of them, as of now, each with the newest loss; what is not among them is none (any more).

        Told at the start and after every change, so a crash loses nothing: compare with what you know.
        """
