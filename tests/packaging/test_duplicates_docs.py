"""What docs/duplicates.md shows to programmers runs as it stands, and gives what it says."""

import contextlib
import io
import re
from pathlib import Path

import pytest

from reconciled.config import DuplicateSettings
from reconciled.duplicates.primaries import Preference
from reconciled.duplicates.words import FITTED, Factor

PAGE = (Path(__file__).parents[2] / "docs" / "duplicates.md").read_text("utf-8")


def test_the_example_runs() -> None:
    for library in ("numpy", "rapidfuzz", "xxhash"):
        pytest.importorskip(library, reason="the search needs the extra `duplicates`")
    (block,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(block, "docs/duplicates.md", "exec"), {})  # noqa: S102 - our own page
    *pairs, groups = said.getvalue().splitlines()
    assert groups == block.splitlines()[-1].removeprefix("# ")
    assert pairs[0].startswith("1 2 duplicate ")
    assert not [line for line in pairs if " 3 duplicate" in line], "another year is another paper"


def test_the_figures_of_the_config_are_those_of_the_program() -> None:
    usual = DuplicateSettings()
    assert f"`bands.duplicate` ({usual.duplicate:.2f})" in PAGE
    assert f"`bands.review` ({usual.review:.2f})" in PAGE
    for factor in Factor:
        assert re.search(rf"^\| `{factor}` \|[^|]+\| {FITTED.of.get(factor, 0):g} \|$", PAGE, re.MULTILINE), (
            factor
        )
    for preference in Preference:
        assert f"`{preference}`" in PAGE
    assert f"({usual.thumbnails // 2**20} MiB)" in PAGE
