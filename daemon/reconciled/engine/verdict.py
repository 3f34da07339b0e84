"""From answers to verdicts: pure. A no counts only between two yeses of one control.

A *yes* is a lookup that showed a control (a known item of the same source and kind that is no
suspect), identity and all. Everything that is not a plain answer is `unknown`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from reconciled.engine.identity import vouches
from reconciled.model import Absent, Answer, Item, Key, Verdict

BRACKET = 60.0
"""At most this many seconds may lie between the two yeses."""

DENIES_EVERYTHING = "it denies everything: an empty database, another instance, or a proxy"


@dataclass(frozen=True, slots=True)
class Testimony:
    """One source's verdict about one key, and why.

    `no_yes`: a loss that no control stood up for. `vouched`: the answer stands between two yeses.
    `asked` is the ledger's sequence number when the question was put.
    """

    key: Key
    verdict: Verdict
    reason: str
    answer: Answer | None = None
    no_yes: bool = False
    vouched: bool = False
    asked: int = 0


def unknown(key: Key, reason: str) -> Testimony:
    """No answer, with why."""
    return Testimony(key, Verdict.UNKNOWN, reason)


def is_yes(control: Item, answer: Answer | None) -> bool:
    """Whether the answer shows the control, identity and all."""
    return isinstance(answer, Item) and vouches(control, answer)


def testify(
    key: Key,
    answer: Answer | None,
    *,
    yes: bool,
    seconds: float,
    control: Item | None,
    trouble: Mapping[Key, str],
) -> Testimony:
    """The verdict about one key of a bracket.

    `yes`: the control was shown in the same request, or both before and after; `seconds` lay
    between the two. `trouble` says why a key has no answer.
    """
    if isinstance(answer, Item):
        alone = needs_yes(answer) and (control is None or not yes)
        vouched = yes and seconds <= BRACKET
        return Testimony(key, Verdict.PRESENT, "shown by a lookup", answer, no_yes=alone, vouched=vouched)
    if answer is None:
        return unknown(key, trouble.get(key, "no answer"))
    if control is None:
        return Testimony(
            key, Verdict.UNKNOWN, f"{answer.said}; but no other {key.kind} is known there to ask for too",
            answer, no_yes=True,
        )  # fmt: skip
    if not yes:
        return Testimony(
            key,
            Verdict.UNKNOWN,
            f"{answer.said}; but {control.title!r} was denied too: {DENIES_EVERYTHING}",
            answer,
            no_yes=True,
        )
    if seconds > BRACKET:
        return unknown(
            key, f"{answer.said}; but the lookups took {seconds:.0f} s, and a yes is good for {BRACKET:.0f} s"
        )
    return Testimony(
        key, Verdict.ABSENT, f"{answer.said}, while {control.title!r} was shown", answer, vouched=True
    )


def needs_yes(answer: Answer | None) -> bool:
    """Whether anything could be lost by the answer: a no, or an item without its file."""
    return isinstance(answer, Absent) or (isinstance(answer, Item) and answer.has_file is False)
