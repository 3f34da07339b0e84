"""The ledger file: one writer, a few readers, each on a thread of its own.

A write is a plain function that is given the connection and runs as one transaction on the
writer's thread. It cannot await anything, so no transaction can span a call to an app: that
promise holds by construction. (An async wrapper around every statement was the first plan; it
costs a thread switch a statement and lets transactions interleave with awaits.)

`write_durably` is for what is acknowledged to somebody or about to be sent: the commit waits for
the disk (synchronous=FULL). Everything else may be lost by a power cut, never by a kill, and is
found again by the next scan.

A new ledger is made under another name and gets its own when it is whole. What is wrong with the file
(see `condition`) is noted in `trouble` until a write succeeds, so that it can be said and waited for.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Concatenate, ParamSpec, Self, TypeAlias, TypeVar

from reconciled.ledger.condition import explain, is_damage, is_outside, look_through, refuse_lost
from reconciled.ledger.migrate import BadLedger, LedgerTrouble, give_name, migrate, shape_of

P = ParamSpec("P")
T = TypeVar("T")

Tx: TypeAlias = sqlite3.Connection
"""A connection inside a transaction. Only functions of `reconciled.ledger` run SQL on it."""

READERS = 2


class Ledger:
    """An open ledger. Safe to use from one event loop; the functions run on other threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writing = ThreadPoolExecutor(1, "ledger-writer")
        self._reading = ThreadPoolExecutor(READERS, "ledger-reader")
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._writer: sqlite3.Connection | None = None
        self._full = False
        self._is = (0, 0)
        self.trouble: str | None = None
        """What is wrong with the file, with the remedy; None while all is well."""
        self.latest_trouble = ""
        """The same, kept when all is well again."""
        self.damaged = False
        """Whether it is no longer whole, or no longer there: nothing more is believed of it, or written to it."""
        self.ailing = asyncio.Event()
        """Set while there is trouble."""

    @classmethod
    async def open(cls, path: Path, *, at: Callable[[str], None] = lambda _: None) -> Self:
        """Open (or create), look through and migrate. LedgerTrouble with the remedy when it cannot be used.

        `at` is told the moments at which a crash would matter.
        """
        ledger = cls(path)
        try:
            await asyncio.get_running_loop().run_in_executor(ledger._writing, ledger._open, at)
        except sqlite3.Error as error:
            await ledger.close()
            trouble = BadLedger if is_damage(error) else LedgerTrouble
            raise trouble(explain(path, error)) from error
        except OSError as error:
            await ledger.close()
            raise LedgerTrouble(
                f"cannot make the ledger {path}: {error.strerror} ({error.filename})"
            ) from error
        except LedgerTrouble:
            await ledger.close()
            raise
        return ledger

    def _open(self, at: Callable[[str], None]) -> None:
        refuse_lost(self.path)
        if not self.path.exists():
            _make(self.path, at)
        db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        self._writer = db
        shape_of(db, self.path)  # before anything is changed in it
        self._is = _which(self.path)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA busy_timeout = 5000")
        look_through(db, self.path)
        migrate(db, self.path, at=at)
        db.execute("CREATE TEMP TABLE IF NOT EXISTS joining (item_id INTEGER PRIMARY KEY)")
        db.execute(
            "CREATE TEMP TABLE IF NOT EXISTS stage (run INTEGER, kind TEXT, key TEXT, print BLOB, body BLOB, PRIMARY KEY (run, kind, key)) WITHOUT ROWID"
        )

    async def write(self, work: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work(tx, …)` as one transaction; what it raises rolls everything back and is raised here."""
        return await self._on_writer(lambda tx: work(tx, *args, **kwargs), False)

    async def write_durably(
        self, work: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """The same, and the commit waits for the disk."""
        return await self._on_writer(lambda tx: work(tx, *args, **kwargs), True)

    async def _on_writer(self, work: Callable[[Tx], T], durable: bool) -> T:
        if self.damaged:
            raise BadLedger(self.trouble or "")
        try:
            result = await asyncio.get_running_loop().run_in_executor(
                self._writing, self._write, work, durable
            )
        except sqlite3.DatabaseError as error:
            self._note(error, "write to")
            raise
        except BadLedger as error:
            self._ail(str(error), damaged=True)
            raise
        if self.trouble is not None and not self.damaged:
            self.trouble = None
            self.ailing.clear()
        return result

    def _note(self, error: sqlite3.DatabaseError, doing: str) -> None:
        """Trouble of the file itself is kept; damage for good."""
        if self.damaged or not (is_outside(error) or is_damage(error)):
            return
        self._ail(explain(self.path, error, doing), damaged=is_damage(error))

    def _ail(self, trouble: str, *, damaged: bool) -> None:
        self.trouble = self.latest_trouble = trouble
        self.damaged = damaged
        self.ailing.set()

    def _write(self, work: Callable[[Tx], T], durable: bool) -> T:
        db = self._writer
        if db is None:
            raise LedgerTrouble(f"{self.path} is closed")
        if durable and _which(self.path) != self._is:
            raise BadLedger(
                f"the ledger {self.path} was moved, removed or replaced while the daemon ran: put it back, with "
                "the -wal and -shm beside it if there are any, and start the daemon again; without it, it begins anew"
            )
        if durable != self._full:
            db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self._full = durable
        db.execute("BEGIN IMMEDIATE")
        try:
            result = work(db)
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        return result

    async def read(self, work: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work(tx, …)` on a reader: it sees one committed state and cannot change it."""
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._reading, self._read, lambda tx: work(tx, *args, **kwargs)
            )
        except sqlite3.DatabaseError as error:
            if is_damage(error):
                self._note(error, "read")
            raise

    def _read(self, work: Callable[[Tx], T]) -> T:
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
            db.execute("PRAGMA query_only = ON")
            db.execute("PRAGMA busy_timeout = 5000")
            self._local.db = db
            self._readers.append(db)
        db.execute("BEGIN")
        try:
            return work(db)
        finally:
            db.execute("ROLLBACK")

    async def close(self) -> None:
        """Wait for what is under way, then close the file."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, self._reading.shutdown)
        if self._writer is not None:
            await loop.run_in_executor(self._writing, self._writer.close)
            self._writer = None
        await loop.run_in_executor(None, self._writing.shutdown)
        for db in self._readers:
            db.close()
        self._readers.clear()


def _make(path: Path, at: Callable[[str], None]) -> None:
    """A new ledger of the newest shape. It has another name until it is whole and on the disk."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)  # left by one that was killed here
    _set_log_aside(path)
    db = sqlite3.connect(new, isolation_level=None)
    try:
        db.execute("PRAGMA journal_mode = MEMORY")
        db.execute("PRAGMA synchronous = OFF")
        migrate(db, new, at=at)
        db.execute("PRAGMA journal_mode = WAL")
    finally:
        db.close()
    give_name(new, path)


def _set_log_aside(path: Path) -> None:
    """The log of a ledger that somebody took away must not meet the new one, which it would overwrite. It is
    kept under another name: it may hold the last events of the old one.
    """
    log = path.with_name(f"{path.name}-wal")
    if log.exists():
        log.replace(path.with_name(f"{path.name}.left-wal"))
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)


def _which(path: Path) -> tuple[int, int]:
    """Which file has this name; zeros when none has."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_dev, found.st_ino
