"""A practice whose files are to be mirrored, with every kind of trouble in it, and the truth about it.

Seeded: the same numbers make the same world. `bytes` and `uploads` say what archive and Paperless have to
hold in the end, `differences` what they do not, `leftovers` what a mirror that is done should not have left
in its ledger and folders; a line each.
"""

import contextlib
import random
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from reconciled.testing.fakes.paperless import FakePaperless
from reconciled.testing.fakes.vsrx import FakeVsrx

MOST = 20_000
"""Bytes of the largest file that may travel."""
_SHARES = (68, 17, 5, 3, 3, 3, 1)
"""Of a hundred files: good ones, same ones, and each kind of trouble."""
_JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"


@dataclass
class MirrorWorld:
    """What was put where: `good` files by id with their bytes' checksum, `users` documents by number."""

    good: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    users: dict[int, str] = field(default_factory=dict)

    @property
    def bytes(self) -> set[str]:
        """The checksums that have to be in the archive."""
        return set(self.good.values())

    @property
    def uploads(self) -> set[str]:
        """The checksums that have to be uploaded to Paperless, once each: all that no user put there."""
        return self.bytes - set(self.users.values())


def config(
    vsrx: FakeVsrx,
    paperless: FakePaperless,
    archive: Path,
    state: Path,
    *,
    token: str,
    port: int = 0,
    hook: str = "",
    mode: str = "act",
    settle: str = "1s",
    mirror: str = "",
    policies: str = "",
    timeouts: tuple[str, str, str] = ("timeout: 2s", "timeout: 5s", "timeout: 30s"),
) -> str:
    """The config of a daemon that mirrors them. `mirror` are more settings of the mirror, `timeouts` those
    of VSRX, Paperless and the archive.
    """
    hooked = f", webhook: {hook}" if hook else ""
    return (
        f"mode: {mode}\n"
        f"daemon: {{listen: 127.0.0.1:{port}, token: {token}, state: {state}}}\n"
        f"defaults: {{settle: {settle}}}\nsources:\n"
        f"  vsrx: {{url: {vsrx.url}, token: {vsrx.api_key}{hooked}, poll: off, {timeouts[0]}}}\n"
        f"  paperless: {{url: {paperless.url}, token: {paperless.api_key}, poll: off, {timeouts[1]}}}\n"
        f"  archive: {{url: 'file://{archive}', {timeouts[2]}}}\n"
        "policies:\n"
        "  mirror_vsrx: {mirror: vsrx, kind: file, to: [paperless, archive], types: [pdf, jpeg],"
        f" max_size: {MOST}B{', ' + mirror if mirror else ''}}}\n{policies}"
    )


def checksum(body: bytes) -> str:
    return sha256(body).hexdigest()


def pdf(text: str) -> bytes:
    """The smallest file that is one."""
    return f"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n%{text}\ntrailer<</Root 1 0 R>>\n%%EOF\n".encode()


def build(
    vsrx: FakeVsrx, paperless: FakePaperless, *, patients: int, files: int, users: int, seed: int = 1
) -> MirrorWorld:
    """Fill the apps. A fifth of the good files have the bytes of another one."""
    chance, world = random.Random(seed), MirrorWorld()
    for number in range(patients):
        vsrx.put_patient(f"P-{number:04}")
    bodies: list[bytes] = []
    for number in range(files):
        (kind,) = chance.choices(("good", "same", "deleted", "corrupt", "big", "type", "path"), _SHARES)
        path, body, mime = _file(kind, number, bodies, chance)
        made = vsrx.put_file(f"P-{number % patients:04}", path=path, content=body)
        made.mime = mime
        if kind in ("good", "same"):
            world.good[made.id] = checksum(body)
            bodies.append(body)
        elif kind == "deleted":
            vsrx.flag(made.id)
            world.deleted.add(made.id)
        else:
            world.refused[made.id] = kind
    for number in range(users):
        body = chance.choice(bodies) if number % 3 else pdf(f"letter of a user {number}")
        document = paperless.put(f"User's {number}", data=body, file_name=f"user{number}.pdf")
        world.users[document.id] = checksum(body)
    return world


def _file(kind: str, number: int, bodies: list[bytes], chance: random.Random) -> tuple[str, bytes, str]:
    """Path, bytes and declared type of a file of this kind; `bodies` are those of the good ones so far."""
    path, body, mime = f"notes/2024/IMG{number:05}.pdf", pdf(f"file {number}"), "application/pdf"
    if number % 3 == 0:
        path, body, mime = path[:-3] + "jpg", _JPEG + b"picture %d" % number, "image/jpeg"
    match kind:
        case "same" if bodies:
            body = chance.choice(bodies)
            mime = "image/jpeg" if body.startswith(_JPEG) else "application/pdf"
        case "corrupt":
            body = b"no such thing %d" % number
        case "big":
            body += b"x" * MOST
        case "type":
            path, body, mime = f"notes/2024/a{number}.exe", b"MZ\x90\x00 %d" % number, "application/x-dosexec"
        case "path":
            path = f"../etc/{number}.pdf"
    return path, body, mime


def held_by_archive(folder: Path) -> set[str]:
    """The names of the blobs in a folder."""
    return {path.name for path in (folder / "blobs").glob("*/*") if path.is_file()}


def differences(
    world: MirrorWorld, paperless: FakePaperless, archive: Path, *, before: Mapping[int, object]
) -> list[str]:
    """What is not as it has to be. `before` are the users' documents as they were."""
    found = []
    blobs = held_by_archive(archive)
    found += [f"the archive lacks {name}" for name in sorted(world.bytes - blobs)]
    found += [f"the archive has {name} too much" for name in sorted(blobs - world.bytes)]
    documents = paperless.state.documents
    for number, document in before.items():
        if documents.get(number) != document:
            found.append(f"the user's document {number} is not what it was")
    ours = [checksum(bytes(one.bytes)) for number, one in documents.items() if number not in before]
    found += [f"Paperless lacks {name}" for name in sorted(world.uploads - set(ours))]
    found += [f"Paperless has {name} too often" for name in sorted(set(ours)) if ours.count(name) > 1]
    found += [f"Paperless has {name} for nothing" for name in sorted(set(ours) - world.uploads)]
    found += [f"{name} was uploaded {n} times" for name, n in sorted(paperless.uploads.items()) if n > 1]
    return found


_DANGLING = {
    "copy {} still waits": "SELECT id FROM copy WHERE status IN ('pending', 'processing')",
    "copy {} is bound to an upload": "SELECT id FROM copy WHERE sent IS NOT NULL OR twin IS NOT NULL",
    "copy {} is in no place": (
        "SELECT id FROM copy WHERE status IN ('synced', 'duplicate') AND NOT EXISTS (SELECT 1 FROM item "
        "WHERE item.id = target_item AND presence = 'present' AND current = 1)"
    ),
    "item {} of the archive is nobody's copy": (
        "SELECT item.id FROM item JOIN source ON source.id = source_id WHERE source.name = 'archive' AND "
        "presence = 'present' AND NOT EXISTS (SELECT 1 FROM copy WHERE target_item = item.id)"
    ),
    "run {} never ended": "SELECT id FROM run WHERE state = 'running'",
    "{} is being taken out": "SELECT key FROM leaving",
    "it is not whole: {}": "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
    "{} refers to nothing": 'SELECT "table" FROM pragma_foreign_key_check',
}


def leftovers(state: Path, archive: Path) -> list[str]:
    """What dangles once all is brought: rows without an end, blobs and rows without each other, files.

    What is left in the archive's `incoming` is the archive's affair, which sweeps it after a day.
    """
    found = []
    with contextlib.closing(
        sqlite3.connect(f"file:{state / 'ledger.db'}?mode=ro", uri=True, timeout=5)
    ) as db:
        for said, sql in _DANGLING.items():
            found += [said.format(row) for (row,) in db.execute(sql)]
        known = {
            str(key)
            for (key,) in db.execute(
                "SELECT item.key FROM item JOIN source ON source.id = source_id "
                "WHERE source.name = 'archive' AND presence = 'present'"
            )
        }
    blobs = held_by_archive(archive)
    found += [f"the ledger has no blob {name}" for name in sorted(blobs - known)]
    found += [f"the ledger has a blob {name} that is not there" for name in sorted(known - blobs)]
    left = [
        path for path in sorted((state / "transfers").rglob("*")) if path.is_file() and path.stat().st_size
    ]
    return found + [f"{path.parent.name}/{path.name} was left behind" for path in left]
