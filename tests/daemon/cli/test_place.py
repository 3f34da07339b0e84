"""Where the command line finds the daemon and its token; where the ledger lies."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from reconciled.cli import place
from reconciled.cli.place import Address, Target, find
from reconciled.cli.trouble import BadConfig
from reconciled.config import DaemonSettings, Settings
from reconciled.runtime.state import state_folder


@pytest.mark.parametrize(
    ("daemon", "url"),
    [
        ("", "http://127.0.0.1:8787"),
        ("listen: 127.0.0.1:99", "http://127.0.0.1:99"),
        ("listen: '[::1]:99'", "http://[::1]:99"),
        ("listen: 0.0.0.0:99, url: https://box.lan", "http://127.0.0.1:99"),
        ("listen: '[::]:99'", "http://[::1]:99"),
        ("listen: 192.0.2.7:99, url: https://box.lan/", "https://box.lan"),
        ("listen: 192.0.2.7:99", "http://192.0.2.7:99"),
    ],
)
def test_the_url_follows_from_listen(tmp_path: Path, daemon: str, url: str) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(f"daemon: {{{daemon}}}\nsources: {{nonsense: 7}}\n")
    assert find(Target(config), {}).url == url


def test_a_mistake_elsewhere_keeps_nobody_from_asking(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("daemon: {listen: 127.0.0.1:99, token: !secret none, colour: red}\n")
    assert find(Target(config), {"STATE_DIRECTORY": str(tmp_path)}).url == "http://127.0.0.1:99"


def test_the_order_of_tokens(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("daemon: {token: !env T, url: http://box.lan:1}\n")
    environ = {"T": "configured-token-16"}
    assert find(Target(config), environ).token == "configured-token-16"
    assert find(Target(config), {**environ, "RECONCILED_TOKEN": "said"}).token == "said"
    assert find(Target(config, "http://box.lan:1/"), environ) == Address(
        "http://box.lan:1", "configured-token-16"
    )
    assert find(Target(config, "http://localhost:7"), environ).token == "configured-token-16"


def test_the_token_goes_to_no_stranger(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("daemon: {token: !env T}\n")
    address = find(Target(config, "http://elsewhere.example"), {"T": "configured-token-16"})
    assert address.token is None
    assert "RECONCILED_TOKEN" in address.why_no_token


def test_the_token_file_of_the_state_folder(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("made\n")
    config = tmp_path / "config.yaml"
    config.write_text("daemon: {state: .}\n")
    assert find(Target(config), {}).token == "made"
    (tmp_path / "token").unlink()
    (tmp_path / "token").mkdir()
    assert "may not read" in find(Target(config), {}).why_no_token


def test_a_token_that_only_the_daemon_can_read_is_not_called_unconfigured(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("one that the daemon made before there was any other\n")
    config = tmp_path / "config.yaml"
    config.write_text("daemon: {state: ., token: !credential reconciled}\n")
    address = find(Target(config), {})
    assert address.token is None
    assert f"daemon.token of {config} cannot be read here: CREDENTIALS_DIRECTORY" in address.why_no_token
    assert "set RECONCILED_TOKEN" in address.why_no_token
    (tmp_path / "reconciled").write_text("what-systemd-handed-over\n")
    assert find(Target(config), {"CREDENTIALS_DIRECTORY": str(tmp_path)}).token == "what-systemd-handed-over"


def test_configs_that_cannot_be_read(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    with pytest.raises(BadConfig, match="there is no config"):
        find(Target(config), {})
    config.write_text("{")
    with pytest.raises(BadConfig, match="check"):
        find(Target(config), {})
    assert (
        find(Target(config, "http://127.0.0.1:5"), {"STATE_DIRECTORY": "/nowhere"}).url
        == "http://127.0.0.1:5"
    )


@contextmanager
def as_ordinary_user() -> Iterator[None]:
    """Without root's rights, if the tests have them."""
    was = os.geteuid()
    if was == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(was)


@pytest.mark.parametrize("locked", ["folder", "file"])
def test_a_config_that_is_not_for_this_user_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, locked: str
) -> None:
    with TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        config = folder / "config.yaml"
        config.write_text("daemon: {listen: 127.0.0.1:99}\n")
        folder.chmod(0o755)
        (folder if locked == "folder" else config).chmod(0)
        monkeypatch.setattr(place, "CONFIG", config)
        try:
            with as_ordinary_user():
                for target in (Target(), Target(config)):
                    with pytest.raises(BadConfig, match="is not readable for you: use sudo"):
                        find(target, {})
                found = find(Target(config, "http://127.0.0.1:5"), {"RECONCILED_TOKEN": "said"})
                assert found == Address("http://127.0.0.1:5", "said")
        finally:
            folder.chmod(0o700)
    assert find(Target(), {"HOME": "/h"}).url == "http://127.0.0.1:8787", "none at all is no trouble"


@pytest.mark.parametrize(
    ("state", "environ", "uid", "folder"),
    [
        ("/a/b", {"STATE_DIRECTORY": "/c"}, 0, "/a/b"),
        (None, {"STATE_DIRECTORY": "/c:/d"}, 1000, "/c"),
        (None, {"XDG_STATE_HOME": "/x", "HOME": "/h"}, 0, "/var/lib/reconciled"),
        (None, {"XDG_STATE_HOME": "/x", "HOME": "/h"}, 1000, "/x/reconciled"),
        (None, {"XDG_STATE_HOME": "relative", "HOME": "/h"}, 1000, "/h/.local/state/reconciled"),
        (None, {"HOME": "/h"}, 1000, "/h/.local/state/reconciled"),
    ],
)
def test_the_state_folder(state: str | None, environ: dict[str, str], uid: int, folder: str) -> None:
    settings = Settings(daemon=DaemonSettings(state=Path(state) if state else None))
    assert state_folder(settings, environ, uid=uid) == Path(folder)
