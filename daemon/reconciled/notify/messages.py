"""What a message is, how it is queued, and how its words come from a template.

A message is queued inside the transaction of its cause, so neither is there without the other.
`about` names what it is about: the same is told a channel once a day. Templates know a few names
and nothing else: no attributes, no indices, no formats, so that a config can reach nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from reconciled.config.templates import NAMES, wrong_with_template
from reconciled.errors import ReconciledError
from reconciled.ledger import messages
from reconciled.ledger.connection import Tx

REPEAT = 86400.0
"""Seconds within which a channel is not told the same again."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `link` is a path of our page; an urgent one waits for no digest and no quiet hours."""

    about: str
    title: str
    body: str
    link: str | None = None
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Wording:
    """The templates of a situation."""

    title: str
    body: str


WORDINGS: Mapping[str, Wording] = MappingProxyType(
    {
        "gone": Wording(
            "{title} is gone from {source}",
            "{title} ({kind}) is gone from {source}. Who: {cause}. {next}",
        ),
        "orphan": Wording(
            "{title} in {source} is an orphan",
            "{title} ({kind}) in {source} depends on something that is gone. {next}",
        ),
        "replaced": Wording(
            "{title} was replaced in {source}",
            "{title} ({kind}) stands under another key in {source} now. {next}",
        ),
        "copy_gone": Wording(
            "The copy of {title} is gone from {source}",
            "The copy of {title} ({kind}) is gone from {source}; the original stands. Who: {cause}. "
            "Its page lets you bring it again. {next}",
        ),
    }
)
"""What is said by default, by the finding that a policy is about."""


class BadTemplate(ReconciledError):
    """A template that cannot be filled; the message says what is wrong with it."""


def post(
    tx: Tx,
    channel: str,
    message: Message,
    *,
    at: str,
    now: float,
    action_id: int | None = None,
    repeat: float = REPEAT,
) -> int | None:
    """Queue a message for a channel; wake the postman after the commit. `now` is reckoned.

    Returns its id, or None when the channel was told the same within the last `repeat` seconds.
    """
    return messages.queue(
        tx, channel, about=message.about, title=message.title, body=message.body, link=message.link,
        urgent=message.urgent, at=at, now=now, repeat=repeat, action_id=action_id,
    )  # fmt: skip


def compose(
    situation: str, facts: Mapping[str, str], *, about: str, template: str = "", link: str | None = None
) -> Message:
    """The message of a `notify` step: the template's words if there are any, else those of the situation."""
    wording = WORDINGS[situation]
    body = render(template or wording.body, facts)
    return Message(about, render(wording.title, facts), body.strip(), link)


def render(template: str, facts: Mapping[str, str]) -> str:
    """The template with the facts in it; a fact that is not known is left empty. BadTemplate."""
    if wrong := check_template(template):
        raise BadTemplate(wrong)
    return template.format(**(dict.fromkeys(NAMES, "") | dict(facts)))


def check_template(template: str) -> str | None:
    """What is wrong with a template, in one sentence, or None. The config's own rule."""
    return wrong_with_template(template)
