"""Secrets are blanked out of what is kept, and nothing else of it changes."""

import json

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
        ({"id": 12345678, "title": "12345678"}, {"id": 12345678, "title": "***"}),
        ({"title": "Nothing here"}, {"title": "Nothing here"}),
    ],
)
def test_json_stays_json(told: object, kept: object) -> None:
    for ascii_ in (True, False):
        text = json.dumps(told, ensure_ascii=ascii_)
        for body in (text, text.replace("/", "\\/")):
            assert json.loads(redact(body.encode(), SECRETS)) == kept


def test_what_is_no_json_is_blanked_as_text() -> None:
    assert redact(b"<x>p/ss word+1</x> 12345678", SECRETS) == b"<x>***</x> ***"
    assert redact(b"\xff p/ss word+1", SECRETS) == b"\xff ***"
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
