"""What became of an act that dry-run only said: the ledger read for `engine.shadow`, whose word is kept.

No app is asked anything; what nobody can tell stays open. Items that left the ledger are no witnesses any
more, and neither is a source that left the config.
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from reconciled.config import Verb
from reconciled.engine.identity import Sameness, compare
from reconciled.engine.outbox.scene import Scene
from reconciled.engine.shadow import Facts, Was, as_it_is, judge, labels_of, shows
from reconciled.ledger import findings, items, links, shadow, sources
from reconciled.ledger.connection import Tx
from reconciled.ledger.rows import ItemRow, SourceRow, unpack
from reconciled.ledger.shadow import ShadowRow
from reconciled.model import Item, Key, Presence, Ref, What


def judge_all(scene: Scene, rows: Sequence[ShadowRow]) -> None:
    """Judge these, and write down what is new."""
    known = {source.name: source for source in sources.every(scene.tx)}
    for row in rows:
        losing = known.get(row.losing)
        if losing is not None and _is_another(row, losing):
            shadow.watch_anew(scene.tx, row.id, generation=losing.generation, watched=losing.watched)
        found = judge(facts_of(scene, row, known))
        if found is not None:
            shadow.judge(scene.tx, row.id, found.verdict, found.why, now=scene.now, at=scene.stamp)


def facts_of(scene: Scene, row: ShadowRow, known: Mapping[str, SourceRow]) -> Facts:
    """What the ledger says of an act that would have been done; `known` are its sources, by name."""
    lost, losing = unpack(row.lost.encode()), known.get(row.losing)
    around = list(_around(scene.tx, row, known))
    back, doubt = _shown_again(row, lost, around)
    key = shadow.returned(scene.tx, row.finding_id, row.lost_id, since=row.would_seq)
    if back is None and key is not None:
        back = f"{row.losing} has it again ({key})"
    target = items.by_id(scene.tx, row.item_id) if row.item_id is not None else None
    if target is not None and (not target.current or target.item.key != Key(row.kind, row.key)):
        target = None  # its key names another thing now
    return Facts(
        verb=Verb(row.verb),
        losing=row.losing,
        refused=_refused(scene.tx, row),
        back=back or (_file_again(row, target) if target is not None else None),
        wanted=_wanted(scene, row, target, around),
        done=_done(scene.tx, row, target),
        doubt=doubt or _nobody_watches(row, losing),
        watched=0.0 if losing is None or _is_another(row, losing) else losing.watched - row.watched,
        was_right=row.verdict == "right",
    )


def _is_another(row: ShadowRow, losing: SourceRow) -> bool:
    """Whether its counter says nothing of the one that was watched before."""
    return losing.generation != row.generation or losing.watched < row.watched


def _around(tx: Tx, row: ShadowRow, known: Mapping[str, SourceRow]) -> Iterator[tuple[str, ItemRow]]:
    """What shares the thing's refs now, and the lost item itself, each with its source's name."""
    found = {
        one.id: one for one in items.sharing(tx, map(Ref.parse, row.refs.split("\n") if row.refs else []))
    }
    itself = items.by_id(tx, row.lost_id) if row.lost_id is not None else None
    if itself is not None:
        found[itself.id] = itself
    apart = {other for other, said in links.of(tx, row.lost_id or 0).items() if said == "apart"}
    names = {source.id: source.name for source in known.values() if source.state == "active"}
    for one in found.values():
        if one.id not in apart and one.source_id in names:
            yield names[one.source_id], one


def _shown_again(
    row: ShadowRow, lost: Item, around: Sequence[tuple[str, ItemRow]]
) -> tuple[str | None, str | None]:
    """Who shows the thing that did not then; and who shows what may be it, so that nothing can be told."""
    doubt = None
    stood = set(msgspec.json.decode(row.stood, type=list[int]))
    heard = None if row.asked is None else set(row.asked.split("\n"))
    for source, one in around:
        if one.id in stood or not shows(one, row.what, row.path):
            continue
        if heard is not None and source not in heard:
            continue
        if row.code == "replaced" and (source, one.item.key) != (row.losing, lost.key) and row.path is None:
            continue  # that it stands under other keys is what a replacement is
        if one.id != row.lost_id and compare(lost.refs, one.item.refs) in (Sameness.OTHER, Sameness.DISPUTED):
            doubt = f"{source} holds {one.item.key} under refs that contradict it"
            continue
        has = "a file of it" if row.what == What.FILE and one.item.has_file else "it"
        again = " again" if source == row.losing or one.first_seq <= row.would_seq else ""
        return f"{source} has {has}{again} ({one.item.key})", None
    return None, doubt


def _refused(tx: Tx, row: ShadowRow) -> str | None:
    """How a person said no to it."""
    finding = findings.get(tx, row.finding_id)
    if finding is not None and finding.ignored_by is not None:
        return f"its finding was ignored by {finding.ignored_by}"
    if row.item_id is not None and links.of(tx, row.item_id).get(row.lost_id or 0) == "apart":
        return "somebody said that the two are not one thing"
    return None


def _file_again(row: ShadowRow, target: ItemRow) -> str | None:
    """The file came into the very app in which the act would have been done."""
    was = msgspec.json.decode(row.was, type=Was)
    if target.presence is Presence.PRESENT and target.item.has_file is True and was.file is False:
        return f"{row.target} has a file of it again ({target.item.key})"
    return None


def _wanted(
    scene: Scene, row: ShadowRow, target: ItemRow | None, around: Sequence[tuple[str, ItemRow]]
) -> str | None:
    """What shows that somebody wants it: it is looked for again, or got a tag that the policy spares."""
    was = msgspec.json.decode(row.was, type=Was)
    if target is not None and target.item.attrs.get("monitored") is True and was.monitored is False:
        by = shadow.did_it(scene.tx, target.id, Verb.MONITOR, "", since=row.would_seq)
        if not by:  # a policy of ours is nobody
            return f"{row.target} monitors it again ({target.item.key})"
    policy = scene.rules.policies.get(row.policy)
    spared = (
        {tag.casefold() for tag in policy.unless.tags} if policy and policy.words() == row.words else set()
    )
    seen = [*around, *([(row.target, target)] if target is not None else [])]
    for source, one in seen:
        hit = sorted(labels_of(one.item.attrs) & spared) if one.presence is Presence.PRESENT else []
        if hit and source not in scene.untagged:
            return f"it got the tag {hit[0]} in {source}"
    return None


def _done(tx: Tx, row: ShadowRow, target: ItemRow | None) -> str | None:
    """Somebody did the same, and it was no policy of ours."""
    ours = shadow.did_it(tx, row.item_id or 0, row.verb, row.label, since=row.would_seq)
    if ours is not None:
        return "you did it yourself" if ours == "" else None
    key, verb = f"{row.kind} {row.key}", Verb(row.verb)
    if target is None:
        return None
    if verb is Verb.DELETE:
        grave = shadow.grave_of(tx, target.id, since=row.would_seq)
        if target.presence is not Presence.GONE or grave is None or grave.cause == "reconciled":
            return None
        return f"{key} left {row.target} all the same" + (f", by {grave.actor}" if grave.actor else "")
    if target.presence is not Presence.PRESENT:
        return None
    if verb is Verb.RESTORE:
        return f"{row.target} has {key} again"
    was, now = msgspec.json.decode(row.was, type=Was), as_it_is(target.item, row.label)
    changed = {
        Verb.UNMONITOR: (was.monitored, now.monitored) == (True, False),
        Verb.MONITOR: (was.monitored, now.monitored) == (False, True),
        Verb.TAG: (was.tagged, now.tagged) == (False, True),
        Verb.UNTAG: (was.tagged, now.tagged) == (True, False),
    }
    return f"somebody did the same to {key} in {row.target}" if changed.get(verb) else None


def _nobody_watches(row: ShadowRow, losing: SourceRow | None) -> str | None:
    if losing is None or losing.state == "frozen":
        return f"{row.losing} left the config, so nobody can tell"
    return None
