"""The settings of a Seerr, Jellyseerr or Overseerr."""

from pydantic import Field

from reconciled.http import ApiKey, BaseUrl
from reconciled.source import SourceConfig
from reconciled.units import Duration


class SeerrConfig(SourceConfig):
    """Where Seerr is and its key, which acts as the owner of the installation.

    For each page of requests Seerr first asks every Radarr and Sonarr it knows for their quality
    profiles, and waits for those that are down; hence the long timeout.
    """

    url: BaseUrl = Field(description="Seerr's address; its port is 5055 unless you changed it")
    api_key: ApiKey = Field(description="Settings > General > API Key")
    timeout: Duration = Field(default=60.0, gt=0, description="how long one question may take")
    act_timeout: Duration = Field(default=60.0, gt=0, description="how long one change may take")
