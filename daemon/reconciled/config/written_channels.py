"""`notify:` and `alerts:` as they stand in the file, as pydantic models: names, types, bounds, defaults."""

import re
from datetime import time
from typing import Annotated, Any

from pydantic import Field, PlainValidator, SecretStr, WithJsonSchema

from reconciled.config.channels import AlertSettings
from reconciled.config.schema import DAY
from reconciled.config.written import AnyTexts, Written, between, within
from reconciled.units import Duration, Size

MOST_AN_HOUR = 1000
"""The most that `rate` may be."""

_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})", re.ASCII)
_DEFAULT = AlertSettings()


def parse_span(value: Any) -> tuple[time, time]:
    """Two times of the local clock from `22:00-07:00`; ValueError with a good example when it is none."""
    match = _SPAN.fullmatch(str(value).strip())
    wrong = ValueError(f'{value!r} is no span of the day; write it like "22:00-07:00"')
    if match is None:
        raise wrong
    try:
        begin, end = time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))
    except ValueError:
        raise wrong from None
    if begin == end:
        raise ValueError(f"{value!r} ends when it begins")
    return begin, end


_Span = Annotated[
    tuple[time, time],
    PlainValidator(parse_span),
    WithJsonSchema({"type": "string", "examples": ["22:00-07:00"]}),
]
_Patience = Annotated[Duration, between(60, 30 * DAY)]


class Channel(Written):
    """One channel below `notify:`, when it is more than its address."""

    url: SecretStr
    digest: Annotated[Duration, between(0, 7 * DAY)] = 0.0
    rate: Annotated[
        int,
        Field(strict=True),
        within(1, MOST_AN_HOUR),
        WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MOST_AN_HOUR}),
    ] = 20
    quiet: _Span | None = None


class Alerts(Written):
    """`alerts:`"""

    to: AnyTexts | None = None
    trouble: _Patience = _DEFAULT.trouble
    stuck: _Patience = _DEFAULT.stuck
    disk: Size = _DEFAULT.disk

    def settings(self) -> AlertSettings:
        """As the rest uses it."""
        to = None if self.to is None else tuple(dict.fromkeys(self.to))
        return AlertSettings(to=to, trouble=self.trouble, stuck=self.stuck, disk=self.disk)
