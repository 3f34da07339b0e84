"""What actions are called in sentences for people."""

from collections.abc import Sequence

from reconciled.config import Agree, Policy, Verb
from reconciled.engine.outbox.policy import Case, effective_what
from reconciled.model import Key, What

_DOES = {
    Verb.DELETE: "delete",
    Verb.UNMONITOR: "stop monitoring",
    Verb.MONITOR: "monitor",
    Verb.RESTORE: "restore",
}


def act(
    verb: str,
    target: str,
    kind: str,
    key: str,
    title: str,
    *,
    label: str = "",
    files: bool = False,
    exclude: bool = False,
    others: Sequence[Key] = (),
) -> str:
    """What an action does, in the infinitive: "delete request 17 (The Matrix) in seerr"."""
    thing = f"{kind} {key} ({title}) in {target}"
    match Verb(verb):
        case Verb.NOTIFY:
            return f"tell {target} of {title}"
        case Verb.TAG:
            return f"tag {thing} with {label}"
        case Verb.UNTAG:
            return f"take the tag {label} off {thing}"
        case Verb.MERGE:
            what = f"{' and '.join(map(str, others))} onto" if others else "its duplicates onto"
            return f"merge {what} {thing}"
        case Verb.DELETE:
            more = [
                text
                for text, yes in (("with its files", files), ("and keep it from coming back", exclude))
                if yes
            ]
            return " ".join([f"delete {thing}", *more])
        case known:
            return f"{_DOES[known]} {thing}"


def since_of(policy: Policy, case: Case, *, title: str) -> str:
    """Why a policy wants something: the end of "would delete …, since …"."""
    if case.code == "orphan":
        copied = any(
            (copy.source, copy.item.key.kind) == (case.source, case.kind) for copy in case.thing.made
        )
        return f"what it {'is a copy of' if copied else 'refers to'} is gone from {case.losing}"
    if case.code == "replaced":
        return f"{title} was replaced in {case.losing}"
    went = "the file of" if case.what is What.FILE else ""
    said = f"{went} {title} is gone from {case.losing}".strip()
    if policy.agree is Agree.NONE:
        return said
    has = "has a file of it" if effective_what(policy, case.thing) is What.FILE else "has it"
    but = ", but for copies that we made" if case.thing.made else ""
    return f"{said} and no other app {has}{but}"
