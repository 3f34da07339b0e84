"""Apps that are down, refuse our key, or are something else when the daemon starts."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from reconciled.app import CannotStart, Daemon
from reconciled.config import load
from reconciled.runtime.lock import AlreadyLocked
from reconciled.testing.faults import Fault


async def test_an_app_that_is_down_at_the_start_is_followed_once_it_is_up(make_home: Any) -> None:
    home = await make_home(scan=False)
    await home.until_count("run", 3, "pass = 'scan' AND state = 'complete'")
    await home.stop()
    await home.apps.radarr.down()
    await home.start()
    await home.until_count("run", 2, "pass = 'scan' AND state = 'complete' AND id > 3")
    assert home.daemon.engine.place("radarr").live.health.state == "trouble"
    assert await home.count("item", "presence <> 'present'") == 0
    await home.apps.radarr.up()
    await home.until_count("run", 3, "pass = 'scan' AND state = 'complete' AND id > 3")


async def test_a_wrong_key_is_said_and_harms_nobody_else(make_home: Any) -> None:
    home = await make_home(scan=False)
    home.apps.radarr.faults.set(Fault.UNAUTHORIZED)
    home.write_config(radarr="max_gone: 20%")

    async def refused() -> bool:
        place = home.daemon.engine.places.get("radarr")
        return place is not None and place.live.health.state == "unauthorized"

    await home.until(refused)
    detail = home.daemon.engine.place("radarr").live.health.detail
    assert "401" in detail
    assert home.apps.radarr.api_key not in detail
    await home.until_count("run", 2, "pass = 'scan' AND state = 'complete' AND source <> 'radarr'")
    assert home.daemon.engine.place("sonarr").live.answers


async def test_a_second_daemon_and_a_taken_port_are_refused_with_the_remedy(home: Any, tmp_path: Any) -> None:
    port = home.daemon.url.rsplit(":", 1)[1]
    with pytest.raises(AlreadyLocked, match=r"daemon\.state"):
        await home.start()
    other = tmp_path / "other.yaml"
    other.write_text(f"daemon: {{listen: 127.0.0.1:{port}, state: {tmp_path / 'other'}}}\nsources: {{}}\n")
    loaded = load(other, home.registry.types, environ={})
    assert loaded.settings is not None
    with pytest.raises(CannotStart, match=r"another program listens there.*daemon\.listen"):
        async with Daemon(loaded.settings, other, registry=home.registry, environ={}):
            pass


@pytest.mark.full
def test_the_log_names_a_plugin_that_fails_unless_it_is_blocked(tmp_path: Path) -> None:
    told = tmp_path / "unlucky-1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: unlucky\nVersion: 1.0\n")
    (told / "entry_points.txt").write_text("[reconciled.plugins]\nunlucky = unlucky\n")
    (tmp_path / "unlucky.py").write_text("raise RuntimeError('no luck')\n")
    config = tmp_path / "config.yaml"

    def log_of(text: str) -> str:
        config.write_text(text)
        path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
        done = subprocess.run(
            [sys.executable, "-m", "reconciled", "run", "-c", config],
            capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": path},
        )  # fmt: skip
        assert done.returncode == 78
        return done.stderr

    bad = "sauces: {}\n"  # so that it ends at once
    assert "WARNING the plugin unlucky failed to import: RuntimeError: no luck" in log_of(bad)
    assert "unlucky" not in log_of(f"{bad}plugins: {{block: [unlucky]}}\n")
