"""The texts that a policy gives its messages: `{title} left {source}`.

Only plain names go between the braces: no attributes, indexes, conversions or formats, so that a
text can neither fail when it is filled nor reach for anything else. `str.format` fills it.
"""

from string import Formatter

from reconciled.config.problems import did_you_mean

NAMES = ("title", "source", "kind", "what", "cause", "actor", "sentence", "policy", "next")
"""What a message can say, each filled with a text."""
LONGEST = 1000
"""The most characters of a template."""


def wrong_with_template(text: str) -> str | None:
    """Why a text cannot be filled, as a sentence; None when it can."""
    if not text.strip():
        return "is empty"
    if len(text) > LONGEST:
        return f"is longer than {LONGEST} characters"
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        return "has a brace without its other half; for the sign itself write {{ or }}"
    for _, name, how, conversion in parts:
        if name is None:
            continue
        if name not in NAMES:
            near = did_you_mean(name, NAMES) or f"; there are {', '.join(NAMES)}"
            return f"a message has nothing called {{{name[:60]}}}{near}"
        if how or conversion:
            return f"only the plain name goes between braces: {{{name}}}"
    return None
