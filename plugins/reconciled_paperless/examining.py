"""The doctor's look at a Paperless: what is set up well for us, what could be better, what does not work."""

import ipaddress
from collections.abc import Sequence
from datetime import timedelta

from yarl import URL

from reconciled.errors import Refused
from reconciled.source import Context, Hook, Matter, Weight
from reconciled.units import say_duration
from reconciled_paperless.connection import Connection
from reconciled_paperless.rights import Rights, read_rights, sees_everything
from reconciled_paperless.workflows import faults, find_ours, name_of

_OLDEST, _NEWEST_MAJOR = (2, 20), 3
_SKEW = timedelta(minutes=1)
_ACTS = {
    "delete_document": "delete and restore documents",
    "change_document": "put labels on documents",
    "add_tag": "make new labels",
    "view_tag": "read labels",
}
_INTERNAL = (
    "if none arrive though, look at PAPERLESS_WEBHOOKS_ALLOW_INTERNAL_REQUESTS: set to false, "
    "Paperless sends nothing to an address like this"
)


async def examine(connection: Connection, context: Context, hook: Hook | None) -> Sequence[Matter]:
    """Everything that matters, in the order in which it should be mended. Raises SourceError on trouble."""
    rights = await read_rights(connection)
    skew = _skew(connection, context)
    return [
        _version(connection.program or ""),
        await _sight(connection, rights),
        *_rights(rights),
        *_audit(rights),
        *skew,
        _stream(connection),
        await _workflow(connection, context.name, hook),
    ]


def _version(program: str) -> Matter:
    parts = [int(part) for part in program.split(".")[:2] if part.isdigit()]
    if len(parts) < 2:
        return Matter(Weight.ADVICE, f"it calls its version {program!r}, which says little")
    if tuple(parts) < _OLDEST:
        said = f"Paperless-ngx {program} is older than what this was written for"
        return Matter(Weight.WRONG, said, "update it to 2.20 or 3.x")
    if parts[0] > _NEWEST_MAJOR:
        said = f"Paperless-ngx {program} is newer than what this was written for (2.20, 3.x)"
        return Matter(Weight.ADVICE, said, "look for an update of reconciled")
    return Matter(Weight.GOOD, f"Paperless-ngx {program}")


async def _sight(connection: Connection, rights: Rights) -> Matter:
    remedy = (
        "use a superuser's token, or give the user the rights to view every document and the global "
        "statistics (view_global_statistics)"
    )
    if not rights.known:
        said = "our user may not read the settings of the pages, so it is not known who we are there"
        return Matter(Weight.ADVICE, said, "give it the right view_uisettings")
    if await sees_everything(connection, rights):
        return Matter(Weight.GOOD, f"as {rights.user}, every document is seen")
    said = (
        f"as {rights.user}, not every document is seen (or it cannot be told): what is hidden counts as "
        "unknown, never as gone"
    )
    return Matter(Weight.ADVICE, said, remedy)


def _rights(rights: Rights) -> list[Matter]:
    if not rights.known:
        return []
    if not rights.may("view_document"):
        return [Matter(Weight.WRONG, f"{rights.user} may not view documents", "give it view_document")]
    lacking = [f"{what} ({name})" for name, what in _ACTS.items() if not rights.may(name)]
    if not lacking:
        return [Matter(Weight.GOOD, f"{rights.user} may delete, restore and label documents")]
    said = f"{rights.user} may not {', '.join(lacking)}"
    return [Matter(Weight.ADVICE, said, "needed only by policies that do that; give it those rights then")]


def _audit(rights: Rights) -> list[Matter]:
    if rights.audited is not False:
        return []
    remedy = "set PAPERLESS_AUDIT_LOG_ENABLED=true there; it tells people who changed what"
    return [Matter(Weight.ADVICE, "Paperless keeps no audit log", remedy)]


def _skew(connection: Connection, context: Context) -> list[Matter]:
    if connection.told_at is None:
        return []
    off = connection.told_at - context.clock.now()
    if abs(off) < _SKEW:
        return [Matter(Weight.GOOD, "its clock and ours agree")]
    way = "ahead of" if off > timedelta() else "behind"
    said = f"its clock is {say_duration(abs(off).total_seconds())} {way} ours"
    return [Matter(Weight.ADVICE, said, "let both boxes take the time from a time server")]


def _stream(connection: Connection) -> Matter:
    poll = connection.config.poll
    looks = "it is not looked at" if poll is None else f"it is looked at every {say_duration(poll)}"
    if connection.credentials.can_sign_in:
        return Matter(
            Weight.GOOD, f"its event stream is followed, and {looks} for what the stream leaves out"
        )
    said = f"a token opens no event stream; {looks}"
    if poll is None:
        remedy = "set poll: 60s, or user and password instead of the token"
        return Matter(Weight.ADVICE, f"{said}, so only scans notice deletions", remedy)
    return Matter(Weight.GOOD, said)


async def _workflow(connection: Connection, source: str, hook: Hook | None) -> Matter:
    if hook is None:
        said = "no webhook: the daemon has no address that Paperless could reach"
        return Matter(Weight.ADVICE, said, "set daemon.url, and a secret for this source (webhook:)")
    connection.hide(hook.secret)
    try:
        workflow = await find_ours(connection, source)
    except Refused as error:
        remedy = "give it view_workflow, add_workflow and change_workflow, or make the workflow by hand"
        return Matter(Weight.ADVICE, str(error), remedy)
    if workflow is None:
        said = f"no workflow {name_of(source)!r} tells us of documents added and updated"
        return Matter(Weight.ADVICE, said, "let it be made", mended_by_us=True)
    if wrong := faults(workflow, hook, numbered=connection.major >= 3):
        said = f"the workflow {name_of(source)!r} is not as it should be: {', '.join(wrong)}"
        return Matter(Weight.WRONG, said, "let it be mended", mended_by_us=True)
    hint = f"; {_INTERNAL}" if _is_internal(hook.url) else ""
    return Matter(Weight.GOOD, f"the workflow {name_of(source)!r} sends us its webhooks{hint}")


def _is_internal(url: str) -> bool:
    """Whether the address looks like one of this network; of a name only its ending tells."""
    host = URL(url).host or ""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".lan", ".local", ".home", ".internal", ".home.arpa"))
