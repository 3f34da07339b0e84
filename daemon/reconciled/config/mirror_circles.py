"""Mirrors beside each other: files that would come back to where they came from, or be brought twice.

Two mirrors of the same two sources in both directions are a pair: each has to say what counts when both
sides of a copy changed. A longer circle is refused: a file that has gone round cannot be told from one
that a person put there.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from reconciled.config.complaints import Complaints
from reconciled.config.mirror_checks import MirrorDraft
from reconciled.config.mirrors import Conflict
from reconciled.config.problems import Mark, Where


@dataclass(frozen=True, slots=True)
class _Way:
    """One mirror brings the files of `source` to `target`, as is written there."""

    draft: MirrorDraft
    source: str
    target: str
    place: Where
    mark: Mark


def check_beside(drafts: Sequence[MirrorDraft], *, complaints: Complaints) -> None:
    """All mirrors whose ends could be understood."""
    ways = [way for draft in drafts for way in _ways(draft, complaints)]
    answered: set[str] = set()
    for one, other in combinations(ways, 2):
        if (one.source, one.target) == (other.target, other.source):
            answered |= {one.draft.mirror.name, other.draft.mirror.name}
            _check_pair(one, other, complaints=complaints)
    answered |= _check_circles(ways, complaints=complaints)
    for number, way in enumerate(ways):
        _check_again(way, ways[:number], complaints=complaints)
    for draft in drafts:
        if draft.mirror.name not in answered and draft.bad.isdisjoint({"conflict", "to", "mirror"}):
            _check_idle_conflict(draft, complaints=complaints)


def _ways(draft: MirrorDraft, complaints: Complaints) -> Iterator[_Way]:
    if "mirror" in draft.bad:
        return
    source = draft.mirror.source
    for place, target in draft.targets(complaints):
        if target != source:
            yield _Way(draft, source, target, place, complaints.document.place(place).value)


def _check_pair(one: _Way, other: _Way, *, complaints: Complaints) -> None:
    if "conflict" in one.draft.bad | other.draft.bad:
        return
    silent = [way for way in (one, other) if way.draft.mirror.conflict is None]
    for way in silent:
        back = other if way is one else one
        said = (
            f"{back.draft.mirror.name} brings files of {way.target} back to {way.source} ({back.mark}); "
            "both have to say `conflict:` (newest, source or ask), which counts when both sides changed"
        )
        complaints.problem(way.place, said)
    if silent:
        return
    ours, theirs = one.draft.mirror.conflict, other.draft.mirror.conflict
    if ours is not theirs or ours is Conflict.SOURCE:
        each = (
            "each says that its own source counts"
            if ours is theirs
            else f"{one.draft.mirror.name} says {ours}"
        )
        said = (
            f"{each} ({one.mark}), so it depends on which of the two runs first; "
            "write the same in both, `newest` or `ask`"
        )
        complaints.warning((*other.draft.where, "conflict"), said)


def _check_again(way: _Way, before: Sequence[_Way], *, complaints: Complaints) -> None:
    """A mirror whose files another one brings to the same place already."""
    for one in before:
        same = (one.source, one.target) == (way.source, way.target) and one.draft is not way.draft
        if same and _overlap(one.draft, way.draft):
            said = (
                f"{one.draft.mirror.name} brings files of {one.source} there, too ({one.mark}); "
                "each file is brought once, by whichever comes to it first"
            )
            complaints.warning(way.place, said)
            return


def _overlap(one: MirrorDraft, other: MirrorDraft) -> bool:
    """Whether a file can be for both, as far as is known."""
    if not {"kind", "types"}.isdisjoint(one.bad | other.bad):
        return False
    mine, others = one.mirror, other.mirror
    kinds = not mine.kinds or not others.kinds or bool(mine.kinds & others.kinds)
    return kinds and _share_types(mine.types, others.types)


def _share_types(some: frozenset[str], others: frozenset[str]) -> bool:
    """Whether a file can be of both; families (`image/*`) count for all of theirs."""
    return not some or not others or any(_alike(one, other) for one in some for other in others)


def _alike(one: str, other: str) -> bool:
    family = one.partition("/")[0] == other.partition("/")[0]
    return one == other or (family and "*" in (one[-1], other[-1]))


def _check_idle_conflict(draft: MirrorDraft, *, complaints: Complaints) -> None:
    """What counts is never asked where nothing that is held can be changed from outside."""
    sources = draft.known.sources
    if draft.mirror.conflict is None or sources is None:
        return
    kinds = [sources[name].type if name in sources else None for name in draft.mirror.targets]
    if all(kind is not None and not callable(getattr(kind, "revise", None)) for kind in kinds):
        names = " or ".join(draft.mirror.targets)
        said = f"newer bytes never take the place of older ones in {names}, and nothing comes back from there"
        complaints.warning((*draft.where, "conflict"), f"{said}; this is never used")


def _check_circles(ways: Sequence[_Way], *, complaints: Complaints) -> set[str]:
    """Each mirror that is in a circle of three or more says so where it goes on. Returns their names."""
    found: set[str] = set()
    leads: dict[str, dict[str, _Way]] = {}
    for way in ways:
        leads.setdefault(way.source, {}).setdefault(way.target, way)
    for way in ways:
        round_ = _way_back(way, leads)
        if round_ is not None:
            found.add(way.draft.mirror.name)
            complaints.problem(way.place, _say_circle(way, round_, leads))
    return found


def _way_back(way: _Way, leads: Mapping[str, Mapping[str, _Way]]) -> tuple[str, ...] | None:
    """The sources on the shortest way from its target to its source, apart from the direct one."""
    waiting: deque[tuple[str, ...]] = deque([(way.target,)])
    been = {way.target}
    while waiting:
        road = waiting.popleft()
        for after in leads.get(road[-1], {}):
            if after == way.source and len(road) > 1:
                return (*road, after)
            if after not in been and after != way.source:
                been.add(after)
                waiting.append((*road, after))
    return None


def _say_circle(way: _Way, road: Sequence[str], leads: Mapping[str, Mapping[str, _Way]]) -> str:
    steps = [way, *(leads[one][other] for one, other in pairwise(road))]
    said = ", ".join(f"{one.draft.mirror.name} brings {one.source} to {one.target}" for one in steps)
    return f"goes round in a circle: {said}; take one of them out"
