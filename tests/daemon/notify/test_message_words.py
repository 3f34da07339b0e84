"""What a message says: templates that know a few names, and letters of one or of many."""

import pytest

from reconciled.config.templates import NAMES
from reconciled.notify.letters import LINES, letter
from reconciled.notify.messages import (
    WORDINGS,
    BadTemplate,
    Message,
    check_template,
    compose,
    render,
)

FACTS = {"title": "Alien (1979)", "source": "jellyfin", "kind": "movie", "cause": "radarr", "next": ""}


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{title} left {source}", "Alien (1979) left jellyfin"),
        ("plain", "plain"),
        ("{{title}} is {title}", "{title} is Alien (1979)"),
        ("who: {actor}.", "who: ."),
        ("{title}{kind}", "Alien (1979)movie"),
    ],
)
def test_a_template_is_filled(template: str, said: str) -> None:
    assert check_template(template) is None
    assert render(template, FACTS) == said


@pytest.mark.parametrize(
    ("template", "word"),
    [
        ("{nobody}", "{nobody}"),
        ("{title.__class__}", "{title.__class__}"),
        ("{title[0]}", "{title[0]}"),
        ("{title!r}", "{title}"),
        ("{title:>1000000000}", "{title}"),
        ("{title:{kind}}", "{title}"),
        ("{}", "{}"),
        ("{0}", "{0}"),
        ("{title", "brace"),
        ("title}", "brace"),
    ],
)
def test_a_template_reaches_nothing_else(template: str, word: str) -> None:
    assert word in (check_template(template) or "")
    with pytest.raises(BadTemplate):
        render(template, FACTS)


def test_what_a_fact_says_is_no_template() -> None:
    assert render("{title}", {"title": "{source} {{"}) == "{source} {{"


@pytest.mark.parametrize("situation", sorted(WORDINGS))
def test_every_situation_has_words_of_its_own(situation: str) -> None:
    facts = {name: f"<{name}>" for name in NAMES}
    message = compose(situation, facts, about="x", link="/findings/1")
    assert "<title>" in message.title
    assert message.body.endswith("<next>")
    assert compose(situation, facts, about="x", template="just {kind}").body == "just <kind>"


def test_a_letter_of_one() -> None:
    message = Message("x", "A film\r\nBcc: them", "It is gone.", "/decisions/3")
    assert letter([message], None) == ("A film Bcc: them", "It is gone.")
    assert letter([message], "http://box.lan:8787/")[1] == "It is gone.\nhttp://box.lan:8787/decisions/3"
    assert letter([message], "http://box.lan/r")[1].endswith("\nhttp://box.lan/r/decisions/3")
    assert letter([Message("x", "Only this", "")], None) == ("Only this", "Only this")


def test_a_letter_of_many_is_a_list_of_lines() -> None:
    title, body = letter(
        [
            Message("1", "One", "the first\nand more of it", "/holds/1"),
            Message("2", "Two", "Two is gone"),
            Message("3", "x" * 900, ""),
        ],
        "http://box.lan",
    )
    assert title == "3 messages"
    first, second, third = body.split("\n")
    assert first == "- One: the first http://box.lan/holds/1"
    assert second == "- Two is gone"
    assert len(third) < 310


def test_a_long_list_is_counted() -> None:
    lines = letter([Message(str(n), f"Film {n}", "") for n in range(42)], None)[1].split("\n")
    assert lines[0] == "- Film 0"
    assert len(lines) == LINES + 1
    assert lines[-1] == "and 12 more"
