"""Where the daemon is and what opens it: from options, the environment, the config, the state folder.

Only the section `daemon:` of the config is read, so a mistake elsewhere in the file (which the
daemon itself survives) keeps nobody from asking how it is. The configured token is shown only to
the daemon that the config describes, not to whatever address `--url` names.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from reconciled.cli.trouble import BadConfig
from reconciled.config import DaemonSettings, Settings
from reconciled.config.addresses import is_loopback
from reconciled.config.complaints import Complaints
from reconciled.config.document import Value
from reconciled.config.reader import read
from reconciled.config.validate import validate
from reconciled.config.written import Daemon
from reconciled.runtime.state import TOKEN, state_folder

CONFIG = Path("/etc/reconciled/config.yaml")
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not listened on


@dataclass(frozen=True, slots=True)
class Target:
    """What the user said about which daemon is meant."""

    config: Path | None = None
    url: str | None = None

    @property
    def path(self) -> Path:
        """The config's path."""
        return self.config or CONFIG


@dataclass(frozen=True, slots=True)
class Address:
    """Where to ask, with which token. `why_no_token` is for the message when one would have helped."""

    url: str
    token: str | None
    why_no_token: str = ""


def find(target: Target, environ: Mapping[str, str]) -> Address:
    """The daemon's address. BadConfig when the config that was named cannot be read."""
    settings = settings_of(target, environ)
    url = (target.url or own_url(settings.daemon)).rstrip("/")
    if environ.get("RECONCILED_TOKEN"):
        return Address(url, environ["RECONCILED_TOKEN"])
    if target.url is not None and not _is_own(url, settings.daemon):
        return Address(url, None, "set RECONCILED_TOKEN to the token of that daemon")
    token, why = token_of(target, settings, environ)
    return Address(url, token, why)


def settings_of(target: Target, environ: Mapping[str, str]) -> Settings:
    """What the config says under `daemon:`; settings in it that are wrong count as not said."""
    try:
        there = _is_there(target.path)
    except PermissionError:
        if target.url is not None:
            return Settings()
        raise BadConfig(f"{target.path} is not readable for you: use sudo") from None
    if not there:
        if target.config is not None and target.url is None:
            raise BadConfig(f"there is no config {target.path}")
        return Settings()
    document = read(target.path, environ=environ)
    top = document.value
    if not isinstance(top, dict):
        if target.url is None:
            raise BadConfig(f"{target.path} cannot be read; `reconciled check` says why")
        return Settings()
    said = top.get("daemon")
    good = _good(said, Complaints(document)) if isinstance(said, dict) else Daemon()
    return Settings(daemon=good.settings(target.path.parent))


def _is_there(path: Path) -> bool:
    """Whether there is a file, or a link to one. PermissionError when this user cannot know or read it."""
    try:
        os.lstat(path)
    except PermissionError:
        raise
    except OSError:
        return False
    if path.exists() and not os.access(path, os.R_OK, effective_ids=True):
        raise PermissionError(path)
    return True


def _good(said: Mapping[str, Value], complaints: Complaints) -> Daemon:
    """The settings that can be used; `run` and `check` tell of the others."""

    def usable(values: Mapping[str, Value]) -> Daemon | None:
        return validate(Daemon, values, ("daemon",), complaints=complaints)

    kept = {name: value for name, value in said.items() if usable({name: value}) is not None}
    return usable(kept) or Daemon()


def own_url(daemon: DaemonSettings) -> str:
    """How to reach a daemon of these settings from its own machine."""
    host = _EVERYWHERE.get(daemon.host, daemon.host)
    if daemon.url is not None and not is_loopback(host):
        return daemon.url
    return f"http://[{host}]:{daemon.port}" if ":" in host else f"http://{host}:{daemon.port}"


def token_of(target: Target, settings: Settings, environ: Mapping[str, str]) -> tuple[str | None, str]:
    """The daemon's token, configured or of its own making; or None and what would help."""
    if settings.daemon.token is not None:
        return settings.daemon.token.get_secret_value(), ""
    document = read(target.path, environ=environ)
    if ("daemon", "token") in document.broken:  # the daemon has it, from systemd or its environment
        said = [one.message for one in document.problems if one.path == "daemon.token"]
        why = said[0] if said else "`reconciled check` says why"
        return (
            None,
            f"daemon.token of {target.path} cannot be read here: {why}; or set RECONCILED_TOKEN to it",
        )
    file = state_folder(settings, environ) / TOKEN
    try:
        return file.read_text("utf-8").strip() or None, f"{file} is empty"
    except FileNotFoundError:
        return None, f"there is no {file}; the daemon makes it when it first runs"
    except (OSError, UnicodeDecodeError):
        return None, f"you may not read {file}; use sudo, or the daemon's user, or set RECONCILED_TOKEN"


def _is_own(url: str, daemon: DaemonSettings) -> bool:
    host = urlsplit(url).hostname or ""
    return is_loopback(host) or (
        daemon.url is not None and urlsplit(daemon.url).netloc == urlsplit(url).netloc
    )
