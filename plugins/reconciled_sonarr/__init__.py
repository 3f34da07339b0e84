"""Sonarr as a source: its series and their seasons, with their numbers of files. Sonarr 4.0 and 5.

Nothing below the season is an item here: a lost episode shows as a smaller count. The seasons stand
in the record of their series, so they cost no request of their own. `/api/v3` serves both versions;
only what tells an empty root from a full one needs Sonarr 5's own `/api/v5`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from reconciled.errors import BadResponse, Unsupported
from reconciled.hookspecs import hookimpl
from reconciled.model import Absent, Answer, Event, Item, Json, Key, Ref
from reconciled.source import Context, Prospect, Source
from reconciled_servarr import Servarr, Words
from reconciled_servarr.config import ServarrConfig
from reconciled_servarr.history import Row
from reconciled_servarr.images import Image, read_image
from reconciled_sonarr.again import EpisodeFlag, body_of, known_again, odd_ones
from reconciled_sonarr.records import (
    Season,
    Series,
    Statistics,
    counts_more_than_it_lists,
    season_items,
    season_of,
    series_item,
)
from reconciled_sonarr.together import Together
from reconciled_sonarr.webhooks import with_seasons

__all__ = ["Season", "Series", "Sonarr", "Statistics"]


class Sonarr(Servarr[Series]):
    """One Sonarr. It has no call that deletes a season, or that stops looking for one and nothing else."""

    app: ClassVar[str] = "sonarr"
    kinds: ClassVar[tuple[str, ...]] = ("series", "season")
    inert: ClassVar[frozenset[str]] = frozenset({"season"})
    title: ClassVar[str] = "Sonarr"
    resource: ClassVar[str] = "series"
    ids_field: ClassVar[str] = "seriesIds"
    exclusion: ClassVar[str] = "addImportListExclusion"
    outer: ClassVar[str] = "tvdbId"
    exclusions: ClassVar[str] = "importlistexclusion"
    newer_api: ClassVar[tuple[int, str]] = (5, "/api/v5")  # only there stands whether a root is empty
    remembers: ClassVar[Mapping[str, str]] = {"includeSeries": "false", "includeEpisode": "true"}
    found_by: ClassVar[tuple[str, str]] = ("tvdb:series", "tvdbId")
    words: ClassVar[Words] = Words(
        app="Sonarr",
        noun="series",
        spaces=(("tvdbId", "tvdb:series"), ("tmdbId", "tmdb:tv"), ("imdbId", "imdb")),
        added="SeriesAdd",
        deleted="SeriesDelete",
        file_deleted="EpisodeFileDelete",
        file_is_item=False,
        others=("movie",),
    )
    record = Series

    def __init__(self, config: ServarrConfig, context: Context) -> None:
        super().__init__(config, context)
        self._series = Together(self.read)

    def item(self, record: Series, labels: Sequence[str] | None) -> Item:
        """The series itself."""
        return series_item(record, labels)

    def items(self, record: Series, labels: Sequence[str] | None, kinds: frozenset[str]) -> Sequence[Item]:
        """The series and its seasons."""
        mine = [self.item(record, labels)] if "series" in kinds else []
        return [*mine, *season_items(record, labels)] if "season" in kinds else mine

    def count(self, records: Sequence[Series], kinds: frozenset[str]) -> int:
        """One a series, and one each of its seasons."""
        seasons = sum(len({one.season_number for one in record.seasons or ()}) for record in records)
        return len(records) * ("series" in kinds) + seasons * ("season" in kinds)

    async def lookup(self, key: Key) -> Answer:
        """This very series or season, or `Absent`: a season is when its series is, or does not have it."""
        if key.kind != "season":
            return await super().lookup(key)
        series, number = season_of(key)
        record = await self._series(self._number(Key("series", str(series))))
        if isinstance(record, Absent):
            return record
        if record.seasons is None:
            raise BadResponse(f"Sonarr: the record of series {series} does not say which seasons it has")
        labels = await self.labels.of(record.tags)
        found = next((item for item in season_items(record, labels) if item.key == key), None)
        if found is None and counts_more_than_it_lists(record):
            raise BadResponse(
                f"Sonarr: series {series} has files in none of the seasons that its record lists"
            )
        return found or Absent(f"{record.title or key} of Sonarr has no season {number} (any more)")

    async def find(self, ref: Ref) -> Sequence[Item]:
        """The series that claim the ref, or the seasons, by TheTVDB's number."""
        series, slash, number = ref.value.partition("/s")
        if not slash:
            return await super().find(ref)
        if not (number.isascii() and number.isdigit()):
            raise Unsupported(f"Sonarr finds a season by a number, not by {ref}")
        shows = await super().find(Ref(ref.space, series))
        keys = [Key("season", f"{show.key.id}/{int(number)}") for show in shows]
        answers = [await self.lookup(key) for key in keys]
        return [item for item in answers if isinstance(item, Item) and ref in item.refs]

    def concerns(self, row: Row, key: Key) -> bool:
        """A season's are those of its episodes."""
        if key.kind != "season":
            return super().concerns(row, key)
        series, number = season_of(key)
        return row.series_id == series and row.episode is not None and row.episode.season_number == number

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Event]:
        """What the webhook says of a series, and that the seasons of its episodes are to be looked at."""
        return with_seasons(super().parse_webhook(body, headers), body)

    # bringing a series back

    def anew(self, image: Image) -> dict[str, Any]:
        """Its seasons as they were, and no search."""
        return body_of(image)

    async def odd_parts(self, record: Mapping[str, Any]) -> list[tuple[int, int]]:
        """The episodes that are not looked for as their season is."""
        return odd_ones(dict(record), await self._episodes(int(record["id"])))

    async def set_parts(self, number: int, image: Image) -> None:
        """Look for those episodes as before, once Sonarr knows them; if it takes too long, as it does now."""
        if not image.odd:
            return
        flags = await known_again(lambda: self._episodes(number), self.context.clock, image)
        for wanted, ids in flags.items():
            body = {"episodeIds": ids, "monitored": wanted}
            await self.connection.change(
                "PUT", f"{self.api}/episode/monitor", json=body, timeout=self.acts_within
            )
        if not flags:
            self.context.log.warning(
                "%s: Sonarr does not know the episodes of %s yet; "
                "%d of them are looked for as their season is",
                self.context.name, image.title, len(image.odd),
            )  # fmt: skip

    async def foresee(self, key: Key, image: Json) -> Prospect:
        """The same, and what may become of single episodes."""
        found = await super().foresee(key, image)
        odd = 0 if found.refused is not None else len(read_image(image).odd)
        if not odd:
            return found
        said = f"{odd} single episodes are looked for as before only if Sonarr reads them in time"
        return Prospect((*found.lacks, said), found.until)

    async def _episodes(self, series: int) -> list[EpisodeFlag]:
        answer = await self.connection.ask(f"{self.api}/episode", params={"seriesId": str(series)})
        return await self.client.decode(list[EpisodeFlag], answer)

    def _number(self, key: Key) -> int:
        if key.kind == "season":
            raise Unsupported("Sonarr only shows its seasons; what is done, is done to a whole series there")
        return super()._number(key)


@hookimpl
def source_types() -> Iterable[type[Source[Any]]]:
    """Sonarr."""
    return [Sonarr]
