"""Apps are asked what they remember of a loss: once, durably, and it makes evidence and nothing else."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Literal

import pytest

from reconciled.engine.attribution import Attribution, attribute
from reconciled.engine.live import Rules
from reconciled.engine.recalling import AFTER, AGAIN, Recalling
from reconciled.errors import SourceError, Unreachable, Unsupported
from reconciled.http import Http
from reconciled.ledger import tombstones
from reconciled.model import Event, Item, Key, Op
from reconciled.source import Context, SourceConfig
from reconciled.testing.model_app import ModelApp, ModelSource

LOST = Key("movie", "7")


class Remembering(ModelSource):
    """A model app with a history."""

    remembers_in: ClassVar[Literal["history", "trash"]] = "history"

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.memory: list[Event] = []
        self.questions: list[tuple[Key, datetime]] = []
        self.troubled: SourceError | None = None
        self.odd: Any = None

    async def recall(self, item: Item, since: datetime) -> Sequence[Event]:
        """What it remembers of the item since then."""
        self.questions.append((item.key, since))
        if self.troubled is not None:
            raise self.troubled
        if self.odd is not None:
            found: Sequence[Event] = self.odd
            return found
        return [one for one in self.memory if one.key == item.key and one.occurred and one.occurred >= since]


class Stand:
    """Radarr remembers, Jellyfin does not; both hold the same hundred films."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.radarr: Remembering
        self.asking: Recalling

    async def begin(self, film: Any) -> None:
        app = self.world.apps["radarr"] = ModelApp()
        self.radarr = await self.remembering("radarr", app)
        self.asking = Recalling(self.world.engine, "radarr")
        jellyfin = await self.world.follow("jellyfin", many=True)
        app.put(*(film(n) for n in range(1, 101)))
        jellyfin.put(*(film(n, key=f"j{n}") for n in range(1, 101)))
        self.world.clock.advance(600)
        for name in ("radarr", "jellyfin"):
            await self.world.scan(name)
        self.world.clock.advance(3600)
        assert await self.ask() == 0

    async def remembering(self, name: str, app: ModelApp) -> Remembering:
        context = Context(
            name, Http.__new__(Http), self.world.clock, logging.getLogger(name), None,  # type: ignore[arg-type]  # it keeps no notes
        )  # fmt: skip
        source = Remembering(app, SourceConfig(), context)
        kinds, rules = frozenset({"movie"}), Rules(20.0, 0.5)
        await self.world.engine.add(name, source, rules=rules, kinds=kinds, scope={})
        return source

    async def lose(self, name: str, *keys: str) -> None:
        """The app loses these silently, a scan notices, and the losses are proved."""
        for key in keys:
            self.world.apps[name].remove(Key("movie", key))
        await self.world.scan_and_settle(name)
        assert await self.ask() == 0, "the losses of one moment are asked about together"

    async def ask(self, after: float = 0.0) -> int:
        self.world.clock.advance(after)
        return await self.asking.look_once()

    def did(self, minutes: int, reason: str, key: Key = LOST, **more: Any) -> None:
        """Something in the app's history, so many minutes ago."""
        at = self.world.clock.now() - timedelta(minutes=minutes)
        self.radarr.memory.append(Event(Op.FILE_DELETED, key, occurred=at, reason=reason, **more))

    async def told(self, story: int = 1) -> Attribution:
        evidence = await self.world.ledger.read(lambda tx: tombstones.of_story(tx, story))
        return attribute(evidence, title="Film 7", zone=UTC, now=self.world.clock.now())

    async def questions(self) -> list[tuple[str, int, str]]:
        rows = await self.world.rows("SELECT state, tries, note FROM recall ORDER BY id")
        return [(row["state"], row["tries"], row["note"]) for row in rows]


@pytest.fixture
async def stand(world: Any, film: Any) -> Stand:
    made = Stand(world)
    await made.begin(film)
    return made


async def test_the_app_that_lost_it_says_how(stand: Stand) -> None:
    await stand.lose("radarr", "7")
    assert (await stand.told()).cause == "external"
    stand.did(5, "Manual")
    assert await stand.ask(AFTER) == 1
    found = await stand.told()
    assert found.cause == "radarr"
    assert "its file was deleted through Radarr (its page or its API) at" in found.sentence
    assert [step.how for step in found.steps] == ["history"]
    assert await stand.questions() == [("answered", 0, "1 remembered")]


async def test_what_it_found_missing_it_did_not_do(stand: Stand) -> None:
    await stand.lose("radarr", "7")
    stand.did(5, "MissingFromDisk", external=True)
    await stand.ask(AFTER)
    found = await stand.told()
    assert (found.cause, [step.did for step in found.steps]) == (
        "external",
        ["Radarr noticed the missing file"],
    )


async def test_an_app_that_holds_the_thing_is_asked_too(stand: Stand) -> None:
    """Its history names it before Jellyfin merely noticed."""
    stand.did(30, "Manual")
    await stand.lose("jellyfin", "j7")
    assert await stand.ask(AFTER) == 1
    found = await stand.told()
    assert (found.cause, [step.source for step in found.steps]) == ("radarr", ["radarr", "jellyfin"])


async def test_it_is_asked_once_and_together(stand: Stand) -> None:
    await stand.lose("radarr", *map(str, range(1, 41)))
    assert await stand.ask(AFTER) == 40
    sinces = [since for _, since in stand.radarr.questions]
    assert sinces == sorted(sinces)
    assert await stand.ask(86400) == 0
    assert len(stand.radarr.questions) == 40


async def test_nothing_is_asked_of_what_only_refers_or_is_unrelated(stand: Stand) -> None:
    await stand.lose("jellyfin", "j7", "j8")
    await stand.ask(AFTER)
    assert [key for key, _ in stand.radarr.questions] == [Key("movie", "7"), Key("movie", "8")]


async def test_no_answer_is_asked_for_again_and_at_last_given_up(stand: Stand) -> None:
    await stand.lose("radarr", "7")
    stand.radarr.odd = "no list"
    for wait in (AFTER, *AGAIN):
        assert await stand.ask(wait) == 0
    ((state, tries, note),) = await stand.questions()
    assert (state, tries) == ("given up", len(AGAIN) + 1)
    assert "gave str" in note
    assert await stand.ask(86400) == 0


async def test_an_app_in_trouble_is_not_asked_and_a_restart_forgets_nothing(stand: Stand, film: Any) -> None:
    await stand.lose("radarr", "7")
    stand.did(5, "Manual")
    stand.radarr.troubled = Unreachable("it is down")
    await stand.ask(AFTER)
    assert len(stand.radarr.questions) == 1
    stand.radarr.troubled = None
    again = Recalling(stand.world.engine, "radarr")
    await stand.world.engine.probe("radarr")
    stand.world.clock.advance(AGAIN[0])
    assert await again.look_once() == 1
    assert (await stand.told()).cause == "radarr"


async def test_an_app_that_cannot_is_asked_once(stand: Stand) -> None:
    await stand.lose("radarr", "7")
    stand.radarr.troubled = Unsupported("no history here")
    assert await stand.ask(AFTER) == 1
    assert await stand.questions() == [("answered", 0, "no history here")]


async def test_another_world_is_not_asked(stand: Stand) -> None:
    await stand.lose("radarr", "7")
    stand.world.place("radarr").live.stranger = "another installation answers"
    assert await stand.ask(AFTER) == 0
    assert stand.radarr.questions == []


@pytest.mark.parametrize("minutes", [-180, 600], ids=["ahead", "behind"])
async def test_a_clock_that_is_off_is_not_believed(stand: Stand, minutes: int) -> None:
    """What it tells counts, when it says that was does not: it stands before what its own app noticed."""
    await stand.lose("radarr", "7")
    stand.did(minutes, "Manual")
    stand.radarr.memory, stand.radarr.odd = [], list(stand.radarr.memory)
    await stand.ask(AFTER)
    found = await stand.told()
    assert found.cause == "radarr"
    assert "by its own clock, which is off" in found.sentence


@pytest.mark.parametrize("own", [True, False], ids=["its own", "of another"])
async def test_what_was_deleted_after_the_loss_did_not_cause_it(stand: Stand, own: bool) -> None:
    """Radarr answers three days late, and remembers what a person deleted there yesterday."""
    await (stand.lose("radarr", "7") if own else stand.lose("jellyfin", "j7"))
    stand.world.clock.advance(3 * 86400)
    stand.did(1440, "Manual")
    assert await stand.ask() == 1
    found = await stand.told()
    assert (found.cause, [step.source for step in found.steps]) == (
        "external",
        ["radarr" if own else "jellyfin"],
    )


@pytest.mark.parametrize("own", [True, False], ids=["its own", "of another"])
async def test_a_key_that_names_another_thing_by_now_is_not_asked_about(
    stand: Stand, film: Any, own: bool
) -> None:
    """What the app remembers under it may be of the new one."""
    await (stand.lose("radarr", "7") if own else stand.lose("jellyfin", "j7"))
    stand.world.apps["radarr"].put(film(700, key="7"))
    await stand.world.scan("radarr")
    stand.did(5, "Manual")
    assert await stand.ask(AFTER) == 0
    assert stand.radarr.questions == []
    assert (await stand.told()).cause == "external"
    assert await stand.questions() == [("answered", 0, "not asked: its key names another thing now")]


async def test_a_thing_that_is_back_under_its_key_is_asked_about(stand: Stand, film: Any) -> None:
    await stand.lose("radarr", "7")
    stand.world.apps["radarr"].put(film(7))
    await stand.world.scan("radarr")
    stand.did(5, "Manual")
    assert await stand.ask(AFTER) == 1
    assert (await stand.told()).cause == "radarr"


async def test_what_we_deleted_ourselves_is_nothing_to_ask_about(stand: Stand) -> None:
    ours = tombstones.Evidence(1, "2026-01-01T01:00:00.000Z", "action", "by us", "reconciled", "forget", None)
    await stand.world.ledger.write(lambda tx: tombstones.add_evidence(tx, "radarr", LOST, ours))
    await stand.lose("radarr", "7")
    assert await stand.ask(AFTER) == 0
    assert await stand.questions() == []


async def test_only_a_scan_leaves_a_window(stand: Stand) -> None:
    """Between when the last scan that showed it began, and the one that did not."""
    await stand.lose("jellyfin", "j7")
    assert (
        "Jellyfin no longer listed it, so it went between 00:10 (last seen) and 01:10"
        in (await stand.told()).sentence
    )


async def test_an_upgrade_is_no_loss(stand: Stand) -> None:
    stand.did(20, "Upgrade")
    await stand.lose("jellyfin", "j7")
    await stand.ask(AFTER)
    found = await stand.told()
    assert found.cause == "external"
    assert "Radarr replaced its file" in found.sentence
