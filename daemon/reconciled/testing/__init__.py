"""For authors of plugins and for our own tests: fake apps over real sockets, and faults to break them with.

`SourceContract` and `Stand` try a plugin against a fake of its app; they need pytest and are
imported when asked for. Nothing here is imported by the daemon itself; `reconciled demo` and the
tests start these servers.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reconciled.testing.contract import Letter, Mailbox, Scene, SourceContract, Stand, played

__all__ = ["Letter", "Mailbox", "Scene", "SourceContract", "Stand", "played"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from reconciled.testing import contract

    return getattr(contract, name)
