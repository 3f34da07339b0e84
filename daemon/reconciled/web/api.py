"""The table of API calls: the router and the OpenAPI document are both made of it."""

from aiohttp import web

from reconciled.web import (
    api_actions,
    api_decisions,
    api_doctor,
    api_duplicates,
    api_duplicates_pairs,
    api_explain,
    api_holds,
    api_items,
    api_mirrors,
    api_papers,
    api_records,
    api_records_content,
    api_runs,
    api_said,
    api_status,
    api_suggestions,
    events,
)
from reconciled.web.calls import Call
from reconciled.web.house import house_of
from reconciled.web.openapi import document

BASE = "/api/v1"
_UNKNOWN = "unknown"


def calls() -> tuple[Call, ...]:
    """All calls."""
    return (
        *_of_the_whole(),
        *_of_runs(),
        *_of_losses(),
        *_of_the_outbox(),
        *_of_what_is_said(),
        *_of_records(),
        *_of_mirrors(),
        *_of_duplicates(),
        *_of_the_doctor(),
    )


def _of_the_whole() -> tuple[Call, ...]:
    return (
        Call("GET", f"{BASE}/status", api_status.get_status),
        Call("GET", f"{BASE}/sources", api_status.list_sources),
        Call(
            "POST",
            f"{BASE}/sources/{{name}}/webhook-test",
            api_status.test_webhook,
            also={404: "no such source"},
        ),
        Call("GET", f"{BASE}/inbox", api_status.list_inbox),
        Call(
            "POST",
            f"{BASE}/reload",
            api_status.reload_config,
            also={422: "the config has `problems`; the one in force stays"},
        ),
        Call("GET", f"{BASE}/audit", api_status.list_audit),
        Call("GET", f"{BASE}/events", events.get_events, also={503: "too many listen already"}),
    )


def _of_runs() -> tuple[Call, ...]:
    return (
        Call("GET", f"{BASE}/runs", api_runs.list_runs),
        Call(
            "POST",
            f"{BASE}/runs",
            api_runs.start_run,
            status=202,
            also={
                404: "no such pass, source or mirror",
                409: "the same one runs; `id` says which",
                422: "more than one mirror is meant, or another source's",
            },
        ),
        Call("GET", f"{BASE}/runs/{{id}}", api_runs.get_run, also={404: _UNKNOWN}),
        Call(
            "POST", f"{BASE}/runs/{{id}}/cancel", api_runs.cancel_run, also={404: _UNKNOWN, 409: "it is over"}
        ),
        Call(
            "POST",
            f"{BASE}/runs/{{id}}/resume",
            api_runs.resume_run,
            status=202,
            also={
                404: "unknown, or its mirror left the config",
                409: "it starts again instead, it is complete, or the same one runs; `id` says which",
            },
        ),
        Call("POST", f"{BASE}/lookups", api_runs.look_up, also={404: "no such source or kind"}),
    )


def _of_losses() -> tuple[Call, ...]:
    return (
        Call("GET", f"{BASE}/items", api_items.list_items),
        Call("GET", f"{BASE}/items/{{source}}/{{kind}}/{{id:.+}}", api_items.get_item, also={404: _UNKNOWN}),
        Call("GET", f"{BASE}/explain", api_explain.explain, also={404: "nothing is like that"}),
        Call(
            "GET",
            f"{BASE}/explain/{{source}}/{{kind}}/{{id:.+}}",
            api_explain.explain_item,
            also={404: _UNKNOWN},
        ),
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
    )


def _of_the_outbox() -> tuple[Call, ...]:
    answered = {
        404: "no such decision, or it is not open",
        409: "it is no longer as shown; `shown` is what waits",
    }
    return (
        Call("GET", f"{BASE}/policies", api_decisions.list_policies),
        Call("GET", f"{BASE}/decisions", api_decisions.list_decisions),
        Call("GET", f"{BASE}/decisions/{{id}}", api_decisions.get_decision, also={404: _UNKNOWN}),
        Call("POST", f"{BASE}/decisions/{{id}}/approve", api_decisions.approve_decision, also=answered),
        Call("POST", f"{BASE}/decisions/{{id}}/reject", api_decisions.reject_decision, also=answered),
        Call("GET", f"{BASE}/actions", api_actions.list_actions),
        Call("GET", f"{BASE}/actions/{{id}}", api_actions.get_action, also={404: _UNKNOWN}),
        Call(
            "POST",
            f"{BASE}/actions",
            api_actions.order_action,
            status=202,
            good={200: "what would be acted on, for a preview"},
            also={
                404: "the ledger knows no such item",
                409: "it cannot be done, it is no longer what was shown, or the mode is dry-run",
            },
        ),
        Call(
            "POST",
            f"{BASE}/actions/{{id}}/undo",
            api_actions.undo_action,
            status=202,
            good={200: "what undoing it would do, for a preview"},
            also={404: _UNKNOWN, 409: "it cannot be undone"},
        ),
        Call(
            "POST",
            f"{BASE}/decisions/{{id}}/undo",
            api_actions.undo_decision,
            status=202,
            good={200: "what undoing it would do, action by action, for a preview"},
            also={404: _UNKNOWN, 409: "nothing of it can be undone, or the mode is dry-run"},
        ),
    )


def _of_what_is_said() -> tuple[Call, ...]:
    finding = {404: "no such finding, or it is over"}
    linked = {409: "the ledger does not know one of them, or they are one item"}
    unknown = {404: "no such source"}
    return (
        Call("POST", f"{BASE}/findings/{{id}}/ignore", api_said.ignore_finding, also=finding),
        Call("POST", f"{BASE}/findings/{{id}}/snooze", api_said.snooze_finding, also=finding),
        Call("POST", f"{BASE}/links", api_said.link_items, also=linked),
        Call("DELETE", f"{BASE}/links", api_said.unlink_items, also=linked),
        Call("POST", f"{BASE}/pause", api_said.pause, also=unknown),
        Call("POST", f"{BASE}/resume", api_said.resume, also=unknown),
        Call(
            "POST",
            f"{BASE}/sources/{{name}}/forget",
            api_said.forget_source,
            also={**unknown, 409: "it is in the config"},
        ),
        Call("POST", f"{BASE}/notify/test", api_said.test_channels, also={404: "no such channel"}),
    )


def _of_records() -> tuple[Call, ...]:
    shelf, one = f"{BASE}/records/{{source}}", f"{BASE}/records/{{source}}/{{id:.+}}"
    unknown = {404: "no such source, or it takes no records"}
    nobody = {404: "no such record, no such source, or it takes no records"}
    return (
        Call("GET", f"{BASE}/records", api_records.list_shelves),
        Call("GET", shelf, api_records.list_records, also=unknown),
        Call("PUT", shelf, api_records.put_records, also=unknown, media="application/x-ndjson"),
        Call("POST", f"{shelf}/cleanup", api_records.clean_up_records, also=unknown),
        Call(
            "PUT",
            f"{one}/content",
            api_records_content.put_record_content,
            good={201: "it had none"},
            also={
                **nobody,
                408: "it fell silent",
                409: "another content of the same record is on its way",
                413: "it is larger than the source takes",
                415: "no Content-Type, or it is encoded",
                507: "there is no room on the disk",
            },
            media="application/octet-stream",
        ),
        Call("GET", one, api_records.get_record, also=nobody),
        Call(
            "PUT",
            one,
            api_records.put_record,
            good={201: "it is new"},
            also={**unknown, 413: "the body is too large"},
        ),
        Call("DELETE", one, api_records.delete_record, also=nobody),
    )


def _of_mirrors() -> tuple[Call, ...]:
    one, unknown = f"{BASE}/mirrors/{{name}}", {404: "no such mirror"}
    return (
        Call("GET", f"{BASE}/mirrors", api_mirrors.list_mirrors),
        Call("GET", one, api_mirrors.get_mirror, also=unknown),
        Call("GET", f"{one}/copies", api_mirrors.list_copies, also=unknown),
        Call("GET", f"{one}/suggestions", api_suggestions.list_suggestions, also=unknown),
        Call("POST", f"{one}/copies/retry", api_mirrors.retry_copies, also=unknown),
        Call(
            "POST",
            f"{one}/copies/{{id}}/retry",
            api_mirrors.retry_copy,
            also={404: "no such mirror or copy", 409: "it is under way, or there"},
        ),
        Call(
            "POST",
            f"{one}/copies/{{id}}/take-back",
            api_mirrors.take_copy_back,
            also={404: "no such mirror or copy", 409: "it is in no conflict, or no mirror goes back"},
        ),
    )


def _of_duplicates() -> tuple[Call, ...]:
    every, unknown = f"{BASE}/duplicates", {404: "no such group (any more)"}
    changed = {409: "it is no longer what was shown, cannot be done, or the mode is dry-run"}
    return (
        Call("GET", every, api_duplicates.list_duplicates),
        Call(
            "GET", f"{every}/explain", api_duplicates_pairs.explain_duplicates, also={404: "no such papers"}
        ),
        Call("GET", f"{every}/weigh", api_duplicates_pairs.weigh_duplicates),
        Call(
            "POST",
            f"{every}/actions",
            api_duplicates.act_on_duplicates,
            good={202: "it was put into the outbox"},
            also=changed,
        ),
        Call("GET", f"{every}/{{id}}", api_duplicates.get_duplicates, also=unknown),
        Call(
            "POST",
            f"{every}/{{id}}",
            api_duplicates.answer_duplicates,
            good={202: "it was put into the outbox"},
            also={**unknown, **changed},
        ),
        Call(
            "GET",
            f"{every}/{{id}}/diff",
            api_duplicates.diff_duplicates,
            also={
                404: "no such group, or no such member",
                409: "there are no words",
                503: "its app is in trouble",
            },
        ),
        Call(
            "GET",
            f"{BASE}/papers/{{id}}/preview",
            api_papers.get_preview,
            also={404: "no such item, or it has no picture", 503: "its app is in trouble"},
            gives=api_papers.SHOWN,
        ),
    )


def _of_the_doctor() -> tuple[Call, ...]:
    elsewhere = {403: "it comes from another site"}
    unknown = {**elsewhere, 404: "no such source in the config"}
    return (
        Call("GET", f"{BASE}/doctor", api_doctor.get_doctor, also=unknown),
        Call("POST", f"{BASE}/doctor/fix", api_doctor.fix_with_doctor, also=unknown),
        Call("GET", f"{BASE}/diagnostics", api_doctor.get_diagnostics, also=elsewhere),
    )


def routes() -> list[web.RouteDef]:
    """The calls for the router, and the document about them."""

    async def describe(request: web.Request) -> web.Response:
        return web.json_response(document(calls(), version=house_of(request).version))

    return [*(call.route() for call in calls()), web.get(f"{BASE}/openapi.json", describe)]
