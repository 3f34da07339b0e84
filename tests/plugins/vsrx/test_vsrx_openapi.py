"""The written contract: it is one, and the fake keeps it in every answer and every webhook."""

import re
from collections.abc import AsyncIterator, Mapping
from importlib.resources import files
from typing import Any

import aiohttp
import msgspec
import pytest
import yaml
from jsonschema import Draft202012Validator

from reconciled.testing.contract import Mailbox
from reconciled.testing.fakes.vsrx import FakeVsrx

Json = dict[str, Any]
METHODS = {"get", "post", "put", "delete", "patch"}


@pytest.fixture(scope="module")
def document() -> Json:
    text = files("reconciled_vsrx").joinpath("openapi.yaml").read_text("utf-8")
    found: Json = yaml.safe_load(text)
    return found


@pytest.fixture
async def fake() -> AsyncIterator[FakeVsrx]:
    async with FakeVsrx() as app:
        app.checksums = True
        for number in range(3):
            app.put_patient(f"P-{number}", files=2)
        await app.rebook("P-0", "P-0b")
        app.flag("F-2")
        yield app


def resolved(document: Json, value: Json) -> Json:
    """What a `$ref` stands for."""
    while "$ref" in value:
        found: Any = document
        for part in value["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        value = found
    return value


def wrong_with(document: Json, schema: Json, value: object) -> list[str]:
    whole = {**schema, "components": document["components"]}
    return [f"{error.json_path}: {error.message}" for error in Draft202012Validator(whole).iter_errors(value)]


def operation(document: Json, path: str) -> Json:
    """The call whose path it is, the longest template first."""
    for template, calls in sorted(document["paths"].items(), key=lambda item: -len(item[0])):
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
            found: Json = calls["get"]
            return found
    raise AssertionError(f"the contract has no {path}")


def check(document: Json, path: str, status: int, headers: Mapping[str, str], body: bytes) -> None:
    """An answer is one of those that the contract names."""
    responses = operation(document, path)["responses"]
    assert str(status) in responses, f"{path}: {status} is not in the contract"
    response = resolved(document, responses[str(status)])
    for name, written in response.get("headers", {}).items():
        header = resolved(document, written)
        assert name in headers or not header.get("required"), f"{path}: {status} without {name}"
        if name in headers:
            assert wrong_with(document, header["schema"], headers[name]) == [], f"{path}: {name}"
    content = response.get("content")
    if content is None:
        assert body == b""
        return
    media = headers["Content-Type"].partition(";")[0]
    schema = content.get(media, content.get("*/*", {})).get("schema")
    assert media in content or "*/*" in content, f"{path}: {media}"
    if schema is not None:
        assert wrong_with(document, schema, msgspec.json.decode(body)) == [], path


def test_it_is_whole(document: Json) -> None:
    """Every reference leads somewhere, every schema is one, every call has a name of its own."""
    assert document["openapi"] == "3.1.0"
    names: list[str] = []

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):
                resolved(document, value)
            names.extend([value["operationId"]] if "operationId" in value else [])
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(document)
    assert len(names) == len({*names}) == 5
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for template, calls in document["paths"].items():
        for call in (one for name, one in calls.items() if name in METHODS):
            written = {resolved(document, one)["name"] for one in call["parameters"]}
            assert {*re.findall(r"\{(\w+)\}", template)} <= written


def test_it_is_what_the_config_maps(document: Json) -> None:
    """The plugin's own defaults are the contract's paths and names."""
    from reconciled_vsrx.mapping import Mapping as Map

    defaults = Map()
    assert {*defaults.paths.model_dump().values()} == {*document["paths"]}
    schemas = document["components"]["schemas"]
    fields = {
        name
        for one in ("Filesets", "Fileset", "Files", "File", "Event")
        for name in schemas[one]["properties"]
    }
    assert {*defaults.fields.model_dump().values()} == fields
    assert defaults.mark in document["components"]["responses"]["Lack"]["headers"]


CALLS: list[tuple[str, int, Mapping[str, str]]] = [
    ("/filesets", 200, {}),
    ("/filesets?limit=2", 200, {}),
    ("/filesets?limit=2&cursor=2", 200, {}),
    ("/filesets?limit=0", 400, {}),
    ("/filesets?cursor=other", 400, {}),
    ("/filesets/P-0/files", 200, {}),
    ("/filesets/P-0/files?includeDeleted=true", 200, {}),
    ("/filesets/P-0b/files?includeDeleted=true", 200, {}),
    ("/filesets/nobody/files?includeDeleted=true", 404, {}),
    ("/files/F-1", 200, {}),
    ("/files/F-2", 200, {}),
    ("/files/F-999", 404, {}),
    ("/files/F-1/content", 200, {}),
    ("/files/F-1/content", 206, {"Range": "bytes=2-4"}),
    ("/files/F-1/content", 206, {"Range": "bytes=-3"}),
    ("/files/F-1/content", 200, {"Range": "bytes=2-4", "If-Range": '"another"'}),
    ("/files/F-1/content", 416, {"Range": "bytes=900-"}),
    ("/files/F-2/content", 404, {}),
    ("/filesets", 401, {"Authorization": "Bearer wrong"}),
    ("/files/F-1", 401, {"Authorization": "Basic abc"}),
]


@pytest.mark.parametrize(("path", "status", "headers"), CALLS)
async def test_every_answer_of_the_fake(
    document: Json, fake: FakeVsrx, path: str, status: int, headers: Mapping[str, str]
) -> None:
    sent = {"Authorization": f"Bearer {fake.api_key}", **headers}
    async with aiohttp.ClientSession() as session:
        async with session.get(fake.url + path, headers=sent) as answer:
            body = await answer.read()
            assert answer.status == status
            check(document, path.partition("?")[0], answer.status, answer.headers, body)


@pytest.mark.parametrize("path", ["/filesets/P-1/files?includeDeleted=true", "/files/F-1/content"])
async def test_etags_of_the_fake(document: Json, fake: FakeVsrx, path: str) -> None:
    token = {"Authorization": f"Bearer {fake.api_key}"}
    async with aiohttp.ClientSession(headers=token) as session:
        async with session.get(fake.url + path) as first:
            etag = first.headers["ETag"]
        async with session.get(fake.url + path, headers={"If-None-Match": etag}) as again:
            assert again.status == 304
            check(document, path.partition("?")[0], 304, again.headers, await again.read())
        fake.flag("F-3")
        await fake.change("F-1", b"other bytes")
        async with session.get(fake.url + path, headers={"If-None-Match": etag}) as later:
            assert later.status == 200


async def test_pages_of_the_fake_are_a_whole(fake: FakeVsrx) -> None:
    token = {"Authorization": f"Bearer {fake.api_key}"}
    seen: list[str] = []
    cursor: str | None = ""
    async with aiohttp.ClientSession(headers=token) as session:
        while cursor is not None:
            query = {"limit": "3", **({"cursor": cursor} if cursor else {})}
            async with session.get(f"{fake.url}/filesets", params=query) as answer:
                page = await answer.json()
            seen += [one["patientId"] for one in page["items"]]
            cursor = page["next"]
    assert seen == ["P-0", "P-1", "P-2", "P-0b"]
    assert page["total"] == 4


async def test_every_webhook_of_the_fake(document: Json, fake: FakeVsrx) -> None:
    call = document["webhooks"]["changed"]["post"]
    schema = call["requestBody"]["content"]["application/json"]["schema"]
    (header,) = call["parameters"]
    async with Mailbox() as box:
        fake.add_webhook(box.url)
        made = await fake.add("P-1")
        await fake.change(made.id, b"other")
        await fake.delete(made.id)
        await fake.rebook("P-1", "P-1b")
        fake.webhooks.clear()
    events = []
    for body, headers in box.letters:
        events.append(msgspec.json.decode(body)["event"])
        assert wrong_with(document, schema, msgspec.json.decode(body)) == []
        assert wrong_with(document, header["schema"], headers[header["name"].lower()]) == []
    assert events == schema_events(document)


def schema_events(document: Json) -> list[str]:
    found: list[str] = document["components"]["schemas"]["Event"]["properties"]["event"]["enum"]
    return found
