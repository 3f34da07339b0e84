"""The whole way on the command line, with what Paperless then holds: search, answer, tag, delete, undo."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.daemon.cli.conftest import TOKEN, Invoke
from tests.patience import PATIENCE

from reconciled.app import Daemon
from reconciled.config import load
from reconciled.demo import papers
from reconciled.plugins import discover
from reconciled.testing.fakes.paperless import FakePaperless
from reconciled.testing.ports import unused_port

pytest.importorskip("numpy", reason="the search needs the extra `duplicates`")
pytestmark = pytest.mark.full


@pytest.fixture
async def paperless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakePaperless]:
    """The papers of the demo, and a daemon that acts and has scanned them."""
    config = tmp_path / "config.yaml"
    monkeypatch.setenv("RECONCILED_CONFIG", str(config))
    async with FakePaperless() as app:
        papers.fill(app)
        config.write_text(
            f"daemon: {{listen: 127.0.0.1:{unused_port()}, token: {TOKEN}, state: state}}\nmode: act\n"
            f"defaults: {{settle: 0s}}\nsources: {{paperless: {{url: {app.url}, token: {app.api_key}}}}}\n"
        )
        registry = discover()
        loaded = load(config, registry.types, environ={})
        assert loaded.settings is not None, loaded.problems
        async with Daemon(
            loaded.settings,
            config,
            registry=registry,
            environ={},
            files=loaded.files,
            chance=random.Random(1),
        ) as daemon:
            await until_scanned(daemon)
            yield app


async def until_scanned(daemon: Daemon) -> None:
    async with asyncio.timeout(PATIENCE):
        while not daemon.engine.places["paperless"].live.answers or not await daemon.engine.ledger.read(
            lambda tx: tx.execute("SELECT 1 FROM run WHERE pass = 'scan' AND state = 'complete'").fetchone()
        ):
            await asyncio.sleep(0.02)


async def groups(invoke: Invoke, *more: str) -> dict[str, dict[str, Any]]:
    """The groups by the titles of their primaries."""
    said = await invoke("duplicates", "list", "--json", *more)
    assert said.exit_code == 0, said.output
    return {one["title"]: one for one in json.loads(said.stdout)["items"]}


def tags(app: FakePaperless, title: str) -> set[str]:
    """What a document is tagged with."""
    (document,) = (one for one in app.state.documents.values() if one.title == title)
    return {app.state.tags[one].name for one in document.tags}


def titles(app: FakePaperless) -> set[str]:
    return {one.title for one in app.state.documents.values()}


async def test_from_the_search_to_the_trash_and_back(paperless: FakePaperless, invoke: Invoke) -> None:
    said = await invoke("passes", "run", "duplicates", "--follow")
    assert said.exit_code == 0, said.output
    assert "duplicates: 24 papers" in said.stderr
    found = await groups(invoke)
    four = found[papers.FOUR_TIMES]
    assert (four["band"], four["count"]) == ("duplicate", 4)
    assert found[papers.CORRECTED]["band"] == "review"
    one, number = found[papers.RESCANNED], str(found[papers.RESCANNED]["id"])
    assert {each["title"] for each in one["members"]} == {papers.RESCANNED, papers.RESCAN}

    shown = await invoke("duplicates", "show", number)
    assert (shown.exit_code, papers.RESCAN in shown.stdout, "text" in shown.stdout) == (0, True, True)
    a, b = (f"paperless:document/{each['id']}" for each in one["members"])
    told = await invoke("duplicates", "explain", a, b)
    assert (told.exit_code, "band         duplicate" in told.stdout) == (0, True)

    assert (await invoke("duplicates", "ignore", number)).exit_code == 0
    assert papers.RESCANNED not in await groups(invoke)
    assert papers.RESCANNED in await groups(invoke, "--state", "ignored")
    assert (await invoke("duplicates", "reopen", number)).exit_code == 0

    said = await invoke("duplicates", "primary", number, b)
    assert (await groups(invoke))[papers.RESCAN]["primary_by"], said.output
    assert (await invoke("duplicates", "primary", number, "policy")).exit_code == 0
    assert papers.RESCANNED in await groups(invoke)

    said = await invoke("duplicates", "tag", number, "--label", "twice", "--yes")
    assert (said.exit_code, tags(paperless, papers.RESCAN)) == (0, {"from the desk", "twice"}), said.output
    assert "twice" not in tags(paperless, papers.RESCANNED)
    assert (await invoke("duplicates", "untag", number, "--yes")).exit_code == 0
    assert "twice" not in tags(paperless, papers.RESCAN)

    said = await invoke("duplicates", "delete", number, "--merge", "--yes", "--json")
    assert said.exit_code == 0, said.output
    assert "to the trash of paperless" in said.stderr
    assert titles(paperless) & {papers.RESCAN, papers.RESCANNED} == {papers.RESCANNED}
    assert tags(paperless, papers.RESCANNED) == {"paid", "from the desk"}
    deletion = next(each for each in json.loads(said.stdout)["items"] if each["verb"] == "delete")
    assert (await invoke("passes", "run", "duplicates", "--follow")).exit_code == 0
    assert papers.RESCANNED not in await groups(invoke), "one of the two is left"
    assert (await invoke("undo", f"a{deletion['id']}", "--yes")).exit_code == 0
    assert papers.RESCAN in titles(paperless)
