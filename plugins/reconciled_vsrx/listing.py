"""Reading filesets and their files, knowing that people work there meanwhile.

The list of filesets is paged by a cursor, and what a cursor means while rows come and go is the
bridge's secret. So the whole list is read before anything is believed: every page must give the same
total, no fileset may come twice, and as many must be shown as the total says. Else it is read again.

The files of a fileset come as one list with an ETag. It is shown again the next time, and a 304 saves
the list. A deleted file stays in it with its flag. A fileset that is listed while its files are denied
is a contradiction, and no answer.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from reconciled.errors import BadResponse
from reconciled.http import Response
from reconciled_vsrx.connection import Connection, instance_of
from reconciled_vsrx.flags import Flags
from reconciled_vsrx.items import is_id, previous_of
from reconciled_vsrx.payloads import File, Files, Fileset, Filesets

LIMIT = 500
TRIES = 3


@dataclass(frozen=True, slots=True)
class Kept:
    """A fileset's files as they were read last, the ETag that they had, and from which installation."""

    etag: str
    instance: str | None
    files: tuple[File, ...]


class Listing:
    """What one bridge lists. Keeps the files of every fileset in memory as long as its ETag may hold."""

    def __init__(self, connection: Connection, flags: Flags) -> None:
        self._connection = connection
        self._flags = flags
        self._kept: dict[str, Kept] = {}
        self._asked = False
        self._instance: str | None = None

    async def filesets(self) -> dict[str, Fileset]:
        """All filesets by their patient's id. BadResponse when they do not add up."""
        for _ in range(TRIES):
            found, totals, twice = await self._walk()
            if not twice and totals == {len(found)}:
                known = frozenset((*found, *unlisted(found)))
                self._kept = {one: kept for one, kept in self._kept.items() if one in known}
                return found
        said = ", then ".join(str(total) for total in sorted(totals)) or "no total"
        raise BadResponse(
            f"{self._connection.config.url}: the list of filesets shows {len(found)} and says {said}"
            f"{', and shows some twice' if twice else ''}; {TRIES} times in a row it did not add up"
        )

    async def files(self, patient: str, *, row: Fileset | None = None) -> tuple[File, ...] | None:
        """All files of a fileset, deleted ones too; None when VSRX itself says that there is no such fileset.

        `row` is the fileset as it is listed. BadResponse when the two do not add up.
        """
        kept = self._kept.get(patient)
        if kept is not None and kept.instance != self._connection.instance:
            kept = None
        answer, files = await self._read(patient, kept)
        if files is not None and answer.status == 304 and not _adds_up(files, row):
            answer, files = await self._read(patient, None)  # its ETag did not change with its rows
        if files is None:
            self._kept.pop(patient, None)
        elif not _adds_up(files, row):
            raise BadResponse(
                f"{answer.where}: {len(files)} files, but fileCount says "
                f"{row.file_count if row else 0}; is the list cut off?"
            )
        return files

    async def denied(self, patients: Collection[str]) -> None:
        """VSRX denied the files of these, who were listed. BadResponse when they still are."""
        both = sorted((await self.filesets()).keys() & patients) if patients else []
        if both:
            raise BadResponse(
                f"{self._connection.config.url}: VSRX lists the patient {both[0]}, and denies to have its "
                f"files ({len(both)} such); where there are none, the bridge has to answer an empty list"
            )

    async def _read(self, patient: str, kept: Kept | None) -> tuple[Response, tuple[File, ...] | None]:
        """Ask for the files, or whether they are still what was kept."""
        connection = self._connection
        answer = await connection.ask(
            connection.config.map.paths.files,
            about=patient,
            etag=kept.etag if kept is not None else None,
            params={"includeDeleted": True},
        )
        instance = instance_of(answer)
        if self._asked and instance != self._instance:
            self._kept.clear()
            self._flags.forget(instance)
        self._asked, self._instance = True, instance
        if answer.status == 404:
            return answer, None
        if answer.status == 304 and kept is not None:
            if kept.instance == instance:
                return answer, kept.files
            return await self._read(patient, None)  # another installation knows nothing of our ETags
        files = tuple((await connection.decode(Files, answer)).items)
        _check(files, patient, answer.where)
        before = kept.files if kept is not None and kept.instance == instance else ()
        self._flags.note(files, before=before)
        if etag := answer.headers.get("etag", ""):
            self._kept[patient] = Kept(etag, instance, files)
        else:
            self._kept.pop(patient, None)
        return answer, files

    async def _walk(self) -> tuple[dict[str, Fileset], set[int], bool]:
        """One way through the pages: the filesets, the totals they gave, and whether one came twice."""
        connection = self._connection
        found: dict[str, Fileset] = {}
        totals, cursors, twice = set[int](), set[str](), False
        cursor: str | None = None
        while True:
            params = {"limit": LIMIT, "cursor": cursor}
            answer = await connection.ask(connection.config.map.paths.filesets, params=params)
            page = await connection.decode(Filesets, answer)
            before = len(found)
            for row in page.items:
                if not is_id(row.patient_id):
                    raise BadResponse(f"{answer.where}: {row.patient_id[:100]!r} is no id of a patient")
                twice = twice or row.patient_id in found
                found[row.patient_id] = row
            totals.add(page.total)
            if page.next is None:
                return found, totals, twice
            if page.next in cursors or not page.items:
                raise BadResponse(f"{answer.where}: its cursor {page.next[:40]!r} leads nowhere new")
            if len(found) == before:  # a cursor that says nothing to the bridge would be followed for ever
                return found, totals, True
            cursors.add(page.next)
            cursor = page.next


def unlisted(filesets: dict[str, Fileset]) -> list[str]:
    """Previous ids of patients that are no filesets any more: their files may stay where they were."""
    return sorted({one for row in filesets.values() for one in previous_of(row)} - filesets.keys())


def _check(files: Sequence[File], patient: str, where: str) -> None:
    for row in files:
        if not is_id(row.id):
            raise BadResponse(f"{where}: {row.id[:100]!r} is no id of a file")
        if row.patient_id != patient:
            raise BadResponse(f"{where}: the file {row.id} is of another patient than was asked about")
    if len({row.id for row in files}) < len(files):
        raise BadResponse(f"{where}: a file is listed twice")


def _adds_up(files: Sequence[File], row: Fileset | None) -> bool:
    """Whether the list can be whole. It holds what was counted, but for what was flagged since."""
    if row is None or row.file_count is None:
        return True
    since = row.updated_at
    return row.file_count <= sum(
        not file.deleted or since is None or file.modified_at >= since for file in files
    )
