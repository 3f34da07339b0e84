"""What scenarios call things: `film 1` in every app, whatever its key is there, and in messages too."""

import re
from collections.abc import Iterator
from typing import Any

from tests.scenarios.script import BadScript

from reconciled.model import Key
from reconciled.testing.fakes.household import Household
from reconciled.testing.fakes.titles import Work

_NAME = re.compile(r"(film|series) (\d+)")
_RANGE = re.compile(r"(film|series)s? (\d+)-(\d+)")


class Names:
    """What a scenario calls things: `film 1` in every app, whatever its key is there."""

    def __init__(self, home: Household) -> None:
        self._works = {f"film {n}": work for n, work in enumerate(home.films, 1)}
        self._works |= {f"series {n}": work for n, work in enumerate(home.series, 1)}
        self._titles = {(work.title, work.year): name for name, work in self._works.items()}
        self._ids = {f"{_space(work)}/{work.tmdb}": name for name, work in self._works.items()}
        self._ids |= {f"tvdb:series/{work.tvdb}": name for name, work in self._works.items() if work.tvdb}
        self._by_key: dict[tuple[str, str], str] = {}
        self._keys: dict[tuple[str, str], Key] = {}

    def work(self, name: str) -> Work:
        """The film or series itself."""
        if name not in self._works:
            raise BadScript(f"there is no {name!r} in this household; `given` says how many there are")
        return self._works[name]

    def of_work(self, work: Work) -> str:
        """What a film or series is called, by its title and year."""
        return self._titles.get((work.title, work.year), work.title)

    def of_ref(self, ref: str) -> str | None:
        """What is called by that ref, if anything is: `tmdb:movie/603`."""
        return self._ids.get(ref)

    def learn(self, app: str, key: Key, name: str) -> None:
        """A key that was not known yet is called so from now on; one that is known keeps its name."""
        if (app, key.id) not in self._by_key:
            self._by_key[app, key.id] = name
            self._keys[app, name] = key

    def key(self, app: str, name: str) -> Key:
        """The key under which the app has, or had, it."""
        if (app, name) not in self._keys:
            raise BadScript(f"{app} never had {name!r}")
        return self._keys[app, name]

    def of_key(self, app: str, key: str) -> str:
        """What stands under a key of an app."""
        return self._by_key.get((app, key), key)

    def text(self, said: str) -> str:
        """The same text with titles made names, for comparing messages."""
        for (title, _), name in sorted(self._titles.items(), key=lambda one: -len(one[0][0])):
            said = said.replace(title, name)
        return said


def _space(work: Work) -> str:
    return "tmdb:tv" if work.tvdb else "tmdb:movie"


def names_in(value: Any) -> Iterator[str]:
    """`film 1`, `films 1-40`, or a list of such."""
    for one in [value] if isinstance(value, str) else value if isinstance(value, list) else [None]:
        said = str(one)
        if span := _RANGE.fullmatch(said):
            yield from (f"{span[1]} {n}" for n in range(int(span[2]), int(span[3]) + 1))
        elif _NAME.fullmatch(said.partition(" (")[0]):
            yield said
        else:
            raise BadScript(f"{value!r} names nothing; write `film 1`, `films 1-40` or a list of such")
