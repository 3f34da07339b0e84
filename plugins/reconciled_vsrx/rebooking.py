"""`reconciled vsrx rebook OLD NEW`: a person says that a patient's new id is the old patient.

VSRX moves nothing when it rebooks a patient: the old id's files stay where they are. Where its
bridge tells the previous ids, the two filesets are known to be one thing without this command; where
it does not, this is how it is said. Only that is said: no file is moved, changed or deleted.
"""

from collections.abc import Mapping
from typing import Any

import click

from reconciled.hookspecs import Daemon, Problem
from reconciled_vsrx.items import FILESET, is_id

Seen = Mapping[str, Any]


@click.group("vsrx")
def vsrx() -> None:
    """VSRX: what only it needs."""


@vsrx.command("rebook")
@click.argument("old")
@click.argument("new")
@click.option("--source", default="vsrx", show_default=True, help="Which VSRX, by its name in the config.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.option("--json", "json_", is_flag=True, help="JSON, as the API answers it.")
@click.pass_obj
def rebook(daemon: Daemon, old: str, new: str, source: str, yes: bool, json_: bool) -> None:
    """Say that the patient OLD was rebooked as NEW: their filesets are one thing from now on.

    Shows both first and asks. Nothing is moved in VSRX.
    """
    for patient in (old, new):
        if not is_id(patient):
            raise click.UsageError(f"{patient[:100]!r} is no id of a patient")
    if old == new:
        raise click.UsageError(f"{old} is one patient; say the old id and then the new one")
    before, after = (_fileset(daemon, source, patient) for patient in (old, new))
    for line in preview(before, after):
        daemon.say(line)
    if said_already(before, after):
        daemon.say("VSRX says so itself; there is nothing to link")
        return
    daemon.confirm("Link the two?", yes=yes, otherwise="nothing was linked")
    body = {"a": _name(before), "b": _name(after)}
    answer = daemon.post("links", body=body)
    if json_:
        daemon.out(answer)
    daemon.say(
        f"patient {old} and patient {new} are one thing from now on; "
        f"`reconciled unlink {source}:{FILESET}/{old} {source}:{FILESET}/{new}` says that they are two"
    )


def preview(before: Seen, after: Seen) -> list[str]:
    """What would be done, in words."""
    return [
        f"old: {_told(before)}",
        f"new: {_told(after)}",
        "linked would be: the two filesets, as one thing",
        "which means: while one of them is there, the other's end is no loss of the patient",
        "not touched: every file. The old id's files stay where they are in VSRX, and nothing is moved",
    ]


def said_already(before: Seen, after: Seen) -> bool:
    """Whether the new one names the old one among its previous ids, or the other way round."""
    return any(
        one.get("id") in ((other.get("attrs") or {}).get("previous") or ())
        for one, other in ((before, after), (after, before))
    )


def _fileset(daemon: Daemon, source: str, patient: str) -> Seen:
    """The fileset as the ledger holds it."""
    try:
        found = daemon.get("items", source, FILESET, patient)
    except Problem as problem:
        if problem.status != 404:
            raise
        raise click.ClickException(
            f"no patient {patient} of {source} is known: is the id right, and {source} the name of a VSRX in "
            f"the config? `reconciled scan {source}` reads it anew"
        ) from None
    if found.get("app") != "vsrx":
        raise click.ClickException(f"{source} is no VSRX but {found.get('app')}; say which one with --source")
    return found


def _told(fileset: Seen) -> str:
    attrs = fileset.get("attrs") or {}
    count = attrs.get("files")
    files = (
        "1 file" if count == 1 else f"{count} files" if count is not None else "an unknown number of files"
    )
    said = f"patient {fileset.get('id')} with {files}"
    if attrs.get("updated"):
        said += f", last changed {attrs['updated']}"
    presence = fileset.get("presence")
    return said if presence == "present" else f"{said} ({presence} in the ledger)"


def _name(fileset: Seen) -> dict[str, object]:
    return {"source": fileset["source"], "kind": fileset["kind"], "id": fileset["id"]}
