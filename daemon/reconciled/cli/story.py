"""What `explain` tells, in the order in which a person asks at night: is it gone, why, what happens next;
who did it; what each app says; then the evidence, what follows from it, and what it is made of.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

from reconciled.cli.listings import ITEMS
from reconciled.cli.text import Column, Row, field, plain, show_fact, show_table, when

_FILE = {True: "yes", False: "no"}


def _answer(row: Row) -> str:
    """The last answer about an item, in words."""
    heard = row.get("answer")
    if not isinstance(heard, Mapping):
        return "never asked by itself"
    return f"{heard.get('verdict')} {when('at')(heard)}: {heard.get('said')}"


PLACES: Sequence[Column] = (
    ("source", field("source")),
    ("kind", field("kind")),
    ("id", field("id")),
    ("it is", field("relation")),
    ("state", field("state")),
    ("file", lambda row: _FILE.get(row.get("has_file"), "")),  # type: ignore[arg-type]  # JSON: True, False or None
    ("last answer", _answer),
)


def tell(thing: Row) -> None:
    """One thing, whole."""
    _head(f"{thing.get('title')}  ({thing.get('source')} {thing.get('kind')} {thing.get('id')})")
    show_fact(str(thing.get("state")).replace("_", " "), thing.get("because"))
    for one in thing.get("next") or []:
        at = f"  ({when('at')(one)})" if one.get("at") else ""
        show_fact("next", f"{one.get('sentence')}{at}")
    for one in thing.get("stories") or []:
        _tell_story(one)
    _tell_sources(thing.get("sources") or [])
    for one in thing.get("stories") or []:
        for stone in one.get("tombstones") or []:
            click.echo()
            _tell_stone(stone)
    _tell_more(thing)


def _tell_more(thing: Row) -> None:
    """What follows from it and what it is made of."""
    click.echo()
    _tell_evidence(thing.get("evidence") or [], "evidence that waits")
    _tell_findings(thing.get("findings") or [])
    tell_actions(thing.get("actions") or [])
    for one in thing.get("links") or []:
        said = "the same as" if one.get("said") == "same" else "not the same as"
        other = f"{one.get('source')} {one.get('kind')} {one.get('id')} ({one.get('title')})"
        show_fact("link", f"{one.get('by')} said {when('at')(one)}: {said} {other}")
    _tell_parts(thing)
    _others("stood under this key before", thing.get("displaced"))
    show_fact("refs", ", ".join(map(str, thing.get("refs") or ())))
    show_fact("first seen", when("first_seen")(thing))
    for item in _itself(thing):
        show_fact("path", item.get("path"))
        for name, value in (item.get("attrs") or {}).items():
            show_fact("attribute", f"{name}: {value}")
    for one in thing.get("timeline") or []:
        show_fact("history", f"{when('at')(one)}  {one.get('what')} {one.get('detail') or ''}".rstrip())


def _tell_story(story: Row) -> None:
    """Who did it, how that is known, and in which order."""
    click.echo()
    click.echo(plain(story.get("sentence")))
    for step in story.get("steps") or []:
        known_by = f"{step.get('how')} of {step.get('source')}"
        show_fact("step", f"{when('at')(step)}  {step.get('did')} ({known_by})")
    show_fact("cause", story.get("cause"))
    show_fact("who", story.get("actor"))
    show_fact("noticed", when("noticed")(story))


def _tell_sources(sources: Iterable[Row]) -> None:
    """What each app says of it, and who cannot be heard."""
    click.echo()
    told = list(sources)
    show_table([item for source in told for item in source.get("items") or []], PLACES)
    for source in told:
        show_fact(str(source.get("source")), source.get("note"))
        if source.get("unheard"):
            show_fact(str(source.get("source")), f"its word does not count now: {source['unheard']}")
        for item in source.get("items") or []:
            if item.get("relation") != "itself" and item.get("state") != "present":
                show_fact(
                    str(source.get("source")), f"{item.get('kind')} {item.get('id')}: {item.get('because')}"
                )


def _tell_stone(stone: Row) -> None:
    lost = {"file": "the file is gone, its entry stays", "entry": "the entry is gone"}
    _head(f"gone from {stone.get('source')}: {stone.get('kind')} {stone.get('key')}  {stone.get('title')}")
    show_fact("lost", lost.get(str(stone.get("what")), stone.get("what")))
    show_fact("seen first", when("seen_first")(stone))
    show_fact("noticed", when("noticed")(stone))
    show_fact("proved", when("confirmed")(stone))
    revived = stone.get("revived")
    if isinstance(revived, Mapping):
        show_fact("came back", f"{when('at')(revived)} as {revived.get('key')}")
    _tell_evidence(stone.get("evidence") or [], "evidence")


def _tell_evidence(evidence: Iterable[Row], name: str) -> None:
    for one in evidence:
        who = " by ".join(str(part) for part in (one.get("cause"), one.get("actor")) if part)
        said = f"{when('at')(one)}  {one.get('how')}: {one.get('said')}"
        show_fact(name, f"{said} ({who})" if who else said)


def _tell_findings(findings: Iterable[Row]) -> None:
    for one in findings:
        aside = " (ignored)" if one.get("ignored_by") else ""
        until = f", {one.get('resolution')} {when('resolved')(one)}" if one.get("resolved") else ", open"
        what = f" ({one['what']})" if one.get("what") else ""
        where = f" in {one['source']}" if one.get("source") else ""
        show_fact("finding", f"{one.get('code')}{what}{where} since {when('opened')(one)}{until}{aside}")
        show_fact("", one.get("detail"))
        for remedy in one.get("remedies") or []:
            show_fact("remedy", remedy.get("command"))


def tell_actions(actions: Iterable[Row]) -> None:
    """What would be, will be or was done in apps."""
    for one in actions:
        show_fact("action", f"a{one.get('id')} {one.get('state')}: {one.get('sentence')}")


def _tell_parts(thing: Row) -> None:
    above, parts = thing.get("part_of"), thing.get("parts") or {}
    if isinstance(above, Mapping):
        name = f"{above.get('kind')} {above.get('id')} ({above.get('title')})"
        show_fact("part of", f"{name}, which is {above.get('presence')}")
    if parts.get("count"):
        counts = ", ".join(f"{name} {n}" for name, n in (parts.get("by_presence") or {}).items())
        show_fact("parts", f"{parts['count']}: {counts}")
    for one in parts.get("shown") or []:
        if one.get("doubted") or one.get("presence") != "present":
            doubt = ", in doubt" if one.get("doubted") else ""
            show_fact(
                "", f"{one.get('kind')} {one.get('id')} ({one.get('title')}): {one.get('presence')}{doubt}"
            )


def _itself(thing: Row) -> list[dict[str, Any]]:
    sources = thing.get("sources") or []
    return [item for one in sources for item in one.get("items") or [] if item.get("relation") == "itself"]


def _others(name: str, items: object) -> None:
    if isinstance(items, list) and items:
        click.echo()
        _head(name)
        show_table(items, ITEMS)


def _head(text: str) -> None:
    click.secho(plain(text), bold=True)
