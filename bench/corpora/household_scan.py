"""What a scanner and its reader make of a line: the errors of this generator ("confusion").

Single characters go wrong by their looks, blanks get lost or doubled, points and commas vanish, umlauts
break, specks become signs. A scan has habits (it reads every ß as B), and a crease where much goes wrong.
"""

import random

LOOKS: dict[str, tuple[str, ...]] = {
    "0": ("O", "o", "O", "6", "D"), "1": ("l", "I", "l", "|", "7", "i"), "2": ("Z", "z", "7"),
    "3": ("8", "B", "5"),
    "4": ("A", "1", "9"), "5": ("S", "s", "6"), "6": ("b", "G", "8", "0"), "7": ("1", "/", "T", "?"),
    "8": ("B", "3", "S", "0"),
    "9": ("g", "q", "4"), "O": ("0", "Q", "C"), "I": ("l", "1", "|"), "l": ("1", "I", "|", "t", "i"),
    "S": ("5", "s", "$"),
    "B": ("8", "E", "ß", "R"), "Z": ("2", "z"), "G": ("6", "C"), "D": ("O", "0"), "E": ("F", "B"),
    "F": ("P", "E"),
    "T": ("7", "I"), "Q": ("O", "0"), "U": ("V", "LI"), "V": ("U", "v"), "W": ("VV", "w"),
    "M": ("N", "IVI"), "H": ("N", "II"),
    "N": ("H", "M"), "K": ("X", "R"), "R": ("K", "P"), "P": ("F", "R"), "C": ("G", "("), "A": ("4", "Ä"),
    "J": ("I", ")"),
    "a": ("o", "e", "s", "ä"), "b": ("h", "6", "lo"), "c": ("e", "o", "("), "d": ("cl", "a", "ol"),
    "e": ("c", "é", "o", "e."),
    "f": ("t", "r", "ſ"), "g": ("q", "9", "y"), "h": ("b", "li", "n"), "i": ("l", "1", "j", "í", "!"),
    "j": ("i", ";"),
    "k": ("lc", "h"), "m": ("rn", "nn", "in"), "n": ("ri", "u", "r"), "o": ("0", "c", "a"), "p": ("n", "o"),
    "q": ("g", "9"),
    "r": ("n", "t", "i"), "s": ("5", "a", "8"), "t": ("f", "l", "+"), "u": ("n", "ii", "v"),
    "v": ("y", "u"), "w": ("vv", "u"),
    "x": ("z", "*"), "y": ("v", "g"), "z": ("2", "x"), "ä": ("a", "ii", "á", "å", "i"),
    "ö": ("o", "ii", "ó", "6"),
    "ü": ("u", "ii", "ú", "ti"), "Ä": ("A", "Á"), "Ö": ("O", "Ó", "0"), "Ü": ("U", "Ú"),
    "ß": ("B", "fi", "8", "ss"), "é": ("e", "6"),
    "€": ("E", "C", "e", "6"), "£": ("E", "f", "L", "€"), "§": ("S", "8", "$"), "%": ("96", "°/o", "Ve"),
    "&": ("8", "8c"),
    ".": (",", "", "", "·"), ",": (".", "", "", "'"), ":": (".", ";", "", "i"), ";": (",", ":", ""),
    "-": ("", "~", "—", "."),
    "(": ("{", "c", "l"), ")": ("}", "l", "j"), "/": ("l", "1", "I", "f"), "'": ("", "`", '"'),
    "_": ("", "-"), "|": ("l", "I", ""),
    ">": (")", "»", "y"), "@": ("©", "Q", "a"), "+": ("t", "-"), "*": ("\"", "'"), "–": ("-", ""),
    "·": (".", ""),
}  # fmt: skip
PAIRS = {
    "rn": "m", "cl": "d", "vv": "w", "ri": "n", "li": "h", "nn": "m", "ii": "ü", "fi": "ß", "tt": "lt",
    "ol": "d",
    "in": "m", "IV": "N", "lo": "b", "rt": "n", "ff": "fl", "Il": "II", "ll": "11", "00": "O0", "11": "ll",
    "ci": "d",
}  # fmt: skip
HABITS = (
    ("ß", "B"), ("ß", "ss"), ("€", "E"), ("€", "C"), ("£", "E"), ("ü", "ii"), ("ä", "a"), ("ö", "o"),
    ("§", "S"),
    ("ü", "Ã¼"), ("ä", "Ã¤"), ("–", "-"), ("I", "l"), ("tt", "lt"), ("fi", "ﬁ"), ("0,", "O,"), ("11", "ll"),
    ("ä", "ii"),
    ("|", "I"), (" - ", " "), ("G", "C"), ("·", "."),
)  # fmt: skip
SPECKS = (".", ",", "'", "|", ". ", " '", " |", ":", "`", "-", " .", "•")
_EASY = {**dict.fromkeys("01Il5S8Boec.,:;'-|üäöß€£mrn", 1.0), " ": 0.28, "\n": 0.05}


def scan(text: str, rate: float, rng: random.Random) -> str:
    """Read it again, about so many of its characters wrong."""
    budget = round(len(text) * rate + rng.random() - 0.5)
    if budget <= 0 or not text:
        return text
    text, budget = _habits(text, budget, rng)
    crease = rng.randrange(len(text)) if rng.random() < 0.35 else -1
    wrong: dict[int, tuple[int, str]] = {}
    for _ in range(budget * 12):
        if budget <= 0:
            break
        at = int(rng.random() * len(text))
        if crease >= 0 and rng.random() < 0.3:
            at = min(len(text) - 1, crease + int(rng.random() * 90))
        if at in wrong or rng.random() > _EASY.get(text[at], 0.4):
            continue
        wrong[at] = _error(text, at, rate, rng)
        budget -= max(1, min(wrong[at][0], 6))
    return _put(text, wrong)


def _habits(text: str, budget: int, rng: random.Random) -> tuple[str, int]:
    """Read some signs wrong nearly always; it takes at most half of what may go wrong."""
    spare = budget - budget // 2
    for sign, read in rng.sample(HABITS, 3):
        many = text.count(sign)
        if many and many <= budget - spare:
            text = text.replace(sign, read, many if rng.random() < 0.7 else many // 2 + 1)
            budget -= many
    return text, max(budget, 0)


def _error(text: str, at: int, rate: float, rng: random.Random) -> tuple[int, str]:
    """What goes wrong at a place: how many characters it takes, and what stands there instead."""
    sign = text[at]
    if sign == "\n":
        return (1, " ") if rng.random() < 0.5 else (1, "\n" + rng.choice(SPECKS) + "\n")
    if sign == " ":
        return 1, rng.choice(("", "", "  ", " ", rng.choice(SPECKS)))
    luck = rng.random()
    if rate > 0.015 and luck < 0.04:
        return _word(text, at, rng)
    pair = PAIRS.get(text[at : at + 2])
    if pair and luck < 0.6:
        return 2, pair
    if luck < 0.84:
        return 1, rng.choice(LOOKS.get(sign, ("",)))
    if luck < 0.91:
        return 1, sign + rng.choice(SPECKS)
    return 1, "" if luck < 0.96 else sign + " "


def _word(text: str, at: int, rng: random.Random) -> tuple[int, str]:
    """The rest of a word is lost, or a muddle."""
    end = at
    while end < len(text) and text[end] not in " \n" and end - at < 12:
        end += 1
    muddle = "".join(
        rng.choice(("i", "l", "n", "r", "u", "m", "1", "'", ".")) for _ in range(rng.randint(1, 4))
    )
    return end - at, rng.choice(("", muddle))


def _put(text: str, wrong: dict[int, tuple[int, str]]) -> str:
    """Put the errors in."""
    parts: list[str] = []
    done = 0
    for at in sorted(wrong):
        if at < done:
            continue
        taken, read = wrong[at]
        parts += (text[done:at], read)
        done = at + taken
    return "".join(parts) + text[done:]
