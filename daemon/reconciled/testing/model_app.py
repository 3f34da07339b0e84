"""An app in memory, for tests of the engine: it keeps items and lies in the ways that real ones do.

`ModelSource` asks it one item at a time and can find by ref (as Radarr); `ModelManySource` asks
for many at once and can not (as Jellyfin); `ModelIncrementalSource` lists all ids with only what
changed (as Paperless-ngx).
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import msgspec
from pydantic import BaseModel

from reconciled.errors import BadEvent, Refused, SourceError
from reconciled.model import About, Absent, Answer, Event, Item, Json, Key, Op, Page, Ref, Root
from reconciled.source import Changes, Context, Deletion, Source, SourceConfig


@dataclass(slots=True)
class ModelApp:
    """The state of the app, and how it fails. Tests change it at will."""

    items: dict[Key, Item] = field(default_factory=dict)
    roots: dict[str, Root] = field(default_factory=dict)
    instance: str | None = "one"
    account: str | None = "owner"
    sees_everything: bool = True
    busy: bool = False
    trouble: SourceError | None = None
    listing_trouble: SourceError | None = None
    deny: Callable[[Key], bool] = lambda _: False
    """Lookups of these keys answer Absent, whatever is true."""
    unlisted: set[Key] = field(default_factory=set)
    """Left out of listings although they exist."""
    doubled: set[Key] = field(default_factory=set)
    """Shown by listings twice, the second time at their end."""
    page_size: int = 1000
    break_after_pages: int | None = None
    on_page: Callable[[int], None] = lambda _: None
    """Called before each page with its number: to change the world in mid-walk."""
    in_flight: Callable[[str], Awaitable[None]] | None = None
    """Called while an answer is on its way ("page", "lookup"): what happens then it does not know of."""
    asked: list[tuple[str, ...]] = field(default_factory=list)
    acts: list[tuple[str, ...]] = field(default_factory=list)
    """What took effect, in order: ("delete", "movie 7", "files=False", "exclude=False")."""
    act_trouble: SourceError | None = None
    """What changing calls raise. `act_effect`: whether they take effect all the same."""
    act_effect: bool = False
    during_act: Callable[[tuple[str, ...]], Awaitable[None]] | None = None
    """Called inside a changing call, when it took effect and before it answers."""
    trash: dict[Key, Item] = field(default_factory=dict)
    told_deleted: dict[Key, Absent] = field(default_factory=dict)
    """What its listings say that it deleted itself."""
    untold: set[Key] = field(default_factory=set)
    """Listed by their ids and never shown, by an app that says what changed."""
    silent: set[Key] = field(default_factory=set)
    """Changed without the app noticing that they did."""
    revision: int = 0
    revised: dict[Key, tuple[Item, int]] = field(default_factory=dict)

    def put(self, *items: Item) -> None:
        """Add or change items."""
        self.items |= {item.key: item for item in items}

    def remove(self, *keys: Key) -> None:
        """Delete items."""
        for key in keys:
            del self.items[key]


class ModelSource(Source[SourceConfig]):
    """Follows a `ModelApp` one lookup at a time."""

    app: ClassVar[str] = "model"
    kinds: ClassVar[tuple[str, ...]] = ("movie", "series", "season", "request")
    Config: ClassVar[type[BaseModel]] = SourceConfig
    tagged: ClassVar[bool] = True
    options: ClassVar[frozenset[Deletion]] = frozenset(
        Deletion(files=files, exclude=exclude) for files in (False, True) for exclude in (False, True)
    )

    def __init__(self, model: ModelApp, config: SourceConfig, context: Context) -> None:
        super().__init__(config, context)
        self.model = model
        self.closed = False

    async def probe(self) -> About:
        """The model's own words, or its trouble."""
        self._ask("probe")
        model = self.model
        return About(
            "model",
            "1",
            model.instance,
            model.account,
            model.sees_everything,
            tuple(model.roots.values()),
            model.busy,
        )

    async def snapshot(self, kinds: frozenset[str]) -> AsyncIterator[Page]:
        """All items of these kinds in pages, as they are when each page is read."""
        at = number = 0
        while True:
            self._ask("snapshot", str(number))
            if self.model.listing_trouble is not None:
                raise self.model.listing_trouble
            self.model.on_page(number)
            if self.model.break_after_pages is not None and number >= self.model.break_after_pages:
                return
            listed = [
                item
                for key, item in sorted(self.model.items.items())
                if key.kind in kinds and key not in self.model.unlisted
            ]
            page = listed[at : at + self.model.page_size]
            at += self.model.page_size
            number += 1
            last = at >= len(listed)
            if last:
                page += [item for item in listed if item.key in self.model.doubled]
            deleted = dict(self.model.told_deleted) if last else {}
            await self._on_its_way("page")
            yield Page(tuple(page), last, deleted=deleted)
            if last:
                return

    async def lookup(self, key: Key) -> Answer:
        """The item, or the app's own no."""
        self._ask("lookup", str(key))
        answer = self._answer(key)
        await self._on_its_way("lookup")
        return answer

    async def find(self, ref: Ref) -> Sequence[Item]:
        """All items that claim the ref."""
        self._ask("find", str(ref))
        return [
            item for item in self.model.items.values() if ref in item.refs and not self.model.deny(item.key)
        ]

    async def delete(self, key: Key, how: Deletion) -> None:
        """Gone, and in the trash."""
        await self._act(
            ("delete", str(key), f"files={how.files}", f"exclude={how.exclude}"), lambda: self._discard(key)
        )

    async def tag(self, key: Key, label: str) -> None:
        """One label more."""
        await self._act(("tag", str(key), label), lambda: self._label(key, add={label}, remove=set()))

    async def untag(self, key: Key, label: str) -> None:
        """One label less."""
        await self._act(("untag", str(key), label), lambda: self._label(key, add=set(), remove={label}))

    async def monitor(self, key: Key, wanted: bool) -> None:
        """Looked for, or no more."""
        await self._act(
            ("monitor" if wanted else "unmonitor", str(key)), lambda: self._set(key, monitored=wanted)
        )

    async def capture(self, key: Key) -> Json:
        """The title."""
        return {"captured": self.model.items[key].title}

    async def restore(self, key: Key, image: Json) -> Key:
        """Out of the trash."""
        del image
        if key not in self.model.trash and key not in self.model.items:
            raise Refused(f"{key} is not in the trash")
        await self._act(("restore", str(key)), lambda: self._recall(key))
        return key

    async def _act(self, what: tuple[str, ...], effect: Callable[[], None]) -> None:
        self._ask(*what)
        trouble = self.model.act_trouble
        if trouble is None or self.model.act_effect:
            effect()
            self.model.acts.append(what)
            if self.model.during_act is not None:
                await self.model.during_act(what)
        if trouble is not None:
            raise trouble

    def _discard(self, key: Key) -> None:
        item = self.model.items.pop(key, None)
        if item is not None:
            self.model.trash[key] = item

    def _recall(self, key: Key) -> None:
        if key in self.model.trash:
            self.model.items[key] = self.model.trash.pop(key)

    def _label(self, key: Key, *, add: set[str], remove: set[str]) -> None:
        tags = self.model.items[key].attrs.get("tags")
        known = {str(tag) for tag in tags} if isinstance(tags, list) else set[str]()
        labels: list[Json] = [*sorted((known | add) - remove)]
        self._set(key, tags=labels)

    def _set(self, key: Key, **attrs: Json) -> None:
        item = self.model.items[key]
        self.model.items[key] = replace(item, attrs={**item.attrs, **attrs})

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Event]:
        """JSON: `op`, `kind`, `id`, `title`, `refs`, `reason`, `own_act`, `external`, `settle`, `grabbed`."""
        del headers
        try:
            told: dict[str, Any] = msgspec.json.decode(body)
            op = Op(told["op"])
        except (msgspec.DecodeError, KeyError, ValueError, TypeError) as error:
            raise BadEvent(f"no event of the model: {error}") from error
        key = Key(told["kind"], told["id"]) if "id" in told else None
        return [
            Event(
                op,
                key,
                told.get("title"),
                frozenset(map(Ref.parse, told.get("refs", []))),
                told.get("actor"),
                None,
                told.get("reason"),
                told.get("own_act", False),
                told.get("external", False),
                told.get("settle"),
                told.get("grabbed", False),
            )
        ]

    async def close(self) -> None:
        """Note that it was closed."""
        self.closed = True

    def _ask(self, *what: str) -> None:
        self.model.asked.append(what)
        if self.model.trouble is not None:
            raise self.model.trouble

    async def _on_its_way(self, what: str) -> None:
        if self.model.in_flight is not None:
            await self.model.in_flight(what)

    def _answer(self, key: Key) -> Answer:
        item = self.model.items.get(key)
        return Absent("404 of the model") if item is None or self.model.deny(key) else item


class ModelManySource(ModelSource):
    """Follows a `ModelApp` that answers many lookups in one request, and finds nothing by ref."""

    batch: int = 50
    paged: ClassVar[bool] = True
    find = None  # type: ignore[assignment]  # this app cannot

    async def lookup_many(self, keys: Sequence[Key]) -> Mapping[Key, Answer]:
        """Answers to all keys at once."""
        self._ask("lookup_many", *map(str, keys))
        answers = {key: self._answer(key) for key in keys}
        await self._on_its_way("lookup")
        return answers


class ModelIncrementalSource(ModelSource):
    """Follows a `ModelApp` by its ids and what changed; a mark is the number of a revision."""

    async def changes(self, mark: Json) -> Changes:
        """All ids, and what was revised since the mark."""
        self._ask("changes", str(mark))
        model = self.model
        if model.listing_trouble is not None:
            raise model.listing_trouble
        model.on_page(0)
        self._revise()
        since = mark if isinstance(mark, int) else 0
        shown = [
            item
            for key, item in sorted(model.items.items())
            if key not in model.untold | model.unlisted and (mark is None or model.revised[key][1] > since)
        ]
        found = Changes(frozenset(model.items.keys() - model.unlisted), tuple(shown), model.revision)
        await self._on_its_way("page")
        return found

    def _ask(self, *what: str) -> None:
        super()._ask(*what)
        self._revise()

    def _revise(self) -> None:
        """Whatever anybody was shown has a revision of its own."""
        model = self.model
        for key, item in model.items.items():
            known = model.revised.get(key)
            if known is None or (known[0] != item and key not in model.silent):
                model.revision += 1
                model.revised[key] = (item, model.revision)
