"""The settings of a Jellyfin."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from yarl import URL

from reconciled.http import ApiKey, BaseUrl
from reconciled.source import SourceConfig
from reconciled.units import Duration


class JellyfinConfig(SourceConfig):
    """Where Jellyfin is, its key, and which of its libraries count.

    It must be an API key, not a user's token: asked as a user, Jellyfin hides what that user may
    not see and shows one of several copies of a film. Of single changes, though, it tells only
    users: without `user` and `password` its library scans are all that is heard of at once.
    """

    scope: ClassVar[tuple[str, ...]] = ("libraries",)

    url: BaseUrl = Field(description="Jellyfin's address, with its base URL if it has one")
    api_key: ApiKey = Field(description="Dashboard > API Keys")
    user: str | None = Field(
        default=None,
        min_length=1,
        description="a user who sees these libraries, no administrator; users are told of each change",
    )
    password: SecretStr | None = Field(default=None, description="that user's password")
    libraries: Annotated[tuple[str, ...], Field(min_length=1)] | None = Field(
        default=None,
        description="the names of the libraries that count; by default all with films or series",
    )
    timeout: Duration = Field(default=120.0, description="how long one request may take")
    act_timeout: Duration = Field(
        default=60.0, gt=0, description="how long a deletion may take, with all its files"
    )

    @field_validator("url")
    @classmethod
    def _without_user(cls, url: str) -> str:
        if URL(url).user is not None:
            raise ValueError("Jellyfin's key needs the Authorization header, so its url has no user:password")
        return url

    @model_validator(mode="after")
    def _whole_user(self) -> Self:
        if (self.user is None) is not (self.password is None):
            raise ValueError("user and password belong together; set both, or neither")
        return self
