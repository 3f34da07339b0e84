"""What a source can do, in words for people: how it notices, how it proves, what it changes.

Made of the Protocols that its class fulfils and of nothing else, so the words cannot drift from
what policies and orders go by.
"""

from collections.abc import Iterator
from typing import Any

from reconciled.source import (
    Captures,
    Deletes,
    Deletion,
    Examines,
    Fetches,
    Finds,
    Foresees,
    Incremental,
    Listens,
    ListsTexts,
    LooksUpMany,
    Monitors,
    Previews,
    Provisions,
    ReadsBack,
    ReceivesWebhooks,
    Registers,
    Restores,
    Source,
    SourceConfig,
    Tags,
    Texts,
    Uploads,
)


def abilities(source: Source[Any]) -> tuple[str, ...]:
    """Each ability in a few words, those for noticing first."""
    return (*_noticing(source), *_proving(source), *_changing(source), *_files(source), *_else(source))


def _noticing(source: Source[Any]) -> Iterator[str]:
    if isinstance(source, Listens):
        yield "follows the app's event stream"
    if isinstance(source, ReceivesWebhooks):
        yield "takes the app's webhooks"
    if isinstance(source, Registers):
        yield "takes records from other programs"
    if isinstance(source, Incremental):
        yield "reads all ids, and in full only what changed"
    else:
        yield "reads everything in pages" if source.paged else "reads everything in one list"


def _proving(source: Source[Any]) -> Iterator[str]:
    if isinstance(source, LooksUpMany):
        yield f"asks about up to {source.batch} items at once"
    else:
        yield "asks about one item at a time"
    if isinstance(source, Finds):
        yield "looks for a thing by its refs"


def _changing(source: Source[Any]) -> Iterator[str]:
    if isinstance(source, Deletes):
        yield f"deletes {_ways(source.options)}"
    if isinstance(source, Tags):
        yield "tags"
    if isinstance(source, Monitors):
        yield "stops and begins monitoring"
    if isinstance(source, Restores):
        yield "restores what was deleted"
    if isinstance(source, Foresees):
        yield "says beforehand what can be restored"


def _ways(options: frozenset[Deletion]) -> str:
    """How it deletes: what is possible with the files, and with coming back."""
    with_files, without = any(how.files for how in options), any(not how.files for how in options)
    both = "entries, with their files or without"
    said = both if with_files and without else "items with their files" if with_files else "entries only"
    return f"{said}, also for good" if any(how.exclude for how in options) else said


def _files(source: Source[Any]) -> Iterator[str]:
    """What mirrors go by; where copies may be put may be a setting that is missing."""
    if isinstance(source, Fetches):
        yield "hands files out"
    closed = source.config.takes_no_files() if isinstance(source.config, SourceConfig) else None
    if isinstance(source, Uploads) and closed is None:
        yield "takes files in"
    if isinstance(source, ReadsBack):
        yield "reads its files back"


def _else(source: Source[Any]) -> Iterator[str]:
    if isinstance(source, Captures):
        yield "keeps an image of what it deletes"
    if isinstance(source, ListsTexts):
        yield "lists the words in its items that changed"
    elif isinstance(source, Texts):
        yield "reads the words in its items"
    if isinstance(source, Previews):
        yield "shows its items as pictures"
    if isinstance(source, Provisions):
        yield "sets up its own webhook"
    if isinstance(source, Examines):
        yield "looks at how its app is set up"
