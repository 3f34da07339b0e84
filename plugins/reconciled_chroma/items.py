"""How the entries of one document become one item.

Entries come in any order and scattered, so they are gathered first. Whatever order they came in, the
item is the same: its title is that of the entry whose own id is the smallest.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from reconciled.model import Item, Json, Key, refs
from reconciled_chroma.config import ChromaConfig
from reconciled_chroma.documents import Reference, named
from reconciled_chroma.payloads import Entries

VECTOR = "vector"


@dataclass(slots=True)
class Made:
    """What was made of one document: how many entries, and what one of them calls it."""

    count: int = 0
    titled: str = ""
    title: str = ""

    def take(self, entry: str, title: object) -> None:
        """One entry more."""
        self.count += 1
        if isinstance(title, str) and title.strip() and (not self.title or entry < self.titled):
            self.titled, self.title = entry, title.strip()


@dataclass(slots=True)
class Gathering:
    """Entries by their document; `unnamed` name none."""

    config: ChromaConfig
    made: dict[str, Made] = field(default_factory=dict)
    unnamed: int = 0

    def take(self, entries: Entries) -> None:
        """All of these; none of them twice."""
        for entry, metadata in zip(entries.ids, entries.metadatas, strict=True):
            document = document_of(metadata, self.config)
            if document is None:
                self.unnamed += 1
                continue
            title = (metadata or {}).get(self.config.title_field)
            self.made.setdefault(document, Made()).take(entry, title)

    def items(self) -> Iterator[Item]:
        """An item for each document."""
        reference = Reference.read(self.config.refers_to)
        for document, made in self.made.items():
            attrs: dict[str, Json] = {"entries": made.count, "collection": self.config.collection}
            yield Item(
                key=Key(VECTOR, document),
                title=made.title or f"document {document}",
                refs=refs(reference.ref(document)),
                attrs=attrs,
                refers=True,
            )


def document_of(metadata: Mapping[str, object] | None, config: ChromaConfig) -> str | None:
    """The id of the document that an entry was made of, or None."""
    return named((metadata or {}).get(config.field))
