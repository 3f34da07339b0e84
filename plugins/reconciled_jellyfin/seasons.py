"""What a season of Jellyfin owes its series: its identity, its place where it has no folder, its tags.

A season's own provider ids name seasons elsewhere, each provider its own way, and are mostly empty.
So it claims what its series claims, with its number; the specials (0) and seasons without a number
claim nothing. The series are known from the same walk, or asked for by their ids.

A season without a folder has `LocationType: Virtual` like one that is really missing (all its
episodes are), so that word says nothing of a season. Asking once more without what is virtual tells
the two apart. Seen in the source of Jellyfin 10.11 and 12.
"""

from collections.abc import Iterable, Sequence

from reconciled.http import Client
from reconciled_jellyfin.client import read_items
from reconciled_jellyfin.items import plain_id
from reconciled_jellyfin.listing import asked_about
from reconciled_jellyfin.payloads import Record

AT_ONCE = 200


class Shows:
    """The series whose seasons are read, by id; `instance` is the server that they must come from."""

    def __init__(self, client: Client, *, instance: str | None) -> None:
        self._client = client
        self._instance = instance
        self._known: dict[str, Record] = {}

    def saw(self, records: Iterable[Record]) -> None:
        """Some of these records are series."""
        self._known |= {plain_id(one.id) or one.id: one for one in records if one.type == "Series"}

    async def of(self, records: Sequence[Record]) -> dict[str, Record]:
        """The series of these records, as far as Jellyfin has them; those not read yet are asked for."""
        wanted = {found for record in records if (found := show_id(record)) is not None}
        unknown = sorted(wanted - self._known.keys())
        for start in range(0, len(unknown), AT_ONCE):
            params = asked_about(unknown[start : start + AT_ONCE])
            page = await read_items(self._client, params, types=("Series",), instance=self._instance)
            self.saw(page.items)
        return {one: self._known[one] for one in wanted if one in self._known}


async def without_files(client: Client, records: Sequence[Record], *, instance: str | None) -> set[str]:
    """The ids of those seasons among the records that are really virtual: Jellyfin has no file of them."""
    placeless = [record.id for record in records if record.type == "Season" and not record.path]
    if not placeless:
        return set()
    params = {**asked_about(placeless), "excludeLocationTypes": "Virtual"}
    page = await read_items(client, params, types=("Season",), instance=instance)
    return set(placeless) - {record.id for record in page.items}


def show_id(record: Record) -> str | None:
    """The id of a season's series."""
    return plain_id(record.series_id or "") if record.type == "Season" else None
