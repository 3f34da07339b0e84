"""What breaks a re-download loop: offered beside its finding, as a command and as a link to its confirmation.

Offered is only what the app can do: stop looking for the thing, or let go of it for good. Nothing is done
by an offer; the page shows first what would be acted on, and the command obeys the same rules.
"""

import shlex
from typing import Any
from urllib.parse import urlencode

import msgspec

from reconciled.config import Verb
from reconciled.engine.outbox.by_hand import Order, cannot
from reconciled.engine.outbox.words import act
from reconciled.ledger.redownloads import CODE
from reconciled.ledger.views_losses import FindingView
from reconciled.model import Key
from reconciled.web.house import House
from reconciled.web.render import item_url


class Remedy(msgspec.Struct, frozen=True):
    """One thing that a person can have done: the command that orders it, and the page that asks first."""

    verb: str
    sentence: str
    command: str
    page: str


class Finding(FindingView, frozen=True, kw_only=True):
    """A conclusion with what a person can have done about it."""

    remedies: list[Remedy] = msgspec.field(default_factory=list)


def with_remedies(house: House, view: FindingView) -> Finding:
    """The finding with its remedies; only an open loop that nobody set aside has any."""
    fields: dict[str, Any] = {name: getattr(view, name) for name in FindingView.__struct_fields__}
    return Finding(**fields, remedies=remedies(house, view))


def remedies(house: House, view: FindingView) -> list[Remedy]:
    """What breaks the loop, the gentlest first. Empty for what is no loop, over, or set aside."""
    place = house.engine.places.get(view.source)
    if view.code != CODE or view.resolved or view.ignored_by or view.snoozed_until or place is None:
        return []
    key, source = Key(view.kind, view.key), place.live.source
    if key.kind in source.inert:
        return []
    orders = (
        Order(Verb.UNMONITOR, view.source, key),
        Order(Verb.DELETE, view.source, key, exclude=True),
        Order(Verb.DELETE, view.source, key, files=True, exclude=True),
    )
    possible = [one for one in orders if cannot(source, one, view.source) is None]
    return [_remedy(one, view) for one in possible[:2]]  # that takes the files is offered where it must


def _remedy(order: Order, view: FindingView) -> Remedy:
    key = order.key
    options = [f"--{name}" for name in ("files", "exclude") if getattr(order, name)]
    words = [str(order.verb), order.source, key.kind, shlex.quote(key.id), *options]
    chosen = {"verb": str(order.verb)}
    if order.verb is Verb.DELETE:
        chosen |= {"files": "yes" if order.files else "no", "exclude": "yes"}
    said = act(
        order.verb, order.source, key.kind, key.id, view.title, files=order.files, exclude=order.exclude
    )
    return Remedy(
        str(order.verb),
        said,
        f"reconciled act {' '.join(words)}",
        f"{item_url(order.source, key.kind, key.id)}/act?{urlencode(chosen)}",
    )
