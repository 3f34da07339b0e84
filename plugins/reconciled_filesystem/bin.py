"""Removing a file: for good, or into the trash, where it can still be had. Blocking.

It is taken out of the folder that was opened name by name, so that what somebody moves there, or a link
that comes to stand above it, never has another file removed.
"""

import errno
import os
import stat
from pathlib import Path

from reconciled.errors import Refused, Unreachable
from reconciled_filesystem.below import folder_below
from reconciled_filesystem.spelling import spell


def take(path: str, trash: str | None, *, top: str, name: str) -> None:
    """Remove the file below `top`. Into `trash` it is moved below a folder `name`, under its whole path.

    Refused when no file stands there but something else, and when the trash lies on another file system:
    moving would be copying, and could end in half.
    """
    *folders, file = path[len(top) + 1 :].split("/")
    try:
        with folder_below(top, folders) as folder:
            if not stat.S_ISREG(os.lstat(file, dir_fd=folder).st_mode):
                raise Refused(f"{spell(path)}: no file stands there any more; nothing was deleted")
            if trash is None:
                os.unlink(file, dir_fd=folder)
                return
            target = Path(trash, name, path.lstrip("/"))
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.rename(file, target, src_dir_fd=folder)
    except FileNotFoundError:
        return
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise Refused(
                f"{spell(path)}: a link or a file stands where a folder belongs; nothing was deleted"
            ) from error
        if error.errno == errno.EXDEV:
            raise Refused(
                f"the trash {trash} is on another file system than {spell(path)}; nothing was deleted"
            ) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            what = "remove it" if trash is None else f"move it to {trash}"
            raise Refused(f"{spell(path)}: the daemon's user may not {what} ({error.strerror})") from error
        raise Unreachable(f"{spell(path)}: it could not be removed ({error.strerror})") from error
