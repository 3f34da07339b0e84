"""Bills of a household: energy, telephone, subscriptions, doctors, and the receipts of shops."""

import datetime as dt

from bench.corpora.household_goods import CALLS, GROCERIES, PLANS, TREATMENTS
from bench.corpora.household_numbers import later, shaped
from bench.corpora.household_paper import Draft
from bench.corpora.household_series import Series, rows


class Energy(Series):
    """Electricity, gas and water: a yearly bill with readings, or the bill of a month."""

    topic = "energy"
    near = ("revision",)
    types = (
        "{Stromrechnung|Gasrechnung|Jahresrechnung|Verbrauchsabrechnung}",
        "{Electricity bill|Gas bill|Water bill|Your bill}",
    )
    words = (5.0, 0.7)
    steps = (365.25, 365.25, 91.31, 30.44)

    def sheet(self, k: int) -> Draft:
        """A bill with meter readings."""
        rng, draft = self.rng, self.draft(k)
        begin, due = later(draft.date, -self.step), later(draft.date, 14)
        used = max(20, int(self.count % 40 * self.step / 4 * rng.uniform(0.8, 1.25)))
        old = self.count % 50000 + k * used
        unit = 12 + self.count % 30 + k % 5
        net = used * unit + 900
        tax = round(net * 0.19) if self.de else round(net * 0.05)
        period = f"{self.style.day(begin)} - {draft.day(draft.date)}"
        self.head(
            draft, self.next_number(draft.date),
            (self.say("{Kundennummer|Vertragskonto|Kd.-Nr.}", "{Account number|Customer no}"), self.customer),
            (self.say("{Zählernummer|Zähler}", "{Meter no|Meter}"), self.say("1ESY<nine>", "E7Z<nine>")),
            (self.say("{Zeitraum|Abrechnungszeitraum}", "{Period|Billing period}"), period),
        )  # fmt: skip
        if self.order == 0:
            draft.text(
                self.greeting(self.person),
                self.say(
                    "für Ihre Verbrauchsstelle berechnen wir Ihnen:", "here is what you owe for the supply:"
                ),
            )
        draft.table(
            self.say(
                "{Zählerstand|Stand} alt  neu  Verbrauch kWh",
                "{Previous|Last} reading  {Present|This} reading  kWh used",
            ),
            [f"{old}  {draft.mark(str(old + used))}  {draft.mark(str(used))}"],
        )
        draft.lines(
            self.say("{Arbeitspreis|Verbrauch} ", "{Unit charge|Energy used} ")
            + f"{used} x {self.style.plain(unit)} {draft.sum(used * unit)}",
            self.say("{Grundpreis|Zählermiete} ", "{Standing charge|Fixed charge} ") + self.style.plain(900),
            f"{self.say('Umsatzsteuer 19 %', 'VAT at 5%')} {draft.sum(tax)}",
            f"{self.say('{Rechnungsbetrag|Zu zahlen}', '{Total due|Amount to pay}')} {draft.cash(net + tax)}",
            f"{self.say('{Fällig am|Zahlbar bis}', '{Pay by|Due date}')} {draft.day(due)}",
        )  # fmt: skip
        return self.end(draft, k)


class Phone(Series):
    """Telephone and internet, with single calls in some."""

    topic = "phone"
    near = ("revision",)
    types = (
        "{Mobilfunkrechnung|Rechnung|Telefonrechnung|Ihre Rechnung}",
        "{Mobile bill|Broadband bill|Your statement of charges|Bill}",
    )
    steps = (30.44,)

    def sheet(self, k: int) -> Draft:
        """A month's bill."""
        rng, draft = self.rng, self.draft(k)
        if not k:
            self.plan = [
                (name, rng.randint(199, 3999)) for name in rows(rng, PLANS[self.language], rng.randint(1, 3))
            ]
            self.single = rng.random() < 0.4
            self.own = self.say("0171 <nine>", "07700 <nine>")
        self.head(
            draft, self.next_number(draft.date),
            (self.say("{Kundennummer|Kundenkonto}", "{Account|Customer number}"), self.customer),
            (self.say("{Rufnummer|Anschluss}", "{Phone number|Line}"), self.own),
            (self.say("{Abrechnungsmonat|Monat}", "{Month|Bill month}"), f"{draft.date:%m/%Y}"),
        )  # fmt: skip
        lines = [f"{name} {self.style.plain(cents)}" for name, cents in self.plan]
        total = sum(cents for _, cents in self.plan)
        for name in rows(rng, CALLS[self.language], rng.randint(0, 4)):
            cents = rng.randint(9, 900)
            total += cents
            lines.append(f"{name} {rng.randint(1, 90)} {draft.sum(cents)}")
        draft.lines(*lines)
        draft.lines(
            self.say("{Summe netto|Nettobetrag} ", "{Net total|Charges before VAT} ")
            + self.style.plain(round(total / (1.19 if self.de else 1.2))),
            f"{self.say('{Rechnungsbetrag|Gesamtbetrag}', '{Total|Amount due}')} {draft.cash(total)}",
        )
        draft.text(
            self.say(
                "{Den Betrag buchen wir ab am|Abbuchung am} ", "{We will collect this on|Direct debit on} "
            )
            + draft.day(later(draft.date, 8))
        )
        if self.single:
            draft.table(
                self.say("{Einzelverbindungen|Verbindungsnachweis}", "{Itemised calls|Call details}"),
                self.calls(draft.date),
            )
        return self.end(draft, k)

    def calls(self, day: dt.date) -> list[str]:
        """Single calls."""
        found: list[tuple[dt.date, str, str]] = []
        for _ in range(self.rng.randint(4, 45)):
            when = later(day, -self.rng.randint(1, 30))
            clock = f"{self.rng.randint(6, 23):02}:{self.rng.randint(0, 59):02}"
            to = f"{shaped(self.rng, '0#### ######')} 0:{self.rng.randint(1, 59):02}"
            found.append((when, clock, to))
        return [f"{when.day:02}.{when.month:02}. {clock} {to}" for when, clock, to in sorted(found)]


class Subscription(Series):
    """The same price each time: only the date and the number differ, in some the period."""

    topic = "subscription"
    near = ("revision",)
    words = (4.3, 0.8)
    types = (
        "{Beitragsrechnung|Rechnung|Abonnement-Rechnung|Dauerrechnung}",
        "{Invoice|Membership invoice|Subscription receipt}",
    )
    steps = (30.44, 30.44, 91.31, 365.25)

    def sheet(self, k: int) -> Draft:
        """A bill that is nearly the last one."""
        draft = self.draft(k)
        if not k:
            self.cents = self.rng.choice((599, 799, 999, 1290, 1499, 1990, 2490, 2995, 3900, 4750, 6600))
            self.what = self.say(
                "{Monatsbeitrag|Bezugsgeld|Grundgebühr|Jahresbeitrag} {Komfort|Basis|Premium|Familie|}",
                "{Membership|Plan|Delivery|Access} {Basic|Plus|Family|Gold|}",
            )
        self.head(
            draft,
            self.next_number(draft.date),
            (self.say("{Mitgliedsnummer|Kundennr.|Abo-Nr.}", "{Member no|Customer number}"), self.customer),
        )
        if self.order % 2:
            draft.text(
                self.say("Leistungszeitraum ", "Period from ")
                + draft.day(draft.date)
                + " - "
                + draft.day(later(draft.date, self.step - 1))
            )
        else:
            draft.text(
                self.greeting(self.person) if not self.shared else "",
                self.say(
                    "{vielen Dank, dass Sie dabei sind|wir berechnen wie vereinbart}.",
                    "{thank you for being with us|as agreed we charge}.",
                ),
            )
        net = round(self.cents / (1.19 if self.de else 1.2))
        draft.lines(
            f"1 {self.what} {self.style.plain(net)}",
            f"{self.say('{MwSt|USt} 19%', 'VAT 20%')} {self.style.plain(self.cents - net)}",
            f"{self.say('{Endbetrag|Summe}', '{Total|To pay}')} {self.style.cash(self.cents)}",
        )
        draft.price = (self.style.plain(self.cents), self.cents)
        return self.end(draft, k)


class Doctor(Series):
    """A doctor's bill: patient, day and code of each treatment."""

    topic = "doctor"
    near = ("revision",)
    words = (4.2, 0.6)
    types = (
        "{Liquidation|Rechnung|Privatrechnung|Honorarrechnung}",
        "{Fee note|Invoice|Statement of account}",
    )
    steps = (30.44, 60, 120, 365.25)

    def sheet(self, k: int) -> Draft:
        """A bill for a few treatments."""
        rng, draft = self.rng, self.draft(k)
        patient = rng.choice(self.home.people)
        self.head(
            draft, self.next_number(draft.date),
            (self.say("{Patient|Für}", "{Patient|Patient name}"), draft.mark(patient.name)),
            (self.say("{Diagnose|ICD}", "{Diagnosis|Code}"), shaped(rng, rng.choice(("@##.#", "@## G")))),
        )  # fmt: skip
        total, lines = 0, []
        for treatment in rows(rng, TREATMENTS[self.language], rng.randint(1, 9)):
            cents = rng.randint(450, 14000)
            total += cents
            when = draft.day(later(draft.date, -rng.randint(3, 40)))
            factor = rng.choice(("1,0", "1,8", "2,3", "2,3", "3,5")) if self.de else "1"
            lines.append(f"{when} {shaped(rng, '####')} {treatment} {factor} {draft.sum(cents)}")
        draft.table(self.say("Datum Ziffer Leistung Faktor Betrag", "Date Code Treatment Qty Fee"), lines)
        draft.lines(
            f"{self.say('{Gesamtbetrag|Rechnungsbetrag}', '{Total|Balance due}')} {draft.cash(total)}"
        )
        return self.end(draft, k)


class Receipt(Series):
    """The till slips of one shop."""

    topic = "shop"
    words = (2.9, 0.4)
    types = ("{Kassenbon|Beleg|Quittung|Kassenbeleg}", "{Receipt|Till receipt|Sales receipt}")
    steps = (2.0, 7.0, 13.0, 40.0)

    def sheet(self, k: int) -> Draft:
        """A till slip; nobody is addressed."""
        rng = self.rng
        draft = Draft(self.style, self.date_of(k), self.firm, self.say(*self.types), series=self.series)
        draft.lines(*(self.sender if self.order else [one.upper() for one in self.sender]))
        total, lines = 0, []
        for name in rows(rng, GROCERIES[self.language], max(1, int(rng.lognormvariate(1.7, 0.7)))):
            cents = rng.randint(39, 2999)
            many = rng.choice((1, 1, 1, 1, 2, 3))
            total += cents * many
            times = "" if many == 1 else f"{many} x {self.style.plain(cents)} "
            name = name if self.order % 2 else name.upper()
            lines.append(f"{name} {times}{draft.sum(cents * many)} {rng.choice('AB')}")
        draft.lines(*lines)
        cash = self.say("{Bar|Gegeben BAR} ", "{CASH|Cash tendered} ")
        plastic = self.say("{Girocard|Karte|EC-Cash} ", "{CARD|VISA DEBIT} ")
        paid = rng.choice((total, total, -(-total // 1000) * 1000))
        draft.lines(
            f"{self.say('{SUMME|Summe EUR|ZU ZAHLEN}', '{TOTAL|BALANCE DUE|Total}')} {draft.sum(total)}",
            (cash if paid != total else plastic) + self.style.plain(paid),
            f"{self.say('{Rückgeld|Zurück}', '{CHANGE|Change due}')} {self.style.plain(paid - total)}"
            if paid != total
            else "",
            self.say("A 19,00% B 7,00% MwSt", "A 20% B 0% VAT") + f" {self.style.plain(round(total * 0.07))}",
        )
        self.count += rng.randint(1, 400)
        clock = draft.mark(f"{rng.randint(7, 21):02}:{rng.randint(0, 59):02}")
        draft.lines(
            f"{draft.day(draft.date)} {clock} {self.say('Kasse', 'Till')} {rng.randint(1, 9)} "
            + self.say("Bon ", "Trans ")
            + draft.mark(str(self.count)),
            f"TSE {shaped(rng, '########')} {self.say('Signatur', 'Sig')} {shaped(rng, '@#@@##@#@#@@#@##')}"
            if self.de and self.order < 3
            else "",
        )
        draft.number = str(self.count)
        draft.text(*self.small)
        return draft
