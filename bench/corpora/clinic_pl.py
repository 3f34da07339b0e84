"""Polish words of the clinic."""

from bench.corpora.clinic_tongue import Speech, Tongue, lot, pairs

_OFFICE = Speech(
    openers=lot("""Informujemy, że|Uprzejmie przypominamy, że|Zgodnie z ustaleniami telefonicznymi|W
    odpowiedzi na Państwa pismo wyjaśniamy, że|Potwierdzamy, że|Niezależnie od powyższego|Zawiadamiamy,
    iż|W myśl regulaminu"""),
    heads=lot("""wniosek|zgłoszenie|odwołanie|zaświadczenie|skierowanie|rozliczenie|zlecenie|
    oświadczenie|świadczenie|orzeczenie|pełnomocnictwo|rachunek|dofinansowanie|sprostowanie"""),
    about=lot("""w sprawie rehabilitacji|na zakup okularów|dla osoby uprawnionej|z tytułu pobytu w
    szpitalu|za miesiąc {month}|od lekarza rodzinnego|na wyrób medyczny|z oddziału w {town}|o zwrot
    kosztów|na protezę zębową|do poradni specjalistycznej|wydane przez {doctor}|na transport sanitarny|z
    dnia wizyty"""),
    verbs=lot("""podlega ponownemu rozpatrzeniu|wymaga uzupełnienia|nie spełnia warunków umowy|
    zachowuje ważność|oczekuje na decyzję komisji|trafia do archiwum pod sygnaturą {big}|obejmuje także
    dzieci do lat {n}|nie zawiera podpisu|czeka na odbiór w okienku {n}|traci moc|wpływa na wysokość
    składki|zostaje bez zmian|przewiduje udział własny {n} zł|budzi wątpliwości lekarza orzecznika"""),
    tails=lot("""w terminie {n} dni od doręczenia|na podstawie ogólnych warunków ubezpieczenia|bez
    dodatkowych opłat|do końca roku kalendarzowego|w rejestracji przychodni|począwszy od miesiąca
    {month}|z powodu braków formalnych|po przedstawieniu faktury|zgodnie z cennikiem|w ramach limitu
    rocznego|na wskazany rachunek bankowy|za pośrednictwem placówki w {town}|o ile lekarz nie zaleci
    inaczej|wyłącznie w formie pisemnej"""),
)
_WARD = Speech(
    openers=lot("""W badaniu przedmiotowym|W wywiadzie|W badaniu kontrolnym|W porównaniu z badaniem
    poprzednim|W trakcie hospitalizacji|Po zabiegu|Obecnie"""),
    heads=lot("""obrzęk|ból|zakres ruchu|rytm serca|ciśnienie tętnicze|szmer|blizna|zmiana|bolesność|
    siła mięśniowa|przepływ|przezierność|czucie|saturacja"""),
    about=lot("""stawu kolanowego|w okolicy lędźwiowej|po stronie prawej|w spoczynku|nad polami
    płucnymi|łuku brwiowego|barku lewego|w śródbrzuszu|przedramienia|w rzucie wątroby|po wysiłku|
    tarczycy|zęba szóstego|w oku lewym"""),
    verbs=lot("""ustępuje po leku {drug}|wynosi {n} mm|pozostaje w normie|nasila się w nocy|nie budzi
    zastrzeżeń|wymaga dalszej diagnostyki|utrzymuje się od miesiąca {month}|odpowiada {n} punktom w
    skali|promieniuje do kończyny|utrudnia chodzenie|zmniejsza się stopniowo|sugeruje stan zapalny|nie
    ulega zmianie|przekracza wartość {n}"""),
    tails=lot("""bez gorączki|mimo leczenia ({drug})|po upływie {n} tygodni|według opisu {doctor}|bez
    objawów oponowych|zwłaszcza rano|przy ucisku|w projekcji bocznej|bez cech złamania|w pozycji
    stojącej|z wyraźnym odgraniczeniem|jak w karcie z {town}|przy współpracy chorego|pod kontrolą USG"""),
)
_TEAM = Speech(
    openers=lot("""Ustalono, że|Kierowniczka przypomina, że|Po dyskusji|{doctor} zgłasza, że|Wniosek
    formalny:|Przyjęto, że"""),
    heads=lot("""grafik|dyżur|zamówienie|szkolenie|autoklaw|magazyn|rejestracja telefoniczna|
    procedura|przegląd aparatu|zapas|poczekalnia|szczepienie personelu"""),
    about=lot("""na okres wakacji|w gabinecie {n}|dla nowych osób|rękawic nitrylowych|przed świętami|
    w filii {town}|na drugiej zmianie|odpadów medycznych|dla stażystów|środków dezynfekcji|programu
    komputerowego|w soboty"""),
    verbs=lot("""przechodzi pod opiekę {doctor}|zaczyna się {n} minut wcześniej|wymaga nowej oferty|
    zostaje po staremu|kosztuje o {n} zł więcej|wraca na następne zebranie|kończy się w terminie|wymaga
    podpisu w zeszycie|nie działa jak należy|uzyskuje akceptację|podlega kontroli|przesuwa się o tydzień"""),
    tails=lot("""do końca miesiąca {month}|z powodu remontu|w obecności dwóch osób|jednogłośnie|na
    próbę|zgodnie z nową instrukcją|od godziny {hour}|na koszt dostawcy|tak jak w {town}|z uwagi na braki
    kadrowe|po odbiorze technicznym|w miarę możliwości"""),
)
_FORM = Speech(
    openers=lot("""Pacjent przyjmuje do wiadomości, że|Wyjaśniono, że|W rzadkich przypadkach|Jak
    omówiono,|Należy pamiętać, że|Po zabiegu"""),
    heads=lot("""zabieg|proces gojenia|środek znieczulający|przebieg badania|ryzyko krwawienia|użyty
    materiał|kontrola po zabiegu|efekt leczenia|ból resztkowy|pobyt w klinice"""),
    about=lot("""w znieczuleniu miejscowym|u osób palących|zaproponowaną metodą|w okresie ciąży|po
    sześćdziesiątce|w trybie jednego dnia|w płytkiej sedacji|przy skłonności do uczuleń|w dłuższej
    perspektywie|w miejscu leczonym"""),
    verbs=lot("""trwa przeciętnie {n} minut|wymaga niekiedy drugiej wizyty|powoduje przejściową
    opuchliznę|nie daje gwarancji|wymaga powtórzenia po {n} miesiącach|dotyczy około {n} osób na tysiąc|
    wymaga bycia na czczo|wyklucza prowadzenie pojazdów|pozostawia niewielki ślad|ma omówione
    alternatywy|osłabia czucie|nie zastępuje dotychczasowej terapii"""),
    tails=lot("""przez pierwsze {n} godzin|bez wpływu na dalszą opiekę|także po latach|o ile
    zalecenia są przestrzegane|przez ograniczony czas|w różnym stopniu|jak opisano w ulotce|chyba że
    specjalista uzna inaczej|aż do pełnego wygojenia|w obecności osoby dorosłej"""),
)

TONGUE = Tongue(
    code="pl",
    months=lot("""stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|września|października|
    listopada|grudnia"""),
    weekdays=lot("poniedziałek|wtorek|środa|czwartek|piątek|sobota|niedziela"),
    dates=(
        "{d:02}.{m:02}.{y}",
        "{d} {month} {y} r.",
        "{y}-{m:02}-{d:02}",
        "{d:02}.{m:02}.{y} r.",
        "{d:02}/{m:02}/{y}",
    ),
    money=("{} zł", "{} PLN", "{} zł", "PLN {}"),
    group=" ",
    label=pairs("""invoice = Faktura|date = Data wystawienia|number = Nr|patient = Pacjent|born =
    ur.|phone = tel.|doctor = Lekarz|policy = Polisa nr|claim = Szkoda nr|total = Razem do zapłaty|net =
    Wartość netto|vat = VAT 23%|due = Termin płatności|iban = Nr rachunku|tax = NIP|person = PESEL|page =
    Strona {} z {}|subject = Dotyczy|from = Od|sent = Wysłano|to = Do|dear_m = Szanowny Panie,|dear_f =
    Szanowna Pani {},|colleague = Szanowny Kolego,|regards = Z poważaniem|sign = Podpis|place =
    Miejscowość i data|item = Nazwa usługi|qty = Ilość|price = Cena|code = Kod|unit = Jedn.|value =
    Wynik|range = Norma|analyte = Badanie|sample = Pobrano|lab = Sprawozdanie z badania|prescription =
    Recepta|card = Karta wizyty|at = godz.|room = Gabinet|consent = Świadoma zgoda pacjenta|agree = po
    uzyskaniu wyjaśnień wyraża zgodę na|plan = Kosztorys leczenia|valid = Ważny do|tooth = Ząb|referral =
    Skierowanie do poradni|reason = Cel porady|diagnosis = Rozpoznanie|therapy = Zalecone leki|history =
    Wywiad|exam = Badanie|conclusion = Wnioski|findings = Karta informacyjna|vaccination = Zaświadczenie
    o szczepieniu|vaccine = Szczepionka|lot = Seria|next = Kolejna dawka|insurance = Pismo
    ubezpieczyciela|minutes = Protokół z zebrania|present = Obecni|absent = Nieobecni|agenda = Punkt|
    version = Wersja poprawiona|rota = Grafik dyżurów|week = Tydzień|delivery = Wydanie zewnętrzne WZ|
    order = Zamówienie|customer = Kod odbiorcy|receipt = PARAGON FISKALNY|cash = GOTÓWKA|card_paid =
    KARTA|clerk = KASJER|thanks = DZIĘKUJEMY ZAPRASZAMY|wrote = W dniu {} {} pisze:|notice = Komunikat
    dla pacjentów|subscription = Abonament miesięczny|period = Okres|manual = Księga jakości|chapter =
    Rozdział|received = WPŁYNĘŁO|copy = ODPIS|mail = Wiadomość|slip = Kartka|fax = FAKS OD"""),
    men=lot("""Tomasz|Piotr|Krzysztof|Andrzej|Marcin|Paweł|Grzegorz|Łukasz|Zbigniew|Wojciech|Rafał|
    Jacek|Mirosław|Szymon|Bartosz|Kamil|Henryk|Leszek|Wiesław|Hubert|Dawid|Cezary|Błażej|Ryszard"""),
    women=lot("""Agnieszka|Katarzyna|Małgorzata|Joanna|Ewa|Magdalena|Dorota|Grażyna|Jolanta|Beata|
    Aleksandra|Zofia|Halina|Karolina|Justyna|Iwona|Urszula|Bożena|Kinga|Natalia|Weronika|Danuta|Elżbieta|
    Wanda"""),
    stems=lot("""Kowal|Wiśniew|Zieliń|Lewandow|Kamiń|Dąbrow|Szymań|Kozłow|Jankow|Maj|Krawczyń|Grab|
    Pawłow|Zawadz|Sikor|Borow|Sokołow|Malinow|Jasiń|Adamow|Górec|Rutkow|Ostrow|Lis|Czerwiń|Brzeziń|Makow|
    Wysoc|Łuka|Głowac"""),
    starts=("", "", "Nowo", "Pod", "Za"),
    ends=(
        ("ski", "ska"),
        ("ski", "ska"),
        ("icz", "icz"),
        ("iak", "iak"),
        ("ko", "ko"),
        ("ewicz", "ewicz"),
        ("ek", "ek"),
    ),
    towns=lot("""Olsztyn|Radom|Kielce|Opole|Płock|Elbląg|Tarnów|Rzeszów|Zamość|Suwałki|Legnica|
    Słupsk|Gniezno|Chełm|Kalisz|Łomża|Sopot|Żary|Nysa|Piła|Cieszyn|Siedlce|Jelenia Góra|Ełk"""),
    streets=lot("""ul. Mickiewicza|ul. Polna|al. Niepodległości|ul. Słowackiego|ul. Ogrodowa|os.
    Kościuszki|ul. Lipowa|ul. Długa|pl. Wolności|ul. Sienkiewicza|ul. Szkolna|ul. Żwirki i Wigury|ul.
    Krótka|ul. Kwiatowa|ul. Młyńska|ul. Zielona"""),
    houses=lot("""Przychodnia Lekarska {town}|NZOZ {brand}-Med|Gabinet Stomatologiczny {last}|Centrum
    Medyczne {brand}|Prywatna Praktyka Lekarska {last}|Specjalistyczny Gabinet {last}|Szpital Powiatowy
    {town}|Laboratorium {brand}"""),
    firms=lot("""Hurtownia Medyczna {brand} Sp. z o.o.|TU {brand} S.A.|Apteka {last}|{last} i
    Wspólnicy Sp. j.|Serwis Aparatury {last}|Apteka {brand}|PZ Ubezpieczenia {town}|{brand} Polska Sp. z
    o.o."""),
    speech={"office": _OFFICE, "ward": _WARD, "team": _TEAM, "form": _FORM},
    notes=lot("""Administratorem danych osobowych jest placówka wymieniona w nagłówku.|Usługi
    medyczne korzystają ze zwolnienia z VAT.|Prosimy o punktualne przybycie i zabranie dowodu
    osobistego.|Nieodwołana wizyta podlega opłacie.|W tytule przelewu prosimy podać numer dokumentu.|
    Reklamacje przyjmujemy pisemnie w ciągu tygodnia.|Wynik należy skonsultować z lekarzem kierującym.|
    Dokument wygenerowano elektronicznie i nie wymaga pieczęci.|Rejestracja czynna w dni powszednie od
    7:30 do 18:00.|Zgodę można cofnąć w każdej chwili.|Do możliwych powikłań należą krwiak, zakażenie i
    uczulenie.|Towar odebrano bez zastrzeżeń ilościowych.|Niniejsza wiadomość może zawierać tajemnicę
    zawodową.|Powielanie fragmentów wymaga zgody laboratorium.|Od decyzji przysługuje odwołanie do
    centrali.|Składkę należy opłacić przed początkiem okresu ochrony."""),
    analytes=lot("""Hemoglobina|Hematokryt|Leukocyty|Erytrocyty|Płytki krwi|MCV|Glukoza na czczo|
    HbA1c|Kreatynina|Mocznik|Kwas moczowy|Sód|Potas|Wapń całkowity|Cholesterol całk.|HDL|LDL|
    Triglicerydy|AspAT|ALAT|GGTP|Fosfataza zas.|Bilirubina całk.|Białko CRP|Ferrytyna|Żelazo|TSH|fT4|
    Witamina D3|Witamina B12|OB|INR"""),
    drugs=lot("""Amoksycylina|Perindopryl|Metformina|Pantoprazol|Bisoprolol|Torasemid|Rozuwastatyna|
    Ketoprofen|Lewotyroksyna|Diklofenak|Azytromycyna|Doksazosyna|Escitalopram|Heparyna|Hydrokortyzon|
    Nitrendypina|Bilastyna|Drotaweryna"""),
    syllables=lot("pol|ke|to|ran|wi|med|ax|ul|go|lek|za|bio|mir|da|nex|fu|rol|sta|pi|we"),
    doses=lot("""1x1 rano|2x1 po jedzeniu|3x10 kropli|1 saszetka na noc|doraźnie|co drugi dzień|
    smarować 2x dziennie|1 czopek wieczorem"""),
    services=lot("""Konsultacja specjalistyczna|Porada kontrolna|USG jamy brzusznej|EKG z opisem|
    Skaling|Wypełnienie kompozytowe|Korona porcelanowa|Ekstrakcja|Leczenie kanałowe|Zdjęcie RTG|Zmiana
    opatrunku|Masaż leczniczy|Blokada dostawowa|Spirometria|Badanie okresowe|Zdjęcie szwów|Implant
    tytanowy|Szyna relaksacyjna"""),
    goods=lot("""Rękawice nitrylowe S|Strzykawka 2 ml|Gaza jałowa 9x9|Podkład rolka|Maseczka
    chirurgiczna|Probówka EDTA|Igła 0,8|Przylepiec|Płyn do powierzchni|Fartuch jednorazowy|Opaska
    elastyczna|Żel do USG|Szpatułka|Pojemnik na igły|Nici chirurgiczne|Wymazówka"""),
    wares=lot("""APAP 24TABL|KROPLE DO NOSA|SYROP PRAWOŚL|WIT C 1000|KREM Z FILTREM|PLASTRY 20SZT|
    TERMOMETR|ELEKTROLITY|MAŚĆ|RUTINA|LEK REFUND.|INHALACJA|CHUSTECZKI|ZIÓŁKA"""),
    procedures=lot("""gastroskopię|znieczulenie przewodowe|wszczepienie implantu|artroskopię kolana|
    kolonoskopię|usunięcie zaćmy|rezonans z kontrastem|usunięcie zęba ósmego|iniekcję dostawową|leczenie
    ortodontyczne|usunięcie znamienia|szczepienie przeciw grypie"""),
    fields=lot("""kardiologia|ortopedia|dermatologia|okulistyka|neurologia|stomatologia|urologia|
    pulmonologia|radiologia|diabetologia|rehabilitacja|laryngologia"""),
    illnesses=lot("""nadciśnienie tętnicze|choroba zwyrodnieniowa kolan|cukrzyca typu 2|refluks|rwa
    kulszowa|migotanie przedsionków|zapalenie oskrzeli|niedoczynność tarczycy|migrena|wyprysk|
    niedokrwistość|zapalenie zatok"""),
    agenda=lot("""Przyjęcie protokołu|Urlopy|Nowy program|Higiena rąk|Zakupy|Skargi|Szkolenia|Godziny
    otwarcia|Wolne wnioski|BHP"""),
    subjects=lot("""Brak wyniku|Zmiana terminu wizyty|Zamówienie rękawic|Zamiana dyżuru|Kosztorys
    korony|Brak faktury|Kopia dokumentacji|Awaria unitu|Potwierdzenie przyjęcia|Zwolnienie z WF"""),
    captions=lot("""Pantomogram|RTG klatki|Pojemnik mocz|Szafa B|Klucz magazyn|Bilet parkingowy|
    Zdjęcie zmiany|Numerek|Etykieta próbki|Bilet PKP"""),
    hands=lot("zapłacono|oddzwonić|do akt|pilne|p. Ewa|sprawdzone|wysłać|odebrano"),
    ids=pairs("""person = ###########|tax = ###-###-##-##|postcode = ##-###|phone = ## ### ## ##|iban
    = PL|bank = ########################"""),
)
