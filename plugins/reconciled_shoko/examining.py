"""What `reconciled doctor` is told of a Shoko: does it tell of changes, show all, and show its disks.

Shoko sends no webhooks, so there is nothing to set up in it; what is missing is said with where
to change it.
"""

from collections.abc import Iterator

from reconciled.errors import SourceError, Unauthorized
from reconciled.http import hub
from reconciled.model import About, Root
from reconciled.source import Matter, Weight
from reconciled_shoko.connection import API, Connection
from reconciled_shoko.events import FEEDS
from reconciled_shoko.payloads import Settings, User


async def listens_at_all(connection: Connection) -> bool:
    """Whether Shoko has its hub; True when it does not say (5.3, or no administrator's key)."""
    answer = await connection.client.request("GET", f"{API}/Settings", allow=(403,))
    if answer.status == 403:
        return True
    return (await connection.client.decode(Settings, answer)).web.enable_signalr


async def examine(connection: Connection, about: About, *, hub_at: str | None) -> list[Matter]:
    """All that there is to say of a Shoko that was just probed. `hub_at` None: we are not to listen."""
    user = await connection.read("/User/Current", User)
    modern = (await connection.lately()).modern
    return [
        Matter(Weight.GOOD, f"Shoko {about.version} answers and is started"),
        *_user(user, modern=modern),
        *[matter for root in about.roots if (matter := _root(root)) is not None],
        *await _stream(connection, hub_at, modern=modern),
    ]


def _user(user: User, *, modern: bool) -> Iterator[Matter]:
    if user.restricted_tags:
        yield Matter(
            Weight.WRONG,
            f"the user {user.username} does not see series with {len(user.restricted_tags)} restricted tags; "
            "whatever gets such a tag would look deleted",
            "use the key of a user without restricted tags (Settings > Users)",
        )
    if not user.is_admin:
        lacks = "is not told of mount points and may not delete" if modern else "may not delete"
        yield Matter(
            Weight.ADVICE,
            f"the user {user.username} is no administrator: it {lacks}",
            "use an administrator's key, so that an unmounted disk is recognised as one",
        )


def _root(root: Root) -> Matter | None:
    if root.accessible is False:
        said = f"the folder {root.path} cannot be read by Shoko"
    elif root.empty:
        said = f"the folder {root.path} is empty: is its disk mounted?"
    else:
        return None
    remedy = (
        "mount it, or take it out of Shoko if it is no longer used; until then no loss below it is believed"
    )
    return Matter(Weight.WRONG, said, remedy)


async def _stream(connection: Connection, hub_at: str | None, *, modern: bool) -> list[Matter]:
    if hub_at is None:
        said = "its events are not listened to (stream: false), so only scans notice what is gone"
        return [Matter(Weight.ADVICE, said, "set stream: true")]
    try:
        async with hub(connection.client, hub_at, params={"feeds": FEEDS}):
            pass
    except Unauthorized:
        raise
    except SourceError as error:
        if await listens_at_all(connection):
            said = f"its events cannot be listened to: {error}"
            return [Matter(Weight.WRONG, said, "let websockets pass in the proxy before it")]
        return [
            Matter(Weight.WRONG, "SignalR is switched off", "switch it on: Settings > Web > EnableSignalR")
        ]
    found = [Matter(Weight.GOOD, "its events are told as they happen")]
    if not modern:
        found.append(
            Matter(
                Weight.ADVICE,
                "5.3 was seen to crash on a deletion while somebody listened (ShokoServer issue 1384)",
                "set stream: false if that happens to you",
            )
        )
    return found
