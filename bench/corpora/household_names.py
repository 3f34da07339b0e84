"""People, homes and towns, put together from lists and syllables: a large library repeats few."""

import random
from dataclasses import dataclass

from bench.corpora.household_grammar import words
from bench.corpora.household_numbers import shaped

WOMEN = {
    "de": words("""
        Annika Birgit Carolin Dagmar Elfriede Franziska Gisela Heike Ilse Johanna Karin Lieselotte Marlene
        Nadine Ottilie Petra Ricarda Sabine Theresa Ulrike Vanessa Waltraud Yvonne Zita Bettina Corinna
        Doris Edeltraud Friederike Gudrun Hannelore Irmgard Jasmin Kerstin Luise Martina Nicole Paulina
        Regina Svenja Tanja Ursula Veronika Wiebke Antje Beate Cornelia Denise Elke Fiona Gerlinde Hedwig
        Inken Jutta Adelheid Almut Anneliese Astrid Brunhilde Carla Charlotta Christel Constanze Daniela
        Dorothee Eleonore Elisa Elvira Erika Eva-Maria Felicitas Frauke Gabriele Gesine Hanna Helga Henrike
        Hilde Insa Isolde Jana Josefine Karoline Katja Kirsten Leonie Lotte Magda Margarete Meike Mechthild
        Monika Nele Rosemarie Roswitha Ruth Silke Sigrid Stefanie Susanne Swantje Traudel Viola Wilma
    """),
    "en": words("""
        Abigail Beatrice Charlotte Daphne Eleanor Florence Georgina Harriet Imogen Joanna Kathleen
        Lorraine Margaret Nicola Octavia Penelope Rosemary Samantha Tabitha Una Victoria Winifred Yasmin
        Zoe Amelia Bridget Caroline Deborah Edith Frances Gillian Hilary Isobel Josephine Kirsty Lydia
        Maureen Nora Pamela Rachel Sheila Tessa Ursula Vivian Wendy Alison Bethany Cecily Dorothy Esme
        Gwendolyn Heather Ivy Agatha Alexandra Anthea Audrey Barbara Bernadette Beryl Carol Catriona Celia
        Chloe Clara Cordelia Cynthia Diana Doreen Elspeth Emma Enid Evelyn Felicity Fern Freya Gemma Gladys
        Gwen Hazel Hermione Honor Ida Irene Jacqueline Janet Jessica Judith June Kate Laura Leonora Lucinda
        Mabel Marjorie Matilda Miranda Muriel Nancy Olive Philippa Sylvia Thelma
    """),
}
MEN = {
    "de": words("""
        Albrecht Bernd Christoph Dietmar Eckhard Florian Gerhard Heinrich Ingo Joachim Konrad Leopold
        Markus Norbert Oskar Philipp Quirin Reinhard Sebastian Thorsten Udo Volker Wolfgang Xaver Achim
        Benedikt Clemens Detlef Egon Ferdinand Gunther Hartmut Ignaz Jürgen Karsten Ludger Manfred Nikolai
        Olaf Peter Roland Siegfried Tobias Ulrich Viktor Wilfried Armin Burkhard Constantin Dominik Emil
        Frank Guido Holger Adalbert Alfons Alwin Anselm Arnold August Bastian Berthold Bodo Carsten
        Christian Daniel Dieter Eduard Erhard Ernst Erwin Fabian Franz Friedhelm Georg Gottfried Gregor
        Günter Hannes Heiko Helmut Hermann Horst Hubert Jakob Jens Jörg Julius Kilian Klaus Kurt Lorenz
        Lukas Mathias Michael Moritz Otto Rainer Ralf Robert Rudolf Rüdiger Simeon Theo
    """),
    "en": words("""
        Alistair Benjamin Cedric Douglas Edmund Frederick Geoffrey Harold Ian Jeremy Kenneth Lawrence
        Malcolm Nigel Oswald Patrick Quentin Raymond Stuart Timothy Victor Wilfred Adrian Barnaby Clifford
        Derek Ernest Francis Graham Hugh Isaac Jonathan Keith Leonard Martin Neville Oliver Percy Rupert
        Simon Trevor Vernon Angus Bernard Colin Dominic Elliot Gareth Howard Irving Julian Kieran Leslie
        Marcus Norman Albert Alfred Andrew Anthony Archibald Arnold Austin Bertram Brendan Callum Charles
        Christopher Clement Craig Cuthbert Daniel Denis Desmond Duncan Edgar Edwin Eric Eustace Ewan Fergus
        Finlay Gavin Gilbert Gordon Gregory Guy Hamish Hector Herbert Horace Hubert Humphrey Jasper Joseph
        Lionel Luke Maurice Miles Montgomery Murray Nathaniel Philip Reginald Roderick Sidney
    """),
}
_LAST = {
    "de": (
        words("""
        Ahl Bach Birk Brand Buch Dorn Eber Eich Erl Eschen Fall Feld Fink Gehr Grab Gruben Hab Hain Hasel
        Heid Holl Horn Kal Kamp Kern Kirch Koll Lech Lind Loh Mar Moos Mühl Nest Oster Pfeif Rau Reich
        Ried Ros Sand Schell Schwar Seif Stein Stock Tann Thal Ulm Vogel Wald Weid Weiß Wies Winkel Zell
        Ziegel
    """),
        words("""
        acher amer auer bauer berger brink dorf ecker eder felder gartner gruber hammer haus heimer hofer
        holz huber inger kamp kötter ler loher mann meier müller ner reiter rieder röder scheid stetter
        wanger zer
    """),
    ),
    "en": (
        words("""
        Ald Ash Barn Beck Birch Black Brad Brank Burn Cald Carl Chat Clay Cran Dal Den Dray East Elm Fair
        Farn Gal Glen Gran Hal Hart Haw Hazel Hol Ken Kirk Lang Lin Mar Mel Nor Oak Pem Pen Rad Rams Red
        Rose Shel Som Stan Strat Thorn Tre Wal War Wes Whit Win Wood Yar
    """),
        words("""
        bourne bridge brook bury combe cott croft dale den don field ford gate grave ham hurst ington land
        leigh ley low man mere more ridge row shaw sley stead stock ston thorpe ton ville ward wick win
        wood worth
    """),
    ),
}
_TOWN = {
    "de": (
        words("""
        Adel Alten Asch Bern Bibers Breiten Burg Dachs Dieters Eggen Ehren Eisen Falken Fried Gellers Gold
        Grün Hammel Hirsch Hohen Immen Kalten Kirch Königs Lauter Lichten Mittel Neuen Nieder Ober Pfaffen
        Ratten Reichen Rothen Schön Silber Sonnen Tiefen Unter Wald Weiden Wolfs Zwei
    """),
        words("""
        ach au bach beck berg born bronn brück burg dorf eck feld furt hagen hausen heim hof ingen kirchen
        leben linden mühlen münde rode roda stadt stein stetten tal wald weiler werder
    """),
    ),
    "en": (
        words("""
        Ab Al Ax Barn Bex Bick Brid Brom Ches Chip Cul Dor Dun East Ever Fal Farn God Had Hels Hex Ips Kes
        Lud Lyd Mald Mid Nant New Oak Pet Pock Rich Salt Saff Sher Skel Stow Tad Tet Thet Up Wad Wan Wis
        Wol Yat
    """),
        words("""
        bury by caster chester combe den don erton ford gate ham hampton hurst ingham ington leigh ley
        mere minster mouth over port sea stead stoke ston thorpe ton wardine well wich wick worth
    """),
    ),
}  # fmt: skip
_STREET = {
    "de": words("""
        Ahorn Amsel Apfel Birken Brunnen Buchen Burg Dorf Drossel Eichen Erlen Eschen Feld Finken Flur
        Forst Friedens Garten Graben Heide Hof Holunder Kapellen Kastanien Kloster Lerchen Linden Markt
        Meisen Moor Mozart Nelken Park Post Quell Rathaus Rosen Schloss Schmiede See Sonnen Tannen Teich
        Turm Ufer Veilchen Wald Wiesen Wingert Ziegelei
    """),
    "en": words("""
        Acacia Albion Alder Beech Bishop Bramble Bridge Broad Castle Cherry Chestnut Clarence Coppice
        Cromwell Drake Elder Fern Foundry Garrick Grange Grove Hawthorn Heron Holly Jubilee Kestrel Laurel
        Lime Lodge Magnolia Meadow Mercer Nelson Orchard Osborne Pinfold Priory Quarry Rectory Rowan Saxon
        Spinney Swan Tanner Temple Vicarage Walnut Wellington Willow Yew
    """),
}
_ROAD = {
    "de": ("straße", "weg", "straße", "gasse", "str.", "allee", "platz", "ring", "winkel", "pfad"),
    "en": (
        " Road",
        " Close",
        " Avenue",
        " Drive",
        " Terrace",
        " Way",
        " Gardens",
        " Rd",
        " Street",
        " Crescent",
    ),
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody."""

    first: str
    last: str
    woman: bool

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"


@dataclass(frozen=True, slots=True)
class Home:
    """A household: who lives there, and where."""

    language: str
    people: tuple[Person, ...]
    street: str
    town: str
    code: str

    def address(self) -> list[str]:
        """The lines below the name."""
        return (
            [self.street, f"{self.code} {self.town}"]
            if self.language == "de"
            else [self.street, self.town, self.code]
        )


def last_name(rng: random.Random, language: str) -> str:
    """A family name of syllables."""
    begin, end = _LAST[language]
    return rng.choice(begin) + rng.choice(end)


def person(rng: random.Random, language: str, *, last: str | None = None) -> Person:
    """Anybody, or one of a family."""
    woman = rng.random() < 0.5
    first = rng.choice((WOMEN if woman else MEN)[language])
    if rng.random() < 0.06:
        first += "-" + rng.choice((WOMEN if woman else MEN)[language])
    return Person(first, last or last_name(rng, language), woman)


def town(rng: random.Random, language: str) -> str:
    """A place that could be on a map."""
    begin, end = _TOWN[language]
    name = rng.choice(begin) + rng.choice(end)
    if rng.random() < 0.12:
        before = ("Bad", "Groß", "Markt", "St.") if language == "de" else ("Great", "Little", "North", "St")
        name = f"{rng.choice(before)} {name}"
    return name


def street(rng: random.Random, language: str) -> str:
    """A street with a number."""
    number = f"{rng.randint(1, 160)}{rng.choice('abc') if rng.random() < 0.1 else ''}"
    way = rng.choice(_STREET[language]) + rng.choice(_ROAD[language])
    return f"{way} {number}" if language == "de" else f"{number} {way}"


def code(rng: random.Random, language: str) -> str:
    """A postcode."""
    return shaped(rng, "#####" if language == "de" else rng.choice(("@@# #@@", "@@## #@@", "@# #@@")))


def home(rng: random.Random, language: str) -> Home:
    """A household of one to five."""
    last = last_name(rng, language)
    people = tuple(person(rng, language, last=last) for _ in range(rng.choice((1, 2, 2, 3, 4, 5))))
    return Home(language, people, street(rng, language), town(rng, language), code(rng, language))
