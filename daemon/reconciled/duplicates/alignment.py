"""Lays two papers over each other, token by token: what they share, where they differ, what only one has.

Blocks that were read in another order are found again by laying what is left over each other once more. A
few words that two passages happen to share do not hold them together: what is shared between two gaps has to
be long for their size.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import TypeAlias

from rapidfuzz.distance import LCSseq

from reconciled.duplicates.letters import Alphabet

_ROUNDS = 5
"""So often what is left is laid over each other again."""
_WORTH = 4
"""So many tokens in a row are worth finding elsewhere."""
_SURELY_HOLDS = 2 * _WORTH
"""So many tokens in a row stay, whatever lies around them."""
_HOLDS, _HOLDS_ALONE, _NARROW = 0.34, 0.1, 10
"""What two gaps have between them stays if it is these shares of the smaller and the larger side of what lies
around it, or if that is narrow."""
_WIDEST = 24
"""A gap of more tokens than these is two passages, not one that was read badly."""
_IN_ORDER, _BEGINNING = 0.8, 0.5
"""What stands in the same order, alone and in blocks, is at least these shares of that least."""
_LONGEST = 20_000
"""So many tokens of a paper are laid over the other's at once; a longer one is laid over it part by part."""

Block: TypeAlias = tuple[int, int, int]
"""Tokens that both papers have: where they begin in the one and in the other, and how many."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A place where two papers differ: `a0` to `a1` of the one stand where `b0` to `b1` of the other do."""

    a0: int
    a1: int
    b0: int
    b1: int


@dataclass(slots=True)
class Alignment:
    """How two papers lie over each other. `gaps` have something on both sides.

    `only_a` and `only_b` are runs (from, to) that the other has nothing for. `same` counts shared tokens,
    `shared` has their places in `a`, `moves` how many blocks stand elsewhere.
    """

    same: int = 0
    shared: list[tuple[int, int, int]] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    only_a: list[tuple[int, int]] = field(default_factory=list)
    only_b: list[tuple[int, int]] = field(default_factory=list)
    moves: int = 0


def align(a: Sequence[str], b: Sequence[str], *, least: float = 0.0) -> Alignment:
    """Lay two papers over each other; no further when they share less than `least` of the shorter's words.

    Two strings are papers with a letter for each token.
    """
    found = Alignment()
    if not (isinstance(a, str) and isinstance(b, str)):
        alphabet = Alphabet()
        a, b = alphabet.spell(a), alphabet.spell(b)
    if _share_little(a, b, least):
        return found
    enough = ceil(_IN_ORDER * least * min(len(a), len(b)))
    if max(len(a), len(b)) <= _LONGEST and LCSseq.similarity(a, b, score_cutoff=enough) < enough:
        return found
    blocks = _blocks(a, b)
    if sum(size for _, _, size in blocks) < _BEGINNING * least * min(len(a), len(b)):
        return found
    _enter_all(found, blocks, range(len(a)), range(len(b)))
    for _ in range(_ROUNDS):
        left_a = [at for start, end in found.only_a if end - start >= _WORTH for at in range(start, end)]
        left_b = [at for start, end in found.only_b if end - start >= _WORTH for at in range(start, end)]
        if max(len(left_a), len(left_b)) > _LONGEST:
            break
        if not left_a or not left_b or not _lay_again(found, a, b, left_a, left_b):
            break
    return found


def anchors(a: str, b: str, *, least: float) -> list[Block]:
    """The long blocks of tokens that two papers, in letters, have in the same order.

    None where they share less than `least` of the shorter's words.
    """
    if _share_little(a, b, least):
        return []
    blocks = _in_order(a, b)
    if sum(size for _, _, size in blocks) < _IN_ORDER * least * min(len(a), len(b)):
        return []
    return [block for block in blocks if block[2] >= _SURELY_HOLDS]


def _share_little(a: str, b: str, least: float) -> bool:
    letters_a, letters_b = set(a), set(b)
    return len(letters_a & letters_b) < least * min(len(letters_a), len(letters_b))


def _enter_all(
    found: Alignment, blocks: Sequence[tuple[int, int, int]], at_a: Sequence[int], at_b: Sequence[int]
) -> None:
    """Enter blocks that both have, and what lies between; `at_a` and `at_b` are the places of the tokens."""
    last_a = last_b = 0
    for start_a, start_b, size in [*blocks, (len(at_a), len(at_b), 0)]:
        _enter(found, at_a[last_a:start_a], at_b[last_b:start_b])
        if size:
            found.same += size
            found.shared += _in_runs(at_a[start_a : start_a + size], at_b[start_b : start_b + size])
        last_a, last_b = start_a + size, start_b + size


def _in_runs(at_a: Sequence[int], at_b: Sequence[int]) -> list[Block]:
    """A block, in as many as it takes for the places of each to be neighbours in both papers."""
    size = len(at_a)
    if at_a[-1] - at_a[0] == at_b[-1] - at_b[0] == size - 1:
        return [(at_a[0], at_b[0], size)]
    starts = [
        at for at in range(size) if not at or at_a[at] != at_a[at - 1] + 1 or at_b[at] != at_b[at - 1] + 1
    ]
    return [
        (at_a[start], at_b[start], end - start)
        for start, end in zip(starts, [*starts[1:], size], strict=True)
    ]


def _blocks(a: str, b: str) -> list[Block]:
    """The blocks of tokens that both have, in order, that hold what is between them together."""
    blocks = _in_order(a, b)
    all_ = [(0, 0, 0), *blocks, (len(a), len(b), 0)]
    before, after = list(range(-1, len(all_) - 1)), list(range(1, len(all_) + 1))
    short = [size < _SURELY_HOLDS for _, _, size in all_]
    gone, todo = set[int](), [at for at in range(len(blocks), 0, -1) if short[at]]
    while todo:
        at = todo.pop()
        if at in gone or _holds(all_[before[at]], all_[at], all_[after[at]]):
            continue
        gone.add(at)
        one, other = before[at], after[at]
        after[one], before[other] = other, one
        todo += [beside for beside in (other, one) if 0 < beside <= len(blocks) and short[beside]]
    return [block for at, block in enumerate(blocks, 1) if at not in gone]


def _in_order(a: str, b: str) -> list[Block]:
    """The blocks of tokens that both have in the same order.

    Of long papers a part at a time: the next begins where the last long block in this one ends; where there
    is none, the paper of which more is left goes on.
    """
    found = list[Block]()
    at_a = at_b = 0
    for _ in range(4 * (len(a) + len(b)) // _LONGEST + 1):
        here, there = a[at_a : at_a + _LONGEST], b[at_b : at_b + _LONGEST]
        blocks = [
            (at_a + one.a, at_b + one.b, one.size)
            for one in LCSseq.editops(here, there).as_matching_blocks()
            if one.size
        ]
        left_a, left_b = len(a) - at_a - len(here), len(b) - at_b - len(there)
        if not left_a and not left_b:
            return found + blocks
        if long := [number for number, block in enumerate(blocks, 1) if block[2] >= _SURELY_HOLDS]:
            found += blocks[: long[-1]]
            at_a, at_b = found[-1][0] + found[-1][2], found[-1][1] + found[-1][2]
        else:
            at_a += _LONGEST // 2 if left_a >= left_b else 0
            at_b += _LONGEST // 2 if left_b >= left_a else 0
    return found


def _holds(before: Block, block: Block, after: Block) -> bool:
    """Whether a block is long enough for what lies between it and its neighbours."""
    start_a, start_b, size = block
    gap_a = (start_a - before[0] - before[2]) + (after[0] - start_a - size)
    gap_b = (start_b - before[1] - before[2]) + (after[1] - start_b - size)
    wide = max(gap_a, gap_b)
    return (
        size >= _SURELY_HOLDS
        or wide <= _NARROW
        or (size >= _HOLDS * min(gap_a, gap_b) and size >= _HOLDS_ALONE * wide)
    )


def _enter(found: Alignment, left_a: Sequence[int], left_b: Sequence[int]) -> None:
    """What lies between two blocks. Tokens that are no neighbours in their paper were laid over apart."""
    if not left_a and not left_b:
        return
    little, much = sorted((len(left_a), len(left_b)))
    if little > 0 and much <= min(_WIDEST, 3 * little + 4) and _is_whole(left_a) and _is_whole(left_b):
        found.gaps.append(Gap(left_a[0], left_a[-1] + 1, left_b[0], left_b[-1] + 1))
        return
    found.only_a += _runs(left_a)
    found.only_b += _runs(left_b)


def _is_whole(left: Sequence[int]) -> bool:
    return left[-1] - left[0] + 1 == len(left)


def _runs(left: Sequence[int]) -> list[tuple[int, int]]:
    if left and _is_whole(left):
        return [(left[0], left[-1] + 1)]
    runs: list[tuple[int, int]] = []
    for at in left:
        if runs and runs[-1][1] == at:
            runs[-1] = (runs[-1][0], at + 1)
        else:
            runs.append((at, at + 1))
    return runs


def _lay_again(found: Alignment, a: str, b: str, left_a: Sequence[int], left_b: Sequence[int]) -> bool:
    """Lay what is left over each other once more. False when nothing came of it."""
    here, there = "".join(map(a.__getitem__, left_a)), "".join(map(b.__getitem__, left_b))
    if len(set(here) & set(there)) < _WORTH:
        return False
    again = Alignment()
    blocks = _blocks(here, there)
    _enter_all(again, blocks, left_a, left_b)
    if again.same < _WORTH:
        return False
    found.same += again.same
    found.shared += again.shared
    found.gaps += again.gaps
    found.moves += 1
    small_a = [run for run in found.only_a if run[1] - run[0] < _WORTH]
    small_b = [run for run in found.only_b if run[1] - run[0] < _WORTH]
    found.only_a, found.only_b = small_a + again.only_a, small_b + again.only_b
    return True
