"""The HTTP client that every source is given.

`Http` is one a source, made by whoever runs it; a plugin binds it to its app with `Http.at(…)`
and asks through the `Client` it gets. Every way in which a request can fail becomes one of the
errors of `reconciled.errors`, and no status ever becomes absence: a 404 is trouble unless the
plugin allows it, and then the plugin alone knows its app's own mark. No secret that it was told
of stands in a message, a repr or a log line.
"""

from reconciled.http.answer import Response
from reconciled.http.client import Client, Params
from reconciled.http.forms import FormFile
from reconciled.http.hub import Call, Hub, hub
from reconciled.http.redaction import Redaction
from reconciled.http.session import Http
from reconciled.http.settings import ApiKey, BaseUrl
from reconciled.http.stream import Stream
from reconciled.http.transfer import Download
from reconciled.http.wire import new_session

__all__ = [
    "ApiKey",
    "BaseUrl",
    "Call",
    "Client",
    "Download",
    "FormFile",
    "Http",
    "Hub",
    "Params",
    "Redaction",
    "Response",
    "Stream",
    "hub",
    "new_session",
]
