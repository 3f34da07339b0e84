"""How a paper of the clinic is laid out: blocks of lines, tables and signature lines on pages.

What a scanner read is `Paper.text`. Copies that were read differently (columns first, another order, a
page less) are made from the same blocks, so nothing has to be guessed back from the text.
"""

import unicodedata
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Block:
    """Some lines, or a table (`cells`), or lines to be signed (`sign`)."""

    lines: tuple[str, ...] = ()
    cells: tuple[tuple[str, ...], ...] = ()
    style: int = 0
    sign: bool = False

    def read(self) -> list[str]:
        """The lines, as a scanner reads them from the left to the right."""
        return _TABLES[self.style](self.cells) if self.cells else list(self.lines)


def _aligned(cells: tuple[tuple[str, ...], ...]) -> list[str]:
    """Columns padded with blanks."""
    across = max(len(row) for row in cells)
    widths = [max((len(row[at]) for row in cells if at < len(row)), default=0) for at in range(across)]
    return ["  ".join(cell.ljust(widths[at]) for at, cell in enumerate(row)).rstrip() for row in cells]


def _loose(cells: tuple[tuple[str, ...], ...]) -> list[str]:
    """One blank between the cells."""
    return [" ".join(cell for cell in row if cell) for row in cells]


def _dotted(cells: tuple[tuple[str, ...], ...]) -> list[str]:
    """Dots lead from the name to the rest."""
    return [f"{row[0]} {'.' * max(3, 40 - len(row[0]))} {'  '.join(row[1:])}".rstrip() for row in cells]


def _columns(cells: tuple[tuple[str, ...], ...]) -> list[str]:
    """The scanner took each column for a text of its own."""
    across = max(len(row) for row in cells)
    return [row[at] for at in range(across) for row in cells if at < len(row) and row[at]]


_TABLES = (_aligned, _loose, _dotted, _columns)
COLUMNS = 3
"""The style of a table that was read column by column."""


@dataclass(frozen=True, slots=True)
class Paper:
    """The blocks of every page; `gap` says whether blank lines between blocks were kept."""

    pages: tuple[tuple[Block, ...], ...]
    gap: bool = True

    @property
    def text(self) -> str:
        """What the scanner read."""
        between = "\n\n" if self.gap else "\n"
        sheets = (between.join("\n".join(one.read()) for one in page) for page in self.pages)
        return "\n\n".join(sheets).strip()

    def with_pages(self, pages: list[tuple[Block, ...]]) -> "Paper":
        """The same paper of other pages."""
        return replace(self, pages=tuple(pages))


@dataclass(slots=True)
class Sheaf:
    """Collects blocks and breaks them into pages of about `deep` lines."""

    deep: int = 56
    footer: str = ""
    head: str = ""
    gap: bool = True
    pages: list[list[Block]] = field(default_factory=lambda: [[]])
    _used: int = 0

    def put(self, block: Block) -> None:
        """Add a block, on a new page where the old one is full."""
        lines = len(block.cells) or len(block.lines)
        if self._used and self._used + lines > self.deep:
            self.pages.append([])
            self._used = 0
        self.pages[-1].append(block)
        self._used += lines + 1

    def bind(self) -> Paper:
        """The paper; its pages carry a head line and their number where there are several."""
        if len(self.pages) == 1:
            return Paper((tuple(self.pages[0]),), gap=self.gap)
        bound = []
        for number, page in enumerate(self.pages, 1):
            first = [Block((self.head,))] if self.head and number > 1 else []
            last = [Block((self.footer.format(number, len(self.pages)),))] if self.footer else []
            bound.append((*first, *page, *last))
        return Paper(tuple(bound), gap=self.gap)


def wide(text: str) -> bool:
    """Whether the text is written without blanks."""
    return any(unicodedata.east_asian_width(one) == "W" for one in text[:40])


def wrap(text: str, width: int) -> tuple[str, ...]:
    """Lines of at most `width` characters (half of it for wide ones)."""
    if wide(text):
        half = max(16, width // 2)
        return tuple(text[start : start + half] for start in range(0, len(text), half))
    lines: list[str] = []
    line: list[str] = []
    used = 0
    for word in text.split():
        if line and used + len(word) + 1 > width:
            lines.append(" ".join(line))
            line, used = [], 0
        line.append(word)
        used += len(word) + 1
    if line:
        lines.append(" ".join(line))
    return tuple(lines)
