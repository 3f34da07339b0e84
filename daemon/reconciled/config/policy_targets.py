"""Whether the target of a step exists and its app can do what the step asks for.

Abilities are read off the class, before anything is built: a policy that asks for what an app
cannot do would otherwise only be found out by a failed action.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from reconciled.config.complaints import Complaints
from reconciled.config.known import Known, NamedSource
from reconciled.config.names import unknown
from reconciled.config.policies import Step, Verb
from reconciled.config.policy_steps import PlacedStep
from reconciled.config.problems import Where
from reconciled.source import Deletion, Source

_METHODS: Mapping[Verb, str] = {
    Verb.DELETE: "delete",
    Verb.UNMONITOR: "monitor",
    Verb.MONITOR: "monitor",
    Verb.TAG: "tag",
    Verb.UNTAG: "untag",
    Verb.RESTORE: "restore",
}


def check_targets(steps: Iterable[PlacedStep], known: Known, *, complaints: Complaints) -> None:
    """Every target of a policy."""
    for one in steps:
        if one.step.verb is Verb.NOTIFY:
            _check_channel(one, known, complaints=complaints)
        elif known.sources is not None:
            _check_source(one, known.sources, complaints=complaints)


def _check_channel(one: PlacedStep, known: Known, *, complaints: Complaints) -> None:
    name = one.step.target
    if known.channels is not None and name not in known.channels:
        complaints.problem(one.target, unknown("channel", name, sorted(known.channels), section="notify"))


def _check_source(one: PlacedStep, sources: Mapping[str, NamedSource], *, complaints: Complaints) -> None:
    step = one.step
    if step.target not in sources:
        complaints.problem(one.target, unknown("source", step.target, list(sources), section="sources"))
        return
    kind = sources[step.target].type
    if kind is None:
        return
    if not _can(kind, step.verb):
        able = [name for name, found in sources.items() if found.type and _can(found.type, step.verb)]
        said = f"; those that can: {', '.join(able)}" if able else "; none of the sources can"
        complaints.problem(one.target, f"{say_source(step.target, kind)} cannot {step.verb}{said}")
    elif step.verb is Verb.DELETE:
        _check_deletion(one, kind, complaints=complaints)


def say_source(name: str, kind: type[Source[Any]]) -> str:
    """A source by its name, with its app where that is another."""
    return name if name == kind.app else f"{name} ({kind.app})"


def _can(kind: type[Source[Any]], verb: Verb) -> bool:
    return callable(getattr(kind, _METHODS[verb], None))


def _check_deletion(one: PlacedStep, kind: type[Source[Any]], *, complaints: Complaints) -> None:
    """Each of `files` and `exclude` by itself, then both together."""
    options: frozenset[Deletion] = getattr(kind, "options", frozenset()) or frozenset({Deletion()})
    step = one.step
    wrong = {
        "files": _wrong_with_files(step, {option.files for option in options}),
        "exclude": _wrong_with_exclude(step, {option.exclude for option in options}),
    }
    for name, said in wrong.items():
        if said is not None:
            complaints.problem(_place(one, name, complaints), said)
    if not any(wrong.values()) and Deletion(files=step.files, exclude=step.exclude) not in options:
        ways = sorted((option.files, option.exclude) for option in options)
        able = " · ".join(f"files: {_yes(files)}, exclude: {_yes(exclude)}" for files, exclude in ways)
        complaints.problem(one.target, f"{step.target} deletes in no such way; it can: {able}")


def _wrong_with_files(step: Step, able: set[bool]) -> str | None:
    if step.files in able:
        return None
    if step.files:
        return f"{step.target} cannot delete files; leave `files` out"
    return f"{step.target}'s delete always takes the files; write `files: yes` if you mean that"


def _wrong_with_exclude(step: Step, able: set[bool]) -> str | None:
    if step.exclude in able:
        return None
    if step.exclude:
        return f"{step.target} cannot keep a thing from being added again; leave `exclude` out"
    return (
        f"{step.target}'s delete always keeps the thing from being added again;"
        " write `exclude: yes` if you mean that"
    )


def _place(one: PlacedStep, name: str, complaints: Complaints) -> Where:
    """Where `files` or `exclude` is written, else where the target is."""
    where: Where = (*one.around, name)
    return where if where in complaints.document.places else one.target


def _yes(value: bool) -> str:
    return "yes" if value else "no"
