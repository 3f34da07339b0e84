"""The settings of an archive: where it lies, and with which credentials.

Credentials stand here and nowhere else: nothing is taken from the environment of the daemon, where
something else may have left it.
"""

import re
from importlib.util import find_spec
from pathlib import PurePosixPath
from typing import Annotated, ClassVar, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, model_validator

from reconciled.http import ApiKey, BaseUrl
from reconciled.source import SourceConfig
from reconciled.units import Duration

FILE, S3, AZURE, GOOGLE = "file", "s3", "az", "gs"
EXTRA = "pip install 'reconciled[archive]'"
_SCHEMES = (FILE, S3, AZURE, GOOGLE)
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}")
_WANTED = {
    S3: (("access_key", "secret_key"),),
    AZURE: (("account", "account_key"), ("account", "sas")),
    GOOGLE: (("service_account",),),
    FILE: ((),),
}
_CREDENTIALS = ("access_key", "secret_key", "account", "account_key", "sas", "service_account")


def check_place(text: str) -> str:
    """The URL without a slash at its end; ValueError unless an archive can lie there."""
    written = text.strip().rstrip("/")
    url = urlsplit(written)
    if url.scheme not in _SCHEMES or not written.startswith(f"{url.scheme}://"):
        raise ValueError(
            "no place for an archive; write it like file:///srv/archive, s3://bucket/prefix, "
            "az://container/prefix or gs://bucket/prefix"
        )
    if url.query or url.fragment or "@" in url.netloc:
        raise ValueError("the url names the place alone; credentials have settings of their own")
    names = url.path.split("/")[1:]
    if any(name in ("", ".", "..") or not name.isprintable() or set(name) & set("%*\\") for name in names):
        raise ValueError("each part of the path is a plain name: no `..`, no `//`, no per cent sign")
    if url.scheme == FILE:
        if url.netloc or not names:
            raise ValueError("a folder is written with three slashes: file:///srv/archive")
    elif not _BUCKET.fullmatch(url.netloc):
        raise ValueError(f"{url.netloc!r} is no name of a bucket or container")
    return written


class ArchiveConfig(SourceConfig):
    """Where the archive lies."""

    scope: ClassVar[tuple[str, ...]] = ("endpoint",)

    url: Annotated[str, AfterValidator(check_place)] = Field(
        default="file:///var/lib/reconciled/archive",
        description="where it lies: file:///folder, s3://bucket/prefix, az://container/prefix, "
        "gs://bucket/prefix",
    )
    endpoint: BaseUrl | None = Field(
        default=None, description="where an object store of your own is: https://minio.lan:9000"
    )
    region: str = Field(default="us-east-1", pattern=r"^[a-z0-9-]{1,40}$", description="of an S3 bucket")
    allow_http: bool = Field(default=False, description="talk to an endpoint without TLS; for this box only")
    access_key: ApiKey | None = Field(default=None, description="of S3")
    secret_key: ApiKey | None = Field(default=None, description="of S3")
    account: str | None = Field(
        default=None, pattern=r"^[a-z0-9]{3,24}$", description="the storage account of Azure"
    )
    account_key: ApiKey | None = Field(default=None, description="of Azure")
    sas: ApiKey | None = Field(default=None, description="a shared access signature of Azure, as a query")
    service_account: SecretStr | None = Field(
        default=None, description="of Google: the whole JSON of the key file"
    )
    timeout: Duration = Field(default=30.0, gt=0, description="how long an answer may take")
    acts_within: Duration = Field(
        default=120.0, gt=0, description="after which time an upload whose answer was lost is surely over"
    )

    @property
    def scheme(self) -> str:
        """What kind of place it is."""
        return self.url.partition(":")[0]

    @property
    def bucket(self) -> str:
        """The bucket or container; empty for a folder."""
        return urlsplit(self.url).netloc

    @property
    def path(self) -> str:
        """The folder, or the prefix in the bucket without a slash before it."""
        path = urlsplit(self.url).path
        return str(PurePosixPath(path)) if self.scheme == FILE else path.strip("/")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        given = {name for name in _CREDENTIALS if getattr(self, name) is not None}
        ways = _WANTED[self.scheme]
        if self.scheme == FILE and (given or self.endpoint is not None):
            odd = ", ".join(sorted(given | ({"endpoint"} if self.endpoint is not None else set())))
            raise ValueError(f"a folder wants no credentials and no endpoint; leave out {odd}")
        if given not in [set(way) for way in ways]:
            wanted = " or ".join(" and ".join(way) for way in ways)
            raise ValueError(f"{self.scheme}:// wants {wanted}, and no other credentials")
        if (self.endpoint or "").startswith("http://") and not self.allow_http:
            raise ValueError(
                "the endpoint is http://, so everything would travel in the clear; "
                "write https://, or allow_http: yes if it never leaves this box"
            )
        if self.scheme != FILE and find_spec("obstore") is None:
            raise ValueError(f"{self.scheme}:// needs the package obstore, which is not installed: {EXTRA}")
        return self
