"""Large lists: right to the last item, and without holding up the loop."""

import asyncio
import time

import msgspec
import pytest

from reconciled.clock import SystemClock
from reconciled.errors import BadResponse
from reconciled.http import Http, Response, new_session
from reconciled.http.decoding import LARGE


class Film(msgspec.Struct, frozen=True):
    id: int
    title: str


def bodies(count: int) -> dict[str, bytes]:
    """The same list, as the apps and others write it; titles hold what looks like a border."""
    films = [
        {"id": i, "title": f"A\n  }},\n  {{ {i}", "images": [{"url": "x" * 300, "k": [{"d": 1}]}] * 8}
        for i in range(count)
    ]
    plain = msgspec.json.encode(films)
    indented = msgspec.json.format(plain, indent=2)
    return {
        "plain": plain,
        "indented": indented,
        "crlf": indented.replace(b"\n", b"\r\n"),
        "by 4": msgspec.json.format(plain, indent=4),
        "oddly": indented.replace(b'"k": [\n', b'"k": [ {},\n  {},{"a":{\n  },\n  "b":{\n  }},\n'),
    }


@pytest.mark.parametrize("style", ["plain", "indented", "crlf", "by 4", "oddly"])
async def test_every_item_is_there(style: str) -> None:
    body = bodies(1000)[style]
    assert len(body) > 2 * LARGE
    client = Http(new_session, SystemClock()).at("http://box")
    films = await client.decode(list[Film], Response(200, {}, body, "GET http://box"))
    assert [film.id for film in films] == list(range(1000))
    assert films[7].title == "A\n  },\n  { 7"


@pytest.mark.parametrize("style", ["plain", "indented", "crlf", "oddly"])
@pytest.mark.parametrize("end", [-1, -2, -3000, LARGE + 5, LARGE * 2])
async def test_a_cut_list_is_no_list(style: str, end: int) -> None:
    body = bodies(1000)[style].rstrip()[:end]
    client = Http(new_session, SystemClock()).at("http://box")
    with pytest.raises(BadResponse, match="no whole JSON"):
        await client.decode(list[Film], Response(200, {}, body, "GET http://box"))


async def test_a_list_cut_at_a_border_is_no_list() -> None:
    body = bodies(1000)["indented"]
    cut = body[: body.rindex(b"\n  },\n") + 4]
    client = Http(new_session, SystemClock()).at("http://box")
    for tail in (b"", b",", b"\n]]"):
        with pytest.raises(BadResponse):
            await client.decode(list[Film], Response(200, {}, cut + tail, "GET http://box"))


async def test_the_loop_goes_on() -> None:
    body = bodies(8000)["indented"]
    client = Http(new_session, SystemClock()).at("http://box")
    await client.decode(list[Film], Response(200, {}, body, ""))  # warm up
    gaps: list[float] = []

    async def tick() -> None:
        last = time.process_time()  # of all our threads: other programs on this machine hold us up as well
        while True:
            await asyncio.sleep(0)
            gaps.append(time.process_time() - last)
            last = time.process_time()

    best = 1.0
    for _ in range(5):  # the best of five: the memory is cleaned up now and then
        gaps.clear()
        ticking = asyncio.create_task(tick())
        await client.decode(list[Film], Response(200, {}, body, ""))
        ticking.cancel()
        await asyncio.gather(ticking, return_exceptions=True)
        best = min(best, max(gaps))
    assert len(body) > 20 * LARGE
    assert best < 0.02
