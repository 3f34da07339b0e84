"""Duplicates on the command line: listed, shown, explained, answered; and the search followed to its end."""

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.daemon.cli.conftest import Invoke

from reconciled.cli.duplicates_words import as_csv, share
from reconciled.cli.speed import Speed, carried, summary

if TYPE_CHECKING:
    from tests.daemon.cli.conftest import StandIn

FACTORS = [
    {"name": "text", "part": 9.1, "share": 0.98, "weight": 1, "speaks": "for", "said": "98 % alike"},
    {"name": "numbers", "part": -3.6, "share": 0.5, "weight": 1, "speaks": "against", "said": "50 % alike"},
    {
        "name": "image",
        "part": None,
        "share": None,
        "weight": 0,
        "speaks": "neither",
        "said": "cannot be told",
    },
]


def member(item: int, title: str, **more: Any) -> dict[str, Any]:
    known = {
        "item": item, "source": "paperless", "kind": "document", "id": str(item + 100), "title": title,
        "created": "2025-03-31", "correspondent": "Hollmoor", "document_type": "Invoice", "asn": None,
        "tags": ["paid", "2025"], "file_name": f"{title}.pdf", "pages": 1, "size": 2048, "words": 133,
        "presence": "present", "primary": False, "confidence": 0.9731, "said": "", "differing": [],
        "factors": [], "vetoed": False, "label": None, "label_state": None,
    }  # fmt: skip
    return {**known, **more}


def group(number: int = 3, **more: Any) -> dict[str, Any]:
    members = [
        member(11, "Invoice 12", primary=True, confidence=1.0, asn=102),
        member(12, "=scan0042", differing=["1 amount differs: 120,00 → 210,00"], factors=FACTORS),
    ]
    known = {
        "id": number, "band": "review", "state": "open", "confidence": 0.9731, "title": "Invoice 12",
        "primary": 11, "primary_by": None, "asked_again": None, "answered_by": None, "answered": None,
        "over": None, "count": 4, "shown": "as-it-is", "members": members,
    }  # fmt: skip
    return {**known, **more}


@pytest.mark.parametrize(
    ("value", "said"),
    [(1.0, "100 %"), (0.99996, "99.9 %"), (0.9731, "97.3 %"), (0.0, "0.0 %"), (None, "")],
)
def test_a_confidence_is_never_said_to_be_surer_than_it_is(value: float | None, said: str) -> None:
    assert share(value) == said


async def test_groups_are_listed_and_filtered(stand_in: "StandIn", invoke: Invoke) -> None:
    stand_in.answers["GET /api/v1/duplicates"] = (200, {"items": [group()], "next": None})
    said = await invoke(
        "duplicates", "list", "--band", "review", "--min-confidence", "0.5", "--q", "invoice",
        "--source", "paperless", "--tag", "maybe twice", "--limit", "2000",
    )  # fmt: skip
    assert said.exit_code == 0, said.output
    asked = stand_in.asked[-1][1]
    assert all(
        one in asked for one in ("state=open", "band=review", "min_confidence=0.5", "q=invoice", "tag=")
    )
    assert "limit=500" in asked, "the API gives no more at a time"
    assert said.stdout.splitlines()[1].split("\t") == [
        "3", "review", "open", "97.3 %", "4", "Invoice 12", "=scan0042 and 2 more",
        "1 amount differs: 120,00 → 210,00", "",
    ]  # fmt: skip
    assert json.loads((await invoke("duplicates", "list", "--json")).stdout)["items"] == [group()]
    await invoke("duplicates", "list", "--state", "all")
    assert "state" not in stand_in.asked[-1][1]
    assert (await invoke("duplicates", "list", "--json", "--csv")).exit_code == 2
    stand_in.answers["GET /api/v1/duplicates"] = (200, {"items": [], "next": None})
    said = await invoke("duplicates", "list")
    assert (said.exit_code, said.stdout, "looks for some" in said.stderr) == (0, "", True)


async def test_a_spreadsheet_gets_a_line_for_each_paper_and_no_formula(
    stand_in: "StandIn", invoke: Invoke
) -> None:
    stand_in.answers["GET /api/v1/duplicates"] = (200, {"items": [group()], "next": None})
    said = await invoke("duplicates", "list", "--csv")
    one, other = csv.DictReader(io.StringIO(said.stdout))
    assert (one["group"], one["primary"], one["asn"], one["tags"]) == ("3", "true", "102", "paid, 2025")
    assert (other["primary"], other["title"]) == ("false", "'=scan0042")
    assert other["why"] == "1 amount differs: 120,00 → 210,00"
    assert len(as_csv([]).splitlines()) == 1


async def test_a_spreadsheet_has_all_papers_of_a_large_group(stand_in: "StandIn", invoke: Invoke) -> None:
    stand_in.answers["GET /api/v1/duplicates"] = (200, {"items": [group(), group(4)], "next": None})
    whole = group(members=[*group()["members"], member(13, "scan0043"), member(14, "scan0044")])
    stand_in.answers["GET /api/v1/duplicates/3"] = (200, whole)  # group 4 is no more by then
    rows = list(csv.DictReader(io.StringIO((await invoke("duplicates", "list", "--csv")).stdout)))
    assert [(row["group"], row["item"]) for row in rows] == [
        ("3", "11"), ("3", "12"), ("3", "13"), ("3", "14"), ("4", "11"), ("4", "12"),
    ]  # fmt: skip


async def test_a_group_is_shown_with_the_reasons(stand_in: "StandIn", invoke: Invoke) -> None:
    stand_in.answers["GET /api/v1/duplicates/3"] = (200, group(asked_again="“Invoice 12” has another text"))
    said = await invoke("duplicates", "show", "3")
    assert said.exit_code == 0, said.output
    assert "asked again  “Invoice 12” has another text" in said.stdout
    assert "=scan0042 (paperless:document/112), 97.3 %" in said.stdout
    lines = [line for line in said.stdout.splitlines() if line.startswith("  ")]
    assert lines == [
        "  1 amount differs: 120,00 → 210,00",
        "  text      ++++++++    98 % alike",
        "  numbers   ---         50 % alike",
        "  image                 cannot be told",
    ]
    assert json.loads((await invoke("duplicates", "show", "3", "--json")).stdout)["id"] == 3
    stand_in.answers["GET /api/v1/duplicates/9"] = (404, {"detail": "there is no group 9 of duplicates"})
    said = await invoke("duplicates", "show", "9")
    assert (said.exit_code, said.stderr) == (1, "reconciled: there is no group 9 of duplicates\n")


EXPLAINED = {
    "a": member(11, "Invoice 12"), "b": member(12, "scan0042"), "why": "they are one sheet; 1.2 % differ",
    "likeness": {"confidence": 0.9731, "band": "duplicate", "vetoed": True}, "factors": FACTORS,
    "differing": ["1 date differs: 1 May → 2 May"], "groups": [3],
    "judgement": {"answer": "different", "by": "owner", "at": "2026-05-01", "counts": False},
}  # fmt: skip


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        (["11", "12"], ("11", "12")),
        (["paperless:document/111", "12"], ("paperless:document/111", "12")),
        (["paperless", "document", "111", "12"], ("paperless:document/111", "12")),
        (["11", "paperless", "document", "112"], ("11", "paperless:document/112")),
    ],
)
async def test_two_papers_are_explained(
    words: list[str], asked: tuple[str, str], stand_in: "StandIn", invoke: Invoke
) -> None:
    stand_in.answers["GET /api/v1/duplicates/explain"] = (200, EXPLAINED)
    said = await invoke("duplicates", "explain", *words)
    assert said.exit_code == 0, said.output
    a, b = (one.replace("/", "%2F") for one in asked)
    assert stand_in.asked[-1][1].replace("/", "%2F").endswith(f"explain?a={a}&b={b}")
    assert "said         different, by owner; a text changed since, so it is asked again" in said.stdout
    assert "they are one sheet; 1.2 % differ" in said.stdout
    assert "never one sheet, whatever the weights" in said.stdout
    assert "  1 date differs: 1 May → 2 May" in said.stdout


@pytest.mark.parametrize(
    "words", [["11"], ["11", "12", "13"], ["paperless", "document"], ["11", "a:b"], ["x:y", "1"]]
)
async def test_what_are_no_two_papers_is_a_usage_error(
    words: list[str], stand_in: "StandIn", invoke: Invoke
) -> None:
    said = await invoke("duplicates", "explain", *words)
    assert (said.exit_code, stand_in.asked) == (2, [])


@pytest.mark.parametrize(
    ("command", "body"),
    [
        (["ignore", "3"], {"decision": "ignore"}),
        (["resolve", "3"], {"decision": "resolve"}),
        (["reopen", "3"], {"decision": "reopen"}),
        (["not", "3"], {"decision": "not_duplicate"}),
        (["not", "3", "12"], {"decision": "not_duplicate", "members": [12]}),
        (["not", "3", "paperless:document/112"], {"decision": "not_duplicate", "members": [12]}),
        (["primary", "3", "12"], {"primary": 12}),
        (["primary", "3", "policy"], {"primary": "policy"}),
    ],
)
async def test_a_group_is_answered_as_it_stood(
    command: list[str], body: dict[str, Any], stand_in: "StandIn", invoke: Invoke
) -> None:
    stand_in.answers["GET /api/v1/duplicates/3"] = (200, group())
    stand_in.answers["POST /api/v1/duplicates/3"] = (200, {"said": "“Invoice 12”: ignored", "group": None})
    said = await invoke("duplicates", *command)
    assert (said.exit_code, said.stdout, said.stderr) == (0, "", "“Invoice 12”: ignored\n")
    assert stand_in.asked[-1][3] == {**body, "shown": "as-it-is"}


async def test_one_that_is_refused_keeps_no_other_from_being_answered(
    stand_in: "StandIn", invoke: Invoke
) -> None:
    for number in (3, 4):
        stand_in.answers[f"GET /api/v1/duplicates/{number}"] = (200, group(number))
    stand_in.answers["POST /api/v1/duplicates/3"] = (409, {"detail": "this is no longer what was shown"})
    stand_in.answers["POST /api/v1/duplicates/4"] = (200, {"said": "ignored", "group": None})
    said = await invoke("duplicates", "ignore", "3", "4", "4")
    assert said.exit_code == 1
    assert said.stderr == "group 3: this is no longer what was shown\nignored\n"
    said = await invoke("duplicates", "ignore", "3")
    assert (said.exit_code, said.stderr) == (1, "reconciled: this is no longer what was shown\n")
    said = await invoke("duplicates", "not", "3", "77")
    assert (said.exit_code, "77 is not in group 3" in said.stderr) == (1, True)
    assert (await invoke("duplicates", "not", "3", "no-item")).exit_code == 2


# the search


def run(state: str = "running", **progress: Any) -> dict[str, Any]:
    told = {"done": 0, "total": None, "rate": None, "left": None, "stage": "", **progress}
    return {
        "id": 7,
        "pass": "duplicates",
        "source": "paperless",
        "policy": None,
        "state": state,
        "progress": told,
    }


STATS = {
    "sources": {"paperless": {"read": 24}, "vsrx": {"read": 0, "trouble": "vsrx: no connection"}},
    "search": {"papers": 24, "pairs": 40, "found": 9},
    "groups": {"opened": 3, "changed": 1, "over": 0, "asked_again": 0},
}  # fmt: skip


@pytest.mark.parametrize(
    ("progress", "said"),
    [
        ({"stage": "reading"}, "reading"),
        ({"stage": "comparing", "rate": 2104.2, "left": 40.0}, "comparing, 2104 papers/s, 40 s left"),
        ({"stage": "texts of paperless", "rate": 0.25}, "texts of paperless, 15.0 papers/min"),
    ],
)
def test_how_fast_papers_are_compared(progress: dict[str, Any], said: str) -> None:
    assert carried(run(**progress), Speed(lambda: 0.0)) == said
    assert carried(run("complete", **progress), Speed(lambda: 0.0)) == ""


async def test_a_search_is_followed_to_its_end(stand_in: "StandIn", invoke: Invoke) -> None:
    stand_in.answers["POST /api/v1/runs"] = (202, {"id": 7, "state": "running"})
    stand_in.queues["GET /api/v1/runs/7"] = [
        (200, run(done=12, total=24, stage="comparing", rate=6.0, left=2.0)),
        (200, {**run("complete", done=24, total=24), "stats": STATS, "error": None}),
    ]
    said = await invoke("passes", "run", "duplicates", "--follow")
    assert said.exit_code == 0, said.output
    assert stand_in.asked[0][3] == {"pass": "duplicates"}, "one run is about all sources"
    assert said.stderr.splitlines() == [
        "duplicates: running, 12 of 24 papers, comparing, 6 papers/s, 2 s left",
        "duplicates: complete, 24 of 24",
        "duplicates: 24 papers, 40 pairs compared",
        "  groups: 3 opened, 1 changed, 0 over, 0 asked again",
        "  vsrx was left out: vsrx: no connection",
    ]
    assert said.stdout.splitlines()[1].startswith("7\tduplicates\tpaperless\tcomplete\t")


async def test_a_search_that_cannot_run_gives_exit_code_1(stand_in: "StandIn", invoke: Invoke) -> None:
    stand_in.answers["POST /api/v1/runs"] = (409, {"id": 7, "detail": "it runs already, as run 7"})
    failed = {**run("failed"), "stats": {}, "error": "install reconciled[duplicates]"}
    stand_in.answers["GET /api/v1/runs/7"] = (200, failed)
    said = await invoke("passes", "run", "duplicates", "-f")
    assert said.exit_code == 1
    assert "duplicates runs already, as run 7" in said.stderr
    assert said.stderr.splitlines()[-2:] == [
        "duplicates: install reconciled[duplicates]",
        "  what it did stands; the next run goes on from there",
    ]


def test_a_short_search_says_so() -> None:
    short = {"looked_up": 2, "groups": {"opened": 1}}
    lines = summary({**run("complete"), "stats": short})
    assert lines[0] == "duplicates: 2 new papers compared with all"
