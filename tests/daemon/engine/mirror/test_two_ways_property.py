"""Two people edit on both sides while two mirrors run in any order: in the end both sides are the same, or
somebody is asked; nothing is brought for ever, and nothing is lost that nobody knowingly replaced."""

import asyncio
import random
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.daemon.engine.mirror.mirror_stand import PDF, Document, File, RevisingCabinet, Stand
from tests.drills.quiet_ledger import QuietLedger

from reconciled.config import Conflict, Mirror, Mode
from reconciled.engine.mirror.retrying import retry, take_back
from reconciled.model import Key
from reconciled.source import Deletion

STEPS = (
    "edit file", "edit file", "edit file", "edit document", "edit document", "edit document",
    "add file", "add document", "delete file", "delete document", "scan practice", "scan cabinet",
    "run there", "run here", "run there", "run here", "read", "consume", "wait", "both", "both",
    "original counts", "copy counts",
)  # fmt: skip
ANSWERS = ("original counts", "copy counts")
ROUNDS = 12


class Town:
    """The two sides, the people, and what these knowingly replaced or threw away."""

    def __init__(self, stand: Stand, chance: random.Random, *, texts: int) -> None:
        self.stand = stand
        self.practice = stand.practice
        self.cabinet = stand.cabinet
        self.chance = chance
        self.texts = texts
        self.written: set[bytes] = set()
        self.given_up: set[bytes] = set()
        self.day = 0
        self.cabinet.delete = self.practice.delete = self._deletes  # type: ignore[method-assign]

    async def _deletes(self, key: Key, how: Deletion) -> None:
        raise AssertionError(f"a mirror deletes {key}")

    def _text(self) -> bytes:
        """One of a few texts, so that the same is written twice, or else one that nobody wrote before."""
        self.day += 1
        number = self.chance.randrange(self.texts) if self.texts else self.day
        text = PDF + f"text {number}".encode()
        self.written.add(text)
        return text

    def _when(self) -> str:
        return f"2026-02-01T{self.day // 60:02}:{self.day % 60:02}:00+00:00"

    def _files(self) -> list[str]:
        return [number for number, file in self.practice.files.items() if not file.deleted]

    def _documents(self) -> list[str]:
        return [number for number, document in self.cabinet.documents.items() if not document.trashed]

    @property
    def bodies(self) -> set[bytes]:
        """All that is there, on either side."""
        files = {self.practice.files[number].body for number in self._files()}
        return files | {self.cabinet.documents[number].body for number in self._documents()}

    async def step(self, what: str) -> None:
        match what.split():
            case [deed, side] if deed in ("edit", "add", "delete"):
                self._person(deed, side)
            case ["scan", name]:
                await self.stand.scan(name)
            case ["run", way]:
                await self._run(way)
            case ["read"]:
                self._read()
            case ["consume"]:
                await self.stand.follow()
            case ["wait"]:
                self.stand.clock.advance(600)
            case ["both"]:
                await self.round()
            case [_, "counts"]:
                await self._answer(what)

    def _person(self, deed: str, side: str) -> None:
        """A person does something to a file or a document, if there are any, and not too few or too many."""
        numbers = self._files() if side == "file" else self._documents()
        things: Mapping[str, File | Document] = (
            self.practice.files if side == "file" else self.cabinet.documents
        )
        if deed == "add":
            if len(things) < 4:
                self._add(side)
            return
        if len(numbers) <= (2 if deed == "delete" else 0):
            return
        thing = things[self.chance.choice(numbers)]
        self.given_up.add(thing.body)
        if deed == "edit":
            thing.body, thing.modified = self._text(), self._when()
        elif isinstance(thing, File):
            thing.deleted = True
        else:
            thing.trashed = True

    def _add(self, side: str) -> None:
        if side == "file":
            number = str(len(self.practice.files) + 1)
            self.practice.files[number] = File(self._text(), f"p{number}", modified=self._when())
        else:
            number = self.cabinet.add(self._text())
            self.cabinet.documents[number].modified = self._when()

    async def _run(self, way: str) -> None:
        mirror = self.stand.mirror if way == "there" else self.stand.back
        await self.stand.run(mirror=mirror)

    def _read(self) -> None:
        """What a slow app replaces, it keeps an older version of."""
        self.given_up |= {
            self.practice.files[self.practice.letters[one][0]].body for one in self.practice.unread
        }
        self.practice.read()

    async def _answer(self, what: str) -> None:
        """A person answers all questions. What does not count is given up."""
        engine, mirrors = self.stand.engine, self.stand.mirrors.configured
        for row in await self.stand.rows("SELECT * FROM copy WHERE code = 'conflict'"):
            cabinet = self.cabinet.documents.get(row["key" if row["source"] == "cabinet" else "target_key"])
            practice = self.practice.files.get(row["key" if row["source"] == "practice" else "target_key"])
            assert cabinet is not None
            assert practice is not None
            self.given_up |= {cabinet.body, practice.body}
            if what == "original counts":
                await retry(engine, mirrors[row["mirror"]], [row["id"]])
            else:
                await take_back(engine, mirrors[row["mirror"]], mirrors, [row["id"]])

    async def round(self) -> None:
        """Both mirrors run on what is there, and what is slow comes to its end."""
        ways = ["there", "here"]
        self.chance.shuffle(ways)
        for way in ways:
            await self.stand.scan("practice", "cabinet")
            await self._run(way)
            self._read()
            await self.stand.follow()

    def moved(self) -> tuple[int, ...]:
        """How much was ever given and fetched."""
        taken = self.practice.taken.total(), self.cabinet.uploads.total()
        return (*taken, self.practice.fetched.total(), self.cabinet.fetched.total())

    async def comes_to_rest(self) -> None:
        still = 0
        for _ in range(ROUNDS):
            before = self.moved()
            self.stand.clock.advance(600)
            await self.round()
            still = still + 1 if self.moved() == before else 0
            if still == 2:
                return
        raise AssertionError("it goes on for ever")

    async def differences(self) -> list[str]:
        """What is neither the same nor asked about."""
        found = []
        sides: dict[str, Callable[[str], bytes | None]] = {
            "practice": lambda n: self.practice.files[n].body if n in self._files() else None,
            "cabinet": lambda n: self.cabinet.documents[n].body if n in self._documents() else None,
        }
        asked = {
            (row["source"], row["key"])
            for row in await self.stand.rows(
                "SELECT * FROM finding WHERE code = 'unmirrored' AND resolved_at IS NULL"
            )
        }
        tied: dict[str, set[str]] = {"practice": set(), "cabinet": set()}
        for row in await self.stand.rows("SELECT * FROM copy"):
            tied[row["source"]].add(row["key"])
            tied[row["target"]].add(row["target_key"])
            here = sides[row["source"]](row["key"])
            there = sides[row["target"]](row["target_key"]) if row["target_key"] else None
            told = (row["source"], row["key"]) in asked and row["code"] == "conflict"
            both = here is not None and there is not None
            if here is None:
                continue  # its original is not there
            if row["status"] not in ("synced", "duplicate", "missing", "removed"):
                found.append(f"{row['source']} {row['key']} is {row['status']}: {row['reason']}")
            elif (both and here != there) is not (both and told):
                found.append(f"{row['source']} {row['key']} {here!r} {there!r} told: {told}")
        for name, numbers in (("practice", self._files()), ("cabinet", self._documents())):
            found += [f"{name} {number} is brought nowhere" for number in numbers if number not in tied[name]]
        return found


async def live_through(
    steps: Sequence[str], folder: Path, *, conflict: Conflict, seed: int, texts: int, tells: bool, slow: bool
) -> None:
    """People and mirrors do all that, then everybody waits."""
    ledger = await QuietLedger.open(folder / "ledger.db")
    pdf, chance = frozenset({"application/pdf"}), random.Random(seed)
    stand = Stand(ledger, folder / "transfers", cabinet_class=RevisingCabinet)
    stand.mirror = Mirror("m", "practice", ("cabinet",), frozenset({"file"}), types=pdf, conflict=conflict)
    stand.back = Mirror("b", "cabinet", ("practice",), types=pdf, conflict=conflict)
    try:
        await stand.begin(Mode.ACT)
        stand.practice.tells_sha256, stand.practice.slow = tells, slow
        town = Town(stand, chance, texts=texts)
        for what in ("add file", "add file", "add document", "both", "both", *steps):
            await town.step(what)
        await town.comes_to_rest()
        assert await town.differences() == []
        if conflict is Conflict.ASK:
            assert town.written - town.given_up - town.bodies == set(), (
                "nothing is lost unless somebody meant it"
            )
    finally:
        await stand.engine.stop()
        await ledger.close()


@st.composite
def lives(draw: st.DrawFn) -> Callable[[Path], None]:
    steps = draw(st.lists(st.sampled_from(STEPS), min_size=4, max_size=24))
    conflict = draw(st.sampled_from([Conflict.ASK, Conflict.ASK, Conflict.NEWEST]))
    seed, texts = draw(st.integers(0, 999)), draw(st.sampled_from([0, 0, 4]))
    slow = draw(st.booleans())

    def live(folder: Path) -> None:
        asyncio.run(
            live_through(steps, folder, conflict=conflict, seed=seed, texts=texts, tells=True, slow=slow)
        )

    return live


CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=6, deadline=None, suppress_health_check=CHECKS, derandomize=True)
@given(live=lives())
def test_it_comes_to_rest_with_nothing_lost(live: Callable[[Path], None]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        live(Path(folder))


@pytest.mark.full
@settings(max_examples=50, deadline=None, suppress_health_check=CHECKS)
@given(live=lives())
def test_it_comes_to_rest_with_nothing_lost_whatever_they_do(live: Callable[[Path], None]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        live(Path(folder))
