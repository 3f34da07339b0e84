"""Paths as the app's host writes them, POSIX or Windows, which is not how this box writes them."""


def plain(path: str) -> str:
    """The path without a slash at its end, so that a root and the root of an item are equal."""
    return path.rstrip("/\\") or path[:1]


def holds(folder: str, path: str) -> bool:
    """Whether the path is the folder or lies below it: /data holds /data/media but not /database."""
    if ":" in folder[:3] or folder.startswith("\\\\"):
        folder, path = folder.lower(), path.lower()
    inside, place = plain(folder), plain(path)
    return place == inside or place.startswith((f"{inside.rstrip('/')}/", f"{inside}\\"))
