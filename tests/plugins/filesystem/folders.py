"""What tests of folders share: how a source of them is opened and read, and a table of mounts."""

from collections.abc import Callable
from pathlib import Path

import pytest

from reconciled.model import Item
from reconciled.source import Deletion
from reconciled_filesystem import Filesystem, mounts

Open = Callable[..., Filesystem]
DELETE = Deletion(files=True)


async def listed(source: Filesystem) -> dict[str, Item]:
    pages = [page async for page in source.snapshot(frozenset({"file"}))]
    assert pages[-1].complete
    return {item.key.id: item for page in pages for item in page.items}


def mounted(monkeypatch: pytest.MonkeyPatch, table: Path, *lines: str) -> None:
    root = "1 0 8:1 / / rw - ext4 /dev/sda1 rw"
    table.write_text("\n".join([root, *lines]) + "\n")
    monkeypatch.setattr(mounts.read_mounts, "__defaults__", (table,))
