"""What a source may say of how its app is set up for us, and set up there itself."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Hook:
    """Where an app's webhooks shall go: our address for the source, and the secret that we expect.

    The secret goes into the header `Authorization: Bearer …` or, where the app has no headers,
    into HTTP basic auth as the password; both are taken. None: the source has no secret configured.
    """

    url: str
    secret: str | None = field(default=None, repr=False)


class Weight(StrEnum):
    """How much a matter counts: all is well, something could be better, something does not work."""

    GOOD = "good"
    ADVICE = "advice"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing that an examination found: a sentence, its remedy, and whether `provision` is that remedy."""

    weight: Weight
    said: str
    remedy: str | None = None
    mended_by_us: bool = False


@runtime_checkable
class Examines(Protocol):
    """Can say of its app what is set up well for us and what is not."""

    async def examine(self, hook: Hook | None) -> Sequence[Matter]:
        """Look without changing anything. `hook` None: the daemon has no address that the app could reach."""


@runtime_checkable
class Provisions(Protocol):
    """Can set up our own webhook in the app."""

    async def provision(self, hook: Hook) -> Sequence[str]:
        """Make or mend our webhook, and no other; what was done, a sentence each. Nothing to do: empty."""
