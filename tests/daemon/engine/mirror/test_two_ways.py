"""Two mirrors between the same two places: what a person edits on either side, and what becomes of it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.daemon.engine.mirror.mirror_stand import PDF, Crash, RevisingCabinet, Stand, sha256

from reconciled.config import Conflict, Mirror, Mode
from reconciled.engine.mirror.retrying import retry, take_back
from reconciled.errors import Unreachable, Unsupported
from reconciled.model import Answer, Key
from reconciled.runtime.mirrors import BY_ITSELF

ASK, NEWEST, SOURCE = Conflict.ASK, Conflict.NEWEST, Conflict.SOURCE
TELLS = [True, pytest.param(False, marks=pytest.mark.full)]
"""Whether the practice tells the checksums of its files."""
EARLY, LATE = "2026-01-02T00:00:00+00:00", "2026-01-03T00:00:00+00:00"


class Pair:
    """A practice and a cabinet that mirror each other: `there` goes to the cabinet, `here` comes back."""

    def __init__(self, stand: Stand) -> None:
        self.stand = stand

    @property
    def there(self) -> Mirror:
        return self.stand.mirror

    @property
    def here(self) -> Mirror:
        assert self.stand.back is not None
        return self.stand.back

    async def begin(self, conflict: Conflict = ASK, *, tells: bool = False, mode: Mode = Mode.ACT) -> None:
        stand, pdf = self.stand, frozenset({"application/pdf"})
        stand.cabinet_class = RevisingCabinet
        stand.mirror = Mirror(
            "m", "practice", ("cabinet",), frozenset({"file"}), types=pdf, max_size=10_000, conflict=conflict
        )
        stand.back = Mirror("b", "cabinet", ("practice",), types=pdf, max_size=10_000, conflict=conflict)
        await stand.begin(mode)
        stand.practice.tells_sha256 = tells

    async def round(self, *ways: Mirror) -> list[dict[str, Any]]:
        """Everything is looked at, and each mirror runs. Without ways both do, and what is slow ends."""
        found = []
        for way in ways or (self.there, self.here):
            await self.stand.scan("practice", "cabinet")
            found.append(await self.stand.run(mirror=way))
            if not ways:
                self.stand.practice.read()
            await self.stand.follow()
        return found

    async def copied(self, number: int = 1, text: str = "both") -> None:
        """A file of the practice that has its copy, document 1, and nothing more to be done."""
        self.stand.file(number, text)
        await self.round()
        await self.round()

    def edit(self, *, file: str | None = None, document: str | None = None, at: str = EARLY) -> None:
        """A person changes the file, the document, or both: the document a day later."""
        if file is not None:
            self.stand.practice.files["1"].body = PDF + file.encode()
            self.stand.practice.files["1"].modified = at
        if document is not None:
            self.stand.cabinet.documents["1"].body = PDF + document.encode()
            self.stand.cabinet.documents["1"].modified = LATE

    @property
    def files(self) -> dict[str, str]:
        return {n: f.body[len(PDF) :].decode() for n, f in self.stand.practice.files.items() if not f.deleted}

    @property
    def documents(self) -> dict[str, str]:
        found = self.stand.cabinet.documents.items()
        return {n: d.body[len(PDF) :].decode() for n, d in found if not d.trashed}

    async def moved(self) -> int:
        """How many files the two were ever given."""
        return self.stand.practice.taken.total() + self.stand.cabinet.uploads.total()

    async def rests(self) -> None:
        """Nothing is brought, fetched or asked any more, whichever mirror runs."""
        stand = self.stand
        before = await self.moved(), stand.practice.fetched.total(), stand.cabinet.fetched.total()
        for _ in range(2):
            await self.round()
        assert (await self.moved(), stand.practice.fetched.total(), stand.cabinet.fetched.total()) == before

    async def row(self, target: str = "cabinet") -> dict[str, Any]:
        return (await self.stand.rows("SELECT * FROM copy WHERE target = ? ORDER BY id", target))[0]


@pytest.fixture
def pair(stand: Stand) -> Pair:
    return Pair(stand)


@pytest.mark.parametrize("tells", [False, True])
@pytest.mark.parametrize("slow", [False, True])
async def test_what_changed_in_the_copy_goes_back_to_the_original(
    pair: Pair, tells: bool, slow: bool
) -> None:
    await pair.begin(tells=tells)
    pair.stand.practice.slow = slow
    await pair.copied()
    pair.edit(document="a note of anna")
    (_, back) = await pair.round()
    assert pair.files == pair.documents == {"1": "a note of anna"}
    assert json.loads(back["stats"])["targets"] == {"practice": {"sent" if slow else "back": 1}}
    assert await pair.stand.copies() == {"1": ("synced", "made")}
    assert await pair.stand.copies("practice") == {}, "the document is a copy, and its way back is over"
    assert await pair.stand.findings() == set()
    await pair.rests()


async def test_edits_go_to_and_fro(pair: Pair) -> None:
    await pair.begin()
    await pair.copied()
    for number in range(3):
        pair.edit(file=f"here {number}")
        await pair.round()
        pair.edit(document=f"there {number}")
        await pair.round()
        assert pair.files == pair.documents == {"1": f"there {number}"}
    await pair.rests()
    assert (await pair.stand.copies(), await pair.stand.findings()) == ({"1": ("synced", "made")}, set())


async def test_new_files_of_both_sides_are_on_both(pair: Pair) -> None:
    await pair.begin(tells=True)
    pair.stand.file(1, "mine")
    pair.stand.cabinet.add(PDF + b"yours")
    for _ in range(3):
        await pair.round()
    assert sorted(pair.files.values()) == sorted(pair.documents.values()) == ["mine", "yours"]
    assert await pair.stand.copies("practice") == {"1": ("synced", "made")}
    pair.stand.practice.files["2"].body = PDF + b"yours, read"
    await pair.round()
    assert sorted(pair.documents.values()) == ["mine", "yours, read"], "the other way round it is the same"
    await pair.rests()


@pytest.mark.parametrize("first", ["there", "here"])
@pytest.mark.parametrize("tells", TELLS)
@pytest.mark.parametrize(
    ("conflict", "at", "wins"),
    [
        (NEWEST, EARLY, "document"),
        (NEWEST, "2026-01-04T00:00:00+00:00", "file"),
        (NEWEST, LATE, None),
        (ASK, EARLY, None),
        (SOURCE, EARLY, "whoever runs first"),
    ],
)
async def test_both_changed(
    pair: Pair, conflict: Conflict, at: str, wins: str | None, tells: bool, first: str
) -> None:
    await pair.begin(conflict, tells=tells)
    await pair.copied()
    pair.edit(file="file", document="document", at=at)
    ways = [pair.there, pair.here]
    for way in ways if first == "there" else reversed(ways):
        await pair.round(way)
    await pair.round()
    if conflict is SOURCE:
        assert pair.files == pair.documents
    elif wins is None:
        assert (pair.files, pair.documents) == ({"1": "file"}, {"1": "document"})
        assert await pair.stand.findings() == {("unmirrored", "1")}
    else:
        assert pair.files == pair.documents == {"1": wins}
        assert await pair.stand.findings() == set()
    await pair.rests()


async def conflict(pair: Pair, *, tells: bool = False) -> dict[str, Any]:
    """Both changed, and nobody said which counts. Gives the row of the copy."""
    await pair.begin(tells=tells)
    await pair.copied()
    pair.edit(file="file", document="document")
    await pair.round()
    await pair.round()
    return await pair.row()


@pytest.mark.parametrize("tells", TELLS)
async def test_a_conflict_shows_both_sides_once(pair: Pair, tells: bool) -> None:
    row = await conflict(pair, tells=tells)
    found = await pair.stand.rows("SELECT * FROM finding WHERE resolved_at IS NULL")
    assert [(one["code"], one["source"], one["key"]) for one in found] == [("unmirrored", "practice", "1")]
    said = found[0]["detail"]
    for part in (
        "practice file 1 (IMG001.pdf", "13 B", "2026-01-02T00:00", sha256(PDF + b"file")[:12],
        "cabinet document 1 (document 1", "2026-01-03T00:00", sha256(PDF + b"document")[:12],
        "bring the original's again, or take the copy's back",
    ):  # fmt: skip
        assert part in said
    assert (row["status"], row["code"], row["sha256"]) == ("synced", "conflict", sha256(PDF + b"both"))


@pytest.mark.parametrize("tells", TELLS)
async def test_a_person_says_that_the_original_counts(pair: Pair, tells: bool) -> None:
    row = await conflict(pair, tells=tells)
    assert await retry(pair.stand.engine, pair.there, [row["id"]]) == [row["id"]]
    assert await pair.stand.findings() == set()
    await pair.round(pair.here)
    await pair.round(pair.there)
    assert pair.files == pair.documents == {"1": "file"}
    assert await pair.stand.findings() == set()
    await pair.rests()


@pytest.mark.parametrize("tells", TELLS)
async def test_a_person_says_that_the_copy_counts(pair: Pair, tells: bool) -> None:
    row = await conflict(pair, tells=tells)
    engine, mirrors = pair.stand.engine, pair.stand.mirrors.configured
    assert await take_back(engine, pair.there, mirrors, [row["id"], 99]) == [row["id"]]
    assert await take_back(engine, pair.there, mirrors, [row["id"]]) == [], "once"
    assert await pair.stand.findings() == set()
    await pair.round(pair.there)
    await pair.round(pair.here)
    assert pair.files == pair.documents == {"1": "document"}
    assert await pair.stand.findings() == set()
    await pair.rests()


@pytest.mark.parametrize("tells", [False, True])
async def test_a_rename_of_the_original_changes_nothing_of_what_a_person_answered(
    pair: Pair, tells: bool
) -> None:
    """The copy counts, whatever the original is called by the time it travels."""
    row = await conflict(pair, tells=tells)
    assert await take_back(pair.stand.engine, pair.there, pair.stand.mirrors.configured, [row["id"]])
    pair.stand.practice.files["1"].name = "renamed.pdf"
    await pair.round()
    assert pair.files == pair.documents == {"1": "document"}
    assert await pair.stand.findings() == set()
    await pair.rests()


async def test_nothing_is_taken_back_where_no_mirror_comes_back(pair: Pair) -> None:
    row = await conflict(pair)
    with pytest.raises(Unsupported, match="no mirror brings files of cabinet back to practice"):
        await take_back(pair.stand.engine, pair.there, {"m": pair.there}, [row["id"]])


@pytest.mark.parametrize("tells", TELLS)
async def test_a_word_is_good_for_what_was_shown(pair: Pair, tells: bool) -> None:
    """The original changes once more, after a person said that the copy counts: that is asked again."""
    row = await conflict(pair, tells=tells)
    assert await take_back(pair.stand.engine, pair.there, pair.stand.mirrors.configured, [row["id"]])
    pair.edit(file="file, and more")
    for _ in range(2):
        await pair.round()
    assert (pair.files, pair.documents) == ({"1": "file, and more"}, {"1": "document"})
    assert await pair.stand.findings() == {("unmirrored", "1")}


@pytest.mark.parametrize("tells", TELLS)
@pytest.mark.parametrize("scanned", [False, True])
async def test_a_word_that_the_original_counts_is_good_for_what_was_shown(
    pair: Pair, tells: bool, scanned: bool
) -> None:
    """The copy changes once more, after a person said that the original counts: that is asked again."""
    row = await conflict(pair, tells=tells)
    assert await retry(pair.stand.engine, pair.there, [row["id"]])
    pair.edit(document="document, and more")
    if scanned:
        await pair.stand.scan("cabinet")
    for _ in range(2):
        await pair.round()
    assert (pair.files, pair.documents) == ({"1": "file"}, {"1": "document, and more"})
    assert await pair.stand.findings() == {("unmirrored", "1")}
    await pair.rests()
    assert await retry(pair.stand.engine, pair.there, [row["id"]])
    for _ in range(2):
        await pair.round()
    assert pair.files == pair.documents == {"1": "file"}
    assert await pair.stand.findings() == set()


@pytest.mark.parametrize("tells", TELLS)
@pytest.mark.parametrize(("undone", "left"), [({"file": "both"}, "document"), ({"document": "both"}, "file")])
async def test_a_conflict_that_a_person_undoes(
    pair: Pair, undone: dict[str, str], left: str, tells: bool
) -> None:
    await conflict(pair, tells=tells)
    pair.edit(**undone)
    for _ in range(2):
        await pair.round()
    assert pair.files == pair.documents == {"1": left}
    assert await pair.stand.findings() == set()


@pytest.mark.parametrize("tells", TELLS)
async def test_the_same_edit_on_both_sides_is_no_conflict(pair: Pair, tells: bool) -> None:
    await pair.begin(tells=tells)
    await pair.copied()
    pair.edit(file="same", document="same")
    await pair.round()
    assert pair.files == pair.documents == {"1": "same"}
    assert await pair.stand.findings() == set()
    await pair.round()
    await pair.rests()


async def test_what_nobody_tells_is_no_permission_to_write_over_it(pair: Pair) -> None:
    """The practice tells no checksums, so nobody knows whether its copy of the document was changed."""
    await pair.begin(tells=False)
    pair.stand.cabinet.add(PDF + b"both")
    await pair.round()
    await pair.round()
    pair.edit(file="a person's", document="document")
    await pair.round()
    assert (pair.files, pair.documents) == ({"1": "a person's"}, {"1": "document"})
    (found,) = await pair.stand.rows("SELECT * FROM finding WHERE resolved_at IS NULL")
    assert (found["code"], found["source"]) == ("unmirrored", "cabinet")
    assert "practice does not tell whether its copy did, too" in found["detail"]
    row = await pair.row("practice")
    assert await retry(pair.stand.engine, pair.here, [row["id"]])
    await pair.round()
    assert pair.files == pair.documents == {"1": "document"}
    assert await pair.stand.findings() == set()


async def is_asked_about(pair: Pair) -> None:
    """Both edits stand where they were made, and a person hears of it."""
    assert pair.files == {"1": "file"}
    for _ in range(2):
        await pair.round()
    assert (pair.files, pair.documents) == ({"1": "file"}, {"1": "document"})
    assert await pair.stand.findings() == {("unmirrored", "1")}


async def test_an_original_that_changed_since_it_was_looked_at_is_not_written_over(pair: Pair) -> None:
    """Between the plan and the call: no scan has seen it."""
    await pair.begin()
    await pair.copied()
    pair.edit(document="document")
    await pair.stand.scan("cabinet")
    pair.edit(file="file")
    await pair.stand.run(mirror=pair.here)
    await is_asked_about(pair)


@pytest.mark.parametrize("tells", [False, True])
@pytest.mark.parametrize("what", ["fetch of the copy", "look at the original"])
async def test_an_original_that_a_scan_saw_change_meanwhile_is_not_written_over(
    pair: Pair, what: str, tells: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the plan and the call, and the ledger knows of it; whatever is asked just then takes long."""
    await pair.begin(tells=tells)
    await pair.copied()
    pair.edit(document="document")
    await pair.stand.scan("cabinet")
    fetch, lookup = pair.stand.cabinet.fetch, pair.stand.practice.lookup

    async def meanwhile() -> None:
        monkeypatch.undo()
        pair.edit(file="file")
        await pair.stand.scan("practice")

    @asynccontextmanager
    async def fetched_slowly(key: Key, **asked: Any) -> AsyncIterator[Any]:
        async with fetch(key, **asked) as found:
            await meanwhile()
            yield found

    async def looked_up_slowly(key: Key) -> Answer:
        answer = await lookup(key)
        await meanwhile()
        return answer

    if what.startswith("fetch"):
        monkeypatch.setattr(pair.stand.cabinet, "fetch", fetched_slowly)
    else:
        monkeypatch.setattr(pair.stand.practice, "lookup", looked_up_slowly)
    await pair.stand.run(mirror=pair.here)
    await is_asked_about(pair)


@pytest.mark.parametrize("side", ["file", "document"])
async def test_what_is_deleted_on_one_side_stays_on_the_other_and_does_not_come_back(
    pair: Pair, side: str
) -> None:
    await pair.begin(tells=True)
    for number in range(1, 30):
        pair.stand.file(number, f"file {number}")
    for _ in range(2):
        await pair.round()
    before = await pair.moved()
    if side == "file":
        pair.stand.practice.files["1"].deleted = True
    else:
        pair.stand.cabinet.documents["1"].trashed = True
    for _ in range(3):
        await pair.round()
        pair.stand.clock.advance(3600)
        await pair.stand.mirrors.following.ask_once()
    assert ("1" in pair.files, "1" in pair.documents) == (side != "file", side != "document")
    assert len(pair.files) + len(pair.documents) == 57
    assert await pair.moved() == before


async def test_a_document_is_not_taken_for_a_new_one_while_its_upload_is_followed(pair: Pair) -> None:
    """The cabinet shows it before anybody asked what became of the upload."""
    await pair.begin()
    pair.stand.file(1, "new")
    await pair.stand.scan("practice")
    await pair.stand.run()
    pair.stand.cabinet.consume()
    await pair.stand.scan("cabinet")
    await pair.stand.run(mirror=pair.here)
    assert await pair.stand.copies("practice") == {"1": ("pending", None)}
    await pair.round()
    assert (pair.files, pair.documents) == ({"1": "new"}, {"1": "new"})
    assert await pair.stand.copies("practice") == {}
    pair.edit(document="edited")
    await pair.round()
    assert pair.files == pair.documents == {"1": "edited"}


async def test_a_found_copy_that_changes_is_no_copy_any_more(pair: Pair) -> None:
    """Two people had the same file; one of them writes on in hers."""
    await pair.begin(tells=True)
    pair.stand.file(1, "template")
    pair.stand.cabinet.add(PDF + b"template")
    for _ in range(2):
        await pair.round()
    assert await pair.stand.copies() == {"1": ("duplicate", "found")}
    pair.edit(document="a letter")
    for _ in range(3):
        await pair.round()
    assert pair.files["1"] == "template", "hers is not his"
    assert sorted(pair.files.values()) == sorted(pair.documents.values()) == ["a letter", "template"]
    await pair.rests()


@pytest.mark.parametrize("side", ["file", "document"])
async def test_one_copy_of_two_originals_follows_one_of_them(pair: Pair, side: str) -> None:
    await pair.begin(tells=True)
    pair.stand.file(1, "same")
    pair.stand.file(2, "same")
    for _ in range(2):
        await pair.round()
    assert len(pair.documents) == 1
    pair.edit(**{side: "other"})
    for _ in range(3):
        await pair.round()
    assert sorted(pair.files.values()) == sorted(pair.documents.values()) == ["other", "same"]
    await pair.rests()


async def test_what_the_rules_refuse_does_not_go_back(pair: Pair) -> None:
    await pair.begin()
    await pair.copied()
    pair.edit(document="x" * 20_000)
    for _ in range(2):
        await pair.round()
    assert pair.files == {"1": "both"}
    assert await pair.stand.findings() == {("refused", "1")}
    await pair.rests()
    pair.edit(document="short")
    await pair.round()
    assert pair.files == pair.documents == {"1": "short"}
    assert await pair.stand.findings() == set()


async def test_what_cannot_be_given_back_is_told_and_can_be_tried_again(pair: Pair) -> None:
    await pair.begin()
    await pair.copied()
    pair.stand.practice.refuses = Unsupported("no trash is configured")
    pair.edit(document="document")
    for _ in range(2):
        await pair.round()
    assert await pair.stand.copies("practice") == {"1": ("failed", None)}
    assert await pair.stand.findings() == {("upload_failed", "1")}
    await pair.rests()
    pair.stand.practice.refuses = None
    row = await pair.row("practice")
    assert await retry(pair.stand.engine, pair.here, [row["id"]])
    await pair.round()
    assert pair.files == pair.documents == {"1": "document"}
    assert await pair.stand.findings() == set()


@pytest.mark.parametrize("mode", [Mode.DRY_RUN, Mode.ASK])
async def test_only_the_mode_holds_it_back(pair: Pair, mode: Mode) -> None:
    await pair.begin()
    await pair.copied()
    pair.edit(document="document")
    await pair.stand.configure(mode)
    await pair.stand.scan()
    run = await pair.stand.run(BY_ITSELF, pair.here)
    assert (json.loads(run["stats"])["wanted"], pair.files) == (1, {"1": "both"})
    assert await pair.stand.copies("practice") == {}
    await pair.stand.run("anna", pair.here)
    assert pair.files == {"1": "document" if mode is Mode.ASK else "both"}


async def test_without_the_other_direction_it_stays_a_one_way_mirror(pair: Pair) -> None:
    """The mirror back leaves the config while it has something to do."""
    await pair.begin(NEWEST)
    await pair.copied()
    pair.edit(file="file", document="document")
    await pair.round(pair.there)  # the document is newer, and would be brought back
    assert (await pair.row())["code"] == "back"
    pair.stand.back = None
    await pair.stand.configure(Mode.ACT)
    await pair.round(pair.there)
    assert (pair.files, pair.documents) == ({"1": "file"}, {"1": "document"})
    assert await pair.stand.findings() == {("unmirrored", "1")}


@pytest.mark.parametrize("slow", [False, True])
async def test_an_answer_that_nobody_heard(pair: Pair, slow: bool) -> None:
    await pair.begin()
    await pair.copied()
    pair.stand.practice.slow = slow
    pair.stand.practice.after = [Unreachable("reset by peer")]
    pair.edit(document="document")
    await pair.round(pair.here)
    pair.stand.practice.read()
    await pair.stand.engine.probe("practice")
    for _ in range(3):
        pair.stand.clock.advance(600)
        await pair.round()
    assert pair.files == pair.documents == {"1": "document"}
    assert set(pair.stand.practice.taken.values()) == {1}
    assert await pair.stand.findings() == set()
    await pair.rests()


@pytest.mark.parametrize("moment", ["upload committed", "file called", "fileset committed"])
@pytest.mark.parametrize("slow", [False, True])
async def test_a_crash_on_the_way_back(pair: Pair, moment: str, slow: bool) -> None:
    await pair.begin()
    await pair.copied()
    pair.stand.practice.slow = slow
    pair.edit(document="document")
    await pair.stand.scan("practice", "cabinet")
    await crash(pair, moment)
    await pair.stand.begin()
    pair.stand.practice.slow = slow
    for _ in range(4):
        pair.stand.practice.read()
        pair.stand.clock.advance(60)
        await pair.round()
    assert pair.files == pair.documents == {"1": "document"}
    assert set(pair.stand.practice.taken.values()) == {1}
    assert (await pair.stand.copies("practice"), await pair.stand.findings()) == ({}, set())
    await pair.rests()


async def crash(pair: Pair, moment: str) -> None:
    """The process dies at that moment of a run of the mirror back."""
    stand = pair.stand
    stand.crash_at = moment
    await stand.mirrors.begin(pair.here, asked_by="api")
    (task,) = [one.task for one in stand.engine.runs._under.values()]
    with pytest.raises((Crash, BaseExceptionGroup)):
        await task
    assert not stand.crash_at
    stand.clock.advance(5)
