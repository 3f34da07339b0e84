"""Bad configs beside the lines that `check` prints about them."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from reconciled.config import load, report
from reconciled.source import Source

BAD = sorted((Path(__file__).parent / "bad").glob("*.yaml"))


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_lines(path: Path, secrets: Path, types: Mapping[str, type[Source[Any]]]) -> None:
    shutil.copy(path, "config.yaml")
    loaded = load(Path("config.yaml"), types, environ={})
    assert "\n".join(report(loaded)) + "\n" == path.with_suffix(".txt").read_text()
    assert loaded.settings is None


def test_the_eight_mistakes_are_eight_lines() -> None:
    lines = (Path(__file__).parent / "bad" / "eight_mistakes.txt").read_text().splitlines()
    assert len(lines) == 8
    assert [line.split(":")[1] for line in lines] == ["2", "4", "9", "11", "14", "16", "19", "20"]


def test_no_line_holds_a_secret() -> None:
    for path in BAD:
        said = path.with_suffix(".txt").read_text()
        assert not [
            text for text in ("hunter2secret", "0123456789abcdef", "1234567890", "zq8") if text in said
        ]
