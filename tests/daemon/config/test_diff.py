"""What a reload would change, and what `check` prints."""

from collections.abc import Callable
from pathlib import Path

import pytest

from reconciled.config import Diff, Loaded, Names, Settings, diff, report_diff, summary

Load = Callable[..., Loaded]

OLD = """
mode: dry-run
sources:
  radarr: {url: http://box.lan:7878, api_key: !secret key}
  sonarr: {url: http://box.lan:8989, api_key: !secret key, scan: 60m}
"""
BOTH = frozenset({"radarr", "sonarr"})
CHANGES = {
    "nothing": (OLD, Diff(unchanged=BOTH)),
    "only places": ("# new\n\n" + OLD.replace("60m", "1h"), Diff(unchanged=BOTH)),
    "mode": (OLD.replace("dry-run", "act"), Diff(unchanged=BOTH, live=("mode",))),
    "a secret": (
        OLD.replace("!secret key}", "!secret hook}"),
        Diff(changed=frozenset({"radarr"}), unchanged=frozenset({"sonarr"})),
    ),
    "a new one for an old one": (
        OLD.replace("  radarr:", "  radarr_4k:").replace("7878", "7878, app: radarr"),
        Diff(added=frozenset({"radarr_4k"}), removed=frozenset({"radarr"}), unchanged=frozenset({"sonarr"})),
    ),
    "defaults": (
        OLD + "defaults: {scan: 2h}",
        Diff(changed=frozenset({"radarr"}), unchanged=frozenset({"sonarr"})),
    ),
    "the daemon": (
        OLD
        + "daemon: {listen: localhost:99, hosts: [a], log_level: debug}\n"
        + "keep: {runs: 1d}\nplugins: {block: [a]}",
        Diff(
            unchanged=BOTH,
            daemon=("daemon.listen", "daemon.hosts", "plugins.block"),
            live=("daemon.log_level", "keep.runs"),
        ),
    ),
}


POLICY = """
notify: {phone: !secret phone}
policies:
  films: {when: gone, from: jellyfin, then: [{unmonitor: radarr}]}
"""
FILMS = frozenset({"films"})
PHONE = frozenset({"phone"})
RULES = {
    "nothing": ("", "", Diff(unchanged=BOTH)),
    "only places": ("unmonitor: radarr", "unmonitor: [radarr]", Diff(unchanged=BOTH)),
    "its words": (
        "unmonitor: radarr",
        "delete: radarr",
        Diff(unchanged=BOTH, policies=Names(changed=FILMS), reworded=FILMS),
    ),
    "its grace": (
        "when: gone",
        "when: gone, grace: 1h",
        Diff(unchanged=BOTH, policies=Names(changed=FILMS), reworded=FILMS),
    ),
    "its mode alone": (
        "when: gone",
        "when: gone, mode: dry-run",
        Diff(unchanged=BOTH, policies=Names(changed=FILMS)),
    ),
    "its name": (
        "films:",
        "movies:",
        Diff(unchanged=BOTH, policies=Names(frozenset({"movies"}), FILMS)),
    ),
    "a channel's address": (
        "!secret phone",
        "json://tv.lan",
        Diff(unchanged=BOTH, channels=Names(changed=PHONE)),
    ),
    "a channel's name": ("phone:", "tv:", Diff(unchanged=BOTH, channels=Names(frozenset({"tv"}), PHONE))),
    "alerts": ("notify:", "alerts: {stuck: 1h}\nnotify:", Diff(unchanged=BOTH, live=("alerts",))),
    "actions": ("notify:", "keep: {actions: 9d}\nnotify:", Diff(unchanged=BOTH, live=("keep.actions",))),
}


def settings(loaded: Loaded) -> Settings:
    assert loaded.settings is not None, loaded.problems
    return loaded.settings


@pytest.mark.parametrize("case", CHANGES)
def test_diff(load_text: Load, secrets: Path, case: str) -> None:
    text, changes = CHANGES[case]
    found = diff(settings(load_text(OLD)), settings(load_text(text)))
    assert found == changes
    assert bool(found) is (case not in ("nothing", "only places"))


@pytest.mark.parametrize("case", RULES)
def test_no_source_restarts_for_a_policy_or_a_channel(load_text: Load, secrets: Path, case: str) -> None:
    before, after, changes = RULES[case]
    text = OLD + POLICY.replace("jellyfin", "sonarr")
    found = diff(settings(load_text(text)), settings(load_text(text.replace(before, after))))
    assert found == changes
    assert bool(found) is (case not in ("nothing", "only places"))


def test_report_diff_of_policies_and_channels() -> None:
    names = Names(frozenset("a"), frozenset("b"), frozenset("cd"))
    assert report_diff(Diff(policies=names, reworded=frozenset("c"), channels=names)) == (
        "+ policies.a: is added; its first actions are a first batch",
        "- policies.b: is removed; nothing more is done for it",
        "~ policies.c: changed; its next actions are a first batch",
        "~ policies.d: counts at once",
        "+ notify.a: is added",
        "- notify.b: is removed",
        "~ notify.c: counts at once",
        "~ notify.d: counts at once",
    )


MIRROR = """
policies:
  m: {mirror: paperless, to: archive, tag: x, types: pdf}
"""
STORES = OLD.replace("radarr:", "paperless:").replace("sonarr:", "archive:")
KEPT = frozenset({"paperless", "archive"})
M = frozenset({"m"})


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ("", "", Diff(unchanged=KEPT)),
        ("types: pdf", "types: [application/pdf]", Diff(unchanged=KEPT)),
        ("tag: x", "tag: y", Diff(unchanged=KEPT, mirrors=Names(changed=M))),
        ("types: pdf", "mode: ask", Diff(unchanged=KEPT, mirrors=Names(changed=M), begun_anew=M)),
        ("m:", "n:", Diff(unchanged=KEPT, mirrors=Names(frozenset({"n"}), M))),
        (MIRROR, "", Diff(unchanged=KEPT, mirrors=Names(removed=M))),
    ],
)
def test_no_source_restarts_for_a_mirror(
    load_text: Load, secrets: Path, before: str, after: str, changes: Diff
) -> None:
    text = STORES + MIRROR
    found = diff(
        settings(load_text(text)), settings(load_text(text.replace(before, after) if before else text))
    )
    assert found == changes
    assert bool(found) is bool(changes.mirrors)


def test_report_diff_of_mirrors() -> None:
    names = Names(frozenset("a"), frozenset("b"), frozenset("cd"))
    assert report_diff(Diff(mirrors=names, begun_anew=frozenset("c"))) == (
        "+ policies.a: is added; its first run looks at every file",
        "- policies.b: is removed; what it brought stays",
        "~ policies.c: changed; its next run looks at every file",
        "~ policies.d: counts at once",
    )


def test_report_diff() -> None:
    assert report_diff(Diff()) == ("nothing changes",)
    changes = Diff(
        frozenset("a"), frozenset("b"), frozenset("c"), frozenset("d"), ("daemon.listen",), ("mode",)
    )
    assert report_diff(changes) == (
        "+ sources.a: is added; its first scan is a baseline",
        "- sources.b: is stopped, its items are frozen",
        "~ sources.c: is restarted",
        "~ daemon.listen: counts from the next start on",
        "~ mode: counts at once",
    )


def test_summary(load_text: Load, secrets: Path) -> None:
    assert summary(load_text(OLD)) == "good: mode dry-run, 2 sources (radarr, sonarr)"
    assert summary(load_text("mode: act")) == "good: mode act, 0 sources (none), 1 warning"
    text = OLD + POLICY.replace("jellyfin", "sonarr")
    good = "good: mode dry-run, 2 sources (radarr, sonarr)"
    assert summary(load_text(text)) == f"{good}, 1 policy (films)"
    two = f"{text}  more: {{when: orphan, then: [{{notify: phone}}]}}\n"
    assert summary(load_text(two)) == f"{good}, 2 policies (films, more)"
    assert summary(load_text("mood: act")) == "1 problem, 1 warning"
