"""What an explanation of one thing is, as the API answers it; and how secrets are taken out of it.

It is fit for a bug report: every secret that we know, what is named like one among an app's own
attributes, and what URLs carry is masked before anybody sees it.
"""

from typing import Any

import msgspec

from reconciled.http.redaction import Redaction
from reconciled.ledger.views_explain import Part, Parts, SaidOf
from reconciled.ledger.views_items import Moment
from reconciled.web.actions import Action
from reconciled.web.answers import Story, Witness
from reconciled.web.blanking import is_named_secret, secrets_of
from reconciled.web.house import House
from reconciled.web.remedies import Finding
from reconciled.web.spellings import MASK, Spellings, spellings


class Heard(msgspec.Struct, frozen=True):
    """The last answer about an item, and `how` it was heard: by a `lookup`, or by the `listing` of a scan."""

    verdict: str
    said: str
    at: str
    how: str


class Placed(msgspec.Struct, frozen=True):
    """One app's item: how it relates to what was asked about, where it stands, why, and what comes next."""

    source: str
    app: str
    kind: str
    id: str
    title: str
    relation: str
    presence: str
    has_file: bool | None
    state: str
    because: str
    then: str
    due: str | None
    suspected: str | None
    hold: int | None
    answer: Heard | None
    path: str | None
    root: str | None
    refs: list[str]
    attrs: dict[str, Any]


class SourceSays(msgspec.Struct, frozen=True):
    """A source that has, or could have, the thing. `unheard`: why its word does not count now."""

    source: str
    app: str
    health: str
    unheard: str | None
    last_scan: str | None
    note: str | None
    items: list[Placed]


class Next(msgspec.Struct, frozen=True):
    """Something that happens next, and when, where a time is set."""

    sentence: str
    at: str | None


class Thing(msgspec.Struct, frozen=True):
    """What was asked about: the item itself, the same in every app, and all that hangs on it."""

    source: str
    app: str
    kind: str
    id: str
    title: str
    state: str
    because: str
    first_seen: str | None
    changed: str | None
    refs: list[str]
    next: list[Next]
    stories: list[Story]
    evidence: list[Witness]
    sources: list[SourceSays]
    findings: list[Finding]
    actions: list[Action]
    decisions: list[int]
    links: list[SaidOf]
    part_of: Part | None
    parts: Parts
    displaced: list[Placed]
    timeline: list[Moment]


class Explanation(msgspec.Struct, frozen=True):
    """What is known. `thing` is null when several `matches` fit the words: one of them is to be named."""

    asked: str
    at: str
    version: str
    thing: Thing | None
    matches: list["Match"]


class Match(msgspec.Struct, frozen=True):
    """A thing that fits the words, by one of its items; `presence` null: only its tombstone is known."""

    source: str
    kind: str
    id: str
    title: str
    presence: str | None
    also: list[str]


def clean(house: House, whole: Explanation) -> Explanation:
    """The same without secrets."""
    settings = house.config().settings
    channels = (channel.url.get_secret_value() for channel in settings.channels.values())
    known = spellings(secrets_of(settings, house.token, *channels))
    return msgspec.convert(_clean(msgspec.to_builtins(whole), known, Redaction()), type=Explanation)


def _clean(value: Any, known: Spellings, redact_url: Redaction, *, named: bool = False) -> Any:
    """`named`: inside attributes, whose names are the app's own and may say that a secret stands there."""
    match value:
        case str():
            return redact_url(known.blank(value))
        case dict():
            return {
                name: MASK
                if named and is_named_secret(name) and one not in (None, "", [], {})
                else _clean(one, known, redact_url, named=named or name == "attrs")
                for name, one in value.items()
            }
        case list():
            return [_clean(one, known, redact_url, named=named) for one in value]
    return value
