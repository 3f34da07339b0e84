"""The pieces a sender puts on its paper: letterhead, the reader's address, keys and values, signatures."""

from bench.corpora.clinic_frames import Facts, Frame
from bench.corpora.clinic_paper import Block, Sheaf, wrap


def sheaf(frame: Frame, found: Facts) -> Sheaf:
    """An empty paper of this sender."""
    label = frame.tongue.label
    return Sheaf(
        deep=frame.look.deep,
        footer=label["page"],
        head=f"{frame.sender.name} - {found.number}" if frame.look.caps else "",
        gap=frame.look.gap,
    )


def letterhead(frame: Frame) -> list[Block]:
    """Who sends it."""
    sender, label = frame.sender, frame.tongue.label
    name = frame.tongue.caps(sender.name) if frame.look.caps else sender.name
    field = frame.tongue.fields[frame.base % len(frame.tongue.fields)]
    phone = f"{label['phone']} {sender.phone}"
    street, town = sender.address
    tax = f"{label['tax']} {sender.tax}"
    doctor = frame.doctor.full(frame.tongue)
    if frame.look.head == 0:
        return [Block((name, street, town, phone))]
    if frame.look.head == 1:
        return [Block((name, f"{street} - {town} - {phone}", f"{sender.mail} - {tax}"))]
    if frame.look.head == 2:
        return [Block(cells=((name, doctor), (street, field), (town, phone)), style=frame.look.table)]
    if frame.look.head == 3:
        return [Block((name, field, doctor)), Block((f"{street}, {town}", phone, sender.mail))]
    return [Block((name,))]


def foot(frame: Frame) -> list[Block]:
    """What stands at the foot of the paper of some senders."""
    sender, label = frame.sender, frame.tongue.label
    if frame.look.head != 4:
        return []
    street, town = sender.address
    return [
        Block(
            (
                f"{sender.name} | {street} | {town} | {label['phone']} {sender.phone}",
                f"{label['tax']} {sender.tax} {label['iban']} {sender.bank}",
            )
        )
    ]


def reader(frame: Frame, found: Facts) -> Block:
    """To whom it goes: a patient, or the practice itself."""
    if frame.kind.rows == "goods":
        return Block((frame.office.name, *frame.office.address))
    return Block((found.who.full(frame.tongue, turned=frame.look.turned), *found.who.address))


def keys(frame: Frame, items: list[tuple[str, str]]) -> Block:
    """Names and values: line by line, two in a line, or the names above the values."""
    colon = frame.look.colon
    lines = [f"{name}{colon}{value}" for name, value in items if value]
    if frame.look.keys == 0:
        return Block(tuple(lines))
    if frame.look.keys == 1:
        return Block(tuple("   ".join(lines[at : at + 2]) for at in range(0, len(lines), 2)))
    if frame.look.keys == 2:
        names = tuple(name for name, value in items if value)
        return Block(
            cells=(names, tuple(value for _, value in items if value)), style=frame.look.table % 3 % 2
        )
    return Block(cells=tuple((name, value) for name, value in items if value), style=frame.look.table)


def patient(frame: Frame, found: Facts) -> list[tuple[str, str]]:
    """What tells a patient: always the name, by some senders the birthday and a number."""
    label, look = frame.tongue.label, frame.look
    items = [(label["patient"], found.who.full(frame.tongue, turned=look.turned))]
    if look.born:
        items.append((label["born"], frame.tongue.on(found.who.born, look.date)))
    if look.ids:
        items.append((label["person"], found.who.code))
    return items


def when(frame: Frame, found: Facts) -> list[tuple[str, str]]:
    """The date and the number."""
    label = frame.tongue.label
    return [(label["date"], frame.tongue.on(found.day, frame.look.date)), (label["number"], found.number)]


def title(frame: Frame, key: str) -> Block:
    """The heading."""
    text = frame.tongue.label[key]
    return Block((frame.tongue.caps(text) if frame.look.keys % 2 else text,))


def paragraph(frame: Frame, text: str) -> Block:
    """A paragraph, wrapped as wide as this paper is."""
    return Block(wrap(text, frame.look.width))


def paragraphs(frame: Frame, texts: list[list[str]]) -> list[Block]:
    """Paragraphs of sentences."""
    return [paragraph(frame, frame.tongue.join(one)) for one in texts]


def boiler(frame: Frame, *, numbered: bool = False) -> list[Block]:
    """The constant paragraphs."""
    if numbered:
        return [paragraph(frame, f"{at}. {one}") for at, one in enumerate(frame.boiler, 1)]
    return [paragraph(frame, one) for one in frame.boiler]


def signatures(frame: Frame, who: str) -> Block:
    """Lines that wait for a pen."""
    label = frame.tongue.label
    rule = "_" * 24 if frame.look.money % 2 else "." * 30
    return Block((f"{label['place']} {rule}", f"{label['sign']} ({who}) {rule}"), sign=True)


def farewell(frame: Frame) -> Block:
    """The end of a letter."""
    field = frame.tongue.fields[frame.base % len(frame.tongue.fields)]
    return Block((frame.tongue.label["regards"], frame.doctor.full(frame.tongue), field))
