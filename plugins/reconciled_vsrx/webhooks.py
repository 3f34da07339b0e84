"""What the site's webhooks say, and how a true one is told from a forged one.

The signature is an HMAC-SHA256 over the raw body, compared in constant time; the key never travels.
The contract has no header with a time, so a body that somebody recorded and sends again passes. That
is harmless: an event orders nothing, VSRX is asked about the item, and its answer counts. What a
replayed event claims (a user, a time) stands as evidence with the time that it names itself.
"""

import hmac
from collections.abc import Mapping, Sequence

import msgspec
from pydantic import SecretStr

from reconciled.errors import BadEvent, Forged
from reconciled.model import Event, Key, Op
from reconciled_vsrx.items import FILE, FILESET, is_id
from reconciled_vsrx.mapping import renamed
from reconciled_vsrx.payloads import Notice

HEADER = "x-signature-256"
PREFIX = "sha256="
LONGEST_USER = 200


def signature(body: bytes, key: SecretStr) -> str:
    """The header's value for a body."""
    return PREFIX + hmac.new(key.get_secret_value().encode(), body, "sha256").hexdigest()


def verify(body: bytes, headers: Mapping[str, str], *, key: SecretStr | None, name: str) -> None:
    """Forged unless the body is signed with the key. `name` is the source's, for the remedy."""
    if key is None:
        raise Forged(f"webhooks of {name} need a key to check: set sources.{name}.webhook in the config")
    shown = headers.get(HEADER, "").strip()
    if not shown:
        raise Forged("the header X-Signature-256 is missing; the site has to sign the body")
    told = shown.lower().encode("utf-8", "surrogateescape")  # a header's bytes may be no text
    if not hmac.compare_digest(told, signature(body, key).encode()):
        raise Forged(
            f"the signature is wrong; it is {PREFIX} and the hex HMAC-SHA256 of the raw body, by the key "
            f"that sources.{name}.webhook says"
        )


def read_webhook(body: bytes, *, ours: dict[str, str]) -> Sequence[Event]:
    """The events in the body. BadEvent when it is none of the contract's."""
    notice = _notice(body, ours)
    match notice.event:
        case "file.created" | "file.updated":
            return [_event(Op.CHANGED, FILE, notice.id, notice, reason=notice.event.removeprefix("file."))]
        case "file.deleted":
            return [_event(Op.DELETED, FILE, notice.id, notice, own_act=True)]
        case "patient.rebooked":
            old, new = notice.patient_id, notice.new_patient_id
            if old == new:
                raise BadEvent("patient.rebooked from an id to the same id")
            return [
                _event(Op.CHANGED, FILESET, new, notice, reason=f"rebooked from {old}"),
                _event(Op.CHANGED, FILESET, old, notice, reason=f"rebooked as {new}"),
            ]
        case other:
            raise BadEvent(f"unknown event {other[:60]!r} of VSRX")


def _notice(body: bytes, ours: dict[str, str]) -> Notice:
    try:
        if not ours:
            return msgspec.json.decode(body, type=Notice)
        return msgspec.convert(renamed(msgspec.json.decode(body), ours), Notice)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadEvent(f"no webhook of VSRX: {error}") from None


def _event(
    op: Op, kind: str, named: str | None, notice: Notice, *, reason: str | None = None, own_act: bool = False
) -> Event:
    if named is None or not is_id(named):
        raise BadEvent(f"{notice.event} that does not say which {kind}")
    return Event(
        op,
        Key(kind, named),
        actor=_user(notice.user),
        occurred=notice.occurred_at,
        reason=reason,
        own_act=own_act,
    )


def _user(name: str | None) -> str | None:
    """Who did it, in one line that can be shown; None when it says nobody."""
    plain = "".join(char for char in name or "" if char.isprintable()).strip()
    return plain[:LONGEST_USER] or None
