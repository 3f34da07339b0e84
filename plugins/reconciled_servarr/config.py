"""The settings of a Sonarr, a Radarr or one of their kin."""

from pydantic import Field

from reconciled.http import ApiKey, BaseUrl
from reconciled.source import SourceConfig
from reconciled.units import Duration


class ServarrConfig(SourceConfig):
    """Where the app is and its key.

    The timeout is long because lists are: 29,000 series took a Sonarr minutes to load. So is that
    of a change: a DELETE waits for every webhook receiver of the app, up to 100 s each.
    """

    url: BaseUrl = Field(description="the app's address, with its URL base if it has one")
    api_key: ApiKey = Field(description="Settings > General > API Key; it cannot be scoped")
    stream: bool = Field(
        default=True,
        description="whether to follow the app's own event stream (SignalR); it needs only the key",
    )
    timeout: Duration = Field(default=120.0, description="how long one request may take")
    act_timeout: Duration = Field(
        default=120.0,
        gt=0,
        description="how long a change may take; longer than the app's slowest webhook receiver",
    )
