"""The OpenAPI document covers every API route, points at nothing that is not there, and tells the truth."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec
from tests.daemon.web.conftest import Client, World, forget
from tests.daemon.web.paper_shelf import invoices, make_shelf
from tests.daemon.web.test_web_records import follow_records, put

from reconciled.config import Mirror
from reconciled.model import Key
from reconciled.testing.model_app import ModelApp
from reconciled.web.openapi import template
from reconciled.web.server import make_app

METHODS = {"get", "put", "post", "delete", "patch"}


def refs_in(value: Any) -> Iterator[str]:
    match value:
        case {"$ref": str(ref), **rest}:
            yield ref
            yield from refs_in(rest)
        case dict():
            for inner in value.values():
                yield from refs_in(inner)
        case list():
            for inner in value:
                yield from refs_in(inner)


async def document(client: Client) -> Any:
    answer = await client.get("/api/v1/openapi.json")
    assert (answer.status, answer.content_type) == (200, "application/json")
    return await answer.json()


async def test_it_covers_every_api_route(world: World, client: Client) -> None:
    told = await document(client)
    written = {(method, path) for path, item in told["paths"].items() for method in item}
    routed = {
        (route.method.lower(), template(route.resource.canonical))
        for route in make_app(world.house).router.routes()
        if route.resource is not None
        and route.resource.canonical.startswith("/api/")
        and route.method != "HEAD"
    }
    assert written == routed - {("get", "/api/v1/openapi.json")}


async def test_its_structure_is_that_of_openapi_3_1(client: Client) -> None:
    told = await document(client)
    assert re.fullmatch(r"3\.1\.\d", told["openapi"])
    assert {"title", "version"} <= set(told["info"])
    names: list[str] = []
    for path, item in told["paths"].items():
        assert path.startswith("/")
        for method, call in item.items():
            assert method in METHODS
            names.append(call["operationId"])
            assert call["summary"].endswith(".")
            assert call["responses"]
            for status, response in call["responses"].items():
                assert re.fullmatch(r"[2-5]\d\d", status)
                assert response["description"]
            spots = [(parameter["name"], parameter["in"]) for parameter in call["parameters"]]
            assert len(spots) == len(set(spots))
            assert {name for name, where in spots if where == "path"} == set(re.findall(r"\{(\w+)\}", path))
            assert all(parameter["required"] for parameter in call["parameters"] if parameter["in"] == "path")
            assert ("requestBody" in call) == (method != "get")
    assert len(names) == len(set(names))


async def test_every_reference_leads_somewhere(client: Client) -> None:
    told = await document(client)
    found = set(refs_in(told))
    assert found
    for ref in found:
        spot: Any = told
        for part in ref.removeprefix("#/").split("/"):
            spot = spot[part]
        assert spot


async def test_lists_say_their_parameters(client: Client) -> None:
    told = await document(client)
    items = told["paths"]["/api/v1/items"]["get"]
    found = {parameter["name"]: parameter["schema"] for parameter in items["parameters"]}
    assert set(found) == {"source", "kind", "presence", "q", "limit", "cursor"}
    assert (found["limit"]["minimum"], found["limit"]["maximum"], found["limit"]["default"]) == (1, 1000, 100)
    assert "text/csv" in items["responses"]["200"]["content"]
    runs = told["paths"]["/api/v1/runs"]["get"]
    assert "pass" in {parameter["name"] for parameter in runs["parameters"]}


async def test_answers_have_the_members_that_it_promises(
    world: World, client: Client, radarr: ModelApp
) -> None:
    await world.lose("radarr", Key("movie", "3"))
    hold = await world.hold("radarr")
    await world.decide(forget())
    decision = await world.ask(await world.plan(4))
    await follow_records(world)
    await put(client, "3")
    backup = Mirror("backup", "radarr", ("library",))
    world.settings = replace(world.settings, mirrors={"backup": backup})
    await invoices(await make_shelf(world))
    told = await document(client)
    ids = {"/api/v1/duplicates/{id}": 1, "/api/v1/duplicates/{id}/diff": 2}
    ids |= {"/api/v1/runs/{id}": 1, "/api/v1/stories/{id}": 1, "/api/v1/holds/{id}": hold}
    ids |= {"/api/v1/decisions/{id}": decision, "/api/v1/actions/{id}": 1}
    checked = 0
    for path, item in told["paths"].items():
        content = item["get"]["responses"]["200"]["content"] if "get" in item else {}
        if "application/json" not in content:
            continue
        source = "library" if path.startswith("/api/v1/records/") else "radarr"
        filled = path.format(source=source, kind="movie", name="backup", id=ids.get(path, "3"))
        params = {"q": "Film 3"} if path.endswith("/explain") else {}
        if path.startswith("/api/v1/duplicates"):
            papers = {"a": "paperless:document/1", "b": "paperless:document/2"}
            params = papers if path.endswith("/explain") else {}
        answer = await (await client.get(filled, params=params)).json()
        schema = content["application/json"]["schema"]
        check(answer, schema, told)
        checked += 1
    assert checked >= 16


def check(value: Any, schema: dict[str, Any], told: Any) -> None:
    """Enough of JSON Schema for what the document holds."""
    if "$ref" in schema:
        check(value, told["components"]["schemas"][schema["$ref"].rpartition("/")[2]], told)
    elif "anyOf" in schema:
        fitting = [one for one in schema["anyOf"] if fits(value, one)]
        assert fitting, (value, schema)
        check(value, fitting[0], told)
    else:
        assert fits(value, schema), (value, schema)
        if isinstance(value, dict):
            assert set(schema.get("required", [])) <= set(value)
            if "properties" in schema:
                assert set(value) <= set(schema["properties"]), (set(value), set(schema["properties"]))
            for name, inner in value.items():
                check(inner, schema.get("properties", {}).get(name, {}), told)
        for inner in value if isinstance(value, list) else []:
            check(inner, schema.get("items", {}), told)


def fits(value: Any, schema: dict[str, Any]) -> bool:
    kinds: dict[str, Any] = {
        "null": type(None),
        "string": str,
        "integer": int,
        "number": (int, float),
        "boolean": bool,
        "array": list,
        "object": dict,
    }
    wanted = schema.get("type")
    if "$ref" in schema:
        return isinstance(value, dict)
    return wanted is None or isinstance(value, kinds[wanted])


async def test_it_is_json_that_others_can_read(client: Client) -> None:
    raw = await (await client.get("/api/v1/openapi.json")).read()
    assert isinstance(msgspec.json.decode(raw), dict)
