"""Whether a policy is about a finding, and what it then wants: pure functions on values.

A policy fires for a thing, on its last copy: not while the source that lost it holds another key of
the thing that is anything but gone. What is unreadable counts as a reason to leave things alone.
"""

import fnmatch
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from reconciled.config import Agree, Copies, Policy, Step, Unless, Verb, When
from reconciled.engine.outbox.thing import Copy, Standing, Thing
from reconciled.model import Item, Json, What


@dataclass(frozen=True, slots=True)
class Case:
    """A finding with all that a policy looks at.

    `moved`: the copy was replaced by one under another root, so at its own place it is gone.
    `what` is what ended; `losing` the source that lost the thing; `ours` says which policy of ours
    removed the item, `told` which apps a person told by hand when removing it; `untagged` names the
    sources whose items carry no tags, `inert` the kinds of a source to which nothing can be done;
    `seq` is when the finding opened, `before` when
    the loss was noticed: what came later was wanted after it. `last_seen` is when its source last showed what
    it lost (None: not known). `unlost`: nothing was lost, it is an orphan of nothing (a blob that no copy
    refers to).
    """

    code: str
    moved: bool
    what: What
    kind: str
    source: str
    losing: str
    seq: int
    before: int
    thing: Thing
    ours: str | None
    told: frozenset[str]
    untagged: frozenset[str]
    now: datetime
    inert: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unlost: bool = False
    last_seen: datetime | None = None


@dataclass(frozen=True, slots=True)
class Want:
    """One step of a policy and the item it acts on; `copy` is None for a message."""

    step: Step
    copy: Copy | None


def effective_what(policy: Policy, thing: Thing) -> What:
    """What has to have ended: as the policy says, else by whether such items have files."""
    if policy.what is not None:
        return policy.what
    return What.ENTRY if thing.lost.has_file is None else What.FILE


def why_not(policy: Policy, case: Case) -> str | None:
    """Why the policy does not fire for this finding, as a sentence's end; None when it does."""
    for reason in (_about(policy, case), _may(policy, case), _last_copy(policy, case)):
        if reason is not None:
            return reason
    return excepted(policy.unless, case)


def _about(policy: Policy, case: Case) -> str | None:
    single = policy.copies is Copies.EACH and policy.when is When.GONE
    if case.code != policy.when and not (single and case.moved):
        return f"it is about {policy.when}, not {case.code}"
    if policy.kinds and case.kind not in policy.kinds:
        return f"it is about {', '.join(sorted(policy.kinds))}, not {case.kind}"
    source = case.losing if policy.when is When.GONE else case.source
    if policy.sources and source not in policy.sources:
        return f"it is about {', '.join(sorted(policy.sources))}, not {source}"
    if (
        policy.when is When.GONE
        and effective_what(policy, case.thing) is What.ENTRY
        and case.what is What.FILE
    ):
        return "only its file went, the entry stays"
    return None


def _may(policy: Policy, case: Case) -> str | None:
    if case.ours is not None and not policy.cascade:
        return f"we removed it ourselves ({case.ours}), and the policy does not say `cascade: yes`"
    if case.thing.endless:
        return "too many items share its refs; some ref is wrong"
    if policy.destructive and not case.thing.spaces and policy.agree is not Agree.NONE:
        return "no ref says which thing it is, so nobody can be asked (`agree: none` takes it)"
    if policy.copies is Copies.EACH and not case.thing.lost.path:
        return "it has no path, by which a single copy is told"
    return None


def _last_copy(policy: Policy, case: Case) -> str | None:
    """Another key of the thing in the source that lost it keeps the policy still."""
    if policy.when is When.REPLACED or policy.copies is Copies.EACH:
        return None
    for copy in case.thing.of(case.losing):
        if copy.standing is Standing.GONE:
            continue
        if effective_what(policy, case.thing) is What.FILE and copy.standing is Standing.FILELESS:
            continue
        return f"{copy.source} has another copy of it: {copy.item.key} is {copy.standing}"
    return None


def excepted(unless: Unless, case: Case) -> str | None:
    """What of `unless` is true of any item of the thing, or None. The lost item counts as it last was."""
    if not unless:
        return None
    everyone = [(case.losing, case.thing.lost, case.thing.itself.row.first_at)]
    everyone += [
        (copy.source, copy.item, copy.row.first_at)
        for copy in case.thing.everyone
        if copy.standing is not Standing.GONE
    ]
    for source, item, first_at in everyone:
        for reason in (
            _by_tag(unless, item, tagged=source not in case.untagged),
            _by_glob("path", unless.paths, [item.path] if item.path else []),
            _by_glob("title", unless.titles, [item.title]),
            _by_age(unless, item, first_at, now=case.now),
        ):
            if reason is not None:
                return f"{source}: {reason}"
    return None


def _by_tag(unless: Unless, item: Item, *, tagged: bool) -> str | None:
    if not unless.tags or not tagged:
        return None
    labels: Json = item.attrs.get("tags")
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        return "its tags cannot be read"
    wanted = {tag.casefold() for tag in unless.tags}
    hit = sorted(str(label) for label in labels if str(label).casefold() in wanted)
    return f"it has the tag {hit[0]}" if hit else None


def _by_glob(what: str, globs: Iterable[str], texts: Iterable[str]) -> str | None:
    for text in texts:
        for glob in globs:
            if fnmatch.fnmatchcase(text.casefold(), glob.casefold()):
                return f"its {what} is like {glob}"
    return None


def _by_age(unless: Unless, item: Item, first_at: str, *, now: datetime) -> str | None:
    if unless.younger_than is None:
        return None
    try:
        since = _added(item) or datetime.fromisoformat(first_at)
    except ValueError:
        return "its age cannot be read"
    return "it is too young" if now - since < timedelta(seconds=unless.younger_than) else None


def _added(item: Item) -> datetime | None:
    """When it was added, where its app tells that. ValueError when that is no time."""
    told = item.attrs.get("added")
    if not isinstance(told, str):
        return None
    since = datetime.fromisoformat(told)
    return since if since.tzinfo else since.replace(tzinfo=UTC)


def wants(policy: Policy, case: Case) -> list[Want]:
    """What the policy wants done, given that it fires: each step with each item that it acts on.

    Only what stood there when the loss was noticed is acted on: what came later was wanted after it, and what
    its app says was added since the lost thing was last seen. (A copy that we brought later came by nobody's
    wish.) An orphan of nothing that was lost is only told of.
    """
    thing = case.thing.at(case.thing.lost.path or "") if policy.copies is Copies.EACH else case.thing
    found: list[Want] = []
    for step in policy.then:
        if step.verb is Verb.NOTIFY:
            found.append(Want(step, None))
        elif step.target not in case.told and not case.unlost:
            found += [Want(step, copy) for copy in thing.near(step.target) if _takes(step, copy, case)]
    return found


def _takes(step: Step, copy: Copy, case: Case) -> bool:
    if copy.came > case.before or copy.item.key.kind in case.inert.get(copy.source, ()):
        return False
    if case.last_seen is not None and _is_newer(copy.item, case.last_seen):
        return False  # it went while nobody looked, and was asked for again: which we read first says nothing
    if step.verb is Verb.RESTORE:
        return copy.standing is Standing.GONE
    return copy.standing in (Standing.PRESENT, Standing.FILELESS, Standing.DOUBTED, Standing.HELD)


def _is_newer(item: Item, than: datetime) -> bool:
    try:
        added = _added(item)
    except ValueError:
        return False
    return added is not None and added > than


__all__ = ["Case", "Want", "effective_what", "excepted", "wants", "why_not"]
