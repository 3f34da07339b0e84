"""What the site's webhooks tell, and which are forged."""

import hmac
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from tests.plugins.vsrx.conftest import KEY

from reconciled.errors import BadEvent, Forged
from reconciled.model import Event, Key, Op
from reconciled.testing.fakes.vsrx import FakeVsrx
from reconciled_vsrx import Vsrx

AT = "2026-02-03T04:05:06Z"


def body(event: str, **more: Any) -> bytes:
    return msgspec.json.encode({"event": event, "occurredAt": AT, "user": "dr. ann", **more})


@pytest.mark.parametrize(
    ("event", "op", "own"),
    [
        ("file.created", Op.CHANGED, False),
        ("file.updated", Op.CHANGED, False),
        ("file.deleted", Op.DELETED, True),
    ],
)
def test_a_file(vsrx: Vsrx, event: str, op: Op, own: bool) -> None:
    (told,) = vsrx.parse_webhook(body(event, id="F-1", patientId="P-0"), {})
    assert (told.op, told.key, told.actor, told.own_act) == (op, Key("file", "F-1"), "dr. ann", own)
    assert told.occurred is not None
    assert told.occurred.isoformat() == "2026-02-03T04:05:06+00:00"


def test_a_rebooking_names_both_filesets_and_no_file(vsrx: Vsrx) -> None:
    told = vsrx.parse_webhook(body("patient.rebooked", id="P-0", patientId="P-0", newPatientId="P-0b"), {})
    assert [(one.op, one.key, one.reason) for one in told] == [
        (Op.CHANGED, Key("fileset", "P-0b"), "rebooked from P-0"),
        (Op.CHANGED, Key("fileset", "P-0"), "rebooked as P-0b"),
    ]


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"[]",
        b'{"event": 7}',
        b'{"event": "file.renamed", "id": "F-1"}',
        b'{"event": "file.deleted"}',
        b'{"event": "file.deleted", "id": "../F-1"}',
        b'{"event": "file.deleted", "id": "F-1", "occurredAt": "2026-02-03T04:05:06"}',
        b'{"event": "patient.rebooked", "patientId": "P-0"}',
        b'{"event": "patient.rebooked", "patientId": "P-0", "newPatientId": "P-0"}',
    ],
)
def test_what_is_none_of_the_contract(vsrx: Vsrx, bad: bytes) -> None:
    with pytest.raises(BadEvent):
        vsrx.parse_webhook(bad, {})


@pytest.mark.parametrize(
    ("said", "shown"), [("\x1b[2Jann\n", "[2Jann"), ("  ", None), ("x" * 500, "x" * 200)]
)
def test_a_user_is_a_line_that_can_be_shown(vsrx: Vsrx, said: str, shown: str | None) -> None:
    (told,) = vsrx.parse_webhook(body("file.deleted", id="F-1", user=said), {})
    assert told.actor == shown


def signed(raw: bytes, key: str = KEY) -> dict[str, str]:
    return {"x-signature-256": "sha256=" + hmac.new(key.encode(), raw, "sha256").hexdigest()}


def test_a_true_signature(vsrx: Vsrx) -> None:
    raw = b'{"event":  "file.deleted"}'  # to the byte: nobody reads the JSON before
    vsrx.verify_webhook(raw, signed(raw))
    vsrx.verify_webhook(
        raw, {"x-signature-256": signed(raw)["x-signature-256"].upper().replace("SHA", "sha")}
    )


def test_forged_signatures(vsrx: Vsrx) -> None:
    raw = body("file.deleted", id="F-1")
    true = signed(raw)["x-signature-256"]
    for header in (
        "",
        "sha256=",
        true[:-1],
        true + "0",
        true.removeprefix("sha256="),
        "sha1=" + true[7:],
        "ü",
    ):
        with pytest.raises(Forged) as caught:
            vsrx.verify_webhook(raw, {"x-signature-256": header})
        assert true[7:] not in str(caught.value)
    for forged in (raw + b" ", raw.replace(b"F-1", b"F-2"), b""):
        with pytest.raises(Forged):
            vsrx.verify_webhook(forged, {"x-signature-256": true})
    with pytest.raises(Forged):
        vsrx.verify_webhook(raw, signed(raw, "another key"))
    with pytest.raises(Forged, match="missing"):
        vsrx.verify_webhook(raw, {"authorization": f"Bearer {KEY}"})


def test_without_a_key_none_is_taken(open_vsrx: Callable[..., Vsrx]) -> None:
    raw = body("file.deleted", id="F-1")
    with pytest.raises(Forged, match=r"sources\.vsrx\.webhook"):
        open_vsrx(webhook=None).verify_webhook(raw, signed(raw, ""))


def test_other_names_hold_in_webhooks_too(open_vsrx: Callable[..., Vsrx], fake: FakeVsrx) -> None:
    source = open_vsrx(map={"fields": {"id": "fileNo", "user": "who", "occurredAt": "ts"}})
    raw = msgspec.json.encode({"event": "file.deleted", "fileNo": "F-1", "id": "7", "who": "ben", "ts": AT})
    (told,) = source.parse_webhook(raw, {})
    assert isinstance(told, Event)
    assert (told.key, told.actor) == (Key("file", "F-1"), "ben")


@pytest.mark.parametrize(
    "shown", ["sha256=\udcff", "sha256=ä", "\udc80", "sha256=" + "0" * 10_000], ids=ascii
)
def test_a_signature_of_strange_bytes_is_forged(vsrx: Vsrx, shown: str) -> None:
    """A header's bytes that are no UTF-8 come as surrogates, which nothing encodes."""
    with pytest.raises(Forged, match="the signature is wrong"):
        vsrx.verify_webhook(b"{}", {"x-signature-256": shown})
