"""Names that the user makes up (of sources, policies, channels) and names that point at them.

A name is judged where it is made; where it is used, an unknown one gets the nearest that exists.
"""

import re
from collections.abc import Collection, Iterator, Sequence

from reconciled.config.complaints import Complaints
from reconciled.config.problems import Where, did_you_mean

CAUSES = frozenset({"dashboard", "reconciled", "external"})
"""Words that name who did something, which a source would be confused with."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")


def check_name(name: str, where: Where, what: str, *, complaints: Complaints) -> None:
    """The name of a `what` (source, policy, channel), as it is made up at `where`."""
    if not _NAME.fullmatch(name):
        said = f"the name of a {what} is of a-z, 0-9 and _, and begins with a letter"
        complaints.problem(where, said, on_name=True)
    elif what == "source" and name in CAUSES:
        complaints.problem(where, "that name is taken: pages use it to say who did something", on_name=True)


def unknown(what: str, name: str, known: Collection[str], *, section: str) -> str:
    """The sentence about a name that nothing has, with what may have been meant."""
    if not known:
        return f"there is no {what} {name!r}; `{section}:` has none yet"
    near = did_you_mean(name, known) or f"; there {'are' if len(known) > 1 else 'is'} {', '.join(known)}"
    return f"there is no {what} {name!r}{near}"


def placed(names: Sequence[str], where: Where, *, complaints: Complaints) -> Iterator[tuple[Where, str]]:
    """Names with where each stands: a list has its places, a single name may be written without one."""
    listed = (*where, 0) in complaints.document.places
    for number, name in enumerate(names):
        yield ((*where, number) if listed else where), name
