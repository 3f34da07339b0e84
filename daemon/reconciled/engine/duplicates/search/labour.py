"""What a worker of the search runs, apart from the daemon: texts to features, joins, comparisons.

A task is a frame (four bytes of length, then MessagePack) of a name and its values, and so is each answer.
The worker has bounds on its memory, gives way to all else on the machine, and ends at once with its input,
so that what a killed daemon leaves behind writes no file that the next one reads. All that needs numpy is
loaded here and nowhere else in the daemon.
"""

import contextlib
import errno
import os
import queue
import resource
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

NO_MEMORY = 12
"""How it ends where its memory does not suffice to say so."""
_LENGTH = 4

Task = Callable[[Mapping[str, Any]], Any]


def main(memory: int, nice: int, questions: BinaryIO, answers: BinaryIO) -> None:
    """Say that it is ready, then do one task after the other; `nice` is how far it stands back."""
    from reconciled.engine.duplicates.search import labours  # the libraries, while there is room for them

    tasks: dict[str, Task] = labours.tasks()
    waiting: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(questions, waiting), daemon=True).start()
    bound(memory, nice)
    _say({"ready": True}, answers)
    try:
        while True:
            name, values = msgspec.msgpack.decode(waiting.get())
            _say(_done(tasks[name], values), answers)
    except MemoryError:  # not even for telling
        os._exit(NO_MEMORY)


def _done(task: Task, values: Mapping[str, Any]) -> dict[str, Any]:
    """What comes of a task, or what is wrong."""
    try:
        return {"result": task(values)}
    except MemoryError:
        return {"wrong": "memory", "said": "it needs more memory than a worker may have"}
    except OSError as error:
        kind = "disk" if is_full(error) else "odd"
        said = f"{error.strerror or error} ({error.filename})" if error.filename else str(error)
        return {"wrong": kind, "said": said, "trace": traceback.format_exc()}
    except Exception as error:  # noqa: BLE001 - told to the daemon, whose run fails with it
        return {"wrong": "odd", "said": type(error).__name__, "trace": traceback.format_exc()}


def is_full(error: OSError) -> bool:
    """Whether the disk takes no more. Of an array that went onto it in part numpy only says how much did."""
    full = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG)
    return error.errno in full or (error.errno is None and str(error).endswith(" written"))


def bound(memory: int, nice: int) -> None:
    """Stand back, and take no more memory than that. Files that are mapped do not count."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("800")
    with contextlib.suppress(OSError):
        os.nice(nice)
    for what, most in ((resource.RLIMIT_DATA, memory), (resource.RLIMIT_CORE, 0)):
        allowed = resource.getrlimit(what)[1]
        limit = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(what, (limit, limit))


def _listen(questions: BinaryIO, waiting: "queue.SimpleQueue[bytes]") -> None:
    """Take in tasks. At the end of the input everything ends, whatever is under way."""
    try:
        while True:
            head = questions.read(_LENGTH)
            body = questions.read(int.from_bytes(head, "little")) if len(head) == _LENGTH else b""
            if not body:
                os._exit(0)
            waiting.put(body)
    except MemoryError:
        os._exit(NO_MEMORY)


def _say(what: object, answers: BinaryIO) -> None:
    body = msgspec.msgpack.encode(what)
    answers.write(len(body).to_bytes(_LENGTH, "little") + body)
    answers.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.stdin.buffer, sys.stdout.buffer)
