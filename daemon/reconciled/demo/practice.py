"""The demo's small practice: a VSRX with files of patients, and a Paperless-ngx that has letters of its own.

Nearly all files are good. A few are there to be refused, and two pairs have the same bytes: one within VSRX,
one of a file and of a document that somebody put into Paperless-ngx by hand. No real patient is meant.
"""

import random
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

from reconciled.demo import papers
from reconciled.testing.fakes.paperless import FakePaperless
from reconciled.testing.fakes.paperless_model import Document
from reconciled.testing.fakes.paperless_pictures import page
from reconciled.testing.fakes.vsrx import FakeVsrx
from reconciled.testing.fakes.vsrx_model import PatientFile

PATIENTS = 8
MOST = 64 * 2**10
"""Bytes of the largest file that travels."""
CONSUMING = 3.0
"""Seconds that Paperless-ngx takes for a file."""

_DOCUMENT, _IMAGE = "application/pdf", "image/jpeg"
_PAPERS = (
    ("referral", "pdf", _DOCUMENT),
    ("blood-count", "pdf", _DOCUMENT),
    ("x-ray-left-hand", "jpg", _IMAGE),
    ("vaccination-record", "jpg", _IMAGE),
    ("consent-form", "pdf", _DOCUMENT),
)
_LINES, _WORDS, _LETTERS = (6, 28), 3, range(4, 60)
"""What a page without words seems to have: lines, words in each, letters in each of these."""


class _Papers(FakePaperless):
    """A Paperless-ngx that shows, of what has no words, a page that is drawn of its bytes."""

    def put(self, title: str = "Letter", **more: Any) -> Document:
        """A document that is there; no two of other bytes look alike."""
        if more.get("data") and not more.get("content"):
            chance = random.Random(more["data"])  # noqa: S311 - made up, no secret
            lengths = chance.choices(_LETTERS, k=chance.randint(*_LINES) * _WORDS)
            more.setdefault("picture", page(" ".join("x" * length for length in lengths)))
        return super().put(title, **more)


class Practice:
    """`async with Practice(secret=…) as practice: … practice.vsrx.url …`."""

    def __init__(self, *, secret: str) -> None:
        """Fill both; nothing listens yet. `secret` signs the webhooks of VSRX."""
        self.vsrx = FakeVsrx(api_key="e5" * 16, secret=secret)
        self.paperless = _Papers(api_key="f6" * 20)
        self.paperless.delay = CONSUMING
        self._stack = AsyncExitStack()
        for number in range(PATIENTS):
            self._patient(f"P-{1001 + number}")
        self._odd_ones("P-1003")
        self._own_letters()

    def _patient(self, patient: str) -> None:
        self.vsrx.put_patient(patient)
        for name, ending, mime in _PAPERS:
            self._put(patient, f"notes/2025/{name}-{patient[2:]}.{ending}", mime, f"{name} of {patient}")

    def _odd_ones(self, patient: str) -> None:
        """What the mirror refuses, each for a reason of its own; and a file that was scanned twice."""
        odd = (
            ("notes/2025/viewer.exe", "application/x-dosexec", b"MZ\x90\x00 a program"),
            ("notes/2025/mri.pdf", _DOCUMENT, pdf("mri") + bytes(MOST)),
            ("notes/2025/torn.pdf", _DOCUMENT, b"half a scan"),
            ("../elsewhere.pdf", _DOCUMENT, pdf("elsewhere")),
        )
        for path, mime, content in odd:
            self.vsrx.put_file(patient, path=path, content=content).mime = mime
        self._put(patient, "notes/2025/referral-again.pdf", _DOCUMENT, f"referral of {patient}")

    def _own_letters(self) -> None:
        """What people of the practice put into Paperless-ngx themselves; some of it twice."""
        papers.fill(self.paperless)
        self.paperless.put(
            "Consent, put in by hand", data=pdf("consent-form of P-1005"), file_name="consent.pdf"
        )

    def _put(self, patient: str, path: str, mime: str, text: str) -> PatientFile:
        made = self.vsrx.put_file(patient, path=path, content=jpeg(text) if mime == _IMAGE else pdf(text))
        made.mime = mime
        return made

    # what people do

    def file(self, name: str) -> PatientFile:
        """The file in VSRX whose path ends so."""
        return next(one for one in self.vsrx.files.values() if one.path.endswith(name))

    def document(self, title: str) -> Document | None:
        """The document in Paperless-ngx with that title; None while there is none."""
        return next((one for one in self.paperless.state.documents.values() if one.title == title), None)

    async def add_letter(self, patient: str) -> PatientFile:
        """Somebody takes a letter in; VSRX says so."""
        made = self._put(patient, "notes/2025/second-opinion.pdf", _DOCUMENT, "second opinion")
        return await self.vsrx.change(made.id, made.content, by="desk")

    # life

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self.vsrx)
        await self._stack.enter_async_context(self.paperless)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()


def pdf(text: str) -> bytes:
    """A PDF file of some size that only this text has."""
    body = _much_of(text).hex()
    return f"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n%{body}\ntrailer<</Root 1 0 R>>\n%%EOF\n".encode()


def jpeg(text: str) -> bytes:
    """What begins as an image does, likewise."""
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + _much_of(text)


def _much_of(text: str) -> bytes:
    """Bytes that stand for it, always the same, as many as a small scan has."""
    chance = random.Random(text)  # noqa: S311 - made up, no secret
    return chance.randbytes(chance.randrange(4_000, 16_000))
