"""What a good mirror means, which warnings it gets, and mirrors beside each other and beside policies."""

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciled.config import Conflict, Loaded, Measure, Mirror, Mode, Threshold, report, summary
from reconciled.config.mirrors import THRESHOLDS
from reconciled.config.written_mirrors import TYPES, parse_type

Load = Callable[..., Loaded]

HOUSE = """sources:
  vsrx: {url: http://box.lan:1, api_key: !secret key}
  paperless: {url: http://box.lan:2, api_key: !secret key}
  archive: {url: http://box.lan:3, api_key: !secret key}
  second: {app: archive, url: http://box.lan:4, api_key: !secret key}
  ombi: {url: http://box.lan:5, api_key: !secret key}
notify: {phone: !secret phone}
policies:
"""


@pytest.fixture
def write(load_text: Load, secrets: Path) -> Callable[..., Loaded]:
    """Loads policies, the first of which stands in line 10."""

    def load_it(*policies: str, mode: str = "dry-run") -> Loaded:
        return load_text(f"mode: {mode}\n{HOUSE}" + "".join(f"  {policy}\n" for policy in policies))

    return load_it


def the_one(loaded: Loaded) -> Mirror:
    assert loaded.settings is not None, report(loaded)
    return loaded.settings.mirrors["m"]


def lines(loaded: Loaded) -> list[str]:
    return [line.removeprefix("config.yaml:") for line in report(loaded)]


def test_the_least(write: Callable[..., Loaded]) -> None:
    loaded = write("m: {mirror: vsrx, to: archive}")
    mirror = the_one(loaded)
    assert mirror == Mirror("m", "vsrx", ("archive",))
    assert (mirror.max_size, mirror.transfers, mirror.task_timeout) == (200 * 2**20, 4, 1800.0)
    assert dict(mirror.thresholds) == {
        Measure.SYNC_DURATION: Threshold(300, 600),
        Measure.ERROR_RATE: Threshold(0.05, 0.1),
        Measure.CONSECUTIVE_FAILURES: Threshold(3, 5),
    }
    assert str(mirror.mark) == "config.yaml:10:3"
    assert lines(loaded) == []
    assert loaded.settings is not None
    assert loaded.settings.policies == {}


def test_everything_that_a_mirror_can_say(write: Callable[..., Loaded]) -> None:
    loaded = write(
        """m:
    mirror: vsrx
    kind: [file]
    to: [paperless, archive]
    types: [pdf, .JPG, Application/PDF, image/*, x-scans/tiff]
    max_size: 2GiB
    decode: yes
    tag: " From  the practice "
    correspondent: "Dr. No"
    document_type:
    transfers: 32
    task_timeout: 2h
    conflict: ask
    mode: act
    thresholds:
      sync_duration: {warning: 5m, critical: 10m}
      error_rate: {warning: 0.5%, critical: 100%}
""",
        mode="act",
    )
    assert the_one(loaded) == Mirror(
        "m",
        "vsrx",
        ("paperless", "archive"),
        kinds=frozenset({"file"}),
        types=frozenset({"application/pdf", "image/jpeg", "image/*", "x-scans/tiff"}),
        max_size=2 * 2**30,
        decode=True,
        tag="From the practice",
        correspondent="Dr. No",
        transfers=32,
        task_timeout=7200.0,
        conflict=Conflict.ASK,
        mode=Mode.ACT,
        thresholds={
            Measure.SYNC_DURATION: Threshold(300, 600),
            Measure.ERROR_RATE: Threshold(0.005, 1.0),
            Measure.CONSECUTIVE_FAILURES: THRESHOLDS[Measure.CONSECUTIVE_FAILURES],
        },
    )
    assert lines(loaded) == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("pdf", "application/pdf"),
        ("jpg", "image/jpeg"),
        ("jpeg", "image/jpeg"),
        ("png", "image/png"),
        ("tiff", "image/tiff"),
        ("docx", TYPES["docx"]),
        ("txt", "text/plain"),
        (".TXT", "text/plain"),
        (" image/JPG ", "image/jpeg"),
        ("application/vnd.ms-excel", "application/vnd.ms-excel"),
        ("video/*", "video/*"),
    ],
)
def test_types(written: str, meant: str) -> None:
    assert parse_type(written) == meant


@pytest.mark.parametrize(
    "written", ["", "/", "*", "*/*", "pdf/", "/pdf", "image/p*", "a/b/c", "image/ png", "päng"]
)
def test_no_types(written: str) -> None:
    with pytest.raises(ValueError, match="type"):
        parse_type(written)


def test_the_short_types_are_types() -> None:
    assert {parse_type(kind) for kind in TYPES.values()} == set(TYPES.values())


VSRX = "{mirror: vsrx, to: [paperless, archive]"
NEVER_USED = "this is never used"
READ = "only images and PDF files can be read whole"
OLDER = "newer bytes never take the place of older ones"
NOTHING = "and nothing comes back from there"
WARNED: dict[tuple[str, ...], list[str]] = {
    ("dry-run", f"{VSRX}, mode: dry-run}}"): [],
    ("act", f"{VSRX}, mode: ask}}"): [],
    ("ask", f"{VSRX}, mode: act}}"): [
        "10:53: warning: policies.m.mode: the daemon's mode ask counts; a mirror can be stricter, never laxer"
    ],
    ("act", "{mirror: vsrx, to: archive, tag: scans}"): [
        f"10:39: warning: policies.m.tag: there are no tags in archive; {NEVER_USED}"
    ],
    ("act", f"{VSRX}, tag: scans, conflict: source}}"): [],
    ("act", "{mirror: vsrx, to: archive, conflict: ask}"): [
        f"10:44: warning: policies.m.conflict: {OLDER} in archive, {NOTHING}; {NEVER_USED}"
    ],
    ("act", f"{VSRX}, decode: yes, types: [txt, docx]}}"): [
        f"10:55: warning: policies.m.decode: {READ}, and `types` has none of them; {NEVER_USED}"
    ],
}


@pytest.mark.parametrize("case", WARNED)
def test_warnings(write: Callable[..., Loaded], case: tuple[str, str]) -> None:
    loaded = write(f"m: {case[1]}", mode=case[0])
    assert loaded.settings is not None
    assert lines(loaded) == WARNED[case]


BEGINNING = "are looked at only at their beginning, since"
PILLOW = f"images {BEGINNING} Pillow is not installed: pip install 'reconciled[images]'"
PYPDF = f"PDF files {BEGINNING} pypdf is not installed: pip install 'reconciled[pdf]'"


@pytest.mark.parametrize(
    ("only", "missing", "said"),
    [
        ("", {"PIL", "pypdf"}, [PILLOW, PYPDF]),
        ("", {"pypdf"}, [PYPDF]),
        ("", set(), []),
        (", types: [pdf, txt]", {"PIL", "pypdf"}, [PYPDF]),
        (", types: jpeg", {"PIL", "pypdf"}, [PILLOW]),
        (", types: image/*", {"PIL"}, [PILLOW]),
        (", types: image/*", {"pypdf"}, []),
    ],
)
def test_a_library_that_is_missing_is_named(
    write: Callable[..., Loaded],
    monkeypatch: pytest.MonkeyPatch,
    only: str,
    missing: set[str],
    said: list[str],
) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        "reconciled.config.mirror_checks.find_spec", lambda name: None if name in missing else real("json")
    )
    quiet = write(f"m: {VSRX}{only}}}")
    assert lines(quiet) == []
    loaded = write(f"m: {VSRX}{only}, decode: yes}}")
    assert [line.partition("policies.m.decode: ")[2] for line in lines(loaded)] == said
    assert loaded.settings is not None


SAY_BOTH = "both have to say `conflict:` (newest, source or ask), which counts when both sides changed"
OWN = "each says that its own source counts"
DEPENDS = "so it depends on which of the two runs first; write the same in both, `newest` or `ask`"
PAIRS: dict[tuple[str, str], list[str]] = {
    ("conflict: newest", "conflict: newest"): [],
    ("conflict: ask, kind: document", "conflict: ask"): [],
    ("transfers: 3", "conflict: ask"): [
        f"10:30: policies.a.to: b brings files of archive back to paperless (config.yaml:11:28); {SAY_BOTH}"
    ],
    ("conflict: ask", "transfers: 3"): [
        f"11:28: policies.b.to: a brings files of paperless back to archive (config.yaml:10:30); {SAY_BOTH}"
    ],
    ("conflict: newest", "conflict: ask"): [
        f"11:49: warning: policies.b.conflict: a says newest (config.yaml:10:30), {DEPENDS}"
    ],
    ("conflict: source", "conflict: source"): [
        f"11:49: warning: policies.b.conflict: {OWN} (config.yaml:10:30), {DEPENDS}"
    ],
}


@pytest.mark.parametrize("case", PAIRS)
def test_both_directions(write: Callable[..., Loaded], case: tuple[str, str]) -> None:
    loaded = write(
        f"a: {{mirror: paperless, to: archive, {case[0]}}}",
        f"b: {{mirror: archive, to: paperless, {case[1]}}}",
    )
    assert lines(loaded) == PAIRS[case]
    assert (loaded.settings is None) is bool(loaded.problems)


def test_without_any_word_both_places_are_shown(write: Callable[..., Loaded]) -> None:
    loaded = write("a: {mirror: paperless, to: [archive]}", "b: {mirror: archive, to: [second, paperless]}")
    first, second = lines(loaded)
    assert first.startswith("10:31: policies.a.to[0]: b ")
    assert "(config.yaml:11:37)" in first
    assert second.startswith("11:37: policies.b.to[1]: a ")
    assert "(config.yaml:10:31)" in second


def test_a_mistake_elsewhere_does_not_hide_a_pair(write: Callable[..., Loaded]) -> None:
    loaded = write("a: {mirror: paperless, to: archive, types: pfd}", "b: {mirror: archive, to: paperless}")
    assert [line.partition(": ")[2].partition(": ")[0] for line in lines(loaded)] == [
        "policies.a.to",
        "policies.a.types",
        "policies.b.to",
    ]


@pytest.mark.parametrize(
    ("policies", "circle"),
    [
        (["a: {mirror: archive, to: second}", "b: {mirror: second, to: paperless}"], False),
        (
            [
                "a: {mirror: archive, to: second}",
                "b: {mirror: second, to: paperless}",
                "c: {mirror: vsrx, to: [archive, second, paperless]}",
            ],
            False,
        ),
        (
            [
                "a: {mirror: archive, to: second}",
                "b: {mirror: second, to: paperless}",
                "c: {mirror: paperless, to: archive, conflict: ask}",
            ],
            True,
        ),
        (  # a chain of pairs comes back only the way it went
            [
                "a: {mirror: archive, to: second, conflict: ask}",
                "b: {mirror: second, to: [archive, paperless], conflict: ask}",
                "c: {mirror: paperless, to: second, conflict: ask}",
            ],
            False,
        ),
        (  # beside a pair, another way back
            [
                "a: {mirror: archive, to: second, conflict: ask}",
                "b: {mirror: second, to: [archive, paperless], conflict: ask}",
                "c: {mirror: paperless, to: archive, conflict: ask}",
            ],
            True,
        ),
    ],
)
def test_circles(write: Callable[..., Loaded], policies: list[str], circle: bool) -> None:
    loaded = write(*policies)
    assert (loaded.settings is None) is circle
    assert all("goes round in a circle" in problem.message for problem in loaded.problems)
    assert bool(loaded.problems) is circle


@pytest.mark.parametrize(
    ("one", "other", "warned"),
    [
        ("", "", True),
        (", types: pdf", ", types: png", False),
        (", types: [pdf, image/*]", ", types: png", True),
        (", types: image/*", ", types: pdf", False),
        (", types: pdf", "", True),
        (", kind: file", ", kind: patient", False),
        (", kind: [file, patient]", ", kind: patient, types: pdf", True),
    ],
)
def test_two_mirrors_of_the_same_files(
    write: Callable[..., Loaded], one: str, other: str, warned: bool
) -> None:
    loaded = write(
        f"a: {{mirror: vsrx, to: archive{one}}}", f"b: {{mirror: vsrx, to: [second, archive]{other}}}"
    )
    assert loaded.settings is not None
    said = (
        "11:34: warning: policies.b.to[1]: a brings files of vsrx there, too (config.yaml:10:25); "
        "each file is brought once, by whichever comes to it first"
    )
    assert lines(loaded) == ([said] if warned else [])


CLEANING = """forget:
    when: gone
    kind: file
    from: vsrx
    then:
      - {delete: [paperless, archive], files: yes}
      - notify: phone"""


@pytest.mark.parametrize(
    "policy",
    [
        CLEANING,
        "p: {when: orphan, kind: document, from: paperless, then: [{delete: paperless, files: yes}]}",
        "p: {when: orphan, kind: blob, then: [{delete: archive, files: yes}, {notify: phone}]}",
        "p: {when: orphan, kind: fileset, from: vsrx, then: [{notify: phone}]}",
        "p: {when: gone, kind: document, from: paperless, then: [{delete: archive, files: yes}]}",
        "p: {when: gone, kind: [patient, fileset], from: vsrx, then: [{delete: paperless, files: yes}]}",
        "p: {when: copy_gone, kind: file, from: vsrx, then: [{notify: phone}]}",
    ],
)
def test_policies_beside_a_mirror(write: Callable[..., Loaded], policy: str) -> None:
    loaded = write(
        "m: {mirror: vsrx, to: [paperless, archive]}", "n: {mirror: paperless, to: second}", policy
    )
    assert lines(loaded) == []
    assert loaded.settings is not None
    assert (len(loaded.settings.mirrors), len(loaded.settings.policies)) == (2, 1)


@pytest.mark.parametrize(
    "step", ["{delete: archive, files: yes}", "{tag: radarr, label: x}", "{unmonitor: radarr}"]
)
def test_on_a_copy_that_went_there_are_only_messages(load_text: Load, secrets: Path, step: str) -> None:
    policy = f"  p: {{when: copy_gone, then: [{step}, {{notify: phone}}]}}\n"
    loaded = load_text(HOUSE.replace("  ombi: {url", "  radarr: {url") + policy)
    (problem,) = loaded.problems
    assert problem.message == (
        "a copy that went is no loss of the original, so only `notify` goes with it; "
        "write `when: gone` if you mean the end of the original"
    )
    assert problem.path.startswith("policies.p.then[0].")


def test_the_summary_names_them(write: Callable[..., Loaded]) -> None:
    loaded = write("m: {mirror: vsrx, to: archive}", "p: {when: gone, then: [{notify: phone}]}")
    assert summary(loaded).endswith(
        "5 sources (vsrx, paperless, archive, second, ombi), 1 policy (p), 1 mirror (m)"
    )


def test_the_mirror_of_the_example_is_good(write: Callable[..., Loaded]) -> None:
    lines_ = (Path(__file__).parents[3] / "config.example.yaml").read_text("utf-8").splitlines()
    begin = lines_.index("  # mirror_vsrx:")
    block = [line.removeprefix("  # ") for line in lines_[begin + 1 : lines_.index("", begin)]]
    loaded = write("\n".join(["m:", *(f"  {line}" for line in block)]), mode="act")
    mirror = the_one(loaded)
    assert lines(loaded) == []
    assert (mirror.source, mirror.targets, mirror.mode) == ("vsrx", ("paperless", "archive"), Mode.ASK)
    assert dict(mirror.thresholds) == dict(THRESHOLDS)


@pytest.mark.parametrize(
    ("receive", "said"),
    [
        (", receive: /in", None),
        ("", "inbox has no folder for copies; name one with `receive:`"),
        (", receive: crash", "inbox cannot be checked: its plugin failed (RuntimeError)"),
    ],
)
def test_a_target_that_is_not_set_up_for_it(
    load_text: Load, secrets: Path, receive: str, said: str | None
) -> None:
    inbox = f"inbox: {{app: folder, url: http://box.lan:9, api_key: !secret key{receive}}}"
    house = HOUSE.replace("  ombi:", f"  {inbox}\n  ombi:")
    loaded = load_text(house + "  m: {mirror: vsrx, to: inbox}\n  n: {mirror: inbox, to: archive}\n")
    assert [(problem.path, problem.message) for problem in loaded.problems] == (
        [] if said is None else [("policies.m.to", said)]
    )


def test_words_are_about_what_travels() -> None:
    base = Mirror("m", "vsrx", ("a", "b"))
    assert base.words() == Mirror("m", "vsrx", ("b", "a"), transfers=9, mode=Mode.ASK, tag="x").words()
    for other in (
        Mirror("n", "vsrx", ("a", "b")),
        Mirror("m", "vsrx", ("a",)),
        Mirror("m", "vsrx", ("a", "b"), types=frozenset({"image/png"})),
        Mirror("m", "vsrx", ("a", "b"), max_size=1),
    ):
        assert base.words() != other.words()


SAID = (
    "mirror kind to from types max_size decode tag correspondent document_type transfers task_timeout"
    " conflict mode thresholds sync_duration error_rate consecutive_failures warning critical vsrx paperless"
    " archive second when then notify file document pdf image/* 200MiB newest ask 5m 5% yes 3"
)
WORDS = st.sampled_from(SAID.split())
VALUES = st.recursive(
    WORDS | st.booleans() | st.none() | st.integers(-1, 99),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=8),
    max_leaves=25,
)


@pytest.mark.full
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(VALUES, VALUES, VALUES)
def test_whatever_is_written_of_a_mirror_is_judged(
    write: Callable[..., Loaded], one: Any, ends: Any, thresholds: Any
) -> None:
    mirror = {"mirror": "paperless", "to": ends, "thresholds": thresholds}
    loaded = write(f"p: {json.dumps(one)}", f"q: {json.dumps(mirror)}", "r: {mirror: archive, to: paperless}")
    assert (loaded.settings is None) is bool(loaded.problems)
    assert all(problem.mark is not None for problem in loaded.problems)
