"""`FakeVsrx`: a VSRX behind the bridge that its site wrote for us, with all that the contract asks.

What a person does there is a coroutine that sends its signed webhook before it returns; `put_…` and
`purge_…` are told to nobody, as they happen past the application. The bridge's own answers carry its
mark; a bare one (`marked = False`) leaves it out, as a proxy in between may.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from hmac import HMAC
from itertools import count
from typing import Any

import msgspec
from aiohttp import web

from reconciled.testing.fakes.base import Fake, Sent, WebhookTarget
from reconciled.testing.fakes.vsrx_content import Content, Trick
from reconciled.testing.fakes.vsrx_model import Patient, PatientFile, file_body, fileset_body, moment

MARK = "X-VSRX-Version"
MOST = 1000


class FakeVsrx(Fake):
    """`async with FakeVsrx() as vsrx: … vsrx.put_patient("P-1") … await vsrx.delete("F-1", by="dr. ann")`.

    `secret` signs its webhooks. `etags` False: lists come in full each time. `tricks` are what happens
    to the bytes of a file while they travel, by its id; `content` says how bytes are served at all.
    """

    def __init__(
        self,
        *,
        version: str = "7.4.1",
        instance: str = "practice-1",
        secret: str = "a-key-that-only-the-two-of-us-know",  # noqa: S107
        port: int = 0,
        api_key: str = "0123456789abcdef0123456789abcdef",
        url_base: str = "",
        now: Callable[[], datetime] | None = None,
    ) -> None:
        """As `Fake`."""
        super().__init__(port=port, api_key=api_key, url_base=url_base, now=now)
        self.version = version
        self.instance = instance
        self.secret = secret
        self.etags = True
        self.checksums = False
        self.marked = True
        self.content = Content()
        self.tricks: dict[str, Trick] = {}
        self.patients: dict[str, Patient] = {}
        self._serial = count(1)
        self._number = count(1)

    @property
    def files(self) -> dict[str, PatientFile]:
        """All files by id, flagged ones too."""
        return {one.id: one for patient in self.patients.values() for one in patient.files.values()}

    # told to nobody

    def put_patient(self, patient: str, *, previous: Iterable[str] = (), files: int = 0) -> Patient:
        """A patient with so many images."""
        made = Patient(patient, next(self._serial), self.now(), tuple(previous))
        self.patients[patient] = made
        for _ in range(files):
            self.put_file(patient)
        return made

    def put_file(
        self,
        patient: str,
        *,
        path: str | None = None,
        content: bytes | None = None,
        mime: str = "image/jpeg",
    ) -> PatientFile:
        """Another image of the patient, or a file of another type."""
        number = next(self._number)
        made = PatientFile(
            f"F-{number}",
            patient,
            f"notes/2024/IMG{number:03}.jpg" if path is None else path,
            self.now(),
            b"image %d" % number if content is None else content,
            mime,
        )
        self.patients[patient].files[made.id] = made
        self._touch(made)
        return made

    def flag(self, file: str, *, deleted: bool = True) -> PatientFile:
        """Set the flag, or take it off."""
        found = self.files[file]
        found.deleted, found.modified = deleted, self.now()
        self._touch(found)
        return found

    def purge_file(self, file: str) -> None:
        """Take the row out of the database."""
        found = self.files[file]
        self._touch(found)
        del self.patients[found.patient].files[file]

    def purge_patient(self, patient: str) -> None:
        """Take the patient out, with all rows."""
        del self.patients[patient]

    def _touch(self, file: PatientFile) -> None:
        self.patients[file.patient].updated = self.now()

    # what a person does there

    async def add(self, patient: str, *, by: str = "dr. ann") -> PatientFile:
        """Take an image; file.created."""
        made = self.put_file(patient)
        await self._tell("file.created", made, by)
        return made

    async def change(self, file: str, content: bytes, *, by: str = "dr. ann") -> PatientFile:
        """Save it anew; file.updated."""
        found = self.files[file]
        found.content, found.modified = content, self.now()
        self._touch(found)
        await self._tell("file.updated", found, by)
        return found

    async def delete(self, file: str, *, by: str = "dr. ann") -> PatientFile:
        """Delete it, which sets its flag; file.deleted."""
        found = self.flag(file)
        await self._tell("file.deleted", found, by)
        return found

    async def rebook(self, old: str, new: str, *, by: str = "desk", says_previous: bool = True) -> Patient:
        """Give the patient a new id; patient.rebooked. The files of the old one stay where they are."""
        made = self.put_patient(new, previous=(old, *self.patients[old].previous) if says_previous else ())
        body = {"event": "patient.rebooked", "id": old, "patientId": old, "newPatientId": new}
        await self._send(body, by)
        return made

    async def _tell(self, event: str, file: PatientFile, by: str) -> None:
        await self._send({"event": event, "id": file.id, "patientId": file.patient}, by)

    async def _send(self, body: dict[str, Any], by: str) -> None:
        whole = {**body, "occurredAt": moment(self.now()), "user": by}
        await self.deliver(body["event"], msgspec.json.encode(whole), content_type="application/json")

    async def deliver(self, event: str, body: bytes, *, content_type: str) -> None:
        """POST the body, signed, to every target."""
        signed = "sha256=" + HMAC(self.secret.encode(), body, sha256).hexdigest()
        for target in tuple(self.webhooks):
            headers = {"X-Signature-256": signed, **target.headers}
            status = await self._post(WebhookTarget(target.url, headers, target.auth), body, content_type)
            self.sent.append(Sent(event, status))

    # the contract

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        """Its four calls."""
        base = self.url_base
        yield web.get(f"{base}/filesets", self._filesets)
        yield web.get(f"{base}/filesets/{{patient}}/files", self._files)
        yield web.get(f"{base}/files/{{id}}", self._file)
        yield web.get(f"{base}/files/{{id}}/content", self._content)

    async def _filesets(self, request: web.Request) -> web.Response:
        """A page, in the order in which patients were made; the cursor is the last one's place."""
        try:
            after, limit = int(request.query.get("cursor", "0")), int(request.query.get("limit", "100"))
        except ValueError:
            after, limit = 0, 0
        if not 1 <= limit <= MOST:
            return problem(400, f"limit is 1 to {MOST}, and a cursor is one that we gave")
        listed = sorted((one for one in self.patients.values() if one.listed), key=lambda one: one.serial)
        rows = [one for one in listed if one.serial > after]
        page = rows[:limit]
        following = str(page[-1].serial) if len(rows) > limit else None
        body = {"items": [*map(fileset_body, page)], "next": following, "total": len(listed)}
        return web.json_response(body)

    async def _files(self, request: web.Request) -> web.Response:
        """All files; with `includeDeleted=true` the flagged ones too."""
        patient = self.patients.get(request.match_info["patient"])
        if patient is None:
            return problem(404, "no such patient", id=request.match_info["patient"])
        flagged = request.query.get("includeDeleted") == "true"
        rows = [one for one in patient.files.values() if flagged or not one.deleted]
        body = msgspec.json.encode({"items": [file_body(one, checksums=self.checksums) for one in rows]})
        if not self.etags:
            return web.Response(body=body, content_type="application/json")
        etag = f'"{sha256(body).hexdigest()[:16]}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        return web.Response(body=body, content_type="application/json", headers={"ETag": etag})

    async def _file(self, request: web.Request) -> web.Response:
        """A file, flagged or not."""
        file = self.files.get(request.match_info["id"])
        if file is None:
            return problem(404, "no such file", id=request.match_info["id"])
        return web.json_response(file_body(file, checksums=self.checksums))

    async def _content(self, request: web.Request) -> web.StreamResponse:
        """The bytes, or the part of them that `Range` asks for."""
        file = self.files.get(request.match_info["id"])
        if file is None or (file.deleted and not self.content.of_deleted):
            return problem(404, "no such file", id=request.match_info["id"])
        planned = self.content.plan(request.headers, file)
        if planned is None:
            return problem(416, "no such range")
        planned.headers.update(self.app_headers(request))
        return await self.content.serve(request, planned, file, self.tricks.get(file.id))

    # Fake

    @property
    def user_agent(self) -> str:
        """`vsrx-bridge/7.4.1`."""
        return f"vsrx-bridge/{self.version}"

    def app_headers(self, request: web.BaseRequest) -> Mapping[str, str]:
        """The mark and the installation, on every answer."""
        del request
        return {MARK: self.version, "X-VSRX-Instance": self.instance} if self.marked else {}

    def admit(self, request: web.Request) -> web.Response | None:
        """The bearer token."""
        good = request.headers.get("Authorization") == f"Bearer {self.api_key}"
        return None if good else problem(401, "the token is wrong")

    def unmatched(self, request: web.Request) -> web.Response:
        """404 of the bridge for an address that it does not have; it names no id."""
        return problem(404, f"there is nothing at {request.path}")

    def starting(self) -> web.Response:
        """503 while it starts."""
        return problem(503, "VSRX is starting")


def problem(status: int, title: str, **more: str) -> web.Response:
    """A problem document."""
    body = {"title": title, "status": status, **more}
    return web.Response(
        status=status, body=msgspec.json.encode(body), content_type="application/problem+json"
    )
