"""The household that a soak plays: its apps, what people do there, what goes wrong, and who may delete what.

Every deed is true of the world at once, so that at the end the ledger can be compared with it. A film
that a policy deletes in Radarr must be gone from Jellyfin with its last copy, and must not be tagged
`keep`: each DELETE is judged at the moment in which it takes effect.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from reconciled.testing.fakes.base import Fake
from reconciled.testing.fakes.household import Household
from reconciled.testing.fakes.servarr_model import Film
from reconciled.testing.fakes.titles import Work, films
from reconciled.testing.faults import Fault
from reconciled.testing.ports import unused_port

HOOK, TOKEN = "a-secret-for-webhooks", "a-token-for-the-soak"
WATCHED = ("radarr", "sonarr", "jellyfin")
POLICY = """policies:
  forget: {when: gone, kind: movie, from: jellyfin, grace: 10m, unless: {tag: keep}, then: [{delete: radarr}]}
"""
TIMEOUTS = "timeout: 1s, act_timeout: 5m"
FAULTS = (
    Fault.RESET, Fault.HANG, Fault.SLOW, Fault.CUT_JSON, Fault.TRUNCATED_JSON, Fault.UNAUTHORIZED,
    Fault.FORBIDDEN, Fault.NOT_FOUND, Fault.NOT_FOUND_APP, Fault.RATE_LIMITED, Fault.ERROR, Fault.STARTING,
    Fault.HTML, Fault.REDIRECT, Fault.EMPTY, Fault.WRONG_SHAPE, Fault.OTHER_APP,
)  # fmt: skip
MOST_FILMS, FEWEST_FILMS = 160, 60


@dataclass(slots=True)
class Acknowledged:
    """Webhooks of our own that were answered, by the ledger's number for them: a mark that is in the body."""

    marks: dict[int, str] = field(default_factory=dict)
    sent: int = 0


class World:
    """`async with` its `apps`; then `step()` does one thing after another, by chance."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.chance = chance
        self.apps = Household(films=120, series=12, seed=chance.randrange(10**6))
        self.port = unused_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.state = folder / "state"
        self.config = folder / "config.yaml"
        self.letters = Acknowledged()
        self.deeds: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.effects: dict[int, int] = {}
        self.ordered: set[int] = set()
        self.kept: set[int] = set()
        self._unused = iter(films(100_000, chance.randrange(10**6)))
        self._person_deletes = self.apps.radarr.delete
        self.apps.radarr.delete = self._judged  # type: ignore[method-assign]
        self._session: aiohttp.ClientSession

    def fakes(self) -> dict[str, Fake]:
        """The watched apps by their names."""
        return {name: getattr(self.apps, name) for name in WATCHED}

    def begin(self, session: aiohttp.ClientSession) -> None:
        """The apps listen: write the config, set up the webhooks, and mark what must be kept."""
        self._session = session
        blocks = [
            f"  {name}: {{url: {fake.url}, api_key: {fake.api_key}, webhook: {HOOK}, {TIMEOUTS}}}\n"
            for name, fake in self.fakes().items()
        ]
        self.config.write_text(
            f"mode: act\ndaemon: {{listen: 127.0.0.1:{self.port}, token: {TOKEN}, state: {self.state}}}\n"
            "defaults: {max_gone: 100%}\nkeep: {events: 3650d}\n"
            f"sources:\n{''.join(blocks)}{POLICY}"
        )
        for name, fake in self.fakes().items():
            fake.add_webhook(f"{self.url}/webhooks/{name}", headers={"X-Reconciled-Secret": HOOK})
        for work in self.apps.films[:15]:
            film = self.apps.film(work)
            self.apps.radarr.tag(film.id, "keep")
            self.kept.add(film.id)
        for work in self.apps.films[15:30]:
            self.apps.jellyfin.put_movie(work, file_name=f"{work.folder} - copy.mkv")

    # --- the witness ------------------------------------------------------------------------------

    async def _judged(self, entry_id: int, **how: Any) -> Film:
        """Radarr deletes because the daemon asked for it."""
        radarr = self.apps.radarr
        film = radarr.state.entries[entry_id]
        if entry_id not in self.ordered:
            if entry_id in self.kept:
                self.wrong.append(f"{film.work.title} was deleted, though it is tagged keep")
            if self._in_jellyfin(film.work):
                self.wrong.append(f"{film.work.title} was deleted, though Jellyfin has it")
        self.effects[entry_id] = len(radarr.requests)
        return await self._person_deletes(entry_id, **how)

    def _in_jellyfin(self, work: Work) -> list[str]:
        wanted = ("Tmdb", str(work.tmdb))
        items = self.apps.jellyfin.state.items.values()
        return [one.id for one in items if one.kind == "Movie" and wanted in one.provider_ids]

    def doubled(self) -> list[str]:
        """Films whose deletion was sent again after it had taken effect."""
        effective = [number for number, count in self.apps.radarr.deletes.items() if count > 1]
        found = [f"film {number} was deleted twice" for number in effective]
        for position, (method, path) in enumerate(self.apps.radarr.requests):
            if method == "DELETE" and "/movie/" in path:
                number = int(path.partition("?")[0].rpartition("/")[2])
                if position >= self.effects.get(number, len(self.apps.radarr.requests)):
                    found.append(f"the deletion of film {number} was sent again after it took effect")
        return found

    # --- deeds ------------------------------------------------------------------------------------

    async def step(self) -> None:
        """One thing happens."""
        named: list[tuple[int, Callable[[], Awaitable[None]]]] = [
            (4, self.jellyfin_loses), (2, self.radarr_loses), (1, self.radarr_loses_quietly), (6, self.added),
            (3, self.upgraded), (2, self.renamed), (2, self.file_replaced), (1, self.ordered_by_hand),
            (5, self.storm), (1, self.scan_ordered), (1, self.series_changes), (1, self.trouble),
        ]  # fmt: skip
        deed = self.chance.choices([deed for _, deed in named], [weight for weight, _ in named])[0]
        self.deeds[deed.__name__] += 1
        await deed()

    def _film(self) -> Film:
        return self.chance.choice(list(self.apps.radarr.state.entries.values()))

    async def jellyfin_loses(self) -> None:
        """A film is deleted in Jellyfin, one of its copies at a time."""
        movies = [one for one in self.apps.jellyfin.state.items.values() if one.kind == "Movie"]
        if len(movies) > FEWEST_FILMS:
            self.apps.jellyfin.delete_item(self.chance.choice(movies).id, notify=self.chance.random() < 0.8)
            await self.apps.jellyfin.flush_webhooks()

    async def radarr_loses(self, *, notify: bool = True) -> None:
        """A person deletes a film in Radarr."""
        if len(self.apps.radarr.state.entries) > FEWEST_FILMS:
            await self._person_deletes(self._film().id, notify=notify)

    async def radarr_loses_quietly(self) -> None:
        """The same, and no webhook comes of it."""
        await self.radarr_loses(notify=False)

    async def added(self) -> None:
        """A new film, in both."""
        if len(self.apps.radarr.state.entries) < MOST_FILMS:
            work = next(self._unused)
            film = self.apps.radarr.put(work)
            self.apps.jellyfin.add_movie(work)
            await self.apps.radarr.announce(film)
            await self.apps.jellyfin.flush_webhooks()

    async def upgraded(self) -> None:
        """A better file."""
        film = self._film()
        if film.file is not None:
            await self.apps.radarr.upgrade(film.id)

    async def renamed(self) -> None:
        """Another name for a file."""
        film = self._film()
        if film.file is not None and len(film.file.relative) < 200:
            await self.apps.radarr.rename(film.id)

    async def file_replaced(self) -> None:
        """Jellyfin sees the same film under another path, and so under another id."""
        movies = [one for one in self.apps.jellyfin.state.items.values() if one.kind == "Movie"]
        self.apps.jellyfin.replace_file(
            self.chance.choice(movies).id, f"take {self.chance.randrange(10**9)}.mkv"
        )
        await self.apps.jellyfin.flush_webhooks()

    async def ordered_by_hand(self) -> None:
        """A person has us delete a film."""
        film = self._film()
        self.ordered.add(film.id)
        body = {"verb": "delete", "source": "radarr", "kind": "movie", "id": str(film.id)}
        await self.ask("POST", "/api/v1/actions", body)

    async def storm(self) -> None:
        """Many webhooks at the same time, some of them nonsense."""
        await asyncio.gather(*(self._letter() for _ in range(self.chance.randint(5, 20))))

    async def _letter(self) -> None:
        self.letters.sent += 1
        mark = f"letter-{self.letters.sent}."
        body = {"eventType": self.chance.choice(("Grab", "Health", "Nonsense")), "downloadId": mark}
        headers = {"X-Reconciled-Secret": HOOK}
        try:
            async with self._session.post(
                f"{self.url}/webhooks/radarr", json=body, headers=headers
            ) as answer:
                if answer.status in (200, 202):
                    self.letters.marks[int((await answer.json())["id"])] = mark
        except (aiohttp.ClientError, TimeoutError):
            return

    async def scan_ordered(self) -> None:
        """A person has a source read again."""
        await self.ask("POST", "/api/v1/runs", {"pass": "scan", "source": self.chance.choice(WATCHED)})

    async def series_changes(self) -> None:
        """A series goes, or its file is upgraded."""
        shows = list(self.apps.sonarr.state.entries)
        if len(shows) > 4 and self.chance.random() < 0.2:
            await self.apps.sonarr.delete(self.chance.choice(shows))
        elif shows:
            await self.apps.sonarr.upgrade(self.chance.choice(shows))

    async def trouble(self) -> None:
        """An app or its network has one of the usual troubles for a while."""
        fake = self.chance.choice(list(self.fakes().values()))
        fault = fake.faults.set(self.chance.choice(FAULTS), delay=0.1, retry_after=1)
        await asyncio.sleep(self.chance.uniform(0.1, 1.0))
        fake.faults.clear(fault)

    # --- a person ---------------------------------------------------------------------------------

    async def answer(self) -> None:
        """Approve what is asked and release what is held: in this household it is always true."""
        for decision in (await self.ask("GET", "/api/v1/decisions")).get("items", []):
            shown = {"actions": decision["shown"]}
            await self.ask("POST", f"/api/v1/decisions/{decision['id']}/approve", shown)
        for hold in (await self.ask("GET", "/api/v1/holds")).get("items", []):
            await self.ask("POST", f"/api/v1/holds/{hold['id']}/release", {})

    async def ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """Over the API; nothing while nobody answers."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        try:
            async with self._session.request(
                method, f"{self.url}{path}", json=body, headers=headers
            ) as answer:
                found: dict[str, Any] = await answer.json(content_type=None)
                return found
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return {}

    async def is_ready(self) -> bool:
        """Whether the daemon says so."""
        return (await self.ask("GET", "/readyz")).get("status") == "ok"

    def acknowledged(self) -> int:
        """How many webhooks were answered with yes, from whomever they came."""
        told = sum(one.status in (200, 202) for fake in self.fakes().values() for one in fake.sent)
        return told + len(self.letters.marks)

    def sent(self) -> int:
        """How many webhooks were sent."""
        return sum(len(fake.sent) for fake in self.fakes().values()) + self.letters.sent

    def truth(self) -> dict[tuple[str, str], set[str]]:
        """What there is, by source and kind."""
        jellyfin = self.apps.jellyfin.state.items.values()
        return {
            ("radarr", "movie"): {str(number) for number in self.apps.radarr.state.entries},
            ("sonarr", "series"): {str(number) for number in self.apps.sonarr.state.entries},
            ("jellyfin", "movie"): {one.id for one in jellyfin if one.kind == "Movie"},
        }
