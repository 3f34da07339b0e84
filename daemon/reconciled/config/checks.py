"""What several settings together may be, once each of them is good by itself.

Problems for what is unsafe or cannot work, warnings for what is allowed and hardly meant.
"""

from collections.abc import Iterable

from reconciled.config.addresses import is_loopback, wrong_with_url
from reconciled.config.complaints import Complaints
from reconciled.config.problems import Where
from reconciled.config.schema import DaemonSettings, SourceSettings
from reconciled.config.written import Defaults
from reconciled.source import ReceivesWebhooks


def check_daemon(daemon: DaemonSettings, *, complaints: Complaints) -> None:
    """A daemon that others can reach needs a token."""
    where: Where = ("daemon", "listen")
    if daemon.token is None and not is_loopback(daemon.host):
        complaints.problem(
            where,
            "listening beyond this machine needs a `daemon.token`;"
            " set one (openssl rand -hex 24) or listen on 127.0.0.1",
        )


def check_share(written: Defaults, where: Where, *, complaints: Complaints) -> None:
    """The ends of `max_gone`, as a source says it, or `defaults:` for all of them."""
    if written.max_gone == 0:
        complaints.warning(
            (*where, "max_gone"), "0% holds any loss of more than 5 items until it is released"
        )
    elif written.max_gone == 1:
        complaints.warning((*where, "max_gone"), "100% believes any loss, even of everything at once")


def check_url(url: str, where: Where, *, complaints: Complaints) -> None:
    """A source's url, as written; says nothing when its plugin has said something already."""
    wrong = wrong_with_url(url)
    if wrong is not None and not complaints.has(where):
        complaints.problem(where, wrong)


def check_source(source: SourceSettings, *, complaints: Complaints) -> None:
    """One source by itself: whether its app sends what it is given a secret for."""
    if source.webhook is not None and not issubclass(source.type, ReceivesWebhooks):
        said = f"{source.app} sends no webhooks that are understood; this is never used"
        complaints.warning(("sources", source.name, "webhook"), said, on_name=True)


def check_sources(sources: Iterable[SourceSettings], *, complaints: Complaints) -> None:
    """All sources beside each other: two that are one."""
    first: dict[tuple[str, str], str] = {}
    for source in sources:
        if source.url is None:
            continue
        other = first.setdefault((source.app, source.url.lower()), source.name)
        if other != source.name:
            said = f"the same app at the same url as sources.{other}; one of them is enough"
            complaints.warning(("sources", source.name, "url"), said)
