"""The matrix as a page: what each fault ended in at each source, beside what a naive engine made of it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.drills.cells import Cell, Outcome
from tests.drills.matrix import EXCUSED, WORLDS
from tests.drills.named import NAMED, End, Moment

_HEAD = """# The fault matrix

Every fault between us and an app, at every source that has a fake, before, in the middle of and after a
listing: {cells} cells, in {doubled} of them a second source fails at once, for three scans.
Real plugins over real sockets, the whole engine and outbox, a clock that stands still. In each cell one thing
is really lost behind the app's back, a policy is armed and trusted, and a request app counts every deletion.
`script/bench faults` writes this page; `script/test --full` plays the same cells as tests.

Measured with reconciled {version} on {date}.

| | reconciled | a naive engine |
| --- | --- | --- |
{totals}

A naive engine has the same plugins. It takes a listing that fails as far as it came, asks once about what is
not in it, and takes an error for a no.

## What each fault ended in

* **unknown**: nothing was believed, and when it was over all healed by itself, without a restart.
* **held**: the app told the truth of another world, or a listing that nobody can see to be short. Nothing was
  remembered as lost until the world was back or a person released it; then exactly what is gone was.
* **believed**: the app's own plain word about a few things. They were remembered, marked as returned
  when they were back, and no action came of it, since the other source disagreed.

Three words stand for before, in the middle and after, where they differ; `–` could not happen there.
"""


@dataclass(frozen=True, slots=True)
class Sums:
    """What one engine made of all cells."""

    cells: int
    red: int
    false: int
    acted: int
    missed: int
    left: int

    @classmethod
    def of(cls, outcomes: Iterable[Outcome]) -> "Sums":
        """Count."""
        found = [*outcomes]
        beyond = [one for one in found if one.cell.end is not End.BELIEVED]
        return cls(
            len(found),
            sum(bool(one.wrong) for one in found),
            sum(len(one.false) + len(one.hasty) for one in beyond),
            sum(len(one.acted) for one in found),
            sum(len(one.missed) for one in found),
            sum(bool(one.left) for one in found),
        )


def page(ours: Sequence[Outcome], naive: Sequence[Outcome], *, version: str, date: str) -> str:
    """The whole page, in Markdown."""
    head = _HEAD.format(
        cells=len(ours),
        doubled=sum(one.cell.doubled for one in ours),
        version=version,
        date=date,
        totals=_totals(Sums.of(ours), Sums.of(naive)),
    )
    parts = [head, _table(ours, naive), _red(ours), _reasons(), _left_out()]
    return "\n".join(part.rstrip() + "\n" for part in parts if part)


def _totals(ours: Sums, naive: Sums) -> str:
    both = (ours, naive)
    rows = (
        ("cells that end as they have to", *(f"{one.cells - one.red} of {one.cells}" for one in both)),
        ("tombstones that are false, or without any ground, beyond *believed*", *(one.false for one in both)),
        ("false actions", *(one.acted for one in both)),
        ("missed after the healing", *(one.missed for one in both)),
        ("cells with anything left in doubt or wrong after the healing", *(one.left for one in both)),
    )
    return "\n".join(f"| {what} | {one} | {other} |" for what, one, other in rows)


def _table(ours: Sequence[Outcome], naive: Sequence[Outcome]) -> str:
    names = [world.name for world in WORLDS]
    lines = [
        f"| fault | {' | '.join(names)} | naive: red cells |",
        f"| --- |{' --- |' * (len(names) + 1)}",
    ]
    for fault in NAMED:
        mine = [one for one in ours if one.cell.fault == fault]
        words = [_word([one for one in mine if one.cell.world is world]) for world in WORLDS]
        theirs = [one for one in naive if one.cell.fault == fault]
        red = sum(bool(one.wrong) for one in theirs)
        lines.append(f"| {fault} | {' | '.join(words)} | {red} of {len(theirs)} |")
    return "\n".join(lines) + "\n"


def _word(found: Sequence[Outcome]) -> str:
    if not found:
        return "–"
    if wrong := [one for one in found if one.wrong]:
        return f"**RED** ({len(wrong)} of {len(found)})"
    ends = [_at(found, moment) for moment in Moment]
    said = {end for end in ends if end is not None}
    return next(iter(said)) if len(said) == 1 else " / ".join(end or "–" for end in ends)


def _at(found: Sequence[Outcome], moment: Moment) -> str | None:
    return next((str(one.end) for one in found if one.cell.moment is moment and not one.cell.doubled), None)


def _red(ours: Sequence[Outcome]) -> str:
    if not any(one.wrong for one in ours):
        return ""
    lines = ["## Red cells", ""]
    for one in ours:
        lines += [f"* {one.cell}: {'; '.join(one.wrong)}"] if one.wrong else []
    return "\n".join(lines)


def _reasons() -> str:
    lines = ["## Why", ""]
    for fault, named in NAMED.items():
        lines.append(f"* **{fault}**: {named.end}, for {named.why}.")
        for (source, moment), (end, why) in named.but.items():
            when = f" {moment} the listing" if moment is not None else ""
            lines.append(f"  In {source}{when} {end}: {why}.")
    return "\n".join(lines)


def _left_out() -> str:
    lines = ["## What could not be played", ""]
    for reason, count in Counter(reason for _, reason in EXCUSED).most_common():
        who = sorted({cell.world.name for cell, why in EXCUSED if why == reason})
        whose = "every source" if len(who) == len(WORLDS) else ", ".join(who)
        lines.append(f"* {count} times: {reason} ({whose}).")
    return "\n".join(lines)


def told(cell: Cell, outcome: Outcome) -> str:
    """A line while it runs."""
    return f"{'red' if outcome.wrong else 'ok '} {cell}" + "".join(f"\n      {one}" for one in outcome.wrong)
