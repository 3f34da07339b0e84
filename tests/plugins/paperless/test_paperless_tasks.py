"""What a task says, in all the shapes in which it comes; the real ones' own answers."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from reconciled_paperless.tasks import Row, Task, task_of

OLD = {
    "task_id": "0c2b67fa-e379-4597-b2af-c607b7f8db3b",
    "task_name": "consume_file",
    "task_file_name": "scan.pdf",
    "type": "auto_task",
    "date_created": "2026-11-20T23:33:11.083881Z",
    "acknowledged": True,
}
NEW = {
    "task_id": "0c2b67fa-e379-4597-b2af-c607b7f8db3b",
    "task_type": "consume_file",
    "date_created": "2026-11-20T23:33:11.083881Z",
    "input_data": {"filename": "scan.pdf", "overrides": {"title": "A scan"}},
    "related_document_ids": [9],
}


def task(row: dict[str, Any], **said: Any) -> Task:
    return task_of(msgspec.convert({**row, **said}, Row))


@pytest.mark.parametrize(
    ("row", "said", "status", "made", "duplicate_of"),
    [
        (NEW, {"status": "pending", "result_data": None}, "pending", None, None),
        (NEW, {"status": "started"}, "started", None, None),
        (NEW, {"status": "success", "result_data": {"document_id": 3}}, "success", 3, None),
        (NEW, {"status": "success", "result_data": {"reason": "Barcodes"}}, "success", None, None),
        (NEW, {"status": "failure", "result_data": {"duplicate_of": 9}}, "failure", None, 9),
        (NEW, {"status": "failure", "result_data": {"error_message": "scan.pdf: no"}}, "failure", None, None),
        (NEW, {"status": "revoked", "result_data": {}}, "revoked", None, None),
        (NEW, {"status": "failure", "result_data": {"document_id": 3}}, "failure", None, None),
        (NEW, {"status": "success", "result_data": {"document_id": True}}, "success", None, None),
        (NEW, {"status": "success", "result_data": "odd"}, "success", None, None),
        (OLD, {"status": "PENDING", "result": None}, "pending", None, None),
        (OLD, {"status": "STARTED"}, "started", None, None),
        (OLD, {"status": "SUCCESS", "result": "Success. New document id 3 created"}, "success", 3, None),
        (OLD, {"status": "SUCCESS", "result": "Success. No id"}, "success", None, None),
        (
            OLD,
            {"status": "FAILURE", "result": "Not consuming: It is a duplicate of document #9"},
            "failure", None, 9,
        ),
        (
            OLD,
            {
                "status": "FAILURE",
                "result": "scan.pdf: Not consuming scan.pdf: It is a duplicate of A (#3). And (#4) (#12).",
            },
            "failure", None, 12,
        ),
        (
            OLD,
            {
                "status": "FAILURE",
                "result": "scan.pdf: Not consuming scan.pdf: It is a duplicate of A (#12). "
                "Note: existing document is in the trash.",
                "related_document": None,
            },
            "failure", None, 12,
        ),
        (
            OLD,  # a file that is called so, and that something else is wrong with
            {
                "status": "FAILURE",
                "result": "It is a duplicate of a (#3).pdf: Unexpected error while consuming document "
                "It is a duplicate of a (#3).pdf: cannot open resource",
            },
            "failure", None, None,
        ),
    ],
)  # fmt: skip
def test_a_task(
    row: dict[str, Any], said: dict[str, Any], status: str, made: int | None, duplicate_of: int | None
) -> None:
    found = task(row, **said)
    assert (found.status, found.made, found.duplicate_of) == (status, made, duplicate_of)
    assert found.finished == (status not in ("pending", "started"))
    assert found.file_name == "scan.pdf"
    assert found.consumes
    assert found.created == datetime(2026, 11, 20, 23, 33, 11, 83881, tzinfo=UTC)


@pytest.mark.parametrize(
    ("row", "overrides", "may"),
    [
        (OLD, None, True),
        (OLD | {"task_file_name": "other.pdf"}, None, False),
        (OLD | {"task_file_name": None}, None, False),
        (OLD | {"task_name": "train_classifier"}, None, False),
        (NEW, {}, True),
        (NEW, {"title": "A scan"}, True),
        (NEW, {"title": "Another"}, False),
        (NEW, {"custom_fields": {"3": "vsrx/file/81"}}, True),
        (NEW, {"custom_fields": {"3": "vsrx/file/82"}}, False),
        (NEW, {"custom_fields": {"4": "vsrx/file/82"}}, True),
        (NEW, {"custom_fields": [3]}, True),
    ],
)
def test_whether_it_may_be_ours(row: dict[str, Any], overrides: dict[str, Any] | None, may: bool) -> None:
    """What cannot be told apart may be ours: then its end is waited for."""
    if overrides is not None:
        row = {**row, "input_data": {"filename": "scan.pdf", "overrides": overrides}}
    found = task(row, status="PENDING")
    assert found.may_be("scan.pdf", "A scan", field=3, mark="vsrx/file/81") is may


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("Bücher.pdf", "Bu\N{COMBINING DIAERESIS}cher.pdf"), ("A&B ©.pdf", "A&B &copy.pdf")],
)
def test_names_are_compared_as_paperless_writes_them(theirs: str, ours: str) -> None:
    found = task(OLD, status="PENDING", task_file_name=theirs)
    assert found.may_be(ours, "", field=None, mark="x")


def test_a_long_reason_is_cut() -> None:
    found = task(NEW, status="failure", result_data={"error_message": "no \n" * 400, "traceback": "…"})
    assert len(found.said) == 501
    assert found.said.endswith("…")
