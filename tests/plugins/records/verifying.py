"""The snippet of docs/records.md, taken out of the page and run as it stands there."""

import re
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[3] / "docs" / "records.md"


def callbacks_of_the_docs(secret: str) -> Any:
    """A `Callbacks` as the page shows it."""
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    space: dict[str, Any] = {}
    exec(compile(code, str(PAGE), "exec"), space)  # noqa: S102 - our own page
    return space["Callbacks"](secret)
