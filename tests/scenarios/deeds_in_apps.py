"""What people, disks and networks do to the apps in a scenario: `radarr deletes: film 1`, `radarr is: down`.

One function a deed, found by the words after the app's name. An app tells us of it only if `given`
says that its webhooks are connected.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, TypeAlias

from tests.scenarios.naming import names_in
from tests.scenarios.script import APPS, BadScript
from tests.scenarios.stage import Stage

from reconciled.engine import said
from reconciled.model import Key
from reconciled.testing.fakes.servarr_model import MediaFile
from reconciled.testing.faults import Fault

AppDeed: TypeAlias = Callable[[Stage, str, Any], Awaitable[None]]
APP_DEEDS: dict[tuple[str, str], AppDeed] = {}

_SERVARR = ("radarr", "radarr_4k", "sonarr")
_CHANGING = ("DELETE", "PUT", "POST")


def app_deed(name: str, *apps: str) -> Callable[[AppDeed], AppDeed]:
    """This is what happens at these words after the name of one of these apps (of any)."""

    def keep(made: AppDeed) -> AppDeed:
        APP_DEEDS.update({(app, name): made for app in apps or APPS})
        return made

    return keep


def fields(value: Any, *known: str) -> dict[str, Any]:
    """A mapping with no other names than these."""
    if not isinstance(value, dict) or (odd := [name for name in value if name not in known]):
        wrong = f"unknown word {odd[0]!r}" if isinstance(value, dict) else f"{value!r} is no mapping"
        raise BadScript(f"{wrong}; there are: {', '.join(known)}")
    return value


def by_name(value: Any) -> dict[str, str]:
    """A text for each film or series, by its name."""
    if not isinstance(value, dict):
        raise BadScript(f"{value!r}: a mapping belongs here, such as {{film 1: keep}}")
    for _ in names_in(list(value)):
        pass
    return {name: str(text) for name, text in value.items()}


# --- what people do in the apps -----------------------------------------------------------------------


@app_deed("deletes")
async def _deletes(stage: Stage, app: str, value: Any) -> None:
    for name in names_in(value):
        key = stage.names.key(app, name).id
        match app:
            case "jellyfin":
                stage.home.jellyfin.delete_item(key)
            case "requests":
                await stage.home.requests.delete(int(key))
            case _:
                await stage.servarr(app).delete(stage.entry(app, name).id, files=False)


@app_deed("loses the file of", *_SERVARR)
async def _loses(stage: Stage, app: str, value: Any) -> None:
    for name in names_in(value):
        entry = stage.entry(app, name)
        for file in list(entry.files()):
            await stage.servarr(app).delete_file(entry.id, file_id=file.id)


@app_deed("has the file again of", *_SERVARR)
async def _imports(stage: Stage, app: str, value: Any) -> None:
    for name in names_in(value):
        await stage.servarr(app).import_file(stage.entry(app, name).id)


@app_deed("adds")
async def _adds(stage: Stage, app: str, value: Any) -> None:
    for name in names_in(value):
        work = stage.names.work(name)
        match app:
            case "jellyfin":
                made = stage.home.jellyfin.add_series if work.tvdb else stage.home.jellyfin.add_movie
                made(work)
            case "requests":
                ref = f"tvdb:series/{work.tvdb}" if work.tvdb else f"tmdb:movie/{work.tmdb}"
                entry = await stage.home.requests.add(work.title, [ref])
                stage.names.learn(app, Key("request", str(entry.id)), f"{name} (again)")
                stage.names.learn(app, Key("request", str(entry.id)), name)
            case _:
                await stage.servarr(app).announce(stage.servarr(app).put(work))


@app_deed("adds a copy of", "jellyfin")
async def _adds_copy(stage: Stage, app: str, value: Any) -> None:
    for name in names_in(value):
        work = stage.names.work(name)
        item = stage.home.jellyfin.add_movie(work, file_name=f"{work.folder} Remux-2160p.mkv")
        stage.names.learn(app, Key("movie", item.id), f"{name} (copy)")


@app_deed("replaces the file of", "jellyfin")
async def _replaces(stage: Stage, app: str, value: Any) -> None:
    for name in names_in(value):
        item = stage.home.jellyfin.replace_file(stage.names.key(app, name).id, "better.mkv")
        stage.names.learn(app, Key("movie", item.id), f"{name} (better)")


@app_deed("tags")
async def _tags(stage: Stage, app: str, value: Any) -> None:
    for name, label in by_name(value).items():
        key = stage.names.key(app, name).id
        match app:
            case "jellyfin":
                stage.home.jellyfin.tag(key, label)
            case "requests":
                stage.home.requests.label(int(key), label)
            case _:
                stage.servarr(app).tag(stage.entry(app, name).id, label)


@app_deed("forgets what its tags are called", *_SERVARR)
async def _forgets_tags(stage: Stage, app: str, _: Any) -> None:
    stage.servarr(app).state.tags.clear()


@app_deed("unmonitors", *_SERVARR)
async def _unmonitors(stage: Stage, app: str, value: Any) -> None:
    for name in names_in(value):
        stage.servarr(app).unmonitor(stage.entry(app, name).id)


@app_deed("renames", "radarr", "jellyfin")
async def _renames(stage: Stage, app: str, value: Any) -> None:
    """A copy of it under another name in the app, so that titles differ."""
    for name, title in by_name(value).items():
        if app == "jellyfin":
            item = stage.home.jellyfin.state.items[stage.names.key(app, name).id]
            stage.home.jellyfin.keep(replace(item, name=title))
        else:
            _rework(stage, app, name, title=title)


@app_deed("gives another imdb id to", "radarr", "radarr_4k")
async def _contradicts(stage: Stage, app: str, value: Any) -> None:
    for name in names_in(value):
        _rework(stage, app, name, imdb="tt9999999")


@app_deed("identifies anew", "radarr", "radarr_4k")
async def _identifies(stage: Stage, app: str, value: Any) -> None:
    """The same file, known as another film from now on."""
    for name in names_in(value):
        other = stage.another_work()
        _rework(stage, app, name, tmdb=other.tmdb, imdb=other.imdb)


@app_deed("gives to another one the id of", "radarr", "requests")
async def _reuses(stage: Stage, app: str, value: Any) -> None:
    """A backup was restored, and what was added since got the ids of what had been added before."""
    other = stage.another_work()
    for name in names_in(value):
        number = int(stage.names.key(app, name).id)
        if app == "requests":
            stage.home.requests.replace(number, other.title, [f"tmdb:movie/{other.tmdb}"])
        else:
            entry = stage.entry(app, name)
            entry.work, entry.path = other, f"{entry.root}/{other.folder}"
            if entry.file is not None:
                entry.file = MediaFile(
                    entry.file.id, f"{other.folder}.mkv", entry.file.size, entry.file.added
                )
            stage.servarr(app).changed(number)


@app_deed("locks", "requests")
async def _locks(stage: Stage, app: str, value: Any) -> None:
    for name in names_in(value):
        stage.home.requests.entries[int(stage.names.key(app, name).id)].locked = True


def _rework(stage: Stage, app: str, name: str, **change: Any) -> None:
    entry = stage.entry(app, name)
    entry.work = replace(entry.work, **change)
    stage.servarr(app).changed(entry.id)


# --- what the apps are --------------------------------------------------------------------------------


@app_deed("is")
async def _is(stage: Stage, app: str, value: Any) -> None:
    fake = stage.apps[app]
    match value:
        case "down":
            await fake.down()
        case "up":
            await fake.up()
        case "mended":
            fake.faults.clear()
        case "paused":
            await said.pause(stage.engine, app, by="owner")
        case "resumed":
            await said.resume(stage.engine, app)
        case _:
            raise BadScript(f"{value!r}: an app is down, up, mended, paused or resumed")


@app_deed("answers changes with")
async def _breaks(stage: Stage, app: str, value: Any) -> None:
    """`error`, or `{fault: hang, times: 1}`: what becomes of a DELETE, PUT or POST."""
    said_ = fields(value if isinstance(value, dict) else {"fault": value}, "fault", "times")
    try:
        fault = Fault(said_["fault"])
    except (KeyError, ValueError) as error:
        raise BadScript(f"{error}; the faults are: {', '.join(Fault)}") from error
    for method in _CHANGING:
        stage.apps[app].faults.set(fault, method=method, times=said_.get("times"))


@app_deed("calls a listener that sleeps", *_SERVARR, "requests")
async def _calls_deaf(stage: Stage, app: str, _: Any) -> None:
    """Inside each change the app waits for somebody else who takes long: it happens, and no answer comes."""
    stage.apps[app].add_webhook(stage.deaf)


@app_deed("has its root", "jellyfin")
async def _mount(stage: Stage, _: str, value: Any) -> None:
    library = next(iter(stage.home.jellyfin.state.libraries))
    match value:
        case "not accessible":
            stage.home.jellyfin.mount_vanishes(library, "missing")
        case "back":
            stage.home.jellyfin.mount_returns(library)
        case _:
            raise BadScript(f"{value!r}: a root is `not accessible` or `back`")


@app_deed("has its root", *_SERVARR)
async def _root(stage: Stage, app: str, value: Any) -> None:
    fake = stage.servarr(app)
    root = fake.state.roots[0]
    match value:
        case "not accessible":
            await fake.root_vanishes(root.path)
        case "on another disk":
            root.total *= 3
        case "back":
            await fake.root_returns(root.path)
        case _:
            raise BadScript(f"{value!r}: a root is `not accessible`, `on another disk` or `back`")


@app_deed("sends its webhooks", "jellyfin")
async def _flush(stage: Stage, _: str, __: Any) -> None:
    await stage.home.jellyfin.flush_webhooks()


@app_deed("leaves the config")
async def _leaves(stage: Stage, app: str, _: Any) -> None:
    stage.in_config.remove(app)
    await stage.reload(stage.text)


@app_deed("joins the config")
async def _joins(stage: Stage, app: str, _: Any) -> None:
    stage.in_config.append(app)
    await stage.reload(stage.text)
