"""Refs, keys and the other words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciled.model import Ref, refs


@pytest.mark.parametrize(
    ("text", "space", "value", "strong"),
    [
        ("tmdb:movie/603", "tmdb:movie", "603", True),
        ("tmdb:tv/1399", "tmdb:tv", "1399", True),
        ("imdb:tt0133093", "imdb", "tt0133093", True),
        ("tvdb:series/81189/s02", "tvdb:series", "81189/s02", True),
        ("path:/films/a.mkv", "path", "/films/a.mkv", False),
        ("path:relative/a.mkv", "path", "relative/a.mkv", False),
        ("sha256:00ff", "sha256", "00ff", False),
        ("paperless:document/12", "paperless:document", "12", True),
        ("anidb:10057/s01", "anidb", "10057/s01", True),
        ("imdb:tt0903747/s02", "imdb", "tt0903747/s02", True),
        ("vsrx:file/s12", "vsrx:file", "s12", True),
        ("isbn:a%2Fb%25", "isbn", "a/b%", True),
    ],
)
def test_refs_are_read_and_written(text: str, space: str, value: str, strong: bool) -> None:
    ref = Ref.parse(text)
    assert (ref.space, ref.value, ref.strong, str(ref)) == (space, value, strong, text)


@pytest.mark.parametrize("value", [0, "0", "", None, "  "])
def test_nothing_makes_no_ref(value: object) -> None:
    assert Ref.of("tmdb:movie", value) is None
    assert refs(Ref.of("tmdb:movie", value), Ref.of("imdb", "tt1")) == {Ref("imdb", "tt1")}


@pytest.mark.parametrize("value", ["tt0000000", "TT0", "tt", "0", "0000", ""])
def test_an_imdb_id_of_noughts_is_nobody_s(value: str) -> None:
    """Who has no IMDb id is often given one: two films that share it have nothing in common."""
    assert Ref.of("imdb", value) is None


def test_white_space_belongs_to_a_path_only() -> None:
    assert Ref.of("imdb", " tt1\n") == Ref("imdb", "tt1")
    assert Ref.of("path", "/films/a.mkv ") == Ref("path", "/films/a.mkv ")


@pytest.mark.parametrize("text", ["", "imdb", ":x", "imdb:"])
def test_what_is_no_ref_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no ref"):
        Ref.parse(text)


@given(st.sampled_from(["tmdb:movie", "imdb", "path", "vsrx-file"]), st.text("abcs/123:%2F", min_size=1))
def test_writing_and_reading_agree(space: str, value: str) -> None:
    ref = Ref(space, value)
    assert Ref.parse(str(ref)) == ref
