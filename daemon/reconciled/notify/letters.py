"""What a channel is given: one message as it is, or several as a list, with links when we have an address."""

from collections.abc import Sequence

from reconciled.notify.messages import Message

LINES = 30
"""The most lines of a list; the rest is counted."""
LONGEST_TITLE = 200
LONGEST_LINE = 300


def letter(messages: Sequence[Message], url: str | None) -> tuple[str, str]:
    """Title and body. `url` is how people reach our page; without it there are no links."""
    if len(messages) == 1:
        (message,) = messages
        return _line(message.title, LONGEST_TITLE), "\n".join(_paragraphs(message, url))
    shown = [f"- {_summary(message, url)}" for message in messages[:LINES]]
    if len(messages) > LINES:
        shown.append(f"and {len(messages) - LINES} more")
    return f"{len(messages)} messages", "\n".join(shown)


def _paragraphs(message: Message, url: str | None) -> list[str]:
    link = _link(message, url)
    return [part for part in (message.body.strip() or message.title, link) if part]


def _summary(message: Message, url: str | None) -> str:
    first = message.body.strip().partition("\n")[0]
    said = first if first.startswith(message.title) else f"{message.title}: {first}"
    link = _link(message, url)
    return _line(said if first else message.title, LONGEST_LINE) + (f" {link}" if link else "")


def _link(message: Message, url: str | None) -> str:
    return f"{url.rstrip('/')}/{message.link.lstrip('/')}" if url and message.link else ""


def _line(text: str, longest: int) -> str:
    """One printable line: a title may come from an app, and a mail's subject must not break."""
    line = "".join(char if char.isprintable() else " " for char in text)
    line = " ".join(line.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
