"""The parts of an item that the apps share."""

from collections.abc import Sequence

from reconciled.model import Json, Ref


def attrs_of(
    year: int | None, monitored: bool | None, labels: Sequence[str] | None, added: str | None
) -> dict[str, Json]:
    """What is kept of a record beside its identity; only what a refresh leaves as it is.

    Without its labels there is no `tags`, which means unreadable and not none.
    """
    attrs: dict[str, Json] = {}
    if labels is not None:
        attrs["tags"] = [*labels]
    if year:
        attrs["year"] = year
    if monitored is not None:
        attrs["monitored"] = monitored
    if added:
        attrs["added"] = added
    return attrs


def claimed(space: str, value: object) -> Ref | None:
    """The ref that a record's field claims; None when the value is none of its space.

    An IMDb id begins with tt whoever writes it, all others are numbers. Anything else there
    (Radarr's test webhook says imdbId 5678) would be an identity that nobody else could share.
    """
    text = "" if value is None else str(value).strip().lower()
    number = text.removeprefix("tt") if space == "imdb" else text
    well_formed = number.isascii() and number.isdigit() and text.startswith("tt") is (space == "imdb")
    return Ref.of(space, text if space == "imdb" else int(number)) if well_formed else None
