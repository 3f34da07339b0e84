"""A Shoko of each version with a small library, and the source that asks it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from reconciled.testing.fakes.shoko import FakeShoko
from reconciled.testing.fakes.titles import series
from reconciled_shoko import Shoko

KEY = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"


@pytest.fixture(params=["5.3.3", "6.0.0"])
async def fake(request: pytest.FixtureRequest) -> AsyncIterator[FakeShoko]:
    """Three series: 57 with specials, 58, and 59 of which one episode of two is here."""
    async with FakeShoko(version=request.param, api_key=KEY) as app:
        for number, work in enumerate(series(3)):
            app.put_series(
                work,
                specials=int(number == 0),
                episodes=1 if number == 2 else 2,
                total=2,
                shows=(900 + number,),
            )
        yield app


@pytest.fixture
def shoko(fake: FakeShoko, make: Any) -> Shoko:
    made: Shoko = make(Shoko, fake.url, KEY)
    return made
