"""API: explain one thing, by its key or by words: where it stands everywhere, why, and what comes next.

When several things fit the words they are listed, and nothing is told of any. Secrets are taken out, so
that an answer is fit for a bug report.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import stamp
from reconciled.model import Key
from reconciled.web.calls import Asked, Nothing
from reconciled.web.explained import Reader
from reconciled.web.explanation import Explanation, Thing, clean
from reconciled.web.house import House
from reconciled.web.matching import Fit, at_key, fitting
from reconciled.web.problems import Problem


class ExplainQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be explained."""

    q: Annotated[
        str,
        Meta(min_length=1, max_length=500, description="a part of a title or an id, a ref, or a key"),
    ]


async def explain(asked: Asked[ExplainQuery, Nothing]) -> Explanation:
    """What is known of the thing that fits the words, without secrets; or the things, when several fit."""
    words = asked.query.q.replace("\0", " ").strip()
    if not words:
        raise Problem(
            400, "the parameters are wrong: `q` has no words; it takes a part of a title, a ref, or a key"
        )
    found = await asked.house.ledger.read(lambda tx: _explained(tx, asked.house, fitting(tx, words), words))
    if found is None:
        raise Problem(404, f"nothing that is like {words!r} is known; POST /api/v1/lookups asks an app")
    return clean(asked.house, found)


async def explain_item(asked: Asked[Nothing, Nothing]) -> Explanation:
    """What is known of the thing under a key, without secrets; also when only its tombstone is kept."""
    source, key = asked.path("source"), Key(asked.path("kind"), asked.path("id"))
    found = await explain_key(asked.house, source, key)
    if found is None:
        raise Problem(404, f"nothing is known of {key} of {source}; POST /api/v1/lookups asks the app")
    return found


async def explain_key(house: House, source: str, key: Key) -> Explanation | None:
    """The same for the pages; None when nothing is known."""

    def read(tx: Tx) -> Explanation | None:
        found = at_key(tx, source, key)
        return _explained(tx, house, [found] if found is not None else [], f"{source} {key}")

    found = await house.ledger.read(read)
    return clean(house, found) if found is not None else None


def _explained(tx: Tx, house: House, fits: list[Fit], asked: str) -> Explanation | None:
    if not fits:
        return None
    thing: Thing | None = None
    if len(fits) == 1:
        reader, rows = Reader(tx, house), fits[0].rows
        thing = reader.of_row(rows[0]) if rows else reader.of_grave(fits[0].graves)
    matches = [fit.match() for fit in fits]
    return Explanation(asked, stamp(house.clock.now()), house.version, thing, matches)
