"""How a known secret may be written in what an app sends, and how it is found there.

In an address (`%2B`, `%2b`), in JSON (`\\u002B`, as .NET writes it), in markup (`&amp;`), twice over,
or as the end of `user:secret` in base64. Spellings may be mixed within one text.
"""

import base64
import re
from collections.abc import Iterable
from functools import lru_cache

MASK = "***"
SHORT = 6
"""A secret of fewer characters is blanked only where it is the whole of a string or number."""

_RUN = re.compile(r"[A-Za-z0-9+/=_-]+")
_ESCAPED = re.compile(r"[%\\&]")
_NAMED = {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos"}
_BRIEF = {"\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f"}


class Spellings:
    """All spellings of some secrets."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = sorted({secret for secret in secrets if secret}, key=len, reverse=True)
        long = [secret for secret in known if len(secret) >= SHORT]
        self._whole = frozenset(known)
        self._plain = tuple(_plain(known))
        self._plain_long = tuple(_plain(long))
        self._cores = frozenset(core for secret in long for core in _cores(secret))
        self._written = _pattern(known)
        self._written_long = _pattern(long)

    def blank(self, text: str) -> str:
        """The text of a string, with a mask for what is a secret or holds a long one."""
        if text in self._whole or (_ESCAPED.search(text) and self._written.fullmatch(text)):
            return MASK
        return self._blank(text, self._plain_long, self._written_long)

    def blank_everywhere(self, text: str) -> str:
        """A text of no known form, with a mask for every secret in it."""
        return self._blank(text, self._plain, self._written)

    def _blank(self, text: str, plain: Iterable[str], written: re.Pattern[str]) -> str:
        for form in plain:
            text = text.replace(form, MASK)
        if _ESCAPED.search(text):
            text = written.sub(MASK, text)
        if any(core in text for core in self._cores):
            text = _RUN.sub(self._blank_run, text)
        return text

    def _blank_run(self, run: re.Match[str]) -> str:
        return MASK if any(core in run[0] for core in self._cores) else run[0]


@lru_cache(maxsize=2)
def spellings(secrets: frozenset[str]) -> Spellings:
    """The spellings of a config's secrets; made once for a config."""
    return Spellings(secrets)


def _plain(secrets: Iterable[str]) -> Iterable[str]:
    """As they are, and with `+` for a space as in the query of an address."""
    for secret in secrets:
        yield secret
        if " " in secret:
            yield secret.replace(" ", "+")


def _pattern(secrets: Iterable[str]) -> re.Pattern[str]:
    """Finds secrets, each character of which may be written in any way. Without secrets: nothing."""
    return re.compile("|".join("".join(map(_ways, secret)) for secret in secrets) or r"(?!)")


def _ways(char: str) -> str:
    own = "[ +]" if char == " " else re.escape(char)
    ways = [own if char.isalnum() else rf"\\{{0,7}}{own}"]
    for encoding in ("utf-8", "latin-1"):
        octets = char.encode(encoding, "replace")
        ways.append("".join(f"%(?:25){{0,3}}(?i:{octet:02x})" for octet in octets))
    units = char.encode("utf-16-be", "surrogatepass").hex()
    ways.append("".join(rf"\\{{1,7}}u(?i:{units[at : at + 4]})" for at in range(0, len(units), 4)))
    ways.append(f"&(?:amp;)?#(?:0{{0,4}}{ord(char)}|[xX]0{{0,4}}(?i:{ord(char):x}));")
    if char in _NAMED:
        ways.append(f"&(?:amp;)?{_NAMED[char]};")
    if char in _BRIEF:
        ways.append(rf"\\{{1,7}}{_BRIEF[char]}")
    return f"(?:{'|'.join(ways)})"


def _cores(secret: str) -> Iterable[str]:
    """What base64 makes of a secret with anything before and after it, in both alphabets."""
    for octets in {secret.encode("utf-8", "surrogatepass"), secret.encode("latin-1", "replace")}:
        for before in range(3):
            text = base64.b64encode(bytes(before) + octets).decode().rstrip("=")
            sure = (before + len(octets)) * 8 // 6
            core = text[(0, 2, 3)[before] : sure]
            yield core
            yield core.translate(str.maketrans("+/", "-_"))
