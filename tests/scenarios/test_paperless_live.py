"""A whole daemon beside a Paperless-ngx: documents trashed, purged, restored and hidden, and very many."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.patience import PATIENCE
from tests.scenarios.conftest import ALL_READ, HOOK, TOKEN, Home

from reconciled.app import Daemon
from reconciled.config import load
from reconciled.plugins import Registry
from reconciled.source import Hook
from reconciled.testing.clock import HurriedClock
from reconciled.testing.fakes.paperless import FakePaperless
from reconciled_paperless import Paperless

pytestmark = pytest.mark.full

BY_PASSWORD = "user: admin, password: secret-admin"


class Archive(Home):
    """A home with one app: Paperless, and who follows it."""

    def __init__(self, paperless: FakePaperless, folder: Path, *, hurry: float) -> None:
        self.paperless = paperless
        self.config = folder / "config.yaml"
        self.folder = folder
        self.hurry = hurry
        self._stack = AsyncExitStack()

    async def begin(self, options: str) -> None:
        """The daemon, and its first scan."""
        self.config.write_text(
            f"daemon: {{listen: 127.0.0.1:0, token: {TOKEN}, state: {self.folder / 'state'}}}\n"
            "defaults: {settle: 2s}\n"
            f"sources:\n  paperless: {{url: {self.paperless.url}, webhook: {HOOK}, {options}}}\n"
        )
        registry = Registry.with_types(Paperless)
        loaded = load(self.config, registry.types, environ={})
        assert loaded.settings is not None, [str(problem) for problem in loaded.problems]
        self.daemon = Daemon(
            loaded.settings, self.config, registry=registry, environ={}, files=loaded.files,
            clock=HurriedClock(self.hurry), zone=UTC, chance=random.Random(1),
        )  # fmt: skip
        await self._stack.enter_async_context(self.daemon)
        await self.until_count(ALL_READ, 1, seconds=3 * PATIENCE)  # of a hundred thousand, too

    async def told(self) -> dict[str, tuple[str, str]]:
        """What people read: by title, who did it and what proved it."""
        return {one["title"]: (one["cause"], one["sentence"]) for one in await self.stories()}

    async def presence(self, number: int) -> str:
        (row,) = await self.rows("SELECT presence FROM item WHERE key = ?", str(number))
        return str(row["presence"])

    async def reading(self) -> None:
        """Wait until the app is listened to."""

        async def connected() -> bool:
            return bool(self.paperless.listeners)

        await self.until(connected)


Begin = Callable[..., Awaitable[Archive]]


@pytest.fixture
async def begin(tmp_path: Path) -> AsyncIterator[Begin]:
    """`await begin("poll: off")`: 40 documents, followed with the admin's token unless told otherwise."""
    async with AsyncExitStack() as stack:

        async def make(
            options: str = "poll: off",
            *,
            user: str | None = None,
            documents: int = 40,
            hurry: float = 20.0,
            rights: frozenset[str] | None = None,
        ) -> Archive:
            app = await stack.enter_async_context(FakePaperless())
            token = app.api_key
            if user is not None:
                made = app.put_user(user, **({} if rights is None else {"rights": rights}))
                token = made.token
            began = app.now() - timedelta(days=60)
            for each in range(documents):
                at = began + timedelta(seconds=each)
                app.put(f"Letter {each}", owner=None, added=at, modified=at)
            who = "" if "user:" in options else f"token: {token}, "
            home = Archive(app, tmp_path, hurry=hurry)
            stack.push_async_callback(home.stop)
            await home.begin(who + options)
            return home

        yield make


async def test_a_document_deleted_alone_is_found_by_the_ids(begin: Begin) -> None:
    """Paperless tells nobody; its trash says who it was. And restored, it lives again under its number."""
    home = await begin()
    home.paperless.delete(3)
    await home.scan()
    await home.until_count("tombstone", 1)
    cause, sentence = (await home.told())["Letter 2"]
    assert cause == "paperless"
    assert "in the trash" in sentence
    assert await home.presence(3) == "gone"
    home.paperless.restore(3)
    await home.scan()
    await home.until_count("revival", 1)
    assert await home.presence(3) == "present"
    assert await home.count("finding", "code = 'gone' AND resolved_at IS NULL") == 0


async def test_when_somebody_deleted_it_on_the_page_is_known_from_the_trash(begin: Begin) -> None:
    """The page's single delete tells nobody, and no audit log names a person before it is restored."""
    home = await begin()
    home.paperless.delete(3)
    await home.scan()
    await home.until_count("evidence", 1, "how = 'trash' AND moment IS NOT NULL")
    (told,) = await home.stories()
    assert (told["cause"], told["actor"]) == ("paperless", None)
    assert "moved to the trash of Paperless at" in told["sentence"]
    assert [(step["who"], step["source"]) for step in told["steps"]] == [("paperless", "paperless")]
    assert {one["how"] for one in told["evidence"]} == {"scan", "lookup", "trash"}


async def test_a_document_deleted_alone_is_noticed_by_looking(begin: Begin) -> None:
    """Nobody orders a scan; and the trash bears out that Paperless itself did it."""
    home = await begin("poll: 20s")
    home.paperless.delete(3)
    await home.until_count("tombstone", 1)
    cause, sentence = (await home.told())["Letter 2"]
    assert cause == "paperless"
    assert "in the trash" in sentence


async def test_many_deleted_at_once_are_told_by_the_stream(begin: Begin) -> None:
    """More than `max_gone` of all: what the trash shows is not counted towards a hold."""
    home = await begin(f"{BY_PASSWORD}, poll: off")
    await home.reading()
    await home.paperless.bulk_delete(*range(1, 21))
    await home.until_count("tombstone", 20)
    assert {cause for cause, _ in (await home.told()).values()} == {"paperless"}
    assert await home.count("hold") == 0
    missed = """pass = 'scan' AND stats NOT LIKE '%"unlisted":0%'"""
    assert await home.count("run", missed) == 0, "no scan told of them, whyever one may have run meanwhile"


async def test_a_purged_document(begin: Begin) -> None:
    home = await begin()
    home.paperless.purge(5)
    await home.scan()
    await home.until_count("tombstone", 1)
    assert "purged: 404 of Paperless-ngx 3.0.5" in (await home.told())["Letter 4"][1]


async def test_one_is_restored_while_it_settles(begin: Begin) -> None:
    home = await begin(f"{BY_PASSWORD}, poll: off")
    await home.reading()
    await home.paperless.bulk_delete(7)
    home.paperless.restore(7)
    await home.until_well()
    await home.settled()

    async def is_back() -> bool:  # on a busy machine the word of its deletion may come late
        return await home.presence(7) == "present"

    await home.until(is_back)
    await home.until_well()
    assert await home.count("tombstone") == 0


@pytest.mark.parametrize("counts", [True, False], ids=["the total tells", "no total"])
async def test_what_is_hidden_from_us_is_unknown_and_never_gone(begin: Begin, counts: bool) -> None:
    """Somebody takes documents as their own: to us they look exactly like deleted ones."""
    rights = frozenset({"view_document", "view_uisettings", "view_tag", "delete_document"})
    home = await begin(user="ann", rights=rights | ({"view_global_statistics"} if counts else set()))
    for number in (3, 4):
        home.paperless.hide(number, owner=home.paperless.admin.id)
    home.paperless.delete(10)
    await home.scan()
    if counts:
        await home.until_count("suspect", 3, "hold_id IS NOT NULL")
        reasons = await home.rows("SELECT reason FROM hold WHERE closed_at IS NULL")
        assert [one["reason"] for one in reasons] == ["account"]
    else:
        await home.until_count("tombstone", 1)
        assert list(await home.told()) == ["Letter 9"]
    await home.settled(70)
    await home.scan()
    await home.settled()
    assert await home.count("tombstone", "key IN ('3', '4')") == 0
    assert await home.presence(3) == "unlisted"
    for number in (3, 4):
        home.paperless.show(number, max(home.paperless.state.users))
    await home.scan()
    assert [await home.presence(number) for number in (3, 4)] == ["present", "present"]


async def test_another_database_behind_the_address(begin: Begin) -> None:
    """The same numbers, other documents."""
    home = await begin()
    home.paperless.empty_database()
    home.paperless.put_many(40)
    await home.scan()
    await home.settled(20)
    assert await home.count("tombstone") == 0
    assert await home.count("hold", "closed_at IS NULL AND reason = 'instance'") == 1


async def test_an_empty_database_behind_the_address(begin: Begin) -> None:
    home = await begin()
    home.paperless.empty_database()
    await home.scan()
    await home.settled(20)
    assert await home.count("tombstone") == 0
    assert await home.count("hold", "closed_at IS NULL") == 1


async def test_webhooks_of_our_workflow(begin: Begin) -> None:
    """Made by the plugin itself, with the source's secret; what it sends is looked at."""
    home = await begin()
    source: Any = home.daemon.sources.source("paperless")
    await source.provision(Hook(f"{home.daemon.url}/webhooks/paperless", HOOK))
    await home.paperless.add("Told at once")
    await home.until_count("item", 41)
    await home.paperless.edit(3, title="Another title")
    await home.until_count("item", 1, "title = 'Another title'")
    assert {sent.status for sent in home.paperless.sent} == {202}
    assert await home.count("inbox", "state = 'unparseable'") == 0


@pytest.mark.timeout(900)
@pytest.mark.parametrize("documents", [4_000, pytest.param(100_000, marks=pytest.mark.full)])
async def test_a_hundred_thousand_documents(begin: Begin, documents: int) -> None:
    """Ten changed and three were trashed: a scan and its proofs take at most ten requests in all."""
    home = await begin(documents=documents)
    assert await home.count("item", "presence = 'present'") == documents
    await home.until_well()
    app = home.paperless
    for number in range(500, 510):
        await app.edit(number, title=f"Edited {number}")
    for number in (7, documents // 2, documents - 1):
        app.delete(number)
    app.requests.clear()
    (run,) = await home.scan()
    await home.until_count("tombstone", 3)
    await home.until_well()
    assert run["state"] == "complete"
    assert len(app.requests) <= 10, app.requests
    assert await home.count("item", "title LIKE 'Edited %'") == 10
    assert set(await home.told()) == {f"Letter {number - 1}" for number in (7, documents // 2, documents - 1)}
