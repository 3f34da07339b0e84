"""Who speaks: fills the slots of German and English sentences, and puts small print together."""

import datetime as dt
import random
import re
from collections.abc import Iterator

from bench.corpora import (
    household_english,
    household_english_letters,
    household_german,
    household_german_letters,
    household_names,
    household_nouns,
)
from bench.corpora.household_firms import firm_name
from bench.corpora.household_grammar import Pattern, Slots, pattern, say
from bench.corpora.household_numbers import DATES, MONEY, amount, digits, iban, phone, shaped

_GENERAL_SHARE = {"contract": 0.1, "howto": 0.1, "report": 0.2, "minutes": 0.2}
"""How much of what all papers say a kind says too."""
_UNTIDY = re.compile(r" +(?=[ .,;?])")
_SMALL = {"de": household_german.SMALL, "en": household_english.SMALL}
_GENERAL = {"de": household_german_letters.GENERAL, "en": household_english_letters.GENERAL}
_BODIES = {"de": household_german_letters.BODIES, "en": household_english_letters.BODIES}
_TOPICS = {"de": household_german.TOPICS, "en": household_english.TOPICS}


class Speaker:
    """A sender or writer. What its slots say differs each time it is asked."""

    def __init__(self, rng: random.Random, language: str, *, firm: str = "", year: int = 2019) -> None:
        self.rng, self.language, self.firm, self.year = rng, language, firm, year
        self.town = household_names.town(rng, language)
        self.web = (
            "www."
            + "".join(one for one in firm.lower() if one.isalnum())[:18]
            + (".de" if self.de else ".co.uk")
        )
        self.day = rng.choice(DATES[language])
        self.money = rng.choice(MONEY[language])
        self.phones = [phone(rng, language) for _ in range(3)]
        self.slots: Slots = {
            "n": lambda: self._noun("n"),
            "N": lambda: (said := self._noun("n"))[0].upper() + said[1:],
            "a": lambda: self._noun("a"),
            "d": lambda: self._noun("d"),
            "name": lambda: household_names.person(rng, language).name,
            "last": lambda: household_names.last_name(rng, language),
            "first": lambda: household_names.person(rng, language).first,
            "town": lambda: self.town if rng.random() < 0.5 else household_names.town(rng, language),
            "street": lambda: household_names.street(rng, language),
            "firm": lambda: self.firm,
            "phone": lambda: rng.choice(self.phones),
            "web": lambda: self.web,
            "mail": lambda: f"info@{self.web[4:]}",
            "iban": lambda: iban(rng, language),
            "bank": lambda: firm_name(rng, language, "bank"),
            "sort": lambda: shaped(rng, "##-##-##"),
            "eur": lambda: self.money.format(amount(_round(rng), language)),
            "pct": lambda: (
                f"{rng.randint(0, 24)}{',' if self.de else '.'}{rng.randint(0, 9)}{' %' if self.de else '%'}"
            ),
            "par": lambda: str(rng.randint(1, 600)),
            "room": lambda: str(rng.randint(10, 420)),
            "few": lambda: str(rng.randint(2, 28)),
            "number": lambda: digits(rng, rng.randint(5, 8)),
            "nine": lambda: shaped(rng, "#########"),
            "tax": lambda: shaped(rng, rng.choice(("##/###/#####", "###/####/####"))),
            "year": lambda: str(self.year - rng.randint(0, 8)),
            "time": lambda: f"{rng.randint(7, 20)}{rng.choice('::.')}{rng.choice(('00', '15', '30', '45'))}",
            "date": lambda: self.day(dt.date(self.year, 1, 1) + dt.timedelta(days=rng.randint(-300, 364))),
        }

    @property
    def de(self) -> bool:
        """Speaks German."""
        return self.language == "de"

    def _noun(self, case: str) -> str:
        return household_nouns.noun(self.rng, case) if self.de else household_english.noun(self.rng)

    def say(self, german: str, english: str) -> str:
        """Say it in the language of the speaker."""
        return self.speak(pattern(german if self.de else english))

    def speak(self, given: Pattern) -> str:
        """Say one sentence of a bank."""
        return _UNTIDY.sub("", say(self.rng, given, self.slots))

    def small_print(self, topic: str, words: int) -> list[str]:
        """Paragraphs of about so many words: short ones of the topic only, then what all senders say."""
        own = list(_TOPICS[self.language].get(topic, ()))
        small = list(_SMALL[self.language])
        self.rng.shuffle(own)
        self.rng.shuffle(small)
        said: list[str] = []
        count = 0
        bank = own + small
        if words > 150:
            self.rng.shuffle(bank)
        for at in range(200):
            if count >= words:
                break
            sentence = self.speak(bank[at % len(bank)])
            said.append(sentence)
            count += sentence.count(" ") + 1
        return paragraphs(self.rng, said)

    def sentences(self, topic: str) -> Iterator[str]:
        """Sentences of a letter, report ... on a topic, without end; none comes back before all were said."""
        general, share = _GENERAL[self.language], _GENERAL_SHARE.get(topic, 0.5)
        while True:
            own = [*_BODIES[self.language][topic], *self.rng.sample(general, round(len(general) * share))]
            self.rng.shuffle(own)
            for given in own:
                yield self.speak(given).strip()

    def body(self, topic: str, words: int) -> list[str]:
        """Paragraphs of a letter, report ... of about so many words."""
        said: list[str] = []
        count = 0
        for sentence in self.sentences(topic):
            said.append(sentence)
            count += sentence.count(" ") + 1
            if count >= words:
                break
        return paragraphs(self.rng, said)


def paragraphs(rng: random.Random, sentences: list[str]) -> list[str]:
    """Put sentences together by ones to fives."""
    found: list[str] = []
    at = 0
    while at < len(sentences):
        size = rng.choice((1, 2, 3, 3, 4, 5))
        found.append(" ".join(sentences[at : at + size]))
        at += size
    return found


def _round(rng: random.Random) -> int:
    """An amount as terms name it: mostly round."""
    return rng.choice((rng.randint(1, 40) * 50, rng.randint(1, 90) * 1000, rng.randint(100, 30000)))
