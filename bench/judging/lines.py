"""A corpus on disk, read sheet by sheet: where each line begins is known, no text is held."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt


def starts(corpus: Path) -> npt.NDArray[np.int64]:
    """Where each line of a file begins, and where the last one ends."""
    found, at = [0], 0
    with corpus.open("rb") as file:
        for line in file:
            at += len(line)
            found.append(at)
    return np.array(found, dtype=np.int64)


def all_texts(corpus: Path) -> Iterator[str]:
    """The text of each sheet, in their order."""
    with corpus.open("rb") as file:
        for line in file:
            yield json.loads(line)["text"]


class Lines:
    """The texts of a corpus by number."""

    def __init__(self, corpus: Path, begins: npt.NDArray[np.int64]) -> None:
        self._file = corpus.open("rb")
        self._begins = begins

    def __enter__(self) -> "Lines":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def texts(self, numbers: Iterable[int]) -> list[str]:
        """The texts of some sheets."""
        return [self.text(number) for number in numbers]

    def text(self, number: int) -> str:
        """The text of a sheet."""
        begin = int(self._begins[number])
        self._file.seek(begin)
        text: str = json.loads(self._file.read(int(self._begins[number + 1]) - begin))["text"]
        return text
