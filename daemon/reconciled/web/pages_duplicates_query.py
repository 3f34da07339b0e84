"""What the addresses of the pages of duplicates say: filters, and what was done just before."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from reconciled.web import duplicates
from reconciled.web.api_duplicates import LARGEST, MOST, Share

AT_ONCE = 50
"""How many groups a page shows unless it is asked for more."""


class ListQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which groups a page shows.

    `answered` and `acted` name what was answered and ordered just before, `ordered` counts the latter where
    not all are named; `left` are groups that were left as they are, `was` is the primary until then.
    """

    state: Literal["open", "ignored", "resolved", "all"] = "open"
    band: Literal["duplicate", "review"] | None = None
    source: str | None = None
    min_confidence: Share | None = None
    q: str | None = None
    tag: str | None = None
    limit: Annotated[int, Meta(ge=1, le=MOST)] = AT_ONCE
    cursor: str | None = None
    answered: str | None = None
    left: str | None = None
    acted: str | None = None
    ordered: Annotated[int, Meta(ge=0, le=LARGEST)] = 0
    was: Annotated[int, Meta(ge=0, le=LARGEST)] | None = None

    def wanted(self) -> duplicates.Wanted:
        """The same for the ledger."""
        fields = {name: getattr(self, name) for name in duplicates.Wanted.__dataclass_fields__}
        return duplicates.Wanted(**{**fields, "state": None if self.state == "all" else self.state})


class GroupQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which two members are compared, and how; the others are as for the list."""

    a: Annotated[int, Meta(ge=1, le=LARGEST)] | None = None
    b: Annotated[int, Meta(ge=1, le=LARGEST)] | None = None
    view: Literal["pictures", "whole", "text"] = "pictures"
    answered: str | None = None
    left: str | None = None
    acted: str | None = None
    ordered: Annotated[int, Meta(ge=0, le=LARGEST)] = 0
    was: Annotated[int, Meta(ge=0, le=LARGEST)] | None = None
