"""Our workflow in Paperless: it runs when a document was added or updated, and sends us its number.

It is known again by its name, which holds the source's; somebody else's is never touched, and of
ours its place among the others and headers that are not ours (a proxy's) are kept. On 2.20
there is no placeholder for the number, and an unknown one keeps the whole webhook from being sent,
so there the address of the document's page says which it is.
"""

from typing import Any, TypeAlias

import msgspec

from reconciled.errors import BadResponse, Refused
from reconciled.source import Hook
from reconciled_paperless.connection import Connection
from reconciled_paperless.webhooks import ADDRESS, EVENT, NUMBER, TITLE

ADDED, UPDATED = 2, 3
WEBHOOK = 4
HEADER = "X-Reconciled-Secret"
_SOURCES = [1, 2, 3, 4]
_MOST = 100_000
_Written: TypeAlias = dict[str, Any]


class Webhook(msgspec.Struct, frozen=True):
    """Where an action sends what. Its headers hold our secret: never shown."""

    url: str = ""
    use_params: bool = False
    as_json: bool = False
    params: dict[str, Any] | None = None
    headers: dict[str, Any] | None = None
    include_document: bool = False

    def __repr__(self) -> str:
        return "Webhook(…)"


class Action(msgspec.Struct, frozen=True):
    """One thing that a workflow does."""

    type: int
    webhook: Webhook | None = None


class Trigger(msgspec.Struct, frozen=True):
    """When a workflow runs; a filter makes it run for some documents only."""

    type: int
    filter_path: str | None = None
    filter_filename: str | None = None
    filter_has_tags: tuple[int, ...] = ()
    matching_algorithm: int = 0


class Workflow(msgspec.Struct, frozen=True):
    """A workflow."""

    id: int
    name: str
    order: int = 0
    enabled: bool = True
    triggers: tuple[Trigger, ...] = ()
    actions: tuple[Action, ...] = ()


class Workflows(msgspec.Struct, frozen=True):
    """A page of workflows."""

    count: int
    results: list[Workflow]


def name_of(source: str) -> str:
    """What our workflow is called there."""
    return f"reconciled: {source}"


async def find_ours(connection: Connection, source: str) -> Workflow | None:
    """Our workflow, or None. Refused when this user may not look."""
    answer = await connection.ask("/api/workflows/", params={"page_size": _MOST}, allow=(403,))
    if answer.status == 403:
        raise connection.error(Refused, answer, "the user of this source may not view workflows")
    found = await connection.decode(Workflows, answer)
    if found.count != len(found.results):
        raise BadResponse(f"{answer.where}: {len(found.results)} workflows of {found.count}")
    return next((one for one in found.results if one.name == name_of(source)), None)


def faults(workflow: Workflow, hook: Hook, *, numbered: bool) -> list[str]:
    """What is wrong with our workflow, each in a few words. `numbered`: it can send a document's number."""
    webhook = _webhook(workflow)
    checks = {
        "it is switched off": workflow.enabled,
        "it does not run for every document added and updated": _runs_always(workflow),
        "it has no webhook, or more than one action": webhook is not None and len(workflow.actions) == 1,
        "it sends to another address": webhook is None or webhook.url == hook.url,
        "it sends another secret": webhook is None or _shows(webhook, hook),
        "it sends something else": webhook is None or _sends_ours(webhook, numbered=numbered),
    }
    return [said for said, good in checks.items() if not good]


async def provision(connection: Connection, source: str, hook: Hook) -> list[str]:
    """Make our workflow, or mend it. Refused when this user may not."""
    connection.hide(hook.secret)
    workflow = await find_ours(connection, source)
    numbered = connection.major >= 3
    if workflow is None:
        await _write(connection, "POST", "/api/workflows/", wanted(source, hook, numbered=numbered))
        return [f"made the workflow {name_of(source)!r}, which tells us of documents added and updated"]
    wrong = faults(workflow, hook, numbered=numbered)
    if not wrong:
        return []
    path = f"/api/workflows/{workflow.id}/"
    await _write(connection, "PUT", path, wanted(source, hook, numbered=numbered, before=workflow))
    return [f"mended the workflow {name_of(source)!r}: {', '.join(wrong)}"]


async def _write(connection: Connection, method: str, path: str, body: _Written) -> None:
    answer = await connection.ask(path, method=method, json=body, allow=(403,))
    if answer.status == 403:
        said = "the user of this source may not change workflows; a superuser may, or one with those rights"
        raise connection.error(Refused, answer, said)


def _runs_always(workflow: Workflow) -> bool:
    plain = [
        one.type
        for one in workflow.triggers
        if not one.filter_path
        and one.filter_filename in (None, "", "*")
        and not one.filter_has_tags
        and not one.matching_algorithm
    ]
    return {ADDED, UPDATED} <= set(plain)


def _sends_ours(webhook: Webhook, *, numbered: bool) -> bool:
    plain = webhook.use_params and webhook.as_json and not webhook.include_document
    return plain and webhook.params == _params(numbered=numbered)


def _params(*, numbered: bool) -> dict[str, str]:
    number = {NUMBER: "{{doc_id}}"} if numbered else {}
    return {EVENT: "added or updated", **number, ADDRESS: "{{doc_url}}", TITLE: "{{doc_title}}"}


def _webhook(workflow: Workflow | None) -> Webhook | None:
    """The one webhook of ours, or None when there is none or more than one."""
    actions = workflow.actions if workflow is not None else ()
    found = [one.webhook for one in actions if one.type == WEBHOOK and one.webhook is not None]
    return found[0] if len(found) == 1 else None


def _shows(webhook: Webhook, hook: Hook) -> bool:
    """Whether it sends the secret, and no other one beside it."""
    headers = webhook.headers or {}
    return {name: value for name, value in headers.items() if _is_ours(name)} == _headers(hook)


def _is_ours(header: str) -> bool:
    return header.lower() == HEADER.lower()


def _headers(hook: Hook) -> dict[str, str]:
    return {} if hook.secret is None else {HEADER: hook.secret}


def wanted(source: str, hook: Hook, *, numbered: bool, before: Workflow | None = None) -> _Written:
    """Our workflow as it should be, as the API takes it; `before`: as it is there."""
    webhook_before = _webhook(before)
    headers = (webhook_before.headers if webhook_before is not None else None) or {}
    kept = {name: value for name, value in headers.items() if not _is_ours(name)}
    triggers = [
        {"type": kind, "sources": _SOURCES, "filter_filename": "*", "matching_algorithm": 0}
        for kind in (ADDED, UPDATED)
    ]
    webhook = {
        "url": hook.url,
        "use_params": True,
        "as_json": True,
        "params": _params(numbered=numbered),
        "body": None,
        "headers": {**kept, **_headers(hook)},
        "include_document": False,
    }
    return {
        "name": name_of(source),
        "order": before.order if before is not None else 0,
        "enabled": True,
        "triggers": triggers,
        "actions": [{"type": WEBHOOK, "webhook": webhook}],
    }
