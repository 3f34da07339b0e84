"""kill -9 at random moments, under load, with a policy that deletes: `script/soak`, shortly."""

import asyncio
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.full
@pytest.mark.timeout(400)
@pytest.mark.parametrize("length", [("--kills", "12"), ("--minutes", "0.5")], ids=["kills", "long life"])
async def test_a_soak_finds_nothing_lost_doubled_or_wrong(length: tuple[str, str], tmp_path: Path) -> None:
    soak = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.soak", *length, "--seed", "7", "--keep", str(tmp_path / "kept"),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await soak.communicate()
    told = said.decode()
    assert soak.returncode == 0, told
    assert "violations   0" in told
    assert "0 doubled, 0 wrong" in told
    figures = dict(line.split(maxsplit=1) for line in told.splitlines() if line[:1].isalpha())
    assert int(figures["kills"].partition(",")[0]) >= 5
    assert ("memory" in figures) == ("--minutes" in length)
