"""The contract's checks of undoing: what is brought back is the same thing, and it is said before.

The image goes through JSON first, as the ledger keeps it. To restore what is there already is success;
to foresee it is a refusal, since there is nothing to do. What cannot come back any more is refused by
both, and by both alike.
"""

from typing import Any

import msgspec
import pytest

from reconciled.errors import Refused, Unsupported
from reconciled.model import Item, Json, Key
from reconciled.source import Captures, Deletes, Deletion, Foresees, Prospect, Restores, Tags
from reconciled.testing.contract_checks import Checks, first_of, unable
from reconciled.testing.contract_scene import Scene, claim, fail, shown

LABEL = "reconciled-contract"
KEPT = ("tags", "monitored", "year")
"""What a restored item shows as before, where it showed it."""


class UndoingChecks(Checks):
    """A source brings back rightly what was deleted."""

    async def test_what_was_deleted_comes_back(self) -> None:
        """Restored with what was captured: the same thing, under the key that is returned; and twice."""
        done = 0
        for how in self._ways():
            async with self.played() as scene:
                source = scene.source
                if not isinstance(source, Restores):
                    unable(scene, "Restores")
                for kind in source.kinds:
                    items = await scene.walk()
                    key = first_of(items, kind)
                    was = await _labelled(scene, items[key])
                    try:
                        image = await self._lost(scene, key, how)
                    except Unsupported as error:
                        scene.hear(error)
                        continue
                    done += 1
                    await _foreseen(scene, key, image, possible=True)
                    back = await source.restore(key, image)
                    _check_back(key, was, await source.lookup(back))
                    claim(
                        await source.restore(key, image) == back,
                        f"{key} is back, and restoring it again gives another key",
                    )
                    again = await scene.walk()
                    claim(back in again, f"{key} was restored as {back}, which is not listed")
                    others = {other for other in items if other != key} - set(again)
                    below = {other for other in others if other.kind != kind}
                    claim(others == below, f"{key} was restored, and {shown(others - below)} went")
        claim(done, "restore is Unsupported for items of every kind; leave the ability out")

    async def test_to_foresee_changes_nothing(self) -> None:
        """Of an item that is there it is refused; after the deletion it is still deleted."""
        async with self.played() as scene:
            source = scene.source
            if not isinstance(source, Foresees):
                unable(scene, "Foresees")
            items = await scene.walk()
            key = first_of(items, source.kinds[0])
            image = await source.capture(key) if isinstance(source, Captures) else None
            await _foreseen(scene, key, image, possible=False)
            claim(await scene.walk() == items, "foresee was asked, and the listing is another now")
            if not isinstance(source, Deletes):
                return
            image = await self._lost(scene, key, min(source.options, key=repr))
            await _foreseen(scene, key, image, possible=isinstance(source, Restores))
            gone = await source.lookup(key)
            claim(
                not isinstance(gone, Item), f"foresee was asked of the deleted {key}, and it is {shown(gone)}"
            )

    async def test_what_never_was_does_not_come_back(self) -> None:
        """Refused, whatever is said to have been kept of it; said before and when it is tried."""
        async with self.played() as scene:
            source = scene.source
            if not isinstance(source, Restores):
                unable(scene, "Restores")
            items = await scene.walk()
            known = first_of(items, source.kinds[0])
            never = Key(known.kind, _unheard(known.id, {key.id for key in items}))
            nothing: tuple[Json, ...] = (None, {})
            for image in nothing:
                await _foreseen(scene, never, image, possible=False)
                with pytest.raises((Refused, Unsupported)) as caught:
                    await source.restore(never, image)
                scene.hear(caught.value)
            claim(
                await scene.walk() == items, "what never was was to be restored, and the listing is another"
            )

    def _ways(self) -> list[Deletion]:
        kind: Any = self.stand.source_type
        return sorted(getattr(kind, "options", frozenset()), key=repr) or [Deletion()]

    async def _lost(self, scene: Scene, key: Key, how: Deletion) -> Json:
        """Captured, and deleted by us, or by a person where we cannot."""
        source = scene.source
        image = await source.capture(key) if isinstance(source, Captures) else None
        kept: Json = msgspec.json.decode(msgspec.json.encode(image))
        if isinstance(source, Deletes):
            await source.delete(key, how)
        else:
            await scene.stand.remove(key)
        return kept


async def _labelled(scene: Scene, item: Item) -> Item:
    """The item with a label of ours, where it can have one: that has to come back too."""
    if not isinstance(scene.source, Tags):
        return item
    try:
        await scene.source.tag(item.key, LABEL)
    except Unsupported as error:
        scene.hear(error)
        return item
    answer = await scene.source.lookup(item.key)
    return answer if isinstance(answer, Item) else fail(f"{item.key} was tagged, and is {shown(answer)}")


def _check_back(key: Key, was: Item, item: object) -> None:
    if not isinstance(item, Item):
        fail(f"{key} was restored, and its lookup says {shown(item)}")
    claim(item.strong_refs == was.strong_refs, f"{key} came back with other refs: {shown(item)}")
    for name in KEPT:
        now, before = item.attrs.get(name), was.attrs.get(name)
        claim(now == before, f"{key} came back, but attrs[{name!r}] is {now!r} and was {before!r}")


async def _foreseen(scene: Scene, key: Key, image: Json, *, possible: bool) -> None:
    """What is said before; nothing is asked of a source that foresees nothing."""
    source = scene.source
    if not isinstance(source, Foresees):
        return
    try:
        found: object = await source.foresee(key, image)
    except (Refused, Unsupported) as error:
        scene.hear(error)
        claim(not possible, f"foresee({key}) raises {error!r}, but it can be restored")
        return
    if not isinstance(found, Prospect):
        fail(f"foresee({key}) gave {shown(found)}, not a Prospect")
    scene.hear(f"{found.refused} {found.lacks}")
    can = "can" if possible else "cannot"
    claim(
        (found.refused is None) is possible,
        f"foresee({key}) says refused={found.refused!r}, but it {can} be restored",
    )
    claim(found.refused is None or found.refused.strip(), f"foresee({key}) refuses without a word")
    claim(all(one.strip() for one in found.lacks), f"foresee({key}) has a sentence without a word")
    claim(
        found.until is None or found.until.tzinfo is not None,
        f"foresee({key}) says until {found.until}, without a time zone",
    )


def _unheard(known: str, ids: set[str]) -> str:
    """An id of the same shape that nothing has."""
    if known.isascii() and known.isdigit():
        return str(max(int(one) for one in ids if one.isascii() and one.isdigit()) + 4711)
    return f"{known}-unheard-of"
