"""Who we are in a Paperless, what we may do there, and whether we may see every document.

A superuser sees everything. Anybody else is believed to when Paperless counts, over all documents
(which takes the right to view the global statistics), just as many as it lists to us.
"""

from dataclasses import dataclass

from reconciled.errors import BadResponse
from reconciled_paperless.connection import Connection
from reconciled_paperless.payloads import Documents, Statistics, UiSettings

COUNTS_ALL = "view_global_statistics"


@dataclass(frozen=True, slots=True)
class Rights:
    """What Paperless says of us. `known` is False when it would not tell, so the rest means little."""

    user: str | None
    superuser: bool = False
    permissions: frozenset[str] = frozenset()
    trash_delay: int | None = None
    audited: bool | None = None
    known: bool = False

    def may(self, permission: str) -> bool:
        """Whether we have it."""
        return self.superuser or permission in self.permissions


async def read_rights(connection: Connection) -> Rights:
    """Ask Paperless. A user without the right to view the UI's settings is not told."""
    answer = await connection.ask("/api/ui_settings/", allow=(403,))
    if answer.status == 403:
        return Rights(connection.credentials.user)
    told = await connection.decode(UiSettings, answer)
    if not told.user.username:
        raise BadResponse(f"{answer.where}: an answer that does not say who we are")
    return Rights(
        told.user.username,
        told.user.is_superuser,
        told.permissions,
        told.settings.trash_delay,
        told.settings.auditlog_enabled,
        known=True,
    )


async def sees_everything(connection: Connection, rights: Rights) -> bool:
    """Whether every document is listed to us, as far as that can be told."""
    if rights.superuser:
        return True
    if not rights.may(COUNTS_ALL):
        return False
    total = await _total(connection)
    listed = await count(connection)
    # documents come and go: one that came between the two questions is no sign of a hidden one
    return listed == total or listed == await _total(connection)


async def count(connection: Connection) -> int:
    """How many documents are listed to us."""
    answer = await connection.ask("/api/documents/", params={"page_size": 1, "fields": "id"}, newest=True)
    return (await connection.decode(Documents, answer)).count


async def _total(connection: Connection) -> int:
    return (await connection.read(Statistics, "/api/statistics/")).documents_total
