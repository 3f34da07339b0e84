"""Custom fields: where a document says what it is a copy of.

One of them holds the marker of our upload, and by that one a document of ours is found again, on 2.20
as on 3.x: Paperless sets the fields in the same transaction in which it makes the document. The others
keep what people want to know of the original. A field is made when it is missing: as a `string`, which
holds 128 characters, or as a `longtext` (since 2.19), which has no limit. Where only a short one is to
be had, a long value loses its beginning: the end of a path says more. What a field cannot hold is left
out, for no upload may fail by it; only the marker's has to be right.
"""

import asyncio
import hashlib
import logging
from collections.abc import Mapping

from reconciled.clock import Clock
from reconciled.errors import BadResponse, Refused
from reconciled.http import Response
from reconciled.source import Upload
from reconciled_paperless.connection import Connection
from reconciled_paperless.payloads import CustomField, CustomFields, Document

MARKER = "reconciledOrigin"
FRESH = 60.0
"""Seconds for which the list of fields is believed."""
LIMIT = 128
"""The most characters of a `string`."""
_STRING, _LONG = "string", "longtext"
_MOST = 100_000
_PATH = "/api/custom_fields/"
_LONG_BY_NAME = ("path", "url", "uri")


def fitted(value: str, data_type: str) -> str:
    """The value as such a field can hold it; a shortened one keeps its end."""
    return value if data_type != _STRING or len(value) <= LIMIT else f"…{value[1 - LIMIT :]}"


def mark_of(marker: str) -> str:
    """The marker as the field holds it; a long one by its beginning and what no other has."""
    if len(marker) <= LIMIT:
        return marker
    return f"{marker[:60]}…{hashlib.sha256(marker.encode()).hexdigest()}"


class Fields:
    """The custom fields of one Paperless."""

    def __init__(self, connection: Connection, clock: Clock, log: logging.Logger) -> None:
        self._connection = connection
        self._clock = clock
        self._log = log
        self._known: dict[str, CustomField] = {}
        self._until = float("-inf")
        self._turn = asyncio.Lock()
        self._told: set[str] = set()

    def forget(self) -> None:
        """What is remembered is good no more."""
        self._until = float("-inf")

    async def marker(self) -> int | None:
        """The number of the marker's field; None when there is none yet, so no document of ours either."""
        async with self._turn:
            await self._refresh()
            return self._marker()

    async def values(self, upload: Upload) -> Mapping[int, str]:
        """What a document made of this upload shall hold, by the fields' numbers. Makes what is missing."""
        async with self._turn:
            await self._refresh()
            if self._marker() is None:
                await self._make(MARKER, _STRING)
            found: dict[int, str] = {}
            for name, value in upload.kept.items():
                value = value.replace("\x00", "").strip()
                field = await self._for(name[:LIMIT], value) if value and name != MARKER else None
                if field is not None:
                    found[field.id] = fitted(value, field.data_type)
            marker = self._marker()
            if marker is None:
                raise BadResponse(f"Paperless made the custom field {MARKER!r}, and does not show it")
            return {**found, marker: mark_of(upload.marker)}

    async def mark(self, document: Document, marker: str) -> None:
        """Put the marker on a document of ours that lacks it. What cannot be done is only logged."""
        number = await self.marker()
        if number is None or self.is_marked(document, number):
            return
        parameters = {"add_custom_fields": {str(number): mark_of(marker)}, "remove_custom_fields": []}
        body = {"documents": [document.id], "method": "modify_custom_fields", "parameters": parameters}
        answer = await self._connection.ask(
            "/api/documents/bulk_edit/", method="POST", json=body, allow=(400, 403), expect="any"
        )
        if answer.status in (400, 403):
            said = "%s: document %d does not say that it is ours (%s), and we may not write it there"
            self._log.warning(said, self._connection.name, document.id, marker)

    @staticmethod
    def texts(document: Document, field: int) -> list[str]:
        """What it holds in that field."""
        held = [one.value for one in document.custom_fields or () if one.field == field]
        return [value for value in held if isinstance(value, str) and value]

    @staticmethod
    def is_marked(document: Document, field: int, marker: str | None = None) -> bool:
        """Whether it holds this marker; None: any."""
        held = Fields.texts(document, field)
        return bool(held) if marker is None else mark_of(marker) in held

    def _marker(self) -> int | None:
        field = self._known.get(MARKER)
        if field is not None and field.data_type not in (_STRING, _LONG):
            raise Refused(
                f"Paperless' custom field {MARKER!r} is of the type {field.data_type}; we need it for texts, "
                "so rename or delete it there"
            )
        return None if field is None else field.id

    async def _for(self, name: str, value: str) -> CustomField | None:
        """The field of that name, made when there is none; None when it can hold no text."""
        field = self._known.get(name)
        if field is None:
            long = len(value) > LIMIT or name.lower().endswith(_LONG_BY_NAME)
            field = await self._make(name, _LONG if long else _STRING)
        if field.data_type in (_STRING, _LONG):
            return field
        if name not in self._told:
            self._told.add(name)
            said = "%s: the custom field %r is of the type %s, so nothing is kept there; rename it"
            self._log.warning(said, self._connection.name, name, field.data_type)
        return None

    async def _refresh(self) -> None:
        if self._clock.monotonic() < self._until:
            return
        began = self._clock.monotonic()
        answer = await self._connection.ask(_PATH, params={"page_size": _MOST}, allow=(403,))
        self._check_right(answer, "view")
        found = await self._connection.decode(CustomFields, answer)
        if found.count != len(found.results):
            raise BadResponse(f"{answer.where}: {len(found.results)} custom fields of {found.count}")
        self._known = {one.name: one for one in found.results}
        self._until = began + FRESH

    async def _make(self, name: str, data_type: str) -> CustomField:
        """A new field; a short one where Paperless knows no long ones."""
        body = {"name": name, "data_type": data_type}
        answer = await self._connection.ask(_PATH, method="POST", json=body, allow=(400, 403))
        self._check_right(answer, "add")
        if answer.status != 400:
            made = await self._connection.decode(CustomField, answer)
            self._known[made.name] = made
            return made
        self.forget()
        await self._refresh()
        if name in self._known:  # somebody made it meanwhile
            return self._known[name]
        if data_type == _LONG:
            return await self._make(name, _STRING)
        raise self._connection.error(Refused, answer, f"Paperless refused the custom field {name!r}")

    def _check_right(self, answer: Response, verb: str) -> None:
        if answer.status == 403:
            said = f"the user of this source may not {verb} custom fields; give it {verb}_customfield"
            raise self._connection.error(Refused, answer, said)
