"""Letters to many and cards of makers: landlords to tenants, schools to parents, warranty cards."""

import random

from bench.corpora.household_goods import GOODS, RENTS
from bench.corpora.household_names import Home, home, person
from bench.corpora.household_numbers import later, shaped
from bench.corpora.household_paper import Draft
from bench.corpora.household_series import Series, rows


class Rent(Series):
    """A landlord's letters: yearly costs or a higher rent, to one tenant or to all of a house."""

    topic = "rent"
    words = (5.1, 0.6)
    types = (
        "{Betriebskostenabrechnung|Nebenkostenabrechnung|Mieterhöhung|Mitteilung zur Miete}",
        "{Service charge statement|Rent review|Rent statement}",
    )
    steps = (365.25,)
    near = ("renewal", "twin")

    def __init__(self, rng: random.Random, home: Home, number: int) -> None:
        super().__init__(rng, home, number)
        self.tenants = [home, *(self._tenant() for _ in range(rng.choice((0, 0, 3, 11, 24))))]
        self.costs = [
            (name, rng.randint(9000, 900000)) for name in rows(rng, RENTS[self.language], rng.randint(3, 14))
        ]

    def _tenant(self) -> Home:
        """Somebody else in the same house."""
        other = home(self.rng, self.language)
        return Home(self.language, other.people, self.home.street, self.home.town, self.home.code)

    def sheet(self, k: int) -> Draft:
        """All tenants get one, then comes the next year."""
        rng = self.rng
        turn, year = k % len(self.tenants), k // len(self.tenants)
        own = self.home
        self.home = self.tenants[turn]
        self.person = self.home.people[0]
        draft = self.draft(k)
        self.home = own
        if turn == 0 and k:
            self.costs = [(name, int(cents * rng.uniform(0.97, 1.12))) for name, cents in self.costs]
        draft.date = later(self.start, year * 365.25)
        draft.lines(f"{draft.type} {draft.date.year - 1}")
        flat = draft.mark(self.say(f"WE {turn + 1:02}", f"Flat {turn + 1}"))
        draft.pairs(
            (self.say("{Datum|den}", "Date"), draft.day(draft.date)),
            (self.say("{Objekt|Wohnung}", "{Property|Flat}"), f"{self.home.street}, {flat}"),
            (self.say("{Mieternummer|Vertrag}", "{Tenancy no|Account}"), f"{self.customer}-{turn + 1:02}"),
        )
        draft.number = f"{self.customer}-{turn + 1:02}"
        person = draft.person or self.person
        draft.text(
            self.greeting(person),
            self.say(
                "{nachstehend|hiermit} erhalten Sie {die Abrechnung|unsere Aufstellung} der Kosten.",
                "{below|please find below} {your share|our statement} of the costs.",
            ),
        )
        share = (37 + turn * 17 % 83) / 1000
        total, lines = 0, []
        for name, cents in self.costs:
            part = int(cents * share)
            total += part
            lines.append(f"{name} {self.style.plain(cents)} {draft.sum(part)}")
        draft.table(self.say("Kostenart  Haus gesamt  Ihr Anteil", "Item  Whole house  Your share"), lines)
        draft.text(
            self.say("{Ihre Nachzahlung|Der neue Betrag} {beträgt|lautet} ", "{You owe|The new amount is} ")
            + draft.cash(total)
            + self.say(", fällig am ", ", due on ")
            + draft.day(later(draft.date, 45))
            + "."
        )
        draft.price = draft.amounts[-1]
        return self.end(draft, k)


class School(Series):
    """One letter to many parents: the child's name differs; the next letter comes weeks later."""

    topic = "school"
    words = (4.6, 0.5)
    types = (
        "{Elternbrief|Elterninformation|Einladung|Schulausflug}",
        "{Letter to parents|School trip|Newsletter|Invitation}",
    )
    steps = (21.0, 45.0)

    def __init__(self, rng: random.Random, home: Home, number: int) -> None:
        super().__init__(rng, home, number)
        self.children = [person(rng, self.language) for _ in range(rng.choice((1, 2, 6, 14, 26)))]
        self.children = list({one.first: one for one in self.children}.values())
        self.grade = f"{rng.randint(1, 10)}{rng.choice('abcd')}"
        self.letter: list[str] = []

    def sheet(self, k: int) -> Draft:
        """The letter for the parents of one child."""
        rng = self.rng
        turn, round_ = k % len(self.children), k // len(self.children)
        child = self.children[turn]
        draft = Draft(
            self.style,
            later(self.start, round_ * self.step),
            self.firm,
            self.say(*self.types),
            child,
            series=self.series,
        )
        self.speaker.year = draft.date.year
        if turn == 0:
            self.letter = self.speaker.small_print("school", rng.randint(40, 90)) + self.speaker.body(
                "club", rng.randint(0, 60)
            )
        draft.lines(*self.sender)
        draft.lines(f"{draft.type}, {self.say('Klasse', 'Class')} {self.grade}", draft.day(draft.date))
        draft.text(
            self.say("{Liebe Eltern von|An die Eltern von} ", "{Dear parents of|To the parents of} ")
            + draft.mark(child.name)
            + ","
        )
        draft.text(*self.letter)
        draft.lines(
            self.say("Mit freundlichen Grüßen", "Yours sincerely"),
            self.say("<name>, Schulleitung", "<name>, Head Teacher"),
        )
        draft.lines(
            self.say(
                "- - - - {bitte abtrennen|Rücklauf} - - - -", "- - - - {please return|reply slip} - - - -"
            ),
            self.say("{Mein Kind|Name des Kindes}: ", "{My child|Name of child}: ") + child.name,
            self.say("darf teilnehmen [ ] ja [ ] nein", "may take part [ ] yes [ ] no"),
            self.say("Datum ____________ Unterschrift ____________", "Date ____________ Signed ____________"),
        )
        draft.form = True
        return draft


class Warranty(Series):
    """Cards of one maker: type, serial number, day and dealer differ."""

    topic = "warranty"
    words = (5.0, 0.6)
    types = (
        "{Garantiekarte|Garantieurkunde|Garantieschein}",
        "{Guarantee card|Warranty certificate|Warranty card}",
    )
    steps = (91.31, 400.0)

    def sheet(self, k: int) -> Draft:
        """A card."""
        rng = self.rng
        draft = Draft(
            self.style, self.date_of(k), self.firm, self.say(*self.types), self.person, series=self.series
        )
        what = rng.choice(GOODS[self.language])
        draft.lines(*self.sender)
        draft.lines(draft.type.upper() if self.order < 2 else draft.type)
        draft.number = draft.mark(shaped(rng, rng.choice(("@@########", "########", "####-#####/#"))))
        draft.pairs(
            (self.say("{Gerät|Produkt}", "{Product|Appliance}"), what),
            (
                self.say("{Modell|Typ}", "{Model|Type}"),
                draft.mark(shaped(rng, "@@ ###") + rng.choice(("", " S", " plus", "-2"))),
            ),
            (self.say("{Seriennummer|Serien-Nr.|Fabr.-Nr.}", "{Serial number|Serial no.}"), draft.number),
            (self.say("{Kaufdatum|Verkauft am}", "{Date of purchase|Bought on}"), draft.day(draft.date)),
            (
                self.say("{Händler|Stempel des Händlers}", "{Dealer|Dealer's stamp}"),
                draft.mark(self.speaker.say("<last>, <town>", "<last>, <town>")),
            ),
            (
                self.say("{Käufer|Name}", "{Owner|Name}"),
                rng.choice(self.home.people).name if rng.random() < 0.6 else "______________",
            ),
        )
        return self.end(draft, k)
