"""No file travels in a drill, in either direction."""

from pathlib import Path

import pytest

from reconciled.drill.relay import Relay
from reconciled.drill.wire import DrillWire
from reconciled.errors import Unsupported
from reconciled.http import FormFile, Http, new_session
from reconciled.testing.clock import ManualClock
from reconciled.testing.fakes.vsrx import FakeVsrx


async def test_no_file_travels(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    async with FakeVsrx() as vsrx, Relay(set()) as relay:
        http = Http(new_session, ManualClock(), wire=lambda *a, **b: DrillWire(*a, relay=relay, **b))
        client = http.at(vsrx.url)
        with pytest.raises(Unsupported, match="drill"):
            async with client.download("/files/F-1/content"):
                raise AssertionError
        with pytest.raises(Unsupported, match="drill"):
            await client.send_form("/x", fields=[], file=FormFile("f", tmp_path / "file", "f", "text/plain"))
        assert vsrx.requests == []
        await http.close()
