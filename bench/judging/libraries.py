"""The made-up libraries and the models that leave one of them out, made once and kept in bench/.cache.

What is kept goes by a hash of the sources that make it; with other sources it is made anew, and what was made
with older ones is thrown away after a day (another bench may be at it).
"""

import hashlib
import importlib
import json
import tempfile
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from bench.corpora.sheets import write

if TYPE_CHECKING:
    from bench.corpora.fitting import Looked

ROOT = Path(__file__).parents[2]
CACHE = ROOT / "bench" / ".cache"
CORPORA = ROOT / "bench" / "corpora"
ENGINE = ROOT / "daemon" / "reconciled" / "duplicates"
GENERATORS = ("household", "office", "clinic")
FITTED_COUNT, FITTED_SEEDS = 10_000, (1, 2)
"""What the models are fitted to: so many sheets of each generator but one, with each of these seeds."""

_DAY = 86400.0


def sources_hash(paths: Iterable[Path]) -> str:
    """A name of what stands in some files."""
    found = hashlib.sha256()
    for path in sorted(paths):
        found.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()[:12]


def engine_hash() -> str:
    """A name of all sources that a fitted model depends on."""
    return sources_hash([*ENGINE.glob("*.py"), *CORPORA.glob("*.py")])


def library(generator: str, count: int, seed: int) -> Path:
    """A made-up library as JSON lines."""
    sources = [CORPORA / "sheets.py", CORPORA / f"{generator}.py", *CORPORA.glob(f"{generator}_*.py")]
    path = kept(f"{generator}-{count}-{seed}", ".jsonl", sources_hash(sources))
    if not path.exists():
        make = importlib.import_module(f"bench.corpora.{generator}").make
        temporary = path.with_suffix(".part")
        write(make(count, seed=seed), temporary)
        temporary.replace(path)
    return path


def models_without(generators: Sequence[str], *, workers: int) -> dict[str, Path]:
    """For each generator the model that was fitted to all others; fitted now where none is kept."""
    paths = {name: kept(f"without-{name}", ".json", engine_hash()) for name in generators}
    if all(path.exists() for path in paths.values()):
        return paths
    try:
        from bench.corpora.fitting import fit, written
    except ImportError as error:
        raise SystemExit(
            f"{error.name} is missing: the models are fitted with scikit-learn and numpy; "
            "install the extra `dev`"
        ) from error
    wanted = [(name, seed) for name in GENERATORS for seed in FITTED_SEEDS]
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        looked = dict(zip(wanted, pool.map(partial(_looked, FITTED_COUNT), wanted), strict=True))
    for name, path in paths.items():
        others = {key: one for key, one in looked.items() if key[0] != name}
        fitted = [f"{other}: {FITTED_COUNT} sheets, seed {seed}" for other, seed in others]
        path.write_text(json.dumps(written(fit(list(others.values())), version=0, fitted=fitted)), "utf-8")
    return paths


def _looked(count: int, of: tuple[str, int]) -> "Looked":
    from bench.corpora.fitting import look

    generator, seed = of
    made = importlib.import_module(f"bench.corpora.{generator}").make(count, seed=seed)
    with tempfile.TemporaryDirectory() as folder:
        return look(list(made), Path(folder))


def kept(name: str, ending: str, key: str) -> Path:
    """Where something is kept; what was kept of it under other keys is thrown away in time."""
    CACHE.mkdir(exist_ok=True)
    (CACHE / ".gitignore").write_text("*\n")
    path = CACHE / f"{name}-{key}{ending}"
    for old in CACHE.glob(f"{name}-{'?' * len(key)}{ending}"):
        if old != path and time.time() - old.stat().st_mtime > _DAY:
            old.unlink()
    return path
