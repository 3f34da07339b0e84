"""Scenario files as they are written: YAML documents of what is given, what happens, and what then is.

A document has a `title`, the `config` as a user writes it (without its sources, which the stage
adds), what is `given`, the steps of `when`, and what is claimed by `then`. A step of `when` may be a
`then` of its own. Every word is looked up before anything runs: one that is not known is an error
that names the file, the step and the words there are, never a step that silently does nothing.
"""

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from reconciled.config.problems import did_you_mean

APPS = ("jellyfin", "radarr", "radarr_4k", "sonarr", "requests")
"""The apps that a scenario may be about; the config names its sources like them."""
USUAL = ("jellyfin", "radarr", "requests")

_PARTS = frozenset({"title", "config", "given", "when", "then", "xfail", "full"})


class BadScript(Exception):
    """A scenario cannot be understood, or not be played; the message names the file and the step."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `name` is a deed (of `app`, when it is one of an app) or `then`; `value` what it is about."""

    where: str
    name: str
    value: Any
    app: str | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What there is at first: the household's size, the sources of the config with settings of their own,
    policies whose first batch was approved, apps that send us webhooks, and deeds before our start.
    """

    films: int = 12
    series: int = 0
    sources: tuple[str, ...] = USUAL
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    trusted: tuple[str, ...] = ()
    webhooks: tuple[str, ...] = ()
    before: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """One scenario. `xfail` says why it is known to fail; it must then fail. `full`: it takes long."""

    place: str
    name: str
    title: str
    config: str
    given: Given
    steps: tuple[Step, ...]
    xfail: str | None = None
    full: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """The words that steps and claims may use. A deed of an app says with whom it goes."""

    deeds: Collection[str]
    app_deeds: Mapping[str, Collection[str]]
    claims: Collection[str]


class _Loader(yaml.SafeLoader):
    """Refuses a name that stands twice in one mapping, of which YAML would silently keep one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        names = [str(key.value) for key, _ in node.value]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            line = node.start_mark.line + 1
            raise BadScript(f"{self.name}:{line}: {twice[0]!r} stands twice in one mapping")
        return super().construct_mapping(node, deep)


def read(path: Path, words: Words) -> list[Script]:
    """Every scenario of a file. BadScript."""
    try:
        nodes: list[yaml.Node] = [*yaml.compose_all(path.read_text("utf-8"), Loader=_Loader)]
    except yaml.YAMLError as error:
        raise BadScript(f"{path.name}: {error}") from error
    scripts = [_script(path, node, words) for node in nodes]
    titles = [script.title for script in scripts]
    if twice := [title for title in titles if titles.count(title) > 1]:
        raise BadScript(f"{path.name}: two scenarios are called {twice[0]!r}")
    if not scripts:
        raise BadScript(f"{path.name}: no scenario stands here")
    return scripts


def _script(path: Path, node: yaml.Node, words: Words) -> Script:
    place = f"{path.name}:{node.start_mark.line + 1}"
    loader = _Loader("")
    loader.name = path.name
    try:
        written = loader.construct_document(node)
    except yaml.YAMLError as error:
        raise BadScript(f"{place}: {error}") from error
    finally:
        loader.dispose()
    if not isinstance(written, dict):
        raise BadScript(f"{place}: a mapping belongs here, with {', '.join(sorted(_PARTS))}")
    _known(written, _PARTS, place)
    for part in ("title", "config", "when", "then"):
        if not written.get(part):
            raise BadScript(f"{place}: {part!r} is missing")
    title = str(written["title"])
    place = f"{place} ({title})"
    steps = _steps(written["when"], f"{place}, when", words)
    last = Step(f"{place}, then", "then", _claims(written["then"], f"{place}, then", words))
    given = _given(written.get("given") or {}, f"{place}, given", words)
    return Script(
        place=place,
        name=f"{path.stem}: {title}",
        title=title,
        config=str(written["config"]),
        given=given,
        steps=(*steps, last),
        xfail=written.get("xfail"),
        full=bool(written.get("full")),
    )


def _given(written: Mapping[str, Any], place: str, words: Words) -> Given:
    named = set(Given.__dataclass_fields__) - {"settings"}
    _known(written, {*named, *APPS}, place)
    lists = {name: _list(written, name, place) for name in ("sources", "trusted", "webhooks")}
    for name in ("sources", "webhooks"):
        _known(lists[name], APPS, f"{place}, {name}")
    counts = {name: written.get(name, getattr(Given(), name)) for name in ("films", "series")}
    if odd := [name for name, count in counts.items() if type(count) is not int]:
        raise BadScript(f"{place}: {odd[0]} is how many there are, a number")
    return Given(
        films=counts["films"],
        series=counts["series"],
        sources=lists["sources"] or USUAL,
        settings={app: written[app] for app in APPS if app in written},
        trusted=lists["trusted"],
        webhooks=lists["webhooks"],
        before=_steps(written.get("before") or [], f"{place}, before", words),
    )


def _steps(written: Any, place: str, words: Words) -> tuple[Step, ...]:
    if not isinstance(written, list):
        raise BadScript(f"{place}: a list of steps belongs here")
    return tuple(_step(one, f"{place}, step {number}", words) for number, one in enumerate(written, 1))


def _step(written: Any, place: str, words: Words) -> Step:
    if isinstance(written, str):
        written = {written: None}
    if not isinstance(written, dict) or len(written) != 1:
        raise BadScript(f"{place}: a step says one thing, such as {{scan: jellyfin}}, not {written!r}")
    ((said, value),) = written.items()
    place = f"{place} ({said})"
    if said == "then":
        return Step(place, said, _claims(value, place, words))
    app, _, deed = said.partition(" ")
    if app not in APPS:
        _known([said], words.deeds, place)
        return Step(place, said, value)
    known = [name for name, apps in words.app_deeds.items() if app in apps]
    _known([deed], known, place)
    return Step(place, deed, value, app)


def _claims(written: Any, place: str, words: Words) -> Mapping[str, Any]:
    if not isinstance(written, dict) or not written:
        raise BadScript(f"{place}: a mapping of claims belongs here: {', '.join(sorted(words.claims))}")
    _known(written, words.claims, place)
    return written


def _known(names: Any, known: Collection[str], place: str) -> None:
    for name in names:
        if name not in known:
            near = did_you_mean(str(name), list(known)) or f"; there are: {', '.join(sorted(known))}"
            raise BadScript(f"{place}: unknown word {name!r}{near}")


def _list(written: Mapping[str, Any], name: str, place: str) -> tuple[str, ...]:
    value = written.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise BadScript(f"{place}: {name} is a list of names, not {value!r}")
    return tuple(value)


def words_of(
    deeds: Mapping[str, Callable[..., Any]],
    app_deeds: Mapping[tuple[str, str], Callable[..., Any]],
    claims: Mapping[str, Callable[..., Any]],
) -> Words:
    """The words of these tables."""
    by_deed: dict[str, set[str]] = {}
    for app, deed in app_deeds:
        by_deed.setdefault(deed, set()).add(app)
    return Words(set(deeds), by_deed, set(claims))
