"""What `reconciled doctor` is told of a Seerr: may we read and delete there, and who else changes it.

CSRF protection makes Seerr's API read-only for other programs (its own page says so beside the
switch). Its job "Media Availability Sync" marks media as deleted by itself, and has done so while a
media server was merely down (seerr-team/seerr, issue 2296); entries and requests stay.
"""

from collections.abc import Iterator
from datetime import timedelta

from reconciled.errors import BadResponse
from reconciled.source import Context, Hook, Matter, Weight
from reconciled.units import say_duration
from reconciled_seerr.connection import Connection
from reconciled_seerr.payloads import Account, Guarded, Job
from reconciled_seerr.provisions import faults, is_foreign, read_settings, whither

ADMIN, MANAGE_REQUESTS, REQUEST_VIEW = 2, 16, 16384
"""Bits of a user's rights (server/lib/permissions.ts)."""
SEES_REQUESTS = ADMIN | MANAGE_REQUESTS | REQUEST_VIEW
_SYNC = "availability-sync"
_SKEW = timedelta(minutes=1)


async def examine(connection: Connection, context: Context, hook: Hook | None) -> list[Matter]:
    """All that there is to say."""
    status = await connection.prove()
    found = [Matter(Weight.GOOD, f"Seerr {status.version} answers")]
    if status.restart_required:
        said = "Seerr waits for a restart before changed settings count"
        found.append(Matter(Weight.ADVICE, said, "restart it"))
    me = await connection.read(Account, "/auth/me")
    found += _rights(me)
    if me.permissions & ADMIN:  # only an administrator may read settings
        found.append(await _guard(connection))
        found += await _jobs(connection)
        found.append(await _webhook(connection, context.name, hook))
    found += _skew(connection, context)
    return found


def _rights(me: Account) -> Iterator[Matter]:
    who = me.display_name or f"user {me.id}"
    if me.permissions & ADMIN:
        yield Matter(Weight.GOOD, f"the key acts as {who}, an administrator")
    elif me.permissions & MANAGE_REQUESTS:
        said = f"the key acts as {who}, who may delete requests but not read settings"
        yield Matter(Weight.ADVICE, said, "make the owner of the installation an administrator again")
    else:
        yield Matter(
            Weight.WRONG,
            f"the key acts as {who}, who may not manage requests: nothing can be deleted there",
            "give the owner of the installation the right Admin, in Seerr's settings of users",
        )


async def _guard(connection: Connection) -> Matter:
    """A version that lacks the newer address of the switch has it at the older."""
    for path in ("/settings/network", "/settings/main"):
        try:
            found = await connection.read(Guarded, path)
        except BadResponse:
            continue
        if found.csrf_protection:
            return Matter(
                Weight.WRONG,
                "CSRF protection is on, so Seerr lets other programs read only",
                "switch it off in Seerr (Settings > Network), or let no policy delete there",
            )
        return Matter(Weight.GOOD, "other programs may change things in it")
    return Matter(Weight.ADVICE, "Seerr does not say whether other programs may change things in it")


async def _jobs(connection: Connection) -> list[Matter]:
    jobs = {job.id: job for job in await connection.read(list[Job], "/settings/jobs")}
    if _SYNC not in jobs:
        return []
    doing = ", and does so now" if jobs[_SYNC].running else ""
    said = f"its own job {jobs[_SYNC].name or _SYNC!r} marks media as deleted too{doing}; entries stay"
    return [Matter(Weight.GOOD, said)]


async def _webhook(connection: Connection, source: str, hook: Hook | None) -> Matter:
    if hook is None:
        said = "no webhook: the daemon has no address that Seerr could reach"
        return Matter(Weight.ADVICE, said, "set daemon.url, and a secret for this source (webhook:)")
    connection.hide(hook.secret)
    settings = await read_settings(connection)
    if is_foreign(settings, source, hook):
        return Matter(
            Weight.ADVICE,
            f"Seerr's webhook goes to {whither(settings)}, and it has only this one",
            "nothing has to be done: scans notice every change, only later",
        )
    if wrong := faults(settings, hook):
        said = f"its webhook does not tell us of requests: {', '.join(wrong)}"
        return Matter(Weight.ADVICE, said, "let it be set up", mended_by_us=True)
    return Matter(Weight.GOOD, "its webhook tells us of requests (of deletions Seerr tells nobody)")


def _skew(connection: Connection, context: Context) -> list[Matter]:
    if connection.told_at is None:
        return []
    off = connection.told_at - context.clock.now()
    if abs(off) < _SKEW:
        return [Matter(Weight.GOOD, "its clock and ours agree")]
    way = "ahead of" if off > _SKEW else "behind"
    said = f"its clock is {say_duration(abs(off).total_seconds())} {way} ours"
    return [Matter(Weight.ADVICE, said, "let both boxes take the time from a time server")]
