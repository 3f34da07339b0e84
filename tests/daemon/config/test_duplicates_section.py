"""The section `duplicates:`: what it means, what is usual, and what is said about mistakes in it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from reconciled.config import DuplicateSettings, ImageSettings, Loaded, Schedule, diff, report, report_diff
from reconciled.config.duplicates import FACTORS
from reconciled.duplicates.primaries import USUAL, Preference
from reconciled.duplicates.words import FITTED, Factor

Load = Callable[..., Loaded]

HOUSE = """sources:
  paperless: {url: http://box.lan:2, api_key: !secret key}
  radarr: {url: http://box.lan:3, api_key: !secret key}
"""


@pytest.fixture
def write(load_text: Load, secrets: Path) -> Callable[[str], Loaded]:
    def load_it(text: str) -> Loaded:
        return load_text(f"{HOUSE}{text}\n")

    return load_it


def the_one(loaded: Loaded) -> DuplicateSettings:
    assert loaded.settings is not None, report(loaded)
    return loaded.settings.duplicates


@pytest.mark.parametrize("text", ["", "duplicates:", "duplicates: {}"])
def test_what_is_usual(write: Callable[[str], Loaded], text: str) -> None:
    made = the_one(write(text))
    assert made == DuplicateSettings()
    assert (made.sources, made.keep_text, made.workers, made.tag) == (None, True, 1, "duplicate")
    assert (made.primary, made.images) == (USUAL, ImageSettings())
    assert made.weights.of == {**dict.fromkeys(Factor, 0.0), **FITTED.of}
    assert (made.weights.duplicate, made.weights.review) == (FITTED.duplicate, FITTED.review)


def test_all_of_it(write: Callable[[str], Loaded]) -> None:
    loaded = write(
        "passes: {duplicates: 12h}\n"
        "duplicates: {sources: [paperless], keep_text: no, workers: 4, tag: ' twice  here ',"
        " primary: [best_scan, oldest, best_scan], factors: {image: 0.5, name: yes, numbers: 2},"
        " bands: {duplicate: 95%, review: 0.3}, images: {hashes: [dct, average], thumbnails: 1GiB}}"
    )
    made = the_one(loaded)
    assert loaded.settings is not None
    assert loaded.settings.passes.duplicates == Schedule.parse("12h")
    assert (made.sources, made.keep_text, made.workers, made.tag) == (("paperless",), False, 4, "twice here")
    assert made.primary == (Preference.BEST_SCAN, Preference.OLDEST)
    assert made.factors == {
        **FACTORS, Factor.IMAGE: 0.5, Factor.NAME: 1.0, Factor.NUMBERS: 2.0,
    }  # fmt: skip
    assert (made.duplicate, made.review) == (0.95, 0.3)
    assert made.images == ImageSettings(("dct", "average"), 2**30)


@pytest.mark.parametrize(
    ("text", "images"),
    [("images: no", None), ("images: yes", ImageSettings()), ("images: {}", ImageSettings())],
)
def test_pictures_are_switched(
    write: Callable[[str], Loaded], text: str, images: ImageSettings | None
) -> None:
    made = the_one(write(f"duplicates: {{{text}}}"))
    assert made.images == images
    assert made.thumbnails == 200 * 2**20


def test_nowhere(write: Callable[[str], Loaded]) -> None:
    assert the_one(write("duplicates: {sources: []}")).sources == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[paperless]", "duplicates: a mapping of settings belongs here"),
        ("{source: [paperless]}", "duplicates.source: unknown setting; did you mean 'sources'?"),
        ("{sources: [paperles]}", "there is no source 'paperles'; did you mean 'paperless'?"),
        ("{keep_text: maybe}", "duplicates.keep_text: yes or no belongs here"),
        ("{workers: 0}", "duplicates.workers: is out of bounds; it is between 1 and 32"),
        ("{workers: two}", "duplicates.workers: a whole number belongs here"),
        ("{tag: ''}", "duplicates.tag: is empty"),
        ('{tag: "a\\u202eb"}', "has characters in it that cannot be shown"),
        ("{primary: newest}", "duplicates.primary"),
        ("{primary: []}", "at least one belongs here"),
        ("{factors: {image: 3}}", "duplicates.factors.image: is out of bounds; it is between 0 and 2"),
        ("{factors: {image: -1}}", "is out of bounds"),
        ("{factors: {image: much}}", "a weight belongs here, such as 0, 0.5 or 1"),
        ("{factors: {images: 1}}", "did you mean 'image'?"),
        ("{factors: {text: 0, numbers: 0, thirds: 2}}", "all of them are 0, so nothing could be told"),
        ("{bands: {duplicate: 1}}", "is reached by all pairs or by none"),
        ("{bands: {duplicate: 0}}", "is reached by all pairs or by none"),
        ("{bands: {duplicate: high}}", "a confidence belongs here, such as 0.8 or 80%"),
        ("{bands: {review: 0.95}}", "is not below `duplicate`; nothing would be left to be reviewed"),
        ("{images: off it}", "no, or a mapping belongs here"),
        ("{images: {hashes: [phash]}}", "duplicates.images.hashes"),
        ("{images: {thumbnails: 10kB}}", "holds hardly any thumbnail; it is at least 1MiB"),
    ],
)
def test_mistakes(write: Callable[[str], Loaded], text: str, said: str) -> None:
    loaded = write(f"duplicates: {text}")
    assert loaded.settings is None
    assert said in "\n".join(report(loaded))


def test_one_mistake_hides_no_other(write: Callable[[str], Loaded]) -> None:
    loaded = write("duplicates: {workers: 0, tag: '', sources: [nobody], images: 5}")
    lines = report(loaded)
    assert len(lines) == 4
    assert all(line.startswith("config.yaml:4:") for line in lines)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{sources: [radarr]}", "radarr shows neither words nor pictures"),
        ("{factors: {text: 0}}", "without `text` papers that only look alike are taken for one another"),
        ("{factors: {image: 2}}", "more than 1 for name, metadata or image"),
    ],
)
def test_what_is_hardly_meant(write: Callable[[str], Loaded], text: str, said: str) -> None:
    loaded = write(f"duplicates: {text}")
    assert loaded.settings is not None
    assert said in "\n".join(report(loaded))


def test_an_edit_counts_at_once(write: Callable[[str], Loaded]) -> None:
    old = write("").settings
    assert old is not None
    new = replace(old, duplicates=replace(old.duplicates, workers=2))
    assert diff(old, new).live == ("duplicates",)
    assert report_diff(diff(old, new)) == ("~ duplicates: counts at once",)
    assert not diff(old, write("duplicates: {workers: 1}").settings or old)
