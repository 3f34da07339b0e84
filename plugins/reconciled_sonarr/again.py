"""Adding a series again: its seasons as they were looked for, and the episodes that were exceptions.

Sonarr reads the episodes of a new series by itself some moments after the answer, and looks for each as
its season says. The few that were set otherwise are set so again once they are there; if Sonarr takes
too long for that, the series stands with its seasons' word for them, which is said beforehand.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from reconciled.clock import Clock
from reconciled_servarr.images import Image
from reconciled_servarr.payloads import Camel

TRIES, PAUSE = 20, 1.0
"""How often Sonarr is asked whether it knows the episodes by now, and the seconds between."""


class EpisodeFlag(Camel, frozen=True):
    """An episode, and whether it is looked for."""

    id: int
    season_number: int
    episode_number: int
    monitored: bool = False


Asks = Callable[[], Awaitable[Sequence[EpisodeFlag]]]


def body_of(image: Image) -> dict[str, Any]:
    """What a POST says of the series itself. `skip` leaves the seasons as the body has them."""
    record = image.record
    seasons = [one for one in record.get("seasons") or () if isinstance(one, dict)]
    return {
        "seriesType": record.get("seriesType") or "standard",
        "seasonFolder": record.get("seasonFolder") is not False,
        "monitorNewItems": record.get("monitorNewItems") or "none",
        "seasons": [
            {"seasonNumber": one.get("seasonNumber"), "monitored": one.get("monitored") is True}
            for one in seasons
        ],
        "addOptions": {
            "monitor": "skip",
            "searchForMissingEpisodes": False,
            "searchForCutoffUnmetEpisodes": False,
        },
    }


def odd_ones(record: dict[str, Any], episodes: Sequence[EpisodeFlag]) -> list[tuple[int, int]]:
    """The episodes that are not looked for as their season is."""
    seasons = {
        one.get("seasonNumber"): one.get("monitored") is True
        for one in record.get("seasons") or ()
        if isinstance(one, dict)
    }
    return [
        (one.season_number, one.episode_number)
        for one in episodes
        if one.season_number in seasons and one.monitored is not seasons[one.season_number]
    ]


async def known_again(asks: Asks, clock: Clock, image: Image) -> dict[bool, list[int]]:
    """The exceptions by what they are to be set to; none when Sonarr does not know its episodes in time."""
    wanted = set(map(tuple, image.odd))
    seasons = {one.get("seasonNumber"): one.get("monitored") is True for one in image.record["seasons"]}
    for _ in range(TRIES):
        found = await asks()
        if found:
            flags: dict[bool, list[int]] = {}
            for one in found:
                if (one.season_number, one.episode_number) in wanted:
                    flags.setdefault(not seasons.get(one.season_number, False), []).append(one.id)
            return flags
        await clock.sleep(PAUSE)
    return {}
