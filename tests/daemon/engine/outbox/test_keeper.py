"""The keeper's gate as a table: what speaks against deleting a duplicate, and whether it may pass."""

from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest
from tests.daemon.engine.outbox.papers_kept import document

from reconciled.engine.outbox.keeper import Facts, Seen, against, against_seen
from reconciled.engine.outbox.shown import (
    Paper,
    Told,
    bytes_of,
    is_still,
    read_told,
    text_print,
    titles,
    write_told,
)
from reconciled.engine.outbox.standing import Standing
from reconciled.model import Absent, Item, Key, Ref

TEXT = text_print("the very same words")
OTHER_TEXT = text_print("other words")


def paper(item: Item, row: int, *, words: bool = True, source: str = "paperless") -> Paper:
    return Paper(
        item=row, source=source, kind=item.key.kind, id=item.key.id, title=item.title,
        refs=sorted(map(str, item.strong_refs)), print="p", text=TEXT, words=words, bytes=bytes_of(item),
    )  # fmt: skip


STAYS, GOES = document(1, title="Invoice 12"), document(2, title="Invoice 12 (1)")
SHOWN = Told(group=7, primary=paper(STAYS, 11), others=[paper(GOES, 12)])
FACTS = Facts(SHOWN, STAYS, GOES, texts={11: TEXT, 12: TEXT})
MOVED = replace(STAYS, key=Key("document", "9"))
REUSED = document(1, title="Another", added=2026)
NEW_FILE = document(1, title="Invoice 12", bytes_=99)

LEDGER: dict[str, tuple[Callable[[Facts], Facts], str, bool]] = {
    "nothing is known of what was shown": (lambda f: replace(f, shown=None), "no longer knows", False),
    "the keeper was forgotten": (lambda f: replace(f, item=None), "no longer knows", False),
    "the victim was forgotten": (lambda f: replace(f, victim=None), "no longer knows", False),
    "its source left the config": (lambda f: replace(f, runs=False), "left the config", False),
    "the keeper is gone": (lambda f: replace(f, standing=Standing.GONE), "gone from paperless", False),
    "its key names another thing": (lambda f: replace(f, current=False), "names another thing now", False),
    "it has no file": (lambda f: replace(f, standing=Standing.FILELESS), "has no file", False),
    "both are one": (lambda f: replace(f, one="they are one"), "they are one", False),
    "it goes along": (lambda f: replace(f, along="it goes after it"), "it goes after it", False),
    "it is deleted itself": (lambda f: replace(f, deleting="to be deleted (a5)"), "(a5)", False),
    "the victim is kept itself": (lambda f: replace(f, keeping="it stays (a6)"), "(a6)", False),
    "somebody said that they differ": (
        lambda f: replace(f, different="owner"),
        "owner said that it is no",
        False,
    ),
    "somebody chose it since": (
        lambda f: replace(f, chosen="owner"),
        "owner chose since that it stays",
        False,
    ),
    "somebody left them alone since": (
        lambda f: replace(f, left="owner"),
        "owner answered since that",
        False,
    ),
    "the keeper has another key": (lambda f: replace(f, item=MOVED), "stands under document 9 now", False),
    "the keeper is another thing": (
        lambda f: replace(f, item=REUSED),
        "is another thing now: Another",
        False,
    ),
    "the victim is another thing": (
        lambda f: replace(f, victim=document(2, added=2026)),
        "document 2 of paperless is another thing",
        False,
    ),
    "the keeper has another file": (
        lambda f: replace(f, item=NEW_FILE),
        "“Invoice 12” has another file",
        False,
    ),
    "the keeper has another text": (
        lambda f: replace(f, texts={11: OTHER_TEXT, 12: TEXT}),
        "“Invoice 12” has another text",
        False,
    ),
    "the victim has another text": (
        lambda f: replace(f, texts={11: TEXT, 12: OTHER_TEXT}),
        "“Invoice 12 (1)” has another text",
        False,
    ),
    "the keeper is no paper any more": (lambda f: replace(f, texts={12: TEXT}), "another text", False),
    "its app does not answer": (
        lambda f: replace(f, trouble="paperless does not answer"),
        "not answer",
        True,
    ),
    "the keeper is held": (lambda f: replace(f, standing=Standing.HELD), "is held", True),
    "the keeper is doubted": (lambda f: replace(f, standing=Standing.DOUBTED), "a suspect", True),
    "the keeper is disputed": (lambda f: replace(f, standing=Standing.DISPUTED), "is disputed", True),
    "trouble, and it is gone": (
        lambda f: replace(f, trouble="down", standing=Standing.GONE),
        "gone from paperless",
        False,
    ),
}


@pytest.mark.parametrize("case", LEDGER)
def test_what_the_ledger_has_against_it(case: str) -> None:
    change, said, waits = LEDGER[case]
    found = against(change(FACTS))
    assert found is not None
    assert said in found.reason
    assert found.waits is waits


def test_nothing_speaks_against_it() -> None:
    assert against(FACTS) is None
    assert against_seen(SHOWN, SEEN) is None


SEEN = Seen(STAYS, GOES, {11: TEXT, 12: TEXT})

APPS: dict[str, tuple[Callable[[Seen], Seen], str, bool]] = {
    "the keeper is in the trash": (
        lambda s: replace(s, keeper=Absent("it is in the trash")),
        "which was to stay for it: it is in the trash",
        False,
    ),
    "the keeper has no file": (
        lambda s: replace(s, keeper=replace(STAYS, has_file=False)),
        "has no file",
        False,
    ),
    "another thing has its key": (lambda s: replace(s, keeper=REUSED), "another thing now", False),
    "the keeper has another file": (lambda s: replace(s, keeper=NEW_FILE), "another file", False),
    "the victim has another file": (
        lambda s: replace(s, victim=document(2, bytes_=99)),
        "“Invoice 12 (1)” has another file",
        False,
    ),
    "the keeper says something else": (
        lambda s: replace(s, texts={11: OTHER_TEXT, 12: TEXT}),
        "“Invoice 12” has another text",
        False,
    ),
    "the victim says something else": (
        lambda s: replace(s, texts={11: TEXT, 12: OTHER_TEXT}),
        "“Invoice 12 (1)” has another text",
        False,
    ),
    "somebody could not be asked": (lambda s: replace(s, trouble="no answer within 30 s"), "no answer", True),
    "no answer about the keeper": (lambda s: replace(s, keeper=None), "gave no answer", True),
    "no text of the keeper": (lambda s: replace(s, texts={12: TEXT}), "the text of “Invoice 12”", True),
    "no text of the victim": (lambda s: replace(s, texts={11: TEXT}), "the text of “Invoice 12 (1)”", True),
    "trouble, and it is gone": (
        lambda s: replace(s, trouble="down", keeper=Absent("404")),
        "no longer has “Invoice 12”",
        False,
    ),
}


@pytest.mark.parametrize("case", APPS)
def test_what_the_apps_have_against_it(case: str) -> None:
    change, said, waits = APPS[case]
    found = against_seen(SHOWN, change(SEEN))
    assert found is not None
    assert said in found.reason
    assert found.waits is waits


def test_the_same_document_of_the_same_app_never_stays_for_itself() -> None:
    shown = Told(group=7, primary=paper(STAYS, 11), others=[paper(STAYS, 12)])
    found = against_seen(shown, Seen(STAYS, STAYS, {11: TEXT, 12: TEXT}))
    assert found is not None
    assert "one and the same" in found.reason


def test_papers_without_words_are_not_asked_for_their_text() -> None:
    shown = Told(group=7, primary=paper(STAYS, 11, words=False), others=[paper(GOES, 12, words=False)])
    assert against_seen(shown, Seen(STAYS, GOES)) is None


NAMELESS = Item(Key("image", "5"), "Photo", frozenset(), {"size": 100, "md5": "aa"}, has_file=True)

STILL: dict[str, tuple[Item, bool]] = {
    "as it was": (NAMELESS, True),
    "its size is not told": (replace(NAMELESS, attrs={"md5": "aa"}), True),
    "another size": (replace(NAMELESS, attrs={"size": 101, "md5": "aa"}), False),
    "other bytes": (replace(NAMELESS, attrs={"size": 100, "md5": "bb"}), False),
    "another title, and nothing else names it": (replace(NAMELESS, title="Photo 2"), False),
    "it has refs now": (replace(NAMELESS, refs=frozenset({Ref("blob", "x")})), False),
    "a sum that was not told before": (replace(NAMELESS, refs=frozenset({Ref("sha256", "cc")})), True),
    "another key": (replace(NAMELESS, key=Key("image", "6")), False),
}


@pytest.mark.parametrize("case", STILL)
def test_whether_an_item_is_what_was_shown(case: str) -> None:
    item, still = STILL[case]
    assert (is_still(paper(NAMELESS, 5, words=False), item) is None) is still


def test_what_was_shown_is_kept_whole() -> None:
    assert read_told(write_told(SHOWN)) == SHOWN
    assert read_told(None) is None
    assert read_told("{}") is None
    assert msgspec.json.decode(write_told(SHOWN))["group"] == 7


def test_names_in_a_row() -> None:
    assert titles([SHOWN.primary]) == "“Invoice 12”"
    assert (
        titles([SHOWN.primary, *SHOWN.others, SHOWN.primary])
        == "“Invoice 12”, “Invoice 12 (1)” and “Invoice 12”"
    )
