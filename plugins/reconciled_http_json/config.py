"""The settings that describe an app: where its list is, what an item is, and what its no looks like."""

import re
from typing import Annotated, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    model_validator,
)
from yarl import URL

from reconciled.http import BaseUrl
from reconciled.source import SourceConfig
from reconciled.units import Duration
from reconciled_http_json.places import Place

_OWN = frozenset({"accept", "accept-encoding", "connection", "content-length", "host", "transfer-encoding"})
_NEVER = frozenset({401, 403, 407, 408, 425, 429})
_KEY = re.compile(
    r"api_?-?key|secret|passw|(?<!next_)(?<!page_)token$|^auth|^sig(nature)?$|^key$", re.IGNORECASE
)


def check_path(text: str) -> str:
    """A path below the url; ValueError when it is none."""
    if not text.startswith("/") or "?" in text or "#" in text or ".." in text.split("/"):
        raise ValueError("a path below the url belongs here, such as /api/books; a query stands in `params`")
    return text


def check_item_path(text: str) -> str:
    """A path with `{id}` in it, once."""
    if text.count("{id}") != 1 or "{" in text.replace("{id}", ""):
        raise ValueError("the path names the item by {id}, once, such as /api/books/{id}")
    return check_path(text)


def check_header(name: str) -> str:
    """A header's name that is the user's to set."""
    if not name.isascii() or not name.replace("-", "").replace("_", "").isalnum() or name.lower() in _OWN:
        raise ValueError(f"{name[:50]!r} is no header to be set here")
    return name


def check_value(value: SecretStr) -> SecretStr:
    """A header's value on one line."""
    text = value.get_secret_value()
    if not text.strip() or not text.isprintable() or not text.isascii():
        raise ValueError("a header's value is one line of plain characters")
    return value


def check_param(name: str) -> str:
    """A parameter's name; ValueError when its value would be a secret, for the query is kept and shown."""
    if _KEY.search(name):
        raise ValueError(
            f"{name[:50]!r} looks like a key, which would be kept and shown; it belongs in `headers`"
        )
    return name


def check_space(space: str) -> str:
    """The name of a ref's space."""
    head, colon, tail = space.partition(":")
    if not head.replace("-", "").replace("_", "").isalnum() or (
        colon and not tail.replace("-", "").isalnum()
    ):
        raise ValueError("a space looks like tmdb:movie, imdb, isbn or path")
    return space


Header = Annotated[str, AfterValidator(check_header)]
Hidden = Annotated[SecretStr, AfterValidator(check_value)]
Param = Annotated[str, AfterValidator(check_param)]
UrlPath = Annotated[str, AfterValidator(check_path)]
ItemPath = Annotated[str, AfterValidator(check_item_path)]
Space = Annotated[str, AfterValidator(check_space)]


class Next(SourceConfig):
    """How the next page is found: a token in the answer, a link in it, or a number that goes up."""

    param: str | None = Field(
        default=None, description="the parameter that names a page, such as cursor or page"
    )
    cursor: Place | None = Field(default=None, description="where the next page's token stands")
    link: Place | None = Field(default=None, description="where the next page's url stands")
    first: StrictInt | None = Field(default=None, ge=0, description="the first page's number, mostly 1")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [name for name in ("cursor", "link", "first") if getattr(self, name) is not None]
        if len(ways) != 1 or (self.param is None) != (ways == ["link"]):
            raise ValueError(
                "write one of {param: cursor, cursor: next}, {link: next} and {param: page, first: 1}"
            )
        return self


class Listing(SourceConfig):
    """The list of all items."""

    path: UrlPath = Field(description="such as /api/books")
    params: dict[Param, str | StrictInt] = Field(
        default_factory=dict, description="its query: {per_page: 100}"
    )
    items: Place = Field(default="$", description="where the list of items stands in the answer")
    total: Place | None = Field(default=None, description="where it says how many there are")
    next: Next | None = Field(default=None, description="how its next page is found; without it there is one")


class Fields(SourceConfig):
    """What an item is, read from one element of the list."""

    id: Place = Field(description="what names it in the app, for good")
    title: Place | None = Field(default=None, description="what people call it")
    refs: dict[Space, Place] = Field(default_factory=dict, description="what it is elsewhere: {isbn: isbn13}")
    path: Place | None = Field(default=None, description="where its file is, as the app names it")
    has_file: Place | None = Field(
        default=None, description="whether it has a file: a place with true or false"
    )
    attrs: dict[str, Place] = Field(default_factory=dict, description="what is to be shown beside it")


class Lookup(SourceConfig):
    """How one item is asked about."""

    path: ItemPath = Field(description="such as /api/books/{id}")
    item: Place = Field(default="$", description="where the item stands in the answer")


class Absence(SourceConfig):
    """The app's own plain "no such item": a status and, in its JSON, a value that only the app says."""

    status: StrictInt = Field(ge=200, le=499, description="such as 404")
    path: Place = Field(description="where the app's own words stand, such as error.code")
    value: StrictBool | StrictInt | StrictFloat | Annotated[StrictStr, Field(min_length=1)] = Field(
        description="what stands there when, and only when, there is no such item"
    )

    @model_validator(mode="after")
    def _about_the_item(self) -> Self:
        if self.status in _NEVER or 300 <= self.status < 400:
            raise ValueError(f"{self.status} is about our access or a proxy, never about an item")
        if self.path == "$":
            raise ValueError("name a place in the answer; a bare value could be anybody's")
        return self


class Removal(SourceConfig):
    """How an item is deleted."""

    path: ItemPath = Field(description="such as /api/books/{id}")
    method: Literal["DELETE", "POST"] = Field(default="DELETE", description="DELETE, or POST")


class HttpJsonConfig(SourceConfig):
    """An app with a JSON API."""

    scope: ClassVar[tuple[str, ...]] = ("url", "list", "item")

    url: BaseUrl = Field(description="the app's address")
    headers: dict[Header, Hidden] = Field(
        default_factory=dict, description="what goes with each request: {X-Api-Key: !secret books}"
    )
    list: Listing
    item: Fields
    refers: bool = Field(
        default=False, description="true: the refs say what an item is about (a wish, a note)"
    )
    lookup: Lookup | None = Field(
        default=None, description="how one item is asked about; without it nothing is proved"
    )
    absent: Absence | None = Field(
        default=None, description="the app's own no; without it the source only tells what is there"
    )
    delete: Removal | None = Field(default=None, description="how an item is deleted; always asked first")
    timeout: Duration = Field(default=60.0, gt=0, description="how long one request may take")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.absent is not None and self.lookup is None:
            raise ValueError("`absent` is what a lookup answers; say how one item is asked about: lookup")
        if self.delete is not None and self.absent is None:
            raise ValueError(
                "without `absent` nobody could tell whether a deletion happened; leave `delete` out"
            )
        if URL(self.url).user is not None and any(name.lower() == "authorization" for name in self.headers):
            raise ValueError("a user in the url and an Authorization header exclude each other")
        return self
