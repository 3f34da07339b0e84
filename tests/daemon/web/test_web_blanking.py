"""Secrets are blanked out of what is kept, and nothing else of it changes."""

import base64
import html
import json
import re
import time
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from pydantic import SecretBytes, SecretStr

from reconciled.config import DaemonSettings, Settings, SourceSettings
from reconciled.source import SourceConfig
from reconciled.testing.clock import ManualClock
from reconciled.testing.model_app import ModelSource
from reconciled.web.blanking import redact, redact_text, secrets_of
from reconciled.web.brake import ADDRESSES, TRIES, Brake

LONG, QUOTED, SHORT, NUMBER = "p/ss word+1", 'with "quotes" and é', "key", "12345678"
SECRETS = (LONG, QUOTED, SHORT, NUMBER)


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ({"a": f"x {LONG} y"}, {"a": "x *** y"}),
        ({"url": "http://a?k=p%2Fss%20word%2B1"}, {"url": "http://a?k=***"}),
        ({"url": "http://a?k=p%2Fss+word%2B1"}, {"url": "http://a?k=***"}),
        ({"a": [{"b": [QUOTED, 1, None, True]}]}, {"a": [{"b": ["***", 1, None, True]}]}),
        ({LONG: 1}, {"***": 1}),
        ({"key": "key", "title": "The monkey"}, {"***": "***", "title": "The monkey"}),
        ({"id": 12345678, "title": "12345678"}, {"id": "***", "title": "***"}),
        ({"id": 123456789, "n": -1.5e3}, {"id": 123456789, "n": -1.5e3}),
        ({"title": "Nothing here"}, {"title": "Nothing here"}),
    ],
)
def test_json_stays_json(told: object, kept: object) -> None:
    for ascii_ in (True, False):
        text = json.dumps(told, ensure_ascii=ascii_)
        for body in (text, text.replace("/", "\\/")):
            assert json.loads(redact(body.encode(), SECRETS)) == kept


@pytest.mark.parametrize("secret", ["p/ss+word&'1", "gehört <mir> 1", 'back\\slash"quote'])
@pytest.mark.parametrize(
    "spell",
    [
        lambda secret: (
            json.dumps(secret).replace("+", "\\u002B").replace("&", "\\u0026").replace("'", "\\u0027")
        ),
        lambda secret: json.dumps(secret).replace("<", "\\u003C").replace("ö", "\\u00F6"),
        lambda secret: json.dumps(
            "http://a?k=" + re.sub("%..", lambda x: x[0].lower(), quote(secret, safe=""))
        ),
        lambda secret: json.dumps("http://a?k=" + quote(secret, safe="")),
        lambda secret: json.dumps("http://a?k=" + quote(quote(secret))),
        lambda secret: json.dumps("http://a?k=" + quote_plus(secret)),
        lambda secret: json.dumps(json.dumps({"k": secret})),
        lambda secret: json.dumps({"a": {"b": json.dumps(json.dumps({"k": secret}))}}),
        lambda secret: json.dumps(html.escape(secret)),
        lambda secret: "".join(f"&#{ord(char)};" for char in secret),
        lambda secret: "".join(f"%{octet:02x}" for octet in secret.encode()),
        lambda secret: "".join(f"%{octet:02X}" for octet in secret.encode("latin-1")),
        lambda secret: f'{{"cut": "off", "k": {json.dumps(secret)}',
        lambda secret: f'{{"a": {json.dumps(secret)}, "a": "the second of a name"}}',
    ],
)
def test_a_secret_is_found_however_it_is_written(secret: str, spell: Callable[[str], str]) -> None:
    for body in (spell(secret).encode(), spell(secret).encode("utf-16"), spell(secret).encode("utf-16-le")):
        kept = redact(body, [secret, "another-secret"])
        assert kept != body
        text = kept.decode(json.detect_encoding(kept))
        assert "***" in text
        assert not re.search("ss.*word|geh|mir|back|slash|quote", text), text


@pytest.mark.parametrize("user", ["", "a", "ab", "abc", "user"])
@pytest.mark.parametrize("secret", ["hook-secret-1", "hook-secret-12", "hook-secret-123", "gehört-mir"])
def test_basic_credentials_are_blanked(user: str, secret: str) -> None:
    for encoding in ("utf-8", "latin-1"):
        told = base64.b64encode(f"{user}:{secret}".encode(encoding)).decode()
        body = json.dumps({"headers": [f"Basic {told}", "Basic Zm9vOmJhcg=="]})
        assert json.loads(redact(body.encode(), [secret])) == {"headers": ["Basic ***", "Basic Zm9vOmJhcg=="]}


def test_short_secrets_are_blanked_where_they_are_the_whole() -> None:
    body = b'{"pin": 1234, "n": 12345, "s": "1234", "t": "In 1234", "u": "%31234"}'
    assert redact(body, ["1234"]) == b'{"pin": "***", "n": 12345, "s": "***", "t": "In 1234", "u": "***"}'


def test_the_rest_of_a_body_is_kept_to_the_byte() -> None:
    body = b'{ "a":1.50 ,\n "b" : "\\u0041", "k":"x hook-secret-1 y", "a":  2e5 }'
    assert redact(body, ["hook-secret-1"]) == body.replace(b"hook-secret-1", b"***")


@pytest.mark.parametrize("unit", ['"\\', "\\", "%25", "aG9vay1z", '"', "&amp;", "1", "[", '{"a":"'])
def test_long_odd_bodies_take_no_long_time(unit: str) -> None:
    body = (unit * 2**20)[: 2**20].encode()
    began = time.process_time()
    assert redact(body, [*SECRETS, *(f"hook-secret-number-{number}" for number in range(20))]) == body
    assert time.process_time() - began < 60  # what is not linear takes hours


def test_what_is_no_json_is_blanked_as_text() -> None:
    assert redact(b"<x>p/ss word+1</x> 12345678", SECRETS) == b"<x>***</x> ***"
    assert redact(b"\xff p/ss word+1", SECRETS) == b"\xff ***"
    assert redact(b'{"a": "\xe9", "k": "p/ss word+1"}', SECRETS) == b'{"a": "\xe9", "k": "***"}'
    assert redact_text("Radarr 12345678", SECRETS) == "Radarr ***"


def test_json_that_is_nested_too_deeply_is_blanked_as_text() -> None:
    body = b"[" * 100_000 + b'"p/ss word+1"'
    assert b"word" not in redact(body, SECRETS)


def test_every_secret_of_the_config_is_known() -> None:
    class Inner(SourceConfig):
        deep: tuple[SecretStr, ...] = (SecretStr("deep-secret"),)

    class Options(SourceConfig):
        api_key: SecretStr = SecretStr("options-secret")
        raw: SecretBytes = SecretBytes(b"bytes-secret")
        inner: Inner = Inner()
        named: dict[str, SecretStr]
        plain: str = "not secret"

    source = SourceSettings(
        "a",
        "model",
        ModelSource,
        Options(named={"a": SecretStr("named-secret")}),
        webhook=SecretStr("hook-secret"),
    )
    settings = Settings(daemon=DaemonSettings(token=SecretStr("the-token")), sources={"a": source})
    assert secrets_of(settings, "own", "") == {
        "the-token",
        "hook-secret",
        "options-secret",
        "bytes-secret",
        "deep-secret",
        "named-secret",
        "own",
    }


def test_the_brake_remembers_no_more_than_it_must() -> None:
    clock = ManualClock()
    brake = Brake(clock)
    for _ in range(TRIES):
        assert brake.wait("one") == 0
        brake.wrong("one")
    assert 0 < brake.wait("one") <= 60
    for number in range(ADDRESSES):
        brake.wrong(str(number))
    assert brake.wait("one") == 0
