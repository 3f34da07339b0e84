"""Tasks: what Paperless says of files that it was given, in three shapes.

API 10 has pages, and results as data. API 9 has one plain list and sentences; on 3.x they are made of
the data, on 2.20 they are all there is. Only what is asked by a task's id comes whatever people did to
it (a dismissed task is merely marked). A refused duplicate names the document that has the same bytes,
or one of its later files; an error that only looks like it names none, for the sentence is read whole.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from unicodedata import normalize

import msgspec

from reconciled.clock import Clock
from reconciled.errors import Refused
from reconciled.http import Params, Response
from reconciled_paperless.connection import Connection
from reconciled_paperless.payloads import Moment

_PATH = "/api/tasks/"
_PAGE = 100
_SLACK = timedelta(hours=1)
"""How far our clock may have been from Paperless' when we sent something."""
_SAID = 500
_MADE = re.compile(r"Success\. New document id (\d{1,18}) created")
_DUPLICATE = re.compile(r"Not consuming: It is a duplicate of document #(\d{1,18})")
_OLD_DUPLICATE = re.compile(
    r".+: Not consuming .+: It is a duplicate of .*\(#(\d{1,18})\)\.?"
    r"(?: Note: existing document is in the trash\.)?",
    re.DOTALL,
)


class Row(msgspec.Struct, frozen=True):
    """A task as it comes, in any of the shapes; results of other kinds of tasks are of any form."""

    task_id: str
    status: str
    date_created: Moment | None = None
    task_name: str | None = None
    task_type: str | None = None
    task_file_name: str | None = None
    result: Any = None
    input_data: Any = None
    result_data: Any = None


class _Page(msgspec.Struct, frozen=True):
    count: int
    results: list[Row]


@dataclass(frozen=True, slots=True)
class Task:
    """A task, whichever API told of it. `made` and `duplicate_of` are numbers of documents or of files."""

    id: str
    status: str
    file_name: str
    created: datetime | None
    consumes: bool
    made: int | None = None
    duplicate_of: int | None = None
    said: str = ""
    overrides: Mapping[str, Any] | None = None

    @property
    def finished(self) -> bool:
        """Whether nothing more comes of it."""
        return self.status in ("success", "failure", "revoked")

    def may_be(self, file_name: str, title: str, *, field: int | None, mark: str) -> bool:
        """Whether it may be an upload of such a file; `mark` is what ours says in the custom field."""
        if not self.consumes or plain_name(self.file_name) != plain_name(file_name):
            return False
        told = self.overrides or {}
        if isinstance(of := told.get("title"), str) and of != title:
            return False
        return bool(self._fields.get(str(field), mark) == mark)

    def bears(self, field: int | None, mark: str) -> bool:
        """Whether it surely is our upload: it says so in our custom field."""
        return self.consumes and field is not None and self._fields.get(str(field)) == mark

    @property
    def _fields(self) -> Mapping[str, Any]:
        fields = (self.overrides or {}).get("custom_fields")
        return {str(number): value for number, value in fields.items()} if isinstance(fields, dict) else {}


def plain_name(file_name: str) -> str:
    """A file's name as Paperless writes it: its framework (Django) takes `&copy` in a form's name for a ©."""
    return normalize("NFC", unescape(file_name))


def task_of(row: Row) -> Task:
    """What the row says, in one shape."""
    given = row.input_data if isinstance(row.input_data, dict) else {}
    data = row.result_data if isinstance(row.result_data, dict) else {}
    told = row.result if isinstance(row.result, str) else ""
    status = row.status.lower()
    name = given.get("filename") or row.task_file_name
    overrides = given.get("overrides")
    return Task(
        id=row.task_id,
        status=status,
        file_name=name if isinstance(name, str) else "",
        created=row.date_created,
        consumes=(row.task_type or row.task_name or "").endswith("consume_file"),
        made=_number(data.get("document_id")) or _match(_MADE, told) if status == "success" else None,
        duplicate_of=_duplicate(data, told) if status == "failure" else None,
        said=_said(data, told),
        overrides=overrides if isinstance(overrides, dict) else None,
    )


class Tasks:
    """The tasks of one Paperless, as far as our user sees them: its own, and nobody's."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    async def one(self, task_id: str) -> Task | None:
        """That very task; None when Paperless knows none of that id."""
        rows, _ = await self._rows(await self._ask({"task_id": task_id}))
        return next((task_of(row) for row in rows if row.task_id == task_id), None)

    async def since(self, moment: datetime, *, unfinished: bool = False) -> list[Task]:
        """Those that began after our `moment`, or a little before; `unfinished` leaves out others, maybe."""
        params: Params = {"page_size": _PAGE, "ordering": "-date_created"}
        if unfinished:
            params = {**params, "is_complete": False}
        found: list[Task] = []
        page, read = 1, 0
        while True:
            answer = await self._ask({**params, "page": page}, beyond=page > 1)
            rows, count = await self._rows(answer) if answer.status == 200 else ([], 0)
            read += len(rows)
            early = self._there(moment)
            found += [one for one in map(task_of, rows) if one.created is None or one.created >= early]
            begun = [row.date_created for row in rows if row.date_created is not None]
            if not rows or read >= count or (begun and min(begun) < early):
                return found
            page += 1

    def _there(self, moment: datetime) -> datetime:
        """The moment by the app's clock, and a little before it."""
        behind = timedelta()
        if self._connection.told_at is not None:
            behind = max(behind, self._clock.now() - self._connection.told_at)
        return moment - behind - _SLACK

    async def _ask(self, params: Params, *, beyond: bool = False) -> Response:
        answer = await self._connection.ask(
            _PATH, params=params, allow=(403, 404) if beyond else (403,), newest=True
        )
        if answer.status == 403:
            said = "the user of this source may not view tasks; give it view_paperlesstask"
            raise self._connection.error(Refused, answer, said)
        return answer

    async def _rows(self, answer: Response) -> tuple[list[Row], int]:
        """The rows of an answer, and how many there are in all: the plain list of API 9 is whole."""
        if answer.body.lstrip()[:1] == b"[":
            rows = await self._connection.decode(list[Row], answer)
            return rows, len(rows)
        page = await self._connection.decode(_Page, answer)
        return page.results, page.count


def _duplicate(data: Mapping[str, Any], told: str) -> int | None:
    return _number(data.get("duplicate_of")) or _match(_DUPLICATE, told) or _match(_OLD_DUPLICATE, told)


def _said(data: Mapping[str, Any], told: str) -> str:
    """What it says for people, on one line."""
    texts = (data.get("error_message"), data.get("reason"), told)
    text = next((each for each in texts if isinstance(each, str) and each.strip()), "")
    line = " ".join(text.split())
    return line if len(line) <= _SAID else f"{line[:_SAID]}…"


def _match(pattern: re.Pattern[str], text: str) -> int | None:
    found = pattern.fullmatch(text.strip())
    return None if found is None else int(found[1])


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
