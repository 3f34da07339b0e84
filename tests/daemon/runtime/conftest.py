"""The engine's test world, for what runs it."""

from tests.daemon.engine.conftest import film, root, world

__all__ = ["film", "root", "world"]
