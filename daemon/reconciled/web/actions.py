"""Actions, decisions and policies as people read them: one sentence each, in the daemon's own time zone.

In dry-run a planned action says what *would* be done and when; otherwise what will be, and what it
waits for. All of it follows from the row as the ledger holds it and from the mode that counts for its
policy now; nothing here decides anything.
"""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

import msgspec

from reconciled.config import Agree, Mode, Policy, Step, Verb, When
from reconciled.engine.outbox.gate import print_of
from reconciled.engine.outbox.outlook import can_undo, outlook
from reconciled.engine.outbox.words import act
from reconciled.ledger import sources, views_actions
from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import SourceRow
from reconciled.ledger.views_actions import LIVE, ActionView, PolicyFacts
from reconciled.model import Key
from reconciled.units import say_duration
from reconciled.web.house import House
from reconciled.web.scores import Score, score_of


class Action(ActionView, frozen=True, kw_only=True):
    """An action with what it does, would do or did, as a sentence; `undoable`: it can be undone now.

    `undo` says in few words whether it can be, before it is done too; null for what changes no app.
    """

    sentence: str
    undoable: bool
    undo: str | None = None


class PolicyView(msgspec.Struct, frozen=True, kw_only=True):
    """A policy of the config and what became of it. `trusted`: its next actions are no first batch.

    `mode` is the one that counts, `summary` what it says; `counts` are its actions by state, `score` is
    how right it would have been in dry-run.
    """

    name: str
    mode: str
    summary: str
    destructive: bool
    trusted: bool
    open_decision: int | None
    counts: dict[str, int]
    since: str | None
    score: Score


@dataclass(frozen=True, slots=True)
class Moment:
    """When and where a sentence is read."""

    now: datetime
    zone: tzinfo

    def time(self, at: str) -> str:
        """A time of the ledger: `at 21:30`, or with its day when that is not today."""
        here, today = datetime.fromisoformat(at).astimezone(self.zone), self.now.astimezone(self.zone)
        if here.date() == today.date():
            return f"at {here:%H:%M}"
        return f"on {here:%Y-%m-%d} at {here:%H:%M}"

    def over(self, at: str) -> bool:
        """Whether that time has come."""
        return datetime.fromisoformat(at) <= self.now


def moment(house: House) -> Moment:
    """Now, here."""
    return Moment(house.clock.now(), house.zone)


def mode_of(house: House, policy: str | None) -> Mode:
    """The mode that counts for actions of a policy; by hand (None) the daemon's."""
    rules = house.outbox.rules
    known = rules.policies.get(policy) if policy is not None else None
    return rules.mode_of(known) if known is not None else rules.mode


def told(house: House, view: ActionView) -> Action:
    """The action with its sentence."""
    sentence = describe(view, mode_of(house, view.policy), moment(house))
    return Action(
        **_fields(view), sentence=sentence, undoable=undoable(house, view), undo=undo_outlook(house, view)
    )


def what(view: ActionView) -> str:
    """What it does, in the infinitive: "delete request 17 (The Matrix) in requests"."""
    return act(
        view.verb, view.target, view.kind, view.key, view.title,
        label=view.label, files=view.files, exclude=view.exclude,
        others=[Key(*one.split(" ", 1)) for one in view.others],
    )  # fmt: skip


def describe(view: ActionView, mode: Mode, moment: Moment) -> str:
    """Where the action stands, as one sentence without its full stop."""
    does, reason = what(view), view.reason
    match view.state:
        case "planned":
            return _planned(view, mode, moment)
        case "waiting":
            return f"would {does}, since {view.since}: waits for your answer in decision {view.decision}"
        case "sending":
            return f"{does}: sent {moment.time(view.sent or view.changed)}" + (
                f"; {reason}" if reason not in ("", "sent") else ""
            )
        case "done":
            return f"{does}: done {moment.time(view.sent or view.changed)}, since {view.since}"
        case "dropped":
            return f"{does}: not done, {reason}"
        case "expired":
            return f"{does}: given up, {reason}"
        case "failed":
            return f"{does}: failed, {reason}"
        case "refused":
            return f"{does}: {view.target} refused, {reason}"
    return f"{does}: {reason}" if reason else f"{does}: {view.state}"  # rejected by …, undone by …


def _planned(view: ActionView, mode: Mode, moment: Moment) -> str:
    does, since = what(view), f"since {view.since}"
    due = f" {moment.time(view.due)}" if view.due is not None and not moment.over(view.due) else ""
    destructive = Verb(view.verb).destructive
    waits = _waits(view)
    if mode is Mode.DRY_RUN and not Verb(view.verb).telling:
        ready = f" (nothing spoke against it {moment.time(view.would_at)})" if view.would_at else due
        return f"would {does}{ready}, {since}{waits}"
    if view.approved_by is not None and not waits:
        return f"will {does}{due}, {since}: approved by {view.approved_by}"
    if mode is Mode.ASK and view.approved_by is None and view.policy is not None:
        return f"will ask you{due} whether to {does}, {since}{waits}"
    agreed = ", if everybody agrees" if destructive and view.policy is not None else ""
    return f"will {does}{due}{agreed}, {since}{waits}"


def _waits(view: ActionView) -> str:
    """Why it waits, where anything but time keeps it."""
    if not view.reason or view.code in ("", "grace", "ready", "would"):
        return ""
    return f"; the last try: {view.reason}" if view.code == "again" else f"; it waits: {view.reason}"


def undoable(house: House, view: ActionView) -> bool:
    """Whether it was done, and its target's class can do what would undo it."""
    place = house.engine.places.get(view.target)
    if view.state != "done" or place is None:
        return False
    return can_undo(place.live.source, view.target, Verb(view.verb), label=view.label)


def undo_outlook(house: House, view: ActionView) -> str | None:
    """Whether it can or could be undone, in few words; None when nothing is or will be there to undo."""
    if view.state not in (*LIVE, "done"):
        return None
    place = house.engine.places.get(view.target)
    source = place.live.source if place is not None else None
    return outlook(source, view.target, Verb(view.verb), files=view.files, label=view.label)


def next_of(house: House, view: ActionView) -> str | None:
    """What happens next with a live action, for its item's page; None when nothing does any more."""
    if view.state == "waiting":
        return f"To {what(view)} waits for your answer in decision {view.decision}."
    if view.state == "sending":
        return f"{view.target} was told to {what(view)}; whether it did is not known yet."
    if view.state == "planned":
        sentence = describe(view, mode_of(house, view.policy), moment(house))
        return f"{'Planned' if view.policy else 'Ordered by hand'}: {sentence}."
    return None


# --- policies -------------------------------------------------------------------------------------


async def policies(house: House) -> list[PolicyView]:
    """Every policy of the config, in its order, with what became of it."""

    rules = house.outbox.rules.policies

    def read(tx: Tx) -> tuple[dict[str, PolicyFacts], list[SourceRow], dict[str, Score]]:
        scores = {name: score_of(tx, policy) for name, policy in rules.items()}
        return views_actions.policies(tx), sources.every(tx), scores

    facts, known, scores = await house.ledger.read(read)
    return [
        _policy(house, policy, facts.get(name, PolicyFacts()), known, scores[name])
        for name, policy in rules.items()
    ]


def _policy(
    house: House, policy: Policy, facts: PolicyFacts, known: list[SourceRow], score: Score
) -> PolicyView:
    mode = house.outbox.rules.mode_of(policy)
    return PolicyView(
        name=policy.name,
        mode=str(mode),
        summary=summary(policy),
        destructive=policy.destructive,
        trusted=facts.trusted is not None and facts.trusted == print_of(policy, mode, known),
        open_decision=facts.open_decision,
        counts=facts.counts,
        since=facts.since,
        score=score,
    )


def summary(policy: Policy) -> str:
    """What a policy says, in one line for people."""
    kinds = " or ".join(sorted(policy.kinds)) or "anything"
    named = " or ".join(sorted(policy.sources))
    happens, word = {
        When.GONE: ("is gone", "from"),
        When.ORPHAN: ("is an orphan", "in"),
        When.REPLACED: ("was replaced", "in"),
        When.COPY_GONE: ("has lost a copy", "in"),
    }[policy.when]
    where = f" {word} {named}" if named else ""
    said = f"when {kinds} {happens}{where}, {' and '.join(map(_step, policy.then))}"
    return f"{said} after {say_duration(policy.grace)}, {_agreement(policy)}" if policy.destructive else said


def _agreement(policy: Policy) -> str:
    match policy.agree:
        case Agree.ALL:
            return "if everybody agrees"
        case Agree.NONE:
            return "whoever disagrees"
        case named:
            return f"if {' and '.join(sorted(named))} {'agrees' if len(named) == 1 else 'agree'}"


def _step(step: Step) -> str:
    match step.verb:
        case Verb.NOTIFY:
            return f"tell {step.target}"
        case Verb.TAG:
            return f"tag it with {step.label} in {step.target}"
        case Verb.UNTAG:
            return f"take the tag {step.label} off in {step.target}"
        case Verb.DELETE:
            more = " with its files" if step.files else ""
            return f"delete it{more} in {step.target}" + (", for good" if step.exclude else "")
    return f"{step.verb} it in {step.target}"


def _fields(view: ActionView) -> dict[str, Any]:
    return {name: getattr(view, name) for name in ActionView.__struct_fields__}
