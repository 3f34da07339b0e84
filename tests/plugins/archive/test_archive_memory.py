"""Memory stays bounded, however large the file is: measured as bench/archive.py does."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.servers import command_of

ROOT = Path(__file__).parents[3]


@pytest.mark.full
@pytest.mark.no_cover
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("place", "size"), [("folder", "2GiB"), ("moto", "256MiB")])
def test_a_large_file_takes_little_memory(place: str, size: str) -> None:
    if place == "moto":
        command_of("moto", "bin/moto_server")
    command = [sys.executable, "-m", "bench.archive", "--size", size, place]
    said = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True).stdout
    extra = [float(found) for found in re.findall(r"([\d.]+) MiB extra", said)]
    assert len(extra) == 3
    assert max(extra) < 64, said
