"""An app of the family as a source: who it is, all it has, one thing of it, and what it tells us.

**Absence** is a 404 on `/{resource}/{id}` with the app's own mark, the header
`X-Application-Version` (Sonarr 4.0, 5 and Radarr 6.1 send it with every API answer, and a proxy's
404 lacks it), and only from the version that said it is this app: a Sonarr asked for a movie
says 404 too, with a mark. Its body proves nothing (Sonarr 5 sends none), but a web page is no 404
of an API. These apps have no id of their installation, so `About.instance` stays None and another
database behind the same address is for the engine to notice.
"""

from abc import abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import ClassVar, Generic

from reconciled.errors import BadResponse, Unsupported
from reconciled.http import Params, Response
from reconciled.model import About, Absent, Answer, Event, Item, Key, Page, Ref
from reconciled.source import Context, Source
from reconciled_servarr.config import ServarrConfig
from reconciled_servarr.payloads import RecordT, RootFolder, Status
from reconciled_servarr.roots import read_roots
from reconciled_servarr.webhooks import Words, read_webhook

MARK = "x-application-version"
_PAGE = 250
_LARGEST_ID = 2**31 - 1


class Servarr(Source[ServarrConfig], Generic[RecordT]):
    """What an app of the family is asked; a subclass names the app and reads its records.

    `found_by` is the ref space that the list can be filtered by, and the name of that parameter;
    `newer_api` a major version and the API that it has beside `api`, asked only for the roots.
    """

    Config: ClassVar = ServarrConfig
    title: ClassVar[str]
    resource: ClassVar[str]
    api: ClassVar[str] = "/api/v3"
    newer_api: ClassVar[tuple[int, str]] = (0, "")
    listing: ClassVar[Params] = {}
    found_by: ClassVar[tuple[str, str]]
    words: ClassVar[Words]
    record: type[RecordT]

    def __init__(self, config: ServarrConfig, context: Context) -> None:
        super().__init__(config, context)
        key = config.api_key.get_secret_value()
        self.client = context.http.at(
            config.url, headers={"X-Api-Key": key}, secrets=(key,), timeout=config.timeout
        )
        self._proven: str | None = None

    @abstractmethod
    def item(self, record: RecordT) -> Item:
        """The record as an item."""

    async def probe(self) -> About:
        """Who answers, and the roots. May wake disks. BadResponse when it is another app."""
        version = await self._prove()
        folders = await self._folders(version)
        roots = await read_roots(self.client, folders=folders, api=self.api, timeout=self.config.timeout)
        return About(app=self.title, version=version, roots=roots)

    async def snapshot(self, kinds: frozenset[str]) -> AsyncIterator[Page]:
        """All records: one list without pages (Sonarr 4.0, Radarr 6.1), handed on in parts."""
        self._check_kinds(kinds)
        answer = await self._ask(f"{self.api}/{self.resource}", params=self.listing)
        records = await self.client.decode(list[self.record], answer)  # type: ignore[name-defined]
        total = len(records)
        for start in range(0, max(total, 1), _PAGE):
            part = records[start : start + _PAGE]
            yield Page.of(map(self.item, part), complete=start + _PAGE >= total, total=total)

    async def lookup(self, key: Key) -> Answer:
        """This very record, or `Absent`."""
        number = self._number(key)
        answer = await self._ask(f"{self.api}/{self.resource}/{number}", allow=(404,))
        if answer.status == 404:
            return await self._absent(answer)
        record = await self.client.decode(self.record, answer)
        if record.id != number:
            raise BadResponse(f"{answer.where}: asked for {number}, the answer is about {record.id}")
        return self.item(record)

    async def find(self, ref: Ref) -> Sequence[Item]:
        """The records that claim the ref; by the app's own space only."""
        space, parameter = self.found_by
        if ref.space != space or not (ref.value.isascii() and ref.value.isdigit()):
            raise Unsupported(f"{self.title} finds by {space} and a number, not by {ref}")
        answer = await self._ask(f"{self.api}/{self.resource}", params={**self.listing, parameter: ref.value})
        records = await self.client.decode(list[self.record], answer)  # type: ignore[name-defined]
        found = [self.item(record) for record in records]
        if any(ref not in item.refs for item in found):
            raise BadResponse(f"{answer.where}: asked for {ref}, the answer is about others too")
        return found

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Event]:  # noqa: ARG002
        """What the app's webhook says; the app signs nothing, so the headers do not matter."""
        return read_webhook(body, words=self.words)

    async def _ask(self, path: str, *, params: Params | None = None, allow: Sequence[int] = ()) -> Response:
        answer = await self.client.request("GET", path, params=params, allow=allow)
        if not answer.headers.get(MARK):
            raise BadResponse(
                f"{answer.where}: {answer.status} without X-Application-Version, so it is not {self.title} "
                "that answers; a proxy, or another app?"
            )
        return answer

    async def _prove(self) -> str:
        """The version of the app, after it said which app it is."""
        answer = await self._ask(f"{self.api}/system/status")
        status = await self.client.decode(Status, answer)
        if status.app_name.lower() != self.title.lower():
            raise BadResponse(
                f"{answer.where}: this is {status.app_name}, configured as {self.title}; "
                f"url and key of a {status.app_name} stand in the {self.title} block"
            )
        self._proven = answer.headers[MARK]
        return status.version

    async def _absent(self, answer: Response) -> Absent:
        if answer.is_html:
            raise BadResponse(f"{answer.where}: 404 with a web page; not {self.title}'s own")
        version = answer.headers[MARK]
        if version != self._proven:
            await self._prove()
        if version != self._proven:
            raise BadResponse(
                f"{answer.where}: 404 of version {version}, but {self.title} here is {self._proven}"
            )
        return Absent(f"404 of {self.title} {version}")

    async def _folders(self, version: str) -> list[RootFolder]:
        """The root folders, from the newer API where this version has it and it has the list."""
        major, newer = self.newer_api
        answer = None
        if major and version.partition(".")[0] == str(major):
            answer = await self._ask(f"{newer}/rootfolder", allow=(404,))
        if answer is None or answer.status == 404:
            answer = await self._ask(f"{self.api}/rootfolder")
        return await self.client.decode(list[RootFolder], answer)

    def _check_kinds(self, kinds: frozenset[str]) -> None:
        if other := kinds - set(self.kinds):
            raise Unsupported(f"{self.title} has no {', '.join(sorted(other))}")

    def _number(self, key: Key) -> int:
        """The id as a number. Others match no route, and the app's 404 would be about the address."""
        self._check_kinds(frozenset({key.kind}))
        if not (key.id.isascii() and key.id.isdigit() and 0 < int(key.id) <= _LARGEST_ID):
            raise Unsupported(f"{key.id!r} is no id of {self.title}")
        return int(key.id)
