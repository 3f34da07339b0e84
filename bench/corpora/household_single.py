"""One-off papers: letters, mails, contracts, minutes, reports, certificates, recipes, slips."""

import random
from collections.abc import Callable

from bench.corpora.household_desk import Desk, length
from bench.corpora.household_names import Home, Person, person, town
from bench.corpora.household_numbers import shaped
from bench.corpora.household_paper import Draft


def letter(rng: random.Random, home: Home) -> Draft:
    """A letter of a lawyer, a landlord, an office, a club, a friend."""
    topic = rng.choice(("lawyer", "landlord", "office", "club", "private", "office", "lawyer"))
    kind = {"landlord": "rent", "private": "club"}.get(topic, topic)
    desk = Desk(rng, home, kind, "{Brief|Schreiben}", "Letter")
    draft = desk.draft
    sender = [
        desk.firm,
        desk.say("<street>, <town>", "<street>, <town>"),
        desk.say("Tel. <phone>", "Tel <phone>"),
    ]
    to = [desk.person.name, *home.address()]
    if topic == "private":
        draft.lines(f"{town(rng, home.language)}, {draft.day(draft.date)}")
        writer: Person | None = person(rng, home.language)
        draft.person = None
    else:
        draft.lines(*(sender + to if rng.random() < 0.5 else to + sender))
        mark = desk.say(
            "{Unser Zeichen|Az.|Geschäftszeichen} <number>/<few> <last>",
            "{Our ref|Ref} <last>/<number>/<few>",
        )
        draft.lines(draft.day(draft.date), draft.mark(mark))
        draft.lines(desk.say("{Betreff: |}<N>", "{Re: |}<N>"))
        draft.text(desk.greeting())
        writer = None
    draft.text(*desk.speaker.body(topic, length(rng, 5.1, 0.7, 1400)))
    end = desk.say(
        "{Mit freundlichen Grüßen|Hochachtungsvoll|Freundliche Grüße}",
        "{Yours sincerely|Yours faithfully|Kind regards}",
    )
    draft.lines(
        end,
        writer.name
        if writer
        else desk.say("<name>{, Rechtsanwalt|, Sachbearbeitung|}", "<name>{, Partner|, Officer|}"),
    )
    draft.prose, draft.near = topic, ("twin", "quote") if rng.random() < 0.5 else ("quote", "twin")
    return draft


def mail(rng: random.Random, home: Home) -> Draft:
    """A mail, printed; some quote an older one."""
    desk = Desk(rng, home, "shop", "E-Mail", "Email")
    draft, other = desk.draft, person(rng, home.language)
    draft.firm = other.name
    clock = f"{rng.randint(6, 23):02}:{rng.randint(0, 59):02}"
    labels = ("Von", "Gesendet", "An", "Betreff") if desk.de else ("From", "Sent", "To", "Subject")
    subject = draft.mark(desk.say("{Re: |AW: |}<N>", "{Re: |Fwd: |}<N>"))
    draft.lines(
        f"{labels[0]}: {other.name} <{other.first.lower()}.{other.last.lower()}@{shaped(rng, 'mail##')}.net>",
        f"{labels[1]}: {draft.day(draft.date)} {draft.mark(clock)}",
        f"{labels[2]}: {desk.person.name}",
        f"{labels[3]}: {subject}",
    )
    draft.text(desk.say("{Hallo|Liebe Frau|Guten Tag} ", "{Hi|Hello|Dear} ") + desk.person.first + ",")
    draft.text(*desk.speaker.body("mail", length(rng, 4.2, 0.7, 500)))
    draft.lines(
        desk.say("{Gruß|Viele Grüße|LG}", "{Best|Regards|Cheers}"),
        other.name,
        desk.say("{Mobil <phone>|}", "{Mob <phone>|}"),
    )
    if rng.random() < 0.25:
        quoted = desk.speaker.body("mail", length(rng, 3.8, 0.5, 200))
        draft.lines(
            desk.say("Am <date> schrieb <name>:", "On <date> <name> wrote:"),
            *(f"> {line}" for line in quoted),
        )
    draft.prose, draft.near = "mail", ("quote",)
    return draft


def contract(rng: random.Random, home: Home) -> Draft:
    """A contract with signature lines."""
    desk = Desk(
        rng,
        home,
        "rent",
        "{Mietvertrag|Kaufvertrag|Leihvertrag|Pachtvertrag|Darlehensvertrag}",
        "{Tenancy agreement|Contract of sale|Hire agreement|Loan agreement}",
    )
    draft, other = desk.draft, person(rng, home.language)
    draft.firm = other.name
    draft.lines(draft.type.upper())
    draft.text(
        desk.say("zwischen ", "between ")
        + other.name
        + desk.say(", <street>, <town> und ", ", <street>, <town> and ")
        + f"{desk.person.name}, {', '.join(home.address())}",
    )  # fmt: skip
    cents = rng.randint(50, 9000) * 500
    draft.text(
        desk.say("Vereinbart sind ab ", "The sum agreed from ")
        + draft.day(draft.date)
        + desk.say(" als Entgelt ", " is ")
        + draft.cash(cents)
        + "."
    )
    draft.price = draft.amounts[-1]
    clauses = desk.speaker.body("contract", length(rng, 6.1, 0.9, 5000))
    draft.text(
        *(f"{'§ ' if desk.de else ''}{at}{'' if desk.de else '.'} {one}" for at, one in enumerate(clauses, 1))
    )
    draft.lines(
        desk.say("____________, den ____________", "Date ____________"),
        f"____________________ ({desk.person.name})",
        f"____________________ ({other.name})",
    )
    draft.form, draft.prose, draft.near = True, "contract", ("version", "twin", "renewal")
    return draft


def minutes(rng: random.Random, home: Home) -> Draft:
    """Minutes of owners or of a club."""
    desk = Desk(
        rng,
        home,
        rng.choice(("rent", "club")),
        "{Protokoll|Niederschrift|Versammlungsprotokoll}",
        "{Minutes|Minutes of meeting}",
    )
    draft = desk.draft
    draft.person = None
    draft.lines(desk.firm, f"{draft.type} {desk.say('vom', 'of')} {draft.day(draft.date)}")
    draft.lines(
        *(desk.say("{Ort|Leitung}: <name>, <town>", "{Place|Chair}: <name>, <town>") for _ in range(2))
    )
    draft.text(*desk.speaker.body("minutes", length(rng, 5.7, 0.7, 3500)))
    draft.lines(desk.say("Protokollführung: <name> ______________", "Signed as a true record ______________"))
    draft.prose, draft.near = "minutes", ("version",)
    return draft


def report(rng: random.Random, home: Home) -> Draft:
    """A survey or an expert's report, often of several pages."""
    desk = Desk(
        rng,
        home,
        rng.choice(("office", "lawyer", "doctor")),
        "{Gutachten|Prüfbericht|Bericht|Zustandsbericht}",
        "{Survey report|Inspection report|Expert report}",
    )
    draft = desk.draft
    draft.lines(
        desk.firm, draft.type, draft.mark(desk.say("Nr. <number>", "No. <number>")), draft.day(draft.date)
    )
    draft.lines(desk.say("Auftraggeber: ", "Client: ") + desk.person.name)
    for part in range(1, rng.choice((2, 3, 6, 9))):
        draft.lines(
            desk.say(
                f"{part}. {{Befund|Lage|Messung|Bewertung|Umfang}}",
                f"{part}. {{Findings|Setting|Readings|Assessment|Scope}}",
            )
        )
        draft.text(*desk.speaker.body("report", length(rng, 5.5, 0.7, 1500)))
    draft.lines(
        desk.say("<town>, <name>, {Sachverständiger|Dipl.-Ing.}", "<name>, {Chartered Surveyor|BSc}, <town>")
    )
    draft.prose = "report"
    return draft


def certificate(rng: random.Random, home: Home) -> Draft:
    """A certificate or form that names one person."""
    desk = Desk(
        rng,
        home,
        rng.choice(("club", "school", "office")),
        "{Urkunde|Teilnahmebescheinigung|Zeugnis|Bescheinigung|Antrag}",
        "{Certificate|Certificate of attendance|Award|Application form}",
    )
    draft = desk.draft
    draft.lines(desk.firm, draft.type.upper())
    draft.lines(
        draft.mark(desk.person.name), desk.say("geboren am <date> in <town>", "born on <date> at <town>")
    )
    draft.text(desk.say(
        "{nahm teil an|hat bestanden|beantragt}: {Lehrgang|Kurs} <few>, <n>, {<few> Stunden|<room> Punkte}.",
        "{has completed|took part in|has passed|applies for} course <few>: <n>, {<few> hours|mark <room>}.",
    ))  # fmt: skip
    draft.text(*desk.speaker.body(rng.choice(("club", "office")), rng.randint(10, 110)))
    draft.lines(
        f"{desk.say('<town>, den', '<town>,')} {draft.day(draft.date)}",
        "____________________",
        desk.say("{Leitung|Stempel}", "{Head|Stamp}"),
    )
    draft.form, draft.prose, draft.near = True, "club", ("twin",)
    return draft


def howto(rng: random.Random, home: Home) -> Draft:
    """A recipe or the instructions of an appliance."""
    desk = Desk(
        rng,
        home,
        "warranty",
        "{Anleitung|Rezept|Montageanleitung|Merkblatt}",
        "{Instructions|Recipe|Assembly guide|Leaflet}",
    )
    draft = desk.draft
    draft.person = None
    draft.lines(draft.type, draft.mark(desk.say("<N> <number>", "<N> <number>")))
    draft.text(*desk.speaker.body("howto", length(rng, 5.0, 0.8, 1500)))
    draft.prose = "howto"
    return draft


def slip(rng: random.Random, home: Home) -> Draft:
    """A ticket, a label, a note, the back of a photo: 5 to 20 words."""
    desk = Desk(rng, home, "club", "{Notiz|Ticket|Foto|Etikett}", "{Note|Ticket|Photo|Label}")
    draft = desk.draft
    draft.person = None
    german = """
        {Garderobe|Parkschein|Eintritt} Nr. <number> <town> <date> <time> {<eur>|Platz <few> Reihe <few>}|
        {Fahrkarte|Fahrschein} <town> - <town> <date> <time> Gleis <few> Wagen <few> Platz <room> <eur>|
        {Oma|Opa|Tante} <first> mit <first> {im Garten|am See|in <town>}, {Sommer|Weihnachten|Ostern} <year>|
        <first> anrufen! {wegen <d>|<phone>} {bis <date>|}, {Milch, Brot|Schlüssel <few>} nicht vergessen|
        {Kiste|Ordner} <few>: <n>, {Keller|Dachboden}, {Stand <date>|seit <year>}|
        Paket <number><nine> {von|an} <last>, <street>, <town>, <few>,<few> kg <date>"""
    english = """
        {Cloakroom|Car park|Admit one} No. <number> <town> <date> <time> {<eur>|seat <few> row <few>}|
        {Single|Return} <town> to <town> <date> <time> platform <few> coach <few> seat <room> <eur>|
        {Gran|Grandad} <first> with <first> {in the garden|at <town>}, {summer|Christmas|Easter} <year>|
        ring <first>! {about <n>|<phone>} {by <date>|}, {milk, bread|key <few>} - do not forget|
        {Box|Folder} <few>: <n>, {cellar|loft}, {as of <date>|since <year>}|
        Parcel <number><nine> {from|to} <last>, <street>, <town>, <few>.<few> kg <date>"""
    draft.lines(desk.say("{" + " ".join(german.split()) + "}", "{" + " ".join(english.split()) + "}"))
    draft.type = desk.say("{Notiz|Beleg|Foto}", "{Note|Ticket|Photo}")
    return draft


SINGLES: tuple[tuple[Callable[[random.Random, Home], Draft], float], ...] = (
    (letter, 40), (mail, 15), (contract, 8), (minutes, 5), (report, 8), (certificate, 8), (howto, 5),
    (slip, 11),
)  # fmt: skip
"""The one-off papers, with their weights."""


def single(rng: random.Random, home: Home) -> Draft:
    """Any one-off paper."""
    make = rng.choices([one for one, _ in SINGLES], [share for _, share in SINGLES])[0]
    return make(rng, home)
