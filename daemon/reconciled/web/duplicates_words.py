"""Duplicates in words: where two papers differ, what each factor says, what became of the dry run's tag.

Pure functions on values. A difference is told from the primary's side: `120,00 → 210,00` is what stands in
the primary, and what stands in the other.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from reconciled.duplicates.words import Factor, Weights
from reconciled.ledger.views_actions import LIVE, ActionView
from reconciled.ledger.views_papers import DifferenceView, LikenessView

NAMED = 3
"""So many differences of a kind are named; the others are counted."""
FULL = 6.0
"""Log-odds that fill a bar where no share is known."""
LITTLE, NOTHING = 1.0, 0.05
"""Log-odds below which a factor is called neither for nor against, and below which it says nothing at all."""
LONGEST = 60
"""A passage is cut to so many letters in a sentence."""
_UNTOLD = {Factor.THIRDS: "third papers say nothing"}
_WHO = {
    (Factor.THIRDS, "for"): "third papers that are like both speak",
    (Factor.THIRDS, "against"): "third papers that are like one of them alone speak",
}
_TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C], "\ufffd")


class FactorView(msgspec.Struct, frozen=True):
    """What one factor says of a pair. `part` are log-odds (null: it cannot be told), `share` how alike it is.

    The share goes from 0 to 1, and so does `bar`, which stands for what is known of the two. `weight` is how
    much it counts now, `speaks` is `for`, `against` or `neither`.
    """

    name: str
    part: float | None
    share: float | None
    weight: float
    speaks: str
    said: str
    bar: float = 0.0


def unturned(text: str) -> str:
    """A text without the characters that turn the direction of what is written after them."""
    return text.translate(_TURNING)


def differing(likeness: LikenessView | None, primary: int) -> list[str]:
    """Where two papers differ, a sentence for each kind: `1 amount differs: 120,00 → 210,00`."""
    if likeness is None:
        return []
    turned = likeness.a != primary
    found: dict[tuple[str, str], list[str]] = {}
    for one in likeness.differences:
        side, said = _side(one, turned=turned)
        found.setdefault((one.what, side), []).append(said)
    return [_sentence(what, side, said) for (what, side), said in found.items()]


def _side(one: DifferenceView, *, turned: bool) -> tuple[str, str]:
    """Whether both have something there, and what."""
    mine, other = (one.b, one.a) if turned else (one.a, one.b)
    if mine and other:
        return "both", f"{_short(mine)} → {_short(other)}"
    return ("primary", _short(mine)) if mine else ("other", _short(other))


def _sentence(what: str, side: str, said: Sequence[str]) -> str:
    count = len(said)
    named = ", ".join(said[:NAMED]) + (f" and {count - NAMED} more" if count > NAMED else "")
    plural = count != 1
    things = f"{count} {what}{'s' if plural else ''}"
    if side == "both":
        return f"{things} {'differ' if plural else 'differs'}: {named}"
    where = "the primary" if side == "primary" else "this one"
    return f"{things} {'stand' if plural else 'stands'} only in {where}: {named}"


def _short(text: str) -> str:
    plain = " ".join(unturned(text).split())
    return plain if len(plain) <= LONGEST else f"{plain[:LONGEST]}…"


def factors(likeness: LikenessView | None, weights: Weights) -> list[FactorView]:
    """What each factor says of a pair; empty when nothing was compared."""
    if likeness is None or not (likeness.parts or likeness.alike):
        return []
    return [_factor(one, likeness.parts, likeness.alike, weights.of.get(one, 0.0)) for one in Factor]


def _little(part: float) -> str:
    return "it says nothing" if abs(part) < NOTHING else f"it says little ({part:+.1f})"


def _factor(one: Factor, parts: Mapping[str, float], alike: Mapping[str, float], weight: float) -> FactorView:
    part, share = parts.get(one), alike.get(one)
    if part is None and share is None:
        said = _UNTOLD.get(one, "it cannot be told")
        return FactorView(str(one), None, None, weight, "neither", said)
    speaks = "neither" if part is None or abs(part) < LITTLE else "for" if part > 0 else "against"
    told = [] if share is None else [f"{percent(share)} alike"]
    if part is not None:
        who = _WHO.get((one, speaks), "speaks")
        told.append(_little(part) if speaks == "neither" else f"{who} {speaks} it ({part:+.1f})")
    if not weight:
        told.append("it does not count")
    bar = share if share is not None else min(1.0, abs(part or 0.0) / FULL)
    return FactorView(str(one), part, share, weight, speaks, ", ".join(told), round(bar, 4))


def percent(share: float) -> str:
    """A confidence for people. What is not quite sure is never said to be."""
    shown = round(share * 100, 1 if 0.99 <= share < 1 or 0 < share < 0.01 else 0)
    if shown >= 100 > share * 100:
        return "99.9 %"
    return f"{shown:g} %"


def why(likeness: LikenessView | None) -> str:
    """Why two papers are taken for what they are, in a sentence."""
    if likeness is None:
        return "they were not found alike: they share too little that is rare here to be compared"
    if likeness.same is not None:
        return f"they have the same {likeness.same}"
    contained = "; one is wholly inside the other" if likeness.contained is not None else ""
    against = likeness.parts.get(Factor.THIRDS, 0.0) <= -LITTLE
    thirds = "; third papers that are like one of them alone speak against it" if against else ""
    return f"{likeness.said or 'they were compared'}{contained}{thirds}"


def label_state(label: str | None, action: ActionView | None, tags: Iterable[str]) -> str | None:
    """What became of the dry run's tag on a paper, in words."""
    if label is None:
        return None
    named = f"“{unturned(label)}”"
    if action is None or action.state == "done":
        on_it = label.casefold() in (tag.casefold() for tag in tags)
        return f"tagged {named}" if on_it or action is not None else f"the tag {named} was put on it"
    if action.state in LIVE:
        return f"the tag {named} is on its way ({action.state})"
    if action.state == "undone":
        return None
    return f"not tagged {named}: {action.state}{f', {action.reason}' if action.reason else ''}"


def keep_these(weights: Weights) -> str:
    """The lines of the config that say these weights and bands."""
    said = ", ".join(f"{factor}: {weights.of.get(factor, 0.0):g}" for factor in Factor)
    return (
        f"duplicates:\n  factors: {{{said}}}\n"
        f"  bands: {{duplicate: {weights.duplicate:g}, review: {weights.review:g}}}\n"
    )


def counted(number: int, what: str) -> str:
    """`1 group`, `2 groups`."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def named(titles: Sequence[str], count: int) -> str:
    """Some titles of so many: `“A”, “B” and 4 more`."""
    shown = [f"“{unturned(title)}”" for title in titles[:NAMED]]
    if count > len(shown):
        return f"{', '.join(shown)} and {count - len(shown)} more"
    *first, last = shown
    return f"{', '.join(first)} and {last}" if first else last
