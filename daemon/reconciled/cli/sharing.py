"""What the suspects of a hold, or the losses behind a decision, have in common, as lines of text."""

from collections.abc import Iterator

from reconciled.cli.text import Row, plain


def common_lines(found: Row) -> Iterator[str]:
    """The likely cause, what to do, and each thing that they share; nothing of one that is over."""
    if found.get("likely"):
        yield f"likely: {plain(found['likely'])}"
    if found.get("advice"):
        yield plain(found["advice"])
    for fact in found.get("common") or []:
        yield f"  - {plain(fact.get('said'))}"
