"""A policy as it stands in the file, as pydantic models: the names of its settings, types and bounds.

Nothing is required here, since every setting is judged by itself so that one mistake hides no
other; what has to be there, and what goes with what, is said by the modules that use these.
"""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StrictBool, WithJsonSchema

from reconciled.config.mode import Mode
from reconciled.config.policies import GRACE, MAX_ACTIONS, Copies, Verb, When
from reconciled.config.schema import DAY
from reconciled.config.templates import LONGEST, wrong_with_template
from reconciled.config.written import Texts, Written, between, within
from reconciled.model import What
from reconciled.units import Duration

MOST_ACTIONS = 1000
"""The most that `max_actions` may be."""

_LABEL = re.compile(r"[a-z0-9-]{1,50}")


def _plain_label(text: str) -> str:
    label = text.strip().lower()
    if not _LABEL.fullmatch(label):
        raise ValueError("a label is of letters, digits and -, at most 50 of them")
    return label


def _template(text: str) -> str:
    wrong = wrong_with_template(text)
    if wrong is not None:
        raise ValueError(wrong)
    return text


def _some(value: Any) -> Any:
    if not isinstance(value, dict):
        raise ValueError("a mapping belongs here, such as {tag: keep}")  # noqa: TRY004  # pydantic's own way
    if not value:
        raise ValueError("says nothing; write what keeps a thing, such as {tag: keep}, or leave it out")
    return value


def _who(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        raise ValueError("`all`, `none` or a list of sources belongs here")
    return value


class WrittenUnless(Written):
    """`unless:` of a policy."""

    tag: Texts = ()
    path: Texts = ()
    title: Texts = ()
    younger_than: Annotated[Duration, between(1, 3650 * DAY)] | None = None


class WrittenStep(Written):
    """One step below `then:`: a verb with whom it is about, and what goes with that verb."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"oneOf": [{"required": [str(verb)]} for verb in Verb if not verb.by_hand]},
    )

    delete: Texts = ()
    unmonitor: Texts = ()
    untag: Texts = ()
    tag: Texts = ()
    monitor: Texts = ()
    restore: Texts = ()
    notify: Texts = ()
    files: StrictBool = False
    exclude: StrictBool = False
    label: Annotated[str, AfterValidator(_plain_label)] = ""
    message: Annotated[str, Field(json_schema_extra={"maxLength": LONGEST}), AfterValidator(_template)] = ""


class WrittenPolicy(Written):
    """One policy below `policies:`."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"required": ["when", "then"], "title": "policy"}
    )

    when: When | None = None
    what: What | None = None
    kind: Texts = ()
    from_: Texts = Field(default=(), validation_alias="from")
    agree: Annotated[Texts, BeforeValidator(_who)] = ("all",)
    grace: Annotated[Duration, between(0, 365 * DAY)] = GRACE
    unless: Annotated[WrittenUnless, BeforeValidator(_some)] = WrittenUnless()
    copies: Copies = Copies.LAST
    mode: Mode | None = None
    max_actions: Annotated[
        int,
        Field(strict=True),
        within(1, MOST_ACTIONS),
        WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MOST_ACTIONS}),
    ] = MAX_ACTIONS
    cascade: StrictBool = False
    then: tuple[WrittenStep, ...] = Field(default=(), json_schema_extra={"minItems": 1})
