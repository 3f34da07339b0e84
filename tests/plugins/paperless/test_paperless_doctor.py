"""The doctor's look, and our workflow: made once, mended where it was bent, others' left alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reconciled.errors import Refused
from reconciled.source import Examines, Hook, Matter, Provisions, Weight
from reconciled.testing.clock import ManualClock
from reconciled.testing.fakes.paperless import FakePaperless
from reconciled_paperless.workflows import Webhook

HOOK = Hook("https://reconciled.example/webhooks/paperless", "hush")
NAME = "reconciled: paperless"


def matter(found: list[Matter], words: str) -> Matter:
    """The one that says this."""
    (one,) = [each for each in found if words in each.said]
    return one


async def test_all_is_well(fake: FakePaperless, asking: Any) -> None:
    source = asking(fake, user="admin", password="secret-admin")
    assert isinstance(source, Examines)
    assert isinstance(source, Provisions)
    await source.provision(HOOK)
    found = await source.examine(HOOK)
    assert {one.weight for one in found} == {Weight.GOOD}
    assert [one.said for one in found][:2] == ["Paperless-ngx 3.0.5", "as admin, every document is seen"]


@pytest.mark.parametrize(
    ("version", "weight"),
    [
        ("3.1.0", Weight.GOOD),
        ("2.20.15", Weight.GOOD),
        ("2.19.6", Weight.WRONG),
        ("4.0.0", Weight.ADVICE),
        ("nightly", Weight.ADVICE),
    ],
)
async def test_versions(running: Any, asking: Any, version: str, weight: Weight) -> None:
    found = await asking(await running(version=version)).examine(None)
    assert found[0].weight is weight
    assert version in found[0].said


@pytest.mark.parametrize(
    ("rights", "words", "weight"),
    [
        ({"view_document"}, "not known who we are", Weight.ADVICE),
        ({"view_document", "view_uisettings"}, "not every document is seen", Weight.ADVICE),
        ({"view_document", "view_uisettings"}, "delete_document", Weight.ADVICE),
        ({"view_uisettings"}, "may not view documents", Weight.WRONG),
        ({"view_uisettings"}, "may not view workflows", Weight.ADVICE),
    ],
)
async def test_rights(running: Any, asking: Any, rights: set[str], words: str, weight: Weight) -> None:
    app: FakePaperless = await running()
    user = app.put_user("ann", rights=frozenset(rights))
    found = await asking(app, token=user.token).examine(HOOK)
    assert matter(found, words).weight is weight
    assert matter(found, words).remedy


async def test_the_audit_log(fake: FakePaperless, asking: Any) -> None:
    fake.audited = False
    assert matter(await asking(fake).examine(None), "no audit log").weight is Weight.ADVICE


@pytest.mark.parametrize(("off", "words"), [(90, "ahead of ours"), (-3600, "1 h behind ours"), (5, "agree")])
async def test_clocks(running: Any, asking: Any, off: float, words: str) -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    app = await running(now=lambda: now + timedelta(seconds=off))
    found = await asking(app, clock=ManualClock(now)).examine(None)
    assert matter(found, words).weight is (Weight.GOOD if words == "agree" else Weight.ADVICE)


@pytest.mark.parametrize(
    ("options", "words", "weight"),
    [
        ({}, "looked at every 1 min", Weight.GOOD),
        ({"poll": "off"}, "only scans notice deletions", Weight.ADVICE),
        ({"user": "admin", "password": "secret-admin"}, "event stream is followed", Weight.GOOD),
    ],
)
async def test_how_it_is_followed(
    fake: FakePaperless, asking: Any, options: dict[str, str], words: str, weight: Weight
) -> None:
    assert matter(await asking(fake, **options).examine(None), words).weight is weight


@pytest.mark.parametrize(
    ("url", "hinted"),
    [
        ("http://192.168.1.5:8787/webhooks/paperless", True),
        ("http://box.lan:8787/webhooks/paperless", True),
        ("http://box:8787/webhooks/paperless", True),
        ("https://reconciled.example/webhooks/paperless", False),
        ("http://8.8.8.8/webhooks/paperless", False),
    ],
)
async def test_addresses_that_paperless_may_be_told_not_to_call(
    fake: FakePaperless, asking: Any, url: str, hinted: bool
) -> None:
    source = asking(fake)
    await source.provision(Hook(url, "hush"))
    found = matter(list(await source.examine(Hook(url, "hush"))), "sends us its webhooks")
    assert ("PAPERLESS_WEBHOOKS_ALLOW_INTERNAL_REQUESTS" in found.said) == hinted


async def test_no_address_of_ours(fake: FakePaperless, asking: Any) -> None:
    assert "daemon.url" in (matter(await asking(fake).examine(None), "no webhook").remedy or "")


async def test_our_workflow_is_made_once(fake: FakePaperless, asking: Any) -> None:
    source = asking(fake)
    other = fake.state.workflows[7] = {"id": 7, "name": "mine", "triggers": [], "actions": []}
    before = matter(list(await source.examine(HOOK)), f"no workflow '{NAME}'")
    assert before.mended_by_us
    assert await source.provision(HOOK) == [
        f"made the workflow '{NAME}', which tells us of documents added and updated"
    ]
    assert await source.provision(HOOK) == []
    assert not matter(list(await source.examine(HOOK)), "sends us its webhooks").mended_by_us
    assert sorted(one["name"] for one in fake.state.workflows.values()) == ["mine", NAME]
    assert fake.state.workflows[7] is other


BENT: list[tuple[str, Any]] = [
    ("switched off", lambda one: one.update(enabled=False)),
    ("does not run for every document", lambda one: one["triggers"].pop()),
    ("does not run for every document", lambda one: one["triggers"][0].update(filter_has_tags=[3])),
    ("does not run for every document", lambda one: one["triggers"][0].update(filter_path="*/x/*")),
    ("no webhook", lambda one: one["actions"].clear()),
    ("more than one", lambda one: one["actions"].append({"type": 1})),
    ("another address", lambda one: one["actions"][0]["webhook"].update(url="http://elsewhere/")),
    (
        "another secret",
        lambda one: one["actions"][0]["webhook"].update(headers={"X-Reconciled-Secret": "no"}),
    ),
    ("something else", lambda one: one["actions"][0]["webhook"].update(include_document=True)),
    ("something else", lambda one: one["actions"][0]["webhook"].update(params={"a": "b"})),
    ("something else", lambda one: one["actions"][0]["webhook"].update(as_json=False)),
]


@pytest.mark.parametrize(("words", "bend"), BENT)
async def test_our_workflow_is_mended(fake: FakePaperless, asking: Any, words: str, bend: Any) -> None:
    source = asking(fake)
    await source.provision(HOOK)
    bend(fake.state.workflows[1])
    found = matter(list(await source.examine(HOOK)), words)
    assert (found.weight, found.mended_by_us) == (Weight.WRONG, True)
    (did,) = await source.provision(HOOK)
    assert words in did
    assert "hush" not in f"{did}{found}"
    assert await source.provision(HOOK) == []
    assert list(fake.state.workflows) == [1]


async def test_of_ours_a_proxys_header_and_its_place_are_kept(fake: FakePaperless, asking: Any) -> None:
    source = asking(fake)
    await source.provision(HOOK)
    one = fake.state.workflows[1]
    one["order"] = 4
    one["actions"][0]["webhook"]["headers"]["X-Proxy"] = "theirs"
    assert await source.provision(HOOK) == []
    one["enabled"] = False
    await source.provision(HOOK)
    now = fake.state.workflows[1]
    assert (now["enabled"], now["order"]) == (True, 4)
    assert now["actions"][0]["webhook"]["headers"] == {"X-Proxy": "theirs", "X-Reconciled-Secret": "hush"}


async def test_without_the_right_to_make_it(running: Any, asking: Any) -> None:
    app: FakePaperless = await running()
    user = app.put_user("ann", rights=frozenset({"view_workflow"}))
    with pytest.raises(Refused, match="may not change workflows") as caught:
        await asking(app, token=user.token).provision(HOOK)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(("seconds", "words"), [(60, "1 min ahead of"), (-60, "1 min behind"), (59, "agree")])
async def test_a_minute_to_the_second(running: Any, asking: Any, seconds: int, words: str) -> None:
    clock = ManualClock()
    theirs = clock.now() + timedelta(seconds=seconds)
    app: FakePaperless = await running(now=lambda: theirs)
    found = await asking(app, clock=clock).examine(None)
    assert words in matter(found, "clock").said


def test_what_is_read_of_a_workflow_shows_no_secret() -> None:
    webhook = Webhook("https://box/hook", headers={"X-Reconciled-Secret": "hush"})
    assert "hush" not in f"{webhook!r}{webhook}"
