"""Requests as a source: a made-up app in which people ask for films and series.

It is the example of a third party's plugin, and whole: a plugin for a real app needs each of these
parts in some form. A request only *refers* to a film or series, so it is never evidence that one
exists.

**Absence** is the app's 404 with its own mark, the header `X-Requests-Version`, and a JSON body (a
proxy's 404 lacks the mark), or a record that the app itself shows as lying in its trash.
"""

import re
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Annotated, Any, ClassVar, TypeAlias

import msgspec
from pydantic import Field

from reconciled.errors import BadEvent, BadResponse, Refused, Unsupported
from reconciled.hookspecs import hookimpl
from reconciled.http import ApiKey, BaseUrl, Params, Response
from reconciled.model import About, Absent, Answer, Event, Item, Json, Key, Op, Page, Ref, refs
from reconciled.source import Context, Deletion, Prospect, Source, SourceConfig
from reconciled.units import Duration

API = "/api/v1/request"
MARK = "x-requests-version"
PAGE = 100
SPACES = frozenset({"tmdb:movie", "tmdb:tv", "tvdb:series"})
Moment: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)]

_LABEL = re.compile(r"\w[\w -]{0,63}")
_OPS = {
    "request.created": Op.CHANGED,
    "request.changed": Op.CHANGED,
    "request.restored": Op.CHANGED,
    "request.deleted": Op.DELETED,
    "test": Op.TEST,
}


class RequestsConfig(SourceConfig):
    """Where the app is, its key, and how long it may take."""

    url: BaseUrl = Field(description="the app's address, with its base path if it has one")
    api_key: ApiKey = Field(description="Settings > API key")
    timeout: Duration = Field(default=30.0, gt=0, description="how long one question may take")
    act_timeout: Duration = Field(default=60.0, gt=0, description="how long one change may take")


class Program(msgspec.Struct, frozen=True):
    """`GET /about`: who answers. `instance` is made when the app is installed, and stays."""

    app: str
    version: str
    instance: str


class Trash(msgspec.Struct, frozen=True):
    """When and by whom a request was thrown away, and until when it can be taken out again."""

    at: Moment
    by: str
    until: Moment


class Record(msgspec.Struct, frozen=True):
    """A request. Only the fields that are read: what else the app says may change as it likes."""

    id: int
    title: str
    refs: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    status: str | None = None
    by: str | None = None
    added: str | None = None
    trash: Trash | None = None


class Listing(msgspec.Struct, frozen=True, rename="camel"):
    """A page of requests; `page` counts from 1."""

    page: int
    total_records: int
    records: list[Record]


class Notice(msgspec.Struct, frozen=True):
    """A webhook's body."""

    event: str
    id: int = 0
    title: str | None = None
    refs: tuple[str, ...] = ()
    by: str | None = None
    at: Moment | None = None


class Requests(Source[RequestsConfig]):
    """One installation of the app. Its abilities are its methods: nothing else declares them."""

    app: ClassVar[str] = "requests"
    kinds: ClassVar[tuple[str, ...]] = ("request",)
    Config: ClassVar = RequestsConfig
    paged: ClassVar[bool] = True
    tagged: ClassVar[bool] = True
    # it has no files, and no list of what is never to be added again
    options: ClassVar[frozenset[Deletion]] = frozenset({Deletion()})

    def __init__(self, config: RequestsConfig, context: Context) -> None:
        super().__init__(config, context)
        key = config.api_key.get_secret_value()
        self.client = context.http.at(
            config.url, headers={"X-Api-Key": key}, secrets=(key,), timeout=config.timeout
        )
        self.acts_within = config.act_timeout

    # what every source can do

    async def probe(self) -> About:
        """Who answers. BadResponse when it is another app."""
        answer = await self._ask("GET", "/api/v1/about")
        program = await self.client.decode(Program, answer)
        if program.app != "Requests":
            raise BadResponse(f"{answer.where}: this is {program.app}, configured as Requests")
        return About(app=program.app, version=program.version, instance=program.instance)

    async def snapshot(self, kinds: frozenset[str]) -> AsyncIterator[Page]:
        """All requests, page by page."""
        _check_kinds(kinds)
        async for page in self._walk():
            yield page

    async def lookup(self, key: Key) -> Answer:
        """This very request, or that it is gone or in the trash."""
        match await self._read(key):
            case Record(trash=Trash() as trash):
                return Absent("in the trash", at=trash.at, actor=trash.by, restorable_until=trash.until)
            case Record() as record:
                return item_of(record)
            case absent:
                return absent

    # what else this one can do

    async def find(self, ref: Ref) -> Sequence[Item]:
        """The requests for a film or series."""
        if not _is_ref(ref.space, ref.value):
            raise Unsupported(f"Requests finds by {', '.join(sorted(SPACES))} and a number, not by {ref}")
        found = [item async for page in self._walk(ref=str(ref)) for item in page.items]
        if any(ref not in item.refs for item in found):
            raise BadResponse(f"Requests was asked for {ref} and answered with others too")
        return found

    async def delete(self, key: Key, how: Deletion) -> None:
        """Throw the request away; the app keeps it in its trash for 30 days."""
        if how not in self.options:
            raise Unsupported("Requests has no files, and no list of what is not to be added again")
        await self._change("DELETE", path_of(key), allow=(404,))

    async def capture(self, key: Key) -> Json:
        """The record, to tell later whether what lies in the trash is still the same request."""
        record = await self._read(key)
        if isinstance(record, Absent) or record.trash is not None:
            raise Refused(f"Requests has no {key} any more")
        image: Json = msgspec.json.decode(msgspec.json.encode(record))
        return image

    async def restore(self, key: Key, image: Json) -> Key:
        """Take it out of the trash, under the number that it had."""
        record = await self._read(key)
        if isinstance(record, Absent):
            raise Refused(f"{key} is not in the trash of Requests any more; ask for it anew there")
        kept = claimed_by(image)
        if kept and kept.isdisjoint(claimed(record.refs)):
            raise Refused(f"{key} of Requests is another request now: {record.title!r}")
        if record.trash is not None:
            answer = await self._change("POST", f"{path_of(key)}/restore", allow=(404,))
            if answer.status == 404:
                raise Refused(f"{key} left the trash of Requests just now; ask for it anew there")
        return key

    async def foresee(self, key: Key, image: Json) -> Prospect:
        """Until when the trash keeps it, or why it does not come back."""
        record = await self._read(key)
        if isinstance(record, Absent):
            return Prospect(refused=f"{key} is not in the trash of Requests any more; ask for it anew there")
        kept = claimed_by(image)
        if kept and kept.isdisjoint(claimed(record.refs)):
            return Prospect(refused=f"{key} of Requests is another request now: {record.title!r}")
        if record.trash is None:
            return Prospect(refused=f"{key} is in Requests, and not in its trash")
        return Prospect(until=record.trash.until)

    async def tag(self, key: Key, label: str) -> None:
        """Put the label there."""
        await self._label("PUT", key, label)

    async def untag(self, key: Key, label: str) -> None:
        """Take the label off."""
        await self._label("DELETE", key, label)

    def parse_webhook(
        self,
        body: bytes,
        headers: Mapping[str, str],  # noqa: ARG002 - every app is given them, and this one signs nothing
    ) -> Sequence[Event]:
        """What the app tells us; it signs nothing, so the headers do not matter."""
        try:
            notice = msgspec.json.decode(body, type=Notice)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise BadEvent(f"no webhook of Requests: {error}") from None
        op = _OPS.get(notice.event)
        if op is None:
            raise BadEvent(f"unknown event {notice.event!r} of Requests")
        if op is Op.TEST:
            return [Event(Op.TEST)]
        if notice.id <= 0:
            raise BadEvent(f"{notice.event} that does not say which request")
        key, gone = Key("request", str(notice.id)), op is Op.DELETED
        about = claimed(notice.refs)
        return [Event(op, key, notice.title, about, actor=notice.by, occurred=notice.at, own_act=gone)]

    # how it is asked

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        allow: Collection[int] = (),
        timeout: float | None = None,
    ) -> Response:
        """An answer of the app itself; a 404 is one only with the mark and a JSON body."""
        answer = await self.client.request(method, path, params=params, allow=allow, timeout=timeout)
        if not answer.headers.get(MARK):
            raise BadResponse(
                f"{answer.where}: {answer.status} without X-Requests-Version, so it is not Requests that "
                "answers; a proxy, or another app?"
            )
        if answer.status == 404:
            await self.client.decode(dict[str, Any], answer)
        return answer

    async def _change(self, method: str, path: str, *, allow: Collection[int] = ()) -> Response:
        return await self._ask(method, path, allow=allow, timeout=self.config.act_timeout)

    async def _read(self, key: Key) -> Record | Absent:
        """The record, also from the trash."""
        answer = await self._ask("GET", path_of(key), allow=(404,))
        if answer.status == 404:
            return Absent(f"404 of Requests {answer.headers[MARK]}")
        record = await self.client.decode(Record, answer)
        if str(record.id) != key.id:
            raise BadResponse(f"{answer.where}: asked for {key}, the answer is about {record.id}")
        return record

    async def _walk(self, **query: str) -> AsyncIterator[Page]:
        """The pages of a listing, each as long as the app's own count wants it to be."""
        for number in count(1):
            answer = await self._ask("GET", API, params={"page": number, "size": PAGE, **query})
            listing = await self.client.decode(Listing, answer)
            total, before = listing.total_records, (number - 1) * PAGE
            if listing.page != number or len(listing.records) != max(0, min(PAGE, total - before)):
                raise BadResponse(
                    f"{answer.where}: page {listing.page} with {len(listing.records)} of {total} requests is "
                    f"not the page {number} of {PAGE} that was asked for"
                )
            complete = before + PAGE >= total
            shown = [item_of(record) for record in listing.records if record.trash is None]
            yield Page.of(shown, complete=complete, total=total)
            if complete:
                return

    async def _label(self, method: str, key: Key, label: str) -> None:
        """A label stands in the path, so only a plain one passes: `..` would name the request itself."""
        if not _LABEL.fullmatch(label):
            raise Unsupported(f"{label!r} is no label of Requests: letters, digits, spaces, _ and - only")
        answer = await self._change(method, f"{path_of(key)}/label/{label}", allow=(404,))
        if answer.status == 404:
            raise Refused(f"Requests has no {key} any more")


def item_of(record: Record) -> Item:
    """A record as an item; of a file it says nothing."""
    return Item(
        key=Key("request", str(record.id)),
        title=record.title,
        refs=claimed(record.refs),
        attrs={
            "tags": [*sorted(record.labels)],
            "status": record.status,
            "by": record.by,
            "added": record.added,
        },
        refers=True,
    )


def claimed(texts: Iterable[str]) -> frozenset[Ref]:
    """The refs among the app's own texts; what is none of ours (or names nothing) is left out."""
    parts = (text.rpartition("/") for text in texts)
    return refs(*(Ref.of(space, int(value)) for space, _, value in parts if _is_ref(space, value)))


def _is_ref(space: str, value: str) -> bool:
    return space in SPACES and value.isascii() and value.isdigit() and len(value) < 20


def claimed_by(image: Json) -> frozenset[Ref]:
    """The refs in what `capture` gave; none when there is no image."""
    if image is None:
        return frozenset()
    try:
        return claimed(msgspec.convert(image, Record).refs)
    except msgspec.ValidationError as error:
        raise Refused(f"what was kept is no record of Requests: {error}") from None


def path_of(key: Key) -> str:
    """Where a request is asked about. Only a plain number passes: another path is another question."""
    _check_kinds(frozenset({key.kind}))
    if not (key.id.isascii() and key.id.isdigit() and key.id[0] != "0"):
        raise Unsupported(f"{key.id!r} is no number of a request")
    return f"{API}/{key.id}"


def _check_kinds(kinds: frozenset[str]) -> None:
    if other := kinds - set(Requests.kinds):
        raise Unsupported(f"Requests has no {', '.join(sorted(other))}")


@hookimpl
def source_types() -> Iterable[type[Source[Any]]]:
    """What this plugin brings."""
    return [Requests]
