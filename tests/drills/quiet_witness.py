"""The witness of what reaches the apps: at the moment of an act, the truth and the person's word allow it.

It stands inside the call and judges by what is true, by what the person configured and approved, and
by how long the source that lost the thing could be watched; nothing of it is the engine's own code.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tests.daemon.engine.conftest import policy

from reconciled.config import Agree, Copies, Mode, Policy, Step, Unless, Verb
from reconciled.model import Item, Key

FORGET = policy("forget", Step(Verb.DELETE, "requests"), Step(Verb.UNMONITOR, "radarr"), max_actions=1000)
"""A film that is nowhere any more: its requests go, it is no longer looked for."""
SINGLE = policy("single", Step(Verb.DELETE, "radarr"), copies=Copies.EACH, max_actions=1000)
"""A copy on the shelf went: what the catalogue holds at that very place goes."""
CLEAN = policy("clean", Step(Verb.DELETE, "requests"), sources=frozenset({"radarr"}), max_actions=1000)
"""What the catalogue lost, or the file of it, by others' hands: its requests go."""

World = Mapping[str, Mapping[Key, Item]]


def edited(known: Policy, how: str) -> Policy:
    """The policy after an edit."""
    match how:
        case "longer":
            return replace(known, grace=1800.0)
        case "kept":
            return replace(known, unless=Unless(tags=frozenset({"keep"})))
        case "some":
            return replace(known, agree=frozenset({"radarr"} - known.sources))
        case "nobody":
            return replace(known, agree=Agree.NONE)
        case "few":
            return replace(known, max_actions=2)
        case "asks":
            return replace(known, mode=Mode.ASK)
        case "dry":
            return replace(known, mode=Mode.DRY_RUN)
        case _:
            return next(one for one in (FORGET, SINGLE, CLEAN) if one.name == known.name)


EDITS = ("longer", "kept", "some", "nobody", "few", "asks", "dry", "as before")


@dataclass(slots=True)
class Person:
    """What is configured, and what the person said yes and no to."""

    rules: dict[str, Policy] = field(default_factory=lambda: {"forget": FORGET})
    mode: Mode = Mode.ACT
    trusted: dict[str, str] = field(default_factory=dict)
    approved: dict[int, str] = field(default_factory=dict)
    rejected: set[int] = field(default_factory=set)

    def words(self, name: str) -> str:
        """What an approval given now is for."""
        known = self.rules[name]
        return f"{known.words()} {known.mode_under(self.mode)}"

    def configure(self, rules: dict[str, Policy], mode: Mode) -> None:
        """What is edited, or not there, or in dry-run, is trusted no more."""
        self.rules, self.mode = rules, mode
        for name in list(self.trusted):
            known = rules.get(name)
            dry = known is not None and known.mode_under(mode) is Mode.DRY_RUN
            if known is None or dry or self.words(name) != self.trusted[name]:
                del self.trusted[name]


@dataclass(slots=True)
class Witness:
    """Judges acts. `watchable` counts, for each source, the seconds in which it could be watched."""

    person: Person
    truth: World
    wrong: list[str] = field(default_factory=list)
    done: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    lost_at: dict[tuple[str, str], float] = field(default_factory=dict)
    watchable: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    removed_by_us: set[str] = field(default_factory=set)
    protected: set[Key] = field(default_factory=set)
    """Requests that were made when the loss was known."""
    sent: dict[str, list[float]] = field(default_factory=dict)

    def note(self, name: str, before: Mapping[Key, Item], after: Mapping[Key, Item]) -> None:
        """A source's truth changed: what went went now; what came, or changed, may be acted on anew."""
        stood = {item.title for item in before.values() if item.has_file is not False}
        for title in stood - {item.title for item in after.values() if item.has_file is not False}:
            self.lost_at[name, title] = self.watchable[name]
        back = {item.title for item in after.values() if item.has_file} - stood
        self.protected -= {key for key, item in self.truth["requests"].items() if item.title in back}
        for key, item in after.items():
            if before.get(key) != item:
                for known in [one for one in self.done if one[1:] == (name, str(key))]:
                    del self.done[known]
                if name == "radarr" and (key not in before or before[key].title != item.title):
                    self.removed_by_us.discard(item.title)

    def act(self, name: str, what: tuple[str, ...], rows: Sequence[Mapping[str, Any]], *, now: float) -> None:
        """An act reached an app. `rows` are the ledger's actions that are being sent to that key."""
        verb, key = what[0], Key(*what[1].split(" ", 1))
        item = self.truth[name].get(key)
        if item is None:
            self.wrong.append(f"{what} of what is not there")
            return
        self.done[verb, name, str(key)] += 1
        if self.done[verb, name, str(key)] > 1:
            self.wrong.append(f"{what} for the second time")
        if verb == "unmonitor" and item.attrs.get("monitored") is False:
            self.wrong.append(f"{what} of what is not monitored")
        if len(rows) != 1:
            self.wrong.append(f"{what} is sent by {len(rows)} actions")
            return
        known = self.person.rules.get(rows[0]["policy"])
        if known is None:
            self.wrong.append(f"{what} is wanted by no policy")
            return
        said = [self._by_word(known, rows[0], now), *self._by_truth(known, name, item)]
        self.wrong += [f"{what} for {known.name}: {odd}" for odd in said if odd]
        if verb == "delete" and name == "radarr":
            self.removed_by_us.add(item.title)

    def _by_word(self, known: Policy, row: Mapping[str, Any], now: float) -> str | None:
        """What speaks against it by what the person configured and said."""
        person, words = self.person, self.person.words(known.name)
        mode = known.mode_under(person.mode)
        earlier = self.sent.setdefault(known.name, [])
        today = sum(at > now - 86400.0 for at in earlier)
        earlier.append(now)
        if mode is Mode.DRY_RUN:
            return "it is in dry-run"
        if row["id"] in person.rejected:
            return "it was rejected"
        if person.approved.get(row["id"]) == words:
            return None
        if mode is Mode.ASK:
            return "nobody approved it"
        if person.trusted.get(known.name) != words:
            return "the policy is not trusted as it stands"
        return "more than max_actions" if today >= known.max_actions else None

    def _by_truth(self, known: Policy, name: str, item: Item) -> list[str]:
        """What speaks against it by what is true."""
        title, losing = item.title, next(iter(known.sources))
        found = []
        if known.copies is Copies.EACH:
            stands = [one for one in self.truth[losing].values() if one.path == item.path]
        else:
            stands = [one for one in self._copies(losing, title) if one.has_file]
        for other in _asked(known) - {name if known.copies is Copies.EACH else ""}:
            stands += [one for one in self._copies(other, title) if one.has_file]
        if stands:
            found.append(f"{title} stands: {[str(one.key) for one in stands]}")
        kept = [
            one for held in self.truth.values() for one in held.values() if one.title == title and _kept(one)
        ]
        if known.unless.tags and kept:
            found.append(f"{title} has the tag keep: {[str(one.key) for one in kept]}")
        if (losing, title) not in self.lost_at:
            found.append(f"{title} was never lost")
        watched = self.watchable[losing] - self.lost_at.get((losing, title), -1e12)
        if known.copies is Copies.LAST and watched < known.grace:
            found.append(f"{title} went {watched:.0f} watched seconds ago")
        if item.key in self.protected:
            found.append(f"{title} was asked for after it was lost")
        if losing == "radarr" and title in self.removed_by_us:
            found.append(f"we removed {title} ourselves")
        return found

    def _copies(self, source: str, title: str) -> list[Item]:
        return [one for one in self.truth[source].values() if one.title == title]


def _asked(known: Policy) -> set[str]:
    """Who has to agree, besides the source that lost it."""
    others = {"jellyfin", "radarr"} - known.sources
    if isinstance(known.agree, Agree):
        return others if known.agree is Agree.ALL else set()
    return others & known.agree


def _kept(item: Item) -> bool:
    tags = item.attrs.get("tags")
    return isinstance(tags, list) and "keep" in tags
