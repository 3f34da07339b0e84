"""`SourceContract`: what every plugin has to keep, as a test class. Ours keep it, and so should yours.

    from reconciled.testing import SourceContract, Stand

    class BookshelfStand(Stand): …

    class TestBookshelf(SourceContract):
        stand = BookshelfStand

The plugin is played against a fake of its app over a real socket, with every fault that there is.
A check skips, with the reason, what the source has no ability for and what the stand excuses. A
failure is a sentence that says what was promised and what came. Needs pytest and pytest-asyncio.
"""

from reconciled.testing.contract_acting import ActingChecks
from reconciled.testing.contract_files import FileChecks
from reconciled.testing.contract_lies import LieChecks
from reconciled.testing.contract_mailbox import Mailbox
from reconciled.testing.contract_merging import MergeChecks
from reconciled.testing.contract_papers import PaperChecks
from reconciled.testing.contract_reading import ReadingChecks
from reconciled.testing.contract_scene import Notes, Scene, played
from reconciled.testing.contract_stand import Letter, Stand
from reconciled.testing.contract_told import ToldChecks
from reconciled.testing.contract_trouble import TroubleChecks
from reconciled.testing.contract_undoing import UndoingChecks

__all__ = ["Letter", "Mailbox", "Notes", "Scene", "SourceContract", "Stand", "played"]


class SourceContract(
    ReadingChecks,
    TroubleChecks,
    LieChecks,
    ActingChecks,
    UndoingChecks,
    ToldChecks,
    FileChecks,
    PaperChecks,
    MergeChecks,
):
    """All checks. A subclass whose name begins with `Test` sets `stand`, and pytest collects it."""
