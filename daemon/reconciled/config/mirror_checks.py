"""What a mirror by itself may be, once each of its settings is good: a table of checks.

Each check names the settings it looks at, and is left out when one of them could not be understood.
Abilities are read off the classes, before anything is built: a mirror that asks for what an app cannot
do would otherwise only be found out by a run that fails.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec

from reconciled.config.complaints import Complaints
from reconciled.config.known import Known
from reconciled.config.mirrors import Mirror
from reconciled.config.mode import Mode
from reconciled.config.names import placed, unknown
from reconciled.config.policy_targets import say_source
from reconciled.config.problems import Where, did_you_mean
from reconciled.config.written_mirrors import WrittenMirror
from reconciled.source import SourceConfig


@dataclass(frozen=True, slots=True)
class MirrorDraft:
    """A mirror before it counts, with how and where it is written; `bad` are settings left out of it.

    `mode` is the daemon's, None when that is not known.
    """

    mirror: Mirror
    written: WrittenMirror
    where: Where
    bad: frozenset[str]
    known: Known
    mode: Mode | None

    def targets(self, complaints: Complaints) -> Iterator[tuple[Where, str]]:
        """The targets that could be understood, each once, with where it stands."""
        if "to" in self.bad:
            return
        seen: set[str] = set()
        for place, name in placed(self.written.to, (*self.where, "to"), complaints=complaints):
            if name not in seen:
                seen.add(name)
                yield place, name


def check_mirror(draft: MirrorDraft, *, complaints: Complaints) -> None:
    """One mirror by itself, beside the sources it names."""
    for check, needs in _CHECKS:
        if draft.bad.isdisjoint(needs):
            check(draft, complaints)


def _check_source(draft: MirrorDraft, complaints: Complaints) -> None:
    said = _wrong_with(draft.mirror.source, draft.known, method="fetch", what="hand files out")
    if said is not None:
        complaints.problem((*draft.where, "mirror"), said)


def _check_targets(draft: MirrorDraft, complaints: Complaints) -> None:
    itself = None if "mirror" in draft.bad else draft.mirror.source
    for place, name in draft.targets(complaints):
        if name == itself:
            complaints.problem(place, f"{name} is where the files come from; name another source")
            continue
        said = _wrong_with(name, draft.known, method="upload", what="take files in")
        said = said or _wrong_setup(name, draft.known)
        if said is not None:
            complaints.problem(place, said)


def _wrong_with(name: str, known: Known, *, method: str, what: str) -> str | None:
    """Why the source of that name cannot be the one end of a mirror; None when it can, or nobody knows."""
    sources = known.sources
    if sources is None:
        return None
    if name not in sources:
        return unknown("source", name, list(sources), section="sources")
    kind = sources[name].type
    if kind is None or callable(getattr(kind, method, None)):
        return None
    able = [one for one, found in sources.items() if callable(getattr(found.type, method, None))]
    said = f"; those that can: {', '.join(able)}" if able else "; none of the sources can"
    return f"{say_source(name, kind)} cannot {what}{said}"


def _wrong_setup(name: str, known: Known) -> str | None:
    """Why a source whose class can take files in does not as it is set up."""
    options = known.sources[name].options if known.sources is not None else None
    if not isinstance(options, SourceConfig):
        return None
    try:
        why = options.takes_no_files()
    except Exception as error:  # noqa: BLE001  # a plugin's own code: `load` never raises
        why = f"cannot be checked: its plugin failed ({type(error).__name__})"
    return None if why is None else f"{name} {why}"


def _check_repeated(draft: MirrorDraft, complaints: Complaints) -> None:
    before: set[str] = set()
    for place, name in placed(draft.written.to, (*draft.where, "to"), complaints=complaints):
        if name in before:
            complaints.problem(place, f"the same is said before: {name}; take one of them out")
        before.add(name)


def _check_kinds(draft: MirrorDraft, complaints: Complaints) -> None:
    name = draft.mirror.source
    kinds = draft.known.kinds(name)
    if kinds is None:
        return  # told where the source is named
    for place, kind in placed(draft.written.kind, (*draft.where, "kind"), complaints=complaints):
        if kind not in kinds:
            near = did_you_mean(kind, kinds) or f"; there {_is_or_are(kinds)} {', '.join(sorted(kinds))}"
            complaints.problem(place, f"{name} has no kind {kind!r}{near}")


def _is_or_are(some: frozenset[str]) -> str:
    return "is" if len(some) == 1 else "are"


@dataclass(frozen=True, slots=True)
class _Reader:
    """A library that reads files whole: how it is imported and called, our extra, and what it reads."""

    module: str
    library: str
    extra: str
    what: str
    prefix: str


_READERS = (
    _Reader("PIL", "Pillow", "images", "images", "image/"),
    _Reader("pypdf", "pypdf", "pdf", "PDF files", "application/pdf"),
)


def _check_decode(draft: MirrorDraft, complaints: Complaints) -> None:
    if not draft.mirror.decode:
        return
    types = draft.mirror.types
    for one in _READERS:
        wanted = not types or any(kind.startswith(one.prefix) for kind in types)
        if wanted and find_spec(one.module) is None:
            said = f"{one.what} are looked at only at their beginning, since {one.library} is not installed"
            remedy = f"pip install 'reconciled[{one.extra}]'"
            complaints.warning((*draft.where, "decode"), f"{said}: {remedy}")


def _check_decode_reads_something(draft: MirrorDraft, complaints: Complaints) -> None:
    types = draft.mirror.types
    read = [kind for kind in types for one in _READERS if kind.startswith(one.prefix)]
    if draft.mirror.decode and types and not read:
        said = "only images and PDF files can be read whole, and `types` has none of them; this is never used"
        complaints.warning((*draft.where, "decode"), said)


def _check_labels(draft: MirrorDraft, complaints: Complaints) -> None:
    """A tag where no app has any."""
    known = [draft.known.sources.get(name) for name in draft.mirror.targets] if draft.known.sources else []
    kinds = [one.type for one in known if one is not None and one.type is not None]
    if draft.mirror.tag is None or len(kinds) < len(draft.mirror.targets):
        return
    if not any(kind.tagged for kind in kinds):
        names = " or ".join(draft.mirror.targets)
        complaints.warning((*draft.where, "tag"), f"there are no tags in {names}; this is never used")


def _check_mode(draft: MirrorDraft, complaints: Complaints) -> None:
    own = draft.mirror.mode
    if draft.mode is not None and own is not None and draft.mirror.mode_under(draft.mode) is not own:
        said = f"the daemon's mode {draft.mode} counts; a mirror can be stricter, never laxer"
        complaints.warning((*draft.where, "mode"), said)


_CHECKS: tuple[tuple[Callable[[MirrorDraft, Complaints], None], tuple[str, ...]], ...] = (
    (_check_source, ("mirror",)),
    (_check_targets, ("to",)),
    (_check_repeated, ("to",)),
    (_check_kinds, ("mirror", "kind")),
    (_check_decode, ("decode", "types")),
    (_check_decode_reads_something, ("decode", "types")),
    (_check_labels, ("tag", "to")),
    (_check_mode, ("mode",)),
)
