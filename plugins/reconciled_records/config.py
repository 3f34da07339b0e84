"""The settings of a source of records: where its program wants to be called back, what it may send."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from yarl import URL

from reconciled.source import SourceConfig
from reconciled.units import Duration, Size

SHORTEST = 16


def check_url(text: str) -> str:
    """The address as it is, a slash at its end too; ValueError when nothing could be sent there."""
    text = text.strip()
    url = URL(text)
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("no address to call; write it like http://box.lan:5000/reconciled")
    if url.user is not None or url.password is not None:
        raise ValueError("holds a user or password, which would be shown; the signature says who we are")
    if url.query_string or url.fragment:
        raise ValueError("an address to call ends before any ? or #; the signature says who we are")
    if any(part in (".", "..") for part in text.split("/")):
        raise ValueError("an address to call has no . or .. in its path")
    return text


def check_secret(secret: SecretStr) -> SecretStr:
    """The secret without white space around it; ValueError when it is one that could be guessed."""
    text = secret.get_secret_value().strip()
    if len(text) < SHORTEST:
        raise ValueError(f"a secret to sign with has at least {SHORTEST} characters; `openssl rand -hex 32`")
    return SecretStr(text)


class CallbackConfig(SourceConfig):
    """Where the program is told what became of its records, and how that is signed."""

    url: Annotated[str, AfterValidator(check_url)] = Field(description="where the program takes callbacks")
    secret: Annotated[SecretStr, AfterValidator(check_secret)] = Field(
        description="what callbacks are signed with; the program knows it too"
    )
    timeout: Duration = Field(default=10.0, gt=0, description="how long the program may take to answer")
    keep_trying: Duration = Field(
        default=3 * 86400.0, gt=0, description="how long a callback is tried before it is given up"
    )


def check_folder(folder: Path) -> Path:
    """The folder; ValueError unless its path is absolute and plain."""
    if not folder.is_absolute() or ".." in folder.parts:
        raise ValueError("an absolute path belongs here, such as /srv/contents, without `..`")
    return folder


class ContentConfig(SourceConfig):
    """What may be sent with a record, and how long it is kept."""

    max_size: Size = Field(default=200 * 2**20, gt=0, description="the most bytes of one content")
    folder: Annotated[Path, AfterValidator(check_folder)] | None = Field(
        default=None, description="where contents lie; beside the ledger if not said"
    )
    keep: bool = Field(
        default=True, description="`no`: bytes are let go once they stand in every target of the mirrors"
    )


class RecordsConfig(SourceConfig):
    """A source of records needs no settings."""

    callback: CallbackConfig | None = Field(
        default=None, description="tell the program when what a record refers to is gone, or back"
    )
    content: ContentConfig = Field(
        default_factory=ContentConfig, description="the bytes that programs may send with their records"
    )
