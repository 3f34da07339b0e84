"""German nouns, made of two, with their articles."""

import random

from bench.corpora.household_grammar import words

STEMS = words("""
        Heizungs Wasser Keller Dach Garten Küchen Wohnungs Treppen Haus Fenster Balkon Strom Gas Abwasser
        Müll Brief Schul Klassen Vereins Sport Familien Urlaubs Fahrzeug Motor Reifen Werkstatt
        Versicherungs Renten Kranken Pflege Bank Konto Depot Darlehens Kauf Miet Nachbar Grundstücks Bau
        Hof Zaun Regen Straßen Feuer Sicherheits Eigentümer Beitrags Kosten Steuer Lohn Ausbildungs
        Prüfungs Reise Möbel Umzugs Erbschafts Unterhalts Betreuungs
    """)
TAILS = {
    "f": words("""
        anlage tür rechnung liste ordnung kasse frist stelle leitung wand verwaltung prüfung erklärung
        vollmacht übersicht meldung regelung gebühr sitzung pauschale nutzung reinigung
    """),
    "m": words("""
        raum plan vertrag bescheid nachweis schaden termin antrag bericht betrag anspruch zustand bedarf
        abschnitt ausschuss anteil verlauf hinweis
    """),
    "n": words("""
        rohr stück protokoll gespräch angebot gutachten formular verfahren konto gebäude recht ergebnis
        verhältnis schreiben gelände
    """),
}  # fmt: skip
ADJECTIVES = words("""
        neu alt defekt gemeinsam gesetzlich jährlich vorläufig endgültig zusätzlich schriftlich beigefügt
        vereinbart persönlich laufend streitig undicht feucht sachgerecht rechtzeitig bisherig künftig
        sorgfältig beschädigt gelb blau ursprünglich dringend unvollständig mangelhaft ausführlich
        mündlich freiwillig geeignet örtlich teilweis
    """)
_ARTICLE = {
    "n": {"m": ("der", "e"), "f": ("die", "e"), "n": ("das", "e")},
    "a": {"m": ("den", "en"), "f": ("die", "e"), "n": ("das", "e")},
    "d": {"m": ("dem", "en"), "f": ("der", "en"), "n": ("dem", "en")},
}


def noun(rng: random.Random, case: str) -> str:
    """`die defekte Heizungsanlage`, in the nominative, accusative or dative."""
    gender = rng.choice("fffmmn")
    word = rng.choice(STEMS) + rng.choice(TAILS[gender])
    article, ending = _ARTICLE[case][gender]
    return f"{article} {rng.choice(ADJECTIVES) + ending + ' ' if rng.random() < 0.3 else ''}{word}"
