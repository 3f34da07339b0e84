"""What a good policy means, which warnings it gets, and single problems beside the tables in `bad`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciled.config import Agree, Copies, Loaded, Mode, Policy, Step, Unless, Verb, When, report
from reconciled.config.templates import NAMES, wrong_with_template
from reconciled.model import What

Load = Callable[..., Loaded]

HOUSE = """sources:
  radarr: {url: http://box.lan:7878, api_key: !secret key}
  sonarr: {url: http://box.lan:8989, api_key: !secret key}
  jellyfin: {url: http://box.lan:8096, api_key: !secret key}
  ombi: {url: http://box.lan:5055, api_key: !secret key}
notify: {phone: !secret phone}
"""


@pytest.fixture
def policies(load_text: Load, secrets: Path) -> Callable[[str], Any]:
    def load_it(text: str, mode: str = "dry-run") -> Loaded:
        return load_text(f"mode: {mode}\n{HOUSE}policies:\n  p: {text}\n")

    return load_it


def the_one(loaded: Loaded) -> Policy:
    assert loaded.settings is not None, report(loaded)
    return loaded.settings.policies["p"]


def test_the_least(policies: Callable[..., Loaded]) -> None:
    loaded = policies("{when: gone, then: [{notify: phone}]}")
    assert the_one(loaded) == Policy("p", When.GONE, (Step(Verb.NOTIFY, "phone"),))
    assert str(the_one(loaded).mark) == "config.yaml:9:3"
    assert loaded.warnings == ()


def test_everything_that_a_policy_can_say(policies: Callable[..., Loaded]) -> None:
    loaded = policies(
        """
    when: gone
    what: file
    kind: [movie, series]
    from: [jellyfin, ombi]
    agree: [sonarr, ombi]
    grace: 1h30m
    unless: {tag: [Keep, kids], path: "/media/kids/*", title: ["Star*", "1917"], younger_than: 30d}
    copies: each
    mode: dry-run
    max_actions: 1000
    cascade: yes
    then:
      - {delete: [radarr], files: yes}
      - {delete: sonarr, exclude: yes}
      - {tag: [radarr, sonarr], label: Gone-Elsewhere}
      - {untag: radarr, label: 4k}
      - unmonitor: sonarr
      - {monitor: radarr}
      - {restore: [sonarr]}
      - {notify: phone, message: "{title} left {source}: {{so}} {next}"}
"""
    )
    assert the_one(loaded) == Policy(
        "p",
        When.GONE,
        (
            Step(Verb.DELETE, "radarr", files=True),
            Step(Verb.DELETE, "sonarr", exclude=True),
            Step(Verb.TAG, "radarr", label="gone-elsewhere"),
            Step(Verb.TAG, "sonarr", label="gone-elsewhere"),
            Step(Verb.UNTAG, "radarr", label="4k"),
            Step(Verb.UNMONITOR, "sonarr"),
            Step(Verb.MONITOR, "radarr"),
            Step(Verb.RESTORE, "sonarr"),
            Step(Verb.NOTIFY, "phone", message="{title} left {source}: {{so}} {next}"),
        ),
        kinds=frozenset({"movie", "series"}),
        sources=frozenset({"jellyfin", "ombi"}),
        what=What.FILE,
        agree=frozenset({"sonarr", "ombi"}),
        grace=5400.0,
        unless=Unless(frozenset({"keep", "kids"}), ("/media/kids/*",), ("Star*", "1917"), 30 * 86400.0),
        copies=Copies.EACH,
        mode=Mode.DRY_RUN,
        max_actions=1000,
        cascade=True,
    )


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("all", Agree.ALL),
        ("none", Agree.NONE),
        ("[none]", Agree.NONE),
        ("radarr", frozenset({"radarr"})),
        ("[radarr, sonarr]", frozenset({"radarr", "sonarr"})),
    ],
)
def test_agree(policies: Callable[..., Loaded], written: str, meant: Agree | frozenset[str]) -> None:
    assert the_one(policies(f"{{when: gone, agree: {written}, then: [{{notify: phone}}]}}")).agree == meant


TELL = "then: [{notify: phone}]"
NOBODY = "nobody else is asked; only the last copy in"
STRICTER = "a policy can be stricter, never laxer"
WARNED: dict[tuple[str, str], list[str]] = {
    ("dry-run", "{when: gone, from: jellyfin, agree: none, then: [{unmonitor: radarr}]}"): [
        f"9:42: warning: policies.p.agree: {NOBODY} jellyfin counts"
    ],
    ("dry-run", f"{{when: gone, from: [jellyfin, radarr], agree: none, {TELL}}}"): [
        f"9:52: warning: policies.p.agree: {NOBODY} jellyfin or radarr counts"
    ],
    ("dry-run", f"{{when: gone, agree: none, {TELL}}}"): [
        f"9:26: warning: policies.p.agree: {NOBODY} the source that lost it counts"
    ],
    ("dry-run", "{when: gone, agree: [sonarr, radarr], then: [{delete: radarr}]}"): [
        "9:35: warning: policies.p.agree[1]: radarr is not asked, since what it has is what `delete` is for"
    ],
    ("dry-run", f"{{when: gone, grace: 1h, {TELL}}}"): [
        "9:26: warning: policies.p.grace: a message waits for nothing; this is never used"
    ],
    ("dry-run", "{when: gone, grace: 1m, then: [{tag: radarr, label: x}]}"): [],
    ("dry-run", f"{{when: gone, mode: ask, {TELL}}}"): [
        f"9:25: warning: policies.p.mode: the daemon's mode dry-run counts; {STRICTER}"
    ],
    ("ask", f"{{when: gone, mode: act, {TELL}}}"): [
        f"9:25: warning: policies.p.mode: the daemon's mode ask counts; {STRICTER}"
    ],
    ("ask", f"{{when: gone, mode: ask, {TELL}}}"): [],
    ("act", f"{{when: gone, mode: dry-run, {TELL}}}"): [],
    ("act", "{when: gone, then: [{unmonitor: radarr}]}"): [],
    ("act", "{when: gone, mode: act, then: [{delete: radarr}]}"): [],
    ("act", "{when: gone, mode: ask, then: [{delete: radarr}]}"): [],
    ("act", "{when: gone, then: [{tag: radarr, label: x}, {notify: phone}]}"): [],
}


@pytest.mark.parametrize(("mode", "text"), WARNED)
def test_warnings(policies: Callable[..., Loaded], mode: str, text: str) -> None:
    loaded = policies(text, mode=mode)
    assert loaded.settings is not None, report(loaded)
    assert list(report(loaded)) == [f"config.yaml:{line}" for line in WARNED[mode, text]]


PROBLEMS = {
    "{when: gone, then: [{delete: ombi, files: yes}]}": "ombi cannot delete files; leave `files` out",
    "{when: gone, then: [{delete: jellyfin}]}": (
        "jellyfin's delete always takes the files; write `files: yes` if you mean that"
    ),
    "{when: gone, then: [{untag: ombi, label: x}]}": (
        "ombi cannot untag; those that can: radarr, sonarr, jellyfin"
    ),
    "{when: gone, from: radarr, then: [{delete: radarr}]}": (
        "nothing is left to delete in radarr, where the thing was lost;"
        " write `what: file` if you mean entries whose file is gone"
    ),
    "{when: orphan, copies: each, then: [{delete: ombi}]}": (
        "`each` goes only with `when: gone`; leave it out"
    ),
    "{when: gone, kind: request, from: radarr, then: [{notify: phone}]}": (
        "radarr has no kind 'request'; there are movie"
    ),
    "{when: gone, kind: serie, then: [{notify: phone}]}": (
        "none of the sources has a kind 'serie'; did you mean 'series'?"
    ),
    "{when: gone, agree: all, then: [{notify: phone, message: ''}]}": "is empty",
    "{when: gone, agree: no, then: [{notify: phone}]}": "`all`, `none` or a list of sources belongs here",
    "{when: gone, grace: 0s, then: [{untag: radarr, label: x}, {notify: phone}]}": (
        "is too short; a policy that deletes, unmonitors or untags waits at least 10 min"
    ),
}


@pytest.mark.parametrize("text", PROBLEMS)
def test_problems(policies: Callable[..., Loaded], text: str) -> None:
    loaded = policies(text)
    assert [problem.message for problem in loaded.problems] == [PROBLEMS[text]]
    assert loaded.settings is None


FINE = [
    "{when: gone, from: radarr, what: file, then: [{delete: radarr}]}",
    "{when: gone, from: [radarr, sonarr], then: [{delete: [radarr, sonarr]}]}",
    "{when: orphan, kind: request, from: ombi, then: [{delete: ombi}]}",
    "{when: gone, grace: 10m, then: [{unmonitor: radarr}]}",
    "{when: replaced, then: [{monitor: radarr}, {tag: sonarr, label: x}, {notify: phone}]}",
    "{when: gone, copies: each, then: [{delete: ombi}]}",
    "{when: gone, then: [{tag: radarr, label: a}, {tag: radarr, label: b}, {untag: sonarr, label: a}]}",
    "{when: gone, cascade: yes, kind: series, from: jellyfin, then: [{delete: sonarr}]}",
]


@pytest.mark.parametrize("text", FINE)
def test_nothing_is_said_about(policies: Callable[..., Loaded], text: str) -> None:
    assert report(policies(text)) == ()


def test_a_source_section_that_cannot_be_read_makes_no_name_unknown(load_text: Load, secrets: Path) -> None:
    loaded = load_text(
        "sources: !include none.yaml\nnotify: !include none.yaml\nalerts: {to: phone}\npolicies:\n"
        "  p: {when: gone, kind: films, from: x, agree: [y], then: [{delete: z}, {notify: phone}]}\n"
    )
    assert [problem.path for problem in loaded.problems] == ["sources", "notify"]


def test_a_secret_has_no_place_in_a_policy(policies: Callable[..., Loaded]) -> None:
    loaded = policies("{when: gone, then: [{notify: phone, message: !secret key}]}")
    (problem,) = loaded.problems
    assert problem.path == "policies.p.then[0].message"
    assert "not kept secret" in problem.message


TEMPLATES = {
    "{title} left {source}": None,
    "{{title}}": None,
    "".join(f"{{{name}}}" for name in NAMES): None,
    "x" * 1000: None,
    "x" * 1001: "is longer than 1000 characters",
    " ": "is empty",
    "{titel}": "a message has nothing called {titel}; did you mean 'title'?",
    "{}": f"a message has nothing called {{}}; there are {', '.join(NAMES)}",
    "{0}": f"a message has nothing called {{0}}; there are {', '.join(NAMES)}",
    "{title.__class__}": f"a message has nothing called {{title.__class__}}; there are {', '.join(NAMES)}",
    "{title[0]}": "a message has nothing called {title[0]}; did you mean 'title'?",
    "{title!r}": "only the plain name goes between braces: {title}",
    "{title:>9999}": "only the plain name goes between braces: {title}",
    "{title": "has a brace without its other half; for the sign itself write {{ or }}",
    "title}": "has a brace without its other half; for the sign itself write {{ or }}",
}


@pytest.mark.parametrize("text", TEMPLATES)
def test_templates(text: str) -> None:
    assert wrong_with_template(text) == TEMPLATES[text]


@given(st.text("{}title:!.[]0 ", max_size=30))
def test_a_good_template_is_filled_without_an_error(text: str) -> None:
    if wrong_with_template(text) is None:
        filled = text.format(**dict.fromkeys(NAMES, "X"))
        assert len(filled) <= len(text)


SAID = (
    "when what kind from agree grace unless copies mode max_actions cascade then mirror tag path title"
    " younger_than delete unmonitor untag monitor restore notify files exclude label message gone orphan"
    " replaced radarr sonarr jellyfin ombi phone all none movie series 1h 30d file entry {title} {"
)
WORDS = st.sampled_from(SAID.split())
VALUES = st.recursive(
    WORDS | st.booleans() | st.none() | st.integers(-1, 99),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=6),
    max_leaves=25,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(VALUES, VALUES, VALUES)
@pytest.mark.full
def test_whatever_is_written_is_judged_and_never_raises(
    load_text: Load, secrets: Path, policy: Any, channel: Any, alerts: Any
) -> None:
    written = {"policies": {"p": policy, "q": policy}, "notify": {"tv": channel}, "alerts": alerts}
    house = "".join(line for line in HOUSE.splitlines(keepends=True) if not line.startswith("notify"))
    loaded = load_text(house + "".join(f"{name}: {json.dumps(one)}\n" for name, one in written.items()))
    assert (loaded.settings is None) is bool(loaded.problems)
    assert all(problem.mark is not None for problem in loaded.problems)
