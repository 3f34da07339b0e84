"""By hand exactly what was shown is acted on, and undone only what the item still is."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.daemon.engine.conftest import World, policy, request
from tests.daemon.engine.test_outbox import GRACE, a_house, lose

from reconciled.config import Agree, Mode, Step, Verb
from reconciled.engine.outbox.by_hand import CannotAct, Order, order, preview
from reconciled.engine.outbox.undo import plan, undo
from reconciled.model import Item, Key, Ref
from reconciled.testing.model_app import ModelApp

FILM = Key("movie", "801")
DELETE = Order(Verb.DELETE, "radarr", FILM, also=("requests",))
TAG = Order(Verb.TAG, "radarr", FILM, label="keep")
OTHER = frozenset({Ref("tmdb:movie", "555"), Ref("imdb", "tt555")})


async def as_shown(world: World, wanted: Order) -> Order:
    """The order, for what a person sees now."""
    return replace(wanted, shown=frozenset(aim.print for aim in await preview(world.outbox, wanted)))


def change(app: ModelApp, key: Key, **to: object) -> Item:
    app.put(replace(app.items[key], **to))  # type: ignore[arg-type]  # whatever a test changes
    return app.items[key]


async def test_a_preview_does_nothing_and_names_everything(world: World) -> None:
    apps = await a_house(world)
    await world.decide(mode=Mode.ASK)
    found = await preview(world.outbox, DELETE)
    assert [aim.sentence for aim in found] == [
        "delete movie 801 (Film 1) in radarr",
        "delete request 17 (Film 1) in requests",
    ]
    assert len({aim.print for aim in found}) == 2
    await world.turn()
    assert await world.actions() == []
    await order(world.outbox, await as_shown(world, DELETE), by="owner")
    await world.turn()
    assert [act[:2] for act in (*apps["radarr"].acts, *apps["requests"].acts)] == [
        ("delete", "movie 801"),
        ("delete", "request 17"),
    ]


Change = Callable[[dict[str, ModelApp]], object]
MEANWHILE: dict[str, tuple[str, Change]] = {
    "re-identified": ("radarr", lambda apps: change(apps["radarr"], FILM, refs=OTHER, title="Film 555")),
    "another title": ("radarr", lambda apps: change(apps["radarr"], FILM, title="Film 1 (Remake)")),
    "another path": ("radarr", lambda apps: change(apps["radarr"], FILM, path="/films/other.mkv")),
    "one more ref": (
        "radarr",
        lambda apps: change(apps["radarr"], FILM, refs=apps["radarr"].items[FILM].refs | {Ref("x", "1")}),
    ),
    "another title elsewhere": (
        "requests",
        lambda apps: change(apps["requests"], Key("request", "17"), title="Film 1, extended"),
    ),
    "one more elsewhere": ("requests", lambda apps: apps["requests"].put(request(27, of=1))),
    "one less elsewhere": ("requests", lambda apps: apps["requests"].remove(Key("request", "27"))),
}


@pytest.mark.parametrize("case", MEANWHILE)
async def test_what_changed_since_it_was_shown_is_left_alone(world: World, case: str) -> None:
    apps = await a_house(world)
    if case == "one less elsewhere":
        apps["requests"].put(request(27, of=1))
        await world.scan("requests")
    await world.decide(mode=Mode.ASK)
    wanted = await as_shown(world, DELETE)
    name, meanwhile = MEANWHILE[case]
    meanwhile(apps)
    await world.scan_and_settle(name)
    with pytest.raises(CannotAct):
        await order(world.outbox, wanted, by="owner")
    await world.turn()
    assert await world.actions() == []
    assert apps["radarr"].acts == apps["requests"].acts == []


async def test_what_did_not_change_is_still_the_same(world: World) -> None:
    """Other attributes are nothing that was shown."""
    apps = await a_house(world)
    await world.decide(mode=Mode.ASK)
    wanted = await as_shown(world, DELETE)
    change(apps["radarr"], FILM, attrs={"monitored": False, "tags": ["x"]}, has_file=True)
    await world.scan("radarr")
    await order(world.outbox, wanted, by="owner")
    await world.turn()
    assert await world.actions() == ["done delete radarr movie 801", "done delete requests request 17"]


@pytest.mark.parametrize("shown", [frozenset(), frozenset({"0"})])
async def test_a_print_of_nothing_is_for_nothing(world: World, shown: frozenset[str]) -> None:
    await a_house(world)
    await world.decide(mode=Mode.ASK)
    with pytest.raises(CannotAct, match="no longer what was shown; nothing was done"):
        await order(world.outbox, replace(DELETE, shown=shown), by="owner")
    assert await world.actions() == []


# --- undoing ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("to", "possible"),
    [
        ({"refs": OTHER, "title": "Film 555"}, False),
        ({"refs": OTHER}, False),  # a remake of the same name
        ({"title": "Film 1 (1999)"}, True),
        ({"refs": frozenset({Ref("tmdb:movie", "1")})}, True),
        ({"refs": frozenset({Ref("tmdb:movie", "1"), Ref("imdb", "tt1b")})}, True),
    ],
)
async def test_undone_by_hand_is_only_what_it_still_is(
    world: World, to: dict[str, object], *, possible: bool
) -> None:
    apps = await a_house(world)
    await world.decide(mode=Mode.ASK)
    (row,) = await order(world.outbox, TAG, by="owner")
    await world.turn()
    change(apps["radarr"], FILM, **to)
    await world.scan("radarr")
    planned = await plan(world.outbox, row.id)
    assert planned.possible is possible
    if possible:
        await undo(world.outbox, row.id, by="owner")
    else:
        assert "is another thing now" in planned.sentence
        with pytest.raises(CannotAct, match="is another thing now"):
            await undo(world.outbox, row.id, by="owner")
    await world.turn()
    assert apps["radarr"].items[FILM].attrs["tags"] == ([] if possible else ["keep"])


@pytest.mark.parametrize(
    ("to", "possible"),
    [({"refs": OTHER}, False), ({"refs": OTHER, "title": "Film 555"}, False), ({"title": "Film One"}, True)],
)
async def test_what_a_policy_did_is_undone_for_the_thing_it_was_about(
    world: World, to: dict[str, object], *, possible: bool
) -> None:
    apps = await a_house(world)
    await world.decide(policy("mark", Step(Verb.TAG, "radarr", label="lost"), agree=Agree.NONE))
    await lose(world)
    await world.pass_time(GRACE)
    assert apps["radarr"].items[FILM].attrs["tags"] == ["lost"]
    ((number,),) = [tuple(row.values()) for row in await world.rows("SELECT id FROM action")]
    change(apps["radarr"], FILM, **to)
    await world.scan("radarr")
    assert (await plan(world.outbox, number)).possible is possible
    if not possible:
        with pytest.raises(CannotAct, match="is another thing now"):
            await undo(world.outbox, number, by="owner")
    await world.turn()
    assert apps["radarr"].items[FILM].attrs["tags"] == ["lost"]


async def test_what_a_policy_did_to_what_was_lost_itself(world: World) -> None:
    """Only its file went, so its own entry was tagged; then that entry became another film."""
    apps = await a_house(world, has_file=True)
    here = {"sources": frozenset({"radarr"}), "kinds": frozenset({"movie"})}
    await world.decide(policy("mark", Step(Verb.TAG, "radarr", label="lost"), agree=Agree.NONE, **here))
    change(apps["radarr"], FILM, has_file=False)
    await world.scan_and_settle("radarr")
    await world.pass_time(GRACE)
    assert await world.actions() == ["done tag radarr movie 801"]
    assert (await plan(world.outbox, 1)).possible
    change(apps["radarr"], FILM, refs=OTHER)
    await world.scan("radarr")
    assert not (await plan(world.outbox, 1)).possible


async def test_what_nothing_names_is_known_by_its_title(world: World) -> None:
    """Items without strong refs."""
    apps = await a_house(world)
    one, two = (change(apps["radarr"], Key("movie", key), refs=frozenset()).key for key in ("802", "803"))
    await world.scan("radarr")
    await world.decide(mode=Mode.ASK)
    for key in (one, two):
        await order(world.outbox, replace(TAG, key=key), by="owner")
    await world.turn()
    change(apps["radarr"], two, title="Film 555")
    await world.scan("radarr")
    assert [(await plan(world.outbox, number)).possible for number in (1, 2)] == [True, False]


async def test_a_preview_of_undoing_says_what_would_speak_against_it(world: World) -> None:
    apps = await a_house(world)
    await world.decide(mode=Mode.ASK)
    (row,) = await order(world.outbox, TAG, by="owner")
    await world.turn()
    apps["radarr"].remove(FILM)
    await world.scan_and_settle("radarr")
    planned = await plan(world.outbox, row.id)
    assert (planned.possible, planned.sentence) == (False, "movie 801 is gone from radarr already")


@pytest.mark.parametrize("read", [True, False], ids=["read again", "only looked at"])
async def test_other_bytes_under_the_name_of_what_was_ordered_to_be_deleted_stay(
    world: World, read: bool
) -> None:
    """A scanner writes scan.pdf anew while the order waits for its disk: no ref says that it is another."""
    apps = await a_house(world)
    await world.decide(mode=Mode.ASK)

    def scanned(letter: str) -> Key:
        return change(
            apps["radarr"], FILM, title="scan.pdf", refs=frozenset({Ref("sha256", letter * 64)})
        ).key

    key = scanned("a")
    await world.scan("radarr")
    await order(world.outbox, Order(Verb.DELETE, "radarr", key), by="owner")
    apps["radarr"].busy = True
    await world.engine.probe("radarr")
    await world.turn()
    assert apps["radarr"].acts == []
    scanned("b")
    if read:
        await world.scan("radarr")
    apps["radarr"].busy = False
    await world.engine.probe("radarr")
    await world.pass_time(900)
    assert apps["radarr"].acts == []
    assert await world.actions() == ["dropped delete radarr movie 801"]


@pytest.mark.parametrize("path", ["/scans/scan.pdf", "/scans/two\nlines.pdf"])
async def test_what_no_ref_names_and_is_as_it_was_is_deleted(world: World, path: str) -> None:
    apps = await a_house(world)
    await world.decide(mode=Mode.ASK)
    refs = frozenset({Ref("sha256", "a" * 64), Ref("path", path)})
    change(apps["radarr"], FILM, title="scan.pdf", refs=refs)
    await world.scan("radarr")
    await order(world.outbox, Order(Verb.DELETE, "radarr", FILM), by="owner")
    await world.turn()
    assert [act[1] for act in apps["radarr"].acts] == ["movie 801"]
