"""Made-up titles: plausible films and series for libraries of any size, the same for the same seed.

No real work is meant. Ids are unique within one call; about one title in a hundred comes twice with
another year, as remakes do, so that two items may share a sort name.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_FIRST = (
    "Amber", "Borrowed", "Broken", "Crimson", "Distant", "Electric", "Endless", "Forgotten", "Frozen",
    "Gentle", "Glass", "Golden", "Hidden", "Hollow", "Iron", "Last", "Little", "Lonely", "Long", "Midnight",
    "Northern", "Paper", "Patient", "Quiet", "Restless", "Rusty", "Salted", "Second", "Silent", "Slow",
    "Southern", "Stolen", "Summer", "Tender", "Thirsty", "Unsent", "Velvet", "Wandering", "Wild", "Winter",
)  # fmt: skip
_SECOND = (
    "Almanac", "Archive", "Balcony", "Bridge", "Cartographer", "Clockmaker", "Coast", "Courier", "Dairy",
    "Embassy", "Falconer", "Ferry", "Garden", "Gardener", "Harbour", "Hotel", "Island", "Janitor", "Kite",
    "Lantern", "Librarian", "Lighthouse", "Locksmith", "Meadow", "Mechanic", "Mirror", "Observatory",
    "Orchard", "Parade", "Piano", "Post Office", "Quarry", "Railway", "Reservoir", "River", "Sailor",
    "Signal", "Station", "Submarine", "Tailor", "Telegram", "Theatre", "Tide", "Tunnel", "Umbrella", "Violin",
    "Wedding", "Window",
)  # fmt: skip
_PLACES = (
    "Aldermoor", "Brackwater", "Calder Bay", "Dunmarrow", "Eastholm", "Fennick", "Grauwald", "Hallow Creek",
    "Innisfall", "Juniper Flats", "Karsk", "Lindenau", "Marrowgate", "Nettleford", "Oster", "Penhallow",
)  # fmt: skip
_PATTERNS = ("The {a} {b}", "{a} {b}", "The {b} of {p}", "{p} {b}", "{a} {b} in {p}", "{p}: The {a} {b}")
_WHO = ("a night porter", "two sisters", "a retired surveyor", "the crew of a tug", "a stubborn archivist")
_DOES = (
    "finds a letter that was never meant to arrive", "inherits a debt that nobody will explain",
    "agrees to one last journey across the border", "learns that the town has been lying for years",
    "must choose between an old promise and a new home",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Work:
    """A made-up film or series. `tvdb` is 0 for films; `imdb` is None where nobody knows it."""

    title: str
    year: int
    tmdb: int
    imdb: str | None = None
    tvdb: int = 0

    @property
    def folder(self) -> str:
        """The folder's name in the usual scheme: `Title (Year)`, without what file systems dislike."""
        return f"{self.title.replace(':', ' -').replace('/', '-')} ({self.year})"

    @property
    def overview(self) -> str:
        """Some sentences about it, as long as those of real metadata."""
        pick = random.Random(self.tmdb)
        said = [f"In {pick.choice(_PLACES)}, {pick.choice(_WHO)} {pick.choice(_DOES)}." for _ in range(4)]
        return " ".join(said)


def films(count: int, seed: int = 1) -> Sequence[Work]:
    """That many different films."""
    return list(_works(count, random.Random(f"films {seed}"), tvdb=False))


def series(count: int, seed: int = 1) -> Sequence[Work]:
    """That many different series."""
    return list(_works(count, random.Random(f"series {seed}"), tvdb=True))


def _works(count: int, pick: random.Random, *, tvdb: bool) -> Iterator[Work]:
    tmdb = pick.sample(range(100_000, 1_300_000), count)
    imdb = pick.sample(range(1_000_000, 30_000_000), count)
    tvdbs = pick.sample(range(70_000, 460_000), count) if tvdb else [0] * count
    taken: set[str] = set()
    title, year = "", 0
    for number in range(count):
        if number % 100 == 99:
            year = year + 30 if year < 1990 else year - 30
        else:
            title, year = _new_title(pick, taken), pick.randint(1950, 2025)
        yield Work(title, year, tmdb[number], f"tt{imdb[number]:07d}", tvdbs[number])


def _new_title(pick: random.Random, taken: set[str]) -> str:
    title = _title(pick)
    while title in taken:
        title = _title(pick) if pick.random() < 0.9 else f"{title} {pick.randint(2, 9)}"
    taken.add(title)
    return title


def _title(pick: random.Random) -> str:
    pattern = pick.choice(_PATTERNS)
    return pattern.format(a=pick.choice(_FIRST), b=pick.choice(_SECOND), p=pick.choice(_PLACES))
