"""The last look, right before a destructive call: the apps themselves are asked once more.

Every key that stands for the loss or for an agreement must be denied between two yeses (or shown
without a file, where the file is what matters), and the target must be shown, as the same thing.
What one look says is good for a minute. Of a duplicate its keeper is asked for, too, and before it goes
the texts of both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from reconciled.config import Verb
from reconciled.engine import probing
from reconciled.engine.conclude import note_answer
from reconciled.engine.engine import Place
from reconciled.engine.identity import Sameness, compare, is_another_thing, other_bytes, vouches
from reconciled.engine.live import LiveSource
from reconciled.engine.outbox.images import wears
from reconciled.engine.outbox.keeper import KEEPER, Seen, against_seen
from reconciled.engine.outbox.policy import Case, effective_what
from reconciled.engine.outbox.shown import Paper, Told, text_print
from reconciled.engine.outbox.weighed import Weighed
from reconciled.engine.proof import prove
from reconciled.engine.suspicion import Desk
from reconciled.engine.verdict import BRACKET, Testimony
from reconciled.errors import SourceError
from reconciled.ledger import items
from reconciled.ledger.actions import ALREADY, OTHER_THING, ActionRow
from reconciled.ledger.connection import Ledger, Tx
from reconciled.model import Absent, Answer, Item, Key, Verdict, What
from reconciled.source import Text, Texts


@dataclass(slots=True)
class Look:
    """What the apps said just now: about keys that must be gone, and about targets."""

    at: float
    told: dict[tuple[str, Key], Testimony] = field(default_factory=dict)
    targets: dict[tuple[str, Key], Answer] = field(default_factory=dict)
    trouble: dict[str, str] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)
    """The prints of the texts of papers as their apps tell them now, by the papers' rows."""

    def fresh(self, now: float) -> bool:
        """Whether it is still good, by the monotonic time."""
        return now - self.at <= BRACKET


@dataclass(frozen=True, slots=True)
class Objection:
    """Why an action is not sent now. `code` says that it is to be dropped; without one it waits."""

    reason: str
    code: str = ""


async def look(
    ledger: Ledger, places: Mapping[str, Place], rows: Sequence[tuple[ActionRow, Weighed]], *, now: float
) -> Look:
    """Ask about everything that these actions hang on. Trouble of a source stands in the look."""
    found = Look(now)
    keys: dict[str, set[Key]] = {}
    for row, weighed in rows:
        if Verb(row.verb).destructive:
            for source, key in weighed.keys:
                keys.setdefault(source, set()).add(key)
    for source, wanted in sorted(keys.items()):
        await _ask_again(ledger, places.get(source), source, sorted(wanted), found)
    for row, _ in rows:
        await _show_target(ledger, places[row.target], row, found)
    read = list[Paper]()
    for row, one in rows:
        if one.told is not None:
            await _show_keeper(ledger, places.get(one.told.primary.source), one.told.primary, found)
            read += (one.told.primary, *one.told.others) if row.verb == Verb.DELETE else ()
    await _read_texts(places, read, found)
    return found


async def _ask_again(
    ledger: Ledger, place: Place | None, source: str, keys: Sequence[Key], found: Look
) -> None:
    if place is None:
        found.trouble[source] = f"{source} left the config"
        return
    live = place.live
    async with live.asking:
        asked = await ledger.read(items.current_seq)
        told = await prove(live, ledger, keys)
        try:  # a disk that went away a moment ago holds no file of anything
            await probing.probe_before_judging(live, ledger, asked)
        except SourceError as error:
            found.trouble[source] = str(error)
            return
        if reason := live.not_judged():
            found.trouble[source] = f"{source}: {reason}"
            return
        found.told |= {(source, key): one for key, one in told.items()}
        await ledger.write(_note, live, told)


def _note(tx: Tx, live: LiveSource, told: Mapping[Key, Testimony]) -> None:
    desk = Desk.at(tx, live)
    for key, one in told.items():
        note_answer(desk, key, one)


async def _show_target(ledger: Ledger, place: Place, row: ActionRow, found: Look) -> None:
    live = place.live
    if (row.target, row.key) in found.targets or row.target in found.trouble:
        return
    try:
        if row.files:
            await probing.probe(live, ledger)
        elif Verb(row.verb).destructive:
            await probing.probe_before_judging(live, ledger, 0)
        if reason := live.not_judged():
            found.trouble[row.target] = f"{row.target}: {reason}"
            return
        found.targets[row.target, row.key] = await live.lookup(row.key)
    except SourceError as error:
        found.trouble[row.target] = str(error)


async def _show_keeper(ledger: Ledger, place: Place | None, paper: Paper, found: Look) -> None:
    """What stays for a deletion is shown like what goes. An app that looks at another disk shows nothing."""
    if place is None:
        found.trouble[paper.source] = f"{paper.source} left the config"
        return
    live = place.live
    if (paper.source, paper.key) in found.targets or paper.source in found.trouble:
        return
    try:
        if live.probed_at <= found.at:
            await probing.probe(live, ledger)
        if reason := live.not_judged():
            found.trouble[paper.source] = f"{paper.source}: {reason}"
            return
        found.targets[paper.source, paper.key] = await live.lookup(paper.key)
    except SourceError as error:
        found.trouble[paper.source] = str(error)


async def _read_texts(places: Mapping[str, Place], papers: Sequence[Paper], found: Look) -> None:
    """The texts as the apps hand them out now; what is not told is left out, which says nothing."""
    wanted: dict[str, dict[Key, int]] = {}
    for paper in papers:
        if paper.words and paper.source not in found.trouble:
            wanted.setdefault(paper.source, {})[paper.key] = paper.item
    for name, rows in sorted(wanted.items()):
        place = places.get(name)
        source: object = place.live.source if place is not None else None
        if place is None or not isinstance(source, Texts):
            continue
        keys = list(rows)
        try:
            told: Mapping[Key, object] = await place.live.ask("ask", partial(source.texts, keys))
        except SourceError as error:
            found.trouble[name] = str(error)
            continue
        read = {key: text for key, text in told.items() if isinstance(text, Text)}
        found.texts |= {rows[key]: text_print(text.words) for key, text in read.items() if key in rows}


def objection(row: ActionRow, weighed: Weighed, seen: Look, known: Item) -> Objection | None:
    """What the look says against sending this action; None when nothing. `known` is the ledger's target."""
    if (odd := _target(row, seen, known) or _contradicted(row, weighed, seen, known)) is not None:
        return odd
    if weighed.told is not None:
        return _kept(row, weighed.told, seen)
    return _others(row, weighed, seen) if weighed.policy is not None else None


def _kept(row: ActionRow, told: Told, seen: Look) -> Objection | None:
    """What the apps said of the paper that stays for this one, and of the texts of both (not for a tag)."""
    stays, texts = told.primary, seen.texts
    if row.verb == Verb.TAG:
        texts = {paper.item: paper.text for paper in (stays, *told.others) if paper.text is not None}
    shown = Seen(
        seen.targets.get((stays.source, stays.key)),
        seen.targets.get((row.target, row.key)),
        texts,
        seen.trouble.get(stays.source) or seen.trouble.get(row.target),
    )
    odd = against_seen(told, shown)
    return None if odd is None else Objection(odd.reason, "" if odd.waits else KEEPER)


def _target(row: ActionRow, seen: Look, known: Item) -> Objection | None:
    if row.target in seen.trouble:
        return Objection(seen.trouble[row.target])
    answer = seen.targets.get((row.target, row.key))
    if isinstance(answer, Item):
        if not is_same(known, answer):
            return Objection(f"{row.key} of {row.target} is another thing now: {answer.title}", OTHER_THING)
        if row.verb == Verb.RESTORE or has_effect(row, answer):
            return Objection(f"{row.key} of {row.target} is so already", ALREADY)
        return None
    if isinstance(answer, Absent) and row.verb != Verb.RESTORE:
        return Objection(f"{row.target} no longer has {row.key}: {answer.said}", ALREADY)
    return None if row.verb == Verb.RESTORE else Objection(f"{row.target} gave no answer about {row.key}")


def _contradicted(row: ActionRow, weighed: Weighed, seen: Look, known: Item) -> Objection | None:
    """What belonged to the lost thing by its refs still has to, by those that its app shows now."""
    answer = seen.targets.get((row.target, row.key))
    if weighed.case is None or not isinstance(answer, Item):
        return None
    lost = weighed.case.thing.lost
    if (
        compare(lost.refs, known.refs) is not Sameness.SAME
        or compare(lost.refs, answer.refs) is Sameness.SAME
    ):
        return None
    said = f"{row.key} of {row.target} ({answer.title}) contradicts by now that it is {lost.title}"
    return Objection(said, OTHER_THING)


def _others(row: ActionRow, weighed: Weighed, seen: Look) -> Objection | None:
    if not Verb(row.verb).destructive or weighed.case is None or weighed.policy is None:
        return None
    thing = weighed.case.thing
    what = effective_what(weighed.policy, thing)
    known = {(copy.source, copy.item.key): copy.item for copy in thing.others}
    known[weighed.case.losing, thing.lost.key] = thing.lost
    for source, key in weighed.keys:
        if source in seen.trouble:
            return Objection(seen.trouble[source])
        need, told = What.FILE if source == row.target else what, seen.told.get((source, key))
        if _names_another(weighed.case, source, key, told):
            continue
        if reason := _still_there(source, key, told, need, known=known.get((source, key))):
            return Objection(reason)
    return None


def _names_another(case: Case, source: str, key: Key, told: Testimony | None) -> bool:
    """Whether the lost thing's key was given to another one, as the ledger knows, and is that one's still."""
    lost = case.thing.itself.row
    if lost.current or (source, key) != (case.losing, lost.item.key) or told is None or not told.vouched:
        return False
    return isinstance(told.answer, Item) and is_another_thing(lost.item, told.answer)


def _still_there(
    source: str, key: Key, told: Testimony | None, what: What, *, known: Item | None
) -> str | None:
    """Why a source does not deny a key. It need have no file only of the thing that is `known` there."""
    if told is None:
        return f"{source} was not asked about {key}"
    if told.verdict is Verdict.ABSENT:
        return None
    if told.verdict is Verdict.UNKNOWN:
        return f"{source} gives no plain answer about {key}: {told.reason}"
    if isinstance(told.answer, Item) and told.answer.has_file is False:
        if known is not None and not is_same(known, told.answer):
            return f"{key} of {source} names another thing now: {told.answer.title}"
        if what is What.FILE and told.vouched:
            return None
    return f"{source} shows {key}"


def is_same(known: Item, answer: Item) -> bool:
    """Whether a lookup shows the thing that the ledger holds, identity and all."""
    if known.strong_refs or answer.strong_refs:
        return compare(known.refs, answer.refs) is Sameness.SAME
    return vouches(known, answer) and not other_bytes(known.refs, answer.refs)


def has_effect(row: ActionRow, answer: Answer) -> bool | None:
    """Whether the app already is as the action wants it; None when its answer does not tell."""
    if isinstance(answer, Absent):
        return row.verb == Verb.DELETE
    tagged = wears(answer.attrs, row.label)
    match Verb(row.verb):
        case Verb.DELETE:
            return False
        case Verb.RESTORE:
            return True
        case Verb.MONITOR | Verb.UNMONITOR:
            monitored = answer.attrs.get("monitored")
            return monitored is (row.verb == Verb.MONITOR) if isinstance(monitored, bool) else None
        case Verb.TAG:
            return tagged
        case Verb.UNTAG:
            return not tagged if tagged is not None else None
        case Verb.MERGE:
            return False  # nobody can tell; done twice it is as if done once
        case Verb.NOTIFY:
            return None
