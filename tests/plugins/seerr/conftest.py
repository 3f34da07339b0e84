"""A Seerr, and the plugin's source on it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from reconciled.testing.fakes.seerr import FakeSeerr
from reconciled_seerr import Seerr


@pytest.fixture(params=[True, False], ids=["seerr", "overseerr"])
async def any_seerr(request: pytest.FixtureRequest) -> AsyncIterator[FakeSeerr]:
    """Both generations."""
    async with FakeSeerr(newer=request.param) as app:
        yield app


@pytest.fixture
async def seerr() -> AsyncIterator[FakeSeerr]:
    async with FakeSeerr() as app:
        yield app


@pytest.fixture
def source(seerr: FakeSeerr, make: Any) -> Seerr:
    found: Seerr = make(Seerr, seerr.url, seerr.api_key)
    return found
