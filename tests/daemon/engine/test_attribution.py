"""Who did it: tables of evidence with the cause, the actor and the one sentence that follow."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from reconciled.engine.attribution import attribute
from reconciled.engine.deeds import Deed, believed, deed_of
from reconciled.ledger.tombstones import Evidence
from reconciled.model import Event, Key, Op

NOW = datetime(2026, 11, 3, 22, tzinfo=UTC)
MOVIE = Key("movie", "7")


def told(
    source: str, time: str, how: str = "event", *, deed: str | None = None, named: bool = False, **more: Any
) -> Evidence:
    """Evidence of a source, in the order of its time; `named` when it names its app as who did it."""
    at = f"2026-11-{time[:2] if time[2] == 'T' else '03'}T{time[-5:]}:00.000Z"
    moment = datetime.fromisoformat(at)
    place = int(moment.timestamp())
    stone = {"jellyfin": 1, "radarr": 2, "requests": 3}.get(source, 4)
    usual: dict[str, Any] = {"source": source, "kind": "movie", "stone": stone, "place": place}
    cause = source if named else None
    return Evidence(
        place // 2, at, how, "words", cause, None, None, deed and Deed(deed), None, **(usual | more)
    )


ANNA = replace(told("jellyfin", "21:04", deed="deleted", named=True), actor="anna")
NOBODY = told("jellyfin", "21:04", deed="removed", named=True)
MISSING = told("radarr", "04T03:12", deed="missing", what="file")
MANUAL = told("radarr", "21:03", deed="file deleted", named=True, what="file")
PAGE = told("radarr", "21:03", deed="deleted", named=True)
DISK = told("disk", "21:00", deed="outside", kind="file")
SCAN = told("jellyfin", "04T03:12", "scan", deed="unlisted", last_seen="2026-11-03T21:00:00.000Z")
PROOF = told("jellyfin", "21:05", "lookup")
OURS = replace(
    told("requests", "04T03:13", "action", kind="request"), cause="reconciled", actor="forget_deleted"
)
HAND = replace(told("radarr", "21:00", "action"), cause="dashboard", actor="owner")
UPGRADE = told("radarr", "21:03", "history", deed="replaced", what="file")
TRASH = told("paperless", "21:02", "trash", deed="trashed", named=True, kind="document")
GONE = "System (external detection): Film: "


@pytest.mark.parametrize(
    ("evidence", "cause", "actor", "sentence"),
    [
        pytest.param([], "external", None, f"{GONE}a scan no longer lists it", id="nothing"),
        pytest.param([ANNA], "jellyfin", "anna", "Film: deleted in Jellyfin by anna at 21:04", id="a person"),
        pytest.param(
            [ANNA, MISSING, OURS], "jellyfin", "anna",
            "Film: deleted in Jellyfin by anna at 21:04; "
            "Radarr noticed the missing file on Wed 4 Nov at 03:12; its request went at 03:13 by us",
            id="a person, who noticed it, what we did",
        ),
        pytest.param(
            [MISSING, ANNA, OURS], "jellyfin", "anna",
            "Film: deleted in Jellyfin by anna at 21:04; "
            "Radarr noticed the missing file on Wed 4 Nov at 03:12; its request went at 03:13 by us",
            id="in the order of what happened",
        ),
        pytest.param(
            [NOBODY], "jellyfin", None,
            "Film: removed from Jellyfin at 21:04, which does not say by whom", id="an app without a person",
        ),
        pytest.param(
            [NOBODY, MISSING], "jellyfin", None,
            "Film: removed from Jellyfin at 21:04, which does not say by whom; "
            "Radarr noticed the missing file on Wed 4 Nov at 03:12",
            id="the first that names an app",
        ),
        pytest.param(
            [MANUAL, NOBODY], "radarr", None,
            "Film: its file was deleted through Radarr (its page or its API) at 21:03; "
            "Jellyfin no longer found it at 21:04",
            id="through Radarr; Jellyfin noticed",
        ),
        pytest.param(
            [PAGE, ANNA], "radarr", None,
            "Film: deleted in Radarr at 21:03; deleted in Jellyfin by anna at 21:04",
            id="two did it, the first counts",
        ),
        pytest.param(
            [DISK, NOBODY], "external", None,
            f"{GONE}deleted on the disk at 21:00; Jellyfin no longer found it at 21:04",
            id="an app that noticed what the disk told",
        ),
        pytest.param(
            [DISK, ANNA], "jellyfin", "anna",
            "Film: deleted on the disk at 21:00; deleted in Jellyfin by anna at 21:04",
            id="a person deleted it, and the disk told first",
        ),
        pytest.param(
            [DISK, MANUAL], "radarr", None,
            "Film: deleted on the disk at 21:00; "
            "its file was deleted through Radarr (its page or its API) at 21:03",
            id="an app that says it did it did it",
        ),
        pytest.param(
            [MISSING], "external", None,
            f"{GONE}Radarr noticed the missing file on Wed 4 Nov at 03:12", id="noticing is not doing",
        ),
        pytest.param(
            [SCAN], "external", None,
            f"{GONE}Jellyfin no longer listed it, so it went between 21:00 (last seen) and Wed 4 Nov 03:12",
            id="only a scan: a window",
        ),
        pytest.param(
            [SCAN, PROOF], "external", None,
            f"{GONE}Jellyfin no longer listed it, so it went between 21:00 (last seen) and Wed 4 Nov 03:12; "
            "proved by words",
            id="with its proof",
        ),
        pytest.param(
            [ANNA, SCAN], "jellyfin", "anna", "Film: deleted in Jellyfin by anna at 21:04",
            id="one step for one loss",
        ),
        pytest.param(
            [UPGRADE, SCAN], "external", None,
            f"{GONE}Radarr replaced its file at 21:03; Jellyfin no longer listed it on Wed 4 Nov at 03:12",
            id="replaced is not lost",
        ),
        pytest.param(
            [TRASH], "paperless", None, "Film: moved to the trash of Paperless at 21:02", id="the trash"
        ),
        pytest.param(
            [HAND, NOBODY], "dashboard", "owner",
            "Film: deleted in Radarr at 21:00 by owner, through reconciled; "
            "Jellyfin no longer found it at 21:04",
            id="by hand here",
        ),
        pytest.param(
            [replace(OURS, kind="movie", source="radarr")], "reconciled", "forget_deleted",
            "Film: deleted in Radarr on Wed 4 Nov at 03:13 by us", id="a story that our act began",
        ),
        pytest.param(
            [SCAN, OURS], "external", None,
            f"{GONE}Jellyfin no longer listed it, so it went between 21:00 (last seen) and Wed 4 Nov 03:12; "
            "its request went at 03:13 by us",
            id="our consequence is no cause",
        ),
    ],
)  # fmt: skip
def test_one_sentence(evidence: list[Evidence], cause: str, actor: str | None, sentence: str) -> None:
    found = attribute(evidence, title="Film", zone=UTC, now=NOW)
    assert (found.cause, found.actor, found.sentence) == (cause, actor, sentence)
    assert len(found.steps) <= max(len(evidence), 1)


def test_the_steps_say_who_did_what_and_how_that_is_known() -> None:
    found = attribute([ANNA, MISSING, OURS], title="Film", zone=UTC, now=NOW)
    assert [(step.at, step.who, step.did, step.how, step.source) for step in found.steps] == [
        ("2026-11-03T21:04:00.000Z", "anna", "deleted in Jellyfin by anna", "event", "jellyfin"),
        ("2026-11-04T03:12:00.000Z", None, "Radarr noticed the missing file", "event", "radarr"),
        ("2026-11-04T03:13:00.000Z", "reconciled", "its request went by us", "action", "requests"),
    ]


def test_times_are_those_of_the_reader() -> None:
    here = ZoneInfo("Europe/Berlin")
    found = attribute([ANNA, MISSING], title="Film", zone=here, now=NOW + timedelta(days=400))
    assert found.sentence == (
        "Film: deleted in Jellyfin by anna on Tue 3 Nov 2026 at 22:04; "
        "Radarr noticed the missing file on Wed 4 Nov at 04:12"
    )
    assert attribute([ANNA], title="Film", now=NOW).sentence.endswith("at 21:04 UTC")


def test_what_is_remembered_of_the_loss_of_another_goes_to_its_own_step() -> None:
    """Radarr was asked about Jellyfin's loss, and again about its own: that is one step."""
    asked = replace(MANUAL, how="history", stone=1, own=False)
    found = attribute(
        [asked, NOBODY, replace(MANUAL, place=(MANUAL.place or 0) + 500)], title="Film", now=NOW
    )
    assert [step.source for step in found.steps] == ["radarr", "jellyfin"]


def test_a_clock_that_is_off_is_said_and_not_believed() -> None:
    odd = replace(MANUAL, how="history", occurred="2026-11-03T18:00:00.000Z")
    found = attribute([odd], title="Film", zone=UTC, now=NOW)
    assert found.sentence.endswith("at 21:03 (by its own clock, which is off, 18:00)")
    assert found.steps[0].at == odd.at


TOLD = datetime(2026, 11, 3, 21, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes", "since", "good"),
    [
        (0, None, True),
        (-15, None, True),
        (-16, None, False),
        (15, None, True),
        (16, None, False),
        (-300, 240, False),
        (-255, 240, True),
        (-100, 240, True),
        (16, 240, False),
    ],
)
def test_when_the_time_of_an_app_counts(minutes: int, since: int | None, good: bool) -> None:
    """Told at once, or remembered since when it was last seen (minutes before)."""
    seen = TOLD - timedelta(minutes=since) if since is not None else None
    assert believed(TOLD + timedelta(minutes=minutes), told=TOLD, since=seen) is good


def test_no_time_is_no_time() -> None:
    assert not believed(None, told=TOLD, since=None)


@pytest.mark.parametrize(
    ("event", "deed"),
    [
        (Event(Op.DELETED, MOVIE, own_act=True), Deed.DELETED),
        (Event(Op.DELETED, MOVIE, own_act=True, reason="files deleted"), Deed.DELETED),
        (Event(Op.DELETED, MOVIE), Deed.REMOVED),
        (Event(Op.DELETED, MOVIE, actor="anna"), Deed.DELETED),
        (Event(Op.DELETED, MOVIE, external=True, reason="on the disk"), Deed.OUTSIDE),
        (Event(Op.FILE_DELETED, MOVIE, reason="Manual"), Deed.FILE_DELETED),
        (Event(Op.FILE_DELETED, MOVIE, reason="Manual, 8 files"), Deed.FILE_DELETED),
        (Event(Op.FILE_DELETED, MOVIE, reason="MissingFromDisk", external=True), Deed.MISSING),
        (Event(Op.FILE_DELETED, MOVIE, reason="Upgrade"), Deed.REPLACED),
        (Event(Op.FILE_DELETED, MOVIE, reason="Upgrade, 3 files"), Deed.REPLACED),
        (Event(Op.FILE_DELETED, MOVIE, reason="ManualOverride"), Deed.REPLACED),
        (Event(Op.FILE_DELETED, MOVIE), Deed.REMOVED),
        (Event(Op.FILE_DELETED, MOVIE, reason="one of its places"), Deed.REMOVED),  # Shoko may have missed it
        (Event(Op.FILE_DELETED, MOVIE, reason="one of its places", actor="anna"), Deed.FILE_DELETED),
        (Event(Op.FILE_DELETED, MOVIE, own_act=True), Deed.FILE_DELETED),
    ],
)
def test_what_an_event_says_that_was_done(event: Event, deed: Deed) -> None:
    assert deed_of(event) is deed
    assert deed_of(event, echo=True) is Deed.ECHO
