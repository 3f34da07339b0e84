"""Be a VSRX with so many files, and a Paperless, until standard input ends; see `bench.practice`."""

import argparse
import asyncio
import json
import os
import sys
from typing import Any

from bench.practice import Still, Zeros

from reconciled.testing.fakes.paperless import FakePaperless
from reconciled.testing.fakes.vsrx import FakeVsrx

PATIENTS = 20


async def serve(files: int, size: int) -> None:
    """Be VSRX and Paperless, until standard input ends. One file: it is made of zeros."""
    async with FakeVsrx() as vsrx, FakePaperless(api_key=vsrx.api_key) as paperless:
        for number in range(PATIENTS):
            vsrx.put_patient(f"P-{number:03}")
        for number in range(files):
            patient = f"P-{number % PATIENTS:03}"
            content: Any = b"%PDF-1.4\n" + os.urandom(size - 9) if files > 1 else Zeros(size)
            name, kind = f"notes/2024/IMG{number:05}.pdf", "application/pdf"
            file = Still(f"F-{number}", patient, name, vsrx.now(), content, kind)
            vsrx.patients[patient].files[file.id] = file
        print(json.dumps([vsrx.url, paperless.url, vsrx.api_key]), flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            paperless.empty_database()
            paperless.uploads.clear()
            print("done", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, required=True)
    parser.add_argument("--size", type=int, required=True)
    told = parser.parse_args()
    asyncio.run(serve(told.files, told.size))
