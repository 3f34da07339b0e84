"""Paths as Shoko's host writes them, POSIX or Windows, which is not how this box writes them."""

from collections.abc import Iterable

SEPARATORS = "/\\"


def plain(path: str) -> str:
    """The path without a separator at its end."""
    return path.rstrip(SEPARATORS) or path[:1]


def holds(folder: str, path: str) -> bool:
    """Whether the path is the folder or lies below it: /anime holds /anime/a.mkv but not /anime2."""
    if ":" in folder[:3] or folder.startswith("\\\\"):
        folder, path = folder.lower(), path.lower()
    inside, place = plain(folder), plain(path)
    return place == inside or place.startswith((f"{inside.rstrip('/')}/", f"{inside}\\"))


def same(one: str, other: str) -> bool:
    """Whether both name one folder."""
    return holds(one, other) and holds(other, one)


def deepest(folders: Iterable[str], path: str) -> str | None:
    """The folder that lies closest above the path, or None."""
    return max((folder for folder in folders if holds(folder, path)), key=len, default=None)


def above(path: str) -> str | None:
    """The folder that the path lies in; None at the top."""
    inside = plain(path)
    cut = max(inside.rfind("/"), inside.rfind("\\"))
    if cut < 0 or inside in SEPARATORS:
        return None
    return inside[: cut + 1] if cut == 0 or inside[cut - 1] == ":" else inside[:cut]


def name_of(path: str) -> str:
    """The last part of the path."""
    return plain(path).replace("\\", "/").rpartition("/")[2]


def join(folder: str, relative: str) -> str:
    """A path below the folder. Shoko's events begin it with a separator, its lists do not."""
    separator = "\\" if "\\" in folder and "/" not in folder else "/"
    return f"{folder.rstrip(SEPARATORS)}{separator}{relative.lstrip(SEPARATORS)}"
