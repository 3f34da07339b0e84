"""The demo's story: what happens to the made-up library and to the practice, chapter by chapter.

Each chapter does something and says what it did, and what the page makes of it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from reconciled.app import Daemon
from reconciled.demo.practice import Practice
from reconciled.duplicates.words import Band
from reconciled.ledger import views_duplicates, views_status
from reconciled.testing.fakes.household import Household

MIRROR = "mirror_vsrx"
DELETED = "x-ray-left-hand-1002.jpg"
LOST = "blood-count-1004"
"""The title of the document that somebody deletes in Paperless-ngx."""


@dataclass(frozen=True, slots=True)
class Story:
    """What happens; each chapter says what it does."""

    home: Household
    practice: Practice
    daemon: Daemon

    def chapters(self) -> list[tuple[float, Callable[[], Awaitable[str]]]]:
        """In their order, each with the seconds to wait before it.

        The disk vanishes once all that was deleted before is proved: what is in doubt joins the hold.
        """
        return [
            (4, self.deleted_in_radarr),
            (4, self.file_deleted),
            (4, self.files_travel),
            (6, self.duplicates_found),
            (8, self.deleted_on_disk),
            (8, self.file_deleted_in_vsrx),
            (8, self.copy_deleted),
            (8, self.upgraded),
            (6, self.letter_arrives),
            (8, self.series_deleted),
            (24, self.disk_vanishes),
            (10, self.jellyfin_down),
            (40, self.all_back),
        ]

    # films and series

    async def deleted_in_radarr(self) -> str:
        """Told by webhook, then noticed in Jellyfin too."""
        work = self.home.films[3]
        await self.home.radarr.delete(self.home.film(work).id, files=True)
        self.home.jellyfin.delete_item(self.home.item(work).id)
        await self.home.jellyfin.flush_webhooks()
        return f"Somebody deletes {work.title!r} in Radarr, with its files; Jellyfin notices. One story."

    async def file_deleted(self) -> str:
        """What the policies are about: the film is gone, Radarr's entry stays."""
        work = self.home.films[7]
        await self.home.radarr.delete_file(self.home.film(work).id)
        self.home.jellyfin.delete_item(self.home.item(work).id)
        await self.home.jellyfin.flush_webhooks()
        return (
            f"The file of {work.title!r} is deleted; Radarr keeps the entry and would look for it again. "
            "Two policies want something: the page asks before it tags, and in ten minutes before more."
        )

    async def deleted_on_disk(self) -> str:
        """No webhook at all: only a scan can notice."""
        for work in self.home.films[10:13]:
            await self.home.radarr.delete(self.home.film(work).id, notify=False)
        self._scan("radarr")
        return "Three films leave Radarr without a word. A scan suspects them, lookups prove it: external."

    async def upgraded(self) -> str:
        """A better file: no loss."""
        work = self.home.films[20]
        await self.home.radarr.upgrade(self.home.film(work).id)
        self.home.jellyfin.replace_file(self.home.item(work).id, "Remux-2160p.mkv", notify=False)
        self._scan("jellyfin")
        return f"{work.title!r} gets a better file, so Jellyfin gives it a new id: replaced, not lost."

    async def series_deleted(self) -> str:
        """A series goes in Sonarr."""
        work = self.home.series[5]
        await self.home.sonarr.delete(self.home.show(work).id, files=False)
        return f"{work.title!r} is deleted in Sonarr, its files are kept."

    async def disk_vanishes(self) -> str:
        """A mount goes: everything below it would be gone, and nothing is."""
        await self.home.radarr.root_emptied(self.home.film(self.home.films[0]).root)
        return "The films' disk is not mounted: hundreds of files are missing at once. A hold, not a loss."

    async def jellyfin_down(self) -> str:
        """Trouble is never absence."""
        await self.home.jellyfin.down()
        self._scan("jellyfin")
        return "Jellyfin stops answering. Nothing of it is gone; it is in trouble, and that is all."

    async def all_back(self) -> str:
        """Everything recovers without a restart."""
        await self.home.jellyfin.up()
        await self.home.radarr.root_returns(self.home.film(self.home.films[0]).root)
        self._scan("radarr")
        return "The disk and Jellyfin are back: the hold closes by itself, and nothing was lost."

    # the practice

    async def files_travel(self) -> str:
        """In mode `ask` a mirror brings files when a person starts it."""
        await self.daemon.mirrors.begin(self.daemon.mirrors.configured[MIRROR], asked_by="the demo")
        return (
            "Somebody starts the mirror: the practice's files travel from VSRX to Paperless-ngx and into the "
            f"archive, each once. Four are refused; {self.daemon.url}/mirrors/{MIRROR} says why."
        )

    async def file_deleted_in_vsrx(self) -> str:
        """The original goes: its copies are to follow, if somebody says yes."""
        file = self.practice.file(DELETED)
        await self.practice.vsrx.delete(file.id, by="dr. ann")
        return (
            f"dr. ann deletes {DELETED} in VSRX. Its copies are to follow: the page asks before it tags the "
            "document, and in ten minutes before it deletes the two."
        )

    async def copy_deleted(self) -> str:
        """A copy goes while the original stands."""
        document = self.practice.document(LOST)
        if document is None:
            return f"{LOST} would be deleted in Paperless-ngx now, but it is not there."
        await self.practice.paperless.bulk_delete(document.id)
        self._scan("paperless")
        return (
            f"Somebody deletes the copy of {LOST} in Paperless-ngx. VSRX has the file, so that is told "
            "(copy_gone), and nothing is brought again unless you say so: “Try again” on the mirror's page."
        )

    async def letter_arrives(self) -> str:
        """News for the mirror, which waits for a person."""
        file = await self.practice.add_letter("P-1006")
        return (
            f"A letter arrives in VSRX ({file.path}). The mirror's next run by itself says that it would be "
            "brought; “Run now” on its page brings it."
        )

    async def duplicates_found(self) -> str:
        """What was filed twice, among papers that only look alike."""
        if (why := self.daemon.duplicates.lacks()) is not None:
            return f"Duplicates are not looked for here: {why}."
        ledger, engine = self.daemon.engine.ledger, self.daemon.engine
        run = await self.daemon.duplicates.begin(asked_by="the demo")
        await engine.wait(run)
        ended = await ledger.read(views_status.run, run)
        if ended is not None and ended.error:
            return f"Duplicates were looked for in vain: {ended.error}."
        found = await ledger.read(views_duplicates.counts)
        sure, review = (found[band].get("open", 0) for band in (Band.DUPLICATE, Band.REVIEW))
        return (
            f"The practice's papers are compared: {_groups(sure)} of copies, {_groups(review)} to look at, "
            f"side by side on {self.daemon.url}/duplicates. Nothing is done about them unless you say so."
        )

    def _scan(self, name: str) -> None:
        self.daemon.engine.order_scan(self.daemon.engine.place(name).live, "the demo")


def _groups(count: int) -> str:
    return "1 group" if count == 1 else f"{count} groups"
