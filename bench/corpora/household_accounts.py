"""Papers about money: bank statements, payslips, tax assessments, notices of insurers."""

import random

from bench.corpora.household_firms import firm_name
from bench.corpora.household_goods import POLICIES, TAXES, WAGES
from bench.corpora.household_names import Home, person
from bench.corpora.household_numbers import MONTHS, later, shaped
from bench.corpora.household_paper import Draft
from bench.corpora.household_series import Series, rows


class Bank(Series):
    """Account statements; the balance is carried on, the same parties come back."""

    topic = "bank"
    words = (4.0, 0.6)
    types = (
        "{Kontoauszug|Auszug|Kontoauszug Girokonto}",
        "{Statement of account|Bank statement|Current account statement}",
    )
    steps = (30.44, 30.44, 91.31, 7.0)

    def __init__(self, rng: random.Random, home: Home, number: int) -> None:
        super().__init__(rng, home, number)
        self.balance = rng.randint(5000, 900000)
        kinds = ("shop", "phone", "energy", "insurance", "subscription", "rent", "pay", "club")
        firms = [firm_name(rng, self.language, rng.choice(kinds)) for _ in range(14)]
        self.parties = firms + [person(rng, self.language).name for _ in range(5)]
        self.busy = rng.randint(3, 30)

    def sheet(self, k: int) -> Draft:
        """One statement."""
        rng, draft = self.rng, self.draft(k)
        number = f"{k % 12 + 1}/{draft.date.year}" if self.step > 8 else f"{k % 52 + 1:03}/{draft.date.year}"
        self.head(draft, number, (self.say("{IBAN|Konto}", "{Account|IBAN}"), self.iban))
        old = draft.sum(self.balance)
        lines = [f"{self.say('{Alter Saldo|Alter Kontostand}', '{Opening balance|Brought forward}')} {old}"]
        offsets = sorted(
            rng.randint(1, max(2, int(self.step) - 1)) for _ in range(max(2, int(rng.gauss(self.busy, 4))))
        )
        for offset in offsets:
            cents = -int(rng.lognormvariate(8.2, 1.1)) if rng.random() < 0.86 else rng.randint(20000, 380000)
            self.balance += cents
            lines.append(self.booking(draft, offset, cents))
        lines.append(
            self.say("{Neuer Saldo|Kontostand} EUR ", "{Closing balance|Carried forward} ")
            + draft.sum(self.balance)
        )
        draft.lines(*lines)
        return self.end(draft, k)

    def booking(self, draft: Draft, offset: int, cents: int) -> str:
        """A line of the statement."""
        day = later(draft.date, offset - int(self.step))
        kinds = (
            ("Lastschrift", "Kartenzahlung", "Überweisung", "Dauerauftrag")
            if self.de
            else ("DD", "CARD", "Transfer", "SO")
        )
        kind = (
            self.rng.choice(kinds) if cents < 0 else self.say("{Gutschrift|Zahlungseingang}", "{Credit|BGC}")
        )
        sign = "-" if cents < 0 else "+" if self.order < 2 else ""
        note = shaped(self.rng, self.rng.choice(("", "", "Ref ########", "@@@-#####", "####/##")))
        return (
            " ".join(f"{day.day:02}.{day.month:02}. {kind} {self.rng.choice(self.parties)} {note}".split())
            + f" {draft.sum(abs(cents))}{sign}"
        )


class Payslip(Series):
    """Payslips: many constant lines, a few that vary."""

    topic = "pay"
    words = (3.6, 0.6)
    types = (
        "{Entgeltabrechnung|Lohnabrechnung|Gehaltsabrechnung|Verdienstabrechnung}",
        "{Payslip|Pay advice|Salary statement}",
    )
    steps = (30.44,)

    def sheet(self, k: int) -> Draft:
        """A month's pay."""
        rng, draft = self.rng, self.draft(k)
        if not k or k % 14 == 0:
            self.fields = [
                (name, rng.randint(900, 480000), rng.random() < 0.55)
                for name in rows(rng, WAGES[self.language], rng.randint(9, 24))
            ]
        month = f"{MONTHS[self.language][draft.date.month - 1]} {draft.date.year}"
        draft.lines(f"{draft.type} {draft.mark(month)}")
        draft.pairs(
            (self.say("{Personalnummer|Pers.-Nr.}", "{Employee no|Payroll number}"), self.customer),
            (
                self.say("{SV-Nummer|Rentenvers.-Nr.}", "{NI number|N.I. No}"),
                self.say("<number> <last> <few>", "QQ <number> C"),
            ),
            (self.say("{Steuerklasse|StKl}", "{Tax code|Code}"), self.say("{1|3|4|5}", "{1257L|BR|K88}")),
            (self.say("{Eintritt|Eintrittsdatum}", "{Start date|Joined}"), self.say("<date>", "<date>")),
        )
        net, lines = 0, []
        for name, cents, fixed in self.fields:
            given = cents if fixed else max(100, int(cents * rng.uniform(0.7, 1.3)))
            net += given // 9
            lines.append(f"{name} {self.style.plain(given) if fixed else draft.sum(given)}")
        draft.lines(*lines)
        net += 120000
        draft.lines(
            f"{self.say('{Auszahlungsbetrag|Überweisung}', '{Net pay|Amount paid}')} {draft.cash(net)}",
            f"{self.say('{Bank|Empfänger}', '{Paid to|Bank}')} {self.iban}",
        )
        return self.end(draft, k)


class Tax(Series):
    """The assessments of one office, a year apart."""

    topic = "tax"
    near = ("revision",)
    words = (5.2, 0.5)
    types = (
        "{Steuerbescheid|Bescheid über Einkommensteuer|Grundabgabenbescheid|Abgabenbescheid}",
        "{Tax calculation|Council tax bill|Tax assessment|Demand notice}",
    )
    steps = (365.25,)

    def sheet(self, k: int) -> Draft:
        """An assessment of a year."""
        rng, draft = self.rng, self.draft(k)
        if not k:
            self.fields = [
                (name, rng.randint(1500, 5000000))
                for name in rows(rng, TAXES[self.language], rng.randint(5, 16))
            ]
        self.head(
            draft, self.next_number(draft.date),
            (self.say("{Steuernummer|Kassenzeichen}", "{Reference|Tax ref}"), self.say("<tax>", "<nine> K")),
            (self.say("{für das Jahr|Jahr}", "{Year|For the year}"), str(draft.date.year - 1)),
        )  # fmt: skip
        self.fields = [
            (name, int(cents * rng.uniform(0.95, 1.1)) if rng.random() < 0.6 else cents)
            for name, cents in self.fields
        ]
        draft.table(
            self.say("{Berechnung|Festsetzung} in Euro", "{How we worked it out|Calculation}"),
            [f"{name} {draft.sum(cents)}" for name, cents in self.fields],
        )
        total = self.fields[-1][1]
        draft.lines(
            self.say("{Abrechnung|Noch zu zahlen|Erstattung} ", "{To pay|Amount due|Refund} ")
            + draft.cash(total),
            f"{self.say('{Zahlbar bis|Fällig}', '{by|Due}')} {draft.day(later(draft.date, 31))}",
        )
        return self.end(draft, k)


class Insurance(Series):
    """Yearly notices: the price goes up, or stays."""

    topic = "insurance"
    words = (5.4, 0.7)
    types = (
        "{Beitragsrechnung|Beitragsanpassung|Nachtrag zum Versicherungsschein|Jahresbeitrag}",
        "{Renewal notice|Policy schedule|Premium notice}",
    )
    steps = (365.25, 365.25, 182.6)
    near = ("renewal", "twin")

    def sheet(self, k: int) -> Draft:
        """A notice of a year."""
        rng, draft = self.rng, self.draft(k)
        if not k:
            self.cents = rng.randint(2500, 90000)
            self.policy = rng.choice(POLICIES[self.language])
        elif rng.random() < 0.7:
            self.cents = int(self.cents * rng.uniform(1.01, 1.12))
        draft.lines(f"{draft.type} {self.policy}")
        draft.pairs(
            (
                self.say("{Versicherungsschein-Nr.|Vertrag|Policennummer}", "{Policy number|Policy}"),
                self.customer,
            ),
            (self.say("{Datum|}", "{Date|}") or self.say("vom", "Dated"), draft.day(draft.date)),
            (
                self.say("{Versicherungsnehmer|Versichert}", "{Policyholder|Insured}"),
                (draft.person or self.person).name,
            ),
            (
                self.say("{Versicherungssumme|Deckung}", "{Sum insured|Cover limit}"),
                self.style.cash(self.count * 100),
            ),
        )
        draft.number = self.customer
        draft.text(
            self.greeting(draft.person or self.person),
            self.say("{Ihr Vertrag geht in das nächste Jahr|Ihre Versicherung läuft weiter}.",
                     "{Your policy is due for renewal|Your cover continues}.")
            + self.say(" {Wir bitten um den|Fällig ist der} Beitrag von ", " {The price is|You pay} ")
            + draft.cash(self.cents) + self.say(" {jährlich|im Jahr}.", " {a year|for twelve months}."),
        )  # fmt: skip
        draft.price = draft.amounts[-1]
        return self.end(draft, k)
