"""API: mirrors, their copies, and a person's word that some are to travel again."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from reconciled.config import Mirror
from reconciled.engine.mirror.retrying import retry, take_back
from reconciled.errors import Unsupported
from reconciled.ledger import views_mirrors
from reconciled.ledger.rows import stamp
from reconciled.ledger.views import Listing
from reconciled.ledger.views_mirrors import RETRIED, CopyView
from reconciled.web.api_runs import the_mirror
from reconciled.web.calls import Asked, Nothing, Paged
from reconciled.web.house import House
from reconciled.web.mirrors import MirrorStatus, mirror_status, mirrors
from reconciled.web.problems import Problem, no_such

Status = Literal["pending", "processing", "synced", "duplicate", "failed", "missing", "refused", "removed"]
AT_ONCE = 1000
LARGEST = 10**18
"""Ids beyond this are none of the ledger's."""


class CopiesQuery(Paged, frozen=True, kw_only=True):
    """Which copies."""

    status: Status | None = None
    target: str | None = None
    q: Annotated[str | None, Meta(description="a part of the title, the key or the reason")] = None


class Retry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which copies are to travel again: these, or all with a status (in that target). By status it only says
    which, unless `preview` is false; `shown` is from the preview: what changed since then stays.
    """

    ids: Annotated[list[Annotated[int, Meta(ge=1, le=LARGEST)]], Meta(max_length=AT_ONCE)] = []
    status: Literal["failed", "missing", "refused"] | None = None
    target: str | None = None
    preview: bool = True
    shown: Annotated[str, Meta(max_length=40)] | None = None


class Retried(msgspec.Struct, frozen=True):
    """How many copies travel again, or would: then with the first of them, and `shown` for the real call.

    `left` are those that were asked for and stay as they are: under way, there, or not this mirror's.
    """

    mirror: str
    preview: bool
    count: int
    left: int
    titles: list[str]
    shown: str


async def list_mirrors(asked: Asked[Nothing, Nothing]) -> Listing[MirrorStatus]:
    """The mirrors of the config: how far each is, and what is wrong."""
    return Listing(items=await mirrors(asked.house))


async def get_mirror(asked: Asked[Nothing, Nothing]) -> MirrorStatus:
    """One mirror."""
    return await mirror_status(asked.house, _mirror(asked))


async def list_copies(asked: Asked[CopiesQuery, Nothing]) -> Listing[CopyView]:
    """The copies of a mirror: what each target holds of each original, or why not."""
    return await read_copies(asked.house, _mirror(asked).name, asked.query)


async def read_copies(house: House, name: str, query: CopiesQuery) -> Listing[CopyView]:
    """A page of a mirror's copies."""
    return await house.ledger.read(
        lambda tx: views_mirrors.listing(
            tx,
            name,
            status=query.status,
            target=query.target,
            q=query.q,
            limit=query.limit,
            cursor=query.cursor,
        )
    )


async def retry_copy(asked: Asked[Nothing, Nothing]) -> CopyView:
    """Have one copy that failed, went missing or was refused travel again."""
    mirror, number = _mirror(asked), asked.number("id", "copy")
    known = await _copy(asked.house, mirror, number)
    asked.note(f"{known.kind} {known.key} to {known.target}, {known.status}")
    if not await retry(asked.house.engine, mirror, [number]):
        raise Problem(409, f"copy {number} is {known.status}: only what is {_either(RETRIED)} travels again")
    return await _copy(asked.house, mirror, number)


async def take_copy_back(asked: Asked[Nothing, Nothing]) -> CopyView:
    """Have the bytes of a copy in conflict count: they are brought back to its original."""
    mirror, number = _mirror(asked), asked.number("id", "copy")
    known = await _copy(asked.house, mirror, number)
    asked.note(f"{known.kind} {known.key} from {known.target}")
    await take_these_back(asked.house, mirror, known)
    return await _copy(asked.house, mirror, number)


async def take_these_back(house: House, mirror: Mirror, copy: CopyView) -> None:
    """Have its bytes count. Problem 409 when it is in no conflict, or when nothing comes back from there."""
    try:
        begun = await take_back(house.engine, mirror, house.config().settings.mirrors, [copy.id])
    except Unsupported as error:
        raise Problem(409, str(error)) from error
    if not begun:
        raise Problem(409, f"copy {copy.id} is in no conflict that it could settle: it is {copy.status}")


async def retry_copies(asked: Asked[Nothing, Retry]) -> Retried:
    """Have many copies travel again: some by id, or all with a status, which are shown first."""
    mirror, body = _mirror(asked), asked.body
    if bool(body.ids) == (body.status is not None):
        raise Problem(400, "say which copies: either their `ids`, or their `status`")
    if body.ids:
        asked.note(f"{len(body.ids)} copies")
        return await retry_these(asked.house, mirror, body.ids)
    asked.note(f"{body.status}{f' in {body.target}' if body.target else ''}, {_what(body)}")
    return await retry_by_status(asked.house, mirror, body)


async def retry_these(house: House, mirror: Mirror, ids: list[int]) -> Retried:
    """Have these travel again."""
    wanted = list(dict.fromkeys(ids))
    begun = await retry(house.engine, mirror, wanted)
    now = stamp(house.clock.now())
    return Retried(mirror.name, False, len(begun), len(wanted) - len(begun), [], now)


async def retry_by_status(house: House, mirror: Mirror, body: Retry) -> Retried:
    """Have all with a status travel again, or say which that would be."""
    status, now = str(body.status), stamp(house.clock.now())
    if body.preview:
        found = await house.ledger.read(
            lambda tx: views_mirrors.candidates(tx, mirror.name, status, target=body.target)
        )
        return Retried(mirror.name, True, found.count, 0, found.titles, now)
    shown = body.shown or now
    ids = await house.ledger.read(
        lambda tx: views_mirrors.retried(tx, mirror.name, status, target=body.target, shown=shown)
    )
    begun = await retry(house.engine, mirror, ids)
    return Retried(mirror.name, False, len(begun), len(ids) - len(begun), [], shown)


def _what(body: Retry) -> str:
    return "preview" if body.preview else "travel again"


def _either(words: tuple[str, ...]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"


def _mirror(asked: Asked[Any, Any]) -> Mirror:
    return the_mirror(asked.house, asked.path("name"))


async def _copy(house: House, mirror: Mirror, number: int) -> CopyView:
    found = await house.ledger.read(lambda tx: views_mirrors.one(tx, mirror.name, number))
    if found is None:
        raise no_such("copy", f"{number} of {mirror.name}")
    return found
