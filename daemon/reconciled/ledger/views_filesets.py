"""The files of a mirror's filesets whose copies stand in one target, for whoever groups them."""

from dataclasses import dataclass

from reconciled.ledger.connection import Tx


@dataclass(frozen=True, slots=True)
class FiledView:
    """A mirrored file. `day` is that of its last change as the app tells it, empty when it does not."""

    fileset: str
    kind: str
    key: str
    name: str
    day: str
    target_kind: str
    target_key: str


def filed(tx: Tx, mirror: str, target: str, *, fileset: str | None = None) -> list[FiledView]:
    """The files of a mirror (or of one of its filesets) whose copies stand in that target."""
    found = tx.execute(
        "SELECT copy.fileset, copy.kind, copy.key, ifnull(item.path, copy.title), "
        "substr(coalesce(json_extract(item.attrs, '$.modified'), json_extract(item.attrs, '$.changed'), ''), 1, 10), "
        "target_kind, target_key FROM copy JOIN item ON item.id = copy.item_id WHERE mirror = ? AND target = ? "
        "AND copy.status IN ('synced', 'duplicate') AND target_key IS NOT NULL AND item.presence = 'present' "
        "AND (?3 IS NULL OR copy.fileset = ?3) ORDER BY copy.fileset, copy.id",
        (mirror, target, fileset),
    )
    return [
        FiledView(name, kind, key, path.rpartition("/")[2], day, target_kind, target_key)
        for name, kind, key, path, day, target_kind, target_key in found
    ]
