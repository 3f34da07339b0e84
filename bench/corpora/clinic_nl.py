"""Dutch words of the clinic."""

from bench.corpora.clinic_tongue import Speech, Tongue, lot, pairs

_OFFICE = Speech(
    openers=lot("""Let op:|Ter informatie:|Ter herinnering:|Zoals telefonisch besproken:|Voor de
    goede orde:|Naar aanleiding van uw schrijven:|Stand van zaken {month}:|Wij bevestigen:"""),
    heads=lot("""de aanvraag|de vergoeding|de machtiging|de declaratie|de eigen bijdrage|de
    verwijzing|de nota|het verzoek|de betaling|de polis|het dossier|de toezegging|de intake|de bijlage"""),
    about=lot("""voor fysiotherapie|voor de beugel van uw kind|van het eigen risico|voor thuiszorg|
    uit het vorige kwartaal|voor de gehoortest|voor steunzolen|van de tandarts te {town}|bij langdurige
    klachten|voor vervoer per taxi|na de spoedopname|van {doctor}|voor de kraamzorg|over {month}"""),
    verbs=lot("""wordt opnieuw beoordeeld|is door ons ontvangen|valt buiten de dekking|vervalt zonder
    tegenbericht|ligt klaar bij balie {n}|is doorgestuurd naar de medisch adviseur|wordt rechtstreeks
    verrekend|kost u hooguit {n} euro|moet nog ondertekend worden|staat geregistreerd onder kenmerk
    {big}|blijft ongewijzigd|geldt alleen met een recept|is gedeeltelijk toegekend|kan niet worden
    omgezet"""),
    tails=lot("""binnen {n} werkdagen|op grond van uw aanvullende verzekering|tot het einde van het
    kalenderjaar|zonder extra kosten|conform de voorwaarden in rubriek {n}|met ingang van {month}|via de
    praktijk in {town}|na overleg met de huisarts|volgens het maximumtarief|bij overlegging van een
    geldig legitimatiebewijs|wegens ontbrekende gegevens|zolang de behandeling duurt|tenzij anders
    afgesproken|per post of langs digitale weg"""),
)
_WARD = Speech(
    openers=lot("""Bij lichamelijk onderzoek:|Beeldvorming:|Verloop:|Anamnestisch:|Poliklinisch:|
    Vergeleken met vorig bezoek:|Postoperatief:"""),
    heads=lot("""de zwelling|de pijn|de beweeglijkheid|de wond|het hartritme|de bloeddruk|de
    drukpijn|de longfunctie|de zichtbare afwijking|het litteken|de roodheid|de kracht|het gewricht|de
    gevoeligheid"""),
    about=lot("""rechts lateraal|van de linkerschouder|in de onderbuik|ter hoogte van L4-L5|in rust|
    van het bovenbeen|achter het trommelvlies|van de rechterpols|rond de navel|in de nek|bij inspanning|
    van het netvlies|aan de voetzool|van de schildklier"""),
    verbs=lot("""is duidelijk afgenomen|bedraagt {n} mm|reageert goed op {drug}|toont geen
    bijzonderheden|neemt toe bij belasting|blijft stabiel sinds {month}|vraagt om nader onderzoek|wordt
    gescoord als {n} uit 40|past bij een ontsteking|is nauwelijks te meten|belemmert het dagelijks lopen|
    herstelt traag|straalt uit naar de flank|lijkt goedaardig"""),
    tails=lot("""zonder koorts|ondanks {drug}|na {n} dagen rust|volgens collega {doctor}|met name in
    de ochtend|zonder uitvalsverschijnselen|bij herhaalde meting|in vergelijking met de andere zijde|op
    de dwarse opname|zoals vermeld in het verslag uit {town}|met scherpe begrenzing|tot aan de knie|sinds
    de ingreep|na kortdurend gebruik van {drug}"""),
)
_TEAM = Speech(
    openers=lot("Besluit:|Actie {doctor}:|Mededeling:|Rondvraag:|Na enige discussie:|Voorstel:"),
    heads=lot("""de planning|het rooster|de bestelling|de voorraad|de sterilisator|de wachtkamer|de
    telefoondienst|het spreekuur|de nascholing|de schoonmaak|het protocol|de griepprik"""),
    about=lot("""voor de zomerweken|van kamer {n}|met de nieuwe assistente|op woensdagmiddag|van het
    verbandmateriaal|rond de feestdagen|voor diabetespatiënten|van de apotheek|uit het kwaliteitsplan|bij
    ziekte|van de locatie {town}|voor de avonddienst"""),
    verbs=lot("""loopt {n} minuten uit|wordt overgenomen door {doctor}|schuift een week op|is weer op
    orde|kost meer dan begroot|vraagt om een tweede offerte|blijft zoals het was|komt terug op de
    volgende vergadering|levert veel vragen op|is goedgekeurd|wordt op proef ingevoerd|moet beter
    zichtbaar zijn"""),
    tails=lot("""voor eind {month}|met dank aan de invalkracht|wegens de verbouwing|in overleg met de
    leverancier|zonder tegenstemmen|om te beginnen op maandag|voor maximaal {n} uur|tot nader order|
    volgens de nieuwe richtlijn|zoals in {town}|omdat de software hapert|na de audit"""),
)
_FORM = Speech(
    openers=lot("""Goed om te weten:|Uitgelegd is het volgende:|In zeldzame gevallen geldt:|
    Voorbereiding:|Nazorg:|Let wel:"""),
    heads=lot("""de ingreep|de behandeling|de verdoving|het onderzoek|het herstel|de kans op
    nabloeding|het gebruikte materiaal|de nacontrole|het resultaat|de napijn"""),
    about=lot("""bij rokers|onder plaatselijke verdoving|volgens de besproken methode|tijdens
    zwangerschap|op oudere leeftijd|in dagbehandeling|met een roesje|bij overgevoeligheid|op de lange
    duur|in het behandelde gebied"""),
    verbs=lot("""duurt ongeveer {n} minuten|vraagt soms om een tweede zitting|veroorzaakt tijdelijk
    een zwelling|biedt geen garantie|wordt na {n} maanden herhaald|treft zo'n {n} op de duizend mensen|
    kan alleen nuchter plaatsvinden|maakt autorijden onverstandig|laat soms een klein litteken na|kent
    alternatieven die zijn besproken|vermindert het gevoel|vervangt de lopende behandeling niet"""),
    tails=lot("""in de eerste {n} uur|zonder gevolgen voor latere zorg|ook na jaren|mits de adviezen
    worden opgevolgd|voor beperkte tijd|in wisselende mate|zoals de folder vermeldt|tenzij de specialist
    anders oordeelt|tot alles genezen is|onder begeleiding van een volwassene"""),
)

TONGUE = Tongue(
    code="nl",
    months=lot("""januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|
    december"""),
    weekdays=lot("maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag"),
    dates=(
        "{d:02}-{m:02}-{y}",
        "{d} {month} {y}",
        "{d}-{m}-{y}",
        "{d:02}/{m:02}/{yy:02}",
        "{d} {month} '{yy:02}",
    ),
    money=("€ {}", "€{}", "EUR {}", "{} euro"),
    label=pairs("""invoice = Factuur|date = Datum|number = Nummer|patient = Patiënt|born = geboren|
    phone = Telefoon|doctor = Behandelaar|policy = Polisnummer|claim = Schadenummer|total = Totaal te
    voldoen|net = Subtotaal|vat = waarvan btw 21%|due = Vervaldatum|iban = IBAN|tax = KvK|person = BSN|
    page = Blad {} van {}|subject = Betreft|from = Van|sent = Verzonden|to = Aan|dear_m = Geachte heer
    {},|dear_f = Geachte mevrouw {},|colleague = Geachte collega,|regards = Met vriendelijke groet,|sign
    = Handtekening|place = Plaats, datum|item = Omschrijving|qty = Aantal|price = Bedrag|code = Code|unit
    = Eenheid|value = Uitslag|range = Referentie|analyte = Bepaling|sample = Afname|lab =
    Laboratoriumuitslag|prescription = Recept|card = Afsprakenkaart|at = om|room = Kamer|consent =
    Toestemmingsformulier|agree = heeft de uitleg begrepen en geeft toestemming voor|plan = Begroting
    behandeling|valid = Geldig tot|tooth = Element|referral = Verwijsbrief|reason = Vraagstelling|
    diagnosis = Diagnose|therapy = Medicatie|history = Voorgeschiedenis|exam = Onderzoek|conclusion =
    Conclusie|findings = Specialistenbrief|vaccination = Vaccinatiebewijs|vaccine = Vaccin|lot = Batch|
    next = Vervolgprik|insurance = Brief van de verzekeraar|minutes = Notulen teamoverleg|present =
    Aanwezig|absent = Afwezig|agenda = Agendapunt|version = Aangepaste versie|rota = Dienstrooster|week =
    Week|delivery = Pakbon|order = Uw order|customer = Klantnr.|receipt = KASSABON|cash = Contant|
    card_paid = PIN|clerk = Bediend door|thanks = Bedankt en tot ziens|wrote = Op {} schreef {}:|notice =
    Bericht aan onze patiënten|subscription = Maandabonnement|period = Tijdvak|manual =
    Kwaliteitshandboek|chapter = Hoofdstuk|received = INGEKOMEN|copy = AFSCHRIFT|mail = E-mailbericht|
    slip = Briefje|fax = FAXBERICHT VAN"""),
    men=lot("""Jan|Pieter|Kees|Willem|Sander|Bram|Daan|Sjoerd|Ruud|Joost|Maarten|Henk|Gerrit|Thijs|
    Wouter|Jeroen|Frits|Arjen|Koen|Bas|Dirk|Teun|Floris|Hidde"""),
    women=lot("""Anneke|Marieke|Sanne|Femke|Lotte|Ingrid|Wilma|Saskia|Esther|Marijke|Tineke|Joke|
    Roos|Fleur|Maaike|Hanneke|Ilse|Evelien|Nienke|Trudy|Loes|Petra|Jolanda|Mirjam"""),
    starts=("", "", "", "van ", "de ", "van der ", "van den ", "ter "),
    stems=lot("""Berg|Hof|Broek|Linden|Veen|Dijk|Bosch|Water|Meer|Horst|Kamp|Brink|Veld|Wal|Laan|
    Akker|Heuvel|Poel|Sluis|Molen|Zand|Kuip|Groen|Haan|Steen|Vogel|Post|Werf|Smeets|Rijn"""),
    ends=tuple(
        (one, one) for one in ("", "stra", "man", "sma", "huis", "kamp", "ink", "zicht", "goed", "beek")
    ),
    towns=lot("""Zwolle|Breda|Assen|Tilburg|Hoorn|Gouda|Sneek|Venlo|Zeist|Ede|Goes|Roermond|Alkmaar|
    Deventer|Emmen|Leiden|Almelo|Delft|Weert|Kampen|Heerlen|Drachten|Middelburg|Tiel"""),
    streets=lot("""Dorpsstraat|Kerklaan|Molenweg|Stationsplein|Julianastraat|Wilhelminalaan|
    Beukenlaan|Havenkade|Markt|Eikenhof|Zuidersingel|Oude Gracht|Nieuwstraat|Vondelstraat|Prins
    Hendrikkade|Torenpad"""),
    houses=lot("""Huisartsenpraktijk {last}|Tandartspraktijk {last}|Gezondheidscentrum {town}|
    Polikliniek {town}-Noord|Maatschap {last} en {other}|Kliniek {last}|Diagnostisch Centrum {town}|
    Groepspraktijk {last}"""),
    firms=lot("""{last} Medische Techniek B.V.|Zorgverzekeraar {brand} N.V.|Apotheek {last}|{brand}
    Dental B.V.|Onderlinge Waarborgmij. {town}|Apotheek De {last}hof|{last} & Zn. Verbandstoffen|{brand}
    Lab Supplies B.V."""),
    speech={"office": _OFFICE, "ward": _WARD, "team": _TEAM, "form": _FORM},
    notes=lot("""Uw gegevens worden verwerkt volgens de AVG.|Afspraken dient u 24 uur van tevoren af
    te zeggen.|Niet nagekomen afspraken worden in rekening gebracht.|Gaarne betalen onder vermelding van
    het nummer.|Medische zorg is vrijgesteld van btw.|Klachten kunt u melden bij de
    klachtenfunctionaris.|Neem altijd een actueel medicatieoverzicht mee.|Aan deze uitslag kunnen geen
    rechten worden ontleend.|Deze brief is elektronisch geautoriseerd.|De praktijk is ingeschreven in het
    BIG-register.|U kunt uw besluit op ieder moment intrekken.|Mogelijke complicaties zijn nabloeding,
    infectie en tijdelijke doofheid.|Retour uitsluitend na overleg.|Controleer de goederen direct bij
    ontvangst.|Dit bericht is alleen bestemd voor de geadresseerde.|De algemene leveringsvoorwaarden zijn
    van toepassing."""),
    analytes=lot("""Hemoglobine|Hematocriet|Leukocyten|Erytrocyten|Trombocyten|MCV|Glucose nuchter|
    HbA1c|Kreatinine|Ureum|Urinezuur|Natrium|Kalium|Calcium|Cholesterol|HDL-cholesterol|LDL-cholesterol|
    Triglyceriden|ASAT|ALAT|Gamma-GT|Alk. fosfatase|Bilirubine|CRP|Ferritine|IJzer|TSH|Vrij T4|25-OH
    vitamine D|Vitamine B12|Bezinking|INR"""),
    drugs=lot("""amoxicilline|lisinopril|metformine|omeprazol|metoprolol|hydrochloorthiazide|
    simvastatine|paracetamol|levothyroxine|naproxen|doxycycline|finasteride|citalopram|nadroparine|
    prednisolon|nifedipine|loratadine|tramadol"""),
    syllables=lot("vee|zon|dra|lin|mar|tex|no|bel|ka|fy|ster|ule|gra|dij|pho|wi|ran|so|ci|tum"),
    doses=lot("""1 dd 1 tablet|2 dd 1 bij de maaltijd|zo nodig 1 zetpil|3 dd 5 ml|1 pleister per 3
    dagen|voor de nacht 1|dun aanbrengen|1 x per week op zondag"""),
    services=lot("""Consult regulier|Visite aan huis|Dubbel consult|Tweevlaksvulling|
    Wortelkanaalbehandeling|Gebitsreiniging|Kroon porselein|Röntgenfoto|ECG|Hechtingen verwijderen|
    Uitstrijkje|Echo schouder|Longfunctietest|Injectie|Telefonisch consult|Reisadvies|Controlebeurt|
    Verdoving"""),
    goods=lot("""Handschoenen nitril L|Injectiespuit 10 ml|Gaaskompres steriel|Onderzoekspapier rol|
    Mondmasker IIR|Bloedafnamebuis|Naald 21G|Hechtpleister|Alcoholdoekjes|Schort wegwerp|Zwachtel 8 cm|
    Echogel|Tongspatel|Naaldcontainer|Hechtdraad 3-0|Watten"""),
    wares=lot("""PARACET 500MG|NEUSSPRAY|HOESTDRANK|VIT D3 DRUP|ZONNEBRAND F50|PLEISTERS|BABYOLIE|
    TEKENTANG|DROP SUIKERVRIJ|OOGZALF|EIGEN BIJDRAGE|INHALATOR|THEE|MAAGZOUT"""),
    procedures=lot("""een kijkoperatie van de knie|het plaatsen van een implantaat|een darmonderzoek|
    staaroperatie links|een narcose bij het kind|het verwijderen van een moedervlek|sterilisatie|een MRI
    met contrastvloeistof|een injectie in het gewricht|het trekken van de verstandskies|deelname aan
    wetenschappelijk onderzoek|een allergietest"""),
    fields=lot("""cardiologie|orthopedie|huidziekten|oogheelkunde|neurologie|mondzorg|urologie|
    longziekten|radiologie|interne geneeskunde|revalidatie|keel-neus-oor"""),
    illnesses=lot("""hypertensie|artrose knie|diabetes mellitus type 2|refluxklachten|lage rugpijn|
    boezemfibrilleren|COPD|hypothyreoïdie|migraine|eczeem|ijzergebrek|sinusitis"""),
    agenda=lot("""Vorige notulen|Vakantieplanning|Nieuwe software|Handhygiëne|Inkoop|Klachten|
    Scholing|Openingstijden|Rondvraag|Veilig werken"""),
    subjects=lot("""Ontbrekende uitslag|Afspraak verzetten|Bestelling handschoenen|Dienst ruilen|
    Begroting kroon|Factuur niet ontvangen|Kopie dossier|Storing stoel 2|Bevestiging opname|Verklaring
    voor school"""),
    captions=lot("""Overzichtsfoto|Thoraxfoto|Urinepotje|Kast B|Sleutel magazijn|Parkeerkaart|Foto
    plek|Volgnummer|Buisetiket|Treinkaartje"""),
    hands=lot("gezien|akkoord|betaald|terugbellen|voor Joke|spoed|nabellen|in dossier"),
    ids=pairs("""person = #########|tax = ########|postcode = ##07 @@|phone = 0##-#######|iban = NL|
    bank = @@@@##########"""),
)
