"""Views of papers: one with what its app says of it, and two of them side by side."""

from collections.abc import Sequence
from typing import Any

import msgspec

from reconciled.duplicates.words import Band, Likeness
from reconciled.ledger import judgements, likenesses
from reconciled.ledger.connection import Tx
from reconciled.ledger.papers import FAINT, FEW_WORDS


class DifferenceView(msgspec.Struct, frozen=True):
    """A place where two papers differ: what stands in the first, and what in the second."""

    what: str
    a: str
    b: str


class LikenessView(msgspec.Struct, frozen=True, kw_only=True):
    """How like two papers are. `parts` are log-odds by factor, `alike` shares from 0 to 1.

    `same`: they have the same `bytes` or the same `text`, which needs no search; a pair that was never compared
    otherwise has nothing else to tell.
    """

    a: int
    b: int
    confidence: float
    band: str
    same: str | None
    vetoed: bool = False
    parts: dict[str, float] = {}
    alike: dict[str, float] = {}
    differences: list[DifferenceView] = []
    errors: float = 0.0
    contained: int | None = None
    said: str = ""
    model: int | None = None


class PaperView(msgspec.Struct, frozen=True, kw_only=True):
    """A paper and its item. `item` is the ledger's own number for it, `kept` whether its text is here."""

    item: int
    source: str
    kind: str
    id: str
    title: str
    presence: str
    words: int
    kept: bool
    tags: list[str]
    asn: int | None
    created: str | None
    correspondent: str | None
    document_type: str | None
    file_name: str | None
    size: int | None
    pages: int | None
    notes: int | None


class JudgementView(msgspec.Struct, frozen=True):
    """What a person said of a pair; it `counts` as long as both have the texts that they had then."""

    answer: str
    by: str
    at: str
    counts: bool


class PairView(msgspec.Struct, frozen=True, kw_only=True):
    """Two papers, all that is known of how like they are, what was said of them, which groups hold both."""

    a: PaperView
    b: PaperView
    likeness: LikenessView | None
    judgement: JudgementView | None
    groups: list[int]


PAPER = (
    "item.id, source.name, item.kind, item.key, item.title, item.presence, paper.words, paper.text IS NOT NULL, item.attrs, "
    "paper.about"
)
SAME = "CASE WHEN {one}.checksum = {other}.checksum THEN 'bytes' WHEN {one}.sheet = {other}.sheet THEN 'text' END"


def paper(tx: Tx, item_id: int) -> PaperView | None:
    """One paper."""
    found = tx.execute(
        f"SELECT {PAPER} FROM paper CROSS JOIN item ON item.id = item_id CROSS JOIN source ON source.id = item.source_id "  # noqa: S608 - constant columns
        "WHERE item_id = ?",
        (item_id,),
    ).fetchone()
    return read_paper(found) if found else None


def explain(tx: Tx, a: int, b: int) -> PairView | None:
    """Two papers side by side; None when one is no paper (any more), or both are one."""
    a, b = min(a, b), max(a, b)
    one, other = paper(tx, a), paper(tx, b)
    if one is None or other is None or a == b:
        return None
    (same,) = tx.execute(
        f"SELECT {SAME.format(one='one', other='other')} FROM paper AS one CROSS JOIN paper AS other "  # noqa: S608 - constants
        "WHERE one.item_id = ? AND other.item_id = ?",
        (a, b),
    ).fetchone()
    said = judgements.get(tx, a, b)
    both = tx.execute(
        "SELECT group_id FROM duplicate_member WHERE item_id = ?1 AND group_id IN "
        "(SELECT group_id FROM duplicate_member WHERE item_id = ?2) ORDER BY 1",
        (a, b),
    )
    return PairView(
        a=one,
        b=other,
        likeness=read_likeness(likenesses.get(tx, a, b), same, a=one, b=other),
        judgement=JudgementView(str(said.answer), said.by, said.at, said.fits) if said is not None else None,
        groups=[number for (number,) in both],
    )


def read_likeness(
    known: Likeness | None, same: str | None, *, a: PaperView, b: PaperView
) -> LikenessView | None:
    """How like two papers are, by what the search found and by what they have the same; None: nothing tells."""
    if known is None and same is None:
        return None
    first, second = min(a.item, b.item), max(a.item, b.item)
    faint = same == "text" and max(a.words, b.words) < FEW_WORDS
    if known is None:
        return LikenessView(
            a=first,
            b=second,
            confidence=FAINT if faint else 1.0,
            band=str(Band.REVIEW if faint else Band.DUPLICATE),
            same=same,
            alike={"text": 1.0} if same == "text" else {},
            said=f"they have the same {same}{', of few words' if faint else ''}",
        )
    sure = same is not None and not faint
    return LikenessView(
        a=first,
        b=second,
        confidence=1.0 if sure else known.confidence,
        band=str(Band.DUPLICATE if sure else known.band),
        same=same,
        vetoed=known.vetoed,
        parts={str(factor): part for factor, part in known.parts.items()},
        alike={str(factor): share for factor, share in known.alike.items()},
        differences=[DifferenceView(one.what, one.a, one.b) for one in known.differences],
        errors=known.errors,
        contained=known.contained,
        said=known.said,
        model=known.model,
    )


def read_paper(found: Sequence[Any]) -> PaperView:
    """A paper from the columns of PAPER."""
    item_id, source, kind, key, title, presence, words, kept, attrs, about = found
    said = {**msgspec.json.decode(attrs), **msgspec.json.decode(about)}
    tags = said.get("tags")
    return PaperView(
        item=item_id,
        source=source,
        kind=kind,
        id=key,
        title=title,
        presence=presence,
        words=words,
        kept=bool(kept) or not words,
        tags=[str(tag) for tag in tags] if isinstance(tags, list) else [],
        asn=_number(said.get("asn")),
        created=_text(said.get("created")),
        correspondent=_text(said.get("correspondent")),
        document_type=_text(said.get("document_type")),
        file_name=_text(said.get("file_name")),
        size=_number(said.get("size")),
        pages=_number(said.get("pages")),
        notes=_number(said.get("notes")),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
