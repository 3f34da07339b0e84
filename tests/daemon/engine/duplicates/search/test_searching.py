"""A search over all papers: what it finds, where it goes on when it was cut off, what it does not repeat."""

import asyncio
import json
import logging
import os
import resource
import signal
import sqlite3
import threading
import zlib
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from tests.daemon.engine.duplicates.search_stand import Journal, SearchStand, Shelf, letter, rescan, standing

from reconciled.duplicates.words import Band, Likeness
from reconciled.engine.duplicates.search import batches, searching, workers
from reconciled.engine.duplicates.search.workers import CannotSearch, Crew, Hold
from reconciled.ledger import likenesses
from reconciled.ledger.connection import Tx
from reconciled.model import Key
from reconciled.source import Context, Text

PAIRS = {frozenset({"3", "103"}), frozenset({"8", "108"}), frozenset({"20", "120"})}


@pytest.fixture
async def stand(tmp_path: Path) -> AsyncIterator[SearchStand]:
    async with standing(tmp_path) as made:
        yield made


async def library(stand: SearchStand, maker: type[Shelf] = Journal) -> Shelf:
    """Forty letters, three of which were scanned twice, and one that is there twice as it is."""
    source: Shelf = await stand.follow("books", maker)
    for number in range(1, 41):
        source.put(number, letter(number))
    for pair in PAIRS:
        first, second = sorted(map(int, pair))
        source.put(second, rescan(letter(first)))
    source.put(999, letter(5).upper())
    await stand.scan("books")
    return source


async def test_what_is_found(stand: SearchStand) -> None:
    await library(stand)
    stats = await stand.search()
    assert await stand.pairs() == PAIRS
    assert await stand.groups() == PAIRS | {frozenset({"5", "999"})}
    assert stats["sources"]["books"] == {"read": 44, "changed": 44}
    assert stats["search"]["sheets"] == 43, "a text that differs in its case only is the same sheet"
    assert await stand.rows("SELECT count(*) FROM paper WHERE compared = 0") == [(0,)]
    assert not (stand.state / "duplicates" / "search").exists()


@pytest.mark.full
async def test_a_second_run_compares_only_what_is_new(stand: SearchStand) -> None:
    source = await library(stand)
    await stand.search()
    stats = await stand.search()
    assert "search" not in stats
    assert stats["looked_up"] == 0
    source.put(103, letter(103))
    source.put(121, rescan(letter(21)))
    source.put(122, rescan(letter(21), seed=2))
    await stand.scan("books")
    stats = await stand.search()
    assert "search" not in stats
    assert stats["looked_up"] == 3
    assert await stand.groups() == {
        frozenset({"8", "108"}), frozenset({"20", "120"}), frozenset({"21", "121", "122"}),
        frozenset({"5", "999"}),
    }  # fmt: skip


@pytest.mark.full
async def test_a_person_has_all_compared_again(stand: SearchStand) -> None:
    await library(stand)
    await stand.search()
    stats = await stand.search(asked_by="api")
    assert stats["search"]["sheets"] == 43
    assert await stand.pairs() == PAIRS


@pytest.mark.full
async def test_after_much_came_all_are_compared(stand: SearchStand) -> None:
    source = await library(stand)
    await stand.search()
    for number in range(200, 220):
        source.put(number, letter(number))
    await stand.scan("books")
    stats = await stand.search()
    assert stats["search"]["sheets"] == 63


@pytest.mark.full
async def test_a_gone_twin_of_a_sheet_leaves_the_other_to_be_found(stand: SearchStand) -> None:
    """The paper that stood for a sheet in the index goes; the other with the same text stands for it then."""
    source = await library(stand)
    await stand.search()
    await stand.becomes("5", "gone")
    del source.papers["5"]
    source.put(105, rescan(letter(5)))
    source.lines.remove("5")  # type: ignore[attr-defined]
    await stand.scan("books")
    await stand.search()
    assert frozenset({"105", "999"}) in await stand.groups()


@pytest.mark.full
@pytest.mark.parametrize("keep", [True, False])
async def test_whether_texts_are_kept(tmp_path: Path, keep: bool) -> None:
    async with standing(tmp_path, keep_text=keep) as stand:
        source = await library(stand)
        await stand.search()
        assert await stand.pairs() == PAIRS
        (kept,) = (await stand.rows("SELECT count(text) FROM paper"))[0]
        assert kept == (44 if keep else 0)
        assert bool(source.asked) is not keep
        source.put(130, rescan(letter(30)))
        await stand.scan("books")
        await stand.search()
        assert frozenset({"30", "130"}) in await stand.pairs()


@pytest.mark.full
async def test_kept_texts_go_when_they_are_no_longer_to_be_kept_and_come_again(tmp_path: Path) -> None:
    async with standing(tmp_path) as stand:
        await library(stand)
        await stand.search()
        for keep in (False, True):
            stand.settings = type(stand.settings)(keep_text=keep, images=None)
            await stand.duplicates.configure(stand.settings)
            await stand.search()
            assert await stand.rows("SELECT count(text) FROM paper") == [(44 if keep else 0,)]
            assert await stand.pairs() == PAIRS


class Stop(BaseException):
    """The process dies here."""


@pytest.mark.parametrize(
    ("moment", "how"),
    [
        ("batch compared", "died"),
        *(
            pytest.param(moment, how, marks=pytest.mark.full)
            for moment, how in (
                ("chunk read", "cancelled"), ("chunk read", "died"), ("pairs picked", "cancelled"),
                ("pairs picked", "died"), ("batch compared", "cancelled"),
            )
        ),
    ],
)  # fmt: skip
async def test_it_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str, how: str
) -> None:
    monkeypatch.setattr(batches, "BATCH", 1)
    reached = asyncio.Event()
    async with standing(tmp_path) as stand:
        await library(stand)

        def at(name: str) -> None:
            if name == moment and not reached.is_set():
                reached.set()
                raise asyncio.CancelledError if how == "cancelled" else RuntimeError("it dies here")

        stand.duplicates._at = at
        run = await stand.duplicates.begin(asked_by="schedule")
        await stand.engine.wait(run)
        assert reached.is_set()
        assert (await stand.run_of(run))[0] == ("cancelled" if how == "cancelled" else "failed")
        stats = await stand.search()
        search = stats["search"]
        assert search["resumed"]
        assert search.get("chunks_kept", 1) == 1
        assert search["batches_kept"] == (1 if moment == "batch compared" else 0)
        assert await stand.pairs() == PAIRS


async def test_what_is_found_after_the_clock_was_set_back_is_no_old_news(
    stand: SearchStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The power failed, and a box without a clock of its own starts at an earlier time than it went down."""
    monkeypatch.setattr(batches, "BATCH", 1)
    await library(stand)
    met = []

    def at(name: str) -> None:
        met.append(name)
        if met.count("batch compared") == 1:
            raise RuntimeError("it dies here")

    stand.duplicates._at = at
    await stand.engine.wait(await stand.duplicates.begin(asked_by="schedule"))
    stand.duplicates._at = lambda _: None
    stand.clock.step(timedelta(hours=-2))
    stats = await stand.search()
    assert stats["search"]["resumed"]
    assert await stand.pairs() == PAIRS
    assert stats["search"]["forgotten"] == 0


@pytest.mark.full
async def test_another_library_is_another_plan(stand: SearchStand, monkeypatch: pytest.MonkeyPatch) -> None:
    source = await library(stand)

    def at(name: str) -> None:
        if name == "chunk read":
            raise RuntimeError("it dies here")

    stand.duplicates._at = at
    await stand.engine.wait(await stand.duplicates.begin(asked_by="schedule"))
    stand.duplicates._at = lambda _: None
    for number in range(300, 340):
        source.put(number, letter(number))
    await stand.scan("books")
    stats = await stand.search()
    assert "resumed" not in stats["search"]
    assert stats["search"]["sheets"] == 83


@pytest.mark.full
async def test_a_worker_that_dies_fails_the_run_with_a_sentence(
    stand: SearchStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    await library(stand)
    real = Crew.do

    async def do(crew: Crew, task: str, /, **values: object) -> object:
        if task == "join":
            import os

            for pid in crew.pids:
                os.kill(pid, signal.SIGKILL)
        return await real(crew, task, **values)

    monkeypatch.setattr(Crew, "do", do)
    run = await stand.duplicates.begin(asked_by="schedule")
    await stand.engine.wait(run)
    state, error = await stand.run_of(run)
    assert state == "failed"
    assert error is not None
    assert "a process of the search for duplicates died (SIGKILL)" in error
    monkeypatch.undo()
    stats = await stand.search()
    assert stats["search"]["chunks_kept"] == 1
    assert await stand.pairs() == PAIRS


@pytest.mark.full
async def test_what_a_worker_may_have(tmp_path: Path) -> None:
    crew = Crew(1, log=logging.getLogger("crew"), memory=160 * 2**20)
    try:
        with pytest.raises(CannotSearch, match="memory"):
            await crew.do("texts", texts=[b"word " * 30_000_000], checksums=[None], keep=True)
        assert (await crew.do("texts", texts=[b"one two"], checksums=[None], keep=True))[0][1] == 2
    finally:
        await crew.close()


@pytest.mark.full
async def test_a_worker_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    crew, task = (
        Crew(1, log=logging.getLogger("crew")),
        {"texts": [b"one two"], "checksums": [None], "keep": True},
    )
    try:
        await crew.do("texts", **task)
        (pid,) = crew.pids
        os.kill(pid, signal.SIGSTOP)
        monkeypatch.setattr(workers, "ANSWERS_WITHIN", 0.05)
        with pytest.raises(CannotSearch, match=r"gave no answer to 'texts' within 0\.05 s"):
            await crew.do("texts", **task)
        assert crew.pids == []
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    finally:
        await crew.close()


@pytest.mark.full
async def test_a_full_disk_is_called_so_by_a_worker(tmp_path: Path) -> None:
    """Also where a part of an array still went onto it, of which numpy does not say why."""
    crew = Crew(1, log=logging.getLogger("crew"))
    chunk = {"folder": str(tmp_path / "search"), "plan": {}, "chunks": 1, "chunk": 0, "thin": 0}
    try:
        await crew.do("frame", **chunk)
        resource.prlimit(crew.pids[0], resource.RLIMIT_FSIZE, (20_000, 20_000))
        with pytest.raises(CannotSearch, match="cannot write to its folder: "):
            await crew.do("read", texts=[zlib.compress(letter(n).encode()) for n in range(100)], **chunk)
    finally:
        await crew.close()


async def test_a_full_disk_is_called_so_while_pairs_are_compared(stand: SearchStand) -> None:
    await library(stand)
    full = stand.state / "duplicates" / "search" / "lesson-0.part"

    def at(name: str) -> None:
        if name == "pairs picked":
            full.symlink_to("/dev/full")

    stand.duplicates._at = at
    run = await stand.duplicates.begin(asked_by="schedule")
    await stand.engine.wait(run)
    state, error = await stand.run_of(run)
    assert state == "failed"
    assert error is not None
    assert error.endswith("make room there")
    full.unlink()
    stand.duplicates._at = lambda _: None
    assert (await stand.search())["search"]["resumed"]
    assert await stand.pairs() == PAIRS


@pytest.mark.full
async def test_never_two_at_once(stand: SearchStand) -> None:
    from reconciled.engine.runs import AlreadyRunning

    await library(stand)
    await stand.follow("more", Shelf)
    run = await stand.duplicates.begin(asked_by="api")
    with pytest.raises(AlreadyRunning, match=f"run {run}"):
        await stand.engine.begin("duplicates", "more", asked_by="api")
    await stand.engine.wait(run)


def test_the_daemon_and_its_workers_mean_the_same_chunks() -> None:
    steps = pytest.importorskip("reconciled.duplicates.steps")
    features = pytest.importorskip("reconciled.duplicates.features")
    assert searching.CHUNK == steps.CHUNK
    assert features.MOST > 1_000_000


@pytest.mark.full
async def test_the_progress_reaches_its_end(stand: SearchStand) -> None:
    await library(stand)
    run = await stand.duplicates.begin(asked_by="api")
    seen = list[int]()
    while (progress := stand.engine.runs.progress(run)) is not None:
        seen.append(progress.done)
        await asyncio.sleep(0.002)
    done, total = (await stand.rows(f"SELECT done, total FROM run WHERE id = {run}"))[0]
    assert done == total == 44 + 43
    assert all(after >= before for before, after in pairwise(seen))


@pytest.mark.full
async def test_an_index_of_another_release_is_not_looked_up_in(stand: SearchStand) -> None:
    await library(stand)
    await stand.search()
    plan = stand.state / "duplicates" / "index" / "plan.json"
    plan.write_text(json.dumps(json.loads(plan.read_text()) | {"made": "0.0.1"}))
    stats = await stand.search()
    assert stats["search"]["sheets"] == 43


@pytest.mark.parametrize("how", ["short", pytest.param("missing", marks=pytest.mark.full)])
async def test_an_index_that_is_not_whole_is_made_anew(stand: SearchStand, how: str) -> None:
    """The power went before the disk had all of it, or a file was lost: nothing is looked up in the rest."""
    source = await library(stand)
    await stand.search()
    for path in (stand.state / "duplicates" / "index").glob("index-*.npy"):
        if how == "missing":
            path.unlink()
        else:
            path.write_bytes(path.read_bytes()[:-8])
    source.put(121, rescan(letter(21)))
    await stand.scan("books")
    await stand.duplicates._lookup.close()
    await stand.once()
    assert await stand.rows("SELECT count(*) FROM paper WHERE compared = 0") == [(1,)], (
        "it waits for the pass"
    )
    stats = await stand.search()
    assert stats["search"]["sheets"] == 44
    assert await stand.pairs() == PAIRS | {frozenset({"21", "121"})}
    assert "search" not in await stand.search()


async def test_a_search_whose_words_are_not_whole_begins_with_them(
    stand: SearchStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was cut off by the power, before the disk had all that it picked."""
    monkeypatch.setattr(batches, "BATCH", 1)
    await library(stand)
    stand.duplicates._at = dying("batch compared")
    await stand.engine.wait(await stand.duplicates.begin(asked_by="schedule"))
    stand.duplicates._at = lambda _: None
    words = stand.state / "duplicates" / "search" / "words.npy"
    words.write_bytes(words.read_bytes()[:-8])
    stats = await stand.search()
    assert stats["search"]["resumed"]
    assert stats["search"]["batches_kept"] == 0
    assert await stand.pairs() == PAIRS


def test_what_was_picked_is_on_the_disk_before_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a search that goes on after the power went finds nothing to compare, and forgets all it knew."""
    labours = pytest.importorskip("reconciled.engine.duplicates.search.labours")
    real, synced = os.fsync, set[int]()

    def fsync(file: int) -> None:
        real(file)
        synced.add(os.fstat(file).st_ino)

    monkeypatch.setattr(os, "fsync", fsync)
    tasks = labours.tasks()
    common = {"folder": str(tmp_path / "search"), "plan": {}, "chunks": 1}
    texts = [zlib.compress(text.encode()) for text in (letter(3), rescan(letter(3)))]
    tasks["read"]({**common, "chunk": 0, "texts": texts, "thin": 0})
    for part in range(tasks["frame"](common)["all_parts"]):
        tasks["join"]({**common, "part": part})
    tasks["pick"](common)
    pairs = (tmp_path / "search" / labours.PAIRS).stat()
    assert pairs.st_size == 8
    assert pairs.st_ino in synced


class Silent(Journal):
    """A journal that does not give the texts of `kept_back` when it is asked for them by their keys."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.kept_back: set[str] = set()

    async def texts(self, keys: Sequence[Key]) -> Mapping[Key, Text]:
        return await super().texts([key for key in keys if key.id not in self.kept_back])


@pytest.mark.parametrize("dies", [False, pytest.param(True, marks=pytest.mark.full)])
async def test_what_could_not_be_read_was_not_compared(tmp_path: Path, dies: bool) -> None:
    """A text that its source does not give tonight: what is known of it stays, and it is compared later."""
    async with standing(tmp_path, keep_text=False) as stand:
        source = await library(stand, Silent)
        assert isinstance(source, Silent)
        await stand.search()
        source.kept_back = {"103", "8"}
        if dies:
            stand.duplicates._at = dying("pairs picked")
            await stand.engine.wait(await stand.duplicates.begin(asked_by="api"))
            stand.duplicates._at = lambda _: None
        stats = await stand.search(asked_by="api")
        assert stats["search"]["missed"] == 2
        assert stats["search"].get("resumed", False) is dies
        assert await stand.pairs() == PAIRS
        assert await stand.groups() == PAIRS | {frozenset({"5", "999"})}
        left = "SELECT item.key FROM paper JOIN item ON item.id = item_id WHERE compared = 0 ORDER BY key"
        assert await stand.rows(left) == [("103",), ("8",)]
        source.put(203, rescan(letter(3), seed=2))
        source.put(208, rescan(letter(8), seed=2))
        await stand.scan("books")
        await stand.search()
        source.kept_back = set()
        stats = await stand.search()
        assert "search" not in stats, "what was missed is looked up"
        assert await stand.rows(left) == []
        assert frozenset({"103", "203"}) in await stand.pairs()
        assert frozenset({"8", "208"}) in await stand.pairs()


async def test_a_sheet_whose_first_paper_has_another_text_by_now_is_found_by_what_comes(
    stand: SearchStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its text changed before it was read, and another paper still is that very sheet."""
    source = await library(stand)
    real = Crew.do

    async def do(crew: Crew, task: str, /, **values: object) -> object:
        if task == "read":
            raise CannotSearch("it dies here")
        return await real(crew, task, **values)

    with monkeypatch.context() as dying:
        dying.setattr(Crew, "do", do)
        await stand.engine.wait(await stand.duplicates.begin(asked_by="schedule"))
    ((first,),) = await stand.rows("SELECT min(id) FROM item WHERE key IN ('5', '999')")
    ((key,),) = await stand.rows(f"SELECT key FROM item WHERE id = {first}")
    source.put(key, letter(505))
    await stand.scan("books")
    stats = await stand.search()
    assert stats["search"]["resumed"]
    source.put(105, rescan(letter(5)))
    await stand.scan("books")
    await stand.once()
    other = "5" if key == "999" else "999"
    assert frozenset({other, "105"}) in await stand.pairs()


async def test_a_source_that_is_paused_keeps_what_is_known_of_it(tmp_path: Path) -> None:
    """Its texts are not kept, so they cannot be had; the others are searched, and it is not asked."""
    async with standing(tmp_path, keep_text=False) as stand:
        await library(stand)
        more: Shelf = await stand.follow("more", Shelf)
        more.put(1, letter(500))
        more.put(2, rescan(letter(500)))
        await stand.scan("more")
        await stand.search()
        before = await stand.groups()
        assert frozenset({"1", "2"}) in before
        stand.engine.places["more"].live.paused = "anna"
        more.asked.clear()
        books = stand.engine.places["books"].live.source
        assert isinstance(books, Journal)
        books.put(121, rescan(letter(21)))
        await stand.scan("books")
        await stand.search(asked_by="api")
        assert not more.asked
        assert await stand.groups() == before | {frozenset({"21", "121"})}


@pytest.mark.full
async def test_a_batch_that_was_not_written_is_compared_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk fills up for one batch, while a later one, which was compared beside it, is written."""
    monkeypatch.setattr(batches, "BATCH", 1)
    async with standing(tmp_path, workers=2) as stand:
        await library(stand)
        real, failed = likenesses.put, list[int]()
        compare, compared, both = batches.compare_pairs, list[int](), threading.Event()

        async def compare_pairs(*given: Any) -> Any:
            found = await compare(*given)
            compared.append(1)
            if len(compared) == 2:
                both.set()
            return found

        def put(tx: Tx, found: Collection[Likeness], *rest: Any, **more: Any) -> int:
            if not failed:
                failed.append(1)
                assert both.wait(20), "the other is about to be written, too"
                raise sqlite3.OperationalError("database or disk is full")
            return real(tx, found, *rest, **more)

        monkeypatch.setattr(batches, "compare_pairs", compare_pairs)
        monkeypatch.setattr(likenesses, "put", put)
        await stand.engine.wait(await stand.duplicates.begin(asked_by="schedule"))
        assert failed
        await stand.search()
        assert await stand.pairs() == PAIRS


@pytest.mark.parametrize("dies", [False, pytest.param(True, marks=pytest.mark.full)])
async def test_a_clock_that_is_set_back_takes_nothing_of_what_is_found(tmp_path: Path, dies: bool) -> None:
    """While it runs, or while the power is off: a small box without a battery begins with an older time."""
    async with standing(tmp_path) as stand:
        await library(stand)
        stops = dying("pairs picked")

        def at(name: str) -> None:
            if name == "pairs picked":
                stand.clock.step(timedelta(hours=-2))
            if dies:
                stops(name)

        stand.duplicates._at = at
        await stand.engine.wait(await stand.duplicates.begin(asked_by="schedule"))
        stand.duplicates._at = lambda _: None
        if dies:
            stats = await stand.search()
            assert stats["search"]["resumed"]
        assert await stand.pairs() == PAIRS
        assert await stand.groups() == PAIRS | {frozenset({"5", "999"})}


def dying(moment: str) -> Callable[[str], None]:
    """Raises at that moment."""

    def at(name: str) -> None:
        if name == moment:
            raise RuntimeError("it dies here")

    return at


def test_of_a_text_that_is_too_long_only_the_beginning_is_compared() -> None:
    labours = pytest.importorskip("reconciled.engine.duplicates.search.labours")
    begins = "\n".join(letter(number, words=5000) for number in range(30)).encode()
    assert len(begins) > labours.LONGEST
    texts = [begins + b" the one ends so", begins + b" the other ends so"]
    tasks = labours.tasks()
    one, other = tasks["texts"]({"texts": texts, "checksums": [None] * 2, "keep": True})
    assert one[3] != other[3], "what differs behind is no same sheet"
    papers = [
        [number, made[0], "", "", "", "", "", None, None, None] for number, made in enumerate((one, other))
    ]
    weights = {"of": {"text": 1.0, "numbers": 1.0}, "duplicate": 0.8, "review": 0.1}
    (found,) = tasks["compare"](
        {"pairs": [(0, 1)], "papers": papers, "weights": weights, "folder": "/nowhere"}
    )["likenesses"]
    assert found.band is Band.REVIEW
    assert found.said == labours.CUT


async def test_a_size_that_an_app_does_not_know_stops_no_search(stand: SearchStand) -> None:
    source = await library(stand)
    source.attrs["3"]["size"], source.attrs["103"]["size"] = -1, 5
    await stand.scan("books")
    await stand.search()
    assert await stand.pairs() == PAIRS


@pytest.mark.full
async def test_one_text_as_long_as_a_file_stops_no_search(stand: SearchStand) -> None:
    source = await library(stand)
    source.put(500, " ".join(map(str, range(4_000_000))))
    await stand.scan("books")
    await stand.search()
    assert await stand.pairs() == PAIRS
    assert await stand.rows("SELECT count(*) FROM paper WHERE compared = 0") == [(0,)]


async def test_two_that_wait_for_the_folder_both_have_it(tmp_path: Path) -> None:
    """Workers of a daemon that was killed still hold it when a pass and a new paper want it."""
    left = Hold(tmp_path / "duplicates")
    await left.take()
    hold, naps = Hold(tmp_path / "duplicates"), list[float]()

    async def nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 4:
            left.let_go()
        await asyncio.sleep(0)

    await asyncio.gather(hold.take(nap), hold.take(nap))
    assert hold.is_held()
    hold.let_go()
    await left.take()
    left.let_go()


def test_long_texts_are_compared_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    labours = pytest.importorskip("reconciled.engine.duplicates.search.labours")
    monkeypatch.setattr(labours, "_PORTION", 3000)
    first = {number: letter(number, words=200) for number in range(1, 9)}
    texts = {**first, **{100 + number: rescan(text) for number, text in first.items()}}
    tasks = labours.tasks()
    packed = [zlib.compress(text.encode()) for text in texts.values()]
    papers = [
        [number, text, "", "", "", "", "", None, None, None]
        for number, text in zip(texts, packed, strict=True)
    ]
    weights = {"of": {"text": 1.0, "numbers": 1.0}, "duplicate": 0.8, "review": 0.1}
    found = tasks["compare"](
        {"pairs": [(n, 100 + n) for n in first], "papers": papers, "weights": weights, "folder": "/none"}
    )["likenesses"]
    assert {(one.a, one.b, one.band) for one in found} == {(n, 100 + n, Band.DUPLICATE) for n in first}
