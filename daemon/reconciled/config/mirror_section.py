"""The mirrors among the `policies:` of a config, each from what is written to a `Mirror`, then all beside
each other.

Every setting of every mirror is judged by itself, so that one mistake hides no other.
"""

from collections.abc import Mapping
from types import MappingProxyType

from reconciled.config.complaints import Complaints
from reconciled.config.document import Value
from reconciled.config.fields import names_of
from reconciled.config.known import Known
from reconciled.config.mirror_checks import MirrorDraft, check_mirror
from reconciled.config.mirror_circles import check_beside
from reconciled.config.mirrors import THRESHOLDS, Measure, Mirror, Threshold
from reconciled.config.mode import Mode
from reconciled.config.names import check_name
from reconciled.config.problems import Where
from reconciled.config.validate import validate_each
from reconciled.config.written_mirrors import WrittenMirror, WrittenThresholds
from reconciled.config.written_policies import WrittenPolicy

_MISSING = {
    "mirror": "is missing; it names the source whose files travel",
    "to": "is missing; it names the sources that take the files in, such as [paperless, archive]",
}
_ACTING = frozenset(names_of(WrittenPolicy)) - frozenset(names_of(WrittenMirror))
"""Settings of policies that act, which a mirror has no use for."""


def is_mirror(value: Value) -> bool:
    """Whether that policy brings files, rather than acting on findings."""
    if not isinstance(value, dict):
        return False
    return "mirror" in value or ("to" in value and not value.keys() & {"when", "then"})


def build_mirrors(
    value: Value, known: Known, *, mode: Mode | None, complaints: Complaints
) -> dict[str, Mirror]:
    """The mirrors by name. Good only if there was no problem; `mode` is the daemon's, None when unknown."""
    if not isinstance(value, dict):
        return {}  # told with the policies
    drafts = [
        _draft(name, one, known, mode=mode, complaints=complaints)
        for name, one in value.items()
        if isinstance(one, dict) and is_mirror(one)
    ]
    for draft in drafts:
        check_mirror(draft, complaints=complaints)
    check_beside(drafts, complaints=complaints)
    return {draft.mirror.name: draft.mirror for draft in drafts if not draft.bad}


def _draft(
    name: str, value: Mapping[str, Value], known: Known, *, mode: Mode | None, complaints: Complaints
) -> MirrorDraft:
    """The mirror with each of its settings that could be understood."""
    where: Where = ("policies", name)
    check_name(name, where, "policy", complaints=complaints)
    for strange in value.keys() & _ACTING:
        complaints.problem((*where, strange), _say_acting(strange), on_name=True)
    empty = {key for key in _MISSING if value.get(key) is None and not complaints.broken((*where, key))}
    own = {key: inner for key, inner in value.items() if key not in _ACTING | empty}
    written, bad = validate_each(WrittenMirror, own, where, complaints=complaints)
    for setting, said in _MISSING.items():
        if not getattr(written, setting) and setting not in bad:
            complaints.problem((*where, setting), said, on_name=True)
            bad |= {setting}
    mirror = _mirror(name, written, where=where, complaints=complaints)
    return MirrorDraft(mirror, written, where, bad, known, mode)


def _say_acting(setting: str) -> str:
    if setting == "from":
        return "the source of a mirror is what `mirror:` names; take this out"
    return "is for policies that act, not for a mirror; make it a policy of its own"


def _mirror(name: str, written: WrittenMirror, *, where: Where, complaints: Complaints) -> Mirror:
    return Mirror(
        name=name,
        source=written.mirror or "",
        targets=tuple(dict.fromkeys(written.to)),
        kinds=frozenset(written.kind),
        types=frozenset(written.types),
        max_size=written.max_size,
        decode=written.decode,
        tag=written.tag,
        correspondent=written.correspondent,
        document_type=written.document_type,
        transfers=written.transfers,
        task_timeout=written.task_timeout,
        conflict=written.conflict,
        mode=written.mode,
        thresholds=_thresholds(written.thresholds),
        mark=complaints.document.place(where).key,
    )


def _thresholds(written: WrittenThresholds) -> Mapping[Measure, Threshold]:
    """Those that are written, and the usual ones for the rest."""
    said = {measure: getattr(written, measure) for measure in Measure}
    own = {measure: Threshold(one.warning, one.critical) for measure, one in said.items() if one is not None}
    return MappingProxyType({**THRESHOLDS, **own})
