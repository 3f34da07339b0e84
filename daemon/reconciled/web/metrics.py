"""`GET /metrics`: the state of the whole as Prometheus text.

Made afresh for each scrape from the ledger and the engine's own counts, in a registry of its own,
so that two daemons can live in one process. No label holds what a stranger can choose.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from reconciled.ledger import sheets, views_losses, views_status
from reconciled.ledger.views_status import Messages
from reconciled.model import Health
from reconciled.web.house import House, house_of
from reconciled.web.mirrors import MirrorStatus, mirrors
from reconciled.web.status import Status, gather

TEXT = "text/plain; version=0.0.4; charset=utf-8"


class _Made(Collector):
    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = tuple(metrics)

    def collect(self) -> Iterator[Metric]:
        """What was made."""
        return iter(self._metrics)


async def metrics(request: web.Request) -> web.Response:
    """All metrics."""
    house = house_of(request)
    status = await gather(house)
    graves = await house.ledger.read(views_losses.count_tombstones)
    messages = await house.ledger.read(views_status.messages)
    registry = CollectorRegistry()
    registry.register(
        _Made(
            [
                *_of_daemon(house, status),
                *_of_answers(status, messages),
                *_of_sources(status, graves),
                *_of_engine(house),
                *_of_mirrors(await mirrors(house)),
                *_of_duplicates(await house.ledger.read(sheets.tally)),
            ]
        )
    )
    return web.Response(body=generate_latest(registry), headers={"Content-Type": TEXT})


def _of_daemon(house: House, status: Status) -> Iterator[Metric]:
    info = GaugeMetricFamily("reconciled_info", "Always 1; the version.", labels=["version", "mode"])
    info.add_metric([house.version, status.mode], 1)
    yield info
    started = "reconciled_start_time_seconds"
    yield GaugeMetricFamily(started, "When the daemon started.", value=house.started.timestamp())
    ok = "Whether the config file as it stands now is in force."
    yield GaugeMetricFamily("reconciled_config_ok", ok, value=int(status.config.ok))
    kept = "Whether the ledger can be written; while it cannot, no event is accepted."
    yield GaugeMetricFamily("reconciled_ledger_ok", kept, value=int(status.trouble is None))
    yield GaugeMetricFamily("reconciled_holds", "Holds that stand.", value=status.holds)
    queue = GaugeMetricFamily("reconciled_queue", "What waits.", labels=["queue"])
    for name in ("inbox", "work", "work_due", "outbox", "stuck"):
        queue.add_metric([name], getattr(status.queue, name))
    yield queue
    plugins = GaugeMetricFamily(
        "reconciled_plugin_ok", "Whether a plugin could be loaded.", labels=["plugin"]
    )
    for plugin in status.plugins:
        plugins.add_metric([plugin.name], int(plugin.error is None))
    yield plugins


def _of_answers(status: Status, messages: Messages) -> Iterator[Metric]:
    decisions = "Decisions that wait for an answer."
    yield GaugeMetricFamily("reconciled_decisions", decisions, value=status.decisions)
    paused = "Whether everything is paused."
    yield GaugeMetricFamily("reconciled_paused", paused, value=int(status.paused is not None))
    told = GaugeMetricFamily("reconciled_messages", "Messages that were not delivered.", labels=["state"])
    told.add_metric(["waiting"], messages.waiting)
    told.add_metric(["failed"], messages.failed)
    yield told


def _of_sources(status: Status, graves: dict[str, int]) -> Iterator[Metric]:
    items = GaugeMetricFamily("reconciled_items", "Items that are not gone.", labels=["source", "kind"])
    unlisted = GaugeMetricFamily("reconciled_unlisted", "Suspects, unproven.", labels=["source"])
    held = GaugeMetricFamily("reconciled_held", "Suspects that are held.", labels=["source"])
    health = GaugeMetricFamily(
        "reconciled_source_health", "1 for the state that the source is in.", labels=["source", "state"]
    )
    for source in status.sources:
        for kind, count in source.items.items():
            items.add_metric([source.name, kind], count)
        unlisted.add_metric([source.name], source.unlisted)
        held.add_metric([source.name], source.held)
        for state in (*map(str, Health), "frozen"):
            health.add_metric([source.name, state], int(state == source.health))
    tombstones = CounterMetricFamily("reconciled_tombstones", "Proved losses, ever.", labels=["source"])
    for name, count in graves.items():
        tombstones.add_metric([name], count)
    yield from (items, unlisted, held, health, tombstones)


def _of_engine(house: House) -> Iterator[Metric]:
    runs = CounterMetricFamily("reconciled_runs", "Runs that ended.", labels=["pass", "state"])
    looks = CounterMetricFamily(
        "reconciled_looks", "Keys looked at, by how it ended.", labels=["source", "end"]
    )
    webhooks = CounterMetricFamily("reconciled_webhooks", "Webhooks.", labels=["source", "outcome"])
    actions = CounterMetricFamily(
        "reconciled_actions", "Actions that were sent, by how it ended.", labels=["verb", "state"]
    )
    families = {"run": runs, "look": looks, "webhook": webhooks, "action": actions}
    for (what, *labels), count in sorted(house.engine.counts.items()):
        if what in families and len(labels) == 2:
            families[what].add_metric(labels, count)
    requests = CounterMetricFamily("reconciled_requests", "Requests sent to an app.", labels=["source"])
    for name, place in sorted(house.engine.places.items()):
        requests.add_metric([name], place.live.requests())
    yield from (runs, looks, webhooks, actions, requests)


def _of_mirrors(found: list[MirrorStatus]) -> Iterator[Metric]:
    labels = ["mirror", "target"]
    copies = GaugeMetricFamily(
        "reconciled_mirror_copies", "Copies, by where they stand.", labels=[*labels, "status"]
    )
    files = CounterMetricFamily("reconciled_mirror_files", "Copies that our uploads made.", labels=labels)
    sizes = CounterMetricFamily("reconciled_mirror_bytes", "The bytes of these copies.", labels=labels)
    last = GaugeMetricFamily(
        "reconciled_mirror_last_complete_timestamp_seconds",
        "When the last complete run of a mirror ended.",
        labels=["mirror"],
    )
    running = GaugeMetricFamily("reconciled_mirror_running", "Whether a run is under way.", labels=["mirror"])
    failures = GaugeMetricFamily(
        "reconciled_mirror_failures", "Runs that failed, one after the other.", labels=["mirror"]
    )
    for one in found:
        for target, statuses in one.counts.items():
            for status, count in statuses.items():
                copies.add_metric([one.name, target, status], count)
        for target, made in one.made.items():
            files.add_metric([one.name, target], made.files)
            sizes.add_metric([one.name, target], made.bytes)
        if one.last_complete is not None and one.last_complete.finished is not None:
            ended = datetime.fromisoformat(one.last_complete.finished)
            last.add_metric([one.name], ended.timestamp())
        running.add_metric([one.name], int(one.running is not None))
        failures.add_metric([one.name], one.failures)
    yield from (copies, files, sizes, last, running, failures)


def _of_duplicates(tally: sheets.Tally) -> Iterator[Metric]:
    papers = "Documents in which duplicates are looked for."
    yield GaugeMetricFamily("reconciled_papers", papers, value=tally.papers)
    new = "Of these, those that were not compared with all others since their text is as it is."
    yield GaugeMetricFamily("reconciled_papers_new", new, value=tally.new)
    groups = GaugeMetricFamily(
        "reconciled_duplicate_groups", "Groups of documents that may be one.", labels=["band", "state"]
    )
    for (band, state), count in sorted(tally.groups.items()):
        groups.add_metric([band, state], count)
    yield groups
