"""Paths as Jellyfin's host writes them, POSIX or Windows, which is not how this box writes them."""

from collections.abc import Iterable


def plain(path: str) -> str:
    """The path without a slash at its end."""
    return path.rstrip("/\\") or path[:1]


def holds(folder: str, path: str) -> bool:
    """Whether the path is the folder or lies below it: /media holds /media/films but not /media2."""
    if ":" in folder[:3] or folder.startswith("\\\\"):
        folder, path = folder.lower(), path.lower()
    inside, place = plain(folder), plain(path)
    return place == inside or place.startswith((f"{inside.rstrip('/')}/", f"{inside}\\"))


def deepest(folders: Iterable[str], path: str) -> str | None:
    """The folder that lies closest above the path, or None."""
    return max((folder for folder in folders if holds(folder, path)), key=len, default=None)
