"""Reading a file whole, to see whether it can be: what the worker of `decoding` runs, apart from the daemon.

A hostile file may crash, loop or swell here, and nothing else comes to harm: the process has bounds on its
memory and time, may write no file, and is the first that the machine ends when memory is short. It answers
each line of its input, a question in JSON, with one of its output, and ends with its input.
"""

import contextlib
import json
import logging
import os
import resource
import signal
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO

MOST_PIXELS = 250_000_000
"""The most of one image that is unpacked."""
MOST_FRAMES = 2000
"""How many of an image's pages are read."""
MOST_PAGES = 2000
"""How many of a PDF's pages are looked at."""
_TAIL = 4096

IMAGES: Mapping[str, str] = MappingProxyType(
    {
        "image/bmp": "BMP",
        "image/gif": "GIF",
        "image/jpeg": "JPEG",
        "image/png": "PNG",
        "image/tiff": "TIFF",
        "image/webp": "WEBP",
    }
)
"""The types that Pillow reads, and how it calls them."""
PDF = "application/pdf"


def wrong_with_bytes(path: Path, mime: str) -> str | None:
    """Why the file cannot be read whole; None: it can, or nothing here reads that type. MemoryError."""
    try:
        if mime in IMAGES:
            return _image(path, IMAGES[mime])
        return _pdf(path) if mime == PDF else None
    except ImportError:
        return None  # said when the config was read
    except MemoryError:
        raise
    except RecursionError:
        return "it is nested too deeply to be read"
    except Exception as error:  # noqa: BLE001 - the libraries raise anything on a broken file
        return f"it cannot be read: {_short(error)}"


def _image(path: Path, kind: str) -> str | None:
    from PIL import Image, ImageFile, UnidentifiedImageError

    ImageFile.LOAD_TRUNCATED_IMAGES = False
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(path, formats=[kind]) as image:
                image.verify()
            with Image.open(path, formats=[kind]) as image:
                for number in range(min(getattr(image, "n_frames", 1), MOST_FRAMES)):
                    image.seek(number)
                    image.load()
        except (Image.DecompressionBombWarning, Image.DecompressionBombError):
            return f"it unpacks to more than the {MOST_PIXELS // 10**6} megapixels that are read"
        except UnidentifiedImageError:
            return f"it is no {kind} that can be read"
    return None


def _pdf(path: Path) -> str | None:
    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    with path.open("rb") as file:
        if b"%%EOF" not in _end_of(file):
            return "it ends without the trailer of a PDF; it was cut off"
        reader = PdfReader(file, strict=False)
        if reader.is_encrypted:
            return None if "/Root" in reader.trailer else "it has no catalogue"
        pages = len(reader.pages)
        for number in range(min(pages, MOST_PAGES)):
            reader.pages[number].get("/Contents")
    return None if pages else "it has no pages"


def _end_of(file: BinaryIO) -> bytes:
    size = file.seek(0, 2)
    file.seek(max(0, size - _TAIL))
    tail = file.read(_TAIL).rstrip(b"\0\r\n\t ")
    file.seek(0)
    return tail


def _short(error: Exception) -> str:
    """What a library says, in one line that holds nothing unseen."""
    said = " ".join(str(error).split()) or type(error).__name__
    return "".join(letter for letter in said if letter.isprintable())[:200]


def bound(memory: int) -> None:
    """Give up all that reading a file does not need: this process cannot take it back."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    with contextlib.suppress(OSError):
        os.nice(5)
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        most_allowed = resource.getrlimit(what)[1]
        limit = most if most_allowed == resource.RLIM_INFINITY else min(most, most_allowed)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(what, (limit, limit))


def answer(line: bytes) -> dict[str, Any]:
    """The answer to one question: `wrong`, and whether it was `memory` that there was too little of."""
    asked = json.loads(line)
    try:
        return {"wrong": wrong_with_bytes(Path(os.fsdecode(asked["path"])), asked["mime"]), "memory": False}
    except MemoryError:
        return {"wrong": "it needs more memory to be read than there is for that", "memory": True}


def main(memory: int, seconds: int) -> None:
    """Say that it is ready, then answer until the input ends; a file that takes longer ends all of it."""
    bound(memory)
    _say("ready")
    for line in sys.stdin.buffer:
        signal.alarm(seconds)  # also when nobody is left who would end this
        said = answer(line)
        signal.alarm(0)
        _say(said)


def _say(what: object) -> None:
    sys.stdout.buffer.write(json.dumps(what).encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
