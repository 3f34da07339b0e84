"""The desk at which one-off papers are written: a draft, its speaker, the household it is for."""

import datetime as dt
import random

from bench.corpora.household_firms import firm_name
from bench.corpora.household_names import Home
from bench.corpora.household_paper import Draft, Style
from bench.corpora.household_speech import Speaker


class Desk:
    """Whoever writes one paper: the draft, its speaker, the household it is for."""

    def __init__(self, rng: random.Random, home: Home, kind: str, german: str, english: str) -> None:
        self.rng, self.home = rng, home
        self.de = home.language == "de"
        self.firm = firm_name(rng, home.language, kind)
        day = dt.date(2006, 1, 1) + dt.timedelta(days=rng.randint(0, 6900))
        self.speaker = Speaker(rng, home.language, firm=self.firm, year=day.year)
        self.person = rng.choice(home.people)
        self.draft = Draft(
            Style.of(rng, home.language), day, self.firm, self.say(german, english), self.person, home
        )

    def say(self, german: str, english: str) -> str:
        """Say it in the language of the paper."""
        return self.speaker.say(german, english)

    def greeting(self) -> str:
        """The salutation, known or not."""
        if self.rng.random() < 0.3:
            self.draft.person = None
            return self.say("Sehr geehrte Damen und Herren,", "Dear Sir or Madam,")
        if self.de:
            return f"Sehr geehrte{' Frau' if self.person.woman else 'r Herr'} {self.person.last},"
        return f"Dear {'Mrs' if self.person.woman else 'Mr'} {self.person.last},"


def length(rng: random.Random, middle: float, spread: float, most: int) -> int:
    """How many words: log-normal, cut at both ends."""
    return min(most, max(15, int(rng.lognormvariate(middle, spread))))
