"""The worlds of papers: Paperless-ngx and VSRX."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

from tests.drills.worlds import (
    NEW,
    NO_ROOTS,
    OLD,
    SEES_ALL,
    Accident,
    Kept,
    World,
    for_good,
    undone,
)

from reconciled.model import Json, Key
from reconciled.testing.clock import ManualClock
from reconciled.testing.fakes.paperless import FakePaperless
from reconciled.testing.fakes.vsrx import FakeVsrx
from reconciled_paperless import Paperless
from reconciled_vsrx import Vsrx

ROOTS = {
    "root inaccessible": NO_ROOTS,
    "root empty": NO_ROOTS,
    "partial mount": NO_ROOTS,
}


class PaperlessWorld(World):
    """Letters that everybody owns, read by a user who is no superuser."""

    name = "paperless"
    plugin = Paperless
    lists_in_lookups = True
    excused: ClassVar[Mapping[str, str]] = ROOTS

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(clock)
        self.fake = self.app = FakePaperless(now=clock.now)
        self.reader = self.app.put_user("reader")

    def options(self) -> dict[str, Json]:
        return {"url": self.app.url, "token": self.reader.token, "poll": "off"}

    def fill(self) -> None:
        for number in range(OLD):
            self._put(f"Letter {number}")

    def grow(self) -> None:
        for number in range(NEW):
            self._put(f"Later letter {number}")

    def _put(self, title: str) -> None:
        self.app.put(title, owner=None)

    async def lose(self) -> None:
        self.app.purge(3)

    async def shift(self) -> None:
        self.app.purge(min(self.app.state.documents))
        self._put("Between two pages")

    def standing(self) -> frozenset[Key]:
        return frozenset(Key("document", str(number)) for number in self.app.state.documents)

    def lists(self, path: str) -> bool:
        return (
            path.startswith("/api/documents/?") and "id__in" not in path and "page_size=1&" not in f"{path}&"
        )

    def accidents(self) -> Mapping[str, Accident]:
        return {
            "restored from an old backup": for_good(self._restore),
            "ids reused": undone(self._reuse),
            "another instance": undone(self._another),
            "rights narrowed": undone(self._narrow),
        }

    def _restore(self) -> None:
        for number in sorted(self.app.state.documents)[-NEW:]:
            self.app.purge(number)
        self.app.state.next_id = max(self.app.state.documents) + 1

    def _kept(self) -> Callable[[], None]:
        before = Kept(self.app, "state")

        def back() -> None:
            before.put_back()
            self.app._in_order = None

        return back

    def _reuse(self) -> Callable[[], None]:
        back = self._kept()
        self._restore()
        self.clock.advance(1)
        for number in range(NEW):
            self._put(f"Under an old number {number}")
        return back

    def _another(self) -> Callable[[], None]:
        """Other letters under the same numbers."""
        back, state = self._kept(), self.app.state
        for number, one in state.documents.items():
            added = one.added - timedelta(days=400)
            state.documents[number] = replace(one, title=f"Other {number}", added=added, modified=added)
        self.app._in_order = None
        return back

    def _narrow(self) -> Callable[[], None]:
        """Some letters are given to somebody who shows them to nobody."""
        back = self._kept()
        for number in sorted(self.app.state.documents)[5:8]:
            self.app.hide(number, owner=self.app.admin.id)
        return back


class VsrxWorld(World):
    """Patients with an image each."""

    name = "vsrx"
    plugin = Vsrx
    excused: ClassVar[Mapping[str, str]] = {**ROOTS, "rights narrowed": SEES_ALL}

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(clock)
        self.fake = self.app = FakeVsrx(now=clock.now)

    def options(self) -> dict[str, Json]:
        return {"url": self.app.url, "token": self.app.api_key, "webhook": self.app.secret, "poll": "off"}

    def fill(self) -> None:
        for number in range(OLD):
            self.app.put_patient(f"P-{number}", files=1)

    def grow(self) -> None:
        for number in range(NEW):
            self.app.put_patient(f"Q-{number}", files=1)

    async def lose(self) -> None:
        self.app.purge_file("F-3")

    async def shift(self) -> None:
        self.app.purge_patient("P-0")
        self.app.put_patient("S-1", files=1)

    def standing(self) -> frozenset[Key]:
        return frozenset(Key("fileset", one) for one in self.app.patients) | {
            Key("file", one) for one in self.app.files
        }

    def lists(self, path: str) -> bool:
        return path.startswith("/filesets?")

    def accidents(self) -> Mapping[str, Accident]:
        return {
            "restored from an old backup": for_good(self._restore),
            "ids reused": undone(self._reuse),
            "another instance": undone(self._another),
        }

    def _restore(self) -> None:
        for patient in [*self.app.patients][-NEW:]:
            self.app.purge_patient(patient)

    def _kept(self) -> Callable[[], None]:
        return Kept(self.app, "patients", "instance").put_back

    def _reuse(self) -> Callable[[], None]:
        """A restored backup counts its files from an older number on: other images under known ids."""
        back = self._kept()
        files = [one.id for one in self.app.files.values()][-NEW:]
        self._restore()
        for number, file in enumerate(files):
            patient = self.app.put_patient(f"R-{number}", files=1)
            (made,) = patient.files.values()
            patient.files = {file: replace(made, id=file, path=f"other/{number}.jpg")}
        return back

    def _another(self) -> Callable[[], None]:
        back = self._kept()
        self.app.instance, self.app.patients = "practice-2", {}
        for number in range(OLD):
            self.app.put_patient(f"X-{number}", files=1)
        return back
