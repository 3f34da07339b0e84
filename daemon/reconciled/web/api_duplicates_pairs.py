"""API: why two papers are taken for duplicates, and what other weights would make of what was found."""

from typing import Annotated

import msgspec
from msgspec import Meta

from reconciled.duplicates.words import Band, Factor, Weights
from reconciled.ledger import items, likenesses, sources, views_duplicates, views_papers
from reconciled.ledger.connection import Tx
from reconciled.ledger.views_duplicates import WeighedView
from reconciled.ledger.views_papers import JudgementView, LikenessView, PairView, PaperView
from reconciled.model import Key
from reconciled.web.calls import Asked, Nothing
from reconciled.web.duplicates_words import FactorView, differing, factors, keep_these, why
from reconciled.web.problems import Problem

MOST = views_duplicates.MOST_GROUPS
Share = Annotated[float, Meta(ge=0, le=1)]
Weight = Annotated[float, Meta(ge=0, le=10)]


class PairQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Two papers: by their numbers, or as `source:kind/id`."""

    a: str
    b: str


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """Two papers, why they are taken for what they are, what was said of them, and the groups that hold both.

    `differing` says the differences in words, from `a` to `b`.
    """

    a: PaperView
    b: PaperView
    why: str
    likeness: LikenessView | None
    factors: list[FactorView]
    differing: list[str]
    judgement: JudgementView | None
    groups: list[int]


class WeighQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Weights and bands; what is left out is as the config has it. `groups` are numbers, with commas between.

    `counts`: also say how many pairs there are of each band, now and then; it reads all of them.
    """

    text: Weight | None = None
    numbers: Weight | None = None
    thirds: Weight | None = None
    name: Weight | None = None
    metadata: Weight | None = None
    image: Weight | None = None
    duplicate: Share | None = None
    review: Share | None = None
    groups: Annotated[str, Meta(max_length=8000)] = ""
    counts: bool = True


class Weighed(msgspec.Struct, frozen=True):
    """What other weights would make of stored likenesses; nothing is stored.

    `pairs` are those of the named groups' members with their primaries; `before` and `counts` are all pairs
    by band, as they are and as they would be. `config` has the lines that would keep these weights.
    """

    pairs: list[WeighedView]
    before: dict[str, int] | None
    counts: dict[str, int] | None
    config: str


async def explain_duplicates(asked: Asked[PairQuery, Nothing]) -> Explained:
    """Why two papers are taken for duplicates, or not."""
    query, weights = asked.query, asked.house.duplicates.settings.weights

    def read(tx: Tx) -> tuple[int, PairView | None]:
        a, b = _item(tx, query.a), _item(tx, query.b)
        return a, views_papers.explain(tx, a, b)

    first, pair = await asked.house.ledger.read(read)
    if pair is None:
        raise Problem(404, "these are not two papers: one was not read, or both are one")
    one, other = (pair.a, pair.b) if pair.a.item == first else (pair.b, pair.a)
    return Explained(
        a=one, b=other, why=why(pair.likeness), likeness=pair.likeness,
        factors=factors(pair.likeness, weights), differing=differing(pair.likeness, first),
        judgement=pair.judgement, groups=pair.groups,
    )  # fmt: skip


async def weigh_duplicates(asked: Asked[WeighQuery, Nothing]) -> Weighed:
    """What other weights and bands would make of what was found; nothing is changed."""
    query = asked.query
    known = asked.house.duplicates.settings.weights
    given = {factor: getattr(query, str(factor)) for factor in Factor}
    weights = Weights(
        {one: known.of.get(one, 0.0) if weight is None else weight for one, weight in given.items()},
        known.duplicate if query.duplicate is None else query.duplicate,
        known.review if query.review is None else query.review,
    )
    if weights.review >= weights.duplicate:
        raise Problem(400, "`review` has to be below `duplicate`; nothing would be left to be reviewed")
    numbers = _listed(query.groups)

    def read(tx: Tx) -> tuple[list[WeighedView], dict[str, int] | None, dict[str, int] | None]:
        pairs = views_duplicates.weighed(tx, numbers, weights) if numbers else []
        if not query.counts:
            return pairs, None, None
        before = {str(band): 0 for band in Band} | likenesses.counts(tx)
        return pairs, before, views_duplicates.weighed_counts(tx, weights)

    return Weighed(*await asked.house.ledger.read(read), keep_these(weights))


def _listed(text: str) -> list[int]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(part.isascii() and part.isdecimal() and len(part) <= 18 for part in parts):
        raise Problem(400, "`groups` are numbers with commas between them")
    return list(dict.fromkeys(map(int, parts)))[:MOST]


def _item(tx: Tx, named: str) -> int:
    """An item by its number, or as `source:kind/id`. Problem 404."""
    if named.isascii() and named.isdecimal() and len(named) <= 18:
        return int(named)
    source, _, rest = named.partition(":")
    kind, _, key = rest.partition("/")
    row = sources.get(tx, source)
    found = items.by_key(tx, row.id, Key(kind, key)) if row is not None and key else []
    current = [one for one in found if one.current] or found
    if not current:
        raise Problem(404, f"the ledger knows no {named!r}; name it as `source:kind/id`, or by its number")
    return current[0].id
