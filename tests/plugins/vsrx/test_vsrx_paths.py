"""Which paths are believed."""

import pytest

from reconciled_vsrx.paths import BadPath, plain_path

GOOD = {
    "notes/IMG001.jpg": "notes/IMG001.jpg",
    "notes/2024/a b/ü.jpg": "notes/2024/a b/ü.jpg",
    "notes//2024/./IMG.jpg": "notes/2024/IMG.jpg",
    "./notes/a.jpg": "notes/a.jpg",
    "notes/..a/b..c/...": "notes/..a/b..c/...",
    "notes/" + "x" * 1018: "notes/" + "x" * 1018,
}
BAD = {
    "": "below",
    "notes": "below",
    "notes/": "below",
    "notesx/a.jpg": "below",
    "Notes/a.jpg": "below",
    "other/notes/a.jpg": "below",
    "/notes/a.jpg": "absolute",
    "//notes/a.jpg": "absolute",
    "C:/notes/a.jpg": "absolute",
    "notes/C:/a.jpg": "absolute",
    "notes/../notes/a.jpg": "climbs",
    "notes/../../etc/passwd": "climbs",
    "../notes/a.jpg": "climbs",
    "notes/a/..": "climbs",
    "notes\\a.jpg": "backslash",
    "notes/..\\a.jpg": "backslash",
    "notes/a\0.jpg": "NUL",
    "notes/" + "x" * 1019: "longer",
    "notes/" + "ü" * 510: "longer",
    "notes/\ud800.jpg": "no text",
}


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path[:30])
def test_good(path: str) -> None:
    assert plain_path(path) == GOOD[path]


@pytest.mark.parametrize("path", BAD, ids=lambda path: ascii(path[:30]))
def test_bad(path: str) -> None:
    with pytest.raises(BadPath, match=BAD[path]):
        plain_path(path)
