"""What `explain` tells, in the order in which a person asks: what, where, by whom, and how that is known."""

from collections.abc import Iterable, Mapping
from typing import Any

import click

from reconciled.cli.listings import ITEMS
from reconciled.cli.text import Row, plain, show_fact, show_table, when


def tell_item(item: Row) -> None:
    """One item in full."""
    _head(f"{item.get('title')}  ({item.get('source')} {item.get('kind')} {item.get('id')})")
    show_fact("presence", item.get("presence"))
    show_fact("file", {True: "yes", False: "no"}.get(item.get("has_file")))  # type: ignore[arg-type]  # JSON: True, False or None
    show_fact("path", item.get("path"))
    show_fact("refs", ", ".join(map(str, item.get("refs") or ())))
    show_fact("first seen", when("first_seen")(item))
    show_fact("suspected", when("suspected")(item))
    show_fact("hold", item.get("hold"))
    show_fact("next", item.get("next"))
    _others("the same thing elsewhere", item.get("same"))
    _others("shares an identity, but is disputed", item.get("disputed"))
    _others("stood under this key before", item.get("displaced"))
    stones = item.get("tombstones") or []
    for stone in stones:
        click.echo()
        _tell_stone(stone)
    _tell_evidence([one for one in item.get("evidence") or [] if not stones], "evidence that waits")
    _tell_findings(item.get("findings") or [])
    tell_actions(item.get("actions") or [])
    _tell_timeline(item.get("timeline") or [])


def tell_story(story: Row, items: list[dict[str, Any]]) -> None:
    """One lost thing: its tombstones everywhere, what still stands of it, and what follows from it."""
    _head(str(story.get("title")))
    click.echo(plain(story.get("sentence")))
    show_fact("cause", story.get("cause"))
    show_fact("who", story.get("actor"))
    show_fact("noticed", when("noticed")(story))
    for stone in story.get("tombstones") or []:
        click.echo()
        _tell_stone(stone, sentence=False)
    if story.get("actions"):
        click.echo()
        _head("what follows from it")
        tell_actions(story["actions"])
    _others("what the ledger holds of it", items)


def _tell_stone(stone: Row, *, sentence: bool = True) -> None:
    lost = {"file": "the file is gone, its entry stays", "entry": "the entry is gone"}
    _head(f"gone from {stone.get('source')}: {stone.get('kind')} {stone.get('key')}  {stone.get('title')}")
    show_fact("lost", lost.get(str(stone.get("what")), stone.get("what")))
    if sentence:
        show_fact("story", stone.get("sentence"))
    show_fact("seen first", when("seen_first")(stone))
    show_fact("noticed", when("noticed")(stone))
    show_fact("proved", when("confirmed")(stone))
    show_fact("refs", ", ".join(map(str, stone.get("refs") or ())))
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
        show_fact("finding", f"{one.get('code')}{what} since {when('opened')(one)}{until}{aside}")


def tell_actions(actions: Iterable[Row]) -> None:
    """What would be, will be or was done in apps."""
    for one in actions:
        show_fact("action", f"a{one.get('id')} {one.get('state')}: {one.get('sentence')}")


def _tell_timeline(timeline: Iterable[Row]) -> None:
    for one in timeline:
        show_fact("history", f"{when('at')(one)}  {one.get('what')} {one.get('detail') or ''}".rstrip())


def _others(name: str, items: object) -> None:
    if isinstance(items, list) and items:
        click.echo()
        _head(name)
        show_table(items, ITEMS)


def _head(text: str) -> None:
    click.secho(plain(text), bold=True)
