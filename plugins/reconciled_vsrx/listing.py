"""Reading filesets and their files, knowing that people work there meanwhile.

The list of filesets is paged by a cursor, and what a cursor means while rows come and go is the
bridge's secret. So the whole list is read before anything is believed: every page must give the same
total, no fileset may come twice, and as many must be shown as the total says. Else it is read again.

The files of a fileset come as one list with an ETag. It is shown again the next time, and a 304 saves
the list. A deleted file stays in it with its flag.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from reconciled.errors import BadResponse
from reconciled_vsrx.connection import Connection
from reconciled_vsrx.flags import Flags
from reconciled_vsrx.items import is_id, previous_of
from reconciled_vsrx.payloads import File, Files, Fileset, Filesets

LIMIT = 500
TRIES = 3


@dataclass(frozen=True, slots=True)
class Kept:
    """A fileset's files as they were read last, and the ETag that they had."""

    etag: str
    files: tuple[File, ...]


class Listing:
    """What one bridge lists. Keeps the files of every fileset in memory as long as its ETag may hold."""

    def __init__(self, connection: Connection, flags: Flags) -> None:
        self._connection = connection
        self._flags = flags
        self._kept: dict[str, Kept] = {}
        self._instance: str | None = None

    async def filesets(self) -> dict[str, Fileset]:
        """All filesets by their patient's id. BadResponse when they do not add up."""
        for _ in range(TRIES):
            found, totals, twice = await self._walk()
            if not twice and totals == {len(found)}:
                self._kept = {one: kept for one, kept in self._kept.items() if one in _all_ids(found)}
                return found
        said = ", then ".join(str(total) for total in sorted(totals)) or "no total"
        raise BadResponse(
            f"{self._connection.config.url}: the list of filesets shows {len(found)} and says {said}"
            f"{', and shows some twice' if twice else ''}; {TRIES} times in a row it did not add up"
        )

    async def files(self, patient: str, *, count: int | None = None) -> tuple[File, ...] | None:
        """All files of a fileset, deleted ones too; None when VSRX itself says that there is no such fileset.

        `count` is how many are not deleted, as the list of filesets says.
        """
        connection = self._connection
        kept = self._kept.get(patient) if connection.instance == self._instance else None
        answer = await connection.ask(
            connection.config.map.paths.files,
            about=patient,
            etag=kept.etag if kept is not None else None,
            params={"includeDeleted": True},
        )
        if answer.status == 404:
            self._kept.pop(patient, None)
            return None
        if answer.status == 304 and kept is not None:
            return _counted(kept.files, count, answer.where)
        files = tuple((await connection.decode(Files, answer)).items)
        _check(files, patient, answer.where)
        self._flags.note(files, before=kept.files if kept is not None else ())
        self._keep(patient, answer.headers.get("etag", ""), files)
        return _counted(files, count, answer.where)

    def _keep(self, patient: str, etag: str, files: tuple[File, ...]) -> None:
        if self._instance != self._connection.instance:
            self._kept.clear()
            self._instance = self._connection.instance
        if etag:
            self._kept[patient] = Kept(etag, files)
        else:
            self._kept.pop(patient, None)

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
            cursors.add(page.next)
            cursor = page.next


def unlisted(filesets: dict[str, Fileset]) -> list[str]:
    """Previous ids of patients that are no filesets any more: their files may stay where they were."""
    return sorted({one for row in filesets.values() for one in previous_of(row)} - filesets.keys())


def _all_ids(filesets: dict[str, Fileset]) -> frozenset[str]:
    return frozenset((*filesets, *unlisted(filesets)))


def _check(files: Sequence[File], patient: str, where: str) -> None:
    for row in files:
        if not is_id(row.id):
            raise BadResponse(f"{where}: {row.id[:100]!r} is no id of a file")
        if row.patient_id != patient:
            raise BadResponse(f"{where}: the file {row.id} is of another patient than was asked about")
    if len({row.id for row in files}) < len(files):
        raise BadResponse(f"{where}: a file is listed twice")


def _counted(files: tuple[File, ...], count: int | None, where: str) -> tuple[File, ...]:
    """The files, if the list cannot be one that was cut off: a deletion leaves the row, so rows only grow."""
    if count is not None and len(files) < count:
        raise BadResponse(f"{where}: {len(files)} files, but fileCount says {count}; is the list cut off?")
    return files
