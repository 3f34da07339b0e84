"""Channels and alerts: what a good one means, and that no address is told to anyone."""

import logging
import sys
from collections.abc import Callable
from datetime import time
from pathlib import Path

import pytest

from reconciled.config import AlertSettings, Loaded, Settings, report

Load = Callable[..., Loaded]
RADARR = "sources: {radarr: {url: http://box.lan:7878, api_key: !secret key}}\n"
SECRET = "hunter2secret"


def settings(loaded: Loaded) -> Settings:
    assert loaded.settings is not None, report(loaded)
    return loaded.settings


def test_channels(load_text: Load, secrets: Path) -> None:
    text = """notify:
  phone: !secret phone
  tv: {url: !env TV, digest: 1h, rate: 5, quiet: "22:00 - 7:30"}
"""
    loaded = load_text(RADARR + text, environ={"TV": "json://tv.lan"})
    channels = settings(loaded).channels
    assert loaded.warnings == ()
    assert channels["phone"].url.get_secret_value() == "json://phone.lan/0123456789abcdef"
    assert (channels["phone"].digest, channels["phone"].rate, channels["phone"].quiet) == (0, 20, None)
    assert channels["tv"].url.get_secret_value() == "json://tv.lan"
    assert (channels["tv"].digest, channels["tv"].rate) == (3600, 5)
    assert channels["tv"].quiet == (time(22), time(7, 30))
    assert "phone.lan" not in repr(channels)


@pytest.mark.parametrize(
    ("text", "alerts"),
    [
        ("", AlertSettings()),
        ("alerts:\n", AlertSettings()),
        ("alerts: {to: phone}", AlertSettings(to=("phone",))),
        ("alerts: {to: []}", AlertSettings(to=())),
        (
            "alerts: {to: [phone, phone], trouble: 5m, stuck: 1d, disk: 2GiB}",
            AlertSettings(("phone",), 300.0, 86400.0, 2 * 2**30),
        ),
    ],
)
def test_alerts(load_text: Load, secrets: Path, text: str, alerts: AlertSettings) -> None:
    loaded = load_text(f"{RADARR}notify: {{phone: !secret phone}}\n{text}")
    assert settings(loaded).alerts == alerts
    assert loaded.warnings == ()


def test_alerts_without_a_channel(load_text: Load, secrets: Path) -> None:
    (problem,) = load_text(f"{RADARR}alerts: {{to: phone}}").problems
    assert str(problem) == "config.yaml:2:14: alerts.to: there is no channel 'phone'; `notify:` has none yet"


@pytest.mark.parametrize(
    "url",
    [f"nope://{SECRET}", SECRET, f"tgram://{SECRET}", f"https://{SECRET}.lan", f"file:///{SECRET}"],
)
@pytest.mark.parametrize("form", ["{phone: %s}", "{phone: {url: %s}}"])
def test_a_strange_address_is_shown_nowhere(
    load_text: Load, folder: Path, caplog: pytest.LogCaptureFixture, url: str, form: str
) -> None:
    (folder / "secrets.yaml").write_text(f"key: 0123456789\nurl: {url}\n")
    (folder / "secrets.yaml").chmod(0o600)
    with caplog.at_level(logging.DEBUG):
        loaded = load_text(f"{RADARR}notify: {form}" % "!secret url")
    (problem,) = loaded.problems
    assert "no address that Apprise knows" in problem.message
    assert SECRET not in "".join(report(loaded)) + caplog.text


ADDRESS = f"tgram://123456789:{SECRET}/phone"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("notify: {'%s': }", "2:10: notify.***: the name of a channel is"),
        ("notify:\n  %s: {digest: 1h}", "3:3: notify.***.url: is missing"),
        ("notify: {'%s': {sound: loud}}", "notify.***.sound: unknown setting"),
        ("notify: {phone: {url: !secret phone, '%s': }}", "2:38: notify.phone.***: unknown setting"),
        ("notify: {phone: !secret phone, '%s': 1, '%s': 2}", "notify.***: is set twice"),
        ("alerts: {to: '%s'}", "alerts.to: there is no channel '***'; `notify:` has none yet"),
        ("alerts: {to: ['%s']}\nnotify: {phone: !secret phone}", "no channel '***'; there is phone"),
        ("alerts: {to: phon}\nnotify: {'%s': }", "there is no channel 'phon'; there is ***"),
        ("alerts: {to: '%s'}\nnotify: {'%s/': }", "there is no channel '***'; there is ***"),
        ("alerts: {'%s': 1}", "2:10: alerts.***: unknown setting"),
        ("policies: {tell: {when: gone, then: [{notify: '%s'}]}}", "there is no channel '***'"),
        ("policies: {tell: {when: gone, then: [{notify: ['%s', '%s']}]}}", "said before: notify ***"),
        ("policies: {tell: {when: gone, then: [{'%s': yes}]}}", "then[0].***: unknown setting"),
        ("policies: {tell: {when: gone, from: '%s', then: []}}", "there is no source '***'"),
        ("policies: {'%s': }", "2:12: policies.***: the name of a policy is"),
        ("'%s': 1", "2:1: ***: unknown setting"),
    ],
)
def test_an_address_where_a_name_belongs_is_shown_nowhere(
    load_text: Load, secrets: Path, text: str, said: str
) -> None:
    loaded = load_text(RADARR + text.replace("%s", ADDRESS))
    assert loaded.settings is None
    lines = "\n".join(report(loaded))
    assert said in lines
    assert SECRET not in lines
    assert SECRET not in repr((loaded.problems, loaded.warnings))


def test_an_address_among_the_names_of_secrets_is_not_suggested(load_text: Load, folder: Path) -> None:
    (folder / "secrets.yaml").write_text(f"key: 0123456789\nphone://{SECRET}: x\nphone://{SECRET}/: [x]\n")
    (folder / "secrets.yaml").chmod(0o600)
    lines = "\n".join(report(load_text(f"{RADARR}notify: {{phone: !secret phone{SECRET[:6]}}}")))
    assert "secrets.yaml:3:1: ***: a secret is one text" in lines
    assert SECRET not in lines


def test_without_the_extra_it_says_how_to_install_it(
    load_text: Load, secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    loaded = load_text(f"{RADARR}notify: {{a: !secret phone, b: !secret phone}}")
    assert [str(problem) for problem in loaded.problems] == [
        "config.yaml:2:1: notify: channels need the extra: pip install 'reconciled[notify]'"
    ]
    assert load_text(f"{RADARR}notify: {{}}").problems == ()


def test_apprise_may_speak_again_afterwards(
    load_text: Load, secrets: Path, caplog: pytest.LogCaptureFixture
) -> None:
    load_text(f"{RADARR}notify: {{phone: !secret phone}}")
    assert not logging.getLogger("apprise").filters
