"""The settings of a Paperless-ngx, and who we are there as one value.

A token is enough for everything but the event stream: Paperless opens that to a signed-in session
only, and a token cannot be exchanged for one. User and password give both.
"""

import re
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, SecretStr, WithJsonSchema, field_validator, model_validator
from yarl import URL

from reconciled.http import ApiKey, BaseUrl
from reconciled.source import SourceConfig
from reconciled.units import Duration, parse_duration

SHORTEST_POLL = 1.0
_COOKIE = re.compile(r"[A-Za-z0-9_.-]*")


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who we are: a token, or a user with a password; never both, never neither. Shows no secret."""

    token: SecretStr | None = None
    user: str | None = None
    password: SecretStr | None = None

    def __post_init__(self) -> None:
        if self.token is not None and (self.user or self.password):
            raise ValueError("a token, or user and password: one of the two, not both")
        if self.token is None and not (self.user and self.password and self.password.get_secret_value()):
            raise ValueError("a token is missing (My Profile > API Auth Token), or user and password")

    @property
    def can_sign_in(self) -> bool:
        """Whether they open a session, which the event stream needs."""
        return self.token is None

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must stand in no message."""
        return tuple(each.get_secret_value() for each in (self.token, self.password) if each is not None)


def parse_poll(value: Any) -> float | None:
    """Seconds, or None for `off`, which YAML reads as a no."""
    if value is None or value is False or str(value).strip().lower() in ("off", "no", "never"):
        return None
    seconds = parse_duration(value)
    if seconds < SHORTEST_POLL:
        raise ValueError("shorter than 1s would only keep Paperless busy; write it like 60s, or off")
    return seconds


Poll = Annotated[
    float | None,
    BeforeValidator(parse_poll),
    WithJsonSchema({"anyOf": [{"type": "string", "examples": ["60s", "off"]}, {"const": False}]}),
]


class PaperlessConfig(SourceConfig):
    """Where Paperless-ngx is, and who we are there.

    Best is a superuser, or a user that may view every document and the global statistics: what an
    account may not see cannot be told from what was deleted, so it is never called gone.
    """

    url: BaseUrl = Field(description="Paperless-ngx's address, with its base path if it has one")
    token: ApiKey | None = Field(default=None, description="My Profile > API Auth Token")
    user: str | None = Field(default=None, description="instead of a token: a user without a second factor")
    password: SecretStr | None = Field(default=None, description="the user's password")
    cookie_prefix: str = Field(default="", description="what PAPERLESS_COOKIE_PREFIX says, if it is set")
    poll: Poll = Field(default=60.0, description="how often to ask cheaply whether anything changed; or off")
    timeout: Duration = Field(default=120.0, gt=0, description="how long one request may take")
    act_timeout: Duration = Field(default=60.0, gt=0, description="how long a change may take")

    @property
    def credentials(self) -> Credentials:
        """Who we are there."""
        return Credentials(self.token, self.user, self.password)

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        self.credentials  # noqa: B018  # raises with a sentence when it is none
        return self

    @field_validator("url")
    @classmethod
    def _without_user(cls, url: str) -> str:
        if URL(url).user is not None:
            raise ValueError(
                "Paperless' key needs the Authorization header, so its url has no user:password; "
                "the settings user and password are for that"
            )
        return url

    @field_validator("cookie_prefix")
    @classmethod
    def _plain(cls, prefix: str) -> str:
        if not _COOKIE.fullmatch(prefix):
            raise ValueError("a cookie's name has letters, digits, dots, dashes and underscores only")
        return prefix
