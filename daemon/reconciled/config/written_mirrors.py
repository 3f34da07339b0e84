"""A mirror as it stands below `policies:`, as pydantic models: the names of its settings, types and bounds.

Nothing but what a threshold is made of is required here, since every setting is judged by itself so that
one mistake hides no other; what has to be there, and what goes with what, is said by `mirror_checks`.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    ValidationInfo,
    WithJsonSchema,
)

from reconciled.config.mirrors import MAX_SIZE, TASK_TIMEOUT, TRANSFERS, Conflict
from reconciled.config.mode import Mode
from reconciled.config.problems import did_you_mean
from reconciled.config.schema import DAY
from reconciled.config.written import Text, Texts, Written, between, listed, some, within
from reconciled.units import Duration, Share, Size

MOST_TRANSFERS = 32
"""The most that `transfers` may be."""
LONGEST_NAME = 128
"""The most characters of a tag, a correspondent or a document type; apps refuse longer ones."""
MOST_FAILURES = 1000
"""The most runs that `consecutive_failures` may count."""

TYPES: Mapping[str, str] = MappingProxyType(
    {
        "bmp": "image/bmp",
        "csv": "text/csv",
        "dcm": "application/dicom",
        "dicom": "application/dicom",
        "doc": "application/msword",
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "eml": "message/rfc822",
        "gif": "image/gif",
        "heic": "image/heic",
        "heif": "image/heif",
        "html": "text/html",
        "jpeg": "image/jpeg",
        "jpg": "image/jpeg",
        "json": "application/json",
        "md": "text/markdown",
        "odp": "application/vnd.oasis.opendocument.presentation",
        "ods": "application/vnd.oasis.opendocument.spreadsheet",
        "odt": "application/vnd.oasis.opendocument.text",
        "pdf": "application/pdf",
        "png": "image/png",
        "ppt": "application/vnd.ms-powerpoint",
        "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "rtf": "application/rtf",
        "tif": "image/tiff",
        "tiff": "image/tiff",
        "txt": "text/plain",
        "webp": "image/webp",
        "xls": "application/vnd.ms-excel",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "xml": "application/xml",
        "zip": "application/zip",
    }
)
"""The MIME types that may be written short."""

_SAME = {
    "application/x-pdf": "application/pdf",
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/tif": "image/tiff",
    "image/x-png": "image/png",
}
"""Names that programs use for a type which has another one."""
_FAMILIES = ("application", "audio", "font", "image", "message", "model", "multipart", "text", "video")
_NAME = r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}"
_MIME = re.compile(rf"({_NAME})/({_NAME}|\*)")
_EXAMPLES = "write it short (pdf, jpeg, png) or in full (application/pdf, image/*)"

_NumberT = TypeVar("_NumberT", float, int)


def parse_type(text: str) -> str:
    """A MIME type, or a family of them (`image/*`), from `pdf`, `.PDF` or `application/pdf`.

    ValueError with a good example when it is none.
    """
    plain = text.strip().lower()
    short = plain.removeprefix(".")
    if short in TYPES:
        return TYPES[short]
    if "/" not in plain:
        near = did_you_mean(short, TYPES)
        raise ValueError(f"{text[:40]!r} is no type of file that has a short name{near or f'; {_EXAMPLES}'}")
    match = _MIME.fullmatch(plain)
    if match is None:
        everything = plain in ("*/*", "*/")
        remedy = "all types travel when `types` is left out" if everything else _EXAMPLES
        raise ValueError(f"{text[:40]!r} is no type of file; {remedy}")
    if match[1] not in _FAMILIES and not match[1].startswith("x-"):
        near = did_you_mean(match[1], _FAMILIES) or f"; a type begins with one of {', '.join(_FAMILIES)}"
        raise ValueError(f"there are no types of files that begin with {match[1][:40] + '/'!r}{near}")
    return _SAME.get(plain, plain)


def _one(value: Any) -> Any:
    if isinstance(value, list | dict):
        said = "one source belongs here; write a mirror for each"
        raise ValueError(said)  # noqa: TRY004  # pydantic's own way
    return value


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name:
        raise ValueError("is empty; write a name, or leave it out")
    if len(name) > LONGEST_NAME:
        raise ValueError(f"is longer than {LONGEST_NAME} characters")
    if not name.isprintable():
        raise ValueError("has characters in it that cannot be shown")
    return name


def _more_than_none(size: int) -> int:
    if size < 1:
        raise ValueError("lets no file through; write the largest that may travel, such as 200MiB")
    return size


def _measures(value: Any) -> Any:
    if not isinstance(value, dict):
        said = "a mapping belongs here, such as {error_rate: {warning: 5%, critical: 10%}}"
        raise ValueError(said)  # noqa: TRY004  # pydantic's own way
    return value


def _above_none(share: float) -> float:
    if share == 0:
        raise ValueError("is reached also when nothing fails; write a share above 0%, such as 5%")
    return share


def _after(critical: _NumberT, info: ValidationInfo) -> _NumberT:
    """Critical comes after the warning, else there would be none."""
    warning = info.data.get("warning")
    if warning is not None and critical <= warning:
        raise ValueError("is not above `warning`; it is critical only after it was worth a warning")
    return critical


_Types = Annotated[
    tuple[Annotated[str, AfterValidator(parse_type)], ...],
    BeforeValidator(listed),
    AfterValidator(some),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "examples": ["pdf", "image/*"]},
                {"type": "array", "items": {"type": "string", "examples": ["pdf", "image/*"]}, "minItems": 1},
            ]
        }
    ),
]
_Name = Annotated[str, AfterValidator(_name)]
_Seconds = Annotated[Duration, between(1, 30 * DAY)]
_Rate = Annotated[Share, AfterValidator(_above_none)]
_Runs = Annotated[
    int,
    Field(strict=True),
    within(1, MOST_FAILURES),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MOST_FAILURES}),
]


class WrittenDurations(Written):
    """Two durations."""

    warning: _Seconds
    critical: Annotated[_Seconds, AfterValidator(_after)]


class WrittenShares(Written):
    """Two shares."""

    warning: _Rate
    critical: Annotated[_Rate, AfterValidator(_after)]


class WrittenCounts(Written):
    """Two numbers."""

    warning: _Runs
    critical: Annotated[_Runs, AfterValidator(_after)]


class WrittenThresholds(Written):
    """`thresholds:` of a mirror, by measure."""

    sync_duration: WrittenDurations | None = None
    error_rate: WrittenShares | None = None
    consecutive_failures: WrittenCounts | None = None


class WrittenMirror(Written):
    """One mirror below `policies:`."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"required": ["mirror", "to"], "title": "mirror"}
    )

    mirror: Annotated[Text, BeforeValidator(_one)] | None = None
    kind: Texts = ()
    to: Texts = ()
    types: _Types = ()
    max_size: Annotated[Size, AfterValidator(_more_than_none)] = MAX_SIZE
    decode: StrictBool = False
    tag: _Name | None = None
    correspondent: _Name | None = None
    document_type: _Name | None = None
    transfers: Annotated[
        int,
        Field(strict=True),
        within(1, MOST_TRANSFERS),
        WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MOST_TRANSFERS}),
    ] = TRANSFERS
    task_timeout: Annotated[Duration, between(10, 7 * DAY)] = TASK_TIMEOUT
    conflict: Conflict | None = None
    mode: Mode | None = None
    thresholds: Annotated[WrittenThresholds, BeforeValidator(_measures)] = WrittenThresholds()
