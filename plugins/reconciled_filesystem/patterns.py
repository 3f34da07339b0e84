"""Which paths count: globs as people write them, over a path relative to its folder.

`*` and `?` stay within a name, `**/` is any number of folders, none included. Python's own
`PurePath.full_match` would do, but it is newer than the oldest Python that we run on.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

_SPECIAL = {"*": "[^/]*", "?": "[^/]"}


UNFINISHED = ".reconciled-incoming-"
"""How the name of a file begins that we have not written to its end. No such file counts anywhere."""


def check_pattern(text: str) -> str:
    """The pattern; ValueError when it could never match."""
    if not text or text.startswith("/") or ".." in text.split("/") or "//" in text or "\0" in text:
        raise ValueError("a pattern is relative to its folder, such as **/*.mkv")
    if text.endswith("/"):
        raise ValueError(f"a folder's files are named by {text}**")
    return text


def chosen(patterns: Sequence[str], exclude: Sequence[str]) -> Callable[[str], bool]:
    """Whether a relative path is named by a pattern and not excluded, with the folders it lies in."""

    def test(relative: str) -> bool:
        if relative.rpartition("/")[2].startswith(UNFINISHED):
            return False
        return any(compiled(one).fullmatch(relative) for one in patterns) and not left_out(exclude, relative)

    return test


def left_out(exclude: Sequence[str], relative: str) -> bool:
    """Whether the path, or a folder that it lies in, is excluded."""
    if not exclude:
        return False
    parts = relative.split("/")
    ways = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
    return any(compiled(one).fullmatch(way) for one in exclude for way in ways)


@lru_cache(maxsize=256)
def compiled(pattern: str) -> re.Pattern[str]:
    """The glob as a regular expression."""
    made, at = "", 0
    while at < len(pattern):
        if pattern.startswith("**/", at):
            made, at = made + "(?:[^/]+/)*", at + 3
        elif pattern[at:] == "**":
            made, at = made + ".+", at + 2
        else:
            made, at = made + _SPECIAL.get(pattern[at], re.escape(pattern[at])), at + 1
    return re.compile(made, re.DOTALL)
