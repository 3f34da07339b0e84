"""Stands for the contract: a server of today, and an older one.

The source is the one that the daemon would find: by the entry point of the installed distribution.
"""

from collections.abc import Mapping
from typing import Any

from reconciled.model import Json, Key
from reconciled.plugins import discover
from reconciled.source import Source
from reconciled.testing import Stand

from fake_plex import FakePlex

TOKEN = "aTokenThatNobodyMaySee"


def installed() -> type[Source[Any]]:
    """The plugin's class. KeyError when the distribution is not installed."""
    return discover().types["plex"]


class PlexStand(Stand):
    """Eight films and eight series, with ids of today's agents."""

    source_type = installed()
    newer = True
    secrets = (TOKEN,)

    def __init__(self) -> None:
        super().__init__()
        self.fake: FakePlex = FakePlex(api_key=TOKEN, newer=self.newer)

    def options(self) -> Mapping[str, Json]:
        """As in the YAML."""
        return {"url": self.fake.url, "token": TOKEN}

    async def fill(self) -> None:
        """The last of each has no id that others know."""
        for number in range(7):
            self.fake.put(f"Film {number}", f"imdb://tt013309{number}", f"tmdb://{603 + number}")
            self.fake.put(f"Series {number}", f"tvdb://{81189 + number}", section=2)
        self.fake.put("A film at home")
        self.fake.put("A series at home", section=2)

    async def crowd(self) -> None:
        """More than a page."""
        for number in range(600):
            self.fake.put(f"Another film {number}", f"tmdb://{10_000 + number}")

    async def remove(self, key: Key) -> None:
        """Plex forgets it."""
        await self.fake.delete(int(key.id))

    async def add(self) -> Key:
        """Plex finds a film."""
        return Key("movie", str((await self.fake.add("A new film", "tmdb://4711")).id))


class OldStand(PlexStand):
    """An older server."""

    newer = False
