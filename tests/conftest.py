"""What every test starts from: the daemon's logger as it was, whatever a daemon did to it."""

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _logger_as_it_was() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in ("reconciled", "aiohttp", "asyncio")]
    before = [
        (logger, logger.level, logger.propagate, logger.handlers[:], logger.filters[:]) for logger in loggers
    ]
    yield
    for logger, level, propagate, handlers, filters in before:
        logger.setLevel(level)
        logger.propagate = propagate
        logger.handlers[:], logger.filters[:] = handlers, filters
