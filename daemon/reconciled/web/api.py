"""The table of API calls: the router and the OpenAPI document are both made of it."""

from aiohttp import web

from reconciled.web import api_holds, api_items, api_runs, api_status
from reconciled.web.calls import Call
from reconciled.web.house import house_of
from reconciled.web.openapi import document

BASE = "/api/v1"
_UNKNOWN = "unknown"


def calls() -> tuple[Call, ...]:
    """All calls."""
    return (
        Call("GET", f"{BASE}/status", api_status.get_status),
        Call("GET", f"{BASE}/sources", api_status.list_sources),
        Call(
            "POST",
            f"{BASE}/sources/{{name}}/webhook-test",
            api_status.test_webhook,
            also={404: "no such source"},
        ),
        Call("GET", f"{BASE}/runs", api_runs.list_runs),
        Call(
            "POST",
            f"{BASE}/runs",
            api_runs.start_run,
            status=202,
            also={404: "no such pass or source", 409: "the same one runs; `id` says which"},
        ),
        Call("GET", f"{BASE}/runs/{{id}}", api_runs.get_run, also={404: _UNKNOWN}),
        Call(
            "POST", f"{BASE}/runs/{{id}}/cancel", api_runs.cancel_run, also={404: _UNKNOWN, 409: "it is over"}
        ),
        Call(
            "POST",
            f"{BASE}/runs/{{id}}/resume",
            api_runs.resume_run,
            also={404: _UNKNOWN, 409: "it starts again instead"},
        ),
        Call("GET", f"{BASE}/items", api_items.list_items),
        Call("GET", f"{BASE}/items/{{source}}/{{kind}}/{{id:.+}}", api_items.get_item, also={404: _UNKNOWN}),
        Call("POST", f"{BASE}/lookups", api_runs.look_up, also={404: "no such source or kind"}),
        Call("GET", f"{BASE}/tombstones", api_items.list_tombstones),
        Call("GET", f"{BASE}/stories/{{id}}", api_items.get_story, also={404: _UNKNOWN}),
        Call("GET", f"{BASE}/findings", api_items.list_findings),
        Call("GET", f"{BASE}/holds", api_holds.list_holds),
        Call("GET", f"{BASE}/holds/{{id}}", api_holds.get_hold, also={404: _UNKNOWN}),
        Call(
            "POST",
            f"{BASE}/holds/{{id}}/release",
            api_holds.release_hold,
            also={404: "no such hold, or it is not open"},
        ),
        Call("GET", f"{BASE}/inbox", api_status.list_inbox),
        Call(
            "POST",
            f"{BASE}/reload",
            api_status.reload_config,
            also={422: "the config has `problems`; the one in force stays"},
        ),
        Call("GET", f"{BASE}/audit", api_status.list_audit),
    )


def routes() -> list[web.RouteDef]:
    """The calls for the router, and the document about them."""

    async def describe(request: web.Request) -> web.Response:
        return web.json_response(document(calls(), version=house_of(request).version))

    return [*(call.route() for call in calls()), web.get(f"{BASE}/openapi.json", describe)]
