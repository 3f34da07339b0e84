"""What happens in the household of the outbox as a property, and the traps that are laid for it.

A trap: a film is lost for good, as the policy wants it; before its grace is over something else is so,
and what would have been right then is wrong, or must not be done twice, or only when somebody said so.
"""

from dataclasses import replace

from tests.daemon.engine.conftest import movie, request
from tests.drills.quiet_home import BLIND, MOMENTS, POOL, Home, catalogued
from tests.drills.quiet_witness import EDITS, FORGET, edited

from reconciled.config import Mode
from reconciled.errors import Unreachable
from reconciled.model import Key

HAPPENINGS = (
    "add", "remove", "remove_copy", "file", "lose", "lose", "replace", "reuse", "tag", "request",
    "false_alarm", "late_letter",
)  # fmt: skip
TRAPS = (
    "none", "on_the_shelf_again", "file_again", "to_be_kept", "another_thing", "asked_for_again", "cut_off",
    "crash", "told_again", "lost_again", "suspended", "removed", "shelf_lies", "catalogue_lies", "cascade",
    "flood", "armed", "rejected", "longer", "few", "asks", "dry",
)  # fmt: skip
"""What may be so when a film was lost for good and its grace is not over yet."""


class Happenings(Home):
    """Each `happens_…` is one thing that people or programs do."""

    # --- the world changes ------------------------------------------------------------------------

    def something_happens(self, what: str, name: str, n: int, at: int, post: str, then: int) -> None:
        getattr(self, f"happens_{what}")(name, n, at, post)
        self.turn(then)

    def happens_add(self, name: str, n: int, at: int, post: str) -> None:
        """A film comes, comes back, or gets a second copy on the shelf."""
        del post
        self.next_key += 1
        known, key = self.keys_of(name, n), str(self.next_key)
        if name == "radarr" and not known:
            self.change(name, self.truth[name] | {Key("movie", key): catalogued(n, key)})
        elif name == "jellyfin" and (at % 2 or not known):
            path = f"/films/{n} copy {key}.mkv" if known else f"/films/{n}.mkv"
            item = movie(n, key=key, path=path, attrs={"tags": []})
            self.change(name, self.truth[name] | {item.key: item})

    def happens_remove(self, name: str, n: int, at: int, post: str) -> None:
        del at
        self.take_out(name, n, post)

    def take_out(self, name: str, n: int, post: str) -> None:
        for key in self.keys_of(name, n):
            self.take_one(name, key, post)

    def take_one(self, name: str, key: Key, post: str) -> None:
        if len(self.truth[name]) > 2:
            self.change(name, {one: item for one, item in self.truth[name].items() if one != key})
            self.tell(name, key, post)

    def happens_remove_copy(self, name: str, n: int, at: int, post: str) -> None:
        """One of its copies on the shelf."""
        del name
        for key in self.keys_of("jellyfin", n)[at % 2 :][:1]:
            self.take_one("jellyfin", key, post)

    def happens_file(self, name: str, n: int, at: int, post: str) -> None:
        """Its file goes or comes in the catalogue."""
        del name, post
        self.set_files(n, bool(at % 2))

    def set_files(self, n: int, files: bool) -> None:
        title = f"Film {n}"
        after = {
            key: replace(item, has_file=files) if item.title == title else item
            for key, item in self.truth["radarr"].items()
        }
        self.change("radarr", after)

    def happens_lose(self, name: str, n: int, at: int, post: str) -> None:
        """What the policy is made for: the film leaves the shelf, the catalogue has no file of it."""
        self.take_out("jellyfin", n, post)
        self.set_files(n, False)
        if at % 2:
            self.do(self.world.scan(name))

    def happens_replace(self, name: str, n: int, at: int, post: str) -> None:
        """A better file, under another key."""
        del name, at
        for key in self.keys_of("jellyfin", n)[:1]:
            self.next_key += 1
            path = f"/films/{n} better.mkv"
            better = movie(n, key=str(self.next_key), path=path, attrs={"tags": []})
            left = {one: item for one, item in self.truth["jellyfin"].items() if one != key}
            self.change("jellyfin", left | {better.key: better})
            self.tell("jellyfin", key, post)

    def happens_reuse(self, name: str, n: int, at: int, post: str) -> None:
        """A key names another film."""
        del post
        name = ("requests", name)[at % 2]
        keys, other = sorted(self.truth[name]), 20 + n
        if len(keys) > 2 and not self.keys_of(name, other):
            self.put_another(name, keys[at % len(keys)], other)

    def put_another(self, name: str, key: Key, n: int) -> None:
        fresh = request(n) if name == "requests" else catalogued(n, key.id)
        self.change(name, self.truth[name] | {key: replace(fresh, key=key)})

    def happens_tag(self, name: str, n: int, at: int, post: str) -> None:
        """It is to be kept, or not; that is always told."""
        del post
        name = ("requests", name)[at % 2]
        for key in self.keys_of(name, n):
            item = self.truth[name][key]
            fresh = replace(item, attrs={**item.attrs, "tags": ["keep"] if at % 3 else []})
            self.change(name, self.truth[name] | {key: fresh})
            self.do(self.world.tell(name, op="changed", kind=key.kind, id=key.id))

    def happens_request(self, name: str, n: int, at: int, post: str) -> None:
        """Somebody asks for it (again)."""
        del name, at, post
        if not self.keys_of("requests", n):
            self.ask_for(n)

    def ask_for(self, n: int) -> Key:
        self.next_key += 1
        item = replace(request(n), key=Key("request", str(self.next_key)))
        self.change("requests", self.truth["requests"] | {item.key: item})
        return item.key

    def happens_false_alarm(self, name: str, n: int, at: int, post: str) -> None:
        """It is told that something went that did not."""
        del n
        keys = sorted(self.truth[name])
        if keys:
            self.tell(name, keys[at % len(keys)], post)

    def happens_late_letter(self, name: str, n: int, at: int, post: str) -> None:
        """What was true hours ago is told now."""
        del name, n, post
        if self.post:
            source, key, own = self.post.pop(at % len(self.post))
            self.tell(source, key, "own" if own else "now")

    def tell(self, name: str, key: Key, post: str) -> None:
        if post == "late":
            self.post.append((name, key, True))
            return
        own = post in ("own", "twice")
        for _ in range({"lost": 0, "twice": 2}.get(post, 1)):
            self.do(self.world.tell(name, op="deleted", kind=key.kind, id=key.id, title="Told", own_act=own))


class Traps(Happenings):
    """Each `trap_…` is what is so by then."""

    # --- a film is lost for good, and then something else is so -------------------------------------

    def lose_into_a_trap(self, n: int, trap: str, at: int, after: int, post: str) -> None:
        """It leaves every app; before the grace is over, what would be right then is so no more."""
        self.make_peace(n, "kept" if trap == "to_be_kept" else "as before")
        self.take_out("jellyfin", n, post)
        self.set_files(n, False)
        for name in ("jellyfin", "radarr"):
            self.do(self.world.scan(name))
        self.turn(after)
        self.spring(trap, n, at)
        self.turn(16 - after + 12 * (at % 2))

    def make_peace(self, n: int, how: str) -> None:
        """Nobody lies, the film is everywhere, was asked for, and is known; the policy is trusted."""
        for name in self.apps:
            self.be_honest(name)
        self.configure({"forget": edited(FORGET, how)}, Mode.ACT)
        self.arm()
        for name in ("jellyfin", "radarr"):
            if not self.keys_of(name, n):
                self.next_key += 1
                item = catalogued(n, str(self.next_key))
                self.change(name, self.truth[name] | {item.key: item})
        film = {key: catalogued(n, key.id) for key in self.keys_of("radarr", n)}  # monitored, with a file
        self.change("radarr", self.truth["radarr"] | film)
        if not self.keys_of("requests", n):
            self.ask_for(n)
        for name in self.apps:
            self.do(self.world.scan(name))
        self.turn(1)
        self.release()

    def spring(self, trap: str, n: int, at: int) -> None:
        if trap in EDITS:
            self.configure({"forget": edited(FORGET, trap)}, Mode.ACT)
        elif trap != "to_be_kept":
            getattr(self, f"trap_{trap}")(n, at)
        else:
            self.happens_tag("radarr", n, 1 + 3 * (at % 2), "")

    def trap_none(self, n: int, at: int) -> None:
        """It is done."""

    def trap_on_the_shelf_again(self, n: int, at: int) -> None:
        del at
        self.next_key += 1
        item = movie(n, key=str(self.next_key), attrs={"tags": []})
        self.change("jellyfin", self.truth["jellyfin"] | {item.key: item})

    def trap_file_again(self, n: int, at: int) -> None:
        del at
        self.set_files(n, True)

    def trap_another_thing(self, n: int, at: int) -> None:
        """Its request, or what the catalogue holds, stands no more; another thing does, under that key."""
        name = ("requests", "radarr")[at % 2]
        self.next_key += 1
        for key in self.keys_of(name, n):
            self.put_another(name, key, self.next_key)

    def trap_asked_for_again(self, n: int, at: int) -> None:
        """What came after the loss was known was wanted after it."""
        del at
        self.witness.protected.add(self.ask_for(n))
        self.do(self.world.scan("requests"))

    def trap_cut_off(self, n: int, at: int) -> None:
        del n
        app = self.apps[("requests", "radarr")[at % 2]]
        app.act_trouble, app.act_effect = Unreachable("no answer"), at % 4 < 2

    def trap_crash(self, n: int, at: int) -> None:
        del n
        self.crash(MOMENTS[at % len(MOMENTS)], 16)

    def trap_told_again(self, n: int, at: int) -> None:
        """The same letter, and a finding of the catalogue."""
        del at
        for key in (Key("movie", str(n)), *self.keys_of("radarr", n)):
            self.tell("jellyfin" if key.id == str(n) else "radarr", key, "twice")

    def trap_lost_again(self, n: int, at: int) -> None:
        """It comes back and goes again: its grace begins anew."""
        self.trap_on_the_shelf_again(n, at)
        self.do(self.world.scan("jellyfin"))
        self.take_out("jellyfin", n, "own")
        self.do(self.world.scan("jellyfin"))

    def trap_suspended(self, n: int, at: int) -> None:
        del n, at
        self.suspend(30)

    def trap_removed(self, n: int, at: int) -> None:
        del n, at
        self.configure({}, Mode.ACT)

    def trap_shelf_lies(self, n: int, at: int) -> None:
        del n
        self.lie("jellyfin", BLIND[at % len(BLIND)], at % 4 < 2, 0)

    def trap_catalogue_lies(self, n: int, at: int) -> None:
        del n
        self.lie("radarr", BLIND[at % len(BLIND)], at % 4 < 2, 0)

    def trap_cascade(self, n: int, at: int) -> None:
        """What we remove from the catalogue ourselves is no loss to the policy that watches it."""
        del n, at
        self.configure({name: POOL[name] for name in ("single", "clean")}, Mode.ACT)
        self.arm()
        self.turn(30)

    def trap_flood(self, n: int, at: int) -> None:
        """More within a day than the policy may do unasked."""
        del at
        self.configure({"forget": edited(FORGET, "few")}, Mode.ACT)
        self.arm()
        for other in (1 + (n + more) % 12 for more in range(1, 4)):
            self.take_out("jellyfin", other, "own")
            self.set_files(other, False)
        for name in ("jellyfin", "radarr"):
            self.do(self.world.scan(name))
        self.turn(1)
        self.release()
        self.turn(14)

    def trap_armed(self, n: int, at: int) -> None:
        """Trusted as long as it asks; now it acts by itself, which nobody has approved yet."""
        del n, at
        self.configure({"forget": edited(FORGET, "asks")}, Mode.ACT)
        self.arm()
        self.configure({"forget": FORGET}, Mode.ACT)

    def trap_rejected(self, n: int, at: int) -> None:
        """The policy asks; the person says no, and it acts by itself again."""
        del n, at
        self.configure({"forget": edited(FORGET, "asks")}, Mode.ACT)
        self.turn(14)
        self.answer(False, False, 0)
        self.configure({"forget": FORGET}, Mode.ACT)
        self.arm()
