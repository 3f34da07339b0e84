"""What it means when no answer came at all, in words for people.

A connection that never stood, was reset or timed out is `Unreachable`. An answer that began and
broke off is `BadResponse`: a short body is never handed on as if it were the whole.
"""

from collections.abc import Callable

import aiohttp

from reconciled.errors import BadResponse, RateLimited, SourceError, Unreachable
from reconciled.units import say_duration


def failure_of(error: Exception, *, where: str, timeout: float) -> SourceError:
    """The error that an exception of the transport is; its message is not yet redacted."""
    match error:
        case aiohttp.ConnectionTimeoutError():
            return Unreachable(f"{where}: no connection; is the box up, and is a firewall in between?")
        case TimeoutError():
            return Unreachable(f"{where}: no whole answer within {say_duration(timeout)}")
        case aiohttp.ClientPayloadError():
            return BadResponse(f"{where}: the answer broke off before its end")
        case aiohttp.ClientResponseError():
            return BadResponse(f"{where}: what answers there does not speak HTTP; is it the right port?")
        case aiohttp.ClientConnectorCertificateError():
            return Unreachable(
                f"{where}: its certificate is not trusted ({error.certificate_error}); "
                "make the box trust it, or name its authority in SSL_CERT_FILE"
            )
        case aiohttp.ClientSSLError():
            return Unreachable(f"{where}: no TLS there; is the app's url http rather than https?")
        case aiohttp.ClientConnectorDNSError():
            return Unreachable(f"{where}: nobody knows the host {error.host}; is the name right?")
        case aiohttp.ClientConnectorError():
            said = error.os_error.strerror or str(error.os_error)
            return Unreachable(f"{where}: no connection ({said}); is the app running, on this port?")
        case aiohttp.ServerDisconnectedError():
            return Unreachable(f"{where}: the connection was closed before an answer")
        case _:
            return Unreachable(f"{where}: the connection failed ({str(error) or type(error).__name__})")


def shown(error: SourceError, redact: Callable[[str], str]) -> SourceError:
    """The same error with a message that people may see."""
    text = redact(str(error))
    return RateLimited(text, error.retry_after) if isinstance(error, RateLimited) else type(error)(text)
