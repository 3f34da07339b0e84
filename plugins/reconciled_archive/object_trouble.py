"""What an object store says when it cannot, as one of our errors, in sentences of our own.

The texts of the library hold whole URLs, with signatures in them, so no word of them is handed on but
the status and the store's own name for the error (`AccessDenied`), which is letters only.
"""

import re

from reconciled.errors import BadResponse, RateLimited, SourceError, Unauthorized, Unreachable

_STATUS = re.compile(r"status code: (\d{3})")
_CODE = re.compile(r"<Code>([A-Za-z]{2,60})</Code>")
_NO_BUCKET = frozenset({"NoSuchBucket", "ContainerNotFound"})
_SLOWER = frozenset({"SlowDown", "ServerBusy", "TooManyRequests", "RequestLimitExceeded"})
_SILENT = ("kind: Timeout", "kind: Connect", "kind: Request", "kind: Interrupted", "HTTP error")
_CLOCK = "RequestTimeTooSkewed"
_DENIED = frozenset({"PermissionDeniedError", "UnauthenticatedError"})


def trouble(error: Exception, where: str) -> SourceError:
    """The error that people see. `where` names what was asked of which place."""
    text = str(error)
    status = int(found[1]) if (found := _STATUS.search(text)) else None
    code = found[1] if (found := _CODE.search(text)) else ""
    told = " ".join(part for part in (str(status or ""), code) if part)
    said = f"{where}: {told}" if told else where
    if code == _CLOCK:
        return Unauthorized(f"{said}; the clocks of this box and of the store differ: set this one right")
    if type(error).__name__ in _DENIED or status in (401, 403):
        return Unauthorized(f"{said}, our credentials were refused; check them, and what they may do there")
    if code in _NO_BUCKET:
        return BadResponse(f"{said}, there is no such bucket or container; make it, or mend the url")
    if code in _SLOWER or status == 429:
        return RateLimited(f"{said}, too many requests")
    return _other(said, status, text)


def _other(said: str, status: int | None, text: str) -> SourceError:
    if status is None:
        if isinstance(_not_found(text), str):
            return BadResponse(f"{said}: it is not there; is the url right, bucket and all?")
        if any(sign in text for sign in _SILENT):
            return Unreachable(f"{said}: no answer; is it running, and the endpoint right?")
        return BadResponse(f"{said}: an answer that no object store gives; is the endpoint right?")
    if status in (502, 503, 504):
        return Unreachable(f"{said}, the store is not there, or is starting")
    if status >= 500:
        return BadResponse(f"{said}, the store itself failed; its own log tells why")
    if status in (301, 307, 308):
        return BadResponse(f"{said}, it is elsewhere; is the region right, and the endpoint?")
    if status == 404:
        return BadResponse(f"{said}: it is not there; is the url right, bucket and all?")
    return BadResponse(f"{said}, an answer of no use; are the url, the region and the endpoint right?")


def _not_found(text: str) -> str | None:
    return text if text.startswith("Object at location") and "not found" in text else None
