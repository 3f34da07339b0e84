"""The demo's small practice: a VSRX with files of patients, and a Paperless-ngx that has letters of its own.

Nearly all files are good. A few are there to be refused, and two pairs have the same bytes: one within VSRX,
one of a file and of a document that somebody put into Paperless-ngx by hand. No real patient is meant.
"""

from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from reconciled.testing.fakes.paperless import FakePaperless
from reconciled.testing.fakes.paperless_model import Document
from reconciled.testing.fakes.vsrx import FakeVsrx
from reconciled.testing.fakes.vsrx_model import PatientFile

PATIENTS = 8
MOST = 64 * 2**10
"""Bytes of the largest file that travels."""
CONSUMING = 3.0
"""Seconds that Paperless-ngx takes for a file."""

_PAPERS = (
    ("referral", "application/pdf"),
    ("blood-count", "application/pdf"),
    ("x-ray-left-hand", "image/jpeg"),
    ("vaccination-record", "image/jpeg"),
    ("consent-form", "application/pdf"),
)
_OWN = ("Rent of the rooms", "Invoice of the laboratory", "Contract of the cleaners", "Insurance")
_YEARS = range(2021, 2026)
_JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"


class Practice:
    """`async with Practice(secret=…) as practice: … practice.vsrx.url …`."""

    def __init__(self, *, secret: str) -> None:
        """Fill both; nothing listens yet. `secret` signs the webhooks of VSRX."""
        self.vsrx = FakeVsrx(api_key="e5" * 16, secret=secret)
        self.paperless = FakePaperless(api_key="f6" * 20)
        self.paperless.delay = CONSUMING
        self._stack = AsyncExitStack()
        for number in range(PATIENTS):
            self._patient(f"P-{1001 + number}")
        self._odd_ones("P-1003")
        self._own_letters()

    def _patient(self, patient: str) -> None:
        self.vsrx.put_patient(patient)
        for name, mime in _PAPERS:
            self._put(patient, f"notes/2025/{name}-{patient[2:]}", mime, f"{name} of {patient}")

    def _odd_ones(self, patient: str) -> None:
        """What the mirror refuses, each for a reason of its own; and a file that was scanned twice."""
        put = self.vsrx.put_file
        put(
            patient, path="notes/2025/viewer.exe", content=b"MZ\x90\x00 a program"
        ).mime = "application/x-dosexec"
        put(patient, path="notes/2025/mri.pdf", content=pdf("mri") + bytes(MOST)).mime = "application/pdf"
        put(patient, path="notes/2025/torn.pdf", content=b"half a scan").mime = "application/pdf"
        put(patient, path="../elsewhere.pdf", content=pdf("elsewhere")).mime = "application/pdf"
        self._put(patient, "notes/2025/referral-again", "application/pdf", f"referral of {patient}")

    def _own_letters(self) -> None:
        """What people of the practice put into Paperless-ngx themselves."""
        for title in _OWN:
            for year in _YEARS:
                self.paperless.put(f"{title} {year}", data=pdf(f"{title} {year}"), file_name=f"{year}.pdf")
        self.paperless.put(
            "Consent, put in by hand", data=pdf("consent-form of P-1005"), file_name="consent.pdf"
        )

    def _put(self, patient: str, path: str, mime: str, text: str) -> PatientFile:
        ending, content = ("jpg", _JPEG + text.encode()) if mime == "image/jpeg" else ("pdf", pdf(text))
        made = self.vsrx.put_file(patient, path=f"{path}.{ending}", content=content)
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
        made = await self.vsrx.add(patient, by="desk")
        made.path, made.mime, made.content = (
            "notes/2025/second-opinion.pdf",
            "application/pdf",
            pdf("opinion"),
        )
        return made

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
    """The smallest PDF file with a word in it that only it has."""
    return f"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n%{text}\ntrailer<</Root 1 0 R>>\n%%EOF\n".encode()
