"""Looking at a picture to hash it: what the worker of `hasher` runs, apart from the daemon.

A hostile picture may crash, loop or swell here, and nothing else comes to harm: the process has the bounds of
`mirror.unpacking`. Each question is a line of JSON that says how many bytes of picture follow it and which
hashes are wanted; each answer is a line of JSON. It ends with its input.
"""

import json
import signal
import sys
from collections.abc import Collection
from typing import Any, BinaryIO

from reconciled.duplicates.hashes import page_hashes
from reconciled.duplicates.images import decode
from reconciled.engine.mirror.unpacking import bound


def look(body: bytes, names: Collection[str]) -> dict[str, Any]:
    """The hashes by name, none of a blank page; else what is `wrong`, and if it was `memory` that lacked."""
    try:
        return {"hashes": page_hashes(decode(body), names), "wrong": None, "memory": False}
    except MemoryError:
        wrong = "it needs more memory to be read than there is for that"
        return {"hashes": {}, "wrong": wrong, "memory": True}
    except ValueError as error:
        return {"hashes": {}, "wrong": str(error), "memory": False}


def main(memory: int, seconds: int, questions: BinaryIO, answers: BinaryIO) -> None:
    """Say that it is ready, then answer until the questions end; a picture that takes longer ends it all."""
    look(b"", ())  # loads the libraries, while there is room for them
    bound(memory)
    _say("ready", answers)
    for line in questions:
        asked = json.loads(line)
        body = questions.read(asked["size"])
        signal.alarm(seconds)  # also when nobody is left who would end this
        said = look(body, asked["names"])
        signal.alarm(0)
        _say(said, answers)


def _say(what: object, answers: BinaryIO) -> None:
    answers.write(json.dumps(what).encode() + b"\n")
    answers.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.stdin.buffer, sys.stdout.buffer)
