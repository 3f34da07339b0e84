"""What a scenario may claim of the apps, the ledger and the messages: one function a claim.

A claim about a set names the whole set, so that what nobody expected makes it false. Effects come
from what the fake apps counted, never from what we believe to have done.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, TypeAlias

from tests.scenarios.script import BadScript
from tests.scenarios.stage import Stage

from reconciled.engine.attribution import attribute
from reconciled.ledger import tombstones
from reconciled.model import Presence

Claim: TypeAlias = Callable[[Stage, Any], Awaitable[None]]
CLAIMS: dict[str, Claim] = {}


def claim(name: str) -> Callable[[Claim], Claim]:
    """This is what the word claims."""

    def keep(made: Claim) -> Claim:
        CLAIMS[name] = made
        return made

    return keep


def same(what: str, expected: Any, found: Sequence[str]) -> None:
    """Lists are the same whatever their order; a mapping counts them by their first word."""
    if isinstance(expected, dict):
        counted = Counter(one.split()[0] for one in found)
        assert dict(counted) == expected, f"{what}: {expected} expected, found {dict(counted)}"
    elif isinstance(expected, list):
        lacking, odd = Counter(expected) - Counter(found), Counter(found) - Counter(expected)
        said = f"{what}: lacking {sorted(lacking.elements())}, unexpected {sorted(odd.elements())}"
        assert lacking + odd == Counter(), f"{said}; found {sorted(found)}"
    else:
        raise BadScript(f"{what}: a list belongs here, or a mapping that counts; not {expected!r}")


# --- the apps -----------------------------------------------------------------------------------------


@claim("effects")
async def _effects(stage: Stage, expected: Any) -> None:
    """All that we ever changed in any app, once for each time: `radarr deleted film 1 with files`."""
    same("effects", expected, sorted(_all_effects(stage)))


def _all_effects(stage: Stage) -> Iterator[str]:
    for app in ("radarr", "radarr_4k", "sonarr"):
        yield from _servarr_effects(stage, app)
    for key, times in stage.home.jellyfin.deletes.items():
        yield from [f"jellyfin deleted {stage.names.of_key('jellyfin', key)}"] * times
    for number, times in stage.home.requests.deletes.items():
        yield from [f"requests deleted {stage.names.of_key('requests', str(number))}"] * times
    for method, path in stage.home.requests.requests:
        _, _, rest = path.partition("/request/")
        number_, _, word = rest.partition("/")
        name = stage.names.of_key("requests", number_)
        if word == "restore":
            yield f"requests restored {name}"
        elif word:
            label = word.partition("/")[2]
            yield f"requests {'tagged' if method == 'PUT' else 'untagged'} {name} {label}"


def _servarr_effects(stage: Stage, app: str) -> Iterator[str]:
    fake = stage.servarr(app)
    for number, times in fake.deletes.items():
        name = stage.names.of_key(app, str(number))
        files = " with files" if stage.places[app, str(number)] in fake.erased else ""
        excluded = any(_is(stage, one, name) for one in fake.state.exclusions)
        yield from [f"{app} deleted {name}{files}{' and excluded it' if excluded else ''}"] * times
    for body in fake.added:
        again = " and searches for it" if body in fake.searches else ""
        yield f"{app} got back {stage.names.of_work(fake.ever[body[fake.id_param]].work)}{again}"
    for ids, change in fake.edits:
        for number in ids:
            name = stage.names.of_key(app, str(number))
            if "monitored" in change:
                yield f"{app} {'monitored' if change['monitored'] else 'unmonitored'} {name}"
            for tag in change.get("tags", ()):
                word = "untagged" if change["applyTags"] == "remove" else "tagged"
                yield f"{app} {word} {name} {fake.state.tags[tag]}"


def _is(stage: Stage, exclusion: dict[str, Any], name: str) -> bool:
    work = stage.names.work(name)
    return exclusion.get("tmdbId") == work.tmdb or exclusion.get("tvdbId", 0) == (work.tvdb or -1)


@claim("attempts")
async def _attempts(stage: Stage, expected: Any) -> None:
    """How many changing requests came to each app, whatever became of them; apps without any are left out."""
    found = {
        app: n
        for app, fake in stage.apps.items()
        if (n := sum(method in ("DELETE", "PUT") for method, _ in fake.requests))
    }
    assert found == expected, f"attempts: {expected} expected, found {found}"


@claim("still there")
async def _there(stage: Stage, expected: Any) -> None:
    """`radarr film 1`: the app has it."""
    for said in expected:
        assert _has(stage, said), f"{said} is not there any more"


@claim("not there")
async def _not_there(stage: Stage, expected: Any) -> None:
    """`radarr film 1`: the app does not have it."""
    for said in expected:
        assert not _has(stage, said), f"{said} is there"


def _has(stage: Stage, said: str) -> bool:
    app, _, name = said.partition(" ")
    if app not in stage.apps:
        raise BadScript(f"{said!r}: there is no app {app!r}")
    key = stage.names.key(app, name).id
    match app:
        case "jellyfin":
            return key in stage.home.jellyfin.state.items
        case "requests":
            return int(key) in stage.home.requests.entries
        case _:
            return int(key) in stage.servarr(app).state.entries


@claim("asked again")
async def _asked(stage: Stage, expected: Any) -> None:
    """The sources that were read to their end, in order, since the first reading of all."""
    found = stage.scanned[len(stage.given.sources) :]
    assert found == expected, f"scans: {expected} expected, found {found}"


# --- the outbox ---------------------------------------------------------------------------------------


@claim("actions")
async def _actions(stage: Stage, expected: Any) -> None:
    """All actions there ever were: `done delete requests film 1`; or `{done: 40}`."""
    same("actions", expected, [f"{row['state']} {stage.said(row)}" for row in await _rows(stage)])


@claim("would")
async def _would(stage: Stage, expected: Any) -> None:
    """What dry-run only said: `delete requests film 1`."""
    found = [row for row in await _rows(stage) if row["would_at"] is not None]
    same("would", expected, [stage.said(row) for row in found])


@claim("score")
async def _score(stage: Stage, expected: Any) -> None:
    """What the world said of it: `right delete requests film 1`; or `{wrong delete …: radarr has}`: why."""
    rows = await stage.rows("SELECT * FROM shadow ORDER BY id")
    found = [(f"{row['verdict']} {stage.said(row)}", stage.names.text(row["why"])) for row in rows]
    same("score", [*expected], [said for said, _ in found])
    for said, why in expected.items() if isinstance(expected, dict) else ():
        assert any(said == one and why in text for one, text in found), f"{said}: {why!r} expected; {found}"


@claim("reasons")
async def _reasons(stage: Stage, expected: Any) -> None:
    """Why actions stand where they stand: `{delete requests film 1: radarr has a file}`; one text: all."""
    await _texts(stage, "reason", expected)


@claim("since")
async def _since(stage: Stage, expected: Any) -> None:
    """Why actions are wanted, in the same form."""
    await _texts(stage, "since", expected)


async def _texts(stage: Stage, column: str, expected: Any) -> None:
    rows = await _rows(stage)
    assert rows, f"{column}: there is no action"
    if isinstance(expected, str):
        expected = {stage.said(row): expected for row in rows}
    for said, part in expected.items():
        found = [stage.names.text(row[column]) for row in rows if stage.said(row) == said]
        assert found, f"{column}: there is no action {said!r}; there are: {[stage.said(r) for r in rows]}"
        assert all(part in text for text in found), f"{column} of {said}: {part!r} expected, found {found}"


async def _rows(stage: Stage) -> list[dict[str, Any]]:
    return await stage.rows("SELECT * FROM action ORDER BY id")


@claim("decisions")
async def _decisions(stage: Stage, expected: Any) -> None:
    """The open decisions, each with why and how many actions wait: `forget first 800`."""
    found = await stage.rows(
        "SELECT d.policy, d.why, count(a.id) AS n FROM decision AS d "
        "LEFT JOIN action AS a ON a.decision_id = d.id AND a.state = 'waiting' "
        "WHERE d.closed_at IS NULL GROUP BY d.id"
    )
    same("decisions", expected, [f"{row['policy']} {row['why']} {row['n']}" for row in found])


# --- the ledger ---------------------------------------------------------------------------------------


@claim("findings")
async def _findings(stage: Stage, expected: Any) -> None:
    """The open findings, or those of a replacement: `gone jellyfin film 1`; or `{gone: 800}`."""
    found = await stage.rows(
        "SELECT * FROM finding WHERE resolved_at IS NULL OR code = 'replaced' ORDER BY id"
    )
    same("findings", expected, [f"{row['code']} {_named(stage, row)}{_what(row)}" for row in found])


@claim("tombstones")
async def _tombstones(stage: Stage, expected: Any) -> None:
    """What did not come back: `radarr film 1`, or `radarr film 1 (file)`."""
    found = await stage.rows(
        "SELECT * FROM tombstone WHERE NOT EXISTS (SELECT 1 FROM revival WHERE tombstone_id = tombstone.id)"
    )
    same("tombstones", expected, [f"{_named(stage, row)}{_what(row)}" for row in found])


@claim("causes")
async def _causes(stage: Stage, expected: Any) -> None:
    """Who did it, by what is gone: `{requests film 1: reconciled}`."""
    for row in await stage.rows("SELECT * FROM tombstone"):
        evidence = await stage.ledger.read(tombstones.of_story, row["story_id"])
        cause = attribute(evidence, title="it").cause
        told = [f"{one.how}: {one.said} ({one.cause})" for one in evidence]
        wanted = expected.get(_named(stage, row), cause)
        assert cause == wanted, f"cause of {_named(stage, row)}: {wanted} expected, found {cause}; {told}"
    graves = {_named(stage, row) for row in await stage.rows("SELECT * FROM tombstone")}
    assert graves >= set(expected), f"causes: no tombstone of {sorted(set(expected) - graves)}"


@claim("held")
async def _held(stage: Stage, expected: Any) -> None:
    """How many suspects each source holds: `{radarr: 12}`; sources without any are left out."""
    found = await stage.rows(
        "SELECT name, count(*) AS n FROM suspect JOIN item ON item.id = item_id "
        "JOIN source ON source.id = source_id WHERE hold_id IS NOT NULL GROUP BY name"
    )
    held = {row["name"]: row["n"] for row in found}
    assert held == expected, f"held: {expected} expected, found {held}"


@claim("presence")
async def _presence(stage: Stage, expected: Any) -> None:
    """What the ledger holds: `{radarr film 1: present}`."""
    for said, wanted in expected.items():
        app, _, name = said.partition(" ")
        if wanted not in set(Presence):
            raise BadScript(f"{wanted!r}: a presence is one of {', '.join(Presence)}")
        found = await stage.rows(
            "SELECT presence FROM item JOIN source ON source.id = source_id "
            "WHERE name = ? AND key = ? AND current = 1",
            app,
            stage.names.key(app, name).id,
        )
        assert [row["presence"] for row in found] == [wanted], f"{said}: {wanted} expected, found {found}"


def _named(stage: Stage, row: dict[str, Any]) -> str:
    return f"{row['source']} {stage.names.of_key(row['source'], row['key'])}"


def _what(row: dict[str, Any]) -> str:
    return " (file)" if row["what"] == "file" else ""


# --- messages -----------------------------------------------------------------------------------------


@claim("messages")
async def _messages(stage: Stage, expected: Any) -> None:
    """All messages that went out, in order, each by a part of it; titles read like `film 1`."""
    found = stage.sent
    assert len(found) == len(expected), f"messages: {len(expected)} expected, found {found}"
    for part, text in zip(expected, found, strict=True):
        assert part in text, f"messages: {part!r} expected, found {text!r}"
