"""The settings of a VSRX: where its bridge is, how we show who we are, and how its webhooks are signed."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SecretStr, WithJsonSchema, field_validator
from yarl import URL

from reconciled.http import ApiKey, BaseUrl
from reconciled.source import SourceConfig
from reconciled.units import Duration, parse_duration
from reconciled_vsrx.mapping import Mapping

SHORTEST_POLL = 1.0


def parse_poll(value: Any) -> float | None:
    """Seconds, or None for `off`, which YAML reads as a no."""
    if value is None or value is False or str(value).strip().lower() in ("off", "no", "never"):
        return None
    seconds = parse_duration(value)
    if seconds < SHORTEST_POLL:
        raise ValueError("shorter than 1s would only keep VSRX busy; write it like 60s, or off")
    return seconds


Poll = Annotated[
    float | None,
    BeforeValidator(parse_poll),
    WithJsonSchema({"anyOf": [{"type": "string", "examples": ["60s", "off"]}, {"const": False}]}),
]


class VsrxConfig(SourceConfig):
    """Where the site's bridge is, and what it and we know of each other.

    `webhook` is the same setting that every source has. Here it is the key of a signature and never
    travels, so we need it ourselves.
    """

    url: BaseUrl = Field(description="the bridge's address, with its base path if it has one")
    token: ApiKey = Field(description="what the bridge lets us in with")
    webhook: SecretStr | None = Field(default=None, description="the key that the site signs webhooks with")
    poll: Poll = Field(
        default=60.0, description="how often to look for flags and changes that no webhook told; or off"
    )
    map: Mapping = Field(default=Mapping(), description="where the bridge's paths or names are other ones")
    timeout: Duration = Field(default=60.0, gt=0, description="how long one request may take")

    @field_validator("url")
    @classmethod
    def _without_user(cls, url: str) -> str:
        if URL(url).user is not None:
            raise ValueError("the bridge is shown a token, so its url has no user:password")
        return url
