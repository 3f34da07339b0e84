"""What keeps secrets out of texts that people and files get to see.

A secret is masked wherever it stands, also quoted for a URL or escaped for JSON; and whatever
looks like the user part of a URL or like a key in its query is masked unasked, since an app's
own error message may hold one that nobody told us of.
"""

import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

import msgspec

MASK = "***"
_USER = re.compile(r"(?<=://)[^/\s]+(?=@)")
_QUERY = re.compile(r"(?i)\b((?:x-)?api[_-]?key|access_token|token|password)=[^&\s\"']+")


class Redaction:
    """Masks the secrets it was given; called with a text it gives the text that may be shown."""

    __slots__ = ("_forms",)

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms: set[str] = set()
        for secret in secrets:
            escaped = msgspec.json.encode(secret).decode()[1:-1]
            forms.update((secret, quote(secret, safe=""), quote(secret), quote_plus(secret), escaped))
        forms.discard("")
        self._forms = tuple(sorted(forms, key=len, reverse=True))

    def __call__(self, text: str) -> str:
        """The text with a mask for every secret."""
        for form in self._forms:
            text = text.replace(form, MASK)
        return _QUERY.sub(rf"\1={MASK}", _USER.sub(MASK, text))

    def __repr__(self) -> str:
        """Says how many forms it masks, and none of them."""
        return f"Redaction({len(self._forms)} forms)"
