"""Italian words of the clinic."""

from bench.corpora.clinic_tongue import Speech, Tongue, lot, pairs

_OFFICE = Speech(
    openers=lot("""Si comunica che|La informiamo che|Le ricordiamo che|Come da accordi telefonici,|Ai
    sensi del regolamento vigente,|Precisiamo inoltre che|A seguito della Sua segnalazione,|Con la
    presente confermiamo che"""),
    heads=lot("""la richiesta|la pratica|la domanda|la documentazione|la comunicazione|l'istanza|la
    copertura|la nota integrativa|la dichiarazione|l'autorizzazione|la ricevuta|la quota residua|la
    perizia|la delega"""),
    about=lot("""di rimborso|di assistenza domiciliare|relativa al ricovero|per le cure dentarie|per
    la fisioterapia|di esenzione dal ticket|del nucleo familiare|per gli ausili ortopedici|intestata al
    paziente|per la visita specialistica|di indennizzo|per gli occhiali da vista|del secondo semestre|
    della sede di {town}|presentata a {month}|curata da {doctor}"""),
    verbs=lot("""è stata presa in carico dal nostro ufficio|risulta priva della firma|deve essere
    inviata in originale|verrà esaminata dalla commissione medica|non può essere accolta|rimane valida|è
    soggetta a una franchigia di {n} euro|va completata con il codice fiscale|è stata trasmessa alla
    compagnia|sarà liquidata sul conto indicato|decade automaticamente|può essere ritirata allo sportello
    {n}|è stata archiviata con protocollo {big}|comporta una trattenuta"""),
    tails=lot("""entro {n} giorni dal ricevimento|salvo diversa indicazione del medico curante|come
    previsto dalle condizioni di polizza|senza ulteriori spese a Suo carico|presso la segreteria di
    {town}|a partire dal mese di {month}|nei limiti del massimale annuo|dopo il controllo delle fatture
    allegate|secondo il tariffario regionale|per motivi amministrativi|fino a esaurimento del plafond|con
    effetto immediato|negli orari di apertura al pubblico|unitamente al referto"""),
)
_WARD = Speech(
    openers=lot("""All'esame obiettivo|In anamnesi si segnala che|Al controllo odierno|Rispetto al
    precedente esame,|In regime ambulatoriale|Durante la degenza|Nel postoperatorio"""),
    heads=lot("""la mobilità|la funzione|la frequenza|la cicatrice|la mucosa|la pressione|la
    sintomatologia|la lesione|l'ecostruttura|la cute|la dolenzia|la saturazione|la rima articolare|la
    dilatazione"""),
    about=lot("""della spalla destra|del ginocchio sinistro|cardiaca a riposo|del lobo inferiore|
    dell'arcata superiore|della colonna lombare|renale residua|del versante mediale|della parete
    gastrica|a carico del quarto dito|del seno mascellare|dell'occhio sinistro|in sede sovrapubica|
    tiroidea"""),
    verbs=lot("""appare nei limiti|risulta ridotta di circa un terzo|misura {n} millimetri|migliora
    con {drug}|non presenta segni di flogosi|è aumentata rispetto al controllo di {month}|resta
    invariata|richiede approfondimento|regredisce lentamente|mostra profilo irregolare|è ben compensata|
    peggiora sotto sforzo|si accompagna a edema|viene valutata con scala {n}/30"""),
    tails=lot("""in assenza di versamento|a distanza di {n} settimane|dopo terapia con {drug}|come da
    referto di {doctor}|senza deficit neurologici|con lieve asimmetria|soprattutto nelle ore notturne|in
    paziente collaborante|sotto carico|alla palpazione profonda|in proiezione laterale|nonostante il
    riposo|con margini netti|in accordo con il radiologo"""),
)
_TEAM = Speech(
    openers=lot("""Si decide che|La coordinatrice ricorda che|Dopo breve discussione|A maggioranza si
    stabilisce che|{doctor} propone che|Resta inteso che"""),
    heads=lot("""la consegna|la riunione|la sterilizzazione|la fornitura|la turnazione|l'agenda|la
    formazione|la manutenzione|la scorta|la procedura|l'accettazione|la segreteria"""),
    about=lot("""del turno pomeridiano|dei guanti in nitrile|per i nuovi assunti|dell'autoclave
    numero {n}|dei vaccini|sul consenso informato|del magazzino|per le ferie estive|dei rifiuti speciali|
    degli strumenti rotanti|del gestionale|della sala d'attesa"""),
    verbs=lot("""va anticipata di {n} minuti|passa alla responsabile di sala|viene rivista|slitta
    alla settimana successiva|è affidata a {doctor}|rimane sospesa|necessita di un preventivo|si svolge a
    porte chiuse|deve risultare sul registro|costa {n} euro in meno|ha superato la verifica|non convince
    il personale"""),
    tails=lot("""entro la fine di {month}|con l'aiuto della ditta esterna|per mancanza di personale|
    secondo il nuovo protocollo|in presenza di due operatori|a rotazione|salvo imprevisti|come già fatto
    a {town}|previo avviso in bacheca|dalle ore {hour}|con esito positivo|dopo il collaudo"""),
)
_FORM = Speech(
    openers=lot("""Il paziente prende atto che|È stato spiegato che|Come illustrato a voce,|In rari
    casi|Si precisa che|Salvo complicanze,"""),
    heads=lot("""l'intervento|il trattamento|il farmaco impiegato|l'esame|il decorso|il rischio|il
    materiale|il controllo successivo|l'esito|il dolore residuo"""),
    about=lot("""in anestesia locale|secondo la tecnica proposta|nei pazienti fumatori|in gravidanza|
    dopo i sessant'anni|in day hospital|con sedazione leggera|in presenza di allergie|a lungo termine|
    nella sede trattata"""),
    verbs=lot("""dura in media {n} minuti|può richiedere una seconda seduta|comporta un gonfiore
    temporaneo|non dà garanzia di risultato|va ripetuto dopo {n} mesi|interessa circa {n} persone su
    mille|impone il digiuno|sconsiglia la guida|può lasciare una piccola cicatrice|prevede alternative
    già discusse|riduce la sensibilità|non sostituisce la terapia in corso"""),
    tails=lot("""nelle prime {n} ore|senza pregiudizio per le cure future|anche a distanza di anni|se
    le indicazioni vengono rispettate|per un periodo limitato|in misura variabile|come riportato
    nell'opuscolo|salvo parere contrario dello specialista|fino alla guarigione completa|con obbligo di
    accompagnatore"""),
)

TONGUE = Tongue(
    code="it",
    months=lot("""gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|
    novembre|dicembre"""),
    weekdays=lot("lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica"),
    dates=(
        "{d:02}/{m:02}/{y}",
        "{d} {month} {y}",
        "{d:02}.{m:02}.{y}",
        "{d:02}/{m:02}/{yy:02}",
        "{d:02}-{m:02}-{y}",
    ),
    money=("€ {}", "{} €", "{} euro", "EUR {}"),
    label=pairs("""invoice = Fattura|date = Data|number = N.|patient = Paziente|born = nato/a il|
    phone = Tel.|doctor = Medico|policy = Polizza n.|claim = Sinistro|total = TOTALE|net = Imponibile|vat
    = IVA 22%|due = Scadenza|iban = IBAN|tax = P.IVA|person = C.F.|page = Pagina {} di {}|subject =
    Oggetto|from = Da|sent = Inviato|to = A|dear_m = Gentile Sig. {},|dear_f = Gentile Sig.ra {},|
    colleague = Egregio Collega,|regards = Cordiali saluti|sign = Firma|place = Luogo e data|item =
    Prestazione|qty = Q.tà|price = Prezzo|code = Cod.|unit = U.M.|value = Risultato|range = Valori di
    riferimento|analyte = Esame|sample = Prelievo del|lab = Referto di laboratorio|prescription = Ricetta
    medica|card = Promemoria appuntamento|at = ore|room = Ambulatorio|consent = Consenso informato|agree
    = dichiara di essere stato/a informato/a e acconsente a|plan = Preventivo di cura|valid = Valido fino
    al|tooth = Dente|referral = Richiesta di visita specialistica|reason = Quesito clinico|diagnosis =
    Diagnosi|therapy = Terapia|history = Anamnesi|exam = Esame obiettivo|conclusion = Conclusioni|
    findings = Lettera clinica|vaccination = Certificato vaccinale|vaccine = Vaccino|lot = Lotto|next =
    Richiamo|insurance = Comunicazione assicurativa|minutes = Verbale di riunione|present = Presenti|
    absent = Assenti|agenda = Ordine del giorno|version = Bozza rivista|rota = Turni del personale|week =
    Settimana|delivery = Documento di trasporto|order = Vs. ordine|customer = Cod. cliente|receipt =
    DOCUMENTO COMMERCIALE|cash = Contanti|card_paid = Pagamento elettronico|clerk = Operatore|thanks =
    Grazie e arrivederci|wrote = Il {} {} ha scritto:|notice = Avviso ai pazienti|subscription = Canone
    mensile|period = Periodo|manual = Manuale di qualità|chapter = Capitolo|received = PERVENUTO IL|copy
    = COPIA|mail = Messaggio di posta|slip = Nota|fax = FAX DA"""),
    men=lot("""Marco|Luca|Giovanni|Paolo|Andrea|Stefano|Davide|Matteo|Riccardo|Enrico|Fabio|Sergio|
    Claudio|Nicola|Pietro|Dario|Umberto|Vittorio|Salvatore|Gennaro|Carmelo|Tommaso|Giacomo|Ettore"""),
    women=lot("""Giulia|Chiara|Francesca|Elena|Martina|Silvia|Paola|Laura|Valentina|Federica|Ilaria|
    Rosaria|Concetta|Lucia|Teresa|Daniela|Beatrice|Ginevra|Noemi|Ornella|Patrizia|Simona|Antonella|
    Caterina"""),
    stems=lot("""Ross|Bianc|Ferr|Espos|Roman|Colomb|Ricc|Marin|Grec|Brun|Gall|Cont|Mancin|Lombard|
    Barb|Mor|Fontan|Santor|Carus|Rinald|Cavall|Pellegrin|Palm|Tost|Guerr|Bass|Fior|Vent|Serr|Calvan|
    Donad|Tass|Zanch|Pedr|Marchin|Torr"""),
    ends=tuple((one, one) for one in lot("i|o|a|etti|ini|ello|one|ucci|azzo|ari|elli|otti|ato|isio")),
    towns=lot("""Bergamo|Ferrara|Lecce|Pavia|Siena|Udine|Ancona|Cosenza|Trapani|Novara|Arezzo|Foggia|
    Rimini|Savona|Viterbo|Matera|Cuneo|Latina|Treviso|Imola|Faenza|Sondrio|Nuoro|Chieti"""),
    streets=lot("""Via Garibaldi|Via Mazzini|Corso Cavour|Piazza Dante|Via dei Mille|Viale Europa|Via
    San Rocco|Via Verdi|Largo Colombo|Via della Stazione|Via XX Settembre|Vicolo Corto|Via Leopardi|Via
    del Pozzo|Strada Vecchia|Via Pascoli"""),
    houses=lot("""Studio Medico Associato {last}|Poliambulatorio {town}|Studio Dentistico Dott.
    {last}|Centro Diagnostico {last}|Casa di Cura Villa {last}|Laboratorio Analisi {last}|Centro Medico
    {last} & {other}|Ambulatorio {last}"""),
    firms=lot("""{last} Forniture Medicali S.r.l.|Assicurazioni {last} S.p.A.|{brand} Italia S.p.A.|
    Farmacia {last}|Mutua {town} Salute|{last} Service S.n.c.|Biomedica {brand} S.r.l.|Farmacia Comunale
    {town}"""),
    speech={"office": _OFFICE, "ward": _WARD, "team": _TEAM, "form": _FORM},
    notes=lot("""I dati personali sono trattati ai sensi del Regolamento UE 2016/679.|Il presente
    documento è esente da imposta di bollo.|Prestazione sanitaria esente IVA art. 10 DPR 633/72.|Si prega
    di conservare la presente per la dichiarazione dei redditi.|In caso di impossibilità si prega di
    disdire con 48 ore di anticipo.|Il mancato avviso comporta l'addebito della prestazione.|Il referto
    va sempre interpretato dal medico curante.|La segreteria risponde dalle 8.30 alle 12.30.|Ogni reclamo
    va presentato per iscritto.|Il pagamento può essere effettuato con bonifico o carta.|Il firmatario
    può revocare l'assenso in qualsiasi momento.|Documento firmato digitalmente.|I valori contrassegnati
    da asterisco sono fuori intervallo.|È vietata la riproduzione anche parziale.|La merce viaggia a
    rischio del destinatario.|Le complicanze più frequenti sono ematoma, infezione e reazione al farmaco."""),
    analytes=lot("""Emoglobina|Ematocrito|Leucociti|Eritrociti|Piastrine|MCV|Glicemia|Emoglobina
    glicata|Creatinina|Azotemia|Uricemia|Sodio|Potassio|Calcio|Colesterolo totale|Colesterolo HDL|
    Colesterolo LDL|Trigliceridi|AST (GOT)|ALT (GPT)|Gamma GT|Fosfatasi alcalina|Bilirubina totale|
    Proteina C reattiva|Ferritina|Sideremia|TSH|FT4|Vitamina D|Vitamina B12|VES|INR"""),
    drugs=lot("""amoxicillina|ramipril|metformina|pantoprazolo|bisoprololo|furosemide|atorvastatina|
    paracetamolo|levotiroxina|ibuprofene|ceftriaxone|tamsulosina|sertralina|enoxaparina|prednisone|
    amlodipina|cetirizina|tramadolo"""),
    syllables=lot("cal|ve|mi|dor|lu|pran|te|xil|so|bri|ne|fal|qui|ro|zem|ta|gli|mon|per|vi"),
    doses=lot("""1 cpr al mattino|1 cpr ogni 12 ore|20 gocce la sera|1 bustina dopo i pasti|2 puff al
    bisogno|1 fiala i.m. a giorni alterni|mezza compressa a colazione|applicare due volte al dì"""),
    services=lot("""Visita specialistica|Visita di controllo|Ecografia addome|Elettrocardiogramma|
    Ablazione tartaro|Otturazione in composito|Corona in zirconia|Estrazione semplice|Devitalizzazione|
    Radiografia endorale|Medicazione|Seduta di fisioterapia|Infiltrazione|Spirometria|Certificato
    sportivo|Rimozione punti|Impianto osteointegrato|Bite notturno"""),
    goods=lot("""Guanti in nitrile M|Siringhe 5 ml|Garze sterili 10x10|Lenzuolino in rotolo|
    Mascherine FFP2|Provette EDTA|Aghi 23G|Cerotti ipoallergenici|Disinfettante superfici|Camici monouso|
    Bende elastiche|Gel per ultrasuoni|Cotone idrofilo|Contenitori taglienti|Suture 4/0|Tamponi"""),
    wares=lot("""TACHIPIRINA 500|COLLIRIO|CREMA MANI|TERMOMETRO|VITAMINA C|SCIROPPO TOSSE|GARZE|
    SPAZZOLINO|LATTE 1|FERMENTI|TICKET SSN|MISURAZ. PRESSIONE|CEROTTI|SOL. FISIOLOGICA"""),
    procedures=lot("""gastroscopia con biopsia|implantologia dentale|artroscopia del ginocchio|
    anestesia locale|colonscopia|intervento di cataratta|risonanza magnetica con contrasto|estrazione del
    dente del giudizio|infiltrazione articolare|trattamento ortodontico|asportazione di neoformazione
    cutanea|vaccinazione antinfluenzale"""),
    fields=lot("""cardiologia|ortopedia|dermatologia|oculistica|neurologia|odontoiatria|urologia|
    pneumologia|radiologia|endocrinologia|fisiatria|otorinolaringoiatria"""),
    illnesses=lot("""ipertensione arteriosa|gonartrosi|diabete tipo 2|gastrite cronica|
    lombosciatalgia|fibrillazione atriale|bronchite|ipotiroidismo|cefalea tensiva|dermatite da contatto|
    anemia sideropenica|sinusite mascellare"""),
    agenda=lot("""Approvazione verbale precedente|Ferie e sostituzioni|Nuovo gestionale|Igiene delle
    mani|Acquisti|Reclami|Formazione obbligatoria|Orari estivi|Varie ed eventuali|Sicurezza sul lavoro"""),
    subjects=lot("""Referti mancanti|Spostamento appuntamento|Ordine materiale|Cambio turno|
    Preventivo corone|Fattura non pervenuta|Richiesta copia cartella|Guasto riunito|Conferma ricovero|
    Certificato per la scuola"""),
    captions=lot("""Panoramica|Lastra torace|Campione urine|Armadio B|Chiave deposito|Scontrino
    parcheggio|Foto lesione|Numero fila|Etichetta provetta|Biglietto bus"""),
    hands=lot("visto|ok pagato|archivio|richiamare|x Laura|urgente!|da ritirare|fatto"),
    ids=pairs("""person = @@@@@@##@##@###@|tax = ###########|postcode = ##0##|phone = 0## ######|iban
    = IT|bank = @0####0#####000000######"""),
)
