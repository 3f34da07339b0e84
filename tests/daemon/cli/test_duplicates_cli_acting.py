"""Acting on duplicates from the command line: nothing without a yes, and then exactly what was shown."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from tests.daemon.cli.conftest import Invoke

if TYPE_CHECKING:
    from tests.daemon.cli.conftest import StandIn

ORDER = "POST /api/v1/duplicates/actions"


def outlook(**more: Any) -> dict[str, Any]:
    groups = [
        {
            "group": 3, "title": "Invoice 12", "refused": None, "deletes": 1, "unasked": None,
            "lines": ["move “scan0042” to the trash of paperless; “Invoice 12” stays"],
            "gains": ["the tag “from the desk”"], "conflicts": ["its archive number 7 stays with it"],
        },
        {"group": 4, "title": "Rent", "refused": "group 4 is ignored", "deletes": 0, "lines": []},
    ]  # fmt: skip
    known = {"sentence": "delete 1 item in 1 group", "groups": groups, "shown": "print", "acts": 1}
    return {**known, "deletes": 1, "counted": False, **more}


def action(state: str = "done") -> dict[str, Any]:
    return {
        "id": 17,
        "state": state,
        "policy": None,
        "asked_by": "owner",
        "sentence": "deleted",
        "changed": "",
    }


@pytest.fixture
def orders(stand_in: "StandIn") -> Callable[..., None]:
    """Have the API say an outlook, then take the order, of which `state` becomes."""

    def ready(state: str = "done", **more: Any) -> None:
        told = {"outlook": None, "actions": [action()]}
        stand_in.queues[ORDER] = [(200, {"outlook": outlook(**more)}), (202, told)]
        stand_in.answers["GET /api/v1/actions/17"] = (200, action(state))

    return ready


def sent(stand_in: "StandIn") -> list[dict[str, Any]]:
    """The bodies of what was asked and ordered."""
    return [body for method, path, _, body in stand_in.asked if f"{method} {path}" == ORDER]


@pytest.mark.parametrize(
    ("command", "verb", "label"),
    [
        (["tag", "3", "4"], "tag", ""),
        (["tag", "3", "4", "--label", "twice"], "tag", "twice"),
        (["untag", "3", "4"], "untag", ""),
        (["merge", "3", "4"], "merge", ""),
        (["delete", "3", "4", "3"], "delete", ""),
        (["delete", "3", "4", "--merge"], "merge_delete", ""),
    ],
)
async def test_exactly_what_was_shown_is_ordered(
    command: list[str],
    verb: str,
    label: str,
    stand_in: "StandIn",
    orders: Callable[..., None],
    invoke: Invoke,
) -> None:
    orders()
    said = await invoke("duplicates", *command, "--yes")
    assert said.exit_code == 0, said.output
    about = {"groups": [3, 4], "action": verb, "label": label}
    assert sent(stand_in) == [
        {**about, "preview": True},
        {**about, "preview": False, "shown": "print", "count": None},
    ]
    assert said.stderr.splitlines() == [
        "group 3: Invoice 12",
        "  move “scan0042” to the trash of paperless; “Invoice 12” stays",
        "    + the tag “from the desk”",
        "    ! its archive number 7 stays with it",
        "group 4: Rent",
        "  nothing is done: group 4 is ignored",
    ]
    assert said.stdout.splitlines()[1].startswith("a17\tdone\tby hand (owner)")


@pytest.mark.parametrize("command", ["tag", "untag", "merge", "delete"])
async def test_without_a_yes_nothing_is_even_asked(command: str, stand_in: "StandIn", invoke: Invoke) -> None:
    said = await invoke("duplicates", command, "3")
    assert (said.exit_code, stand_in.asked) == (2, [])
    assert "--yes" in said.stderr


@pytest.mark.parametrize(
    ("typed", "count", "ordered", "code"),
    [
        ("y\n", 1, True, 0),
        ("n\n", 1, False, 1),
        ("y\n", 30, False, 1),  # a yes is no number
        ("29\n", 30, False, 1),
        ("30\n", 30, True, 0),
        ("\n", 30, False, 1),
    ],
)
async def test_many_are_deleted_only_by_their_number(
    typed: str,
    count: int,
    ordered: bool,
    code: int,
    stand_in: "StandIn",
    orders: Callable[..., None],
    invoke: Invoke,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("reconciled.cli.consent.can_ask", lambda **_: None)
    monkeypatch.setattr("reconciled.cli.duplicates_acting.can_ask", lambda **_: None)
    orders(deletes=count, counted=count > 25)
    said = await invoke("duplicates", "delete", "3", stdin=typed)
    assert said.exit_code == code, said.output
    assert len(sent(stand_in)) == 1 + ordered
    if ordered:
        assert sent(stand_in)[-1]["count"] == (count if count > 25 else None)
    else:
        assert "nothing was deleted" in said.stderr


@pytest.mark.parametrize(
    ("count", "deletes", "code", "says"),
    [
        (None, 30, 1, "--count 30 beside --yes"),
        (29, 30, 1, "this deletes 30, and not 29"),
        (30, 30, 0, ""),
        (None, 25, 0, ""),
        (2, 1, 1, "this deletes 1, and not 2"),
    ],
)
async def test_a_script_says_the_number_too(
    count: int | None,
    deletes: int,
    code: int,
    says: str,
    stand_in: "StandIn",
    orders: Callable[..., None],
    invoke: Invoke,
) -> None:
    orders(deletes=deletes, counted=deletes > 25)
    more = [] if count is None else ["--count", str(count)]
    said = await invoke("duplicates", "delete", "3", "--yes", *more)
    assert (said.exit_code, says in said.stderr) == (code, True)
    assert len(sent(stand_in)) == (2 if code == 0 else 1)


async def test_what_cannot_be_done_is_said(
    stand_in: "StandIn", orders: Callable[..., None], invoke: Invoke
) -> None:
    orders(acts=0, deletes=0, sentence="nothing can be done of this")
    said = await invoke("duplicates", "delete", "3", "--yes")
    assert (said.exit_code, len(sent(stand_in))) == (1, 1)
    assert said.stderr.endswith("reconciled: nothing can be done of this\n")
    stand_in.queues[ORDER] = [(200, {"outlook": outlook()}), (409, {"detail": "the mode is dry-run"})]
    said = await invoke("duplicates", "delete", "3", "--yes")
    assert (said.exit_code, "the mode is dry-run" in said.stderr) == (1, True)
    stand_in.queues[ORDER] = [(200, {"outlook": None})]
    assert (await invoke("duplicates", "tag", "3", "--yes")).exit_code == 1
    many = [str(one) for one in range(1, 502)]
    assert (await invoke("duplicates", "tag", *many, "--yes")).exit_code == 2


async def test_what_becomes_of_it_is_told(
    stand_in: "StandIn", orders: Callable[..., None], invoke: Invoke
) -> None:
    orders("dropped")
    said = await invoke("duplicates", "delete", "3", "--yes", "--json")
    assert said.exit_code == 1, "the keeper was gone, say"
    assert json.loads(said.stdout)["items"] == [action("dropped")]
    orders("planned")
    said = await invoke("duplicates", "delete", "3", "--yes", "--wait", "0")
    assert (said.exit_code, "not over yet: a17" in said.stderr) == (0, True)
