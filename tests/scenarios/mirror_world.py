"""A practice whose files are to be mirrored, with every kind of trouble in it, and the truth about it.

Seeded: the same numbers make the same world. `expected` says what archive and Paperless have to hold in
the end, `differences` what they do not, a line each.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from reconciled.testing.fakes.paperless import FakePaperless
from reconciled.testing.fakes.vsrx import FakeVsrx

MOST = 20_000
"""Bytes of the largest file that may travel."""
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
        """The checksums that have to be uploaded to Paperless, each once: all that no user put there before."""
        return self.bytes - set(self.users.values())


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
        patient = f"P-{number % patients:04}"
        kind = chance.choices(
            ("good", "same", "deleted", "corrupt", "big", "type", "path"), (68, 17, 5, 3, 3, 3, 1)
        )[0]
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
        made = vsrx.put_file(patient, path=path, content=body)
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
    uploads = [one.sha256 for one in paperless.state.tasks.values()]
    found += [f"{name} was uploaded {n} times" for name, n in sorted(paperless.uploads.items()) if n > 1]
    return found
