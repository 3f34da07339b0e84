"""What all checks of the contract share: a stand to play on, what may be left out and why, which items."""

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, ClassVar, NoReturn

import pytest

from reconciled.errors import Unsupported
from reconciled.model import Item, Key, Ref
from reconciled.source import Finds
from reconciled.testing.contract_scene import Scene, fail, played
from reconciled.testing.contract_stand import Stand
from reconciled.testing.fakes.base import Fake

_SOME = 4


class Checks:
    """The base of the groups of checks. A test class sets `stand`."""

    pytestmark = pytest.mark.asyncio
    stand: ClassVar[type[Stand]]

    @pytest.fixture(autouse=True)
    def _excused(self, request: pytest.FixtureRequest) -> None:
        """Skip what the stand says cannot happen with its app, with the reason that it gives."""
        name = getattr(request.node, "originalname", None) or request.node.name
        self.excuse(name.removeprefix("test_"))

    def excuse(self, name: str) -> None:
        """Skip the check when the stand excuses this fault or check."""
        if (reason := self.stand.excused.get(name)) is not None:
            pytest.skip(reason)

    def played(self, *, probed: bool = True, crowded: bool = False) -> AbstractAsyncContextManager[Scene]:
        """A scene on a new stand."""
        return played(self.stand(), probed=probed, crowded=crowded)

    def http_of(self, scene: Scene) -> Fake:
        """The fake app; without one the check is skipped."""
        if scene.stand.fake is None:
            pytest.skip(f"{scene.name} is read without HTTP")
        return scene.stand.fake

    async def removed(self, scene: Scene, key: Key) -> bool:
        """Let a person delete it; False where the stand excuses `remove KIND`."""
        if f"remove {key.kind}" in scene.stand.excused:
            return False
        await scene.stand.remove(key)
        return True

    async def at_once(self, *asked: Any) -> list[Any]:
        """All answers, asked for at the same time."""
        return await asyncio.gather(*asked)


def unable(scene: Scene, ability: str) -> NoReturn:
    """Skip the check: the source does not have the ability."""
    pytest.skip(f"{scene.name} has no {ability}")


def some_of(items: Mapping[Key, Item]) -> dict[Key, Item]:
    """The first and the last few of each kind."""
    found: dict[Key, Item] = {}
    for kind in sorted({key.kind for key in items}):
        keys = [key for key in items if key.kind == kind]
        found |= {key: items[key] for key in (*keys[:_SOME], *keys[-_SOME:])}
    return found


def first_of(items: Mapping[Key, Item], kind: str) -> Key:
    """The first item of a kind."""
    found = next((key for key in items if key.kind == kind), None)
    return found or fail(f"fill() of the stand left no {kind} to try this on")


def other_than(gone: Key, items: dict[Key, Item]) -> Key:
    """Another item of the same kind, that is not below it."""
    same = (key for key in reversed(items) if key.kind == gone.kind and key != gone)
    found = next((key for key in same if not child_of(items[key], gone, items)), None)
    return found or fail(f"fill() of the stand made no second {gone.kind} beside {gone}")


async def finding(scene: Scene, items: Mapping[Key, Item]) -> dict[Ref, Key]:
    """A strong ref of each space by which the source finds, and an item that claims it."""
    source: Any = scene.source
    found: dict[Ref, Key] = {}
    tried: set[tuple[str, str]] = set()
    for key, item in items.items() if isinstance(source, Finds) else ():
        for ref in sorted(item.strong_refs):
            if (key.kind, ref.space) in tried:
                continue
            tried.add((key.kind, ref.space))
            try:
                await source.find(ref)
            except Unsupported as error:
                scene.hear(error)
            else:
                found.setdefault(ref, key)
    return found


def child_of(item: Item, gone: Key, items: Mapping[Key, Item] | None = None) -> bool:
    """Whether it lies below the other, at any depth that is known."""
    parent = item.parent
    while parent is not None:
        if parent == gone:
            return True
        above = (items or {}).get(parent)
        parent = above.parent if above is not None else None
    return False
