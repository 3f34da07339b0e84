"""The section `duplicates:` of a config, from what is written to `DuplicateSettings`, and its checks.

Each setting is judged by itself, so that one mistake hides no other; then whether the sources that it names
exist and have anything to compare, and whether the bands lie in their order.
"""

from collections.abc import Collection
from typing import Any

from reconciled.config.complaints import Complaints
from reconciled.config.document import Value
from reconciled.config.duplicates import DuplicateSettings
from reconciled.config.known import Known
from reconciled.config.names import placed, unknown
from reconciled.config.problems import Where
from reconciled.config.validate import validate_each
from reconciled.config.written_duplicates import WrittenDuplicates
from reconciled.duplicates.words import Factor
from reconciled.source import Source


def build_duplicates(value: Value, known: Known, *, complaints: Complaints) -> DuplicateSettings:
    """The settings; good only if there was no problem."""
    where: Where = ("duplicates",)
    if value is None and where not in complaints.document.broken:
        return DuplicateSettings()
    if not isinstance(value, dict):
        said = "a mapping of settings belongs here, such as {workers: 2}; `duplicates: {sources: []}` is none"
        complaints.problem(where, said)
        return DuplicateSettings()
    written, bad = validate_each(WrittenDuplicates, value, where, complaints=complaints)
    _check_sources(written, known, (*where, "sources"), complaints=complaints)
    _check_judging(written, bad, where, complaints=complaints)
    return written.settings()


def _check_sources(written: WrittenDuplicates, known: Known, where: Where, *, complaints: Complaints) -> None:
    for place, name in placed(written.sources or (), where, complaints=complaints):
        if known.sources is None:
            continue
        source = known.sources.get(name)
        if source is None:
            complaints.problem(place, unknown("source", name, sorted(known.sources), section="sources"))
        elif source.type is not None and not shows_words(source.type):
            said = (
                f"{name} shows neither words nor pictures; its items are found only by their checksums, "
                "where it tells any"
            )
            complaints.warning(place, said)


def shows_words(type_: type[Source[Any]]) -> bool:
    """Whether items of that class are compared, unless `sources` says it: they have words or pictures."""
    return any(callable(getattr(type_, ability, None)) for ability in ("texts", "texts_since", "preview"))


def _check_judging(
    written: WrittenDuplicates, bad: Collection[str], where: Where, *, complaints: Complaints
) -> None:
    if "bands" not in bad and written.bands.review >= written.bands.duplicate:
        said = "is not below `duplicate`; nothing would be left to be reviewed"
        at = (*where, "bands", "review")
        complaints.problem(at if at in complaints.document.places else (*where, "bands"), said)
    if "factors" in bad:
        return
    weights = written.factors.settings()
    if not any(weight for factor, weight in weights.items() if factor is not Factor.THIRDS):
        complaints.problem((*where, "factors"), "all of them are 0, so nothing could be told")
    elif not weights[Factor.TEXT]:
        said = "without `text` papers that only look alike are taken for one another"
        complaints.warning((*where, "factors", "text"), said)
    elif weights[Factor.IMAGE] > 1 or weights[Factor.NAME] > 1 or weights[Factor.METADATA] > 1:
        said = "more than 1 for name, metadata or image lets a hint stand against what the words say"
        complaints.warning((*where, "factors"), said)
