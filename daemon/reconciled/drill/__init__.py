"""The drill: the faults of networks and apps, rehearsed on a copy of the user's own ledger and real apps.

`reconciled drill` asks the real apps once how things are, and plays every fault against those answers: a
relay stands where each app was, and strikes what it hands on. Hours pass in no time, for the clock is
ours. Nothing is changed anywhere, in three ways, each of which would do: the engine refuses whatever
would change something, the wire lets nothing but questions through, and all of it happens in a folder
that is removed at the end. No stream is followed, no webhook taken, nobody is told anything.
"""

from reconciled.drill.findings import Cell, Moment, Report
from reconciled.drill.rehearsal import NAMED, CannotDrill, Rehearsal

__all__ = ["NAMED", "CannotDrill", "Cell", "Moment", "Rehearsal", "Report"]
