"""Settings that every app behind HTTP has: where it is, and the key it wants.

Pydantic types for a plugin's own `Config`. They refuse what could only fail later, at the first
request, with a worse message: a URL without a scheme, or a key with a line end in it.
"""

from typing import Annotated

from pydantic import AfterValidator, SecretStr
from yarl import URL


def check_url(text: str) -> str:
    """The URL without a slash at its end; ValueError when it is not the address of an app."""
    url = URL(text.strip())
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("no address of an app; write it like http://box.lan:7878 or https://box.lan/radarr")
    if url.query_string or url.fragment:
        raise ValueError("an app's address ends before any ? or #; keys have settings of their own")
    return text.strip().rstrip("/")


def check_key(secret: SecretStr) -> SecretStr:
    """The key without white space around it; ValueError when it cannot stand in a header."""
    key = secret.get_secret_value().strip()
    if not key:
        raise ValueError("the key is empty")
    if not (key.isascii() and key.isprintable()):
        raise ValueError("the key holds characters that no key has; was it cut or pasted with a line end?")
    return SecretStr(key)


BaseUrl = Annotated[str, AfterValidator(check_url)]
"""Where an app is, with its base path: `http://box.lan:7878`, `https://box.lan/radarr`."""

ApiKey = Annotated[SecretStr, AfterValidator(check_key)]
"""A key that travels in a header."""
