"""Where a search keeps its steps: a folder of arrays, each written whole or not at all.

A search that is cut off goes on where it was: what stands in the folder need not be made again. `plan` says
what the folder is for; with another plan it is emptied.
"""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from zipfile import is_zipfile

import numpy as np
import numpy.typing as npt

from reconciled.duplicates.features import Hashes
from reconciled.duplicates.joining import Joined
from reconciled.duplicates.vocabulary import Vocabulary

PARTS = 16
"""Into so many parts the hashes are divided; a part is joined at once."""
_PLAN = "plan.json"
_NONE: Hashes = np.zeros(0, dtype=np.uint64)


class Scratch:
    """The steps of one search. Chunks of papers are numbered from 0, parts of the hashes too."""

    def __init__(self, folder: Path, plan: Mapping[str, object]) -> None:
        self.folder = folder
        if self._planned() != dict(plan):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _whole(folder / _PLAN, json.dumps(dict(plan)).encode())

    def _planned(self) -> object:
        try:
            return json.loads((self.folder / _PLAN).read_bytes())
        except (OSError, ValueError):
            return None

    def put_hashes(self, chunk: int, papers: Sequence[Hashes]) -> None:
        """Keep the hashes of the tokens of a chunk of texts until it is known which of them are searched."""
        lengths = np.fromiter(map(len, papers), dtype=np.uint64, count=len(papers))
        _save(self._hashes(chunk), np.concatenate(([np.uint64(len(papers))], lengths, *papers)))

    def hashes(self, chunk: int) -> list[Hashes]:
        """The hashes of the tokens of each text of a chunk."""
        whole = np.load(self._hashes(chunk))
        count = int(whole[0])
        ends = np.cumsum(whole[1 : count + 1].astype(np.int64))
        return np.split(whole[1 + count :], ends)[:count]

    def forget_hashes(self) -> None:
        """The hashes of tokens are not needed any more once all features stand."""
        for path in self.folder.glob("hashes-*.npy"):
            path.unlink(missing_ok=True)

    def has_chunk(self, chunk: int) -> bool:
        """Whether the features of a chunk stand."""
        return stands(self._features(chunk)) and stands(self._lengths(chunk))

    def put_chunk(self, chunk: int, features: Hashes, lengths: npt.NDArray[np.int64]) -> None:
        """Keep the features of a chunk, and the lengths of its papers in tokens."""
        _save(self._lengths(chunk), lengths)
        _save(self._features(chunk), features)

    def lengths(self, chunks: int) -> npt.NDArray[np.int64]:
        """The lengths of all papers, by number."""
        found = [np.load(self._lengths(chunk)) for chunk in range(chunks)]
        return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)

    def part(self, part: int, chunks: int) -> Hashes:
        """All features of a part of the hashes, sorted."""
        low = np.uint64(part) << np.uint64(60)
        high = np.uint64(part + 1) << np.uint64(60) if part + 1 < PARTS else None
        found = []
        for chunk in range(chunks):
            features = np.load(self._features(chunk), mmap_mode="r")
            ends = [
                np.searchsorted(features, low),
                len(features) if high is None else np.searchsorted(features, high),
            ]
            found.append(np.array(features[ends[0] : ends[1]]))
        together = np.concatenate(found) if found else np.zeros(0, dtype=np.uint64)
        found.clear()
        together.sort(kind="stable")  # of runs that are sorted: a merge
        return together

    def has_part(self, part: int) -> bool:
        """Whether a part was joined."""
        return all(map(stands, (self._joined(part), self._index(part), self._heaps(part))))

    def put_part(self, part: int, features: Hashes, joined: Joined) -> None:
        """Keep what joining a part gave, and its features for looking up later papers."""
        _save(self._index(part), features)
        _save(self._heaps(part), joined.heaps)
        temporary = self._joined(part).with_suffix(".part")
        with temporary.open("wb") as file:
            np.savez(
                file, rare=joined.rare, rare_counts=joined.rare_counts, common=joined.common,
                common_counts=joined.common_counts, rare_of=joined.rare_of, words=joined.words.hashes,
                papers=joined.words.papers,
            )  # fmt: skip
        temporary.replace(self._joined(part))

    def joined(self, part: int) -> Joined:
        """What joining a part gave, but for the heaps."""
        with np.load(self._joined(part)) as kept:
            return Joined(
                kept["rare"], kept["rare_counts"], kept["common"], kept["common_counts"],
                kept["rare_of"],
                Vocabulary(kept["words"], kept["papers"]), _NONE,
            )  # fmt: skip

    def heaps(self) -> Iterator[Hashes]:
        """The words of all papers, a part after the other."""
        for part in range(PARTS):
            yield np.load(self._heaps(part))

    def forget_chunks(self, chunks: int) -> None:
        """The features by chunk are not needed any more once all parts are joined."""
        for chunk in range(chunks):
            self._features(chunk).unlink(missing_ok=True)

    def _hashes(self, chunk: int) -> Path:
        return self.folder / f"hashes-{chunk:05}.npy"

    def _features(self, chunk: int) -> Path:
        return self.folder / f"features-{chunk:05}.npy"

    def _lengths(self, chunk: int) -> Path:
        return self.folder / f"lengths-{chunk:05}.npy"

    def _index(self, part: int) -> Path:
        return self.folder / f"index-{part:02}.npy"

    def _heaps(self, part: int) -> Path:
        return self.folder / f"heaps-{part:02}.npy"

    def _joined(self, part: int) -> Path:
        return self.folder / f"joined-{part:02}.npz"


def stands(path: Path) -> bool:
    """Whether a file of arrays is there as long as it says; one that lost its end with the power is not."""
    if path.suffix == ".npz":
        return is_zipfile(path)
    try:
        np.load(path, mmap_mode="r")
    except (OSError, ValueError, EOFError):
        return False
    return True


def _save(path: Path, values: npt.NDArray[np.generic]) -> None:
    temporary = path.with_suffix(".part")
    with temporary.open("wb") as file:
        np.save(file, values)
    temporary.replace(path)


def _whole(path: Path, content: bytes) -> None:
    temporary = path.with_suffix(".part")
    temporary.write_bytes(content)
    temporary.replace(path)
