"""The contract's checks of merging: the one gains what was said before, and nobody loses anything.

A merge goes before the deletion of the others, so whatever it does not take over is lost with them. It has to
be what was foreseen; a merge that was cut off is done again, and then it may not do anything twice.
"""

from typing import Any

import pytest

from reconciled.errors import Unsupported
from reconciled.model import Item, Key
from reconciled.source import Merges, Merging, Tags
from reconciled.testing.contract_acting import STRIKES
from reconciled.testing.contract_checks import Checks, unable
from reconciled.testing.contract_scene import Scene, claim, fail, shown

LABEL, OWN, LEFT = "reconciled-contract", "reconciled-own", "reconciled-left"


class MergeChecks(Checks):
    """A source merges rightly."""

    async def test_a_merge_is_what_was_foreseen(self) -> None:
        """The label of another one comes, and none that is left out; the others stay as they were; afterwards
        nothing is left to do."""
        async with self.played() as scene:
            source: Any = scene.source
            onto, *others = await _some(scene)
            if not isinstance(scene.source, Tags):
                pytest.skip(f"{scene.name} has no Tags to merge")
            await source.tag(onto, OWN)
            for label in (LABEL, LEFT):
                await source.tag(others[0], label)
            before = await scene.walk()
            said = await source.foresee_merge(onto, others, without=[LEFT])
            _check_said(said)
            claim(any(LABEL in one for one in said.gains), f"{others[0]} has the label {LABEL}, and {said}")
            claim(not any(LEFT in one for one in said.gains), f"{LEFT} was to be left out, and {said}")
            claim(await scene.walk() == before, "to foresee a merge changed something")
            for _ in range(2):
                await source.merge(onto, others, without=[LEFT])
                after = await scene.walk()
                _check_gained(onto, before[onto], after[onto])
                lost = [key for key in after if key != onto and after[key] != before[key]]
                claim(not lost, f"only {onto} was to gain something, and {shown(lost)} changed")
                claim(after.keys() == before.keys(), "a merge made items, or took some away")
            left = await source.foresee_merge(onto, others, without=[LEFT])
            claim(not left.gains, f"merged, and there is still something to gain: {left}")

    async def test_nothing_to_merge(self) -> None:
        """With nobody, or with itself: nothing is gained, nothing is done."""
        async with self.played() as scene:
            source: Any = scene.source
            onto, *_ = await _some(scene)
            before = await scene.walk()
            for others in ([], [onto]):
                said = await source.foresee_merge(onto, others)
                claim(said == Merging(), f"{onto} with {others}: there is nothing to merge, but {said}")
                await source.merge(onto, others)
            claim(await scene.walk() == before, "nothing was merged, and something changed")

    async def test_a_merge_of_what_is_gone(self) -> None:
        """Nobody knows what it had, so nothing is merged."""
        async with self.played() as scene:
            source: Any = scene.source
            onto, gone, other = (await _some(scene))[:3]
            if not await self.removed(scene, gone):
                pytest.skip(f"nobody can remove {gone} there")
            before = await scene.walk()
            for one, those in ((onto, [other, gone]), (gone, [other])):
                await scene.troubled(f"foresee_merge onto {one}", source.foresee_merge(one, those))
                await scene.troubled(f"merge onto {one}", source.merge(one, those))
            claim(await scene.walk() == before, f"{gone} was gone, and something was merged all the same")

    async def test_trouble_in_a_merge(self) -> None:
        """It raises, and nothing was changed."""
        async with self.played() as scene:
            fake, source = self.http_of(scene), scene.source
            onto, *others = await _some(scene)
            before = await scene.walk()
            for fault in STRIKES:
                if fault.value in scene.stand.excused:
                    continue
                fake.faults.set(fault)
                await scene.troubled(f"foresee_merge with {fault}", source.foresee_merge(onto, others))  # type: ignore[attr-defined]
                await scene.troubled(f"merge with {fault}", source.merge(onto, others))  # type: ignore[attr-defined]
                fake.faults.clear()
            claim(await scene.walk() == before, "all merges failed, and something changed")


async def _some(scene: Scene) -> list[Key]:
    """Four items of one kind that can be merged."""
    source: Any = scene.source
    if not isinstance(scene.source, Merges):
        unable(scene, "Merges")
    items = await scene.walk()
    found: list[Key] = []
    for kind in source.kinds:
        keys = [key for key in items if key.kind == kind][:4]
        try:
            _check_said(await source.foresee_merge(keys[0], keys[1:]))
        except Unsupported as error:
            scene.hear(error)
        else:
            found = found or keys
    return found or fail("merge is Unsupported for items of every kind; leave the ability out")


def _check_said(said: object) -> None:
    if not isinstance(said, Merging):
        fail(f"foresee_merge gives a Merging, and this is {shown(said)}")
    lines: tuple[object, ...] = (*said.gains, *said.conflicts)
    claim(all(isinstance(one, str) and one.strip() for one in lines), f"what is said are sentences: {said}")


def _check_gained(onto: Key, was: Item, now: Item) -> None:
    tags, before = now.attrs.get("tags"), was.attrs.get("tags")
    if not isinstance(tags, list) or not isinstance(before, list):
        fail(f"{onto} was merged onto, and shows no tags")
    claim(
        tags.count(LABEL) == 1 and LEFT not in tags and {*map(str, before)} <= {*map(str, tags)},
        f"{onto} had the tags {before}, gets {LABEL} without {LEFT}, and has {tags}",
    )
