"""Adding an entry over the API of a fake Radarr or Sonarr, with what stands beside it: profiles, exclusions.

A POST is validated as the apps do it (what exists already, no such profile, a path in use) and looked up
by its outer id: only a work that this fake ever had is known to its database of titles. The answer says
what was written down; the first scan of the folder comes after it, and finds what files were left there.
"""

from abc import abstractmethod
from collections.abc import Iterable
from typing import Any, ClassVar

from aiohttp import web

from reconciled.testing.fakes.servarr_answers import answer, body_of, indented, invalid
from reconciled.testing.fakes.servarr_model import EntryT
from reconciled.testing.fakes.servarr_notifications import ServarrNotifications


class ServarrAdding(ServarrNotifications[EntryT]):
    """The adding part of a fake Radarr or Sonarr.

    `added` keeps the bodies of all POSTs that took effect, `searches` those that asked for a search.
    """

    exclusions_path: ClassVar[str]
    search_options: ClassVar[tuple[str, ...]]

    def __init__(self, **options: Any) -> None:
        """As `ServarrEntries`."""
        super().__init__(**options)
        self.added: list[dict[str, Any]] = []
        self.searches: list[dict[str, Any]] = []

    @abstractmethod
    def made(self, body: dict[str, Any], like: EntryT) -> EntryT:
        """A new entry of the same work as `like`, as the body says, under the next id and without files."""

    @abstractmethod
    def scanned(self, entry: EntryT, left: EntryT | None) -> None:
        """The first scan: the app knows the parts of the entry now, and what files `left` lie there."""

    def api_routes(self, api: str) -> Iterable[web.AbstractRouteDef]:
        """Adding, and what a person sets up beside it."""
        yield web.post(f"{api}/{self.kind}", self._add)
        yield web.get(f"{api}/qualityprofile", self._profiles)
        yield web.get(f"{api}/{self.exclusions_path}", self._exclusions)
        yield web.delete(f"{api}/{self.exclusions_path}/{{id:\\d+}}", self._unexclude)
        yield from super().api_routes(api)

    async def _add(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        if (wrong := self._invalid(body)) is not None:
            return wrong
        entry = self.made(body, self.ever[int(body[self.id_param])])
        self.state.entries[entry.id] = entry
        self.state.next_id = max(self.state.next_id, entry.id + 1)
        self.changed(entry.id)
        self.added.append(body)
        if any((body.get("addOptions") or {}).get(name) for name in self.search_options):
            self.searches.append(body)
        said = indented(self.record(entry))
        self.scanned(entry, self.left_on_disk.get(entry.path))
        self.changed(entry.id)
        await self.announce(entry)
        return web.Response(status=201, body=said, content_type="application/json")

    def _invalid(self, body: dict[str, Any]) -> web.Response | None:
        """What the app's validation says against it."""
        name, outer = self.id_param[0].upper() + self.id_param[1:], body.get(self.id_param)
        if not body.get("title"):
            return invalid("Title", "'Title' must not be empty.", value=body.get("title"))
        if body.get("qualityProfileId") not in self.state.profiles:
            return invalid(
                "QualityProfileId", "Quality Profile does not exist", value=body.get("qualityProfileId")
            )
        if any(self.outer_id(entry) == outer for entry in self.state.entries.values()):
            return invalid(name, f"This {self.kind} has already been added", value=outer)
        if any(entry.path == body.get("path") for entry in self.state.entries.values()):
            said = f"Path '{body.get('path')}' is already configured for an existing {self.kind}"
            return invalid("Path", said, value=body.get("path"))
        if outer not in self.ever:
            return invalid(name, f"A {self.kind} with this ID was not found", value=outer)
        return None

    async def _profiles(self, _request: web.Request) -> web.Response:
        return answer([{"id": key, "name": name} for key, name in self.state.profiles.items()])

    async def _exclusions(self, _request: web.Request) -> web.Response:
        response = answer(self.state.exclusions)
        response.headers["Deprecation"] = "true"
        return response

    async def _unexclude(self, request: web.Request) -> web.Response:
        wanted = int(request.match_info["id"])
        kept = [known for known in self.state.exclusions if known["id"] != wanted]
        if len(kept) == len(self.state.exclusions):
            return self.not_found()
        self.state.exclusions = kept
        return web.Response(status=200)
