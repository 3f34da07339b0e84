"""A blob as an item: its key is the sha256 of its bytes, and so is its name in the archive.

The key is the identity: other bytes would have another one. So the item claims it twice, as the strong
ref `blob:`, by which two archives hold the same thing, and as the weak `sha256:`, by which every other
app's file with these bytes is known.
"""

import re

from reconciled.model import Item, Key, Ref, refs
from reconciled_archive.vault import Stat

KIND = "blob"
BLOBS = "blobs"
MARKER = "reconciled-archive.json"
_SHA256 = re.compile(r"[0-9a-f]{64}")


def is_sha256(text: str) -> bool:
    """Whether it is what a blob is called by."""
    return _SHA256.fullmatch(text) is not None


def name_of(sha256: str) -> str:
    """Where a blob lies, below the root of the archive."""
    return f"{BLOBS}/{sha256[:2]}/{sha256}"


def sha256_of(name: str) -> str | None:
    """Whose place that is; None when no blob lies there."""
    sha256 = name.rpartition("/")[2]
    return sha256 if is_sha256(sha256) and name == name_of(sha256) else None


def item_of(sha256: str, stat: Stat, *, top: str | None) -> Item:
    """The blob. `top` is the folder of an archive that is one."""
    return Item(
        key=Key(KIND, sha256),
        title=f"sha256 {sha256[:12]}…",
        refs=refs(Ref.of("blob", sha256), Ref.of("sha256", sha256)),
        attrs={
            "size": stat.size,
            "stored": stat.stored.replace(microsecond=0).isoformat(),
            "etag": sha256,
        },
        has_file=True,
        path=None if top is None else f"{top}/{stat.name}",
        root=top,
    )
