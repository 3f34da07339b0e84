"""docs/vsrx.md says nothing that is not so: its configs load, its calls are answered, its signature holds."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from tests.plugins.vsrx.conftest import KEY

from reconciled.config import load
from reconciled.model import Op
from reconciled.plugins import Registry
from reconciled.testing.fakes.vsrx import FakeVsrx
from reconciled_filesystem import Filesystem
from reconciled_vsrx import Vsrx

PAGE = (Path(__file__).parents[3] / "docs" / "vsrx.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)[^\n]*\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[str]:
    return [block for found, block in BLOCKS if found == language]


def calls() -> list[list[str]]:
    """The curl commands that ask the bridge."""
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    return [shlex.split(line) for line in lines if line.startswith("curl") and "vsrx.example" in line]


@pytest.fixture
def shown(fake: FakeVsrx) -> FakeVsrx:
    """The patient of the page."""
    fake.patients.clear()
    patient = fake.put_patient("P-1")
    file = fake.put_file("P-1")
    file.id = "F-1"
    patient.files = {"F-1": file}
    return fake


@pytest.mark.parametrize("block", blocks("yaml"))
def test_configs_load(block: str, tmp_path: Path) -> None:
    (tmp_path / "secrets.yaml").write_text("vsrx: 0123456789abcdef\nvsrx_hook: 0123456789abcdef\n")
    (tmp_path / "secrets.yaml").chmod(0o600)
    config = tmp_path / "config.yaml"
    config.write_text(block)
    loaded = load(config, Registry.with_types(Vsrx, Filesystem).types, environ={})
    assert (loaded.problems, loaded.warnings) == ((), ())


@pytest.mark.parametrize("words", calls(), ids=lambda words: words[-1])
async def test_calls_are_answered(shown: FakeVsrx, words: list[str]) -> None:
    *options, url = words[1:]
    said = [options[at + 1].replace("$TOKEN", shown.api_key) for at in range(0, len(options), 2)]
    headers = dict(one.split(": ", 1) for one in said)
    async with aiohttp.ClientSession() as session:
        async with session.get(url.replace("https://vsrx.example", shown.url), headers=headers) as answer:
            assert answer.status == (404 if "F-999" in url else 206 if "Range" in headers else 200)
            assert "X-VSRX-Version" in answer.headers


async def test_answers_look_like_that(shown: FakeVsrx) -> None:
    """The page's JSON has the fields of real answers, in order."""
    filesets, files, lack, event = [msgspec.json.decode(block) for block in blocks("json")]
    headers = {"Authorization": f"Bearer {shown.api_key}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        for example, path in (
            (filesets, "/filesets"),
            (files, "/filesets/P-1/files"),
            (lack, "/files/F-999"),
        ):
            async with session.get(shown.url + path) as answer:
                assert shape(msgspec.json.decode(await answer.read())) == shape(example)
    assert event["event"] == "file.deleted"


def shape(value: Any) -> Any:
    match value:
        case dict():
            return {name: shape(inner) for name, inner in value.items()}
        case list():
            return [shape(inner) for inner in value]
    return type(value).__name__


def test_the_signing_snippet_is_right(vsrx: Vsrx) -> None:
    (snippet,) = blocks("python")
    names: dict[str, Any] = {}
    exec(snippet, names)  # noqa: S102  # the page's own code, to be copied by people
    sign: Callable[[bytes, str], str] = names["signature"]
    body = blocks("json")[-1].encode()
    vsrx.verify_webhook(body, {"x-signature-256": sign(body, KEY)})
    (told,) = vsrx.parse_webhook(body, {})
    assert (told.op, told.actor) == (Op.DELETED, "dr. ann")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_the_shell_signs_alike(vsrx: Vsrx) -> None:
    (line,) = [one for block in blocks("sh") for one in block.splitlines() if one.startswith("SIGNATURE=")]
    body = '{"event": "file.deleted", "id": "F-1"}'
    done = subprocess.run(
        ["sh", "-c", f'{line}\nprintf %s "$SIGNATURE"'],
        env={"BODY": body, "KEY": KEY, "PATH": "/usr/bin:/bin:/usr/local/bin"},
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    vsrx.verify_webhook(body.encode(), {"x-signature-256": done.stdout})
