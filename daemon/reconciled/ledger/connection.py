"""The ledger file: one writer, a few readers, each on a thread of its own.

A write is a plain function that is given the connection and runs as one transaction on the
writer's thread. It cannot await anything, so no transaction can span a call to an app: that
promise holds by construction. (An async wrapper around every statement was the first plan; it
costs a thread switch a statement and lets transactions interleave with awaits.)

`write_durably` is for what is acknowledged to somebody or about to be sent: the commit waits for
the disk (synchronous=FULL). Everything else may be lost by a power cut, never by a kill, and is
found again by the next scan.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Concatenate, ParamSpec, Self, TypeAlias, TypeVar

from reconciled.ledger.migrate import LedgerTrouble, migrate

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

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open (or create) and migrate. LedgerTrouble with the remedy when it cannot be used."""
        ledger = cls(path)
        try:
            await asyncio.get_running_loop().run_in_executor(ledger._writing, ledger._open)
        except sqlite3.Error as error:
            await ledger.close()
            raise LedgerTrouble(_explain(path, error)) from error
        except LedgerTrouble:
            await ledger.close()
            raise
        return ledger

    def _open(self) -> None:
        db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        self._writer = db
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA busy_timeout = 5000")
        migrate(db, self.path)
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
        return await asyncio.get_running_loop().run_in_executor(self._writing, self._write, work, durable)

    def _write(self, work: Callable[[Tx], T], durable: bool) -> T:
        db = self._writer
        if db is None:
            raise LedgerTrouble(f"{self.path} is closed")
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
        return await asyncio.get_running_loop().run_in_executor(
            self._reading, self._read, lambda tx: work(tx, *args, **kwargs)
        )

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


def _explain(path: Path, error: sqlite3.Error) -> str:
    remedies = {
        sqlite3.SQLITE_CANTOPEN: "its folder must exist and belong to the user that runs the daemon",
        sqlite3.SQLITE_READONLY: "make it writable for the user that runs the daemon",
        sqlite3.SQLITE_NOTADB: "it is no ledger; move it away, or restore a backup",
        sqlite3.SQLITE_CORRUPT: "it is damaged; restore a backup, or move it away and scan anew",
        sqlite3.SQLITE_FULL: "the disk is full; make room and start again",
    }
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return f"cannot open the ledger {path}: {error}; {remedies.get(code, 'see the message')}"
