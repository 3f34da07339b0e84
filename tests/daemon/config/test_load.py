"""What a good config means, which warnings it gets, and the checks of settings beside each other."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from reconciled.config import AlertSettings, KeepSettings, Loaded, Mark, Mode, Schedule, blocked_plugins, load
from reconciled.config.written import Daemon
from reconciled.plugins import discover
from reconciled.source import Source

Load = Callable[..., Loaded]

RADARR = "sources: {radarr: {url: http://box.lan:7878, api_key: !secret key}}\n"


def good(loaded: Loaded) -> Any:
    assert [str(problem) for problem in loaded.problems] == []
    assert loaded.settings is not None
    return loaded.settings


def test_defaults(load_text: Load, secrets: Path, types: Mapping[str, type[Source[Any]]]) -> None:
    loaded = load_text(RADARR)
    settings = good(loaded)
    assert loaded.warnings == ()
    assert settings.mode is Mode.DRY_RUN
    assert (settings.daemon.host, settings.daemon.port, settings.daemon.log_level) == (
        "127.0.0.1",
        8787,
        "info",
    )
    assert settings.daemon.url is settings.daemon.token is settings.daemon.state is None
    assert settings.keep == KeepSettings(30 * 86400, 90 * 86400, 365 * 86400)
    assert (settings.policies, settings.channels, settings.alerts) == ({}, {}, AlertSettings())
    source = settings.sources["radarr"]
    assert (source.name, source.app, source.type) == ("radarr", "radarr", types["radarr"])
    assert (source.scan, source.settle, source.max_gone) == (Schedule.parse("6h"), 20.0, 0.1)
    assert (source.webhook, source.kinds) == (None, {"movie"})
    assert source.options.api_key.get_secret_value() == "0123456789abcdef-key"
    assert source.mark == Mark(Path("config.yaml"), 1, 11)
    assert source.scope() == {"url": "http://box.lan:7878", "kinds": ["movie"]} | {"user": None}


@pytest.mark.parametrize("beside", [".", "/etc/reconciled"])
def test_the_home_folder_is_the_same_wherever_the_config_is_named_from(
    beside: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    written = Daemon.model_validate({"state": "~/ledger"})
    assert written.settings(Path(beside)).state == Path("/home/ann/ledger")


def test_the_home_of_nobody_is_a_problem(load_text: Load) -> None:
    loaded = load_text("daemon: {state: ~nobody-of-this-name/ledger}\n")
    (problem,) = loaded.problems
    assert "daemon.state: begins with the home of a user who is not known here" in str(problem)


def test_everything_said(load_text: Load, secrets: Path, folder: Path) -> None:
    settings = good(
        load_text(
            """
mode: act
daemon:
  listen: "[::1]:80"
  url: https://box.lan/reconciled/
  token: !secret token
  state: ledger
  hosts: [box.lan, box]
  log_level: debug
defaults: {scan: 1h, settle: 5s, max_gone: 5%}
plugins: {block: [other]}
keep: {events: 7d, runs: 8w, actions: 730d}
sources:
  films: {app: jellyfin, url: http://box.lan:8096/, api_key: !secret key, webhook: !secret hook,
          scan: "47 */12 * * *", max_gone: 2.5%, kinds: [movie], libraries: [Z, A], timeout: 1m30s, user: me}
  sonarr: {url: http://box.lan:8989, api_key: !secret key}
"""
        )
    )
    assert settings.mode is Mode.ACT
    daemon = settings.daemon
    assert (daemon.host, daemon.port, daemon.url) == ("::1", 80, "https://box.lan/reconciled")
    assert (daemon.state, daemon.hosts, daemon.log_level) == (Path("ledger"), ("box.lan", "box"), "debug")
    assert settings.plugins.block == ("other",)
    assert settings.keep == KeepSettings(7 * 86400, 56 * 86400, 730 * 86400)
    films, sonarr = settings.sources["films"], settings.sources["sonarr"]
    assert (str(films.scan), films.settle, films.max_gone, films.options.timeout) == (
        "47 */12 * * *",
        5,
        0.025,
        90,
    )
    assert films.webhook is not None
    assert films.scope() == {
        "url": "http://box.lan:8096",
        "kinds": ["movie"],
        "user": "me",
        "libraries": ["A", "Z"],
    }
    assert (str(sonarr.scan), sonarr.settle, sonarr.max_gone) == ("1h", 5, 0.05)


def test_includes_merges_and_environment(load_text: Load, secrets: Path, folder: Path) -> None:
    (folder / "conf.d").mkdir()
    (folder / "conf.d" / "sources.yaml").write_text(
        "radarr: &radarr {url: !env URL, api_key: !secret key, timeout: 5s}\n"
        "radarr_4k: {<<: *radarr, app: radarr, url: http://box.lan:7879}\n"
        "sonarr: !include sonarr.yaml\n"
    )
    (folder / "conf.d" / "sonarr.yaml").write_text("url: http://box.lan:8989\napi_key: !credential sonarr\n")
    (folder / "credentials").mkdir()
    (folder / "credentials" / "sonarr").write_text("of-systemd\n")
    environ = {"URL": "http://box.lan:7878", "CREDENTIALS_DIRECTORY": "credentials"}
    loaded = load_text("sources: !include conf.d/sources.yaml\n", environ=environ)
    sources = good(loaded).sources
    assert {name: source.url for name, source in sources.items()} == {
        "radarr": "http://box.lan:7878",
        "radarr_4k": "http://box.lan:7879",
        "sonarr": "http://box.lan:8989",
    }
    assert sources["radarr_4k"].options.timeout == 5
    assert sources["sonarr"].options.api_key.get_secret_value() == "of-systemd"
    assert str(sources["sonarr"].mark) == "conf.d/sources.yaml:3:1"
    assert {str(path) for path in loaded.files} == {
        "config.yaml",
        "conf.d/sources.yaml",
        "conf.d/sonarr.yaml",
        "secrets.yaml",
        "credentials/sonarr",
    }


ONE = "radarr: {url: http://box.lan:7878, api_key: !secret key%s}"
OPEN = (
    "2:47: sources.radarr.api_key: a secret in the open; put it in secrets.yaml and write `!secret NAME` here"
)
WARNED = {
    "no sources": (
        "mode: act\n",
        ["1:1: sources: there is no source yet, so nothing is watched"],
    ),
    "sources without one": (
        "mode: act\nsources:\n",
        ["2:1: sources: there is no source yet, so nothing is watched"],
    ),
    "an open secret": (
        "sources:\n  radarr: {url: http://box.lan:7878, api_key: abcdef}\n",
        [
            OPEN,
        ],
    ),
    "the same twice": (
        "sources:\n  "
        + ONE % ""
        + "\n  hd: {app: radarr, url: HTTP://box.lan:7878/, api_key: !secret key}\n",
        ["3:26: sources.hd.url: the same app at the same url as sources.radarr; one of them is enough"],
    ),
    "max_gone 0": (
        "defaults: {max_gone: 100%}\nsources:\n  " + ONE % ", max_gone: 0%",
        [
            "1:22: defaults.max_gone: 100% believes any loss, even of everything at once",
            "3:70: sources.radarr.max_gone: 0% holds any loss of more than 5 items until it is released",
        ],
    ),
    "no webhooks": (
        "sources:\n  deaf: {url: http://box.lan, api_key: !secret key, webhook: !secret hook}\n",
        ["2:53: sources.deaf.webhook: deaf sends no webhooks that are understood; this is never used"],
    ),
}


@pytest.mark.parametrize("case", WARNED)
def test_warnings(load_text: Load, secrets: Path, case: str) -> None:
    text, lines = WARNED[case]
    loaded = load_text(text)
    good(loaded)
    assert [str(warning) for warning in loaded.warnings] == [f"config.yaml:{line}" for line in lines]


LISTEN = {
    "127.0.0.1:8787": True,
    "127.8.9.1:1": True,
    "localhost:8787": True,
    "[::1]:8787": True,
    "0.0.0.0:8787": False,
    "[::]:8787": False,
    "192.168.1.5:8787": False,
    "box.lan:8787": False,
}


@pytest.mark.parametrize("address", LISTEN)
def test_beyond_this_machine_needs_a_token(load_text: Load, secrets: Path, address: str) -> None:
    alone = load_text(f"daemon: {{listen: '{address}'}}\n{RADARR}")
    assert (alone.settings is not None) is LISTEN[address]
    good(load_text(f"daemon: {{listen: '{address}', token: !secret token}}\n{RADARR}"))


@pytest.mark.parametrize(
    "address", ["8787", "box.lan", "1.2.3:80", "::1:8787", "[::1]", "a b:80", "x:65536", ":80"]
)
def test_no_address(load_text: Load, secrets: Path, address: str) -> None:
    (problem,) = load_text(f"daemon: {{listen: '{address}'}}\n{RADARR}").problems
    assert "no address to listen on" in problem.message


def test_a_plugin_that_failed_is_named(load_text: Load, secrets: Path) -> None:
    text = "sources:\n  seerr: {url: http://box.lan}\n  other: {app: seerr}\n"
    loaded = load_text(text, broken={"seerr": "failed to import: ImportError: no x"})
    assert [str(problem) for problem in loaded.problems] == [
        "config.yaml:2:3: sources.seerr: its plugin failed to import: ImportError: no x",
        "config.yaml:3:16: sources.other.app: its plugin failed to import: ImportError: no x",
    ]


def test_blocked_plugins(folder: Path) -> None:
    path = Path("config.yaml")
    assert blocked_plugins(path, environ={}) == ()
    path.write_text("plugins: {block: [a, b]}\nsources: {radarr: {api_key: !secret nothing}}\n")
    assert blocked_plugins(path, environ={}) == ("a", "b")
    path.write_text("plugins: {block: 7}")
    assert blocked_plugins(path, environ={}) == ()


def test_the_example_is_good(folder: Path) -> None:
    example = Path(__file__).parents[3] / "config.example.yaml"
    Path("config.yaml").write_text(example.read_text())
    names = (
        "reconciled",
        "radarr",
        "radarr_hook",
        "radarr_4k",
        "sonarr",
        "sonarr_hook",
        "jellyfin",
        "jellyfin_hook",
        "paperless",
        "shoko",
        "seerr",
        "seerr_hook",
    )
    secrets = "".join(f"{name}: long-enough-{name}\n" for name in names)
    Path("secrets.yaml").write_text(f"{secrets}phone: json://phone.lan\n")
    Path("secrets.yaml").chmod(0o600)
    loaded = load(Path("config.yaml"), discover().types, environ={})
    settings = good(loaded)
    assert list(settings.sources) == [
        "radarr", "radarr_4k", "sonarr", "jellyfin", "paperless", "shoko", "seerr"
    ]  # fmt: skip
    assert [step.target for step in settings.policies["forget_deleted_films"].then] == ["radarr", "phone"]
    assert list(settings.channels) == ["phone"]
    assert loaded.warnings == ()


def test_what_is_wrong_in_a_list_does_not_make_it_an_empty_one(folder: Path) -> None:
    config, types = folder / "config.yaml", discover().types
    config.write_text("sources: {disk: {app: filesystem, folders: [{path: data/films}]}}\n")
    (problem,) = load(config, types, environ={}).problems
    assert problem.path == "sources.disk.folders[0].path"
    config.write_text("sources: {disk: {app: filesystem, folders: []}}\n")
    (problem,) = load(config, types, environ={}).problems
    assert (problem.path, problem.message) == ("sources.disk.folders", "at least one belongs here")


def test_a_setting_that_a_plugin_has_in_common_with_all_is_warned_of_once(
    folder: Path, secrets: Path
) -> None:
    config = folder / "config.yaml"
    config.write_text(
        "sources: {vsrx: {url: https://vsrx.lan, token: !secret token, webhook: hunter2-hunter2}}\n"
    )
    (warning,) = load(config, discover().types, environ={}).warnings
    assert warning.path == "sources.vsrx.webhook"


@pytest.mark.parametrize(
    ("host", "good"),
    [
        ("reconciled.example.org", True),
        ("Box_1:8443", True),
        ("192.0.2.7", True),
        ("'[2001:db8::7]:8787'", True),
        ("https://reconciled.example.org", False),
        ("reconciled.example.org/page", False),
        ("'*.example.org'", False),
        ("'2001:db8::7'", False),
        ("''", False),
    ],
)
def test_a_name_that_no_request_has_is_no_host(load_text: Load, host: str, good: bool) -> None:
    said = [str(one) for one in load_text(f"daemon: {{hosts: [{host}]}}\n").problems]
    assert bool(said) is not good
    assert all("daemon.hosts[0]" in one and "is no name of a host" in one for one in said)
