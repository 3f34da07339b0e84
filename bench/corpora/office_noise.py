"""How the office's scanners err: in words and lines, more than in single characters.

A scan loses, garbles, splits and joins words, loses line ends and now and then a line; it reads a table's
columns in another order, its rules as `|` and `_`, a logo as rubbish, and on some machines no accent at
all. A rate is the share of a text's characters that are touched; how tables, columns, logos and accents
are read is a habit of the scan and comes on top of it.
"""

import string
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from bench.corpora.office_layout import Block
from bench.corpora.office_tongue import plain

SINGLE = 0.3
"""The share of the touched characters that stand alone."""
SHAPES = ("acemnorsuvwxz", "bdfhiklt", "gpqyj", string.digits, string.ascii_uppercase)
LIKE = {char: shape for shape in SHAPES for char in shape}
RUBBISH = "AÂCEIJLTVXYaeijlnrtuvwz°~^*«»/\\()<>=-_.'¬"


@dataclass(frozen=True, slots=True)
class Scan:
    """The habits of one scan."""

    rate: float = 0.0
    bare: bool = False
    """Without accents."""
    table: str = "rows"
    """`rows`, `ruled`, `columns` or `swapped`."""
    beside: str = "left"
    """Columns side by side: the `left` first, the `right` first, or `across` both."""
    logo: str = "clean"
    """`clean`, `rubbish` or `lost`."""


def scan(chance: Random, rate: float) -> Scan:
    """A scan by one of the machines."""
    return Scan(
        rate,
        bare=chance.random() < 0.17,
        table=chance.choices(("rows", "ruled", "columns", "swapped"), (62, 18, 8, 12))[0],
        beside=chance.choices(("left", "right", "across"), (45, 15, 40))[0],
        logo=chance.choices(("clean", "rubbish", "lost"), (45, 40, 15))[0],
    )


def read(block: Block, how: Scan, chance: Random) -> list[str]:
    """The lines of a block in the order in which this scan reads them, not yet spoilt."""
    match block.kind:
        case "logo":
            return logo(block.lines, how, chance)
        case "table":
            return table(block.rows, how, chance)
        case "beside":
            left, right = block.rows
            if how.beside == "across":
                return across(left, right)
            return [*left, *right] if how.beside == "left" else [*right, *left]
        case _:
            return list(block.lines)


def logo(lines: tuple[str, ...], how: Scan, chance: Random) -> list[str]:
    """A firm's sign: letters in a drawing."""
    if how.logo == "clean":
        return list(lines)
    return [scribble(chance)] if how.logo == "rubbish" else []


def scribble(chance: Random) -> str:
    """What is read where a drawing or somebody's hand is."""
    words = range(chance.randint(1, 4))
    return " ".join("".join(chance.choices(RUBBISH, k=chance.randint(1, 7))) for _ in words)


def across(left: tuple[str, ...], right: tuple[str, ...]) -> list[str]:
    """Two columns read as one, line by line."""
    lines = max(len(left), len(right))
    pairs = zip(left + ("",) * (lines - len(left)), right + ("",) * (lines - len(right)), strict=True)
    return [f"{one} {other}".strip() for one, other in pairs]


def table(rows: tuple[tuple[str, ...], ...], how: Scan, chance: Random) -> list[str]:
    """A table row by row, with its rules, column by column, or with two columns exchanged."""
    if how.table == "columns":
        width = max(len(row) for row in rows)
        return [row[at] for at in range(width) for row in rows if at < len(row) and row[at]]
    if how.table == "swapped":
        at = int(chance.random() * max(1, min(len(row) for row in rows) - 1))
        rows = tuple((*row[:at], *row[at + 1 : at + 2], *row[at : at + 1], *row[at + 2 :]) for row in rows)
    between = " | " if how.table == "ruled" else " "
    out = [between.join(cell for cell in row if cell or how.table == "ruled") for row in rows]
    if how.table == "ruled":
        out = [f"|{line} |" if chance.random() < 0.5 else line for line in out]
        out.insert(1, "_" * chance.randint(8, 40))
        if chance.random() < 0.6:
            out.append("_" * chance.randint(4, 40) + chance.choice(("", "|", " |_")))
    return out


def spoil(lines: list[str], how: Scan, chance: Random) -> list[str]:
    """The lines as this scan reads them."""
    out = [plain(line) for line in lines] if how.bare else list(lines)
    total = sum(map(len, out))
    if not how.rate or not total:
        return out
    ends = list(accumulate(len(line) + 1 for line in out))
    budget = how.rate * total
    for _ in range(int(SINGLE * budget + chance.random())):
        at = _place(ends, chance)
        out[at] = _one(out[at], chance)
    left = (1 - SINGLE) * budget
    while left > 0:
        at = _place(ends, chance)
        line, cost = _struck(out[at], left, chance)
        if cost > left and chance.random() > left / cost:
            break
        out[at] = line
        left -= max(cost, 0.5)
    return [line for line in out if line]


def _place(ends: list[int], chance: Random) -> int:
    """A line, by its length."""
    wanted, low, high = chance.random() * ends[-1], 0, len(ends) - 1
    while low < high:
        middle = (low + high) // 2
        if ends[middle] <= wanted:
            low = middle + 1
        else:
            high = middle
    return low


def _other(char: str, chance: Random) -> str:
    """Another character of the same height."""
    shape = LIKE.get(plain(char)[:1] or char)
    return shape[int(chance.random() * len(shape))] if shape else "."


def _one(line: str, chance: Random) -> str:
    """A single wrong, lost or added character."""
    if not line:
        return line
    at, way = int(chance.random() * len(line)), chance.random()
    if way < 0.62:
        return line[:at] + _other(line[at], chance) + line[at + 1 :]
    return line[:at] + (line[at + 1 :] if way < 0.85 else chance.choice(";:!il'") + line[at:])


def _struck(line: str, left: float, chance: Random) -> tuple[str, float]:
    """A line with one of its words, its end or itself gone wrong, and how many characters that touched."""
    words = line.split(" ")
    at, way = int(chance.random() * len(words)), chance.random()
    word = words[at]
    if way < 0.34:
        words[at] = garbled(word, chance)
        return " ".join(words), 0.6 * len(word)
    if way < 0.50:
        del words[at]
        return " ".join(words), len(word) + 1
    if way < 0.68:
        middle = 1 + int(chance.random() * max(1, len(word) - 1))
        words[at] = f"{word[:middle]} {word[middle:]}"
        return " ".join(words), 1
    if way < 0.84:
        words[at : at + 2] = ["".join(words[at : at + 2])]
        return " ".join(words), 1
    if way < 0.97 or len(line) > 2 * left:
        size = min(len(line), chance.randint(2, 9))
        end = garbled(line[-size:], chance) if chance.random() < 0.5 else ""
        return line[: len(line) - size] + end, 0.8 * size
    return "", len(line)


def garbled(word: str, chance: Random) -> str:
    """A word of which most letters are others of their height; of a number, about a third."""
    share = 0.35 if any(char.isdigit() for char in word) else 0.65
    return "".join(_other(char, chance) if chance.random() < share else char for char in word)
