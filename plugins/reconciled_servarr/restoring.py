"""Undoing a deletion: what was kept of a record is added again, under a new number.

It is one POST, with all flags as they were and with no search asked for, so that nothing stands there
half restored. The app then scans the folder of every new record and finds the files that were left.
What would make another thing of it is refused before: a root folder or a quality profile that is gone,
a path that was not kept. What the app has already is left as it is, whoever added it.

Two things no image can tell, so they are noted in the source's store: that an exclusion was made by our
own deletion (one that somebody made since stays), and that we began to add it and may have been cut off.
"""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from reconciled.errors import BadResponse, Refused, SourceError
from reconciled.model import Json, Key
from reconciled.source import Context, Prospect
from reconciled_servarr.acting import Acting
from reconciled_servarr.config import ServarrConfig
from reconciled_servarr.images import Image, masked, read_image
from reconciled_servarr.lately import Lately
from reconciled_servarr.paths import plain
from reconciled_servarr.payloads import Camel, RootFolder

SOON = 15.0
"""Seconds for which a list of root folders serves; who is told that one is gone adds it, and asks again."""


class Profile(Camel, frozen=True):
    """A quality profile."""

    id: int
    name: str


class Restoring(Acting):
    """Captures records, and adds them again. `outer` names the field that says which work a record is."""

    outer: ClassVar[str]
    exclusions: ClassVar[str]

    def __init__(self, config: ServarrConfig, context: Context) -> None:
        super().__init__(config, context)
        self._profiles_lately = Lately(self._profiles, context.clock)
        self._excluded_lately = Lately(self._excluded, context.clock)
        self._folders_lately = Lately(self._root_folders, context.clock, fresh=SOON)

    @abstractmethod
    def anew(self, image: Image) -> dict[str, Any]:
        """What a POST says beside title, place, profile, tags and monitoring; no search among it."""

    async def odd_parts(self, record: Mapping[str, Any]) -> list[tuple[int, int]]:  # noqa: ARG002
        """The parts of a record that are not looked for as what they belong to; a film has none."""
        return []

    async def set_parts(self, number: int, image: Image) -> None:
        """Put the flags of such parts back, once the app knows its parts again."""
        del number, image

    async def capture(self, key: Key) -> Json:
        """The record whole, with the names of what it only numbers. Refused when there is none."""
        number = self._number(key)
        answer = await self.connection.ask(f"{self.address}/{number}", allow=(404,))
        if answer.status == 404:
            said = (await self.connection.absent(answer)).said
            raise Refused(f"{answer.where}: there is nothing to keep of it; {said}")
        record = await self.client.decode(dict[str, Any], answer)
        if record.get("id") != number:
            raise BadResponse(f"{answer.where}: asked for {number}, the answer is about {record.get('id')}")
        tags = record.get("tags")
        image = Image(
            record=masked(record, self.client.redact),
            labels=await self.labels.of(tags) if isinstance(tags, list) else None,
            profile=(await self._profiles_lately.told()).get(record.get("qualityProfileId", 0)),
            excluded=bool(self._of(record.get(self.outer), await self._excluded_lately.told())),
            odd=await self.odd_parts(record),
        )
        return image.json

    async def restore(self, key: Key, image: Json) -> Key:
        """Add it again; there already is success. Refused when something that it needs is gone."""
        kept = read_image(image)
        store, begun = self.context.store, f"adding {kept.number(self.outer)}"
        async with self._acting(key) as number:
            if (there := await self._there(kept)) is None:
                if kept.odd:
                    await store.set(begun, True)
                try:
                    there = await self._add(kept)
                except Refused:
                    await store.set(begun, None)
                    raise
            if kept.odd and await store.get(begun):
                await self.set_parts(there, kept)
                await store.set(begun, None)
            if not kept.excluded and await store.get(_ours(number)) == kept.number(self.outer):
                await self._admit(kept)
                await store.set(_ours(number), None)
        return Key(key.kind, str(there))

    async def about_to_exclude(self, number: int) -> None:
        """Note that the exclusion will be ours, unless one stands there; without a plain answer it stays."""
        try:
            answer = await self.connection.ask(f"{self.address}/{number}", allow=(404,))
            if answer.status == 404:
                return
            outer = (await self.client.decode(dict[str, Any], answer)).get(self.outer)
            excluded = self._of(outer, await self._excluded())
        except SourceError as error:
            self.context.log.info("%s: whose the exclusion is, is not known: %s", self.context.name, error)
            return
        self._excluded_lately.forget()
        await self.context.store.set(_ours(number), None if excluded else outer)

    async def foresee(self, key: Key, image: Json) -> Prospect:
        """Whether all that it needs is there still, and what does not come back with it."""
        self._number(key)
        try:
            kept = read_image(image)
            await self.connection.prove()
            if (there := await self._there(kept)) is not None:
                return Prospect(refused=f"{self.title} has {kept.title} already, as {key.kind} {there}")
            await self._place(kept)
            await self._profile(kept)
        except Refused as error:
            return Prospect(refused=str(error))
        lacks = [f"{self.title} gives it a new number, and its history there is not brought back"]
        if kept.labels is None:
            lacks.append("its tags are not brought back, since their names could not be read")
        if kept.record.get("monitored"):
            lacks.append(f"{self.title} looks for it again, as before: files that are gone may be downloaded")
        return Prospect(lacks=tuple(lacks))

    async def _add(self, image: Image) -> int:
        path, root = await self._place(image)
        outer = image.number(self.outer)
        body = {
            **self.anew(image),
            "title": image.text("title"),
            self.outer: outer,
            "path": path,
            "rootFolderPath": root,
            "qualityProfileId": await self._profile(image),
            "monitored": image.record.get("monitored") is True,
            "tags": [await self._made(label) for label in image.labels or ()],
        }
        answer = await self.connection.change(
            "POST", self.address, json=body, allow=(400,), timeout=self.acts_within
        )
        if answer.status == 400:
            if (there := await self._there(image)) is not None:  # somebody added it meanwhile
                return there
            raise self.connection.error(Refused, answer, f"{self.title} does not take it back")
        added = await self.client.decode(dict[str, Any], answer)
        number = added.get("id")
        if not isinstance(number, int) or added.get(self.outer) != outer:
            raise BadResponse(
                f"{answer.where}: asked to add {self.outer} {outer}, the answer is about another"
            )
        return number

    async def _there(self, image: Image) -> int | None:
        """The number of the same work in the app, or None."""
        outer = image.number(self.outer)
        answer = await self.connection.ask(self.address, params={self.outer: str(outer)})
        for record in await self.client.decode(list[dict[str, Any]], answer):
            if record.get(self.outer) != outer or not isinstance(record.get("id"), int):
                raise BadResponse(f"{answer.where}: asked for {self.outer} {outer}, got another")
            return int(record["id"])
        return None

    async def _place(self, image: Image) -> tuple[str, str]:
        """Its folder and the root folder of that. Refused when the app does not have the root any more."""
        path, root = image.text("path"), plain(image.text("rootFolderPath"))
        for folder in await self._folders_lately.told():
            if plain(folder.path) != root:
                continue
            if folder.accessible is False:
                raise Refused(
                    f"its root folder {root} is not accessible to {self.title} now; "
                    "undo this when the disk is back"
                )
            return path, folder.path
        raise Refused(f"its root folder {root} is gone from {self.title}; add it there, then undo this")

    async def _root_folders(self) -> list[RootFolder]:
        answer = await self.connection.ask(f"{self.api}/rootfolder")
        return await self.client.decode(list[RootFolder], answer)

    async def _profile(self, image: Image) -> int:
        """The quality profile of the name that it had. Refused when there is none: another is no undoing."""
        if image.profile is None:
            raise Refused(f"the name of its quality profile was not kept; add it in {self.title} by hand")
        number, known = image.record.get("qualityProfileId"), await self._profiles()
        if known.get(number or 0) != image.profile:
            number = next((one for one, name in known.items() if name == image.profile), None)
        if not isinstance(number, int):
            raise Refused(
                f"its quality profile {image.profile!r} is gone from {self.title}; "
                "make one of that name there, then undo this"
            )
        return number

    async def _profiles(self) -> dict[int, str]:
        answer = await self.connection.ask(f"{self.api}/qualityprofile")
        return {one.id: one.name for one in await self.client.decode(list[Profile], answer)}

    async def _excluded(self) -> list[dict[str, Any]]:
        """All exclusions."""
        answer = await self.connection.ask(f"{self.api}/{self.exclusions}")
        return await self.client.decode(list[dict[str, Any]], answer)

    def _of(self, outer: object, excluded: list[dict[str, Any]]) -> list[int]:
        """The numbers of the exclusions that keep lists from adding that work."""
        return [
            one["id"] for one in excluded if one.get(self.outer) == outer and isinstance(one.get("id"), int)
        ]

    async def _admit(self, image: Image) -> None:
        """Take off the exclusion that came with the deletion; nothing is asked when there is none."""
        self._excluded_lately.forget()
        for number in self._of(image.number(self.outer), await self._excluded()):
            await self.connection.change(
                "DELETE", f"{self.api}/{self.exclusions}/{number}", allow=(404,), timeout=self.acts_within
            )


def _ours(number: int) -> str:
    """The note that the exclusion of a deleted record was made by us; its value is the work."""
    return f"excluded {number}"
