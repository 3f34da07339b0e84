"""Fits the model that weighs the traits of a pair, and says how it does where it was not fitted.

    python -m bench.corpora.fitting [--count 10000] [--seeds 1 2] [--write]

Boosted trees with few leaves, held to the sign that every trait has by what it means. They are fitted to two
generators and judged on the third, in turn; with `--write` those fitted to all three are put into
daemon/reconciled/duplicates/model.json. Every copy that the generators make has been through a scanner; so
that a spotless one is not odd to the model, nor a collection too small to know its words, spotless copies
with a stamp, without their end or their beginning, or with single letters misread, and spotless others of
the template, with other numbers or to somebody else, are fitted to as well. Needs scikit-learn.
"""

import argparse
import importlib
import json
import os
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # its threads wait for each other where others work, too

import numpy as np
import numpy.typing as npt
from bench.corpora.sheets import Sheet
from sklearn.ensemble import HistGradientBoostingClassifier  # type: ignore[import-untyped]

from reconciled.duplicates.candidates import candidates, numbers, plain
from reconciled.duplicates.examining import Examined, Section, all_traits
from reconciled.duplicates.habits import USUAL, Habits, Lessons, Reading, learned
from reconciled.duplicates.normalising import Tokens
from reconciled.duplicates.scratch import PARTS, Scratch
from reconciled.duplicates.steps import AT_ONCE, CHUNK, join_part, read_chunk
from reconciled.duplicates.steps import look as compared
from reconciled.duplicates.traits import NUMBERS, TEXT
from reconciled.duplicates.vocabulary import EMPTY, Vocabulary, joined
from reconciled.duplicates.words import MODEL as MODEL_VERSION
from reconciled.duplicates.words import Paper

GENERATORS = ("household", "office", "clinic")
NAMES = (*TEXT, *NUMBERS)
SIGNS = {
    "words_known": 1, "words_half": 1, "words_new": 1, "worst_word": 1, "own_words": 1, "numbers": 1,
    "worst_number": 1, "own_numbers": 1, "swapped": -1, "repeated": -1, "both_left": -1, "short_left": -1,
    "long_inner": -1, "long_ends": -1, "inner_runs": -1, "quotes": -1, "again": -1, "head_own": -1,
    "clean_left": -1, "twice": -1, "number_swaps": -1, "other_numbers": -1, "short_numbers": -1,
    "inner_numbers": -1, "longest_inner": -1, "other_dates": -1,
    **{f"{name}_{kind}": sign for name, sign in (("clean", 1), ("agree", 1), ("vary", -1), ("open", 1))
       for kind in ("words", "numbers")}, "worst_open_word": 1, "worst_open_number": 1,
}  # fmt: skip
"""Whether more of a trait may speak for one sheet only, or against it only."""
MODEL = Path(__file__).parents[2] / "daemon" / "reconciled" / "duplicates" / "model.json"

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pile:
    """Sheets by their numbers, and the pairs of them that are compared."""

    sheets: Sequence[Sheet]
    pairs: Sequence[tuple[int, int]]
    apart: frozenset[tuple[int, int]]
    words: Vocabulary
    tokens: Tokens

    def compared(self, habits: Habits) -> Iterator[tuple[Examined, Section, Sheet, Sheet]]:
        """The pairs that are not plainly two sheets, as they look to who knows these habits.

        Long papers teach nothing: who says which of their sections are one?
        """
        papers = {number: Paper(number, one.text) for number, one in enumerate(self.sheets)}
        for at in range(0, len(self.pairs), AT_ONCE):
            _, examined, _ = compared(
                papers, self.pairs[at : at + AT_ONCE], words=self.words, tokens=self.tokens, apart=self.apart,
                habits=habits,
            )  # fmt: skip
            for pair in examined:
                if len(pair.sections) == 1:
                    yield pair, pair.sections[0], self.sheets[pair.a.id], self.sheets[pair.b.id]


@dataclass(frozen=True, slots=True)
class Looked:
    """The pairs of a corpus that are looked at: traits (pairs × traits), as they are to who knows nothing of
    its scanners, whether each is one sheet, kinds, and what each has to teach.

    `spotless` are traits and truth of pairs that no scanner touched, for fitting alone.
    """

    traits: Floats
    same: npt.NDArray[np.bool_]
    kinds: Sequence[tuple[str, str]]
    sheets: int
    true_pairs: int
    spotless: tuple[Floats, npt.NDArray[np.bool_]]
    read: Sequence[tuple[tuple[int, int], Reading]]
    pile: Pile

    def habits(self, trees: HistGradientBoostingClassifier) -> Habits:
        """The habits of its scanners, as the program learns them by a model: it knows no truth."""
        lessons = Lessons()
        for (pair, read), odds in zip(self.read, trees.decision_function(self.traits), strict=True):
            lessons.hear(pair, read, odds, against=0.0, duplicate=True)
        return Habits(learned(lessons.counts).said)

    def again(self, trees: HistGradientBoostingClassifier) -> "Looked":
        """The same as it is to who knows those habits."""
        found = self.pile.compared(self.habits(trees))
        return replace(
            self, traits=np.array([[one.traits[name] for name in NAMES] for _, one, _, _ in found])
        )


def look(sheets: Sequence[Sheet], folder: Path, *, thin: int = 0) -> Looked:
    """Search a corpus as the program does, and measure every pair that it would compare."""
    tokens, firsts = Tokens(), list[Sheet]()
    known = set[tuple[str, ...]]()
    for sheet in sheets:
        text = tuple(tokens.tokens(sheet.text))
        if text and text not in known:
            known.add(text)
            firsts.append(sheet)
    kept = Scratch(folder / "fit", {"sheets": len(firsts), "first": firsts[0].text, "thin": thin})
    chunks = -(-len(firsts) // CHUNK)
    for chunk in range(chunks):
        texts = [one.text for one in firsts[chunk * CHUNK : (chunk + 1) * CHUNK]]
        read_chunk(kept, chunk, texts, thin=thin, tokens=tokens)
    for part in range(PARTS):
        join_part(kept, part, chunks)
    parts = [kept.joined(part) for part in range(PARTS)]
    words = joined([part.words for part in parts], len(firsts))
    near = candidates(parts, kept.lengths(chunks), heaps=kept.heaps)
    pairs = list(zip(*(one.tolist() for one in numbers(near)), strict=True))
    pile = Pile(firsts, pairs, frozenset(compress(pairs, plain(near))), words, tokens)
    rows, same, kinds = list[list[float]](), list[bool](), list[tuple[str, str]]()
    read = list[tuple[tuple[int, int], Reading]]()
    for pair, only, here, there in pile.compared(USUAL):
        rows.append([only.traits[name] for name in NAMES])
        same.append(here.label == there.label)
        kinds.append((here.kind, there.kind))
        read.append(((pair.a.id, pair.b.id), only.evidence.read))
    return Looked(
        np.array(rows), np.array(same), kinds, len(firsts), _pairs(firsts), _spotless(firsts, tokens), read,
        pile,
    )  # fmt: skip


_SPOTLESS, _LEAST = 300, 25


def _spotless(sheets: Sequence[Sheet], tokens: Tokens) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """The traits of some sheets and what no scanner touched: copies, and others of the same template."""
    chance, rows, same = random.Random(1), list[list[float]](), list[bool]()
    for number, sheet in enumerate(chance.sample(sheets, min(_SPOTLESS, len(sheets)))):
        here = tokens.tokens(sheet.text)
        for is_copy, make in MADE if number < _FEWER else MADE[:2]:
            there = make(here, chance) if len(here) >= _LEAST else None
            found = all_traits(here, there, EMPTY) if there is not None else None
            if found is not None:
                rows.append([found[name] for name in NAMES])
                same.append(is_copy)
    return np.array(rows), np.array(same)


def _touched(tokens: Sequence[str], chance: random.Random) -> list[str]:
    """A spotless copy: stamped, or with a part missing."""
    copy = list(tokens)
    match chance.randrange(4):
        case 0:
            stamp = [f"stamp{chance.randint(1, 9)}" for _ in range(chance.randint(1, 5))]
            return [*stamp, f"{chance.randint(10**6, 10**8 - 1):08}", *copy]
        case 1:
            return copy[: int(len(copy) * chance.uniform(0.6, 0.95))]
        case 2:
            return copy[int(len(copy) * chance.uniform(0.05, 0.4)) :]
        case _:
            copy[chance.randrange(len(copy))] += "e"
            return copy


def _misread(tokens: Sequence[str], chance: random.Random) -> list[str]:
    """A copy in which one letter of some words was read wrongly."""
    copy, share = list(tokens), chance.uniform(0.02, 0.1)
    for at, token in enumerate(copy):
        if len(token) > 1 and token.isalpha() and chance.random() < share:
            place = chance.randrange(len(token))
            copy[at] = token[:place] + chance.choice("aceilmnortu") + token[place + 1 :]
    return copy


def _addressed(tokens: Sequence[str], chance: random.Random) -> list[str] | None:
    """The same letter to somebody else: two to four of its words are others, wherever they stand."""
    words = sorted({token for token in tokens if token.isalpha() and len(token) > 3})
    if len(words) < _LEAST // 2:
        return None
    others = {
        word: "".join(chance.choices("abdefghiklmnoprstuw", k=max(4, len(word) + chance.randint(-2, 2))))
        for word in chance.sample(words, chance.randint(2, 4))
    }
    return [others.get(token, token) for token in tokens]


def _another(tokens: Sequence[str], chance: random.Random) -> list[str] | None:
    """A sheet of the same template: one to four of its numbers are others, wherever they stand."""
    numbers = [token for token in tokens if token.isdecimal() and len(token) > 1]
    if not numbers:
        return None
    others = dict[str, str]()
    for number in chance.sample(numbers, min(len(numbers), chance.randint(1, 4))):
        low = 10 ** (len(number) - 1)
        near = int(number) + chance.choice((1, 10, 100, -1, 30))
        others[number] = str(chance.choice((near, chance.randrange(low, 10 * low))))
    return [others.get(token, token) for token in tokens]


MADE = ((True, _touched), (False, _another), (True, _misread), (False, _addressed))
"""Ways to make another sheet of one, and whether it is a copy; the last two for fewer sheets."""
_FEWER = 80


def _pairs(sheets: Sequence[Sheet]) -> int:
    """How many pairs of sheets are one."""
    counts: dict[int, int] = {}
    for sheet in sheets:
        counts[sheet.label] = counts.get(sheet.label, 0) + 1
    return sum(count * (count - 1) // 2 for count in counts.values())


def fit(corpora: Sequence[Looked]) -> HistGradientBoostingClassifier:
    """Fit the trees to the pairs of some corpora.

    First to what they are to who knows nothing of their scanners; then to what they are to who learned by the
    first trees which digits these take for each other. How often words and digits are spoilt is left as
    usual: fitted to that, too, they did the same on generators that they had not seen, within .005 of F1.
    """
    first = _fit(corpora)
    return _fit([one.again(first) for one in corpora])


def _fit(corpora: Sequence[Looked]) -> HistGradientBoostingClassifier:
    trees = HistGradientBoostingClassifier(
        max_iter=150, learning_rate=0.08, max_leaf_nodes=12, min_samples_leaf=30, l2_regularization=5.0,
        monotonic_cst=[SIGNS.get(name, 0) for name in NAMES], random_state=0,
    )  # fmt: skip
    rows = [rows for one in corpora for rows in (one.traits, one.spotless[0])]
    same = [same for one in corpora for same in (one.same, one.spotless[1])]
    return trees.fit(np.concatenate(rows), np.concatenate(same))


def written(trees: HistGradientBoostingClassifier, *, version: int, fitted: Sequence[str]) -> dict[str, Any]:
    """The trees as `reconciled.duplicates.model` reads them."""
    made = list[list[list[float]]]()
    for (tree,) in trees._predictors:  # noqa: SLF001 - there is no public way to the trees
        nodes = tree.nodes
        asked = [-1 if node["is_leaf"] else int(node["feature_idx"]) for node in nodes]
        made.append([
            [*asked],
            [round(float(node["value"] if node["is_leaf"] else node["num_threshold"]), 5) for node in nodes],
            [int(node["left"]) for node in nodes],
            [int(node["right"]) for node in nodes],
        ])  # fmt: skip
    base = float(trees._baseline_prediction.ravel()[0])  # noqa: SLF001 - likewise
    return {
        "version": version, "fitted": list(fitted), "traits": list(NAMES), "base": round(base, 5),
        "trees": made,
    }  # fmt: skip


def main() -> None:
    """Fit to two, judge on the third, in turn; write what was fitted to all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--write", action="store_true", help="put the model of all three into the program")
    parser.add_argument("--out", type=Path, help="write the models that leave one out into this folder")
    given = parser.parse_args()
    looked = {name: list(_looked(name, given.count, given.seeds)) for name in GENERATORS}
    for left in GENERATORS:
        model = fit([one for name in GENERATORS if name != left for one in looked[name]])
        for one in looked[left]:
            print(left, _judged(model, one.again(model)), flush=True)
        if given.out is not None:
            told = written(model, version=0, fitted=[name for name in GENERATORS if name != left])
            (given.out / f"without-{left}.json").write_text(json.dumps(told), "utf-8")
    if given.write:
        told = written(
            fit([one for name in GENERATORS for one in looked[name]]), version=MODEL_VERSION, fitted=[
                f"{name}: {given.count} sheets, seed {seed}" for name in GENERATORS for seed in given.seeds
            ],
        )  # fmt: skip
        MODEL.write_text(json.dumps(told, separators=(",", ":")) + "\n", "utf-8")
        print("written", MODEL)


def _looked(name: str, count: int, seeds: Sequence[int]) -> Iterator[Looked]:

    generator = importlib.import_module(f"bench.corpora.{name}")
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            yield look(list(generator.make(count, seed=seed)), Path(folder))


def _judged(trees: HistGradientBoostingClassifier, corpus: Looked) -> str:
    """Precision, recall and F1 of the pairs at some confidences."""
    odds = trees.decision_function(corpus.traits)
    said = []
    for confidence in (0.5, 0.8, 0.9):
        taken = odds >= np.log(confidence / (1 - confidence))
        right = int((taken & corpus.same).sum())
        precision, recall = right / max(1, int(taken.sum())), right / corpus.true_pairs
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        said.append(f"at {confidence}: P {precision:.3f} R {recall:.3f} F1 {f1:.3f}")
    return "; ".join(said)


if __name__ == "__main__":
    main()
