"""What German one-off papers say: letters, mails, contracts, minutes, reports, instructions."""

from bench.corpora.household_grammar import bank

GENERAL = bank("""
{Leider|Bedauerlicherweise} {konnte|ließ sich} <n> {am <date>|bis heute} nicht {klären|beschaffen|finden}.
{Am <date>|Gegen <time> Uhr} {rief|schrieb} {mich|uns} {Frau|Herr} <last> {an|zurück} {und fragte nach
 <d>|wegen <eur>}.
{Wie besprochen|Wie am Telefon vereinbart} {lege ich|legen wir} <a> {bei|in Kopie bei}{, <few> Blatt|}.
{Dazu|Hierzu} {gehört|zählt} auch <n>, {die Kosten betragen <eur>|für <eur> im Jahr|die seit <year> fehlt}.
{Vor allem|Besonders} <n> {macht|bereitet} {uns|mir} Sorgen, {weil|da} {niemand|keiner von uns} <a>
 {kennt|gesehen hat}.
{Wir haben|Ich habe} <a> {mit <d> verglichen|geprüft} und {keine Fehler|<few> Abweichungen}
 {gefunden|festgestellt}.
{Nach|Laut} <d> {von <year>|vom <date>} {steht|stehen} {uns|der Familie <last>} {<eur>|noch <few> Tage} zu.
{Frau|Herr} <last> aus <town> {hat|hatte} <a> {gesehen|unterschrieben|abgeholt} und {will|möchte} {sich
 melden|antworten}.
Bitte {rufen Sie mich unter <phone> an|geben Sie uns bis <date> Bescheid}, {ich bin ab <time> Uhr da|vielen
 Dank}.
{Inzwischen|Mittlerweile} {ist|liegt} <n> {bei <firm>|in <town>|seit <few> Wochen im Büro}.
{Es geht|Dabei geht es} um <a> in der <street>, {Baujahr <year>|dritter Stock|Zimmer <room>}.
{Der Preis|Die Rechnung} {von|über} <eur> {erscheint|ist} {zu hoch|angemessen}, {zumal|denn} <n> {lag bei
 <eur>|fehlt noch}.
{Zuletzt|Damals} {kam|war} <first> {mit <first>|allein} {aus <town>|vorbei} und {brachte|holte} <a>.
{Falls|Wenn} <n> {bis <date>|bald} nicht {kommt|vorliegt}, {müssen wir|werde ich} {<a> absagen|neu planen}.
{Außerdem|Ferner} {wurde|war} <n> {am <date>|im Jahr <year>} {erneuert|gestrichen|versetzt|abgelesen:
 <number>}.
""")  # fmt: skip

BODIES = {
    "lawyer": bank("""
{In der Sache|In vorbezeichneter Angelegenheit} <last> ./. <last> {zeigen wir an|teile ich mit}, dass {wir
 <name> vertreten|<n> eingegangen ist}.
{Namens und in Vollmacht|Im Auftrag} {unserer Mandantschaft|von <name>} {fordern wir Sie auf|ersuchen wir
 Sie}, <a> bis <date> {herauszugeben|zu bezahlen}.
{Der Anspruch|Die Forderung} in Höhe von <eur> {folgt aus|stützt sich auf} § <par> {BGB|ZPO|WEG} {in
 Verbindung mit|und} <d>.
{Verstreicht die Frist|Zahlen Sie nicht}, {werden wir Klage erheben|raten wir zur Klage}
 {vor dem Amtsgericht|beim Landgericht} <town>.
{Die Gegenseite|Der Beklagte} {bestreitet|trägt vor}, dass <n> {am <date>|jemals} {vereinbart
 wurde|übergeben worden ist}.
{Beweis|Zum Beweis}: {Zeugnis|Vernehmung} von <name>, <street>, <town>{; Vorlage der
 Anlage K<few>|}.
{Unsere Kosten|Die Gebühren} {nach dem RVG|aus einem Wert von <eur>} {betragen|belaufen sich auf} <eur>
 {zuzüglich Auslagen|netto}.
{Termin zur Güteverhandlung|Der Verhandlungstermin} {ist bestimmt auf|findet statt am} <date>, <time> Uhr,
 Saal <room>.
{Einem Vergleich|Einer Zahlung} {über|von} <eur> {würde|könnte} unsere {Partei|Mandantin} {zustimmen|näher
 treten}, wenn <n> {entfällt|anerkannt wird}.
"""),
    "landlord": bank("""
{Bei der Begehung|Bei unserem Besuch} am <date> {haben wir gesehen|fiel auf}, dass <n> {beschädigt ist|im
 Flur der <street> lagert}.
{Wegen|Aufgrund} {Arbeiten an|Erneuerung von} <d> {bleibt|ist} das Wasser am <date> von <time> bis <time>
 Uhr abgestellt.
{Die Firma|Der Betrieb} <last> {wird|soll} <a> {ab <date>|in der <few>. Woche}
 {austauschen|reparieren|ablesen}; {bitte öffnen Sie|wir brauchen Zugang}.
{Mehrere|<few>} {Parteien|Bewohner} {beschweren sich|klagten} über {Lärm nach <time> Uhr|<a>|Gerüche aus
 Wohnung <few>}.
{Für die Übergabe|Zur Abnahme} {der Wohnung|von <d>} {schlagen wir|schlage ich} den <date> um <time> Uhr
 vor, {Schlüssel Nr. <number>|<few> Schlüssel}.
{Die Kaution|Von der Kaution} {von <eur>|über <eur>} {wird|werden} <eur> {für|wegen} <a>
 {einbehalten|verrechnet}.
{Der Zähler|Zähler Nr. <number>} {stand|zeigte} {beim Auszug|am <date>} {auf|} <number>{, der im Keller auf
 <number>|}.
"""),
    "office": bank("""
{Auf Ihren Antrag|Zu Ihrer Anfrage} vom <date> {ergeht|erhalten Sie} {folgender Bescheid|die Auskunft}: <N>
 {wird bewilligt|ist abgelehnt}.
{Für die Bearbeitung|Zur Prüfung} {benötigen wir|fehlen noch} {<few> Nachweise über <a>|eine Kopie des
 Ausweises|<n>}{ bis <date>|}.
{Die Gebühr beträgt <eur>|Für die Amtshandlung sind <eur> zu entrichten} (Tarifstelle <few>.<few>),
 {Kassenzeichen|Aktenzeichen} <number>.
{Sie werden gebeten|Bitte kommen Sie} am <date> um <time> Uhr {in Zimmer <room> zu erscheinen|nach <town>,
 <street>}{, mit Ausweis|}.
{Rechtsgrundlage|Grundlage} {ist|sind} § <par> {SGB|LBO|BMG|StVO} {und|sowie} die Satzung {der
 Gemeinde|von} <town> {aus <year>|vom <date>}.
{Ihre Rentenzeiten|Die Zeiten} von <date> bis <date> {sind|werden} {mit <few> Monaten|nicht}
 {anerkannt|gespeichert}.
{Der Grundstückseigentümer|Die Antragstellerin} {hat|muss} <a> {auf Flurstück <room>/<few>|auf eigene
 Kosten} {zu dulden|zu beseitigen}.
{Eingetragen|Vermerkt} {wurde|ist} {ein Bußgeld|eine Verwarnung} wegen {Überschreitung um <few>
 km/h|Parkens ohne Schein}, <town>, <street>.
"""),
    "club": bank("""
{Das Sommerfest|Unser Ausflug nach <town>|Die Putzaktion} {ist am <date>|wird am <date>
 nachgeholt}.
{Für den Arbeitseinsatz|Zum Aufbau} {suchen wir|fehlen} noch <few> {Helfer|Leute mit Spaten},
 {Treffpunkt|Beginn} <time> Uhr an der <street>.
{Unsere Mannschaft|Die Jugend} {gewann|verlor} gegen <town> mit <few>:<few>, {Tore|Punkte} durch <first>
 und <first>.
{Der Kassenwart|Die Kassiererin} <name> {meldet|berichtet}: {Einnahmen|Spenden} <eur>, {Ausgaben|Kosten}
 <eur>, {davon|darunter} <eur> für <a>.
{Geehrt|Ausgezeichnet} wurden für {25|40|50} Jahre: <name>, <name> {und|sowie} <name>.
{Im Vereinsheim|In der Halle} {hängt|liegt} <n>, {wer mitfahren will, trage sich ein|Anmeldung bei <first>
 unter <phone>}.
"""),
    "private": bank("""
{Endlich komme ich dazu|Heute will ich versuchen}, Dir {von <town>|vom Umzug|von den Kindern}
 zu {schreiben|erzählen}.
{Die Tomaten|Unsere Kirschen|Die Rosen} {sind|waren} {dieses Jahr|im <year>er Sommer} {prächtig|ganz
 verregnet}, {Oma <first> hat eingekocht|<first> lacht darüber}.
{Onkel|Tante} <first> {war|liegt} {in <town> im Krankenhaus|drei Wochen zur Kur}, {es geht aber besser|die
 Ärzte sagen nicht viel}.
{Weißt Du noch|Erinnerst Du Dich}, wie {wir <year>|<first> damals} {in <town> den Zug verpassten|mit dem
 alten Opel nach <town> fuhr}?
{Am Sonntag|Zu Ostern} {kommen|besuchen uns} <first> und <first> mit {den Zwillingen|dem Hund|ihren <few>
 Koffern}.
{Den Kuchen|Das Rezept} {von <first>|aus <town>} {habe ich abgeschrieben|schicke ich mit}, {nimm weniger
 Zucker|vergiss die Nüsse nicht}.
{Grüß|Umarme} {<first>|alle in <town>} {von mir|ganz herzlich} {und schreib bald|bis zum <date>}.
"""),
    "contract": bank("""
{Der Vertrag|Das Verhältnis} beginnt am <date> und {endet am <date>|läuft auf unbestimmte Zeit}; {die
 Frist|das Recht zur Kündigung} {beträgt <few> Wochen|bleibt unberührt}.
{Der Preis|Das Entgelt} beträgt <eur> und ist {bis zum <few>. des Monats|bei Übergabe|in <few> Raten} {zu
 zahlen|fällig}{ auf IBAN <iban>|}.
{Der Käufer|Die Mieterin|Der Entleiher} erklärt, <a> {besichtigt zu haben|in gutem Zustand übernommen
 zu haben}{; Mängel: <n>|}.
{Gegenstand|Vertragsgegenstand} {ist|sind} <n> {in <town>, <street>|mit der Nummer <number>}{ samt <d>|}.
{Der Verkäufer|Die Vermieterin} {sichert zu|versichert}, dass <n> {unfallfrei|frei von Rechten Dritter|sein
 Eigentum} ist{, soweit bekannt|}.
{Nebenabreden bestehen nicht|Änderungen bedürfen der Schriftform}{, das gilt auch für diese Klausel|}.
{Bei Rückgabe|Am Ende} {ist|muss} <n> {gereinigt|vollständig} {zurückzugeben|übergeben werden}, {Schlüssel
 <few> Stück|sonst fallen <eur> an}.
{Haustiere|Umbauten|Feste} bedürfen {der Erlaubnis|vorheriger Zustimmung}, {die nur aus
 wichtigem Grund versagt wird|siehe § <few>}.
{Kilometerstand|Zählerstand} <number>, {nächste Prüfung|geeicht bis} <date>, {Anzahl der Halter
 <few>|Zubehör: <n>}.
{Die Haftung|Eine Gewährleistung} für <a> {ist ausgeschlossen|beschränkt sich auf <eur>}, {außer bei
 Arglist|soweit zulässig}.
"""),
    "minutes": bank("""
TOP <few>: {Herr|Frau} <last> {berichtet|erläutert} <a>; {die Kosten liegen bei <eur>|die Aussprache dauert
 <few> Minuten}.
Beschluss: <N> wird {für <eur>|bis zum <date>} {vergeben an <last> GmbH|genehmigt|vertagt}. {Ja <few>, Nein
 <few>, Enthaltungen <few>|Einstimmig}.
{Aus der Versammlung|Von <name>} {wird gefragt|kommt die Frage}, {ob|wann} <n> {erneuert wird|fertig ist}.
{Der Verwalter|Die Vorsitzende} {verweist auf|erinnert an} <a> {und die Rücklage von <eur>|aus dem Jahr
 <year>}.
{Die Jahresabrechnung|Der Kassenbericht} <year> {schließt mit|weist aus} <eur>, {geprüft von <name>|Prüfer:
 <name>}.
{Zum Beirat|In den Vorstand} {werden|wird} {gewählt|bestellt}: <name> {und <name>|mit <few> Stimmen}.
{Anwesend|Vertreten} sind <few> {Stimmen|Mitglieder}, {entschuldigt fehlt|es fehlt} <name>{; Protokoll:
 <name>|}.
{Die Sitzung|Der Punkt} {endet|schließt} um <time> Uhr, {nächster Termin <date>|Fortsetzung folgt}.
"""),
    "report": bank("""
{An der|Im Bereich der} {Nordseite|Westwand|Decke} {von Raum <few>|im Keller} {wurde|war} <n> {mit <pct>
 Feuchte gemessen|auf <few> cm gerissen}.
{Die Messung|Probe <few>} {ergab|zeigt} <number> {Einheiten|mg/kg}, {der Grenzwert liegt bei|zulässig sind}
 <number>.
{Ursache|Grund} {hierfür ist|dürfte sein} <n>, {vermutlich|wohl} {seit <year>|nach dem Umbau durch <last>}.
{Zur Sanierung|Als Maßnahme} {wird empfohlen|empfiehlt sich}, <a> {auszubauen|abzudichten|zu trocknen},
 {Aufwand etwa <eur>|Dauer <few> Tage}.
{Abbildung <few>|Bild <few>} zeigt <a> {von Süden|im Detail}; {gut zu sehen|erkennbar} ist <n>.
{Der Ortstermin|Die Besichtigung} {fand am <date>|begann um <time> Uhr} {statt|} in <town>, <street>{,
 anwesend: <name>|}.
{Das Gebäude|Die Anlage} {stammt|datiert} aus <year>, {umfasst <few> Räume|hat <room> m²} und {wurde <year>
 erweitert|ist bewohnt}.
{Zusammenfassend|Im Ergebnis} {ist|bleibt} <n> {mangelhaft|in Ordnung|weiter zu beobachten};
 {Wertminderung|Schätzwert} <eur>.
{Nach DIN <number>|Gemäß Blatt <few>} {darf|soll} <n> höchstens <few> mm {abweichen|nachgeben}, {gefunden
 wurden <few>|hier <few>}.
"""),
    "howto": bank("""
<few>. {Lösen|Drehen|Entfernen} Sie <few> Schrauben und {nehmen Sie|heben Sie} <a> {vorsichtig|gerade}
 {ab|heraus}.
{Achtung|Wichtig}: {Vor|Bei} {jeder Arbeit|dem Reinigen} {den Stecker ziehen|Handschuhe tragen}, {sonst
 droht|Gefahr durch} Strom.
<few>. {Leuchtet|Blinkt} die Lampe <few>-mal, {so fehlt Wasser|ist <n> verstopft}; {Taste <few>|Schalter}
 {drücken|halten}.
{<room> g Mehl|<room> ml Milch|<few> Eier|<few> EL Zucker} {unterrühren|dazugeben}, {<few> Minuten ruhen
 lassen|bei <room> Grad backen}.
<few>. {Stecken|Schieben} Sie Teil {A|B|C|D}<few> in {die Leiste|die Nut} {E|F|G}<few>, {bis es klickt|ohne
 Gewalt}.
Alle <few> {Monate|Wochen} ist <n> zu {ölen|entkalken|reinigen}{, siehe Seite <few>|}.
"""),
    "mail": bank("""
{ich wollte|wir wollten} {nur kurz fragen|nachhaken}, {ob|wann} <n> {klappt|angekommen ist|am <date>
 bleibt}.
{anbei|im Anhang} {findest du|finden Sie} <a> {als PDF|mit <few> Fotos}, {bitte prüfen|sag Bescheid}.
{der Termin|das Treffen} am <date> {um <time> Uhr|in <town>} {passt mir|geht leider nicht}, {lieber|besser}
 <time>?
{danke|vielen Dank} für {die Nachricht|<a>|die <eur>}, {<first> freut sich|das hilft sehr}.
{kannst du|könnten Sie} {<first>|Herrn <last>} {anrufen|Bescheid geben}, {Tel. <phone>|er weiß von nichts}?
{die Bestellung|Bestellung <number>} {kam|ist} {gestern|am <date>} {an|unterwegs}, {es fehlt|nur} <n>{
 fehlt|}.
"""),
}  # fmt: skip
