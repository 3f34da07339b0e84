"""Chroma as a source: what a collection of its vector store keeps of documents.

A program cuts documents into pieces and puts an entry with each piece's embedding into a collection.
When a document is gone these entries stay, and answers are still made of them. Here all entries of
one document are one item, which only *refers* to the document and is evidence of nothing.
"""

from collections.abc import Iterable
from typing import Any

from reconciled.hookspecs import hookimpl
from reconciled.source import Source
from reconciled_chroma.config import ChromaConfig
from reconciled_chroma.source import Chroma

__all__ = ["Chroma", "ChromaConfig"]


@hookimpl
def source_types() -> Iterable[type[Source[Any]]]:
    """Chroma."""
    return [Chroma]
