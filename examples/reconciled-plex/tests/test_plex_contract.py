"""Plex keeps the contract of all sources: see reconciled.testing.SourceContract."""

from reconciled.testing import SourceContract

from stands import OldStand, PlexStand


class TestPlex(SourceContract):
    """All checks, on a server of today."""

    stand = PlexStand


class TestOldPlex(SourceContract):
    """And on an older one."""

    stand = OldStand
