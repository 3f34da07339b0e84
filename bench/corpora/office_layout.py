"""What stands on an office's paper before anybody scans it: blocks, in pages.

A `Paper` knows its tables, its columns side by side and its lines to sign, so that two scans of it can read
them in different orders and a copy of it can be signed or lack a page.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

PAGE = 54
"""Lines of a page."""


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a page. `rows` are a table's, or the left and right lines of two columns side by side."""

    kind: str
    """`text`, `logo`, `table`, `beside` or `sign`."""
    lines: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def height(self) -> int:
        """In lines."""
        return len(self.rows) or len(self.lines)


@dataclass(slots=True)
class Paper:
    """A document before it is scanned."""

    title: str
    kind: str
    sender: str
    day: dt.date
    blocks: list[Block] = field(default_factory=list)
    number: str = ""
    foot: str = ""
    """What every page of several says at its end, with `{p}` and `{t}` for the page and their number."""
    names: tuple[str, ...] = ()
    """Who would sign it."""

    def add(self, *lines: str, width: int = 0) -> None:
        """Text; wrapped when a width is given."""
        self.blocks.append(Block("text", tuple(wrapped(lines, width) if width else lines)))

    def pages(self) -> list[list[Block]]:
        """The blocks in pages; a long block goes on overleaf."""
        out: list[list[Block]] = [[]]
        room = PAGE
        for block in self.blocks:
            for piece in cut(block, room):
                if piece.height > room:
                    out.append([])
                    room = PAGE
                out[-1].append(piece)
                room -= piece.height + 1
        if len(out) > 1 and self.foot:
            for number, page in enumerate(out, 1):
                page.append(Block("text", (self.foot.format(p=number, t=len(out)),)))
        return out


def cut(block: Block, room: int) -> Iterable[Block]:
    """A block in pieces, the first of which fits the room that is left on the page."""
    if block.height <= room or (block.height <= 8 and block.kind != "table"):
        yield block
        return
    at, size = 0, max(room, 0) if room > 6 else PAGE
    while at < block.height:
        if block.kind == "text":
            yield Block("text", block.lines[at : at + size])
        else:
            yield Block(block.kind, block.lines[at : at + size], block.rows[at : at + size])
        at += size
        size = PAGE


def wrapped(texts: Iterable[str], width: int) -> list[str]:
    """Paragraphs broken into lines of about `width` characters."""
    out: list[str] = []
    for text in texts:
        if len(text) <= width:
            out.append(text)
            continue
        while len(text) > width:
            at = text.rfind(" ", 0, width + 1)
            at = at if at > 0 else width
            out.append(text[:at])
            text = text[at + 1 :]
        if text:
            out.append(text)
    return out


def paragraphs(sentences: list[str], size: int) -> list[str]:
    """Sentences put together, `size` at a time."""
    return [" ".join(sentences[at : at + size]) for at in range(0, len(sentences), size)]
