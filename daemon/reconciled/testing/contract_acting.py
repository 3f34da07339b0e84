"""The contract's checks of what a source changes in its app: deletes, tags, monitors, webhooks.

A change that was answered is there, one that is there already is success, and trouble in a change
is trouble: nobody knows then what happened, and the engine asks before it tries again.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from reconciled.errors import Unsupported
from reconciled.model import Absent, Item, Key
from reconciled.source import (
    Captures,
    Deletes,
    Deletion,
    Examines,
    Hook,
    Matter,
    Monitors,
    Provisions,
    Tags,
)
from reconciled.testing.contract_checks import Checks, first_of, other_than, unable
from reconciled.testing.contract_scene import Scene, claim, fail, shown
from reconciled.testing.faults import Fault

STRIKES = (
    Fault.RESET, Fault.UNAUTHORIZED, Fault.FORBIDDEN, Fault.NOT_FOUND, Fault.RATE_LIMITED, Fault.ERROR,
    Fault.STARTING, Fault.HTML, Fault.REDIRECT, Fault.REDIRECT_AWAY, Fault.OTHER_APP,
)  # fmt: skip
"""The shapes of trouble that never reach the app, so that nothing can have happened."""
LABEL = "reconciled-contract"
SLOWLY = 0.05
"""Seconds that the app takes for a delete."""
HOOK_SECRET = "hush-0123456789abcdef"  # noqa: S105  # of nobody


class ActingChecks(Checks):
    """A source changes its app rightly."""

    async def test_a_delete_deletes(self) -> None:
        """By each of its options: absent afterwards, the others there; and twice is success."""
        done = 0
        for how in sorted(self._options(), key=repr):
            async with self.played() as scene:
                source = scene.source
                if not isinstance(source, Deletes):
                    unable(scene, "Deletes")
                for kind in source.kinds:
                    items = await scene.walk()
                    key = first_of(items, kind)
                    other = other_than(key, items)
                    if scene.stand.fake is not None:  # who does not wait for the answer is too early below
                        scene.stand.fake.faults.set(Fault.SLOW, _changes_something, delay=SLOWLY)
                    if not await _supported(scene, source.delete(key, how)):
                        continue
                    done += 1
                    answer = await source.lookup(key)
                    claim(
                        isinstance(answer, Absent),
                        f"{key} was deleted ({how}), and its lookup says {shown(answer)}",
                    )
                    still = await source.lookup(other)
                    claim(
                        isinstance(still, Item),
                        f"only {key} was to be deleted, but {other} is {shown(still)}",
                    )
                    await source.delete(key, how)
                    claim(key not in await scene.walk(), f"{key} was deleted and is still listed")
        claim(done, "delete is Unsupported for items of every kind; leave the ability out")

    async def test_a_delete_that_it_cannot_do(self) -> None:
        """What is not among its options is Unsupported, and nothing is deleted."""
        every = {
            Deletion(files=files, exclude=exclude) for files in (False, True) for exclude in (False, True)
        }
        if not (others := every - self._options()):
            pytest.skip("it can do every deletion")
        async with self.played() as scene:
            key = first_of(await scene.walk(), scene.source.kinds[0])
            for how in sorted(others, key=repr):
                with pytest.raises(Unsupported) as caught:
                    await scene.source.delete(key, how)  # type: ignore[attr-defined]
                scene.hear(caught.value)
                claim(
                    isinstance(await scene.source.lookup(key), Item),
                    f"{how} is none of its options, yet {key} went",
                )

    async def test_trouble_in_a_change_is_trouble(self) -> None:
        """No change is said to be done when the app was never reached."""
        async with self.played() as scene:
            fake, source = self.http_of(scene), scene.source
            items = await scene.walk()
            key = first_of(items, source.kinds[0])
            changes = _changes(source, key)
            if not changes:
                pytest.skip(f"{scene.name} changes nothing")
            for fault in STRIKES:
                if fault.value in scene.stand.excused:
                    continue
                for name, change in changes.items():
                    fake.faults.set(fault)
                    await scene.troubled(f"{name} with {fault}", change())
                    fake.faults.clear()
            claim(
                await source.lookup(key) == items[key], f"all changes of {key} failed, but it is another now"
            )

    async def test_labels_come_and_go(self) -> None:
        """On, on again, off, off again; each shows in the item's tags, and only in its."""
        done = 0
        async with self.played() as scene:
            source = scene.source
            if not isinstance(source, Tags):
                unable(scene, "Tags")
            for kind in source.kinds:
                items = await scene.walk(kind)
                key = first_of(items, kind)
                other = other_than(key, items)
                if not await _supported(scene, source.tag(key, LABEL)):
                    continue
                done += 1
                await source.tag(key, LABEL)
                await _tagged(scene, key, True)
                claim(await source.lookup(other) == items[other], f"{key} was tagged, and {other} changed")
                await source.untag(key, LABEL)
                await source.untag(key, LABEL)
                await _tagged(scene, key, False)
                claim(
                    await source.lookup(key) == items[key],
                    f"{key} was tagged and untagged, and is another now",
                )
        claim(done, "tag is Unsupported for items of every kind; leave the ability out")

    async def test_monitoring_ends_and_begins(self) -> None:
        """No more, again no more, and once more; each shows in the item's attrs."""
        done = 0
        async with self.played() as scene:
            source = scene.source
            if not isinstance(source, Monitors):
                unable(scene, "Monitors")
            for kind in source.kinds:
                key = first_of(await scene.walk(kind), kind)
                if not await _supported(scene, source.monitor(key, False)):
                    continue
                done += 1
                for wanted in (False, False, True, True):
                    await source.monitor(key, wanted)
                    item = await source.lookup(key)
                    shows = isinstance(item, Item) and item.attrs.get("monitored")
                    claim(shows is wanted, f'monitor({key}, {wanted}), and attrs["monitored"] is {shows!r}')
        claim(done, "monitor is Unsupported for items of every kind; leave the ability out")

    async def test_examining_and_provisioning(self) -> None:
        """Findings are sentences without a secret; our webhook is set up once, and then that is done."""
        async with self.played() as scene:
            source = scene.source
            if not isinstance(source, Examines | Provisions):
                pytest.skip(f"{scene.name} has neither Examines nor Provisions")
            scene.stand.secrets = (*scene.stand.secrets, HOOK_SECRET)
            hook = Hook(f"http://127.0.0.1:9/webhook/{scene.name}", HOOK_SECRET)
            before = await _examined(scene, hook)
            await _examined(scene, None)
            if not isinstance(source, Provisions):
                claim(
                    not any(one.mended_by_us for one in before),
                    "a matter is mended_by_us, but it cannot provision",
                )
                return
            if await _supported(scene, source.provision(hook)):
                again = await source.provision(hook)
                claim(not again, f"provision twice, and the second time it still does something: {again}")
                left = [one.said for one in await _examined(scene, hook) if one.mended_by_us]
                claim(not left, f"provisioned, and examine still finds what that should mend: {left}")

    def _options(self) -> frozenset[Deletion]:
        kind: Any = self.stand.source_type
        if not hasattr(kind, "delete"):
            pytest.skip(f"{kind.app} has no Deletes")
        options: frozenset[Deletion] = kind.options
        return options


def _changes_something(request: web.BaseRequest) -> bool:
    return request.method not in ("GET", "HEAD")


async def _supported(scene: Scene, act: Awaitable[Any]) -> bool:
    """Do it; False when the source says that it does not do that for this kind or set-up."""
    try:
        await act
    except Unsupported as error:
        scene.hear(error)
        return False
    return True


async def _tagged(scene: Scene, key: Key, wanted: bool) -> None:
    item = await scene.source.lookup(key)
    if not isinstance(item, Item):
        fail(f"{key} was tagged, and its lookup says {shown(item)}")
    tags = item.attrs.get("tags")
    claim(
        isinstance(tags, list) and (LABEL in tags) == wanted and tags.count(LABEL) <= 1,
        f'the label {LABEL} was put {"on" if wanted else "off"} twice, and attrs["tags"] of {key} is {tags}',
    )


async def _examined(scene: Scene, hook: Hook | None) -> list[Matter]:
    if not isinstance(scene.source, Examines):
        return []
    found = [*await scene.source.examine(hook)]
    for matter in found:
        claim(matter.said.strip(), f"a matter without a sentence: {shown(matter)}")
        scene.hear(f"{matter.said} {matter.remedy}")
    return found


def _changes(source: Any, key: Key) -> dict[str, Callable[[], Awaitable[Any]]]:
    """Every change that the source can make to the item."""
    found: dict[str, Callable[[], Awaitable[Any]]] = {}
    if isinstance(source, Deletes):
        how = min(source.options, key=repr)
        found["delete"] = lambda: source.delete(key, how)
    if isinstance(source, Tags):
        found["tag"] = lambda: source.tag(key, LABEL)
        found["untag"] = lambda: source.untag(key, LABEL)
    if isinstance(source, Monitors):
        found["monitor"] = lambda: source.monitor(key, False)
    if isinstance(source, Captures):
        found["capture"] = lambda: source.capture(key)
    return found
