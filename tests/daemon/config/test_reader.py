"""Files that cannot be read, tags, budgets, and that nothing that stands in a file makes `load` raise."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciled.config import Loaded, load, report
from reconciled.config.files import LIMIT
from reconciled.source import Source

Load = Callable[..., Loaded]
Types = Mapping[str, type[Source[Any]]]

RADARR = "sources: {radarr: {url: http://box.lan:7878, api_key: !secret key}}\n"


def said(loaded: Loaded) -> list[str]:
    assert loaded.settings is None
    return list(report(loaded))


def test_no_such_file(folder: Path, types: Types) -> None:
    loaded = load(Path("config.yaml"), types, environ={})
    assert said(loaded) == ["there is no file config.yaml"]
    assert loaded.files == {Path("config.yaml")}


def test_files_that_are_none(folder: Path, types: Types) -> None:
    Path("folder").mkdir()
    os.mkfifo("pipe")
    Path("huge").write_bytes(b"#" * (LIMIT + 1))
    Path("latin").write_bytes(b"mode: act\n# caf\xe9\n")
    for name, message in {
        "folder": "folder is a folder",
        "pipe": "pipe is no plain file",
        "huge": "huge is larger than 1024 KiB; that is no config",
        "latin": "latin is not UTF-8 text (line 2); save it as UTF-8",
        "a\0b": "a\\x00b cannot be read: embedded null byte",
    }.items():
        assert said(load(Path(name), types, environ={})) == [message]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(folder: Path, types: Types) -> None:
    Path("config.yaml").touch(mode=0)
    assert said(load(Path("config.yaml"), types, environ={})) == [
        "config.yaml may not be read by this user; run: ls -l config.yaml"
    ]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620, 0o660])
def test_secrets_open_to_others(load_text: Load, secrets: Path, mode: int) -> None:
    secrets.chmod(mode)
    (line,) = said(load_text(RADARR.replace("}}", ", webhook: !secret hook}}")))
    place, _, message = line.partition(": secrets.yaml ")
    assert place == "config.yaml:1:55: sources.radarr.api_key"
    assert message == f"is open to others than its owner (mode {mode:04o}); run: chmod 600 secrets.yaml"


def test_no_secrets_file(load_text: Load) -> None:
    assert said(load_text(RADARR)) == [
        "config.yaml:1:55: sources.radarr.api_key: there is no file secrets.yaml"
    ]


KEY = "config.yaml:1:55: sources.radarr.api_key"
SECRETS = {
    "key:\n": f"{KEY}: !secret key is empty",
    "key: [a]\n": "secrets.yaml:1:1: key: a secret is one text; quote it if YAML's own signs are in it",
    "key: !env HOME\n": "secrets.yaml:1:1: key: a secret is one text; quote it if YAML's own signs are in it",
    "key: a\nkey: b\n": "secrets.yaml:2:1: key: is set twice; first at secrets.yaml:1:1",
    "hunter2\n": "secrets.yaml:1:1: secrets are written one a line, as NAME: value",
    "": "secrets.yaml:1:1: secrets are written one a line, as NAME: value",
    "key: 'hunter2\n": "secrets.yaml:2:1: bad YAML: found unexpected end of stream; "
    "it belongs to what begins in line 1",
    "keys: a\n": f"{KEY}: there is no 'key' in secrets.yaml; did you mean 'keys'?",
    "? [a]\n: b\nkey: a\n": "secrets.yaml:1:3: a name belongs here",
}


@pytest.mark.parametrize("text", SECRETS)
def test_secrets_that_are_wrong(load_text: Load, secrets: Path, text: str) -> None:
    secrets.write_text(text)
    assert said(load_text(RADARR)) == [SECRETS[text]]


def test_secrets_are_text_as_written(load_text: Load, secrets: Path) -> None:
    secrets.write_text("key: 0123456789012345\nhook: 2024-01-01\n")
    loaded = load_text(RADARR.replace("}}", ", webhook: !secret hook}}"))
    assert loaded.settings is not None
    source: Any = loaded.settings.sources["radarr"]
    assert source.options.api_key.get_secret_value() == "0123456789012345"
    assert source.webhook.get_secret_value() == "2024-01-01"


def test_nothing_prints_a_secret(load_text: Load, secrets: Path) -> None:
    text = (
        "daemon: {token: !env TOKEN}\n"
        "sources:\n"
        "  radarr: {url: http://box.lan:7878, api_key: !secret key, webhook: !secret hook}\n"
        "  sonarr: {url: http://box.lan:8989, api_key: open-and-plain}\n"
    )
    loaded = load_text(text, environ={"TOKEN": "hunter2hunter2hunter2"})
    assert loaded.settings is not None
    shown = f"{loaded!r}{loaded}{loaded.settings!r}{report(loaded)}"
    shown += "".join(
        f"{source!r}{source.options!r}{source.options}{source.scope()}"
        for source in loaded.settings.sources.values()
    )
    assert not [text for text in ("hunter2", "0123456789abcdef", "open-and-plain") if text in shown]


def test_problems_do_not_quote_what_came_through_a_tag(load_text: Load, secrets: Path) -> None:
    text = "daemon: {listen: !env A}\nkeep: {runs: !env B}\n"
    text += "sources: {radarr: {url: !env C, api_key: !secret key, scan: !env A}}\n"
    lines = said(load_text(text, environ={"A": "hunter2", "B": "zq", "C": "ftp:hunter2"}))
    assert len(lines) == 4
    assert not [line for line in lines if "hunter2" in line or "zq" in line]


def test_include_in_a_circle(load_text: Load, folder: Path) -> None:
    (folder / "a.yaml").write_text("x: !include ./config.yaml\n")
    assert (
        said(load_text("sources: !include a.yaml\n"))[0]
        == "a.yaml:1:4: sources.x: config.yaml includes itself"
    )


def test_a_mistake_in_an_included_file_points_there(load_text: Load, secrets: Path, folder: Path) -> None:
    (folder / "radarr.yaml").write_text("# mine\nurl: http://box.lan\napi_key: !secret key\nscam: 1h\n")
    (folder / "bad.yaml").write_text("a: [\n")
    (folder / "empty.yaml").write_text("")
    included = {"radarr": "radarr.yaml", "sonarr": "bad.yaml", "jellyfin": "empty.yaml"}
    text = "sources:\n" + "".join(f"  {name}: !include {file}\n" for name, file in included.items())
    assert said(load_text(text)) == [
        "bad.yaml:2:1: sources.sonarr: bad YAML: expected the node content, but found '<stream end>'",
        "empty.yaml:1:1: sources.jellyfin: the file is empty",
        "radarr.yaml:4:1: sources.radarr.scam: unknown setting; did you mean 'scan'?",
    ]


def test_a_few_lines_that_stand_for_billions(load_text: Load) -> None:
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert "stands for more than 50000 values" in said(load_text("\n".join(lines)))[-1]
    lines = ["a0: &a0 {x: 1}"] + [
        f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}]}}" for n in range(1, 12)
    ]
    assert "stands for more than 50000 values" in said(load_text("\n".join(lines)))[-1]


def test_nested_too_deep(load_text: Load) -> None:
    assert said(load_text("a: " + "[" * 900)) == ["config.yaml:1:53: bad YAML: nested too deep"]


def test_a_line_stays_one_line(load_text: Load, secrets: Path) -> None:
    lines = said(load_text('"a\\nb\\e[31m\\ud800": 1\n' + RADARR))
    assert lines == ["config.yaml:1:1: 'a\\nb\\x1b[31m\\ud800': unknown setting"]


SYNTAX = (
    "mode daemon sources defaults keep plugins radarr url api_key key ~ null yes 12h 1:30 0x1f 1e400 ."
    " !secret !env !include !credential !!int !!binary <<: *a &a : - [ ] { } , | > ' # ? ! % @ ` --- ..."
    ' " \\U99999999 \\ud800'
)
SPACE = ["\n", "\n  ", "\n    ", ": ", "- ", " ", "\t", "\0", "\ufeff", "config.yaml", "secrets.yaml"]
WORDS = st.sampled_from([*SYNTAX.split(), *SPACE])
TEXT = st.one_of(
    st.lists(WORDS, max_size=60).map("".join), st.lists(WORDS, max_size=60).map(" ".join), st.text()
)


@given(text=TEXT, secret=TEXT)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.full
def test_no_text_makes_it_raise(text: str, secret: str, folder: Path, secrets: Path, types: Types) -> None:
    Path("config.yaml").write_text(text, encoding="utf-8", errors="surrogatepass")
    secrets.write_text(secret, encoding="utf-8", errors="surrogatepass")
    loaded = load(Path("config.yaml"), types, environ={"key": "x"})
    assert (loaded.settings is None) is bool(loaded.problems)
    assert all(line.encode() and "\n" not in line for line in report(loaded))


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), WORDS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
NAMED = st.dictionaries(
    st.sampled_from(
        [
            "app",
            "url",
            "api_key",
            "scan",
            "settle",
            "max_gone",
            "webhook",
            "kinds",
            "timeout",
            "listen",
            "token",
        ]
    ),
    VALUES,
)


@given(
    config=st.fixed_dictionaries(
        {},
        optional={
            "mode": VALUES,
            "daemon": NAMED,
            "sources": st.dictionaries(st.sampled_from(["radarr", "jellyfin"]), NAMED),
            "keep": NAMED,
        },
    )
)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.full
def test_no_values_make_it_raise(config: dict[str, Any], folder: Path, types: Types) -> None:
    Path("config.yaml").write_text(yaml.safe_dump(config, allow_unicode=False))
    loaded = load(Path("config.yaml"), types, environ={})
    assert (loaded.settings is None) is bool(loaded.problems)
