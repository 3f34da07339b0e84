"""The pure decisions, as tables."""

from dataclasses import replace
from typing import Any

import pytest

from reconciled.engine.attribution import attribute
from reconciled.engine.holds import Facts, Reason, judge
from reconciled.engine.identity import Sameness, compare, is_another_thing, vouches, was_reidentified
from reconciled.engine.verdict import testify as weigh
from reconciled.ledger.rows import RootRow
from reconciled.ledger.tombstones import Evidence
from reconciled.model import Absent, Item, Key, Ref, Verdict


def refs(*texts: str) -> frozenset[Ref]:
    return frozenset(map(Ref.parse, texts))


@pytest.mark.parametrize(
    ("mine", "theirs", "expected"),
    [
        (["tmdb:movie/1"], ["tmdb:movie/1"], Sameness.SAME),
        (["tmdb:movie/1", "imdb:tt1"], ["tmdb:movie/1"], Sameness.SAME),
        (["tmdb:movie/1", "imdb:tt1"], ["tmdb:movie/1", "imdb:tt2"], Sameness.DISPUTED),
        (["tmdb:movie/1"], ["tmdb:movie/2"], Sameness.OTHER),
        (["tmdb:movie/1"], ["tmdb:tv/1"], Sameness.UNRELATED),
        (["tmdb:movie/1"], ["imdb:tt1"], Sameness.UNRELATED),
        (["path:/a"], ["path:/a"], Sameness.UNRELATED),
        ([], [], Sameness.UNRELATED),
        (["imdb:tt1", "imdb:tt2"], ["imdb:tt2"], Sameness.SAME),
        (["tvdb:series/1"], ["tvdb:series/1/s01"], Sameness.OTHER),
    ],
)
def test_which_refs_name_the_same_thing(mine: list[str], theirs: list[str], expected: Sameness) -> None:
    assert compare(refs(*mine), refs(*theirs)) is expected
    assert compare(refs(*theirs), refs(*mine)) is expected


@pytest.mark.parametrize(
    ("known", "answer", "is_yes"),
    [
        ({"refs": ["tmdb:movie/1"]}, {"refs": ["tmdb:movie/1", "imdb:tt9"]}, True),
        ({"refs": ["tmdb:movie/1"]}, {"refs": ["tmdb:movie/2"]}, False),
        ({"refs": ["tmdb:movie/1"]}, {"refs": []}, False),
        ({"refs": [], "path": "/a"}, {"refs": [], "path": "/a"}, True),
        ({"refs": [], "path": "/a"}, {"refs": [], "path": "/b"}, False),
        ({"refs": []}, {"refs": []}, True),
        ({"refs": []}, {"refs": [], "title": "Other"}, False),
        ({"refs": ["tmdb:movie/1"]}, {"refs": ["tmdb:movie/1"], "id": "2"}, False),
    ],
)
def test_what_a_yes_needs(known: dict[str, Any], answer: dict[str, Any], is_yes: bool) -> None:
    assert vouches(_item(**known), _item(**answer)) is is_yes


def _item(*, refs: list[str], id: str = "1", title: str = "Film", path: str | None = None) -> Item:  # noqa: A002 - as in Key
    return Item(Key("movie", id), title, frozenset(map(Ref.parse, refs)), path=path)


def test_another_thing_under_a_key_is_re_identified_only_at_the_same_path() -> None:
    known = _item(refs=["tmdb:movie/1"], path="/a")
    assert is_another_thing(known, _item(refs=["tmdb:movie/2"], path="/a"))
    assert was_reidentified(known, _item(refs=["tmdb:movie/2"], path="/a"))
    assert not was_reidentified(known, _item(refs=["tmdb:movie/2"], path="/b"))
    assert not was_reidentified(replace(known, path=None), _item(refs=["tmdb:movie/2"]))


FACTS = Facts("radarr", "movie", "/films", [1], went=0, stood=100, newest_other=90, max_gone=0.1)
ROOT = RootRow(
    "/films",
    accessible=True,
    empty=False,
    device="/a",
    size=1000,
    listed=True,
    base_device="/a",
    base_size=1000,
)
UNSAID = replace(ROOT, device=None, size=None)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"first_seen": []}, None),
        ({"first_seen": [1] * 10}, None),
        ({"first_seen": [1] * 11}, Reason.MANY),
        ({"first_seen": [1] * 5, "stood": 6}, None),
        ({"first_seen": [1] * 6, "stood": 7}, Reason.MANY),
        ({"first_seen": [1] * 4, "went": 7}, Reason.MANY),
        ({"first_seen": [1] * 4, "went": 6}, None),
        ({"first_seen": [1] * 100, "max_gone": 1.0}, None),
        ({"first_seen": [91, 92, 93]}, Reason.NEWEST),
        ({"first_seen": [91, 92]}, None),
        ({"first_seen": [90, 91, 92]}, None),
        ({"first_seen": [1, 91, 92, 93]}, Reason.NEWEST),
        ({"first_seen": [1, 2, 91, 92]}, None),
        ({"first_seen": [1, 2, 3], "newest_other": None}, Reason.MANY),
        ({"first_seen": [1, 2], "newest_other": None}, None),
        ({"files": 6, "files_stood": 60}, None),
        ({"files": 6, "files_stood": 59}, Reason.MANY),
        ({"files": 2, "files_went": 4, "files_stood": 59}, Reason.MANY),
        ({"files": 5, "files_stood": 6}, None),
        ({"files": 3, "files_stood": 3}, Reason.MANY),
        ({"files": 3, "files_went": 1, "files_stood": 4}, Reason.MANY),
        ({"files": 2, "files_stood": 2}, None),
        ({"files": 30, "files_stood": 30, "max_gone": 1.0}, None),
        ({"root_row": ROOT, "roots_known": True}, None),
        ({"root_row": None, "roots_known": True}, Reason.ROOT),
        ({"root_row": None, "roots_known": False}, None),
        ({"root_row": replace(ROOT, accessible=False), "roots_known": True}, Reason.ROOT),
        ({"root_row": replace(ROOT, accessible=None), "roots_known": True}, None),
        ({"root_row": replace(ROOT, empty=True), "roots_known": True}, Reason.ROOT),
        ({"root_row": replace(ROOT, device="/"), "roots_known": True}, Reason.ROOT),
        ({"root_row": replace(ROOT, device=None), "roots_known": True}, None),
        ({"root_row": replace(ROOT, size=None), "roots_known": True}, None),
        ({"root_row": UNSAID, "roots_known": True}, Reason.ROOT),
        (
            {"root_row": replace(ROOT, device=None, size=0, base_device=None), "roots_known": True},
            Reason.ROOT,
        ),
        ({"root_row": replace(UNSAID, base_device=None, base_size=None), "roots_known": True}, None),
        ({"root_row": replace(ROOT, size=1050), "roots_known": True}, None),
        ({"root_row": replace(ROOT, size=2000), "roots_known": True}, Reason.ROOT),
        ({"root_row": replace(ROOT, listed=False), "roots_known": True}, Reason.ROOT),
        ({"root": "", "roots_known": True}, None),
        ({"foreign": "other"}, Reason.INSTANCE),
        ({"account": "less"}, Reason.ACCOUNT),
        ({"no_yes_for": 86399.0}, None),
        ({"no_yes_for": 86400.0}, Reason.NO_YES),
    ],
)
def test_when_suspects_are_held(changes: dict[str, Any], reason: Reason | None) -> None:
    judgement = judge(replace(FACTS, **changes))
    assert (judgement.reason if judgement else None) == reason
    if judgement:
        assert judgement.sentence
        assert "\n" not in judgement.sentence


KEY = Key("movie", "1")
CONTROL = _item(refs=["tmdb:movie/9"], id="9", title="Control")


@pytest.mark.parametrize(
    ("answer", "how", "verdict", "no_yes"),
    [
        (Item(KEY, "Film"), {"yes": False, "control": None}, Verdict.PRESENT, False),
        (Absent("404"), {"yes": True, "control": CONTROL}, Verdict.ABSENT, False),
        (Absent("404"), {"yes": True, "control": CONTROL, "seconds": 60.0}, Verdict.ABSENT, False),
        (Absent("404"), {"yes": True, "control": CONTROL, "seconds": 60.1}, Verdict.UNKNOWN, False),
        (Absent("404"), {"yes": False, "control": CONTROL}, Verdict.UNKNOWN, True),
        (Absent("404"), {"yes": False, "control": None}, Verdict.UNKNOWN, True),
        (None, {"yes": True, "control": CONTROL}, Verdict.UNKNOWN, False),
    ],
)
def test_the_verdict(answer: Any, how: dict[str, Any], verdict: Verdict, no_yes: bool) -> None:
    usual: dict[str, Any] = {"seconds": 0.0, "trouble": {}}
    told = weigh(KEY, answer, **(usual | how))
    assert (told.verdict, told.no_yes) == (verdict, no_yes)


def _evidence(seq: int, how: str, cause: str | None = None, actor: str | None = None) -> Evidence:
    return Evidence(seq, "2026-01-01T00:00:00Z", how, f"said {seq}", cause, actor, None)


@pytest.mark.parametrize(
    ("evidence", "cause", "actor"),
    [
        ([], "external", None),
        ([_evidence(1, "scan")], "external", None),
        ([_evidence(1, "scan"), _evidence(3, "event", "radarr")], "radarr", None),
        ([_evidence(5, "event", "jellyfin"), _evidence(3, "event", "radarr")], "radarr", None),
        ([_evidence(1, "event"), _evidence(2, "lookup")], "external", None),
        ([_evidence(1, "event", "radarr", "anna")], "radarr", "anna"),
    ],
)
def test_who_did_it(evidence: list[Evidence], cause: str, actor: str | None) -> None:
    found = attribute(evidence, title="Film")
    assert (found.cause, found.actor) == (cause, actor)
    assert found.sentence.startswith("System (external detection)") == (cause == "external")
