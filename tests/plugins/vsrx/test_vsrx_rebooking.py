"""`reconciled vsrx rebook`: what is shown, what is asked, and what is sent."""

from collections.abc import Mapping
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from reconciled.hookspecs import Problem
from reconciled_vsrx.rebooking import vsrx


class Asked:
    """A daemon that knows some filesets, and a person that answers."""

    def __init__(self, *known: Mapping[str, Any], agrees: bool = True) -> None:
        self.known = {one["id"]: one for one in known}
        self.agrees = agrees
        self.posted: list[tuple[tuple[object, ...], object]] = []
        self.said: list[str] = []
        self.shown: list[object] = []

    def get(self, *path: object, **params: object) -> dict[str, Any]:
        assert path[:3] == ("items", "vsrx", "fileset")
        if path[3] not in self.known:
            problem = Problem("the ledger holds none")
            problem.status, problem.body = 404, {}
            raise problem
        return {"source": "vsrx", "kind": "fileset", "app": "vsrx", **self.known[path[3]]}

    def post(self, *path: object, body: Mapping[str, object] | None = None) -> dict[str, Any]:
        self.posted.append((path, body))
        return {"said": "same"}

    def confirm(self, question: str, *, yes: bool, otherwise: str) -> None:
        self.said.append(question)
        if not (yes or self.agrees):
            self.said.append(otherwise)
            raise click.exceptions.Exit(1)

    def say(self, message: str) -> None:
        self.said.append(message)

    def out(self, value: object) -> None:
        self.shown.append(value)


def fileset(
    patient: str, files: int | None = 12, *previous: str, presence: str = "present"
) -> dict[str, Any]:
    attrs = {"previous": [*previous], "updated": "2026-01-01T00:00:00+00:00"}
    return {"id": patient, "presence": presence, "attrs": attrs | ({} if files is None else {"files": files})}


def run(asked: Asked, *words: str) -> Result:
    return CliRunner().invoke(vsrx, ["rebook", *words], obj=asked)


def test_both_are_shown_then_linked() -> None:
    asked = Asked(fileset("P-1", 12), fileset("P-2", 1))
    done = run(asked, "P-1", "P-2")
    assert done.exit_code == 0, done.output
    assert asked.said[:2] == [
        "old: patient P-1 with 12 files, last changed 2026-01-01T00:00:00+00:00",
        "new: patient P-2 with 1 file, last changed 2026-01-01T00:00:00+00:00",
    ]
    assert any("nothing is moved" in line for line in asked.said)
    both = {
        letter: {"source": "vsrx", "kind": "fileset", "id": patient}
        for letter, patient in (("a", "P-1"), ("b", "P-2"))
    }
    assert asked.posted == [(("links",), both)]
    assert "reconciled unlink vsrx:fileset/P-1 vsrx:fileset/P-2" in asked.said[-1]


def test_a_no_links_nothing() -> None:
    asked = Asked(fileset("P-1"), fileset("P-2"), agrees=False)
    assert run(asked, "P-1", "P-2").exit_code == 1
    assert asked.said[-1] == "nothing was linked"
    assert asked.posted == []


@pytest.mark.parametrize(
    "known",
    [(fileset("P-1"), fileset("P-2", 3, "P-1")), (fileset("P-1", 3, "P-2"), fileset("P-2"))],
    ids=["the new names the old", "the other way round"],
)
def test_what_vsrx_says_itself_needs_no_link(known: tuple[dict[str, Any], ...]) -> None:
    asked = Asked(*known)
    assert run(asked, "P-1", "P-2").exit_code == 0
    assert asked.posted == []
    assert "says so itself" in asked.said[-1]


@pytest.mark.parametrize("known", [(), (fileset("P-1"),), (fileset("P-2"),)], ids=str)
def test_an_unknown_patient(known: tuple[dict[str, Any], ...]) -> None:
    asked = Asked(*known)
    done = run(asked, "P-1", "P-2", "--yes")
    assert done.exit_code == 1
    assert "reconciled scan vsrx" in done.output
    assert asked.posted == []


def test_the_same_patient_twice() -> None:
    asked = Asked(fileset("P-1"))
    assert run(asked, "P-1", "P-1").exit_code == 2
    assert asked.posted == []


@pytest.mark.parametrize("odd", ["", "..", "a/b", " ", "0"])
def test_what_is_no_id_is_said_so(odd: str) -> None:
    asked = Asked(fileset("P-1"), fileset(odd))
    done = run(asked, "P-1", odd, "--yes")
    assert done.exit_code == 2
    assert "is no id of a patient" in done.output
    assert asked.posted == []


def test_another_app() -> None:
    asked = Asked({**fileset("P-1"), "app": "records"}, fileset("P-2"))
    done = run(asked, "P-1", "P-2")
    assert done.exit_code == 1
    assert "--source" in done.output


def test_what_is_not_known_is_said_so() -> None:
    asked = Asked(fileset("P-1", None, presence="unlisted"), fileset("P-2"))
    assert run(asked, "P-1", "P-2", "--json").exit_code == 0
    assert "an unknown number of files" in asked.said[0]
    assert "(unlisted in the ledger)" in asked.said[0]
    assert asked.shown == [{"said": "same"}]
