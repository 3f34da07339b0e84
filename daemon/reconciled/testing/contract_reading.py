"""The contract's checks of reading: listings, lookups, changes and finds, each against the others.

All of them are made in a sound world. What a source says when the world is broken is checked in
`contract_trouble`.
"""

import gc
import warnings
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from pydantic import ValidationError

from reconciled.errors import SourceError, Unsupported
from reconciled.model import About, Absent, Answer, Item, Key, Ref
from reconciled.source import Captures, Deletes, Finds, Incremental, LooksUpMany, Tags, Text, Texts
from reconciled.testing.contract_checks import Checks, child_of, first_of, other_than, some_of, unable
from reconciled.testing.contract_relay import Relay
from reconciled.testing.contract_scene import Scene, claim, listed, shown

ENOUGH = 6
ODD_IDS = (
    "", " ", "0", "-1", "..", "../1", "1/../2", "1?a=b", "1#a", "%2e%2e", "1 ", "²", "é", "\x00", "null",
    "1" * 40, "x" * 300,
)  # fmt: skip


class ReadingChecks(Checks):
    """A source reads its app rightly."""

    async def test_settings_are_checked_and_hidden(self) -> None:
        """An unknown setting is refused, and a secret is in no repr (the scene's end looks)."""
        async with self.played(probed=False) as scene:
            options = scene.stand.options()
            written = msgspec.json.encode(options).decode()
            for secret in scene.stand.secrets:
                claim(secret in written, "the stand names a secret that does not stand in its options()")
            with pytest.raises(ValidationError):
                scene.open({**options, "no_such_setting": 1})
            msgspec.json.encode(scene.stand.source_type.Config.model_json_schema())

    async def test_it_says_who_answers(self) -> None:
        """`probe` names the app and its version, and says the same twice."""
        async with self.played() as scene:
            about = await scene.source.probe()
            claim(isinstance(about, About), f"probe gives an About, but this is {shown(about)}")
            claim(about.app and about.version, f"probe leaves out the app or its version: {about}")
            claim(await scene.source.probe() == about, "probe says another thing the second time")

    async def test_a_listing_is_whole_and_stable(self) -> None:
        """Each key once, every kind there, and the same items when it is read again."""
        async with self.played() as scene:
            items = await scene.walk()
            for kind in scene.source.kinds:
                count = sum(key.kind == kind for key in items)
                claim(
                    count >= ENOUGH, f"fill() of the stand made {count} of kind {kind}; make {ENOUGH} or more"
                )
            claim(
                await scene.walk() == items, "nothing happened, but the second listing differs from the first"
            )
            for item in items.values():
                _check_item(item, scene)
                _check_parent(item, items, scene.source.kinds)
            _check_refs(items, scene.source.kinds)

    async def test_only_the_kinds_asked_for(self) -> None:
        """Each kind alone gives its own items, and all of them together give the whole."""
        async with self.played() as scene:
            items = await scene.walk()
            for kind in scene.source.kinds:
                alone = await scene.walk(kind)
                wanted = {key: item for key, item in items.items() if key.kind == kind}
                claim(alone == wanted, f"the listing of {kind} alone: {_difference(wanted, alone)}")

    async def test_pages_make_a_whole(self) -> None:
        """The same with so many items that a listing takes several pages."""
        async with self.played(crowded=True) as scene:
            pages = [page async for page in scene.source.snapshot(frozenset(scene.source.kinds))]
            items = listed(pages)
            totals = {page.total for page in pages} - {None}
            claim(
                all(isinstance(total, int) and total >= 0 for total in totals),
                f"odd totals of pages: {totals}",
            )
            for key in (*[*items][:2], *[*items][-2:]):
                claim(
                    await scene.source.lookup(key) == items[key],
                    f"{key}: its lookup differs from its listing",
                )

    async def test_shifting_pages(self) -> None:
        """An item goes and one comes between two pages: no key twice, and complete or an error."""
        async with self.played(crowded=True) as scene:
            pages = []
            try:
                async for page in scene.source.snapshot(frozenset(scene.source.kinds)):
                    pages.append(page)
                    if len(pages) == 1:
                        claim(
                            page.items,
                            "the first page of the crowd is empty; crowd() or fill() makes nothing",
                        )
                        await scene.stand.shift([item.key for item in page.items])
            except SourceError as error:
                scene.hear(error)
                return
            listed(pages)

    async def test_a_lookup_agrees_with_the_listing(self) -> None:
        """Item for item and field for field: else every item would seem to change at each scan."""
        async with self.played() as scene:
            for key, item in some_of(await scene.walk()).items():
                found = await scene.source.lookup(key)
                claim(found == item, f"{key}: listed as {item}, looked up as {found}")

    async def test_many_lookups_agree_with_single_ones(self) -> None:
        """The present, the deleted and the unknown, in one question."""
        async with self.played() as scene:
            many = scene.source
            if not isinstance(many, LooksUpMany):
                unable(scene, "LooksUpMany")
            for kind in scene.source.kinds:
                items = await scene.walk(kind)
                gone = [*items][-1]
                if not await self.removed(scene, gone):
                    continue
                present = [
                    key for key, item in items.items() if not child_of(item, gone, items) and key != gone
                ]
                keys = [*present[: min(many.batch - 1, ENOUGH)], gone]
                answers = await many.lookup_many(keys)
                claim(answers.keys() <= {*keys}, "lookup_many answers about keys that were not asked for")
                for key in keys:
                    claim(key in answers, f"{key} is left unanswered although nothing is wrong")
                    single = await scene.source.lookup(key)
                    told = f"{key}: alone {shown(single)}, among many {shown(answers[key])}"
                    claim(_alike(single, answers[key]), told)
                    claim(isinstance(single, Absent) == (key == gone), f"{gone} was deleted, and {told}")

    async def test_a_deleted_item_is_absent(self) -> None:
        """The app's plain no about this very item, with words for people; the others are there."""
        async with self.played() as scene:
            for kind in scene.source.kinds:
                items = await scene.walk()
                gone = first_of(items, kind)
                if not await self.removed(scene, gone):
                    continue
                answer = await scene.source.lookup(gone)
                claim(isinstance(answer, Absent), f"{gone} was deleted, but its lookup says {shown(answer)}")
                claim(isinstance(answer, Absent) and answer.said.strip(), f"Absent of {gone} says nothing")
                other = other_than(gone, items)
                still = await scene.source.lookup(other)
                claim(isinstance(still, Item), f"only {gone} was deleted, but {other} is {shown(still)}")
                claim(gone not in await scene.walk(), f"{gone} was deleted and is still listed")

    async def test_an_added_item_is_there(self) -> None:
        """What is added is listed, and found."""
        async with self.played() as scene:
            before = await scene.walk()
            key = await scene.stand.add()
            after = await scene.walk()
            claim(key not in before, f"add() of the stand names {key}, which was there before")
            claim(key in after, f"{key} was added and is not listed")
            claim(await scene.source.lookup(key) == after[key], f"{key}: its lookup differs from its listing")

    async def test_an_unknown_id_is_no_item(self) -> None:
        """Ids that name nothing, and a kind that there is not: absent or trouble, never an item."""
        async with self.played() as scene:
            items = await scene.walk()
            for kind in scene.source.kinds:
                known = first_of(items, kind).id
                odd = [
                    one
                    for one in (*ODD_IDS, known[::-1], f"{known}9", f"{known} ")
                    if Key(kind, one) not in items
                ]
                for one in odd:
                    answer = await scene.asked(scene.source.lookup(Key(kind, one)))
                    claim(
                        not isinstance(answer, Item), f"{kind} {one!r} names nothing, but is {shown(answer)}"
                    )
                for other in (*scene.source.kinds, "no_such_kind"):
                    if (key := Key(other, known)) in items:
                        continue
                    found = await scene.asked(scene.source.lookup(key))
                    claim(
                        not isinstance(found, Item),
                        f"{known} is a {kind} and no {other}, but {key} is {shown(found)}",
                    )

    async def test_many_questions_at_once(self) -> None:
        """All methods may be called at the same time as each other."""
        async with self.played() as scene:
            items = await scene.walk()
            keys = [*some_of(items)]
            answers = await self.at_once(
                scene.walk(), *(scene.source.lookup(key) for key in keys), scene.source.probe(), scene.walk()
            )
            claim(answers[0] == answers[-1] == items, "listings read at the same time differ")
            for key, answer in zip(keys, answers[1 : len(keys) + 1], strict=True):
                claim(answer == items[key], f"{key} asked for beside others is {shown(answer)}")

    async def test_close_leaves_nothing_open(self) -> None:
        """No session or socket of its own that only the garbage collector would end."""
        gc.collect()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", ResourceWarning)
            async with self.played() as scene:
                key = first_of(await scene.walk(), scene.source.kinds[0])
                await scene.source.lookup(key)
            del scene
            gc.collect()
        left = [str(one.message) for one in caught if issubclass(one.category, ResourceWarning)]
        claim(not left, f"after close() something is still open: {'; '.join(left)[:300]}")

    async def test_slow_bodies_are_read_whole(self) -> None:
        """Answers that trickle in, a few hundred bytes at a time, say what quick ones do."""
        async with self.played() as scene:
            fake = self.http_of(scene)
            items = await scene.walk()
            async with Relay(fake.port) as relay:
                options = relay.through(scene.stand.options(), fake.port)
                slow = scene.open(options)
                await slow.probe()
                claim(await scene.walk(source=slow) == items, "a listing that trickles in differs")
                key = first_of(items, scene.source.kinds[0])
                claim(await slow.lookup(key) == items[key], f"a lookup of {key} that trickles in differs")

    async def test_changes_agree_with_the_listing(self) -> None:
        """All ids each time; all items without a mark, with one those that are new or changed."""
        async with self.played() as scene:
            source = scene.source
            if not isinstance(source, Incremental):
                unable(scene, "Incremental")
            items = await scene.walk()
            first = await source.changes(None)
            got = {item.key: item for item in first.items}
            claim(
                first.keys == items.keys(),
                f"changes(None).keys: {_difference(items, dict.fromkeys(first.keys))}",
            )
            claim(got == items, f"changes(None).items: {_difference(items, got)}")
            mark = msgspec.json.decode(msgspec.json.encode(first.mark))
            again = await source.changes(mark)
            claim(again.keys == items.keys(), "nothing happened, but changes(mark) has other keys")
            claim(
                {one.key for one in again.items} <= items.keys(),
                "changes(mark) has items that are not listed",
            )
            key = await scene.stand.add()
            gone = first_of(items, scene.source.kinds[0])
            removed = await self.removed(scene, gone)
            third = await source.changes(msgspec.json.decode(msgspec.json.encode(again.mark)))
            now = await scene.walk()
            claim(
                third.keys == now.keys(),
                f"changes(mark) later: {_difference(now, dict.fromkeys(third.keys))}",
            )
            claim(
                key in {one.key for one in third.items},
                f"{key} is new, but not among the items of changes(mark)",
            )
            claim(not removed or gone not in third.keys, f"{gone} was deleted, and changes(mark) has it")

    async def test_find_gives_the_item(self) -> None:
        """By each strong ref that it claims, or Unsupported for that space; and nothing else."""
        async with self.played() as scene:
            source = scene.source
            if not isinstance(source, Finds):
                unable(scene, "Finds")
            supported = 0
            for key, item in some_of(await scene.walk()).items():
                for ref in sorted(item.strong_refs):
                    try:
                        found = {one.key: one for one in await source.find(ref)}
                    except Unsupported as error:
                        scene.hear(error)
                        continue
                    supported += 1
                    claim(
                        found.get(key) == item,
                        f"find({ref}) does not give {key} as it is listed: {shown(found)}",
                    )
                    claim(
                        all(ref in one.refs for one in found.values()), f"find({ref}) gives items without it"
                    )
            claim(supported, "find is Unsupported for every ref of its own items; leave the ability out")
            with suppress(SourceError):
                nothing = await source.find(Ref("no_such_space", "1"))
                claim(not nothing, f"no item claims no_such_space:1, but find gives {shown(nothing)}")

    async def test_texts_and_captures_are_plain(self) -> None:
        """Texts are texts of the items asked for; what is captured is JSON without a secret."""
        async with self.played() as scene:
            source: object = scene.source
            if not isinstance(source, Texts | Captures):
                pytest.skip(f"{scene.name} has neither Texts nor Captures")
            keys = [*some_of(await scene.walk())]
            if isinstance(source, Texts):
                texts = await source.texts(keys)
                claim(texts.keys() <= {*keys}, "texts() speaks of items that were not asked for")
                claim(all(isinstance(text, Text) for text in texts.values()), "texts() gives what is no Text")
            if isinstance(source, Captures):
                key = next(key for key in keys if key.kind not in scene.source.inert)
                scene.hear(msgspec.json.encode(await source.capture(key)).decode())

    async def test_what_it_declares_is_so(self) -> None:
        """`batch`, `options` and `tagged` are there where an ability needs them."""
        async with self.played(probed=False) as scene:
            source = scene.source
            claim(source.app and source.kinds, "a source names its app and its kinds")
            claim(source.acts_within > 0, "acts_within is a time in seconds")
            if isinstance(source, LooksUpMany):
                claim(source.batch >= 2, "batch is at least 2: an item and its control")
            if isinstance(source, Deletes):
                claim(source.options, "options of Deletes is empty; leave the ability out")
            claim(
                not isinstance(source, Tags) or source.tagged,
                "a source with Tags shows its items' tags: set tagged = True",
            )


def _check_item(item: Item, scene: Scene) -> None:
    key = item.key
    claim(isinstance(item, Item), f"a page holds items, but this is {shown(item)}")
    claim(item.title.strip(), f"{key} has no title")
    claim(key.id and key.kind in scene.source.kinds, f"{key!r} is no good key")
    void = [str(ref) for ref in item.refs if ref.value.strip() in ("", "0", "None", "null")]
    claim(not void, f"{key} claims refs that name nothing: {', '.join(void)}; make them with Ref.of")
    if scene.source.tagged:
        tags = item.attrs.get("tags")
        claim(isinstance(tags, list), f'{key} has no list attrs["tags"] although the source is tagged')
    msgspec.json.encode(item.attrs)


def _check_parent(item: Item, items: Mapping[Key, Item], kinds: tuple[str, ...]) -> None:
    """What it is a part of is listed too, and its kind is named before the parts'."""
    if item.parent is None:
        return
    claim(item.parent in items, f"{item.key} is a part of {item.parent}, which is not listed")
    claim(
        kinds.index(item.parent.kind) < kinds.index(item.key.kind) or item.parent.kind == item.key.kind,
        f"{item.key} is a part of {item.parent}; name the kind of a parent first: {kinds}",
    )


def _check_refs(items: Mapping[Key, Item], kinds: tuple[str, ...]) -> None:
    """A strong ref names one thing, so that no ref is claimed by all of a kind."""
    for kind in kinds:
        claimed = [item.strong_refs for item in items.values() if item.key.kind == kind]
        common = frozenset.intersection(*claimed) if len(claimed) > 1 else frozenset[Ref]()
        claim(
            not common,
            f"every {kind} claims {', '.join(map(str, sorted(common)))}: then all of them are one thing",
        )


def _alike(one: Answer, other: Answer) -> bool:
    """Equal items; of absence the words may differ."""
    return one == other or (isinstance(one, Absent) and isinstance(other, Absent))


def _difference(wanted: Mapping[Key, Any], got: Mapping[Key, Any]) -> str:
    """What two sets of items do not share, shortly."""
    missing, surplus = sorted(wanted.keys() - got.keys()), sorted(got.keys() - wanted.keys())
    changed = [key for key in wanted.keys() & got.keys() if wanted[key] != got[key]]
    parts: Iterable[tuple[str, list[Key]]] = (
        ("missing", missing),
        ("not listed", surplus),
        ("other", changed),
    )
    said = [f"{name}: {', '.join(map(str, keys[:3]))} ({len(keys)})" for name, keys in parts if keys]
    return "; ".join(said) or "the same keys"
