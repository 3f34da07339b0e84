"""The settings of a collection in Chroma."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from reconciled.http import ApiKey, BaseUrl
from reconciled.source import SourceConfig
from reconciled.units import Duration
from reconciled_chroma.documents import check_reference

_COLLECTION = re.compile(r"[a-zA-Z0-9](?:[a-zA-Z0-9._-]{1,510}[a-zA-Z0-9])")


def check_place(name: str) -> str:
    """The name of a tenant or database; ValueError when it would be another address."""
    if not name.strip() or "/" in name or name in (".", "..") or not name.isprintable():
        raise ValueError("the name of a tenant or database has no slash in it")
    return name


def check_collection(name: str) -> str:
    """A name that Chroma itself would take."""
    if not _COLLECTION.fullmatch(name) or ".." in name:
        raise ValueError(
            "a collection has a name of 3 to 512 letters, digits, dots, dashes and underscores; the id of a "
            "collection belongs nowhere"
        )
    return name


def check_field(name: str) -> str:
    """A name of metadata; ValueError for what Chroma keeps to itself or reads as an operator."""
    if not name.strip() or name.startswith(("$", "#", "chroma:")) or not name.isprintable():
        raise ValueError("the name of a piece of metadata, such as document_id, belongs here")
    return name


Place = Annotated[str, AfterValidator(check_place)]
Collection = Annotated[str, AfterValidator(check_collection)]
Metadata = Annotated[str, AfterValidator(check_field)]
Reference = Annotated[str, AfterValidator(check_reference)]


class ChromaConfig(SourceConfig):
    """Where Chroma is, which collection is meant, and how its entries say what they were made of."""

    url: BaseUrl = Field(description="Chroma's address; its port is 8000 unless you changed it")
    token: ApiKey | None = Field(
        default=None, description="if it, or a proxy before it, wants one; Chroma itself asks nobody"
    )
    token_header: Literal["X-Chroma-Token", "Authorization"] = Field(
        default="X-Chroma-Token", description="where the token goes; Authorization: as `Bearer …`"
    )
    tenant: Place = Field(default="default_tenant", description="the tenant that the collection is in")
    database: Place = Field(default="default_database", description="its database in that tenant")
    collection: Collection = Field(description="the collection's name; each is a source of its own")
    field: Metadata = Field(
        default="document_id", description="the metadata in which an entry names its document"
    )
    title_field: Metadata = Field(default="title", description="the metadata that holds a title for people")
    refers_to: Reference = Field(
        default="paperless:document/{id}",
        description="what the document's id names: the ref of it, such as paperless:document/{id}",
    )
    timeout: Duration = Field(default=30.0, gt=0, description="how long one question may take")
    act_timeout: Duration = Field(default=60.0, gt=0, description="how long one deletion may take")
