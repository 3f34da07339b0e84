"""What a program is told of its records, word for word, and how it is signed.

The signature is an HMAC-SHA256, keyed by the secret, of the moment of sending, a dot, and the body
as it travels: neither can be changed, and an old one can be told by its age. The delivery's name
stands in the body too and is the same for every try, so a receiver can know one that came twice.
"""

import hashlib
import hmac
from collections.abc import Mapping

import msgspec

from reconciled.model import Json, Loss, Record, SyncStatus

SIGNATURE, DELIVERY = "X-Reconciled-Signature", "X-Reconciled-Delivery"
MISSING, RETURNED = "missing", "returned"


def gone(source: str, record: Record, loss: Loss, *, delivery: str) -> bytes:
    """All that the record refers to is gone; `tombstone` is the newest loss."""
    tombstone: dict[str, Json] = {
        "source": loss.source,
        "kind": loss.key.kind,
        "id": loss.key.id,
        "title": loss.title,
        "cause": loss.cause,
        "actor": loss.actor,
        "sentence": loss.sentence,
        "when": loss.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    return _letter(MISSING, source, record, SyncStatus.MISSING, tombstone, delivery)


def back(source: str, record: Record, *, delivery: str) -> bytes:
    """What the record refers to stands again; its status is what its program said last."""
    return _letter(RETURNED, source, record, record.said, None, delivery)


def _letter(
    event: str, source: str, record: Record, status: SyncStatus, tombstone: Json, delivery: str
) -> bytes:
    named: list[Json] = [*sorted(map(str, record.refs))]
    told: dict[str, Json] = {
        "event": event,
        "delivery": delivery,
        "source": source,
        "id": record.id,
        "title": record.title,
        "refs": named,
        "sync_status": str(status),
        "tombstone": tombstone,
    }
    return msgspec.json.encode(told)


def headers(body: bytes, secret: str, *, delivery: str, at: int) -> Mapping[str, str]:
    """What proves that the body is ours, sent at that time (unix seconds)."""
    mark = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {SIGNATURE: f"t={at},v1={mark}", DELIVERY: delivery}
