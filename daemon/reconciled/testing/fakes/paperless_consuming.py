"""How a Paperless-ngx takes files in: a task for each, and in time a document, or a refusal.

Files that it has are refused by 2.20 always, by 3.x when it was told to (`delete_duplicates`); the
trash counts. Otherwise 3.x makes another document of them.
"""

import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from reconciled.testing.fakes.paperless_deeds import PaperlessDeeds
from reconciled.testing.fakes.paperless_model import Document, Task

_TITLE = 127


class PaperlessConsuming(PaperlessDeeds):
    """The consuming half of the fake.

    `delay` is how many seconds of its clock a file takes: 0, it is done with when the upload is answered;
    None, only when `consume()` is called. `stuck`: no task ever ends. `worker_error` is what the worker
    says instead of making a document, `split` makes its tasks end well without one. `largest` is how many
    bytes a proxy in front lets through, `tasks_a_page` how many tasks it shows at most. `uploads` counts the
    files that it took, by their SHA-256.
    """

    def __init__(self, *, delete_duplicates: bool = False, **settings: Any) -> None:
        """As `PaperlessDeeds`; `delete_duplicates` is the setting of that name of a 3.x."""
        super().__init__(**settings)
        self.delete_duplicates = delete_duplicates
        self.delay: float | None = 0.0
        self.stuck = False
        self.worker_error: str | None = None
        self.split = False
        self.largest: int | None = None
        self.tasks_a_page: int | None = None
        self.uploads: Counter[str] = Counter()

    @property
    def refuses_duplicates(self) -> bool:
        """Whether a file that it has is refused."""
        return self.delete_duplicates or not self.modern

    async def take(
        self, name: str, data: bytes, *, mime_type: str, owner: int, overrides: Mapping[str, Any], **more: Any
    ) -> Task:
        """A new task, and what comes of it at once."""
        task = Task(
            len(self.state.tasks) + 1,
            str(uuid.uuid4()),
            name,
            data,
            mime_type,
            self.now(),
            owner,
            {name: value for name, value in overrides.items() if value not in (None, [], {})},
            **more,
        )
        self.uploads[task.sha256] += 1
        self.state.tasks[task.task_id] = task
        if self.delay == 0:
            await self.work()
        return task

    async def consume(self, most: int | None = None) -> int:
        """Be done with so many tasks, the oldest first; None: all. Returns how many it were."""
        waiting = [one for one in self.state.tasks.values() if one.status == "pending"]
        waiting = [] if self.stuck else waiting[:most]
        for task in waiting:
            self.begin(task)
        for task in waiting:
            await self._consume(task)
        return len(waiting)

    async def work(self) -> None:
        """Be done with what is due."""
        if self.delay is None or self.stuck:
            return
        due = self.now() - timedelta(seconds=self.delay)
        ready = [one for one in self.state.tasks.values() if one.status == "pending" and one.created <= due]
        for task in ready:
            self.begin(task)
        for task in ready:
            await self._consume(task)

    def begin(self, task: Task) -> None:
        """The worker begins with it."""
        self.state.tasks[task.task_id] = replace(task, status="started")

    def revoke(self, task_id: str) -> None:
        """Somebody ended it in the queue."""
        self._end(self.state.tasks[task_id], "revoked", None)

    async def _handle(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        await self.work()
        return await super()._handle(request, handler)

    async def _consume(self, task: Task) -> None:
        other = self._same_bytes(task) if self.refuses_duplicates else None
        if self.worker_error is not None:
            said = f"{task.name}: Unexpected error while consuming document {task.name}: {self.worker_error}"
            error = {"error_type": "ConsumerError", "error_message": said, "traceback": "…"}
            self._end(task, "failure", error)
        elif self.split:
            self._end(task, "success", {"reason": "Barcode splitting complete! 2 new documents"})
        elif other is not None:
            number, trashed = other
            self._end(task, "failure", {"duplicate_of": number, "duplicate_in_trash": trashed})
        elif task.root is not None:
            version = self.add_version(task.root, task.data, file_name=task.name)
            self._end(task, "success", {"document_id": version.id})
        else:
            document = self._made(task)
            self._end(task, "success", {"document_id": document.id})
            await self.told_of(document)

    def _same_bytes(self, task: Task) -> tuple[int, bool] | None:
        """The number of a document or version with the same bytes, and whether it lies in the trash."""
        for one in self.state.with_checksum(task.sha256):
            return one.id, False
        for one in (*self.state.documents.values(), *self.state.trash.values()):
            for version in one.versions:
                if version.checksum == task.sha256:
                    return version.id, one.deleted_at is not None
        for one in self.state.trash.values():
            if one.sha256 == task.sha256:
                return one.id, True
        return None

    def _made(self, task: Task) -> Document:
        said = task.overrides
        fields = {int(number): value for number, value in (said.get("custom_fields") or {}).items()}
        return self.put(
            str(said.get("title") or task.name.rpartition(".")[0] or task.name)[:_TITLE],
            data=task.data,
            file_name=task.name,
            mime_type=task.mime_type,
            created=said.get("created") or self.now().date().isoformat(),
            tags=frozenset(said.get("tag_ids") or ()) & self.state.tags.keys(),
            correspondent=said.get("correspondent_id"),
            document_type=said.get("document_type_id"),
            owner=task.owner,
            fields={number: value for number, value in fields.items() if number in self.state.custom_fields},
        )

    def _end(self, task: Task, status: str, result: Mapping[str, Any] | None) -> None:
        self.state.tasks[task.task_id] = replace(
            task, status=status, done=self.now(), result=result, data=b""
        )
