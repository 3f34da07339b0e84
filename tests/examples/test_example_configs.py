"""The example configs: each loads without a word, and its mirror, or search, is what it is there to show."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from reconciled.cli import commands
from reconciled.config import DuplicateSettings, Mode, Settings, load
from reconciled.config.policies import Verb
from reconciled.duplicates.words import Factor
from reconciled.plugins import discover

EXAMPLES = Path(__file__).parents[2] / "examples"
ADDRESSES = {"phone": "json://phone.lan"}
"""Secrets that are addresses of channels."""


@dataclass(frozen=True)
class Shows:
    """What an example is there to show: whose files go where, in which mode, and what is deleted where."""

    source: str
    targets: tuple[str, ...]
    types: frozenset[str]
    mode: Mode
    deletes: frozenset[str] = frozenset()


PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
SHOWN = {
    "1-practice.yaml": Shows(
        "vsrx", ("paperless", "archive"), frozenset({PDF, JPEG, PNG}), Mode.ASK,
        frozenset({"paperless", "archive"}),
    ),
    "2-paperless-backup.yaml": Shows("paperless", ("archive",), frozenset(), Mode.ACT),
    "3-folder-to-paperless.yaml": Shows("scans", ("paperless",), frozenset({PDF, JPEG}), Mode.ACT),
}  # fmt: skip


DUPLICATES = "4-duplicates.yaml"
EVERY = (*SHOWN, DUPLICATES)


def put(name: str, folder: Path) -> Path:
    """The example as a user has it: beside it a file with every secret that it names."""
    text = (EXAMPLES / name).read_text("utf-8")
    named = {*re.findall(r"!secret (\w+)", text)}
    secrets = "".join(f"{one}: {ADDRESSES.get(one, '0123456789abcdef')}\n" for one in sorted(named))
    (folder / "secrets.yaml").write_text(secrets)
    (folder / "secrets.yaml").chmod(0o600)
    config = folder / "config.yaml"
    config.write_text(text)
    return config


def settings_of(name: str, folder: Path) -> Settings:
    """The example, loaded; it has no problem, and nothing to warn of."""
    loaded = load(put(name, folder), discover().types, environ={})
    assert (loaded.problems, loaded.warnings) == ((), ())
    assert loaded.settings is not None
    return loaded.settings


def test_every_example_is_tried_here() -> None:
    assert {path.name for path in EXAMPLES.glob("*.yaml")} == set(EVERY)


@pytest.mark.parametrize("name", SHOWN)
def test_an_example_shows_what_it_says(name: str, tmp_path: Path) -> None:
    settings, shown = settings_of(name, tmp_path), SHOWN[name]
    (mirror,) = settings.mirrors.values()
    assert (mirror.source, mirror.targets, mirror.types) == (shown.source, shown.targets, shown.types)
    assert mirror.mode_under(settings.mode) is shown.mode
    steps = [step for policy in settings.policies.values() for step in policy.then]
    assert {step.target for step in steps if step.verb is Verb.DELETE} == shown.deletes


def test_the_example_of_duplicates_shows_every_setting(tmp_path: Path) -> None:
    settings = settings_of(DUPLICATES, tmp_path)
    found, usual = settings.duplicates, DuplicateSettings()
    assert (settings.mode, settings.policies, settings.mirrors) == (Mode.ASK, {}, {})
    assert (found.sources, found.workers, found.tag) == (("paperless",), 2, "maybe twice")
    assert found.factors == {**usual.factors, Factor.METADATA: 0.5}
    assert (found.duplicate, found.review) == (usual.duplicate, usual.review), "as documented"
    assert found.images is not None
    assert found.images.thumbnails == 100 * 2**20


@pytest.mark.parametrize("name", EVERY)
def test_the_command_finds_nothing_wrong_with_it(name: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(commands, ["check", "-c", str(put(name, tmp_path))])
    assert done.exit_code == 0, done.output
    assert "warning" not in done.output
