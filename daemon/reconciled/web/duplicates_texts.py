"""The texts of two papers, from the ledger or their apps, and how they differ, reckoned beside the loop."""

import asyncio

import msgspec

from reconciled.engine.duplicates.reading import texts_of
from reconciled.errors import SourceError
from reconciled.ledger import items, papers, sources
from reconciled.ledger.connection import Tx
from reconciled.model import Key
from reconciled.source import Texts
from reconciled.web.duplicates_diff import TextDiff, diff
from reconciled.web.house import House
from reconciled.web.problems import RETRY_LATER, Problem

MOST_LETTERS = 400_000
"""So much of a text is compared; it has fewer words than are looked at, unless they are endless."""


async def compare_texts(house: House, a: int, b: int) -> TextDiff:
    """How two papers' texts differ. Problem 404, 409 without words, 503 without an app's answer."""
    kept = await house.ledger.read(papers.texts, [a, b])
    one, other = [kept[item] if item in kept else await _asked(house, item) for item in (a, b)]
    if not one.strip() and not other.strip():
        raise Problem(409, "neither has words that could be compared; look at the pictures")
    found = await asyncio.to_thread(diff, one[:MOST_LETTERS], other[:MOST_LETTERS], a=a, b=b)
    longer = max(len(one), len(other)) > MOST_LETTERS
    return msgspec.structs.replace(found, cut=True) if longer else found


async def _asked(house: House, item: int) -> str:
    """A text that is not kept, from its app."""

    def read(tx: Tx) -> tuple[str, Key] | None:
        row = items.by_id(tx, item)
        return (sources.by_id(tx, row.source_id).name, row.item.key) if row is not None else None

    found = await house.ledger.read(read)
    if found is None:
        raise Problem(404, f"there is no item {item}")
    name, key = found
    place = house.engine.places.get(name)
    if place is None or not isinstance(place.live.source, Texts):
        raise Problem(409, f"the words of {key} are not kept here, and {name} cannot be asked for them")
    try:
        told = await texts_of(place.live, place.live.source, [key])
    except SourceError as error:
        raise Problem(
            503, f"{name} does not give the words of {key}: {error}", headers=RETRY_LATER
        ) from error
    if key not in told:
        raise Problem(409, f"{name} did not give the words of {key}")
    return told[key].words
