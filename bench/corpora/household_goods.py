"""What households buy, pay for and are treated with."""

from bench.corpora.household_grammar import words


def _list(text: str) -> tuple[str, ...]:
    """A list of names, parted by commas."""
    return tuple(" ".join(one.split()) for one in text.split(","))


PLANS = {
    "de": _list("""
        Tarif Flat M, Tarif Flat L, Grundpreis DSL 50, Grundpreis Glasfaser 250, Option Datenpass 10 GB,
        Router-Miete, Zweitkarte, Option Ausland, Sicherheitspaket, Fernsehpaket Basis, Handyrate 14/24,
        Festnetz-Flat
    """),
    "en": _list("""
        SIM only 20GB, Unlimited minutes plan, Fibre 67 line rental, Full fibre 500, Data add-on 5GB,
        Router hire, Second SIM, Travel pass, Security pack, TV starter bundle, Handset instalment,
        Landline calls
    """),
}
CALLS = {
    "de": _list("""
        Verbindungen Festnetz, Verbindungen Ausland Zone 1, SMS Inland, MMS, Service-Dialoge 0180,
        Auskunft, Datennutzung Schweiz, Drittanbieter Parkticket, Mailboxabfrage, Anrufe Sonderrufnummern
    """),
    "en": _list("""
        Calls to UK mobiles, International calls band 2, Text messages, Picture messages, 0870 calls,
        Directory enquiries, Data roaming Norway, Charity text, Voicemail abroad, Premium services
    """),
}
TREATMENTS = {
    "de": _list("""
        Beratung telefonisch, Eingehende Untersuchung, Symptombezogene Untersuchung, Ultraschall Abdomen,
        Blutentnahme Vene, Großes Blutbild, EKG in Ruhe, Professionelle Zahnreinigung, Füllung
        zweiflächig, Anästhesie Infiltration, Röntgen Handgelenk, Krankengymnastik 20 min, Manuelle
        Lymphdrainage, Augeninnendruck, Sehschärfe, Entfernung Fremdkörper, Wundverband, Impfung Tetanus,
        Attest, Bericht ausführlich, Injektion intramuskulär, Hautkrebsvorsorge, Allergietest Prick,
        Lungenfunktion, Hörprüfung, Versiegelung Zahn, Wurzelbehandlung
    """),
    "en": _list("""
        Consultation by telephone, Full examination, Follow-up visit, Abdominal ultrasound, Blood sample,
        Full blood count, Resting ECG, Scale and polish, Two-surface filling, Local anaesthetic, Wrist
        X-ray, Physiotherapy 30 min, Lymph drainage, Eye pressure test, Visual acuity, Removal of
        splinter, Wound dressing, Tetanus booster, Sick note, Detailed report, Intramuscular injection,
        Mole check, Skin prick test, Spirometry, Hearing test, Fissure sealant, Root canal treatment,
        Orthotic insoles
    """),
}
GROCERIES = {
    "de": _list("""
        Vollmilch 3.5%, Bergkäse St., Roggenbrot 750g, Landbutter, Eier 10er, Rinderhack 500g,
        Kochschinken, Tomaten Rispe, Salatgurke, Kartoffeln 2kg, Möhren Bund, Zwiebeln Netz, Bananen,
        Äpfel Elstar, Clementinen, Weintrauben hell, Nudeln Spirelli, Reis Langkorn, Weizenmehl 405,
        Zucker fein, Salz Jod, Rapsöl 1L, Essig, Senf mittel, Ketchup, Filterkaffee 500g, Schwarztee,
        Apfelsaft, Mineralwasser Kiste, Pfand 3.30, Pils 20x0.5, Rotwein trocken, Schokolade Nuss, Kekse
        Butter, Gummibären, Chips Paprika, Toilettenpapier 8x, Küchenrolle, Spülmittel, Waschpulver,
        Shampoo, Zahncreme, Taschentücher, Katzenfutter, Hundekuchen, Batterien AA, Glühlampe LED,
        Schrauben 4x40, Dübel 8mm, Wandfarbe weiß 5L, Pinsel flach, Blumenerde 40L, Geranie rot,
        Gartenschlauch, Klebeband, Briefumschläge, Heft liniert, Kugelschreiber, Roman gebunden, Kalender,
        Zeitschrift, Brötchen Kümmel, Laugenbrezel, Mohnschnecke, Bratwurst 4er, Leberkäse, Lachsfilet,
        Sahne 30%, Joghurt Kirsch, Quark mager, Superbenzin, Diesel, Autowäsche, Ibuprofen 400,
        Hustensaft, Pflaster Set, Sonnencreme, Nasenspray, Vitamin D3
    """),
    "en": _list("""
        Semi skim milk 4pt, Mature cheddar, Wholemeal loaf, Salted butter, Free range eggs x12, Beef
        mince, Back bacon, Vine tomatoes, Cucumber, Maris potatoes, Carrots 1kg, Brown onions, Bananas
        loose, Gala apples, Easy peelers, Seedless grapes, Penne 500g, Basmati rice, Plain flour, Caster
        sugar, Sea salt, Sunflower oil, Malt vinegar, English mustard, Tomato sauce, Ground coffee, Tea
        bags 160, Orange juice, Sparkling water, Carrier bag, Bitter 4pk, Claret, Milk choc bar,
        Digestives, Wine gums, Crisps multi, Toilet roll 9, Kitchen towel, Washing up liq, Bio tablets,
        Shampoo dry, Toothpaste, Tissues, Cat food pouch, Dog biscuits, AA batteries, LED bulb E14, Wood
        screws, Wall plugs, Magnolia paint, Paint brush 2in, Compost 50L, Pelargonium, Hose 15m, Parcel
        tape, Envelopes DL, Exercise book, Biro blue, Hardback novel, Diary, Magazine, Crumpets, Cheese
        scone, Eccles cake, Cumberland saus, Pork pie, Salmon fillet, Double cream, Yogurt rasp, Cottage
        cheese, Unleaded, Diesel fuel, Car wash, Paracetamol, Cough linctus, Plasters, Sun lotion, Nasal
        spray, Vitamin C
    """),
}
WAGES = {
    "de": _list("""
        Grundgehalt, Überstunden 25 %, Zulage Schicht, Vermögenswirksame Leistung, Fahrtkostenzuschuss,
        Urlaubsgeld anteilig, Lohnsteuer, Solidaritätszuschlag, Kirchensteuer, Krankenversicherung AN,
        Pflegeversicherung AN, Rentenversicherung AN, Arbeitslosenversicherung AN, Krankenversicherung AG,
        Sachbezug Essen, Pfändung, Betriebliche Altersversorgung, Steuerbrutto laufend, SV-Brutto,
        Gesamtbrutto, Kumuliert Steuerbrutto, Kumuliert Lohnsteuer, Urlaubsanspruch Tage, Sollstunden,
        Geldwerter Vorteil PKW, Vorschuss, Nachtzuschlag
    """),
    "en": _list("""
        Basic pay, Overtime at 1.5, Shift premium, Bonus, Mileage, Holiday pay, PAYE tax, National
        Insurance, Pension ee, Pension er, Student loan, Union dues, Season ticket loan, Cycle scheme,
        Taxable pay to date, Tax to date, NI to date, NIable pay, Gross for tax, Hours worked, Sick pay,
        Childcare vouchers, Attachment of earnings, On-call payment, Expenses, Advance repaid
    """),
}
TAXES = {
    "de": _list("""
        Einkünfte aus nichtselbständiger Arbeit, Werbungskosten, Arbeitnehmer-Pauschbetrag,
        Sonderausgaben, Vorsorgeaufwendungen, Außergewöhnliche Belastungen, Kinderfreibetrag, Zu
        versteuerndes Einkommen, Tarifliche Steuer, Handwerkerleistungen § 35a, Solidaritätszuschlag,
        Kirchensteuer evangelisch, Abzug vom Lohn, Einkünfte aus Vermietung, Kapitalerträge, Spenden,
        Grundsteuer B, Straßenreinigung, Niederschlagswasser, Abfallgebühr 120 l, Hundesteuer
    """),
    "en": _list("""
        Pay from employment, Personal allowance, Job expenses, Gift Aid, Pension contributions, Marriage
        allowance, Income on which tax is due, Tax at basic rate, Tax at higher rate, Savings interest,
        Rental income, Tax deducted, Student loan repayment, Council Tax band D, Single person discount,
        Parish precept, Police precept, Adult social care, Garden waste, Child benefit charge
    """),
}
RENTS = {
    "de": _list("""
        Grundsteuer, Wasser und Abwasser, Niederschlagswasser, Müllabfuhr, Straßenreinigung, Hauswart,
        Gartenpflege, Allgemeinstrom, Schornsteinfeger, Gebäudeversicherung, Haftpflicht, Aufzug, Heizung,
        Warmwasser, Kabelanschluss, Rauchmelder, Treppenreinigung, Winterdienst, Dachrinnen,
        Legionellenprüfung
    """),
    "en": _list("""
        Buildings insurance, Lift contract, Cleaning of stairs, Window cleaning, Gardening, Landlord's
        electricity, Entryphone, Gutters, Fire alarm test, Water pump, Management fee, Reserve fund, Pest
        control, Accountancy, Refuse store, Roof repairs, Door entry, Communal heating, Audit
    """),
}
GOODS = {
    "de": _list("""
        Waschmaschine, Geschirrspüler, Kühl-Gefrierkombination, Staubsauger, Kaffeevollautomat,
        Mikrowelle, Rasenmäher, Heckenschere, Bohrhammer, Armbanduhr, Trekkingrad, Kinderrad, Küchenwaage,
        Fernseher, Radiowecker, Drucker, Dampfbügeleisen, Nähmaschine, Toaster, Luftentfeuchter
    """),
    "en": _list("""
        washing machine, dishwasher, fridge freezer, vacuum cleaner, coffee machine, microwave oven, lawn
        mower, hedge trimmer, hammer drill, wrist watch, touring bicycle, child's bicycle, kitchen scales,
        television, clock radio, printer, steam iron, sewing machine, toaster, dehumidifier
    """),
}
POLICIES = {
    "de": words("""
        Hausratversicherung Wohngebäudeversicherung Privathaftpflicht Kraftfahrtversicherung Rechtsschutz
        Unfallversicherung Risikoleben Zahnzusatz Reiserücktritt Tierhalterhaftpflicht Glasversicherung
    """),
    "en": _list("""
        Home contents insurance, Buildings insurance, Motor insurance, Travel insurance, Pet insurance,
        Life cover, Legal expenses cover, Dental plan, Boiler cover, Caravan insurance, Personal accident
        plan
    """),
}
