"""The settings of a Shoko Server."""

from pydantic import Field

from reconciled.http import ApiKey, BaseUrl
from reconciled.source import SourceConfig
from reconciled.units import Duration


class ShokoConfig(SourceConfig):
    """Where Shoko is, and a key of one of its users.

    The user should be an administrator without restricted tags: what a restricted user may not see
    would look deleted, and only an administrator is told of mount points (6.0) and may delete.
    """

    url: BaseUrl = Field(description="Shoko's address; its port is 8111 unless you changed it")
    api_key: ApiKey = Field(
        description="Settings > API Keys in Shoko, of an administrator without restricted tags"
    )
    stream: bool = Field(default=True, description="whether to listen to Shoko's events as they happen")
    timeout: Duration = Field(
        default=120.0, description="how long one request may take; Shoko looks at each file that it lists"
    )
    act_timeout: Duration = Field(
        default=120.0, gt=0, description="how long a deletion may take, with all its files"
    )
