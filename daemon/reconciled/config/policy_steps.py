"""The steps below a policy's `then:`: from what is written to one `Step` a target, each with its place.

A step says one verb. What stands beside the verb has to go with it, and the same is not said twice.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from reconciled.config.complaints import Complaints
from reconciled.config.document import Value
from reconciled.config.names import placed
from reconciled.config.policies import Step, Verb
from reconciled.config.problems import Where
from reconciled.config.validate import validate_each
from reconciled.config.written_policies import WrittenStep

_EXAMPLE = "such as [{unmonitor: radarr}, {notify: phone}]"
_VERBS = ", ".join(verb for verb in Verb if not verb.by_hand)
_GOES_WITH: Mapping[str, tuple[Verb, ...]] = {
    "files": (Verb.DELETE,),
    "exclude": (Verb.DELETE,),
    "label": (Verb.TAG, Verb.UNTAG),
    "message": (Verb.NOTIFY,),
}


@dataclass(frozen=True, slots=True)
class PlacedStep:
    """A step, where its target is written, and where the whole step is."""

    step: Step
    target: Where
    around: Where


def read_steps(value: Value, where: Where, *, complaints: Complaints) -> tuple[tuple[PlacedStep, ...], bool]:
    """The steps that could be understood, and whether those are all."""
    if not isinstance(value, list):
        on_name = where not in complaints.document.places
        said = "is missing" if value is None else "a list of steps belongs here"
        complaints.problem(where, f"{said}; write what to do, {_EXAMPLE}", on_name=on_name)
        return (), False
    if not value:
        complaints.problem(where, f"at least one step belongs here, {_EXAMPLE}")
    steps: list[PlacedStep] = []
    whole = bool(value)
    for number, one in enumerate(value):
        found = list(_read_step(one, (*where, number), complaints=complaints))
        whole = whole and bool(found)
        steps += found
    _check_repeated(steps, complaints=complaints)
    return tuple(steps), whole


def _read_step(value: Value, where: Where, *, complaints: Complaints) -> Iterator[PlacedStep]:
    """A step for each target of the verb; none when it cannot be told what is meant."""
    if not isinstance(value, dict):
        complaints.problem(where, "a step is a verb with its target, such as {unmonitor: radarr}")
        return
    if by_hand := [verb for verb in Verb if verb.by_hand and verb in value]:
        said = f"no policy can {by_hand[0]}: it is ordered by hand, for duplicates; take it out"
        complaints.problem((*where, by_hand[0].value), said, on_name=True)
        return
    written, bad = validate_each(WrittenStep, value, where, complaints=complaints)
    verb = _verb(value, where, bad=bad, complaints=complaints)
    if verb is None:
        return
    _check_words(verb, value, where, complaints=complaints)
    if bad:
        return
    for place, target in placed(getattr(written, verb), (*where, verb.value), complaints=complaints):
        step = Step(
            verb,
            target,
            files=written.files,
            exclude=written.exclude,
            label=written.label,
            message=written.message,
        )
        yield PlacedStep(step, place, where)


def _verb(
    value: Mapping[str, Value], where: Where, *, bad: frozenset[str], complaints: Complaints
) -> Verb | None:
    verbs = [verb for name in value for verb in Verb if verb == name]
    for more in verbs[1:]:
        said = f"a step has one verb, and this one has `{verbs[0]}`; make this a step of its own"
        complaints.problem((*where, more.value), said, on_name=True)
    if not verbs and not bad:
        complaints.problem(where, f"a step needs one of the verbs {_VERBS}")
    return verbs[0] if len(verbs) == 1 else None


def _check_words(verb: Verb, value: Mapping[str, Value], where: Where, *, complaints: Complaints) -> None:
    for name, verbs in _GOES_WITH.items():
        if name in value and verb not in verbs:
            said = f"goes only with {' and '.join(verbs)}, not with {verb}; take it out"
            complaints.problem((*where, name), said, on_name=True)
    if verb in _GOES_WITH["label"] and "label" not in value:
        complaints.problem((*where, verb.value), f"needs a label: {{{verb}: …, label: keep}}", on_name=True)


def _check_repeated(steps: Iterable[PlacedStep], *, complaints: Complaints) -> None:
    before: set[tuple[Verb, str, str]] = set()
    for one in steps:
        step = one.step
        opposite = step.verb.opposite
        if (step.verb, step.target, step.label) in before:
            complaints.problem(one.target, f"the same is said before: {step.verb} {step.target}")
        elif opposite is not None and (opposite, step.target, step.label) in before:
            complaints.problem(one.target, f"undoes a step before it: {opposite} {step.target}")
        before.add((step.verb, step.target, step.label))
