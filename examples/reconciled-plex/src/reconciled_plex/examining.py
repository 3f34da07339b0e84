"""What `reconciled doctor` is told of a Plex: does the token see all, and does Plex forget by itself."""

from reconciled.errors import BadResponse
from reconciled.source import Matter, Weight

from reconciled_plex.connection import Connection
from reconciled_plex.payloads import Section, Settings

PREFERENCES = "/:/prefs"
_REFUSED = (401, 403)


async def is_owner(connection: Connection) -> bool:
    """Whether the token is the owner's: only the owner may read the server's settings."""
    return (await connection.ask(PREFERENCES, allow=_REFUSED)).status not in _REFUSED


async def examine(connection: Connection, sections: tuple[Section, ...]) -> list[Matter]:
    """All that there is to say."""
    found = [
        Matter(
            Weight.GOOD, f"{connection.program} answers, with {len(sections)} libraries of films and series"
        )
    ]
    if not sections:
        found.append(Matter(Weight.WRONG, "it has no library of films or series", "is it the right server?"))
    answer = await connection.ask(PREFERENCES, allow=_REFUSED)
    if answer.status in _REFUSED:
        said = "the token is not of the owner of the server: what it may not see looks deleted"
        return [*found, Matter(Weight.WRONG, said, "use a token of the owner")]
    found.append(Matter(Weight.GOOD, "the token is of the owner of the server"))
    settings = {one.id: one.value for one in (await connection.decode(Settings, answer)).setting}
    if not settings:
        raise BadResponse(f"{answer.where}: Plex says nothing of its settings")
    if settings.get("autoEmptyTrash") in (True, 1, "1", "true"):
        said = "Plex empties its trash after every scan, so it forgets what lies on a disk that is away"
        remedy = "switch off Settings > Library > Empty trash automatically after every scan"
        found.append(Matter(Weight.ADVICE, said, remedy))
    else:
        found.append(Matter(Weight.GOOD, "Plex keeps what it does not find until its trash is emptied"))
    return found
