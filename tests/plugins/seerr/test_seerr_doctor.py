"""What the doctor is told of a Seerr, and the one webhook that it has."""

import json
from typing import Any

import pytest

from reconciled.errors import Refused
from reconciled.model import Key, Op
from reconciled.source import Hook, Matter, Weight
from reconciled.testing.fakes.seerr import OWNER, FakeSeerr
from reconciled.testing.fakes.seerr_webhook import DEFAULT
from reconciled.testing.fakes.titles import films
from reconciled_seerr import Seerr

SECRET = "hush-hush-0123456789"
ELSEWHERE = "https://notify.example.invalid/hook/s3cret-token"


def hook_at(url: str) -> Hook:
    return Hook(url, SECRET)


def said(matters: list[Matter]) -> str:
    return "\n".join(f"{one.weight}: {one.said}" for one in matters)


async def set_up(seerr: FakeSeerr, url: str, *, template: Any = DEFAULT, **more: Any) -> None:
    """A person sets the webhook up on Seerr's own page."""
    text = json.dumps(template)
    body = {
        "enabled": True,
        "types": 8190,
        "options": {
            "webhookUrl": url,
            "authHeader": "",
            "jsonPayload": text if seerr.agent.newer else json.dumps(text),
        },
    }
    seerr.agent.take({**body, **more})


async def test_it_is_set_up_and_tells(any_seerr: FakeSeerr, make: Any, inbox: Any) -> None:
    source = make(Seerr, any_seerr.url, any_seerr.api_key)
    hook = hook_at(inbox.url)
    before = await source.examine(hook)
    (told,) = [one.said for one in before if one.mended_by_us]
    assert "it is not set up, it does not tell of every change of a request" in told
    assert len(await source.provision(hook)) == 1
    assert await source.provision(hook) == []
    assert not [one for one in await source.examine(hook) if one.weight is not Weight.GOOD]
    asked = await any_seerr.add(films(1)[0], by="ann")
    await any_seerr.complain()
    (body,) = inbox.bodies
    (event,) = source.parse_webhook(body, {})
    assert (event.op, event.key, event.actor) == (Op.CHANGED, Key("request", str(asked.id)), "ann")
    assert any_seerr.agent.options["authHeader"] == f"Bearer {SECRET}"


async def test_somebody_elses_is_left_alone(any_seerr: FakeSeerr, make: Any) -> None:
    source = make(Seerr, any_seerr.url, any_seerr.api_key)
    for enabled in (True, False):
        await set_up(any_seerr, ELSEWHERE, enabled=enabled)
        before = any_seerr.agent.shown()
        hook = hook_at("http://box.lan:8787/webhooks/seerr")
        found = await source.examine(hook)
        assert "goes to notify.example.invalid, and it has only this one" in said(found)
        assert "s3cret" not in said(found)
        assert not any(one.mended_by_us for one in found)
        with pytest.raises(Refused, match="left as it is") as caught:
            await source.provision(hook)
        assert "s3cret" not in str(caught.value)
        assert any_seerr.agent.shown() == before


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"enabled": False}, "it is switched off"),
        ({"types": 2 + 256}, "it does not tell of every change of a request"),
        ({"template": {"text": "{{subject}}"}}, "its template says too little"),
        ({}, "it shows another secret"),
    ],
)
async def test_ours_is_mended(
    any_seerr: FakeSeerr, make: Any, inbox: Any, fault: dict[str, Any], told: str
) -> None:
    source = make(Seerr, any_seerr.url, any_seerr.api_key)
    await set_up(any_seerr, inbox.url, **fault)
    hook = hook_at(inbox.url)
    assert told in said(await source.examine(hook))
    (done,) = await source.provision(hook)
    assert told in done
    assert await source.provision(hook) == []
    assert any_seerr.agent.types & 256 == (fault.get("types", 8190) & 256)  # what a person chose stays


async def test_our_address_changed(seerr: FakeSeerr, source: Seerr, inbox: Any) -> None:
    await source.provision(hook_at("http://old.lan:8787/webhooks/seerr"))
    hook = hook_at(inbox.url)
    assert "it goes to another address" in said([*await source.examine(hook)])
    await source.provision(hook)
    assert seerr.agent.options["webhookUrl"] == inbox.url


async def test_a_template_by_hand_is_good_enough(seerr: FakeSeerr, source: Seerr, inbox: Any) -> None:
    await set_up(seerr, inbox.url)
    assert "it shows another secret" in said([*await source.examine(hook_at(inbox.url))])
    found = [*await source.examine(Hook(inbox.url))]
    assert "its webhook tells us of requests" in said(found)


@pytest.mark.parametrize(
    ("permissions", "weight", "told"),
    [
        (2, Weight.GOOD, "an administrator"),
        (16, Weight.ADVICE, "may delete requests but not read settings"),
        (32 + 16384, Weight.WRONG, "may not manage requests"),
    ],
)
async def test_what_the_key_may_do(
    seerr: FakeSeerr, source: Seerr, permissions: int, weight: Weight, told: str
) -> None:
    seerr.state.people[OWNER].permissions = permissions
    (found,) = [one for one in await source.examine(None) if "acts as" in one.said]
    assert (found.weight, told in found.said) == (weight, True)


async def test_a_read_only_api(any_seerr: FakeSeerr, make: Any) -> None:
    source = make(Seerr, any_seerr.url, any_seerr.api_key)
    any_seerr.guarded = True
    assert "wrong: CSRF protection is on" in said(await source.examine(None))
    any_seerr.guarded = False
    assert "good: other programs may change things" in said(await source.examine(None))


async def test_what_else_is_told(source: Seerr) -> None:
    found = said([*await source.examine(None)])
    assert "Media Availability Sync marks media as deleted too" in found.replace("'", "")
    assert "its clock and ours agree" in found
    assert "advice: no webhook: the daemon has no address" in found
