"""The app that a config describes.

**Absence** is the status that the config names together with the value at the place that it names.
A status alone is anybody's, and without `absent` a lookup that finds nothing is trouble: such a
source only witnesses what is there. **Deleting** waits for a person, whatever the mode.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import ClassVar

from yarl import URL

from reconciled.errors import BadResponse, Refused, Unsupported
from reconciled.http import Response
from reconciled.model import About, Absent, Answer, Item, Json, Key, Page
from reconciled.source import Context, Deletion, Hook, Matter, Source, Weight
from reconciled_http_json.config import HttpJsonConfig
from reconciled_http_json.listing import walk
from reconciled_http_json.places import MISSING, at
from reconciled_http_json.reading import KIND, item_of, says_no

_PAGE = 250


class HttpJson(Source[HttpJsonConfig]):
    """One app with a JSON API."""

    app: ClassVar[str] = "http_json"
    kinds: ClassVar[tuple[str, ...]] = (KIND,)
    Config: ClassVar = HttpJsonConfig
    paged: ClassVar[bool] = True
    asks_always: ClassVar[bool] = True
    options: ClassVar[frozenset[Deletion]] = frozenset({Deletion()})

    def __init__(self, config: HttpJsonConfig, context: Context) -> None:
        super().__init__(config, context)
        headers = {name: value.get_secret_value() for name, value in config.headers.items()}
        self.client = context.http.at(
            config.url, headers=headers, secrets=headers.values(), timeout=config.timeout
        )
        self.host = URL(config.url).host or config.url

    async def probe(self) -> About:
        """Whether its list answers as the config says: an app like this says nothing of itself."""
        async with aclosing(walk(self.client, self.config)) as pages:
            await anext(pages)
        return About(app=self.context.name, version=f"at {self.host}")

    async def snapshot(self, kinds: frozenset[str]) -> AsyncIterator[Page]:
        """The whole list; an id that comes twice (pages shift) is handed on once."""
        if KIND not in kinds:
            raise Unsupported(f"{self.context.name} has the kind {KIND} only")
        seen: set[str] = set()
        total: int | None = None
        async with aclosing(walk(self.client, self.config)) as pages:
            async for records, said, answer in pages:
                total = said if said is not None else total
                here = set[str]()
                for start in range(0, len(records), _PAGE):
                    items = [self._listed(one, here, answer) for one in records[start : start + _PAGE]]
                    yield Page.of(item for item in items if item.key.id not in seen)
                if here and here <= seen:
                    raise BadResponse(
                        f"{answer.where}: this page shows only what was shown before; is it a page?"
                    )
                seen |= here
        yield Page((), complete=True, total=total)

    async def lookup(self, key: Key) -> Answer:
        """This very item, or `Absent` in the words that the config names."""
        lookup, absence = self.config.lookup, self.config.absent
        if lookup is None or key.kind != KIND:
            raise Unsupported(f"{self.context.name}: its config does not say how one item is asked about")
        allow = () if absence is None else (absence.status,)
        answer = await self.client.request("GET", _place(lookup.path, key), allow=allow)
        body = await self._body(answer)
        if absence is not None and answer.status == absence.status and says_no(body, absence):
            return Absent(f"{answer.status} of {self.context.name}, {absence.path}: {absence.value}")
        if not 200 <= answer.status < 300:
            raise BadResponse(f"{answer.where}: {answer.status}, but not in the app's own words")
        record = at(body, lookup.item)
        if record is MISSING or not isinstance(record, dict):
            raise BadResponse(f"{answer.where}: no item at {lookup.item}")
        item = item_of(record, self.config, where=answer.where)
        if item.key != key:
            raise BadResponse(f"{answer.where}: asked about {key.id}, the answer is about {item.key.id}")
        return item

    async def delete(self, key: Key, how: Deletion) -> None:
        """Delete the item; what the app does with its files is the app's. Already gone is success."""
        removal = self.config.delete
        if removal is None or how not in self.options or key.kind != KIND:
            raise Unsupported(f"{self.context.name}: its config says of no such deletion")
        if isinstance(await self.lookup(key), Absent):
            return
        answer = await self.client.request(
            removal.method, _place(removal.path, key), allow=(400, 404, 405, 409, 422), expect="any"
        )
        if answer.status in (404, 405) and isinstance(await self.lookup(key), Absent):
            return
        if not 200 <= answer.status < 300:
            raise Refused(f"{answer.where}: {answer.status}")
        if answer.is_html:
            raise BadResponse(
                f"{answer.where}: an HTML page, not the app's own answer; a login page in front?"
            )

    async def examine(self, hook: Hook | None) -> Sequence[Matter]:  # noqa: ARG002  # it has no webhooks
        """What the config leaves open."""
        if self.config.absent is None:
            said = "it only tells what is there: nothing that vanishes from it is ever proved gone"
            return [Matter(Weight.ADVICE, said, "name the app's own no: lookup and absent")]
        matters = [Matter(Weight.GOOD, f"an item is gone when it says {self.config.absent.value!r}")]
        if self.config.list.total is None:
            said = "nothing tells whether its list is whole"
            matters.append(Matter(Weight.ADVICE, said, "if it says how many there are, name it: list.total"))
        return matters

    def _listed(self, record: Json, here: set[str], answer: Response) -> Item:
        """A record of a page as an item; `here` are the page's ids. BadResponse when one names two."""
        item = item_of(record, self.config, where=answer.where)
        if item.key.id in here:
            raise BadResponse(
                f"{answer.where}: two items with the id {item.key.id[:99]!r}; is it at {self.config.item.id}?"
            )
        here.add(item.key.id)
        return item

    async def _body(self, answer: Response) -> Json:
        if not answer.is_json:
            raise BadResponse(f"{answer.where}: {answer.status} without JSON; not the app's own answer")
        body: Json = await self.client.decode(dict, answer)
        return body


def _place(path: str, key: Key) -> str:
    """The item's path. Unsupported for an id that would be another place."""
    if not key.id or key.id in (".", "..") or "/" in key.id or "\0" in key.id:
        raise Unsupported(f"{key.id[:100]!r} cannot stand in {path}")
    return path.replace("{id}", key.id)
