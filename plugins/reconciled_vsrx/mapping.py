"""`map:`: a site whose bridge has other paths, names or headers says so, and needs no code.

What it says is judged when the config is read. A mapping that could ask about another item than the
one that is meant (a path without its id, two of our fields under one name) is refused there, with the
place and what a good one looks like.
"""

import re
from typing import Annotated, Any, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from reconciled.source import SourceConfig

_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_PLACE = re.compile(r"\{[^{}]*\}")
_OURS = frozenset({
    "host", "content-length", "content-type", "accept", "accept-encoding", "if-none-match",
    "if-range", "range",
})  # fmt: skip
_EVERYBODYS = frozenset({
    "accept-ranges", "content-range",
    "age", "allow", "cache-control", "connection", "content-encoding", "content-language", "date", "etag",
    "expires", "keep-alive", "last-modified", "location", "pragma", "server", "set-cookie",
    "strict-transport-security", "transfer-encoding", "vary", "via", "x-cache", "x-content-type-options",
    "x-frame-options", "x-powered-by", "x-request-id",
})  # fmt: skip


def check_path(path: str, *places: str) -> str:
    """The path; ValueError when it cannot be asked below the url, or does not say about which one."""
    path = path.strip()
    good = "".join((" with ", " and ".join(places), " in it once")) if places else " without any { }"
    if sorted(_PLACE.findall(path)) != sorted(places):
        raise ValueError(f"{path!r} is no such path: one{good} belongs here")
    if not path.startswith("/") or any(part in ("", ".", "..") for part in path[1:].split("/")):
        raise ValueError(f"{path!r} is no path below the url; write it like /filesets")
    if set("?#\\") & set(path) or not path.isprintable():
        raise ValueError(f"{path!r} is no plain path: parameters are added by us")
    return path


def _of_patient(path: str) -> str:
    return check_path(path, "{patientId}")


def _of_file(path: str) -> str:
    return check_path(path, "{id}")


def check_header(name: str) -> str:
    """The header's name; ValueError when it is none, or one that is set already."""
    if not _HEADER.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a header; write it like X-Api-Key")
    if name.lower() in _OURS:
        raise ValueError(f"the header {name} has a meaning of its own in every request")
    return name


def check_mark(name: str) -> str:
    """The header's name; ValueError when it tells nobody apart, as proxies and other programs send it too."""
    name = check_header(name)
    if name.lower() in _EVERYBODYS:
        raise ValueError(f"every server sends it: {name} cannot tell your bridge from a proxy")
    return name


def check_name(name: str) -> str:
    """The name of a field; ValueError when no JSON of a site has it."""
    if not name or name != name.strip() or not name.isprintable():
        raise ValueError(f"{name!r} is no name of a field; write it as it stands in the site's JSON")
    return name


def _plain(text: str) -> str:
    if not (text.isascii() and text.isprintable()):
        raise ValueError("holds characters that no header has")
    return text.strip()


Name = Annotated[str, AfterValidator(check_name)]
Header = Annotated[str, AfterValidator(check_header)]
Mark = Annotated[str, AfterValidator(check_mark)]


class Paths(SourceConfig):
    """Where the site answers what, below its url."""

    filesets: Annotated[str, AfterValidator(check_path)] = "/filesets"
    files: Annotated[str, AfterValidator(_of_patient)] = "/filesets/{patientId}/files"
    file: Annotated[str, AfterValidator(_of_file)] = "/files/{id}"
    content: Annotated[str, AfterValidator(_of_file)] = "/files/{id}/content"


class Fields(SourceConfig):
    """What our fields are called at the site, in answers and webhooks alike."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    items: Name = "items"
    next: Name = "next"
    total: Name = "total"
    id: Name = "id"
    patient_id: Name = "patientId"
    previous_patient_ids: Name = "previousPatientIds"
    updated_at: Name = "updatedAt"
    file_count: Name = "fileCount"
    path: Name = "path"
    size: Name = "size"
    mime_type: Name = "mimeType"
    etag: Name = "etag"
    modified_at: Name = "modifiedAt"
    deleted: Name = "deleted"
    sha256: Name = "sha256"
    event: Name = "event"
    new_patient_id: Name = "newPatientId"
    occurred_at: Name = "occurredAt"
    user: Name = "user"

    @model_validator(mode="after")
    def _apart(self) -> Self:
        ours: dict[str, str] = {}
        for field, site in self:
            if site in ours:
                raise ValueError(f"{to_camel(field)} and {ours[site]} cannot both be called {site!r}")
            ours[site] = to_camel(field)
        return self

    @property
    def ours(self) -> dict[str, str]:
        """Our names by the site's, where any differs; else empty."""
        names = {site: to_camel(field) for field, site in self}
        return {} if all(site == own for site, own in names.items()) else names


class Mapping(SourceConfig):
    """Where a site's bridge differs from the contract."""

    paths: Paths = Field(default=Paths(), description="other paths below the url")
    fields: Fields = Field(default=Fields(), description="other names of fields")
    header: Header = Field(default="Authorization", description="the header that carries the token")
    scheme: Annotated[str, AfterValidator(_plain)] = Field(
        default="Bearer", description="what stands before the token; empty for the token alone"
    )
    mark: Mark = Field(
        default="X-VSRX-Version", description="the header that every answer of the bridge carries"
    )


def renamed(value: Any, ours: dict[str, str]) -> Any:
    """The same JSON with our names. A field that only happens to be called like one of ours is left out."""
    match value:
        case dict():
            taken = frozenset(ours.values())
            return {
                ours.get(name, name): renamed(inner, ours)
                for name, inner in value.items()
                if name in ours or name not in taken
            }
        case list():
            return [renamed(inner, ours) for inner in value]
    return value
