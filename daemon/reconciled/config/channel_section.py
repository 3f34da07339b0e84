"""The `notify:` of a config, each channel from what is written to `ChannelSettings`; who gets alerts.

Addresses are those of Apprise, which is asked whether it knows them before anything is sent. It is
loaded only then, since most of the house does without it, and its own words about an address are
kept out of the log: they quote it.
"""

import importlib
import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pydantic import SecretStr

from reconciled.config.channels import AlertSettings, ChannelSettings
from reconciled.config.complaints import Complaints
from reconciled.config.document import Value
from reconciled.config.known import Known
from reconciled.config.names import check_name, placed, unknown
from reconciled.config.problems import Where
from reconciled.config.validate import validate, validate_each, warn_open
from reconciled.config.written_channels import Alerts, Channel

_EXAMPLE = "phone: !secret apprise_url"
_EXTRA = "channels need the extra: pip install 'reconciled[notify]'"
_STRANGE = "is no address that Apprise knows; https://appriseit.com/services/ is its list of services"


def build_channels(value: Value, *, complaints: Complaints) -> dict[str, ChannelSettings]:
    """The channels by name; good only if there was no problem."""
    where: Where = ("notify",)
    if value is None:
        return {}
    if not isinstance(value, dict):
        complaints.problem(where, f"a mapping of channels by name belongs here: {{{_EXAMPLE}}}")
        return {}
    built: dict[str, ChannelSettings] = {}
    for name, one in value.items():
        check_name(name, (*where, name), "channel", complaints=complaints)
        channel = _build(name, one, (*where, name), complaints=complaints)
        if channel is not None:
            built[name] = channel
    if value:
        _check_addresses(value, where, complaints=complaints)
    return built


def channel_names(value: Value, *, complaints: Complaints) -> frozenset[str] | None:
    """The channels that are named, whether good or not; None when the section could not be read."""
    if value is None and ("notify",) not in complaints.document.broken:
        return frozenset()
    return frozenset(value) if isinstance(value, dict) else None


def build_alerts(value: Value, known: Known, *, complaints: Complaints) -> AlertSettings:
    """What the daemon tells of itself, and whether the channels for it exist; good only without a problem."""
    where: Where = ("alerts",)
    if value is None:
        return AlertSettings()
    if not isinstance(value, dict):
        complaints.problem(where, "a mapping of settings belongs here, such as {to: [phone]}")
        return AlertSettings()
    written, _ = validate_each(Alerts, value, where, complaints=complaints)
    for place, name in placed(written.to or (), (*where, "to"), complaints=complaints):
        if known.channels is not None and name not in known.channels:
            complaints.problem(place, unknown("channel", name, sorted(known.channels), section="notify"))
    return written.settings()


def _build(name: str, value: Value, where: Where, *, complaints: Complaints) -> ChannelSettings | None:
    if isinstance(value, SecretStr):
        return ChannelSettings(name, value)
    if isinstance(value, str):
        warn_open(value, where, complaints=complaints)
        return ChannelSettings(name, SecretStr(value))
    if not isinstance(value, dict):
        complaints.problem(where, f"an address belongs here, such as {_EXAMPLE}, or a mapping with `url`")
        return None
    written = validate(Channel, value, where, complaints=complaints)
    if written is None:
        return None
    return ChannelSettings(name, written.url, digest=written.digest, rate=written.rate, quiet=written.quiet)


def _check_addresses(value: Mapping[str, Value], where: Where, *, complaints: Complaints) -> None:
    """Each address by itself, also of a channel that something else is wrong with."""
    with _apprise() as apprise:
        if apprise is None:
            complaints.problem(where, _EXTRA, on_name=True)
            return
        for name, one in value.items():
            place: Where = (*where, name, "url") if isinstance(one, dict) else (*where, name)
            url = one.get("url") if isinstance(one, dict) else one
            text = url.get_secret_value() if isinstance(url, SecretStr) else url
            if isinstance(text, str) and not complaints.has(place) and not _knows(apprise, text):
                complaints.problem(place, _STRANGE)


def _knows(apprise: Any, url: str) -> bool:
    try:
        return bool(apprise.Apprise().add(url))
    except Exception:  # noqa: BLE001  # a service's own parser; what it says may quote the address
        return False


@contextmanager
def _apprise() -> Iterator[Any]:
    """The package, silent, or None when it is not there. Its services are imported at the first use."""
    log = logging.getLogger("apprise")
    log.addFilter(_nothing)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                package = importlib.import_module("apprise")
            except ImportError:
                package = None
            yield package
    finally:
        log.removeFilter(_nothing)


def _nothing(_record: logging.LogRecord) -> bool:
    return False
