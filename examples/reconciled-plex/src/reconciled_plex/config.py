"""The settings of a Plex Media Server."""

from pydantic import Field
from reconciled.http import ApiKey, BaseUrl
from reconciled.source import SourceConfig
from reconciled.units import Duration


class PlexConfig(SourceConfig):
    """Where the server is, and a token of its owner.

    What a token of somebody else's may not see would look deleted, so it has to be the owner's.
    """

    url: BaseUrl = Field(description="Plex's address; its port is 32400 unless you changed it")
    token: ApiKey = Field(description="an X-Plex-Token of the owner of the server")
    libraries: tuple[str, ...] | None = Field(
        default=None, min_length=1, description="only these libraries, by name; all of films and series else"
    )
    stream: bool = Field(default=True, description="whether to listen to Plex's notifications")
    timeout: Duration = Field(default=60.0, gt=0, description="how long one request may take")
