"""The errors of the clinic's scanners: stains and folds that spoil a place, over a low even rate.

`rate` is the share of characters touched. In a spoilt place a third of the characters is wrong; elsewhere
digits are confused more often than letters, accents change, letters of another alphabet stand in for those
that look like them, decimal points vanish and lines lose their edge.
"""

import random


def _swaps(text: str) -> dict[str, str]:
    """What a character is read as: the first of each word becomes one of the others."""
    return {word[0]: word[1:] for word in text.split()}


_DIGITS = _swaps("08689 17774 27 38885 49 56663 65558 71112 83300 94")
_ACCENTS = _swaps(
    """
    àa èe ée ìi òo ùu łl żz źz śs ćc ńn óo ęe ąa йи ёе άα έε ήη ίι όο ύυ ώω ϊι ïi ëe üu öo ŁL ŻZ ŚS
    ÀA ÈE zż sś ий её αά οό aà eè cć ιί iì
    """
)
_ALIKE = _swaps(
    """
    аa еe оo рp сc уy хx АA ВB ЕE КK МM НH ОO РP СC ТT ХX οo ρp νv κk ιi τт χx ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM
    ΝN ΟO ΡP ΤT ΥY ΧX aа eе oо pр cс yу xх vν uυ
    """
)
_SHAPES = _swaps(
    """
    ij nu un vy ft tr kx hb bh gq sz rn da mw li wvv ин ни пл лп шщ щш вз тг гт ьъ ыь жх дл мн кн цч чц
    б6 υν ηn ρp σο κх θ0 ξζ ζξ μu γν πn δ6 λx εc 日目 目日 未末 土士 入人 人入 大犬 千干 ソン ンソ シツ
    ツシ ロ口 カ力 ー一 はほ まも りリ クワ アマ スヌ 院阮 間問 問間 療寮 者考 線綿 検険 期朝
    """
)
_STAIN = "■*~^•°#§¦=«»_:;'\"\\/"
_SOME = 5
"""Fewer errors than that are not worth a stain."""


def blotch(text: str, rate: float, rng: random.Random) -> str:
    """The text as it is read from a spoilt sheet."""
    budget = int(len(text) * rate + rng.random())
    chars = list(text)
    if budget >= _SOME and rng.random() < 0.85:
        budget -= _stains(chars, int(budget * rng.uniform(0.35, 0.75)), rng)
    _evenly(chars, max(0, budget), rng)
    spoilt = "".join(chars)
    if rate > 0.015 and rng.random() < 0.3:
        spoilt = _fold_at_edge(spoilt, rng)
    return spoilt


def _stains(chars: list[str], budget: int, rng: random.Random) -> int:
    """Spoil one to four places of 20 to 120 characters; returns how many characters it cost."""
    spent = 0
    places = rng.randint(1, 4)
    letters = [one for one in chars if one.isalpha()] or ["x"]
    for left in range(places, 0, -1):
        share = (budget - spent) // left if left > 1 else budget - spent
        length = min(120, max(20, share * 3), len(chars))
        if share < _SOME and spent:
            break
        start = rng.randrange(max(1, len(chars) - length))
        for at in range(start, min(len(chars), start + length)):
            if rng.random() < 1 / 3 and chars[at] != "\n":
                chars[at] = rng.choice(
                    (rng.choice(_STAIN), rng.choice(letters), rng.choice(letters), "", " ")
                )
                spent += 1
    return spent


def _evenly(chars: list[str], budget: int, rng: random.Random) -> None:
    """Wrong characters here and there."""
    tries = budget * 14
    while budget > 0 and tries > 0:
        tries -= 1
        at = rng.randrange(len(chars))
        one = chars[at]
        if one in _DIGITS:
            chars[at] = rng.choice(_DIGITS[one])
        elif one in ".," and one:
            if not (0 < at < len(chars) - 1 and chars[at - 1].isdigit() and chars[at + 1].isdigit()):
                continue
            chars[at] = ""
        elif one.isalpha() and rng.random() < 0.4:
            budget -= _letter(chars, at, rng)
            continue
        else:
            continue
        budget -= 1


def _letter(chars: list[str], at: int, rng: random.Random) -> int:
    """One wrong letter, or the look-alikes of a whole word; returns how many changed."""
    one, draw = chars[at], rng.random()
    if draw < 0.4 and one in _ACCENTS:
        chars[at] = _ACCENTS[one]
    elif draw < 0.55 and one in _ALIKE:
        return _foreign(chars, at)
    elif one.lower() in _SHAPES:
        other = _SHAPES[one.lower()]
        chars[at] = other.upper() if one.isupper() else other
    elif draw > 0.9:
        chars[at] = ""
    else:
        return 0
    return 1


def _foreign(chars: list[str], at: int) -> int:
    """Letters of another alphabet in the word from here on."""
    changed = 0
    while at < len(chars) and chars[at].isalpha() and changed < 3:
        if chars[at] in _ALIKE:
            chars[at] = _ALIKE[chars[at]]
            changed += 1
        at += 1
    return changed


def _fold_at_edge(text: str, rng: random.Random) -> str:
    """Some lines one below the other lose a few characters at one edge."""
    lines = text.split("\n")
    start = rng.randrange(len(lines))
    left, lost = rng.random() < 0.5, rng.randint(1, 3)
    for at in range(start, min(len(lines), start + rng.randint(3, 9))):
        if len(lines[at]) > 25:
            lines[at] = lines[at][lost:] if left else lines[at][:-lost]
    return "\n".join(lines)


def cropped(text: str, rng: random.Random) -> str:
    """A photograph held askew: the edge of the page runs out of the picture, more at one end."""
    lines = text.split("\n")
    across = max(len(line) for line in lines)
    top, bottom = rng.random() * 0.1 * across, rng.random() * 0.1 * across
    left = rng.random() < 0.5
    found = []
    for at, line in enumerate(lines):
        lost = round(top + (bottom - top) * at / len(lines))
        found.append(line[lost:] if left else line[: across - lost])
    return "\n".join(found)
