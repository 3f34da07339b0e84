"""The README and docs say nothing that is not so: commands, options, configs and links exist."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import click
import pytest

from reconciled.cli import commands
from reconciled.config import load
from reconciled.plugins import discover

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
TEXTS = [*PAGES, ROOT / "config.example.yaml", ROOT / "systemd" / "reconciled.service"]
FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SECRETS = (
    "reconciled",
    "radarr",
    "radarr_hook",
    "radarr_4k",
    "sonarr",
    "sonarr_hook",
    "jellyfin",
    "jellyfin_hook",
    "paperless",
    "vsrx",
    "vsrx_hook",
    "library_callback",
    "s3_access",
    "s3_secret",
    "minio_access",
    "minio_secret",
    "azure_key",
    "google_json",
)
ADDRESSES = ("phone", "mail")
"""Secrets that are addresses of channels."""


def named_commands(text: str) -> list[list[str]]:
    """Words after `reconciled` in code, inline or fenced: what a reader would type."""
    inline = re.findall(r"`reconciled ([^`]+)`", text)
    shell = [block for language, _, block in FENCE.findall(text) if language == "sh"]
    fenced = re.findall(r"(?:^|\(|-u reconciled )reconciled +([a-z][^\n|)]*)", "\n".join(shell), re.MULTILINE)
    return [said.split() for said in (*inline, *fenced)]


@pytest.mark.parametrize("page", TEXTS, ids=lambda page: page.name)
def test_every_command_that_is_named_exists(page: Path) -> None:
    for words in named_commands(page.read_text("utf-8")):
        command: click.Command = commands
        rest = list(words)
        while isinstance(command, click.Group) and rest:
            inner = command.get_command(click.Context(command), rest[0])  # ours, or a plugin's
            if inner is None:
                break
            command = inner
            rest.pop(0)
        assert command is not commands, f"{page.name} names `reconciled {' '.join(words)}`"
        options = {option for parameter in command.params for option in parameter.opts}
        for word in rest:
            if word.startswith("-"):
                assert word in options | {"-h", "--help"}, f"{page.name}: `reconciled {' '.join(words)}`"


def test_enough_commands_are_named() -> None:
    named = {words[0] for words in named_commands((ROOT / "README.md").read_text("utf-8"))}
    assert named >= set(commands.commands) - {"run", "demo"}, "the README leaves out a command"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_config_that_is_shown_loads(page: Path, tmp_path: Path) -> None:
    registry = discover()
    secrets = [f"{name}: 0123456789abcdef\n" for name in SECRETS]
    secrets += [f"{name}: json://{name}.lan\n" for name in ADDRESSES]
    (tmp_path / "secrets.yaml").write_text("".join(secrets))
    (tmp_path / "secrets.yaml").chmod(0o600)
    first = ""
    for language, what, block in FENCE.findall(page.read_text("utf-8")):
        if language != "yaml" or "secrets" in what:
            continue
        config = tmp_path / "config.yaml"
        first = first or block
        config.write_text(first + block if "add" in what else block)  # "Add to config.yaml": to the first
        loaded = load(config, registry.types, environ={"RADARR_4K_KEY": "0123456789"})
        assert loaded.problems == (), f"{page.name}: {block}"
        assert loaded.warnings == (), f"{page.name}: {block}"


def test_the_shown_secrets_are_those_of_the_shown_config() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    (secrets,) = [
        block for language, what, block in FENCE.findall(text) if language == "yaml" and "secrets" in what
    ]
    given = set(re.findall(r"^(\w+):", secrets, re.MULTILINE))
    assert given == set(re.findall(r"!secret (\w+)", text)) - {"none"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)]+)\)", page.read_text("utf-8")):
        parts = urlsplit(link)
        if not parts.scheme:
            assert (page.parent / parts.path).exists(), f"{page.name}: {link}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_call_that_is_named_exists(page: Path) -> None:
    from reconciled.web.api import calls

    known = {(call.method, re.sub(r":[^}]*}", "}", call.path)) for call in calls()}
    for method, path in re.findall(r"`(GET|POST|PUT|DELETE) (/api/v1/[^`\s?]+)", page.read_text("utf-8")):
        if path == "/api/v1/openapi.json":
            continue
        named = re.sub(r"/sources/\w+/", "/sources/{name}/", path)
        assert (method, named) in known, f"{page.name}: {method} {path}"
