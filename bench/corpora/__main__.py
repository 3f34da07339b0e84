"""Write a made-up library: `python -m bench.corpora household 1000 OUT.jsonl --seed 1`."""

import argparse
import importlib
from pathlib import Path

from bench.corpora.sheets import write

NAMES = ("household", "office", "clinic")


def main() -> None:
    """Make as many sheets as asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("count", type=int)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    generator = importlib.import_module(f"bench.corpora.{given.name}")
    print(write(generator.make(given.count, seed=given.seed), given.out), "sheets")


if __name__ == "__main__":
    main()
