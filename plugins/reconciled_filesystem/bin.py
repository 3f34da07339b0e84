"""Removing a file: for good, or into the trash, where it can still be had. Blocking."""

import errno
from pathlib import Path

from reconciled.errors import Refused, Unreachable
from reconciled_filesystem.spelling import spell


def take(path: str, trash: str | None, *, name: str) -> None:
    """Remove the file. Into `trash` it is moved below a folder `name`, under its whole path.

    Refused when the trash lies on another file system: moving would be copying, and could end in half.
    """
    file = Path(path)
    try:
        if trash is None:
            file.unlink(missing_ok=True)
            return
        target = Path(trash, name, path.lstrip("/"))
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.rename(target)
    except FileNotFoundError:
        return
    except OSError as error:
        if error.errno == errno.EXDEV:
            raise Refused(
                f"the trash {trash} is on another file system than {spell(path)}; nothing was deleted"
            ) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            what = "remove it" if trash is None else f"move it to {trash}"
            raise Refused(f"{spell(path)}: the daemon's user may not {what} ({error.strerror})") from error
        raise Unreachable(f"{spell(path)}: it could not be removed ({error.strerror})") from error
