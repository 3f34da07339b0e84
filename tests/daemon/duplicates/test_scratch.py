"""A search that was cut off goes on where it was: a step stands whole or not at all."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from reconciled.duplicates.scratch import PARTS, Scratch
from reconciled.duplicates.steps import join_part, read_chunk

PLAN = {"papers": 4, "thin": 0}
TEXTS = ["one two three four five", "one two three four six", "seven eight nine", "seven eight ten one"]


def opened(folder: Path, plan: dict[str, int] = PLAN) -> Scratch:
    return Scratch(folder / "search", plan)


def finished(folder: Path) -> Scratch:
    kept = opened(folder)
    read_chunk(kept, 0, TEXTS)
    for part in range(PARTS):
        join_part(kept, part, 1)
    return kept


def contents(kept: Scratch) -> dict[str, list[npt.NDArray[np.generic]]]:
    return {
        str(part): [
            (one := kept.joined(part)).rare,
            one.rare_counts,
            one.common,
            one.words.hashes,
            one.words.papers,
        ]
        for part in range(PARTS)
    }


def test_what_was_put_stands_when_it_is_opened_again(tmp_path: Path) -> None:
    before, again = finished(tmp_path), opened(tmp_path)
    assert again.has_chunk(0)
    assert not again.has_chunk(1)
    assert all(again.has_part(part) for part in range(PARTS))
    assert again.lengths(1).tolist() == [5, 5, 3, 4]
    for part, arrays in contents(before).items():
        for mine, theirs in zip(arrays, contents(again)[part], strict=True):
            assert np.array_equal(mine, theirs)


@pytest.mark.parametrize("plan", [{"papers": 5, "thin": 0}, {"papers": 4, "thin": 1}, {}])
def test_with_another_plan_nothing_stands(tmp_path: Path, plan: dict[str, int]) -> None:
    finished(tmp_path)
    other = opened(tmp_path, plan)
    assert not other.has_chunk(0)
    assert not any(other.has_part(part) for part in range(PARTS))
    assert [path.name for path in other.folder.iterdir()] == ["plan.json"]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]"])
def test_with_a_broken_plan_nothing_stands(tmp_path: Path, content: bytes) -> None:
    (finished(tmp_path).folder / "plan.json").write_bytes(content)
    assert not opened(tmp_path).has_chunk(0)


def broken(path: Path, how: str) -> None:
    content = path.read_bytes()
    path.write_bytes(
        {"empty": b"", "cut": content[:-1], "half": content[: len(content) // 2], "other": b"x" * 400}[how]
    )


@pytest.mark.parametrize("how", ["empty", "cut", "half", "other"])
@pytest.mark.parametrize("name", ["features-00000.npy", "lengths-00000.npy"])
def test_a_broken_chunk_does_not_stand_and_is_made_anew(tmp_path: Path, name: str, how: str) -> None:
    kept = finished(tmp_path)
    before = contents(kept)
    broken(kept.folder / name, how)
    again = opened(tmp_path)
    assert not again.has_chunk(0)
    read_chunk(again, 0, TEXTS)
    assert again.has_chunk(0)
    for part in range(PARTS):
        join_part(again, part, 1)
    assert str(contents(again)) == str(before)


@pytest.mark.parametrize("how", ["empty", "cut", "half", "other"])
@pytest.mark.parametrize("name", ["joined-03.npz", "index-03.npy"])
def test_a_broken_part_does_not_stand_and_is_made_anew(tmp_path: Path, name: str, how: str) -> None:
    kept = finished(tmp_path)
    before = contents(kept)
    path = kept.folder / name
    if name.endswith("npy"):
        np.save(path, np.arange(10, dtype=np.uint64))
    broken(path, how)
    again = opened(tmp_path)
    assert not again.has_part(3)
    assert all(again.has_part(part) for part in range(PARTS) if part != 3)
    join_part(again, 3, 1)
    assert again.has_part(3)
    assert str(contents(again)) == str(before)


def test_what_is_cut_off_while_it_is_written_leaves_no_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = opened(tmp_path)
    save = np.save

    def torn(file, values) -> None:  # type: ignore[no-untyped-def]
        if values.dtype == np.uint64:
            file.write(b"\x93NUMPY half of i")
            raise OSError(28, "No space left on device")
        save(file, values)

    monkeypatch.setattr(np, "save", torn)
    with pytest.raises(OSError, match="No space"):
        read_chunk(kept, 0, TEXTS)
    monkeypatch.undo()
    assert not opened(tmp_path).has_chunk(0)
    read_chunk(opened(tmp_path), 0, TEXTS)
    assert opened(tmp_path).has_chunk(0)


def test_the_parts_divide_all_features_without_a_gap(tmp_path: Path) -> None:
    kept = opened(tmp_path)
    for chunk in range(3):
        read_chunk(kept, chunk, [f"{text} {chunk}" for text in TEXTS])
    whole = np.sort(np.concatenate([np.load(kept.folder / f"features-{chunk:05}.npy") for chunk in range(3)]))
    assert np.array_equal(np.concatenate([kept.part(part, 3) for part in range(PARTS)]), whole)
    assert len(kept.lengths(3)) == 12


def test_chunks_are_forgotten_and_the_rest_stays(tmp_path: Path) -> None:
    kept = finished(tmp_path)
    kept.forget_chunks(1)
    kept.forget_chunks(1)
    assert not kept.has_chunk(0)
    assert all(kept.has_part(part) for part in range(PARTS))
    assert kept.lengths(1).tolist() == [5, 5, 3, 4]


@pytest.mark.parametrize("papers", [[], [[]], [[1, 2, 3], [], [2**64 - 1]]])
def test_hashes_are_kept_until_they_are_forgotten(tmp_path: Path, papers: list[list[int]]) -> None:
    kept = opened(tmp_path)
    kept.put_hashes(1, [np.array(paper, dtype=np.uint64) for paper in papers])
    assert [paper.tolist() for paper in opened(tmp_path).hashes(1)] == papers
    kept.forget_hashes()
    assert [path.name for path in kept.folder.iterdir()] == ["plan.json"]


def test_only_its_owner_may_look_into_the_folder(tmp_path: Path) -> None:
    assert opened(tmp_path).folder.stat().st_mode & 0o077 == 0


def test_an_empty_search_has_no_lengths(tmp_path: Path) -> None:
    assert opened(tmp_path).lengths(0).tolist() == []
    assert len(opened(tmp_path).part(0, 0)) == 0
