"""What `reconciled doctor` is told of a VSRX: does its bridge keep the contract, do its webhooks reach us.

Each part that losses hang on is tried: the mark (an answer without it never gets here), a 404 that
names its id, ETags, and webhooks. The webhook itself is set up by the site, in its bridge.
"""

from collections.abc import Iterator

from reconciled.errors import BadResponse
from reconciled.source import Hook, Matter, Weight
from reconciled_vsrx.config import VsrxConfig
from reconciled_vsrx.connection import Connection
from reconciled_vsrx.payloads import Filesets

NOWHERE = "reconciled-asks-whether-this-is-missing"


async def examine(connection: Connection, config: VsrxConfig, hook: Hook | None) -> list[Matter]:
    """All that there is to say."""
    answer = await connection.ask(config.map.paths.filesets, params={"limit": 1})
    page = await connection.decode(Filesets, answer)
    found = [Matter(Weight.GOOD, f"VSRX {connection.version} answers, with {page.total} filesets")]
    found.append(await _denial(connection, config))
    if page.items:
        found.append(await _etags(connection, config, page.items[0].patient_id))
    if connection.instance is None:
        found.append(
            Matter(
                Weight.ADVICE,
                "the bridge does not say which installation it is",
                "send the header X-VSRX-Instance, so that a test system behind the address is recognised",
            )
        )
    found += _telling(config, hook)
    return found


async def _denial(connection: Connection, config: VsrxConfig) -> Matter:
    """Whether a file that never was is denied as the contract says; else no purged file could be proved."""
    try:
        answer = await connection.ask(config.map.paths.file, about=NOWHERE)
    except BadResponse as error:
        return Matter(
            Weight.WRONG, f"a file that does not exist is not denied in its own words: {error}",
            'answer 404 with application/problem+json and {"id": "the id that was asked about"}',
        )  # fmt: skip
    if answer.status == 404:
        return Matter(Weight.GOOD, "what does not exist is denied by its id")
    return Matter(
        Weight.WRONG, f"it shows a file under the made-up id {NOWHERE}", "answer 404 for ids that never were"
    )


async def _etags(connection: Connection, config: VsrxConfig, patient: str) -> Matter:
    path, params = config.map.paths.files, {"includeDeleted": True}
    first = await connection.ask(path, about=patient, params=params)
    etag = first.headers.get("etag")
    if first.status == 200 and etag is not None:
        again = await connection.ask(path, about=patient, params=params, etag=etag)
        if again.status == 304:
            return Matter(Weight.GOOD, "lists of files have ETags, so unchanged ones are not sent again")
    return Matter(
        Weight.ADVICE,
        "lists of files come in full every time",
        "send an ETag with them and answer 304 to If-None-Match",
    )


def _telling(config: VsrxConfig, hook: Hook | None) -> Iterator[Matter]:
    if config.webhook is None:
        yield Matter(
            Weight.ADVICE,
            "no key for its webhooks is configured, so who deleted a file is not known",
            "set `webhook:` to a key of 32 characters or more, and give it to the bridge",
        )
    elif hook is None:
        yield Matter(
            Weight.ADVICE,
            "the daemon has no address that the bridge could send webhooks to",
            "set daemon.url to how the bridge reaches this box",
        )
    else:
        yield Matter(Weight.GOOD, f"webhooks are taken at {hook.url}, signed with the key of `webhook:`")
    if config.poll is None:
        yield Matter(
            Weight.ADVICE,
            "nothing is looked for between scans (poll: off), so only webhooks tell quickly",
            "set poll: 60s",
        )
