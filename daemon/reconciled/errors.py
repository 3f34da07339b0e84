"""Trouble with a source, as a small tree of exceptions.

Trouble is never absence: an item that does not exist is the value `Absent`, so there is no
"not found" here. Whoever catches one of these knows *nothing* about the items it asked for.
"""


class ReconciledError(Exception):
    """The root of everything that this project raises on purpose."""


class SourceError(ReconciledError):
    """A source did not give a usable answer. The message is for people and holds no secret."""


class Unreachable(SourceError):
    """No answer came: refused, reset, timed out, name not resolved, or the app is still starting (503)."""


class RateLimited(SourceError):
    """The app asked us to wait (429)."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        """`retry_after` is in seconds; None when the app did not say."""
        super().__init__(message)
        self.retry_after = retry_after


class Unauthorized(SourceError):
    """The app refused our credentials (401, 403). Retried rarely: too many tries lock accounts."""


class BadResponse(SourceError):
    """An answer came that this app would not give: HTML, cut-off JSON, a wrong shape, another app."""


class Unsupported(SourceError):
    """The app, in this version or with this configuration, cannot do what was asked."""


class Refused(SourceError):
    """The app understood and said no (a conflict, a validation error)."""


class BadEvent(ReconciledError):
    """A webhook's body or signature is not what the app sends. The message names what is wrong."""


class Forged(BadEvent):
    """A webhook's secret or signature is missing or wrong."""
