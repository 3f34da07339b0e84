"""Commands for copies of the ledger: backup while the daemon runs, restore while it does not."""

import os
from pathlib import Path

import click

from reconciled.cli.options import with_config
from reconciled.cli.place import Target, settings_of
from reconciled.cli.text import plain, say
from reconciled.cli.trouble import Failed
from reconciled.ledger.backup import backup as copy_ledger
from reconciled.ledger.backup import check
from reconciled.ledger.backup import restore as put_back
from reconciled.ledger.migrate import LedgerTrouble
from reconciled.runtime.lock import NAME, AlreadyLocked, Lock
from reconciled.runtime.state import LEDGER, state_folder

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("backup")
@click.argument("file", type=_FILE)
@with_config
def backup(file: Path, config: Path | None) -> None:
    """Copy the ledger to FILE, which must not exist yet. The daemon may run meanwhile."""
    folder = _folder(config)
    try:
        size = copy_ledger(folder / LEDGER, file)
    except LedgerTrouble as error:
        raise Failed(str(error)) from error
    except OSError as error:
        raise Failed(f"cannot use {folder}: {error.strerror}; use sudo, or the daemon's user") from error
    say(f"{size:,} bytes in {file}; only its owner can read it")
    click.echo(plain(file))


@click.command("restore")
@click.argument("file", type=_FILE)
@with_config
def restore(file: Path, config: Path | None) -> None:
    """Put FILE, made by `backup`, in the place of the ledger. Stop the daemon first.

    The file is looked through before anything changes, and the present ledger is kept beside it.
    """
    folder = _folder(config)
    try:
        check(file)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with Lock(folder):
            _give_to_owner(folder / NAME, folder)
            kept = put_back(file, folder / LEDGER)
    except (LedgerTrouble, AlreadyLocked) as error:
        raise Failed(str(error)) from error
    except OSError as error:
        raise Failed(f"cannot use {folder}: {error.strerror}; use sudo, or the daemon's user") from error
    say(f"{file} is the ledger now" + (f"; the one before is kept as {kept}" if kept else ""))


def _folder(config: Path | None) -> Path:
    return state_folder(settings_of(Target(config), os.environ), os.environ)


def _give_to_owner(path: Path, folder: Path) -> None:
    """The lock that root may have made must open for the daemon's user."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


COMMANDS = (backup, restore)
