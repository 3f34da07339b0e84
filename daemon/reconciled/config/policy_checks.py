"""What a policy by itself may be, once each of its settings is good: a table of checks.

Each check names the settings it looks at, and is left out when one of them could not be
understood. Problems for what could never work or be safe, warnings for what is hardly meant.
"""

from collections.abc import Callable
from dataclasses import dataclass

from reconciled.config.complaints import Complaints
from reconciled.config.known import Known
from reconciled.config.mode import Mode
from reconciled.config.names import placed, unknown
from reconciled.config.policies import SHORTEST_GRACE, Agree, Copies, Policy, Verb, When
from reconciled.config.policy_steps import PlacedStep
from reconciled.config.problems import Where, did_you_mean
from reconciled.config.written_policies import WrittenPolicy
from reconciled.model import What
from reconciled.units import say_duration


@dataclass(frozen=True, slots=True)
class Draft:
    """A policy before it counts, with how and where it is written; `bad` are settings left out of it.

    `mode` is the daemon's, None when that is not known.
    """

    policy: Policy
    written: WrittenPolicy
    steps: tuple[PlacedStep, ...]
    where: Where
    bad: frozenset[str]
    known: Known
    mode: Mode | None

    def said(self, name: str) -> bool:
        """Whether the setting is written."""
        return ("from_" if name == "from" else name) in self.written.model_fields_set


def check_policy(draft: Draft, *, complaints: Complaints) -> None:
    """One policy by itself, beside the sources it names."""
    for check, needs in _CHECKS:
        if draft.bad.isdisjoint(needs):
            check(draft, complaints)


def _check_from(draft: Draft, complaints: Complaints) -> None:
    if draft.known.sources is None:
        return
    for place, name in placed(draft.written.from_, (*draft.where, "from"), complaints=complaints):
        if name not in draft.known.sources:
            complaints.problem(place, unknown("source", name, list(draft.known.sources), section="sources"))


def _check_kinds(draft: Draft, complaints: Complaints) -> None:
    names = draft.written.from_ or tuple(draft.known.sources or ())
    kinds: list[str] = []
    for name in names:
        found = draft.known.kinds(name)
        if found is None:
            return  # told where the name stands
        kinds += sorted(found - set(kinds))
    who = (
        names[0] if len(names) == 1 else "none of the sources" if not draft.written.from_ else "none of these"
    )
    for place, kind in placed(draft.written.kind, (*draft.where, "kind"), complaints=complaints):
        if names and kind not in kinds:
            near = did_you_mean(kind, kinds) or f"; there are {', '.join(kinds)}"
            complaints.problem(place, f"{who} has {'no' if len(names) == 1 else 'a'} kind {kind!r}{near}")


def _check_agree(draft: Draft, complaints: Complaints) -> None:
    policy, where = draft.policy, (*draft.where, "agree")
    if policy.agree is Agree.NONE:
        losing = " or ".join(dict.fromkeys(draft.written.from_)) or "the source that lost it"
        complaints.warning(where, f"nobody else is asked; only the last copy in {losing} counts")
    if isinstance(policy.agree, Agree):
        return
    for place, name in placed(draft.written.agree, where, complaints=complaints):
        if draft.known.sources is not None and name not in draft.known.sources:
            complaints.problem(place, unknown("source", name, list(draft.known.sources), section="sources"))
        elif policy.sources == {name}:
            complaints.problem(
                place, f"{name} is where the thing was lost; name another source, or write `all`"
            )
        elif any(step.verb is Verb.DELETE and step.target == name for step in policy.then):
            complaints.warning(place, f"{name} is not asked, since what it has is what `delete` is for")


def _check_grace(draft: Draft, complaints: Complaints) -> None:
    if draft.policy.destructive and draft.policy.grace < SHORTEST_GRACE:
        shortest = say_duration(SHORTEST_GRACE)
        said = f"is too short; a policy that deletes, unmonitors or untags waits at least {shortest}"
        complaints.problem((*draft.where, "grace"), said)


def _check_idle_grace(draft: Draft, complaints: Complaints) -> None:
    telling = all(step.verb.telling for step in draft.policy.then)
    if telling and draft.policy.then and draft.said("grace"):
        complaints.warning((*draft.where, "grace"), "a message waits for nothing; this is never used")


def _check_left(draft: Draft, complaints: Complaints) -> None:
    """What a source lost cannot be deleted there, save the entry of a file that went."""
    policy = draft.policy
    if policy.when is not When.GONE or policy.what is What.FILE:
        return
    for one in draft.steps:
        if one.step.verb is Verb.DELETE and policy.sources == {one.step.target}:
            said = (
                f"nothing is left to delete in {one.step.target}, where the thing was lost;"
                " write `what: file` if you mean entries whose file is gone"
            )
            complaints.problem(one.target, said)


def _check_replaced(draft: Draft, complaints: Complaints) -> None:
    if draft.policy.when is not When.REPLACED:
        return
    for one in draft.steps:
        if one.step.verb.destructive:
            said = f"a thing that was replaced is not lost, so nothing is there to {one.step.verb}"
            complaints.problem(one.target, f"{said}; write `when: gone` if you mean that")


def _check_copy_gone(draft: Draft, complaints: Complaints) -> None:
    if draft.policy.when is not When.COPY_GONE:
        return
    for one in draft.steps:
        if not one.step.verb.telling:
            said = "a copy that went is no loss of the original, so only `notify` goes with it"
            complaints.problem(one.target, f"{said}; write `when: gone` if you mean the end of the original")


def _check_inert(draft: Draft, complaints: Complaints) -> None:
    """What an app only shows: nothing can be done there to a thing of that kind."""
    if draft.policy.when is When.ORPHAN or draft.known.sources is None:
        return
    for one in draft.steps:
        source = draft.known.sources.get(one.step.target)
        if source is None or source.type is None or one.step.verb is Verb.NOTIFY:
            continue
        meant = draft.policy.kinds & frozenset(source.type.kinds)
        if meant and meant <= source.type.inert:
            kinds = " or ".join(sorted(meant))
            said = f"{one.step.target} only shows what is a {kinds}; it cannot {one.step.verb} one"
            complaints.problem(one.target, said)


def _check_copies(draft: Draft, complaints: Complaints) -> None:
    if draft.policy.copies is Copies.EACH and draft.policy.when is not When.GONE:
        complaints.problem((*draft.where, "copies"), "`each` goes only with `when: gone`; leave it out")


def _check_mode(draft: Draft, complaints: Complaints) -> None:
    own = draft.policy.mode
    if draft.mode is not None and own is not None and draft.policy.mode_under(draft.mode) is not own:
        said = f"the daemon's mode {draft.mode} counts; a policy can be stricter, never laxer"
        if own is Mode.ACT and draft.mode is Mode.ACT:
            said = "one of its targets always asks, so this policy asks, too"
        complaints.warning((*draft.where, "mode"), said)


_CHECKS: tuple[tuple[Callable[[Draft, Complaints], None], tuple[str, ...]], ...] = (
    (_check_from, ("from",)),
    (_check_kinds, ("kind", "from")),
    (_check_agree, ("agree", "from")),
    (_check_grace, ("grace",)),
    (_check_idle_grace, ("grace", "then")),
    (_check_left, ("when", "what", "from")),
    (_check_replaced, ("when",)),
    (_check_copy_gone, ("when",)),
    (_check_inert, ("kind", "when")),
    (_check_copies, ("copies", "when")),
    (_check_mode, ("mode",)),
)
