"""Our webhook in Radarr and Sonarr: made once, mended where it was bent, tried; others' left alone."""

import json
import os
from collections.abc import AsyncIterator, Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from reconciled.errors import Unauthorized, Unsupported
from reconciled.source import Examines, Hook, Matter, Provisions, Weight
from reconciled.testing.fakes.radarr import FakeRadarr
from reconciled.testing.fakes.sonarr import FakeSonarr
from reconciled.testing.fakes.titles import films, series
from reconciled.testing.faults import Fault
from reconciled_radarr import Radarr
from reconciled_sonarr import Sonarr

SECRET = "hush-hush-0123456789"
NOWHERE = "http://127.0.0.1:9/webhooks/it"
APPS: dict[str, tuple[Any, Callable[[], Any]]] = {
    "radarr": (Radarr, FakeRadarr),
    "sonarr": (Sonarr, FakeSonarr),
    "sonarr-5": (Sonarr, lambda: FakeSonarr(version="5.0.0.1")),
}


@pytest.fixture(params=list(APPS))
async def fake(request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    app = APPS[request.param][1]()
    app.put((films if app.kind == "movie" else series)(1)[0])
    async with app:
        yield app


@pytest.fixture
def source(fake: Any, make: Any) -> Any:
    kind = Radarr if fake.kind == "movie" else Sonarr
    return make(kind, fake.url, fake.api_key)


@pytest.fixture
def hook(inbox: Any) -> Hook:
    return Hook(inbox.url, SECRET)


def name_of(source: Any) -> str:
    return f"reconciled: {source.app}"


def matter(found: list[Matter], words: str) -> Matter:
    (one,) = [each for each in found if words in each.said]
    return one


async def ours(source: Any, hook: Hook) -> Matter:
    return (await source.examine(hook))[-1]  # type: ignore[no-any-return]


async def test_all_is_well(source: Any, hook: Hook) -> None:
    assert isinstance(source, Examines)
    assert isinstance(source, Provisions)
    before = await ours(source, hook)
    assert (before.weight, before.mended_by_us) == (Weight.ADVICE, True)
    made, tried = await source.provision(hook)
    assert made == f"made the webhook '{name_of(source)}'"
    assert tried.endswith("tried it, and it arrived")
    assert {one.weight for one in await source.examine(hook)} == {Weight.GOOD}
    assert await source.provision(hook) == []


async def test_what_it_made_tells_us(fake: Any, source: Any, hook: Hook, inbox: Any) -> None:
    await source.provision(hook)
    inbox.bodies.clear()
    await fake.upgrade(1)
    await fake.delete(1)
    told = [json.loads(body)["eventType"] for body in inbox.bodies]
    assert told == [fake.file_deleted_event, "Download", fake.entry_deleted_event]
    (one,) = fake.state.notifications.values()
    assert {"key": "X-Reconciled-Secret", "value": SECRET} in one["fields"][-1]["value"]
    assert not one["onGrab"]


def headers_of(fake: Any) -> list[dict[str, str]]:
    """What our connection sends along."""
    return fake.state.notifications[1]["fields"][-1]["value"] or []


def field(name: str, value: Any) -> Callable[[Any, dict[str, Any]], None]:
    """Bends one field of a connection."""
    return lambda fake, one: fake.set_field(one, name, value)


def switch(**more: Any) -> Callable[[Any, dict[str, Any]], None]:
    """Bends the connection itself."""
    return lambda _, one: one.update(more)


BENT: list[tuple[str, Callable[[Any, dict[str, Any]], None]]] = [
    ("it sends to http://elsewhere/hook", field("url", "http://u:p@elsewhere/hook?token=x")),
    ("it sends to nowhere", field("url", None)),
    ("another secret", field("headers", [{"key": "X-Other", "value": "kept"}])),
    ("another secret", field("headers", [{"key": "x-reconciled-secret", "value": "old"}])),
    ("another secret", field("headers", None)),
    ("Delete", switch(onMovieDelete=False, onSeriesDelete=False)),
    ("onHealthIssue, onHealthRestored", switch(onHealthIssue=False, onHealthRestored=False)),
    ("certain tags", switch(tags=[1])),
]


@pytest.mark.parametrize(("words", "bend"), BENT)
async def test_ours_is_mended(fake: Any, source: Any, hook: Hook, words: str, bend: Any) -> None:
    await source.provision(hook)
    bend(fake, fake.state.notifications[1])
    kept = [one for one in headers_of(fake) if one["key"] == "X-Other"]
    found = await ours(source, hook)
    assert words in found.said
    assert (found.weight, found.mended_by_us) == (Weight.WRONG, True)
    said = await source.provision(hook)
    assert words in said[0]
    assert SECRET not in f"{said}{found}"
    assert await source.provision(hook) == []
    assert list(fake.state.notifications) == [1]
    assert headers_of(fake) == [*kept, {"key": "X-Reconciled-Secret", "value": SECRET}]


async def test_others_are_left_alone(fake: Any, source: Any, hook: Hook) -> None:
    fake.add_notification("phone", "http://elsewhere/webhooks/it")
    fake.add_notification("script", hook.url)["implementation"] = "CustomScript"
    before = deepcopy(fake.state.notifications)
    await source.provision(hook)
    assert {number: fake.state.notifications[number] for number in before} == before
    assert sorted(one["name"] for one in fake.state.notifications.values()) == sorted(
        ["phone", "script", name_of(source)]
    )


async def test_one_made_by_hand_is_found_by_its_address_and_keeps_its_name(
    fake: Any, source: Any, hook: Hook
) -> None:
    mine = fake.add_notification("Reconciler", f"{hook.url}/?token={SECRET}", onDownload=False)
    assert "onDownload" in (await ours(source, hook)).said
    await source.provision(hook)
    (one,) = fake.state.notifications.values()
    assert (one["id"], one["name"], one["onDownload"], one["onGrab"]) == (
        mine["id"], "Reconciler", True, True,
    )  # fmt: skip
    assert one["fields"][0]["value"] == f"{hook.url}/?token={SECRET}"


async def test_a_password_is_a_secret_too_even_one_that_is_masked(fake: Any, source: Any, hook: Hook) -> None:
    mine = fake.add_notification("mine", hook.url)
    fake.set_field(mine, "password", SECRET)
    assert (await ours(source, hook)).weight is Weight.GOOD
    assert await source.provision(hook) == []


async def test_a_version_without_headers_gets_a_password(
    fake: Any, source: Any, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(fake), "webhook_headers", False)
    await source.provision(hook)
    fields = {field["name"]: field.get("value") for field in fake.state.notifications[1]["fields"]}
    assert (fields["username"], fields["password"]) == ("reconciled", SECRET)
    assert await source.provision(hook) == []


async def test_an_event_that_the_app_does_not_have_is_not_missed(fake: Any, source: Any, hook: Hook) -> None:
    await source.provision(hook)
    one = fake.state.notifications[1]
    one.update(onHealthRestored=False, supportsOnHealthRestored=False)
    del one["onApplicationUpdate"]
    assert (await ours(source, hook)).weight is Weight.GOOD


@pytest.mark.parametrize("others", [0, 1])
async def test_a_webhook_that_the_app_skips_is_tried_again(
    fake: Any, source: Any, hook: Hook, others: int
) -> None:
    await source.provision(hook)
    for number in range(others):
        fake.add_notification(f"other {number}", NOWHERE)
    fake.skip(1)
    found = await ours(source, hook)
    assert "skips the webhook" in found.said
    assert (found.weight, found.mended_by_us) == (Weight.WRONG, True)
    (tried,) = await source.provision(hook)
    assert tried.endswith("arrived")
    assert fake.skipped == set()
    assert (await ours(source, hook)).weight is Weight.GOOD


async def test_another_webhook_that_is_skipped_is_not_our_matter(fake: Any, source: Any, hook: Hook) -> None:
    await source.provision(hook)
    fake.skip(fake.add_notification("other", NOWHERE)["id"])
    assert (await ours(source, hook)).weight is Weight.GOOD
    assert await source.provision(hook) == []


async def test_a_connection_of_another_sort_that_is_skipped_is_not_our_matter(
    fake: Any, source: Any, hook: Hook
) -> None:
    await source.provision(hook)
    fake.skip(fake.add_notification("Discord", NOWHERE, implementation="Discord")["id"])
    assert (await ours(source, hook)).weight is Weight.GOOD
    assert await source.provision(hook) == []


async def test_a_longer_name_that_is_skipped_is_not_ours(fake: Any, source: Any, hook: Hook) -> None:
    await source.provision(hook)
    fake.skip(fake.add_notification(f"{name_of(source)}_4k", NOWHERE)["id"])
    assert (await ours(source, hook)).weight is Weight.GOOD


async def test_a_secret_in_an_old_address_moves_to_the_header(
    fake: Any, source: Any, hook: Hook, inbox: Any
) -> None:
    fake.add_notification(name_of(source), f"http://old.lan/webhooks/it?token={SECRET}")
    _, tried = await source.provision(hook)
    assert tried.endswith("arrived")
    assert headers_of(fake) == [{"key": "X-Reconciled-Secret", "value": SECRET}]
    assert (await ours(source, hook)).weight is Weight.GOOD


async def test_a_proxys_password_hides_no_old_secret(fake: Any, source: Any, hook: Hook) -> None:
    await source.provision(hook)
    one = fake.state.notifications[1]
    fake.set_field(one, "password", "of-a-proxy")
    fake.set_field(one, "headers", [{"key": "X-Reconciled-Secret", "value": "old"}])
    assert "another secret" in (await ours(source, hook)).said
    await source.provision(hook)
    assert headers_of(fake) == [{"key": "X-Reconciled-Secret", "value": SECRET}]
    assert {field["name"]: field.get("value") for field in one["fields"]}["password"] == "of-a-proxy"


async def test_an_address_that_the_app_cannot_reach_is_told(fake: Any, source: Any) -> None:
    made, tried = await source.provision(Hook(NOWHERE, SECRET))
    assert made.startswith("made")
    assert "did not arrive" in tried
    assert "Connection refused" in tried
    assert SECRET not in tried
    assert list(fake.state.notifications) == [1]


@pytest.mark.parametrize(("off", "words"), [(90, "ahead of ours"), (-3600, "1 h behind ours"), (5, "agree")])
async def test_clocks(fake: Any, source: Any, off: float, words: str) -> None:
    fake.now = lambda: datetime.now(UTC) + timedelta(seconds=off + 0.5)
    found = matter(await source.examine(None), words)
    assert found.weight is (Weight.GOOD if words == "agree" else Weight.ADVICE)


async def test_what_else_is_said(fake: Any, make: Any) -> None:
    kind = Radarr if fake.kind == "movie" else Sonarr
    quiet = make(kind, fake.url, fake.api_key, stream=False)
    await fake.root_vanishes(fake.state.roots[0].path)
    found = await quiet.examine(None)
    assert matter(found, "not accessible").weight is Weight.WRONG
    assert matter(found, "stream: no").weight is Weight.ADVICE
    assert "daemon.url" in (matter(found, "no webhook").remedy or "")


async def test_a_wrong_key_is_trouble_and_makes_nothing(fake: Any, make: Any, hook: Hook) -> None:
    kind = Radarr if fake.kind == "movie" else Sonarr
    source = make(kind, fake.url, "f" * 32)
    for call in (source.examine, source.provision):
        with pytest.raises(Unauthorized):
            await call(hook)
    assert fake.state.notifications == {}


async def test_an_app_without_webhooks(fake: Any, source: Any, hook: Hook) -> None:
    fake.faults.set(Fault.EMPTY, path="*/schema")
    with pytest.raises(Unsupported, match="has no webhooks"):
        await source.provision(hook)


# against the apps' own documents


@pytest.mark.skipif("RECONCILED_SPECS" not in os.environ, reason="RECONCILED_SPECS names no folder")
async def test_connections_keep_to_the_openapi_document(
    fake: Any, source: Any, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the fake answers and what the plugin sends both fit the apps' own schema."""
    jsonschema = pytest.importorskip("jsonschema")
    folder = Path(os.environ["RECONCILED_SPECS"])
    document = json.loads((folder / f"{source.app}-v3.openapi.json").read_text("utf-8"))
    one = {"$ref": "#/components/schemas/NotificationResource"}
    sent: list[Any] = []
    change = source.connection.change

    async def noting(method: str, path: str, **more: Any) -> Any:
        sent.append(more["json"])
        return await change(method, path, **more)

    monkeypatch.setattr(source.connection, "change", noting)
    await source.provision(hook)
    fake.state.notifications[1]["tags"] = [1]
    await source.provision(hook)
    ask = source.connection.ask
    lists = [await ask("/api/v3/notification"), await ask("/api/v3/notification/schema")]
    whole = jsonschema.Draft4Validator({"allOf": [one], "components": document["components"]})
    for body in (*sent, *(each for answer in lists for each in json.loads(answer.body))):
        whole.validate(body)
    assert len(sent) == 4  # made, tried, mended, tried
