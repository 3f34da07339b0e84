"""Merging documents onto one: it gains, the others lose nothing, and twice is as once."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from reconciled.errors import Refused, SourceError
from reconciled.source import Merges, Merging
from reconciled.testing.fakes.paperless import FakePaperless
from reconciled.testing.faults import Fault
from reconciled_paperless.items import key_of
from reconciled_paperless.merging import Words, plan
from reconciled_paperless.payloads import Author, Document, FieldValue, Note

WORDS = Words(
    {1: "tax", 2: "house", 3: "Tax"}, {1: "ACME", 2: "Acme Ltd", 3: "acme"}, {1: "Invoice", 2: "Letter"}
)
DAY = datetime(2026, 1, 2, tzinfo=UTC)
PAID = Note(7, "Paid in cash", DAY, Author(4, "anna"))
PAID_COPIED = "Paid in cash\n\n(copied from document 8, note 7, anna, 2026-01-02)"

STAYS = (
    "the archive serial number 12 stays with document 8: Paperless gives a number to one document only, and "
    "lets one in the trash keep it"
)


def onto(**more: Any) -> Document:
    return Document(5, **more)


def other(number: int = 8, **more: Any) -> Document:
    return Document(number, **more)


@pytest.mark.parametrize(
    ("primary", "others", "gains", "conflicts"),
    [
        (onto(), [], [], []),
        (onto(tags=(1,)), [other(tags=(1, 2))], ["gets the tag “house”"], []),
        (onto(tags=(1,)), [other(tags=(3,))], [], []),  # another tag of the same name
        (onto(tags=()), [other(tags=(1, 3))], ["gets the tag “tax”"], []),
        (onto(), [other(tags=(9,))], ["gets the tag number 9 (its name is hidden from this user)"], []),
        (onto(tags=(9,)), [other(tags=(9,))], [], []),
        (onto(), [other(correspondent=1)], ["gets the correspondent “ACME” of document 8"], []),
        (onto(correspondent=1), [other(correspondent=1)], [], []),
        (onto(correspondent=1), [other(correspondent=3)], [], []),
        (
            onto(correspondent=1),
            [other(correspondent=2)],
            [],
            ["the correspondent “Acme Ltd” of document 8 is not taken over: it has “ACME”"],
        ),
        (
            onto(),
            [other(correspondent=2), other(9, correspondent=1)],
            ["gets the correspondent “Acme Ltd” of document 8"],
            ["the correspondent “ACME” of document 9 is not taken over: it gets “Acme Ltd”"],
        ),
        (onto(), [other(document_type=2)], ["gets the document type “Letter” of document 8"], []),
        (
            onto(archive_serial_number=3),
            [other(archive_serial_number=12)],
            [],
            [STAYS],
        ),
        (onto(), [other(notes=(PAID,))], ["gets the note “Paid in cash” of document 8"], []),
        (onto(notes=(Note(1, PAID_COPIED),)), [other(notes=(PAID,))], [], []),
        (onto(notes=(Note(1, " Paid in cash\n"),)), [other(notes=(PAID,))], [], []),
        # a copy of a copy is known by the first; so is a copy of its own note
        (onto(notes=(Note(1, PAID_COPIED),)), [other(9, notes=(Note(3, PAID_COPIED),))], [], []),
        (
            onto(notes=(Note(1, "Mine"),)),
            [other(9, notes=(Note(3, "Mine\n\n(copied from document 5, note 1, bob)"),))],
            [],
            [],
        ),
        (onto(), [other(notes=(Note(1, "  "),))], [], []),
        (onto(), [other(custom_fields=(FieldValue(1, ""), FieldValue(2, None)))], [], []),
        (onto(custom_fields=(FieldValue(1, "x"),)), [other(custom_fields=(FieldValue(1, "x"),))], [], []),
        (
            onto(custom_fields=(FieldValue(1, "x"),)),
            [other(custom_fields=(FieldValue(1, "y"), FieldValue(2, 3)))],
            [],
            ["2 custom fields stay with document 8: custom fields are not merged"],
        ),
    ],
)
def test_what_it_gets(
    primary: Document, others: list[Document], gains: list[str], conflicts: list[str]
) -> None:
    assert plan(primary, others, WORDS).said == Merging(tuple(gains), tuple(conflicts))


def test_how_a_note_is_copied() -> None:
    assert plan(onto(), [other(notes=(PAID,))], WORDS).notes == (PAID_COPIED,)
    again = plan(onto(), [other(9, notes=(Note(3, PAID_COPIED, DAY, Author(1, "bob")),))], WORDS)
    assert again.notes == (PAID_COPIED,)
    odd = Note(7, "Half (paid)", DAY, Author(4, "an(na)"))
    copied = plan(onto(), [other(notes=(odd,))], WORDS).notes[0]
    assert not plan(onto(notes=(Note(1, copied),)), [other(notes=(odd,))], WORDS).notes
    assert copied.startswith("Half (paid)\n\n(copied from document 8, note 7, an na")


@pytest.fixture(params=["3.0.5", "2.20.15"])
async def fake(request: pytest.FixtureRequest, running: Any) -> FakePaperless:
    """1 knows nothing; 2 and 3 know all sorts of things."""
    app: FakePaperless = await running(version=request.param)
    acme, bob = app.put_correspondent("ACME"), app.put_correspondent("Bob")
    invoice = app.put_type("Invoice")
    app.put("Invoice", labels=["tax"])
    app.put("Invoice (1)", labels=["tax", "house"], correspondent=acme.id, document_type=invoice.id, asn=12)
    app.put("Invoice (2)", labels=["paper"], correspondent=bob.id)
    app.put_note(2, "Paid in cash")
    app.put_note(3, "Twice?\nAsk Bob")
    return app


KEYS = [key_of(2), key_of(3)]


@pytest.mark.parametrize(
    "hostile",
    ["\n" * 300_000 + "x", "(copied from document 1, note 1)" + " " * 300_000 + "x"],
    ids=["lines", "blanks"],
)
def test_a_hostile_note_is_read_in_no_time(hostile: str) -> None:
    """Quadratic reading of one would stop the daemon for minutes."""
    said = plan(onto(notes=(Note(1, hostile),)), [other(notes=(Note(2, hostile),))], WORDS)
    assert not said.notes, "it has that note"


def test_a_copy_of_no_such_document() -> None:
    odd = Note(3, f"Paid\n\n(copied from document {'1' * 5000}, note 1)")
    assert plan(onto(), [other(notes=(odd,))], WORDS).notes


def labels(fake: FakePaperless, number: int) -> set[str]:
    return {fake.state.tags[tag].name for tag in fake.state.documents[number].tags}


async def test_a_merge(fake: FakePaperless, asking: Any) -> None:
    source = asking(fake)
    assert isinstance(source, Merges)
    others = {number: fake.state.documents[number] for number in (2, 3)}
    before = fake.state.documents[1]
    said = await source.foresee_merge(key_of(1), KEYS)
    assert fake.state.documents[1] is before
    assert said.gains == (
        "gets the tag “house”",
        "gets the tag “paper”",
        "gets the correspondent “ACME” of document 2",
        "gets the document type “Invoice” of document 2",
        "gets the note “Paid in cash” of document 2",
        "gets the note “Twice? Ask Bob” of document 3",
    )
    assert [one.partition(" of ")[0].partition(" stays")[0] for one in said.conflicts] == [
        "the correspondent “Bob”",
        "the archive serial number 12",
    ]
    for _ in range(2):
        await source.merge(key_of(1), KEYS)
    one = fake.state.documents[1]
    assert labels(fake, 1) == {"tax", "house", "paper"}
    assert (one.correspondent, one.document_type, one.asn) == (1, 1, None)
    today = fake.now().date().isoformat()
    assert [note.text for note in reversed(one.notes)] == [
        f"Paid in cash\n\n(copied from document 2, note 1, admin, {today})",
        f"Twice?\nAsk Bob\n\n(copied from document 3, note 2, admin, {today})",
    ]
    assert {number: fake.state.documents[number] for number in (2, 3)} == others
    assert not (await source.foresee_merge(key_of(1), KEYS)).gains


async def test_a_tag_that_is_left_out(fake: FakePaperless, asking: Any) -> None:
    """In whatever capitals; all else comes."""
    source = asking(fake)
    without = ["HOUSE ", "nobody's"]
    said = await source.foresee_merge(key_of(1), KEYS, without=without)
    assert said.gains[0] == "gets the tag “paper”"
    await source.merge(key_of(1), KEYS, without=without)
    assert labels(fake, 1) == {"tax", "paper"}
    assert len(fake.state.documents[1].notes) == 2


async def test_nothing_to_merge(fake: FakePaperless, asking: Any) -> None:
    source = asking(fake)
    assert await source.foresee_merge(key_of(1), []) == Merging()
    assert await source.foresee_merge(key_of(1), [key_of(1)]) == Merging()
    await source.merge(key_of(1), [key_of(1)])
    assert fake.count("*", method="POST") == 0


async def test_two_merges_at_once(fake: FakePaperless, asking: Any) -> None:
    source = asking(fake)
    await asyncio.gather(*(source.merge(key_of(1), KEYS) for _ in range(3)))
    assert len(fake.state.documents[1].notes) == 2


async def test_a_correspondent_that_was_set_meanwhile(fake: FakePaperless, asking: Any) -> None:
    """Between the plan and the deed: it is left."""
    source = asking(fake)
    add_note = fake.put_note
    done: list[Any] = []

    def meanwhile(number: int, text: str, **more: Any) -> Any:
        made = add_note(number, text, **more)
        if not done:
            done.append(fake._keep(replace(fake.state.documents[number], correspondent=2)))
        return made

    fake.put_note = meanwhile  # type: ignore[method-assign]
    await source.merge(key_of(1), KEYS)
    assert fake.state.documents[1].correspondent == 2


@pytest.mark.parametrize("lacking", ["gone", "hidden"])
async def test_one_that_is_not_shown(running: Any, asking: Any, lacking: str) -> None:
    """Then nothing is merged, for nobody knows what it has."""
    app: FakePaperless = await running()
    ann = app.put_user("ann")
    app.put("One", owner=ann.id)
    app.put("Two", labels=["x"], owner=ann.id)
    if lacking == "gone":
        app.delete(2)
    else:
        app.hide(2, owner=2)
    source = asking(app, token=ann.token)
    for act in (source.foresee_merge, source.merge):
        with pytest.raises(Refused, match="does not show document 2"):
            await act(key_of(1), [key_of(2)])
    assert not app.state.documents[1].tags


@pytest.mark.parametrize("lacks", ["add_note", "change_document", "owner"])
async def test_without_the_right(running: Any, asking: Any, lacks: str) -> None:
    app: FakePaperless = await running()
    full = app.put_user("full")
    ann = app.put_user("ann", rights=full.rights - {lacks})
    app.put("One", owner=2 if lacks == "owner" else ann.id, viewers=frozenset({ann.id}))
    app.put("Two", owner=ann.id, labels=["x"] if lacks != "add_note" else [])
    app.put_note(2, "Paid")
    with pytest.raises(Refused, match="the user of this source may not"):
        await asking(app, token=ann.token).merge(key_of(1), [key_of(2)])
    assert not app.state.documents[1].notes


async def test_names_that_we_may_not_look_up(running: Any, asking: Any) -> None:
    """The number does as well."""
    app: FakePaperless = await running()
    full = app.put_user("full")
    ann = app.put_user("ann", rights=full.rights - {"view_correspondent"})
    acme = app.put_correspondent("ACME")
    app.put("One", owner=ann.id)
    app.put("Two", owner=ann.id, correspondent=acme.id)
    source = asking(app, token=ann.token)
    said = await source.foresee_merge(key_of(1), [key_of(2)])
    assert said.gains == (
        "gets the correspondent number 1 (its name is hidden from this user) of document 2",
    )
    await source.merge(key_of(1), [key_of(2)])
    assert app.state.documents[1].correspondent == acme.id


@pytest.mark.parametrize("deaf", ["edit", "put_note"])
async def test_a_yes_that_did_nothing(fake: FakePaperless, asking: Any, monkeypatch: Any, deaf: str) -> None:
    async def swallow(*args: Any, **more: Any) -> None:
        return

    monkeypatch.setattr(fake, deaf, swallow if deaf == "edit" else lambda *args, **more: None)
    with pytest.raises(Refused, match="still lacks it: it gets the"):
        await asking(fake).merge(key_of(1), KEYS)


@pytest.mark.parametrize("path", ["*/bulk_edit/", "*/notes/"])
@pytest.mark.parametrize("fault", [Fault.CUT_JSON, Fault.RESET, Fault.ERROR])
async def test_cut_off_in_the_middle_and_done_again(
    fake: FakePaperless, asking: Any, fault: Fault, path: str
) -> None:
    """Whatever had happened before the cut, there is one of each at the end."""
    source = asking(fake)
    fake.faults.set(fault, path, method="POST", times=1)
    try:
        await source.merge(key_of(1), KEYS)
    except SourceError:
        await source.merge(key_of(1), KEYS)
    assert labels(fake, 1) == {"tax", "house", "paper"}
    assert len(fake.state.documents[1].notes) == 2
    assert not (await source.foresee_merge(key_of(1), KEYS)).gains
