"""Groups of duplicates in words: the columns of their tables, why two papers are taken for one sheet, CSV."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from reconciled.cli.text import Column, Row, field, plain, when
from reconciled.units import say_size

WIDTH = 10
FULL = 12.0
"""Log-odds that fill a bar of that width."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is run by a spreadsheet."""


def share(value: object) -> str:
    """A confidence for people: `97.3 %`; never 100 % where it is a little less."""
    if not isinstance(value, int | float):
        return ""
    return "100 %" if value >= 1 else f"{min(value * 100, 99.9):.1f} %"


def key(one: Row) -> str:
    """As people name it: `paperless:document/12`."""
    return f"{one.get('source')}:{one.get('kind')}/{one.get('id')}"


def _others(group: Row) -> list[Row]:
    return [one for one in group.get("members") or () if not one.get("primary")]


def _titles(group: Row) -> str:
    found = [str(one.get("title")) for one in _others(group)]
    more = int(group.get("count") or 0) - 1 - len(found)
    return ", ".join(found) + (f" and {more} more" if found and more > 0 else "")


def why(member: Row) -> str:
    """Where a member differs from the primary, else why it is taken for its sheet."""
    return "; ".join(map(str, member.get("differing") or ())) or str(member.get("said") or "")


def _weakest(group: Row) -> str:
    found = min(_others(group), key=lambda one: float(one.get("confidence") or 0), default=None)
    return why(found) if found is not None else ""


def _size(row: Row) -> str:
    return "" if row.get("size") is None else say_size(int(row["size"]))


GROUPS: Sequence[Column] = (
    ("group", field("id")),
    ("band", field("band")),
    ("state", field("state")),
    ("confidence", lambda row: share(row.get("confidence"))),
    ("papers", field("count")),
    ("primary", field("title")),
    ("also", _titles),
    ("why", _weakest),
    ("note", lambda row: row.get("over") or row.get("asked_again")),
)
MEMBERS: Sequence[Column] = (
    ("item", field("item")),
    ("stays", lambda row: "primary" if row.get("primary") else ""),
    ("confidence", lambda row: "" if row.get("primary") else share(row.get("confidence"))),
    ("key", key),
    ("title", field("title")),
    ("created", field("created")),
    ("correspondent", field("correspondent")),
    ("type", field("document_type")),
    ("asn", field("asn")),
    ("tags", lambda row: ", ".join(map(str, row.get("tags") or ()))),
    ("pages", field("pages")),
    ("size", _size),
    ("words", field("words")),
    ("dry run", field("label_state")),
)


def facts(group: Row) -> Iterator[tuple[str, object]]:
    """What is said of a group as a whole, each with its name."""
    yield "group", group.get("id")
    yield "band", group.get("band")
    by = f" since {when('answered')(group)}, by {group['answered_by']}" if group.get("answered_by") else ""
    yield "state", f"{group.get('state')}{by}"
    yield "confidence", share(group.get("confidence"))
    yield "primary", group.get("title")
    yield "chosen by", group.get("primary_by")
    yield "asked again", group.get("asked_again")
    yield "over", group.get("over")


def reasons(pair: Row) -> Iterator[str]:
    """Why two papers are taken for what they are, line by line: a sentence, differences, each factor."""
    if pair.get("said"):
        yield str(pair["said"])
    if pair.get("vetoed"):
        yield "  no scanner makes such a difference: never one sheet, whatever the weights"
    yield from (f"  {said}" for said in pair.get("differing") or ())
    for one in pair.get("factors") or ():
        yield f"  {one.get('name', ''):<9} {_bar(one.get('part')):<{WIDTH}}  {one.get('said')}"


def _bar(odds: object) -> str:
    """As long as a factor speaks loud: plus signs for one sheet, minus signs against it."""
    if not isinstance(odds, int | float):
        return ""
    return ("+" if odds >= 0 else "-") * min(WIDTH, round(abs(odds) / FULL * WIDTH))


SHEET = (
    "group", "band", "state", "confidence", "primary", "item", "source", "kind", "id", "title", "created",
    "correspondent", "document_type", "asn", "tags", "file_name", "pages", "size", "words", "label", "why",
)  # fmt: skip
"""The columns of the CSV; a line is a member of a group."""


def as_csv(groups: Iterable[Row]) -> str:
    """Groups as CSV, a line for each member. What a spreadsheet would run gets an apostrophe in front."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=SHEET, lineterminator="\r\n")
    writer.writeheader()
    for group in groups:
        about = {"group": group.get("id"), "band": group.get("band"), "state": group.get("state")}
        for one in group.get("members") or ():
            tags = ", ".join(map(str, one.get("tags") or ()))
            line: dict[str, Any] = {**one, **about, "tags": tags, "why": why(one)}
            writer.writerow({name: _cell(line.get(name)) for name in SHEET})
    return text.getvalue()


def _cell(value: object) -> object:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return f"'{plain(value)}" if value.startswith(_FORMULA) else plain(value)
    return value
