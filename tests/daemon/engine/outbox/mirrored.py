"""A site whose files travel: a VSRX, a document store, an archive, vectors; and the rows of copies."""

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, ClassVar

from tests.daemon.engine.conftest import SETTLE, Notes, World

from reconciled.config import Policy, Step, Verb, When
from reconciled.engine.live import Rules
from reconciled.http import Http
from reconciled.ledger import items, sources
from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import ItemRow
from reconciled.model import Absent, Item, Key, Ref
from reconciled.source import Content, Context, SourceConfig, Unchanged
from reconciled.testing.model_app import ModelApp, ModelSource

GRACE = 11 * 60
NOW = "2026-01-01T00:00:00.000Z"


class Files(ModelSource):
    """An app that hands files out, which belong to filesets."""

    kinds: ClassVar[tuple[str, ...]] = ("fileset", "file")
    fileset: ClassVar[str | None] = "patient"

    @asynccontextmanager
    async def fetch(
        self, key: Key, *, start: int = 0, etag: str | None = None
    ) -> AsyncIterator[Content | Unchanged | Absent]:
        """Nothing travels in these tests."""
        del key, start, etag
        yield Absent("not here")

    def origin(self, item: Item) -> Mapping[str, str]:
        """Nothing is kept."""
        del item
        return {}


class Documents(ModelSource):
    """An app that holds documents."""

    kinds: ClassVar[tuple[str, ...]] = ("document",)


class Archive(ModelSource):
    """An app that keeps bytes by their content."""

    kinds: ClassVar[tuple[str, ...]] = ("blob",)
    by_content: ClassVar[bool] = True
    tagged: ClassVar[bool] = False


class Vectors(ModelSource):
    """An app whose items refer to documents."""

    kinds: ClassVar[tuple[str, ...]] = ("vector",)
    tagged: ClassVar[bool] = False


CLASSES: dict[str, type[ModelSource]] = {
    "vsrx": Files,
    "folder": Files,
    "paperless": Documents,
    "archive": Archive,
    "documents": Documents,
    "chroma": Vectors,
}


def sha(n: int) -> str:
    """A SHA-256, by number."""
    return f"{n:064x}"


def file(n: int, *, same_as: int | None = None, patient: str = "p1", declared: bool = True) -> Item:
    """A file of VSRX; `declared`: the app says what its bytes are."""
    bytes_ = {Ref("sha256", sha(same_as if same_as is not None else n))} if declared else set[Ref]()
    refs = frozenset({Ref("vsrx-file", str(n)), *bytes_})
    return Item(Key("file", str(n)), f"scan {n}.pdf", refs, {"patient": patient, "tags": []}, has_file=True)


def fileset(name: str, *previous: str) -> Item:
    """A fileset, with the ids that its patient had before."""
    refs = frozenset(Ref("vsrx-patient", one) for one in (name, *previous))
    return Item(Key("fileset", name), f"Patient {name}", refs, {"previous": [*previous], "tags": []})


def document(n: int, *, of: int, tags: tuple[str, ...] = ()) -> Item:
    """A document with the bytes of a file."""
    refs = frozenset({Ref("paperless-document", f"{n}@2025"), Ref("sha256", sha(of))})
    return Item(Key("document", str(n)), f"Document {n}", refs, {"tags": [*tags]}, has_file=True)


def blob(of: int) -> Item:
    """The bytes of a file in an archive."""
    refs = frozenset({Ref("blob", sha(of)), Ref("sha256", sha(of))})
    return Item(Key("blob", sha(of)), f"blob {of}", refs, has_file=True)


def vector(*documents: int, key: str | None = None) -> Item:
    """What was computed of documents."""
    refs = frozenset(Ref.parse(f"paperless:document/{n}") for n in documents)
    return Item(Key("vector", key or "-".join(map(str, documents))), "vectors", refs, refers=True)


async def follow(world: World, *names: str) -> None:
    """Follow these apps of the site."""
    for name in names:
        model, maker = world.apps.setdefault(name, ModelApp()), CLASSES[name]
        context = Context(name, Http.__new__(Http), world.clock, logging.getLogger(name), Notes())
        await world.engine.add(
            name,
            maker(model, SourceConfig(), context),
            rules=Rules(SETTLE, 1.0),
            kinds=frozenset(maker.kinds),
            scope={},
        )


async def a_site(world: World, *, files: int = 3) -> None:
    """Files 81, 82, … in VSRX, with bytes of their own; documents 11, 12, … and blobs are our copies."""
    await follow(world, "vsrx", "paperless", "archive", "chroma")
    numbers = range(81, 81 + files)
    world.apps["vsrx"].put(fileset("p0"), fileset("p1"), *map(file, numbers), file(99))
    world.apps["paperless"].put(*(document(n - 70, of=n) for n in numbers), document(1, of=1))
    world.apps["archive"].put(*map(blob, numbers), blob(1))
    world.apps["chroma"].put(*(vector(n - 70) for n in numbers), vector(1))
    for name in ("vsrx", "paperless", "archive", "chroma"):
        await world.scan(name)
    for n in numbers:
        await brought(world, n, "paperless", document(n - 70, of=n).key)
        await brought(world, n, "archive", blob(n).key)


def row_of(tx: Tx, name: str, key: Key) -> ItemRow:
    """What the ledger holds under a key."""
    source = sources.get(tx, name)
    assert source is not None
    return next(row for row in items.by_key(tx, source.id, key) if row.current)


async def brought(
    world: World,
    n: int,
    target: str,
    key: Key | None = None,
    *,
    how: str | None = "made",
    status: str | None = None,
    bytes_: int | None = None,
    source: str = "vsrx",
    sent: bool = False,
) -> None:
    """The ledger says that file `n` was brought to a target, where it is the item `key`."""

    def write(tx: Tx) -> None:
        original = row_of(tx, source, Key("file", str(n)))
        copied = row_of(tx, target, key) if key is not None else None
        said = status or ("synced" if how == "made" else "duplicate")
        print_ = sha(bytes_ if bytes_ is not None else n)
        tx.execute(
            "INSERT INTO copy (mirror, item_id, source, kind, key, title, fileset, target, status, how, "
            "sha256, target_kind, target_key, target_item, sent, created_at, changed_at) VALUES "
            "('m', ?, ?, 'file', ?, ?, 'p1', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                original.id, source, str(n), original.item.title, target, said,
                how if key is not None else None, print_, key.kind if key is not None else None,
                key.id if key is not None else None, copied.id if copied is not None else None,
                1.0 if sent else None, NOW, NOW,
            ),
        )  # fmt: skip

    await world.ledger.write(write)


async def copies(world: World, target: str = "paperless") -> dict[str, tuple[str, str]]:
    """What the ledger says of each file's copy in a target: status and code."""
    found = await world.rows(
        "SELECT source, key, status, code FROM copy WHERE target = ? ORDER BY id", target
    )
    return {f"{row['source']} {row['key']}": (row["status"], row["code"]) for row in found}


async def reason(world: World, n: int, target: str = "paperless") -> str:
    """Why a file's copy stands where it stands."""
    (found,) = await world.rows(
        "SELECT reason FROM copy WHERE key = ? AND target = ? AND source = 'vsrx'", str(n), target
    )
    return str(found["reason"])


async def lose_file(world: World, n: int, *, source: str = "vsrx") -> None:
    """A file goes, proved."""
    world.apps[source].remove(Key("file", str(n)))
    await world.scan_and_settle(source)


async def lose_document(world: World, n: int) -> None:
    """A document goes by somebody else's hand, proved."""
    world.apps["paperless"].remove(Key("document", str(n)))
    await world.scan_and_settle("paperless")


async def judge(world: World, *names: str) -> None:
    """The orphans passes run."""
    for name in names or ("vsrx", "paperless", "archive", "chroma"):
        await world.engine.perform("orphans", name, asked_by="a test")


def deleted(world: World) -> list[str]:
    """What was deleted anywhere, as "app kind id", sorted."""
    return sorted(
        f"{name} {act[1]}" for name, app in world.apps.items() for act in app.acts if act[0] == "delete"
    )


def everywhere(name: str = "everywhere", *targets: str, **more: Any) -> Policy:
    """A file that is gone from VSRX goes everywhere."""
    steps = tuple(
        Step(Verb.DELETE, target, files=target != "chroma")
        for target in targets or ("paperless", "archive", "chroma")
    )
    usual: dict[str, Any] = {"when": When.GONE, "sources": frozenset({"vsrx"}), "grace": 600.0}
    return Policy(name, then=steps, **(usual | more))
