"""The small print of German senders."""

from bench.corpora.household_grammar import bank

SMALL = bank("""
{Bitte geben Sie|Geben Sie bitte} bei {Rückfragen|Zahlungen|allen Anfragen} {stets|immer} Ihre
 {Nummer|Kundennummer|Daten} an.
{Es gelten|Im Übrigen gelten} unsere {Allgemeinen Geschäftsbedingungen|Geschäftsbedingungen in der Fassung
 vom <date>}.
Dieses Schreiben {wurde|ist} maschinell erstellt und {auch ohne Unterschrift gültig|trägt keine
 Unterschrift|bedarf keiner Unterschrift}.
{Erfüllungsort und Gerichtsstand ist|Gerichtsstand ist} <town>{, soweit gesetzlich zulässig|}.
Wir {erreichen Sie|sind für Sie da}: {Montag bis Freitag|werktags|Mo-Do} von {7|8|9} bis {16|17|18|20} Uhr,
 Telefon <phone>.
{Informationen|Hinweise} zum {Datenschutz|Umgang mit Ihren Daten} finden Sie unter <web>/datenschutz.
{Änderungen Ihrer Anschrift|Eine neue Anschrift oder Bankverbindung} teilen Sie uns bitte
 {umgehend|rechtzeitig|schriftlich} mit.
{Einwände|Einwendungen} gegen <a> {sind innerhalb von {zwei|vier|sechs} Wochen schriftlich zu
 erheben|müssen binnen {zwei|
 vier} Wochen bei uns eingegangen sein}.
Bitte {prüfen|kontrollieren} Sie <a> {sorgfältig|sofort nach Erhalt} und {bewahren|heben} Sie {dieses
 Schreiben|sie} auf.
{Sie können|Selbstverständlich können Sie} <a> jederzeit {schriftlich|per E-Mail|in Textform}
 {widerrufen|ändern|anfordern}.
{Bei Verzug {berechnen|verlangen}|Geraten Sie in Verzug, so {berechnen|verlangen}} wir Zinsen in Höhe von
 <pct> über dem Basiszinssatz.
{Registergericht|Amtsgericht} <town> HRB <number>, {Geschäftsführer|Vorstand|Inhaber}: <name>{, <name>|}.
Umsatzsteuer-Identifikationsnummer DE<nine>{, Steuernummer <tax>|}.
{Unser Tipp|Übrigens}: {Mit|In} unserem {Kundenportal|Onlinebereich} unter <web> {sehen|finden} Sie <a>
 rund um die Uhr.
Für Streitigkeiten aus {diesem Vertrag|der Geschäftsbeziehung} {nehmen wir an einem Verfahren vor einer
 Schlichtungsstelle
 {teil|nicht teil}|können Sie die Schlichtungsstelle in <town> anrufen}.
<N> {richtet sich nach|ergibt sich aus|beruht auf} <d> {und|sowie} den {gesetzlichen Vorschriften|Hinweisen
 auf der Rückseite}.
Sollte <n> {von Ihnen|bereits} {veranlasst|erledigt} worden sein, betrachten Sie dieses Schreiben {bitte|}
 als gegenstandslos.
{Wir danken|Herzlichen Dank} für {Ihr Vertrauen|die gute Zusammenarbeit|Ihre Treue}{ und wünschen Ihnen
 alles Gute|}.
{Beachten|Bitte beachten} Sie auch {die Rückseite|die Anlage|das beiliegende Merkblatt} zu <d>.
Die {Aufrechnung|Abtretung} ist {ausgeschlossen|nur mit unserer Zustimmung möglich}{, soweit <n>
 unbestritten ist|}.
{Kündigungen|Anträge} {bedürfen der|brauchen die} {Textform|Schriftform} und müssen {spätestens|} bis zum
 {15.|Ende} des
 Monats {vorliegen|eingehen}.
{Unsere|Die} Bankverbindung: <bank>, IBAN <iban>.
Besuchen Sie uns in {der <street>|unserem Büro, <street>,} in <town>{; Parkplätze sind vorhanden|}.
Wer <a> {nicht|verspätet} {abgibt|vorlegt}, {trägt|übernimmt} die dadurch entstehenden Kosten nach § <par>
 {BGB|der Satzung|der Ordnung}.
{Rechtsbehelf|Belehrung}: Gegen <a> kann binnen eines Monats {Widerspruch|Einspruch} {bei uns|in <town>}
 eingelegt werden.
{Haftung|Eine Haftung} für {leichte Fahrlässigkeit|Folgeschäden} ist {ausgeschlossen|beschränkt}, {außer
 bei|nicht jedoch für}
 Verletzung von Leben, Körper oder Gesundheit.
Ist eine Bestimmung {unwirksam|nicht durchführbar}, so {bleibt der übrige {Vertrag|Inhalt} davon
 unberührt|gilt der übrige {Vertrag|Inhalt} weiter}.
<N> wird {einmal im Jahr|alle zwei Jahre|zum Quartalsende} {überprüft|angepasst}{, worüber wir Sie
 unterrichten|}.
{Für|Bei} Fragen zu <d> {wenden Sie sich bitte an {Frau|Herrn} <last>{, Zimmer <room>|}, Telefon
 <phone>|steht Ihnen
 {Frau|Herr} <last> unter <phone> zur Verfügung}.
{Im Todesfall|Bei Umzug|Bei Krankheit} {endet|ruht} <n> {erst|} {mit Ablauf des Monats|nach schriftlicher
 Anzeige}.
""")  # fmt: skip

TOPICS = {
    "energy": bank("""
Der {Strompreis|Arbeitspreis|Gaspreis} {enthält|umfasst} {Netzentgelte|die Stromsteuer},
 {Umlagen|Konzessionsabgabe} und {Messentgelt|Vertrieb}.
{Der Verbrauch wurde vom Netzbetreiber abgelesen|Ihr Verbrauch wurde geschätzt|Den Zählerstand haben Sie
 selbst abgelesen}; {der Vorjahreswert dient dem Vergleich|eine Korrektur ist möglich}.
{Energieträgermix|Stromkennzeichnung}: {Wind|Sonne|Wasserkraft} <pct>, {Erdgas|Kohle} <pct>, sonstige <pct>.
Bei {Störungen|Gasgeruch|Stromausfall} wählen Sie {bitte sofort|Tag und Nacht} <phone>.
Ein {Wechsel des Versorgers|Umzug} ist {kostenlos|jederzeit} möglich und {dauert höchstens|braucht} {eine
 Woche|zwei Wochen}.
Zum Sparen: {Entlüften Sie die Heizkörper|Schalten Sie Geräte ganz aus}, {das senkt|so mindern Sie} den
 Verbrauch um bis zu <pct>.
Der {Abschlag|Teilbetrag} ist {monatlich|jeweils am Ersten} fällig und {wird verrechnet|wird bei der
 Jahresrechnung gutgeschrieben}.
Der Brennwert lag bei {10,8|11,2|11,4}, die Zustandszahl bei {0,93|0,95|0,96}, Umrechnung nach {DVGW G
 685|Eichrecht}.
"""),
    "phone": bank("""
{Verbindungen|Gespräche} ins {Ausland|Festnetz} {werden sekundengenau|im Takt 60/30} abgerechnet,
 {Sonderrufnummern|Dienste Dritter} extra.
{Beanstandungen|Einwände} zur Rechnung {können|müssen} Sie binnen acht Wochen {erheben|mitteilen}, {danach
 gilt sie als genehmigt|siehe § <par> TKG}.
Ihr Vertrag {verlängert sich|läuft} auf unbestimmte Zeit und ist mit einer Frist von {einem Monat|vier
 Wochen} kündbar.
{Einzelnachweise|Der Nachweis der Verbindungen} {werden|wird} {nach drei Monaten gelöscht|auf Wunsch
 kostenlos beigelegt}.
{Störung|Kein Netz}? {Unsere Technik hilft|Hilfe gibt es} unter <phone>, {auch am Sonntag|rund um die Uhr}.
{Die Bandbreite|Ihr Anschluss} erreicht {im Mittel|mindestens} {25|50|90|230} Mbit/s; {messen Sie
 selbst|Messung} unter <web>/messung.
{Roaming|Surfen} in der EU ist {ohne Aufpreis|inklusive}, {bis zu 20 GB im Monat|bei angemessener Nutzung}.
"""),
    "subscription": bank("""
{Ihr Abonnement|Ihre Mitgliedschaft} verlängert sich {um einen Monat|um ein Jahr|automatisch}, {wenn nicht
 gekündigt wird|falls keine Kündigung vorliegt}.
Der {Beitrag|Bezugspreis} wird {im Voraus|zum Monatsanfang} {eingezogen|fällig} und {enthält|versteht sich
 mit} <pct> Mehrwertsteuer.
{Pausieren|Ruhen lassen} können Sie {bis zu drei Monate im Jahr|einmal jährlich}, {melden Sie sich
 vorher|zwei Wochen Vorlauf genügen}.
{Schüler, Studenten und Rentner|Familien} erhalten {gegen Nachweis|auf Antrag} {<pct> Nachlass|ermäßigte
 Preise}.
{Bei Rücklastschrift|Wird die Lastschrift nicht eingelöst, so} {berechnen wir|entsteht eine Gebühr von}
 <eur>.
{Freunde werben|Prämie}: Für {jeden neuen Leser|jedes neue Mitglied} {gibt es|schenken wir Ihnen} <eur>
 {Gutschrift|Guthaben}.
"""),
    "bank": bank("""
Bitte {prüfen Sie|beachten Sie} {die Buchungen|den Auszug}; {Einwendungen sind unverzüglich zu erheben|er
 gilt als anerkannt nach sechs Wochen}.
Der Sollzins {für eingeräumte Überziehung|des Dispokredits} beträgt <pct> {p. a.|jährlich},
 {Kreditrahmen|Verfügungsrahmen} <eur>.
Ihre {Einlagen|Guthaben} {sind|werden} {bis 100.000 Euro gesetzlich gesichert|durch die
 Sicherungseinrichtung geschützt}.
{Schecks|Gutschriften} gelten unter {Eingangsvorbehalt|Vorbehalt}. {Guthaben sind nach der
 Einlagensicherung entschädigungsfähig.|}
{Karte verloren|Sperrnotruf}: {116 116|<phone>}, {Tag und Nacht|rund um die Uhr erreichbar}.
{Saldenbestätigung|Abschlussposten}: {Kontoführung|Entgelte} {wurden|werden} zum {30.|Quartal}
 {gebucht|ausgewiesen}.
"""),
    "insurance": bank("""
{Zeigen Sie uns|Melden Sie uns bitte} jeden {Schaden|Unfall} {unverzüglich|innerhalb einer Woche}{ unter
 <phone>|}, {auch wenn <n> noch fehlt|mit Fotos}.
Bei {einer Beitragserhöhung|Änderungen} {dürfen|können} Sie {binnen eines Monats|zum Stichtag}
 {außerordentlich kündigen|kündigen}.
Die {Versicherungssumme|Selbstbeteiligung} beträgt {je Fall|im Jahr} <eur>, {höchstens jedoch|bei Glas}
 <eur>.
{Nicht versichert|Ausgeschlossen} sind {Vorsatz|Krieg|Überschwemmung}, {Kernenergie|Erdbeben} und
 {Verschleiß|Schäden durch <a>}.
Der {Beitrag|Monatsbeitrag} enthält {Versicherungssteuer|Steuer} von <pct>{ und einen
 Schadenfreiheitsrabatt|}.
{Obliegenheiten|Pflichten}: <N> ist {stets verschlossen zu halten|in gutem Zustand zu halten|im Winter zu
 beheizen}.
{Den Versicherungsschein|Die Bedingungen AVB <year>} {haben Sie bereits erhalten|fügen wir bei|senden wir
 gern noch einmal}.
"""),
    "pay": bank("""
{Bewahren Sie|Heben Sie} diese Abrechnung {dauerhaft auf|für die Rente auf}, {sie wird nicht
 ersetzt|Zweitschriften kosten <eur>}.
Die {Meldung zur Sozialversicherung|Entgeltbescheinigung} {erfolgte|wurde übermittelt} nach § <par> {SGB
 IV|EBV}.
{Resturlaub|Zeitkonto} {bitte|} bis {31. März|Quartalsende} {abbauen|mit der Leitung abstimmen}.
{Fragen|Einwände} zur Abrechnung {beantwortet|klärt} {die Lohnstelle|das Personalbüro}, {Frau|Herr} <last>,
 Durchwahl <room>.
"""),
    "shop": bank("""
{Vielen Dank für Ihren Einkauf|Danke für Ihren Besuch}! {Umtausch|Rückgabe} {innerhalb von 14 Tagen|nur mit
 Bon}.
{Es bediente Sie|Ihre Kassierkraft}: {Frau|Herr} <last>
{Unsere Öffnungszeiten|Geöffnet}: Mo-Sa {7|8} - {20|21|22} Uhr
{Sammeln Sie Treuepunkte|Punkte sichern} mit der {Kundenkarte|App}!
{Tel.|Telefon} <phone>, {Ust-ID|USt-IdNr.} DE<nine>
"""),
    "tax": bank("""
{Dieser Bescheid|Die Festsetzung} {ergeht|ist} {nach § <par> AO vorläufig|unter dem Vorbehalt der
 Nachprüfung} {hinsichtlich|bezüglich} <d>.
{Gegen diesen Bescheid|Gegen die Festsetzung} ist {der Einspruch|Widerspruch} {gegeben|zulässig}; die Frist
 beträgt einen Monat.
{Säumniszuschläge|Mahngebühren} entstehen {ab dem|mit} {Fälligkeitstag|Tag nach Fälligkeit} in Höhe von {1
 vom Hundert|<pct>} je Monat.
{Die Aufwendungen|Ihre Angaben} {für|zu} <a> {konnten nicht berücksichtigt werden|wurden
 {anerkannt|gekürzt}}, {weil|da} <n> {nicht vorlag|fehlte}.
{Zahlen Sie|Bitte zahlen Sie} {bargeldlos|nur unter Angabe der Steuernummer} an {die Kasse|die Bundesbank},
 {Filiale|Konto} <town>.
Die {Messzahl|Bemessungsgrundlage} {beruht|gründet} auf <d> {vom|nach dem Stand} <date>, {Hebesatz|Satz}
 {380|420|455} v. H.
"""),
    "rent": bank("""
Die {Belege|Unterlagen} {können|dürfen} Sie {nach Absprache|werktags} in {unserem Büro|der Verwaltung}
 {einsehen|prüfen}.
Die Kosten {wurden|werden} {nach Wohnfläche|nach Personen|zu 70 Prozent nach Verbrauch}
 {verteilt|umgelegt}{, siehe § <par> Betriebskostenverordnung|}.
{Der Zustimmung bedarf es nicht|Ihrer Antwort sehen wir bis {zum Ende des übernächsten Monats|<date>}
 entgegen}.
{Bitte lüften Sie dreimal täglich stoßweise|Wir bitten Sie, das Treppenhaus freizuhalten}{; <n> bleibt
 geschlossen|}.
{Kleinreparaturen|Reparaturen} bis <eur> {trägt|zahlt} {laut Vertrag|nach § <par>} {die Mietpartei|der
 Mieter}.
{Den Hausmeister|Herrn <last>} erreichen Sie {morgens|vormittags} unter <phone>, {im Notfall|am Wochenende}
 <phone>.
"""),
    "school": bank("""
{Bitte geben Sie|Geben Sie} {Ihrem Kind|den Kindern} {wetterfeste Kleidung|ein Vesper|feste Schuhe|etwas zu
 trinken} mit.
{Der Unterricht|Die Betreuung} {endet|beginnt} {an diesem Tag|ausnahmsweise} um <time> Uhr, {die Busse
 fahren wie immer|Abholung am Tor}.
{Der Kostenbeitrag|Das Geld} {von <eur>|in Höhe von <eur>} {sammelt|bekommt} {die Klassenlehrkraft|Frau
 <last>} {bar|im Umschlag} ein.
{Handys|Wertsachen} {bleiben|lassen Sie bitte} zu Hause, {dafür haftet die Schule nicht|wir übernehmen
 keine Haftung}.
{Der Elternabend|Die Sprechstunde} {findet|folgt} am <date> um <time> Uhr {in der Aula statt|im Raum <room>
 statt}.
{Bei Krankheit|Fehlt Ihr Kind, so} {rufen Sie|melden Sie es} {bitte|} bis {7.30|8.00} Uhr unter <phone>{
 an|}.
{Für Kuchenspenden|Für Helfer am Stand} {liegt|hängt} eine Liste {im Flur|vor dem Sekretariat} aus.
{Allergien|Besonderheiten} teilen Sie uns {bitte|unbedingt} vorher {schriftlich|} mit.
"""),
    "doctor": bank("""
{Zahlbar ohne Abzug|Bitte zahlen Sie den Betrag} {innerhalb von 30 Tagen|bis vier Wochen nach Erhalt}{,
 IBAN <iban>|}.
{Die Abrechnung|Diese Rechnung} {erfolgt|ist erstellt} nach der {Gebührenordnung|GOÄ|GOZ}, {Steigerungssatz
 2,3|Schwellenwert überschritten wegen Aufwand}.
{Termine|Sprechzeiten}: {Mo, Di, Do|Mo-Fr} <time> - <time> Uhr {und|sowie} {nach Vereinbarung|Mi <time>
 Uhr}.
{Reichen Sie|Bitte reichen Sie} {die Rechnung|das Original} {bei Ihrer Kasse|bei Versicherung und Beihilfe}
 ein.
{Abgesagte Termine|Termine, die nicht 24 Stunden vorher abgesagt werden,} {berechnen wir|stellen wir} mit
 <eur> {|in Rechnung}.
"""),
    "warranty": bank("""
{Die Garantie|Unsere Garantie} {gilt|läuft} {zwei|drei|fünf} Jahre {ab Kaufdatum|vom Tag des Kaufs an} und
 {umfasst|deckt} Fehler in {Material|Werkstoff} und {Fertigung|Verarbeitung}.
{Ausgenommen|Nicht erfasst} sind {Verschleißteile|Akkus|Dichtungen}, {Kratzer|Glasbruch} und {Schäden durch
 Kalk|unsachgemäßer Gebrauch}.
{Im Garantiefall|Bei Mängeln} {senden|bringen} Sie {das Gerät|die Ware} {frei|mit Kaufbeleg} an {unseren
 Dienst|<street>, <town>}.
{Gesetzliche Rechte|Ihre Rechte gegen den Händler} {bleiben unberührt|werden nicht eingeschränkt}.
{Öffnen Sie das Gehäuse nicht, sonst erlischt|Bei Eingriffen Dritter entfällt} {die Garantie|jeder
 Anspruch}.
{Entkalken|Reinigen|Ölen} Sie {das Gerät|die Mechanik} {alle drei Monate|nach <room> Stunden}, {nie mit
 Scheuermittel|nur mit {Wasser|mildem Öl}}.
{Ersatzteile|Zubehör} {halten wir|liefern wir} {zehn|acht} Jahre {vor|nach}{; Telefon <phone>|}.
"""),
}  # fmt: skip
