"""A sheet of a made-up library: its text as a scanner read it, and the truth about it."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

COPIES = (
    "exact", "case", "light", "medium", "heavy", "reorder", "page_missing", "stamped", "signed", "photo",
    "mixed", "many",
)  # fmt: skip
"""Kinds of true copies: scans of one and the same sheet."""
NEAR = ("revision", "renewal", "twin", "version", "quote")
"""Kinds of sheets that look like another (`near`), and are not it."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One document. Two are true duplicates exactly when their labels are equal.

    `kind` is `original`, one of COPIES or one of NEAR; `near` is the label of the sheet that one of NEAR
    resembles. `series` numbers the template it is of, -1: none. `size` is in bytes, `created` YYYY-MM-DD.
    """

    id: int
    text: str
    label: int
    kind: str
    title: str = ""
    file_name: str = ""
    created: str = ""
    correspondent: str | None = None
    document_type: str | None = None
    language: str = ""
    series: int = -1
    near: int | None = None
    size: int = 0
    pages: int = 1


def write(sheets: Iterator[Sheet], path: Path) -> int:
    """Write a corpus as JSON lines; returns how many sheets."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for sheet in sheets:
            file.write(json.dumps(asdict(sheet), ensure_ascii=False) + "\n")
            count += 1
    return count


_ALSO = {"content": "text", "lang": "language", "original_file_name": "file_name"}
_KNOWN = frozenset(one.name for one in fields(Sheet))


def read(path: Path) -> Iterator[Sheet]:
    """Read a corpus of JSON lines. At least `id`, `text` (or `content`) and `label` have to be there."""
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            given: dict[str, Any] = {_ALSO.get(name, name): value for name, value in json.loads(line).items()}
            if not {"id", "text", "label"} <= given.keys():
                raise SystemExit(f"{path}:{number}: a sheet needs `id`, `text` (or `content`) and `label`")
            given.setdefault("kind", "original")
            yield Sheet(**{name: value for name, value in given.items() if name in _KNOWN})
