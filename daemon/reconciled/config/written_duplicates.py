"""`duplicates:` as it stands in the file, as pydantic models: names of settings, types, bounds, defaults."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, WithJsonSchema

from reconciled.config.duplicates import FACTORS, HASHES, THUMBNAILS, DuplicateSettings, ImageSettings
from reconciled.config.written import AnyTexts, Text, Written, listed, some, within
from reconciled.duplicates.primaries import USUAL, Preference
from reconciled.duplicates.words import FITTED, Factor
from reconciled.units import Size, parse_share

MOST_WORKERS = 32
"""The most that `workers` may be."""
HEAVIEST = 2.0
"""The most that a factor may weigh."""
LONGEST_LABEL = 128
"""The most characters of a label; apps refuse longer ones."""
LEAST_THUMBNAILS = 2**20
"""Bytes of thumbnails below which there would hardly be any."""


def _weight(value: Any) -> Any:
    """A number; on and off as people say it, too."""
    if isinstance(value, bool):
        return 1.0 if value else 0.0
    if not isinstance(value, int | float):
        raise ValueError("a weight belongs here, such as 0, 0.5 or 1")  # noqa: TRY004  # pydantic's own way
    if not 0 <= value <= HEAVIEST:
        raise ValueError(f"is out of bounds; it is between 0 and {HEAVIEST:g}")
    return float(value)


def _confidence(value: Any) -> Any:
    """Written as a fraction, or in percent."""
    if isinstance(value, str) and value.strip().endswith("%"):
        value = parse_share(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("a confidence belongs here, such as 0.8 or 80%")  # noqa: TRY004  # pydantic's own way
    if not 0 < value < 1:
        raise ValueError("is reached by all pairs or by none; write a confidence such as 0.8 or 80%")
    return float(value)


def _label(text: str) -> str:
    label = " ".join(text.split())
    if not label:
        raise ValueError("is empty; write a label")
    if len(label) > LONGEST_LABEL:
        raise ValueError(f"is longer than {LONGEST_LABEL} characters")
    if not label.isprintable():
        raise ValueError("has characters in it that cannot be shown")
    return label


def _pictures(value: Any) -> Any:
    """`no` switches pictures off, `yes` is what is usual."""
    if isinstance(value, dict | WrittenImages):
        return value
    if isinstance(value, bool):
        return {} if value else None
    raise ValueError("no, or a mapping belongs here, such as {hashes: [dct], thumbnails: 200MiB}")


def _or_switched(schema: dict[str, Any]) -> None:
    schema["anyOf"].append({"type": "boolean"})


def _enough(size: int) -> int:
    if size < LEAST_THUMBNAILS:
        raise ValueError("holds hardly any thumbnail; it is at least 1MiB")
    return size


def _without_repeats(names: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(names))


_Weight = Annotated[
    float,
    BeforeValidator(_weight),
    WithJsonSchema({"type": ["number", "boolean"], "minimum": 0, "maximum": HEAVIEST}),
]
_Confidence = Annotated[
    float,
    BeforeValidator(_confidence),
    WithJsonSchema({"type": ["string", "number"], "examples": [0.8, "80%"]}),
]
_Hash = Literal["dct", "average", "difference", "perceptual"]


class WrittenFactors(Written):
    """`factors:`, by name; the others keep their usual weights."""

    text: _Weight = FACTORS[Factor.TEXT]
    numbers: _Weight = FACTORS[Factor.NUMBERS]
    thirds: _Weight = FACTORS[Factor.THIRDS]
    name: _Weight = FACTORS[Factor.NAME]
    metadata: _Weight = FACTORS[Factor.METADATA]
    image: _Weight = FACTORS[Factor.IMAGE]

    def settings(self) -> Mapping[Factor, float]:
        """As the rest uses it."""
        return MappingProxyType({factor: getattr(self, factor) for factor in Factor})


class WrittenBands(Written):
    """`bands:`."""

    duplicate: _Confidence = FITTED.duplicate
    review: _Confidence = FITTED.review


class WrittenImages(Written):
    """`images:`, unless it is `no`."""

    hashes: Annotated[
        tuple[_Hash, ...],
        BeforeValidator(listed),
        AfterValidator(some),
        AfterValidator(_without_repeats),
        WithJsonSchema(
            {
                "anyOf": [
                    {"enum": list(HASHES)},
                    {"type": "array", "items": {"enum": list(HASHES)}, "minItems": 1},
                ]
            }
        ),
    ] = ("dct",)
    thumbnails: Annotated[Size, AfterValidator(_enough)] = THUMBNAILS


class WrittenDuplicates(Written):
    """`duplicates:`."""

    sources: AnyTexts | None = None
    keep_text: StrictBool = True
    workers: Annotated[
        int,
        Field(strict=True),
        within(1, MOST_WORKERS),
        WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MOST_WORKERS}),
    ] = 1
    tag: Annotated[Text, AfterValidator(_label)] = "duplicate"
    primary: Annotated[
        tuple[Preference, ...],
        BeforeValidator(listed),
        AfterValidator(some),
        AfterValidator(_without_repeats),
        WithJsonSchema(
            {
                "anyOf": [
                    {"enum": [str(one) for one in Preference]},
                    {"type": "array", "items": {"enum": [str(one) for one in Preference]}, "minItems": 1},
                ]
            }
        ),
    ] = USUAL
    factors: WrittenFactors = WrittenFactors()
    bands: WrittenBands = WrittenBands()
    images: Annotated[
        WrittenImages | None, BeforeValidator(_pictures), Field(json_schema_extra=_or_switched)
    ] = WrittenImages()

    def settings(self) -> DuplicateSettings:
        """As the rest uses it."""
        images = self.images
        return DuplicateSettings(
            sources=None if self.sources is None else tuple(dict.fromkeys(self.sources)),
            keep_text=self.keep_text,
            workers=self.workers,
            tag=self.tag,
            primary=self.primary,
            factors=self.factors.settings(),
            duplicate=self.bands.duplicate,
            review=self.bands.review,
            images=None if images is None else ImageSettings(images.hashes, images.thumbnails),
        )
