"""Our destination in Jellyfin's webhook plugin: made once, mended where it was bent, others' left alone."""

import base64
import json
import os
from collections.abc import AsyncIterator, Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from reconciled.errors import BadResponse, Refused, Unsupported
from reconciled.source import Examines, Hook, Matter, Provisions, Weight
from reconciled.testing.fakes.jellyfin import FakeJellyfin
from reconciled.testing.fakes.titles import films, series
from reconciled_jellyfin import Jellyfin

SECRET = "hush-hush-0123456789"
NAME = "reconciled: jellyfin"


@pytest.fixture(params=["10.11.11", "12.0.0"])
async def fake(request: pytest.FixtureRequest) -> AsyncIterator[FakeJellyfin]:
    app = FakeJellyfin(version=request.param)
    app.put_movie(films(1)[0])
    app.put_series(series(1)[0])
    async with app:
        yield app


@pytest.fixture
def source(fake: FakeJellyfin, make: Any) -> Any:
    return make(Jellyfin, fake.url, fake.api_key, user="ann", password="secret-of-ann")


@pytest.fixture
def hook(inbox: Any) -> Hook:
    return Hook(inbox.url, SECRET)


def destinations(fake: FakeJellyfin) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = fake.webhook_configuration["GenericOptions"]
    return found


async def ours(source: Any, hook: Hook) -> Matter:
    return (await source.examine(hook))[-1]  # type: ignore[no-any-return]


async def test_all_is_well(source: Any, hook: Hook) -> None:
    assert isinstance(source, Examines)
    assert isinstance(source, Provisions)
    before = await ours(source, hook)
    assert (before.weight, before.mended_by_us) == (Weight.ADVICE, True)
    assert await source.provision(hook) == [f"made the destination '{NAME}' in Jellyfin's webhook plugin"]
    assert {one.weight for one in await source.examine(hook)} == {Weight.GOOD}
    assert await source.provision(hook) == []


async def test_what_it_made_tells_us(fake: FakeJellyfin, source: Any, hook: Hook, inbox: Any) -> None:
    await source.provision(hook)
    film = next(key for key, item in fake.state.items.items() if item.kind == "Movie")
    fake.delete_item(film)
    await fake.flush_webhooks()
    await fake.scan_completed()
    assert [json.loads(body)["NotificationType"] for body in inbox.bodies] == ["ItemDeleted", "TaskCompleted"]
    (one,) = destinations(fake)
    assert one["Headers"] == [{"Key": "X-Reconciled-Secret", "Value": SECRET}]


TEMPLATE = base64.b64encode(b'{"event": "{{NotificationType}}"}').decode()
BENT: list[tuple[str, Callable[[dict[str, Any]], None]]] = [
    ("switched off", lambda one: one.update(EnableWebhook=False)),
    ("it sends to http://elsewhere/hook", lambda one: one.update(WebhookUri="http://u:p@elsewhere/hook?token=x")),
    ("it sends to nowhere", lambda one: one.update(WebhookUri=None)),
    ("another secret", lambda one: one.update(Headers=[{"Key": "x-reconciled-secret", "Value": "old"}])),
    ("not send ItemDeleted", lambda one: one.update(NotificationTypes=["ItemAdded", "TaskCompleted"])),
    ("tells nothing of Movies, Seasons", lambda one: one.update(EnableMovies=False, EnableSeasons=False)),
    ("template leaves out", lambda one: one.update(SendAllProperties=False, Template=TEMPLATE)),
    ("template leaves out", lambda one: one.update(SendAllProperties=False, Template="no base64!")),
]  # fmt: skip


@pytest.mark.parametrize(("words", "bend"), BENT)
async def test_ours_is_mended(fake: FakeJellyfin, source: Any, hook: Hook, words: str, bend: Any) -> None:
    await source.provision(hook)
    bend(destinations(fake)[0])
    types = list(destinations(fake)[0]["NotificationTypes"])
    found = await ours(source, hook)
    assert words in found.said
    assert (found.weight, found.mended_by_us) == (Weight.WRONG, True)
    (said,) = await source.provision(hook)
    assert words in said
    assert SECRET not in f"{said}{found}"
    assert await source.provision(hook) == []
    (one,) = destinations(fake)
    assert set(types) <= set(one["NotificationTypes"])
    assert one["Headers"] == [{"Key": "X-Reconciled-Secret", "Value": SECRET}]


async def test_a_good_template_is_left_as_it_is(fake: FakeJellyfin, source: Any, hook: Hook) -> None:
    await source.provision(hook)
    text = b"{{NotificationType}} {{ItemType}} {{ItemId}}"
    template = base64.b64encode(text).decode()
    destinations(fake)[0].update(SendAllProperties=False, Template=template)
    assert await source.provision(hook) == []


async def test_all_that_is_not_ours_goes_back_as_it_came(fake: FakeJellyfin, source: Any, hook: Hook) -> None:
    fake.add_destination(WebhookName="phone", WebhookUri="http://elsewhere/webhooks/jellyfin")
    fake.webhook_configuration["DiscordOptions"].append({"WebhookUri": "https://discord.invalid/x"})
    before = deepcopy(fake.webhook_configuration)
    await source.provision(hook)
    assert [one["WebhookName"] for one in destinations(fake)] == ["phone", NAME]
    now = {**fake.webhook_configuration, "GenericOptions": destinations(fake)[:1]}
    assert now == before


async def test_one_made_by_hand_is_found_by_its_address_and_keeps_its_name(
    fake: FakeJellyfin, source: Any, hook: Hook
) -> None:
    fake.add_destination(WebhookName="mine", WebhookUri=f"{hook.url}?token={SECRET}", SendAllProperties=True)
    await source.provision(hook)
    (one,) = destinations(fake)
    assert (one["WebhookName"], one["WebhookUri"]) == ("mine", f"{hook.url}?token={SECRET}")
    assert await source.provision(hook) == []


async def test_a_secret_in_an_old_address_moves_to_a_header(
    fake: FakeJellyfin, source: Any, hook: Hook
) -> None:
    fake.add_destination(WebhookName=NAME, WebhookUri=f"http://old.lan/hook?token={SECRET}")
    fake.add_destination(WebhookName="phone", WebhookUri="http://elsewhere/hook")
    await source.provision(hook)
    mine, other = destinations(fake)  # in their places
    assert (mine["WebhookName"], mine["WebhookUri"], other["WebhookName"]) == (NAME, hook.url, "phone")
    assert mine["Headers"] == [{"Key": "X-Reconciled-Secret", "Value": SECRET}]
    assert await source.provision(hook) == []


@pytest.mark.parametrize(
    ("state", "weight", "words"),
    [
        (None, Weight.ADVICE, "not installed"),
        ("Restart", Weight.ADVICE, "restart Jellyfin"),
        ("Disabled", Weight.WRONG, "does not run: Disabled"),
        ("Malfunctioned", Weight.WRONG, "does not run"),
    ],
)
async def test_without_its_plugin(
    fake: FakeJellyfin, source: Any, hook: Hook, state: str | None, weight: Weight, words: str
) -> None:
    fake.webhook_plugin = state
    found = await ours(source, hook)
    assert words in found.said
    assert (found.weight, found.mended_by_us) == (weight, False)
    with pytest.raises(Unsupported):
        await source.provision(hook)


async def test_a_task_that_nothing_starts(fake: FakeJellyfin, source: Any, hook: Hook) -> None:
    await source.provision(hook)
    fake.deletions_run = False
    found = await ours(source, hook)
    assert "scheduled task" in found.said
    assert (found.weight, found.mended_by_us) == (Weight.WRONG, False)


async def test_a_key_without_rights(fake: FakeJellyfin, source: Any, hook: Hook) -> None:
    fake.may_list_plugins = False
    found = await ours(source, hook)
    assert found.weight is Weight.WRONG
    assert "API Keys" in (found.remedy or "")
    with pytest.raises(Refused):
        await source.provision(hook)


async def test_a_plugin_that_is_too_old_says_so(
    fake: FakeJellyfin, source: Any, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reconciled.testing.fakes.jellyfin_plugins._BLANK", {"WebhookUri": None})
    with pytest.raises(BadResponse, match="too old"):
        await source.provision(hook)


async def test_another_jellyfin_is_not_set_up(fake: FakeJellyfin, source: Any, hook: Hook) -> None:
    await source.probe()
    fake.replace_with_other_instance(films=1)
    with pytest.raises(BadResponse, match="another Jellyfin"):
        await source.provision(hook)
    assert destinations(fake) == []


@pytest.mark.parametrize(("off", "words"), [(90, "ahead of ours"), (-3600, "1 h behind ours"), (5, "agree")])
async def test_clocks(fake: FakeJellyfin, source: Any, off: float, words: str) -> None:
    fake.now = lambda: datetime.now(UTC) + timedelta(seconds=off + 0.5)
    (found,) = [one for one in await source.examine(None) if words in one.said]
    assert found.weight is (Weight.GOOD if words == "agree" else Weight.ADVICE)


async def test_what_else_is_said(fake: FakeJellyfin, make: Any) -> None:
    fake.mount_vanishes("Movies", "missing")
    found = await make(Jellyfin, fake.url, fake.api_key).examine(None)
    said = {one.said: one.weight for one in found}
    assert any("cannot be read" in one and weight is Weight.WRONG for one, weight in said.items())
    assert any("nothing of single items" in one and weight is Weight.ADVICE for one, weight in said.items())
    assert any("no webhook" in one for one in said)


# against Jellyfin's own documents


@pytest.mark.skipif("RECONCILED_SPECS" not in os.environ, reason="RECONCILED_SPECS names no folder")
async def test_plugins_keep_to_the_openapi_document(fake: FakeJellyfin, source: Any) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    folder = Path(os.environ["RECONCILED_SPECS"])
    document = json.loads((folder / f"jellyfin-openapi-{fake.version}.json").read_text("utf-8"))
    answer = await source.client.request("GET", "/Plugins")
    told = document["paths"]["/Plugins"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.Draft4Validator({"allOf": [told], "components": document["components"]}).validate(
        json.loads(answer.body)
    )
    assert {"get", "post"} <= set(document["paths"]["/Plugins/{pluginId}/Configuration"])
