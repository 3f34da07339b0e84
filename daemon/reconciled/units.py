"""Durations, sizes and shares as people write them in a config: `12h`, `200MiB`, `10%`.

Each is a pydantic type over a plain number (seconds, bytes, a fraction of one), so plugins use
them in their own `Config` and the error names the place and shows a good value.
"""

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800}
_BYTES = {
    "B": 1,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
    "TiB": 2**40,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "TB": 10**12,
}
_LONGEST = 3650 * 86400
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|min|[smhdw])")


def parse_duration(value: Any) -> float:
    """Seconds from `90s`, `1h30m`, `250ms`, `2d`; a bare number is refused, since its unit is a guess."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    text = str(value).strip()
    parts = _PART.findall(text)
    if isinstance(value, bool) or not parts or _PART.sub("", text).strip():
        raise ValueError(f"{value!r} is no duration; write it like 20s, 5m, 12h or 1h30m")
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in parts)
    if seconds > _LONGEST:
        raise ValueError(f"{text[:40]!r} is longer than ten years")
    return float(seconds)


def parse_size(value: Any) -> int:
    """Bytes from `200MiB`, `5GB`, `1024B`."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([A-Za-z]+)", str(value).strip())
    unit = next((u for u in _BYTES if match and u.lower() == match[2].lower()), None)
    if match is None or unit is None or len(match[1]) > 15:
        raise ValueError(f"{value!r} is no size; write it like 500KiB, 200MiB or 2GiB")
    return int(float(match[1]) * _BYTES[unit])


def parse_share(value: Any) -> float:
    """A fraction between 0 and 1 from `10%` or `2.5 %`."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*%", str(value).strip())
    if match is None or float(match[1]) > 100:
        raise ValueError(f"{value!r} is no percentage between 0% and 100%; write it like 10%")
    return float(match[1]) / 100


def say_duration(seconds: float) -> str:
    """Seconds as a person would say them: `3 d 2 h`, `5 min`, `20 s`."""
    whole = round(seconds)
    if whole < 1:
        return f"{seconds * 1000:.0f} ms" if seconds > 0 else "0 s"
    names = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
    said = []
    for name, size in names:
        count, whole = divmod(whole, size)
        if count:
            said.append(f"{count} {name}")
    return " ".join(said[:2])


def say_size(size: float) -> str:
    """Bytes as a person would say them: `200 MiB`, `1.5 GiB`, `17 B`."""
    named, unit = float(size), "B"
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if named < 1023.95 or unit == "TiB":
            break
        named /= 1024
    return f"{named:.1f}".removesuffix(".0") + f" {unit}"


Duration = Annotated[
    float, BeforeValidator(parse_duration), WithJsonSchema({"type": "string", "examples": ["20s", "12h"]})
]
"""Seconds, written `20s`, `12h`."""

Size = Annotated[int, BeforeValidator(parse_size), WithJsonSchema({"type": "string", "examples": ["200MiB"]})]
"""Bytes, written `200MiB`."""

Share = Annotated[
    float, BeforeValidator(parse_share), WithJsonSchema({"type": "string", "examples": ["10%"]})
]
"""A fraction of one, written `10%`."""
