"""Webhooks of workflows: whatever somebody wrote into one, it names a document or it is refused."""

from typing import Any

import pytest

from reconciled.errors import BadEvent
from reconciled.model import Op
from reconciled.source import Hook
from reconciled.testing.contract import Mailbox
from reconciled.testing.fakes.paperless import FakePaperless
from reconciled_paperless.items import key_of
from reconciled_paperless.webhooks import read_webhook

JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}

FORM_OF_OTHERS = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}


@pytest.mark.parametrize(
    ("body", "headers", "number", "title"),
    [
        (b'{"event":"added","id":"11","title":"A"}', JSON, 11, "A"),
        (b'{"id":11}', JSON, 11, None),
        (b'{"doc_id":"11","doc_title":"A"}', JSON, 11, "A"),
        (b'{"url":"http://box:8000/documents/11/"}', JSON, 11, None),
        (b'{"url":"None/documents/11/"}', JSON, 11, None),
        (b'{"id":"","url":"https://box/paperless/documents/11/details"}', JSON, 11, None),
        (b'{"doc": "http://127.0.0.1:18000/documents/11/", "id": 11}', {}, 11, None),
        (b'"{\\"id\\": 11}"', JSON, 11, None),
        (b"id=11&title=Hooked&url=http%3A%2F%2Fbox%2Fdocuments%2F11%2F&correspondent=", FORM, 11, "Hooked"),
        (b"url=http%3A%2F%2Fbox%2Fdocuments%2F11%2F", FORM_OF_OTHERS, 11, None),
    ],
)  # fmt: skip
def test_which_document(body: bytes, headers: dict[str, str], number: int, title: str | None) -> None:
    (event,) = read_webhook(body, headers)
    assert (event.op, event.key, event.title) == (Op.CHANGED, key_of(number), title)
    assert not event.own_act


@pytest.mark.parametrize(
    "body", [b'{"id":"","title":"/srv/scratch/hook.txt","url":"","file":"hook"}', b'{"url":""}']
)
def test_before_there_is_a_document(body: bytes) -> None:
    """As "Consumption started" sends it."""
    assert not read_webhook(body, JSON)


@pytest.mark.parametrize(
    ("body", "headers", "said"),
    [
        (b"", {}, "use parameters"),
        (b"", JSON, "use parameters"),
        (b"[]", JSON, "no parameters"),
        (b'"11"', JSON, "no parameters"),
        (b'{"title":"A"}', JSON, "names a document"),
        (b'{"id":"0"}', JSON, "names a document"),
        (b'{"id":"-1"}', JSON, "names a document"),
        (b'{"id":"../1"}', JSON, "names a document"),
        (b'{"id":"{{doc_id}}"}', JSON, "names a document"),
        (b'{"id":true}', JSON, "names a document"),
        (b"a=1", FORM, "names a document"),
        (b"\xff=1", FORM, "no form"),
        (b"--x\r\n", {"content-type": "multipart/form-data; boundary=x"}, "include document"),
    ],
)
def test_what_names_none(body: bytes, headers: dict[str, str], said: str) -> None:
    with pytest.raises(BadEvent, match=said):
        read_webhook(body, headers)


@pytest.mark.parametrize("version", ["3.0.5", "2.20.15"])
@pytest.mark.parametrize("secret", ["hush", None])
async def test_what_our_own_workflow_sends(
    running: Any, asking: Any, version: str, secret: str | None
) -> None:
    app: FakePaperless = await running(version=version)
    source = asking(app)
    await source.probe()
    async with Mailbox() as box:
        await source.provision(Hook(box.url, secret))
        document = await app.add("A letter")
        await app.edit(document.id, title="Another title")
        app.delete(document.id)
    titles = []
    for body, headers in box.letters:
        (event,) = source.parse_webhook(body, headers)
        assert event.key == key_of(document.id)
        titles.append(event.title)
        assert headers.get("x-reconciled-secret") == secret
    assert titles == ["A letter", "Another title"]
