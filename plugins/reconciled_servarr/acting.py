"""What can be done to a record of the family: delete it, tag it, stop looking for it.

Each verb first lets the app say who it is. Then it is one request that changes one record and
nothing else (never a PUT of the whole record, which would race with the app's own refresh), and
all of it is over within `acts_within`: the apps call every webhook receiver inside a DELETE, up to
100 s each. An answer that is not the app's plain yes or no says nothing about what happened.

Neither app tells an unknown id plainly: Sonarr answers a DELETE with 500, Radarr with 404, both
an editor with 500. So after any of these a GET of the very record decides.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar

from reconciled.errors import BadResponse, Refused, Unreachable, Unsupported
from reconciled.http import Client, Response
from reconciled.model import Absent, Key
from reconciled.source import Context, Deletion, Source
from reconciled_servarr.config import ServarrConfig
from reconciled_servarr.connection import Connection
from reconciled_servarr.labels import Labels
from reconciled_servarr.payloads import Edited, Tag

_LARGEST_ID = 2**31 - 1


class Acting(Source[ServarrConfig]):
    """The changing half of an app; `Restoring` adds bringing back, `Servarr` the asking.

    `ids_field` is the app's name for the ids in a request to its editor, `exclusion` the parameter
    of a DELETE that keeps lists from adding the thing again: the apps ignore a wrong name silently.
    """

    Config: ClassVar = ServarrConfig
    title: ClassVar[str]
    resource: ClassVar[str]
    api: ClassVar[str] = "/api/v3"
    ids_field: ClassVar[str]
    exclusion: ClassVar[str]
    options: ClassVar[frozenset[Deletion]] = frozenset(
        Deletion(files=files, exclude=exclude) for files in (False, True) for exclude in (False, True)
    )

    def __init__(self, config: ServarrConfig, context: Context) -> None:
        super().__init__(config, context)
        key = config.api_key.get_secret_value()
        self.client: Client = context.http.at(
            config.url, headers={"X-Api-Key": key}, secrets=(key,), timeout=config.timeout
        )
        self.connection = Connection(self.client, title=self.title, api=self.api)
        self.labels = Labels(self.connection, context.clock)
        self.acts_within = config.act_timeout

    @property
    def address(self) -> str:
        """The path of the app's records."""
        return f"{self.api}/{self.resource}"

    async def delete(self, key: Key, how: Deletion) -> None:
        """Delete the record, its files after the answer. Refused or BadResponse when it is still there."""
        async with self._acting(key) as number:
            if how.exclude:
                await self.about_to_exclude(number)
            answer = await self.connection.change(
                "DELETE",
                f"{self.address}/{number}",
                params={"deleteFiles": how.files, self.exclusion: how.exclude},
                allow=(404, 500),
                timeout=self.acts_within,
            )
            if answer.status in (404, 500) and not await self._is_gone(key):
                raise self.connection.error(BadResponse, answer, f"but it still is in {self.title}")

    async def about_to_exclude(self, number: int) -> None:
        """Told right before a deletion that keeps lists from adding the record again."""
        del number

    async def monitor(self, key: Key, wanted: bool) -> None:
        """Look for it from now on, or no more."""
        async with self._acting(key) as number:
            edited, answer = await self._edit(key, number, {"monitored": wanted})
            if edited.monitored is not wanted:
                raise BadResponse(f"{answer.where}: the answer says monitored is {edited.monitored}")

    async def tag(self, key: Key, label: str) -> None:
        """Put the label there. Refused for a label that the app does not take."""
        name = _plain(label)
        async with self._acting(key) as number:
            tag = await self._made(name)
            edited, answer = await self._edit(key, number, {"tags": [tag], "applyTags": "add"})
            if tag not in edited.tags:
                raise Refused(
                    f"{answer.where}: {self.title} took {name!r} off again at once; "
                    "does one of its auto tagging rules manage this tag?"
                )

    async def untag(self, key: Key, label: str) -> None:
        """Take the label off; nothing is asked of the editor when the app has no such tag."""
        name = _plain(label)
        async with self._acting(key) as number:
            if (tag := await self.labels.number(name)) is None:
                return
            edited, answer = await self._edit(key, number, {"tags": [tag], "applyTags": "remove"})
            if tag in edited.tags:
                raise Refused(
                    f"{answer.where}: {self.title} put {name!r} on again at once; "
                    "does one of its auto tagging rules manage this tag?"
                )

    @asynccontextmanager
    async def _acting(self, key: Key) -> AsyncIterator[int]:
        """The number of the record, once the app said who it is; all inside ends in time."""
        number = self._number(key)
        try:
            async with asyncio.timeout(self.acts_within):
                await self.connection.prove()
                yield number
        except TimeoutError:
            raise Unreachable(
                f"{self.title}: {key} was not done with after {self.acts_within:g} s, "
                "so nobody knows whether it happened"
            ) from None

    async def _edit(self, key: Key, number: int, change: dict[str, Any]) -> tuple[Edited, Response]:
        """Change one record by the app's editor; what the app says it is now, and the answer."""
        answer = await self.connection.change(
            "PUT",
            f"{self.address}/editor",
            json={self.ids_field: [number], **change},
            allow=(500,),
            timeout=self.acts_within,
        )
        if answer.status == 500:
            if await self._is_gone(key):
                raise Refused(f"{answer.where}: {key} is gone from {self.title}")
            raise self.connection.error(BadResponse, answer, f"{self.title} itself failed")
        for edited in await self.client.decode(list[Edited], answer):
            if edited.id == number:
                return edited, answer
        raise BadResponse(f"{answer.where}: the answer does not say what became of {key}")

    async def _made(self, label: str) -> int:
        """The number of a label, made when the app does not have it."""
        if (known := await self.labels.number(label)) is not None:
            return known
        answer = await self.connection.change(
            "POST", f"{self.api}/tag", json={"label": label}, allow=(409,), timeout=self.acts_within
        )
        if answer.status == 409:  # somebody made it meanwhile
            if (known := await self.labels.number(label)) is not None:
                return known
            raise self.connection.error(Refused, answer, f"{self.title} refused the tag {label!r}")
        return (await self.client.decode(Tag, answer)).id

    async def _is_gone(self, key: Key) -> bool:
        return isinstance(await self.lookup(key), Absent)

    def _number(self, key: Key) -> int:
        """The id as a number. Others match no route, and the app's 404 would be about the address."""
        self._check_kinds(frozenset({key.kind}))
        if not (key.id.isascii() and key.id.isdigit() and 0 < int(key.id) <= _LARGEST_ID):
            raise Unsupported(f"{key.id!r} is no id of {self.title}")
        return int(key.id)

    def _check_kinds(self, kinds: frozenset[str]) -> None:
        if other := kinds - set(self.kinds):
            raise Unsupported(f"{self.title} has no {', '.join(sorted(other))}")


def _plain(label: str) -> str:
    """The label as the apps keep it: they look it up as it was sent, but store it in lower case."""
    if plain := label.strip().lower():
        return plain
    raise Refused("a tag needs a label that is not empty")
