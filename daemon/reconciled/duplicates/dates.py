"""Dates in one way: `12. März 2024`, `March 12, 2024`, `12/03/24` and `2024-03-12` are all 12032024."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

_NAMES = """
january jan januar jänner janvier janv enero ene gennaio gen
    januari janeiro stycznia января ιανουαριου ιανουάριος
february feb februar février fevrier févr fevr febrero febbraio
    februari fevereiro lutego февраля φεβρουαριου φεβρουαρίου
march mar märz marz maerz mrz mars marzo maart mrt
    março marco marca марта μαρτιου μαρτίου
april apr avril avr abril abr aprile
    kwietnia апреля απριλιου απριλίου
may mai mayo maggio mag mei maio
    maja мая μαιου μαΐου μαϊου
june jun juni juin junio giugno giu junho
    czerwca июня ιουνιου ιουνίου
july jul juli juillet juil julio luglio lug
    julho lipca июля ιουλιου ιουλίου
august aug août aout agosto ago augustus
    sierpnia августа αυγουστου αυγούστου
september sep sept septembre septiembre settembre set setembro
    września wrzesnia сентября σεπτεμβριου σεπτεμβρίου
october oct oktober okt octobre octubre ottobre ott outubro
    out października pazdziernika октября οκτωβριου οκτωβρίου
november nov novembre noviembre novembro listopada
    ноября νοεμβριου νοεμβρίου
december dec dezember dez décembre decembre déc diciembre dic
    dicembre dezembro grudnia декабря δεκεμβριου δεκεμβρίου
"""
MONTHS = {
    name.casefold() + end: number
    for number, names in enumerate(re.split(r"\n(?! )", _NAMES.strip()), 1)
    for name in names.split()
    for end in ("", ".", ",")
}
"""The number of a month by its name, as it stands in a text in lower case."""

_ISO = re.compile(r"\W*((?:19|20)\d\d)[-./]([01]?\d)[-./]([0-3]?\d)\W*")
_SHORT = re.compile(r"\W*([0-3]?\d)[-./]([01]?\d)[-./]((?:19|20)?\d\d)\W*")
_DAY = re.compile(r"([0-3]?\d)(?:\.|,|st|nd|rd|th|er|º|°|ος)*")
_YEAR = re.compile(r"(\d{4})\W*")
_OF = frozenset(("de", "of", "del", "di"))


def iso(word: str) -> str | None:
    """A word that is a date in digits, as ddmmyyyy; None for any other."""
    if not 6 <= len(word) <= 14:
        return None
    if found := _ISO.fullmatch(word):
        year, month, day = found.groups()
    elif found := _SHORT.fullmatch(word):
        day, month, year = found.groups()
    else:
        return None
    return f"{day:0>2}{month:0>2}{year if len(year) == 4 else f'20{year}'}"


def numeric(words: Sequence[str]) -> list[str]:
    """The words, each date with a month's name in it as one word of digits."""
    found = list(words)
    if MONTHS.keys().isdisjoint(found):
        return found
    places = [at for at, word in enumerate(words) if word in MONTHS]
    for begin, end, date in reversed(list(written(words, places))):
        found[begin:end] = [date]
    return found


def written(
    words: Sequence[str], months: Iterable[int], raw: Callable[[str], str] = str
) -> Iterator[tuple[int, int, str]]:
    """Where dates with a month's name stand: from, to, and the date as ddmmyyyy, one after the other.

    `months` are the places of the months' names, in order; `raw` makes of a word what stands in MONTHS.
    """
    free = 0
    for at in months:
        if at < free:
            continue
        before = [raw(word) for word in words[max(free, at - 2) : at]]
        after = [raw(word) for word in words[at + 1 : at + 4]]
        if found := _date(before, after, MONTHS[raw(words[at])]):
            left, right, date = found
            free = at + 1 + right
            yield at - left, free, date


def _date(before: Sequence[str], after: Sequence[str], month: int) -> tuple[int, int, str] | None:
    """The date around a month's name: how many of the words before it and after it belong to it."""
    of = int(bool(after) and after[0] in _OF)
    after = after[of:]
    left = 2 if len(before) > 1 and before[-1] in _OF else 1
    day = _DAY.fullmatch(before[-left]) if before else None
    year = _YEAR.fullmatch(after[0]) if after else None
    if day and year:
        return left, of + 1, f"{int(day[1]):02}{month:02}{year[1]}"
    day = _DAY.fullmatch(after[0]) if after else None
    year = _YEAR.fullmatch(after[1]) if len(after) > 1 else None
    if day and year:
        return 0, of + 2, f"{int(day[1]):02}{month:02}{year[1]}"
    return None


def is_day(digits: str) -> bool:
    """Whether eight digits are a day between 1900 and 2099, as ddmmyyyy, mmddyyyy or yyyymmdd."""
    for year, one, two in ((4, 0, 2), (0, 4, 6)):
        if 1900 <= int(digits[year : year + 4]) < 2100:
            low, high = sorted((int(digits[one : one + 2]), int(digits[two : two + 2])))
            if 1 <= low <= 12 and 1 <= high <= 31:
                return True
    return False
