"""What the apps' webhooks mean: Settings > Connect > Webhook, Sonarr 4.0 and 5, Radarr 6.1.

A webhook carries no time, no id and no person, and deleting over the API sends it as well, so it
is a hint: every event only says which item to look at and what the app said about it. Fields may
be missing (old versions send less) or be new; an event that is not known is a `BadEvent`, since
an empty list would look like one that is known and says nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from reconciled.errors import BadEvent
from reconciled.model import Event, Key, Op, Ref, refs
from reconciled_servarr.items import claimed

UPGRADE_GAP = 1800.0
"""Seconds that a replaced file may be gone before its successor is there."""

_REPLACED = frozenset({"upgrade", "manualOverride", "noLinkedEpisodes"})
_MISSING = "missingFromDisk"
_ROOT_CHECKS = ("RootFolderCheck", "MountCheck")


@dataclass(frozen=True, slots=True)
class Words:
    """How an app's webhooks name its things.

    `noun` is the field that holds the item, `spaces` its ref fields with their spaces. A lost
    file of a movie is the movie's (`file_is_item`); one of a series' files says little about it.
    """

    app: str
    noun: str
    spaces: tuple[tuple[str, str], ...]
    added: str
    deleted: str
    file_deleted: str
    file_is_item: bool
    others: tuple[str, ...]


class _Payload(msgspec.Struct, rename="camel"):
    """The fields of any payload that are read; lists and flags share names, so all is taken as it comes."""

    event_type: str
    movie: Any = None
    series: Any = None
    episodes: Any = None
    deleted_files: Any = None
    delete_reason: Any = None
    is_upgrade: Any = None
    type: Any = None
    message: Any = None


def read_webhook(body: bytes, *, words: Words) -> Sequence[Event]:
    """The events in the body, at most one today. BadEvent when it is not this app's or not known."""
    try:
        payload = msgspec.json.decode(body, type=_Payload)
    except msgspec.ValidationError as error:
        raise BadEvent(f"no webhook of {words.app}: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadEvent(f"not JSON, so no webhook of {words.app}: {error}") from None
    return _Notice(payload, words).events()


@dataclass(frozen=True, slots=True)
class _Notice:
    """A payload, read with the words of its app."""

    payload: _Payload
    words: Words

    def events(self) -> list[Event]:
        name, words = self.payload.event_type, self.words
        for other in words.others:
            if getattr(self.payload, other, None) and not self._thing:
                raise BadEvent(
                    f"{name} about a {other}, but this is {words.app}'s webhook; "
                    "does another app send to this address?"
                )
        readers: dict[str, Callable[[], list[Event]]] = {
            "Test": lambda: [Event(Op.TEST)],
            "Grab": lambda: self._changed("grabbed", grabbed=True),  # a download began
            "Download": self._imported,
            "Rename": self._changed,
            words.added: self._changed,
            words.deleted: self._deleted,
            words.file_deleted: self._file_deleted,
            "ManualInteractionRequired": self._changed,
            "Health": self._health,
            "HealthRestored": self._health,
            "ApplicationUpdate": self._updated,
        }
        if name not in readers:
            raise BadEvent(f"unknown event {name!r} of {words.app}")
        return readers[name]()

    def _changed(self, reason: str | None = None, *, grabbed: bool = False) -> list[Event]:
        key = self._key
        if key is None:
            return []
        return [Event(Op.CHANGED, key, self._title, self._refs, reason=reason, grabbed=grabbed)]

    def _imported(self) -> list[Event]:
        """A file was downloaded; what a scan of the disk finds there is never told like this."""
        upgrade = self.payload.is_upgrade is True
        return self._changed("upgraded" if upgrade else "imported", grabbed=not upgrade)

    def _deleted(self) -> list[Event]:
        key = self._key
        if key is None:
            raise BadEvent(f"{self.payload.event_type} that does not say which {self.words.noun}")
        # the flag is what was asked for: it is sent before the files are touched
        reason = {"True": "files deleted", "False": "files kept"}.get(str(self.payload.deleted_files))
        return [Event(Op.DELETED, key, self._title, self._refs, reason=reason, own_act=True)]

    def _file_deleted(self) -> list[Event]:
        """A file went. Of a series it is one of many, so the series is merely looked at.

        The look finds a count that fell to nothing by itself, and an event must not make a suspect
        of a series that has 99 files left.
        """
        key, cause = self._key, self._cause
        if key is None:
            return []
        replaced = cause in _REPLACED
        return [
            Event(
                Op.FILE_DELETED if self.words.file_is_item and not replaced else Op.CHANGED,
                key,
                self._title,
                self._refs,
                reason=self._why,
                external=cause == _MISSING,
                settle=UPGRADE_GAP if replaced else None,
            )
        ]

    def _health(self) -> list[Event]:
        """Only what concerns the roots: a flapping indexer is no reason to read everything again."""
        if str(self.payload.type).endswith(_ROOT_CHECKS):
            return [Event(Op.SCAN, reason=f"{self.payload.event_type}: {self._message or self.payload.type}")]
        return []

    def _updated(self) -> list[Event]:
        return [Event(Op.SCAN, reason=self._message or f"{self.words.app} was updated")]

    @property
    def _thing(self) -> Mapping[str, Any]:
        thing = getattr(self.payload, self.words.noun, None)
        return thing if isinstance(thing, dict) else {}

    @property
    def _key(self) -> Key | None:
        """Which item it is about; None when it does not say."""
        number = self._thing.get("id")
        return Key(self.words.noun, str(number)) if type(number) is int and number > 0 else None

    @property
    def _title(self) -> str | None:
        title = self._thing.get("title")
        return title if isinstance(title, str) else None

    @property
    def _refs(self) -> frozenset[Ref]:
        claims = ((space, self._thing.get(name)) for name, space in self.words.spaces)
        return refs(*(claimed(space, value) for space, value in claims))

    @property
    def _message(self) -> str | None:
        return self.payload.message if isinstance(self.payload.message, str) else None

    @property
    def _cause(self) -> str | None:
        return self.payload.delete_reason if isinstance(self.payload.delete_reason, str) else None

    @property
    def _why(self) -> str | None:
        """The app's own word for the cause, and the episodes: `manual S01E03`."""
        said = [self._cause] if self._cause else []
        for episode in self.payload.episodes if isinstance(self.payload.episodes, list) else []:
            match episode:
                case {"seasonNumber": int(season), "episodeNumber": int(number)}:
                    said.append(f"S{season:02}E{number:02}")
                case _:
                    continue
        return " ".join(said) or None
