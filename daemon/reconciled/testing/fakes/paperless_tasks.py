"""What a Paperless-ngx says of its tasks: in API 10, in API 9 of 3.x, and as 2.20 does."""

from typing import Any

from reconciled.testing.fakes.paperless_bodies import moment
from reconciled.testing.fakes.paperless_model import Document, PaperlessState, Task

_TRASHED = " Note: existing document is in the trash."


def task_row(task: Task, state: PaperlessState, *, api: int, modern: bool) -> dict[str, Any]:
    """A task, as that version of the API shows it."""
    if api >= 10:
        return _newest(task)
    return {
        "id": task.id,
        "task_id": task.task_id,
        "task_name": "consume_file",
        "task_file_name": task.name,
        "type": "manual_task" if modern else "auto_task",
        "status": task.status.upper(),
        "date_created": moment(task.created),
        "date_done": moment(task.done),
        "result": _result(task) if modern else _old_result(task, state),
        "acknowledged": task.acknowledged,
        **_related(task, state, modern=modern),
        "owner": task.owner,
    }


def _newest(task: Task) -> dict[str, Any]:
    return {
        "id": task.id,
        "task_id": task.task_id,
        "task_type": "consume_file",
        "task_type_display": "Consume File",
        "trigger_source": "api_upload" if task.root is None else "web_ui",
        "trigger_source_display": "API Upload" if task.root is None else "Web UI",
        "status": task.status,
        "status_display": task.status.title(),
        "date_created": moment(task.created),
        "date_started": None if task.status == "pending" else moment(task.created),
        "date_done": moment(task.done),
        "duration_seconds": None if task.done is None else 1.25,
        "wait_time_seconds": None if task.status == "pending" else 0.05,
        "input_data": {"filename": task.name, "mime_type": task.mime_type, "overrides": task.overrides},
        "result_data": task.result,
        "related_document_ids": [] if (number := _number(task)) is None else [number],
        "acknowledged": task.acknowledged,
        "owner": task.owner,
    }


def _number(task: Task) -> int | None:
    """The document that its result is about."""
    result = task.result or {}
    found: int | None = result.get("document_id") or result.get("duplicate_of")
    return found


def _result(task: Task) -> str | None:
    """As 3.x makes a sentence of it for API 9."""
    result = task.result or {}
    if "document_id" in result:
        return f"Success. New document id {result['document_id']} created"
    if "duplicate_of" in result:
        return f"Not consuming: It is a duplicate of document #{result['duplicate_of']}"
    said: str | None = result.get("reason") or result.get("error_message")
    return said


def _old_result(task: Task, state: PaperlessState) -> str | None:
    """As 2.20 says it, which knows sentences only."""
    number = (task.result or {}).get("duplicate_of")
    if number is None:
        return _result(task)
    found = _whichever(state, number)
    title = "?" if found is None else found.title
    said = f"{task.name}: Not consuming {task.name}: It is a duplicate of {title} (#{number})."
    return said + (_TRASHED if (task.result or {}).get("duplicate_in_trash") else "")


def _related(task: Task, state: PaperlessState, *, modern: bool) -> dict[str, Any]:
    number = _number(task)
    if not modern:
        trashed = (task.result or {}).get("duplicate_in_trash")
        return {"related_document": None if number is None or trashed else str(number)}
    other = (task.result or {}).get("duplicate_of")
    found = None if other is None else _whichever(state, other)
    rows = [] if found is None else [_short(found)]
    return {"related_document": number, "duplicate_documents": rows}


def _short(document: Document) -> dict[str, Any]:
    return {"id": document.id, "title": document.title, "deleted_at": moment(document.deleted_at)}


def _whichever(state: PaperlessState, number: int) -> Document | None:
    return state.documents.get(number) or state.trash.get(number)
