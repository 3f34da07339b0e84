"""The contract's checks of trouble: it is never absence, and a walk that broke is never complete.

Each shape of trouble strikes everything that the app answers. A source then raises a `SourceError`.
Two shapes are no certain trouble, for the app itself seems to speak: a 404 to every question with
the app's own headers, and lists that are empty. There a lookup may say absent, but of all items
alike, so that the engine, which wants a yes of another item beside every no, gets none.
"""

from typing import Any

import pytest

from reconciled.errors import SourceError
from reconciled.model import Absent, Answer, Item, Key
from reconciled.source import Incremental, LooksUpMany, Source
from reconciled.testing.contract_checks import Checks, finding, first_of, other_than
from reconciled.testing.contract_scene import Scene, claim, fail, listed, shown
from reconciled.testing.faults import Fault

SHAPES = tuple(fault for fault in Fault if fault is not Fault.SLOW)
ALIKE = frozenset({Fault.NOT_FOUND_APP, Fault.EMPTY})
"""The shapes in which the app may deny everything, but then alike."""
OF_THE_APP = frozenset({Fault.CUT_JSON, Fault.TRUNCATED_JSON, Fault.WRONG_SHAPE, *ALIKE})
"""The shapes behind which the app itself answered: what is absent may be said to be so."""
IN_THE_MIDDLE = (Fault.CUT_JSON, Fault.RESET, Fault.ERROR, Fault.NOT_FOUND_APP)


class TroubleChecks(Checks):
    """Trouble is trouble."""

    @pytest.mark.parametrize("fault", SHAPES, ids=str)
    async def test_trouble_is_never_absence(self, fault: Fault) -> None:
        """Neither a lookup nor a listing believes it, before the first probe and after; then all is well."""
        self.excuse(fault.value)
        async with self.played(probed=False) as scene:
            fake = self.http_of(scene)
            gone = [await self._end_of(scene, kind) for kind in scene.source.kinds]
            items = await scene.walk()
            hasty = {**scene.stand.options(), **(scene.stand.hasty if fault is Fault.HANG else {})}
            fresh = scene.open(hasty)
            warm = scene.open(hasty)
            await scene.patiently(warm.probe)
            await scene.patiently(lambda: scene.walk(source=warm))
            there = [first_of(items, kind) for kind in warm.kinds]
            for key in there:
                known = await scene.patiently(lambda key=key: warm.lookup(key))  # type: ignore[misc]
                claim(known == items[key], f"{key}: its lookup differs from its listing")
            fake.faults.set(fault)
            for source in (warm,) if fault is Fault.HANG else (fresh, warm):
                for key, ended in zip(there, gone, strict=True):
                    await self._denies_nothing(scene, source, fault, keys=(key, other_than(key, items)))
                    await self._admits_nothing(scene, source, fault, gone=ended)
                await self._lists_nothing(scene, source, fault)
                if fault is not Fault.EMPTY:
                    await scene.troubled(f"a probe with {fault}", source.probe())
            fake.faults.clear()
            again = await scene.patiently(lambda: warm.lookup(there[0]))
            claim(isinstance(again, Item), f"{there[0]} is not found when the trouble is over")

    async def test_nobody_there_is_never_absence(self) -> None:
        """A refused connection; and all is well when the app is back."""
        async with self.played() as scene:
            fake, source = self.http_of(scene), scene.source
            items = await scene.walk()
            there = first_of(items, source.kinds[0])
            claim(await source.lookup(there) == items[there], f"{there}: its lookup differs from its listing")
            await fake.down()
            await scene.troubled("a lookup while nobody is there", source.lookup(there))
            await scene.troubled("a listing while nobody is there", scene.walk())
            await scene.troubled("a probe while nobody is there", source.probe())
            await fake.up()
            claim(await source.lookup(there) == items[there], f"{there} is not found when the app is back")

    async def test_a_walk_cut_in_the_middle(self) -> None:
        """Trouble that begins after some answers: an error, or no listing that lacks anything."""
        async with self.played(crowded=True) as scene:
            fake = self.http_of(scene)
            before = len(fake.requests)
            whole = await scene.walk()
            needed = len(fake.requests) - before
            for fault in IN_THE_MIDDLE:
                if fault.value in scene.stand.excused:
                    continue
                for after in sorted({1, needed // 2, needed - 1} - {0}):
                    fake.faults.set(fault, after=after)
                    got = await self._walk(scene, scene.source)
                    fake.faults.clear()
                    claim(
                        isinstance(got, SourceError) or got.keys() == whole.keys(),
                        f"{fault} after {after} of {needed} answers, and the listing is complete without "
                        f"{len(whole) - len(got) if isinstance(got, dict) else 0} of {len(whole)} items",
                    )

    async def test_trouble_in_other_questions(self) -> None:
        """Many lookups, changes and finds believe no trouble either."""
        async with self.played() as scene:
            fake, source = self.http_of(scene), scene.source
            items = await scene.walk()
            keys = [*items][:2]
            refs = await finding(scene, items)
            for fault in (Fault.NOT_FOUND, Fault.ERROR, Fault.HTML, Fault.OTHER_APP, Fault.TRUNCATED_JSON):
                if fault.value in scene.stand.excused:
                    continue
                fake.faults.set(fault)
                if isinstance(source, LooksUpMany):
                    await scene.troubled(f"lookup_many, {fault}", source.lookup_many(keys))
                if isinstance(source, Incremental):
                    await scene.troubled(f"changes, {fault}", source.changes(None))
                for ref in refs:
                    await scene.troubled(f"find({ref}), {fault}", source.find(ref))  # type: ignore[attr-defined]
                fake.faults.clear()

    async def test_further_troubles_of_the_stand(self) -> None:
        """What the stand itself can break: nothing that was there is absent beside something present."""
        names = [*self.stand().troubles()]
        if not names:
            pytest.skip("the stand knows no troubles of its own")
        for name in names:
            async with self.played() as scene:
                items = await scene.walk()
                await scene.stand.troubles()[name]()
                answers = [await scene.asked(scene.source.lookup(key)) for key in [*items][:6]]
                claim(
                    not any(isinstance(one, Absent) for one in answers),
                    f"{name}: lookups say {shown(answers)}",
                )
                got = await self._walk(scene, scene.source)
                claim(
                    isinstance(got, SourceError) or got.keys() == items.keys(),
                    f"{name}: the listing is complete and lacks something",
                )

    async def _end_of(self, scene: Scene, kind: str) -> Key:
        """An item of the kind that was deleted just now; where that cannot be, one that never was."""
        items = await scene.walk()
        key = other_than(first_of(items, kind), items)
        return key if await self.removed(scene, key) else Key(kind, "no such id")

    async def _denies_nothing(
        self, scene: Scene, source: Source[Any], fault: Fault, *, keys: tuple[Key, Key]
    ) -> None:
        """What is there is trouble; where the app may deny, it denies all alike."""
        answers: list[Answer | SourceError] = [await scene.asked(source.lookup(key)) for key in keys]
        if fault not in ALIKE:
            for key, answer in zip(keys, answers, strict=True):
                claim(
                    isinstance(answer, SourceError),
                    f"{fault}: {key} is there, and its lookup says {shown(answer)}",
                )
            return
        absent = sum(isinstance(one, Absent) for one in answers)
        present = sum(isinstance(one, Item) for one in answers)
        claim(
            not (absent and present),
            f"{fault} for everything, yet one is there and one is not: {shown(answers)}",
        )

    async def _admits_nothing(self, scene: Scene, source: Source[Any], fault: Fault, *, gone: Key) -> None:
        """What was deleted is trouble as well, or absent if the app itself may have said so."""
        answer = await scene.asked(source.lookup(gone))
        allowed = isinstance(answer, SourceError) or (fault in OF_THE_APP and isinstance(answer, Absent))
        claim(
            allowed,
            f"{fault}: {gone} was deleted, but nobody could say so, and its lookup says {shown(answer)}",
        )

    async def _lists_nothing(self, scene: Scene, source: Source[Any], fault: Fault) -> None:
        """The listing fails; of empty lists it may be a complete empty one."""
        got = await self._walk(scene, source)
        if isinstance(got, SourceError):
            return
        if fault is not Fault.EMPTY:
            fail(f"{fault}: the listing is complete, with {len(got)} items; it has to raise a SourceError")

    async def _walk(self, scene: Scene, source: Source[Any]) -> dict[Key, Item] | SourceError:
        """A listing, or its trouble; pages before it must not say complete."""
        pages = []
        try:
            async for page in source.snapshot(frozenset(source.kinds)):
                pages.append(page)  # noqa: PERF401  # they stay when the walk breaks off
        except SourceError as error:
            scene.hear(error)
            claim(not any(page.complete for page in pages), "a page said complete, and then came trouble")
            return error
        if not any(page.complete for page in pages):
            fail("the listing ended without a complete page and without an error that says why")
        return listed(pages)
