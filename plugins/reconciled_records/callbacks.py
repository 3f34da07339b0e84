"""Delivers what a program is to be told, until it answers 2xx or the time for that is over.

Each letter is on the disk before it is tried and after every try, so a restart repeats at most
one. While nobody answers at all, one letter is tried for all of them; one that the program refuses
keeps no other back. What is given up is shown with the record, and said in the log.
"""

import asyncio

import msgspec
from yarl import URL

from reconciled.clock import wait_for
from reconciled.errors import RateLimited, SourceError, Unreachable
from reconciled.model import Letter
from reconciled.source import Context, Shelf
from reconciled_records import letters
from reconciled_records.config import CallbackConfig

FIRST, LONGEST = 10.0, 3600.0
LEAST_TRIES = 10
"""A letter is not given up before, however long the daemon was not running."""
NAP = 3600.0


class Callbacks:
    """The callbacks of one source. `config` None: nobody is told."""

    def __init__(self, config: CallbackConfig | None, context: Context, shelf: Shelf) -> None:
        self._config = config
        self._context = context
        self._clock = context.clock
        self._shelf = shelf
        self._posted = asyncio.Event()
        self._streak = 0
        self._resting_until = 0.0

    def posted(self) -> None:
        """A letter is on the shelf."""
        self._posted.set()

    async def work(self) -> None:
        """Deliver for ever."""
        while True:
            self._posted.clear()
            wait = await self.deliver()
            await wait_for(self._posted, wait, clock=self._clock)

    async def deliver(self) -> float:
        """Try what is due. Returns after how many seconds there is something to try again."""
        rest = self._resting_until - self._clock.monotonic()
        if rest > 0:
            return rest
        for letter in await self._shelf.waiting():
            if self._config is None:
                await self._shelf.settled(letter, error="no callback is configured any more")
                continue
            if self._left(letter) > 0:
                continue
            if not await self._shelf.waits(letter):
                continue
            trouble = await self._post(letter, self._config)
            if isinstance(trouble, (Unreachable, RateLimited)):
                return self._rest(trouble)
            self._streak = 0
        return min((self._left(letter) for letter in await self._shelf.waiting()), default=NAP)

    def _left(self, letter: Letter) -> float:
        """Seconds until a letter is due; never longer than the longest wait, whatever the clock was then."""
        left = letter.due - self._clock.reckoned()
        return max(0.0, left if left <= LONGEST else 0.0)

    def _rest(self, trouble: SourceError) -> float:
        """Nobody is there: everything waits."""
        wait = backoff(self._streak)
        if isinstance(trouble, RateLimited) and trouble.retry_after is not None:
            wait = max(wait, min(trouble.retry_after, LONGEST))
        self._streak += 1
        self._resting_until = self._clock.monotonic() + wait
        return wait

    async def _post(self, letter: Letter, config: CallbackConfig) -> SourceError | None:
        """Send a letter and write down what came of it."""
        try:
            await self._send(letter, config)
        except SourceError as error:
            await self._failed(letter, config, str(error))
            return error
        await self._shelf.settled(letter, error=None)
        return None

    async def _send(self, letter: Letter, config: CallbackConfig) -> None:
        url, secret = URL(config.url), config.secret.get_secret_value()
        at = int(self._clock.now().timestamp())
        signed = letters.headers(letter.body, secret, delivery=letter.name, at=at)
        client = self._context.http.at(
            str(url.origin()), headers=signed, secrets=(secret,), timeout=config.timeout
        )
        await client.request("POST", url.path, json=msgspec.Raw(letter.body), expect="any")

    async def _failed(self, letter: Letter, config: CallbackConfig, error: str) -> None:
        now, tries = self._clock.reckoned(), letter.tries + 1
        if now - letter.created > config.keep_trying and tries >= LEAST_TRIES:
            self._context.log.error(
                "%s: its program was not told of %s: %s; it is given up after %d tries",
                self._context.name, letter.record, error, tries,
            )  # fmt: skip
            await self._shelf.settled(letter, error=error)
            return
        if letter.tries == 0:
            self._context.log.warning("%s: a callback waits: %s", self._context.name, error)
        await self._shelf.tried(letter, error=error, due=now + backoff(letter.tries))


def backoff(tries: int) -> float:
    """Seconds until the next try after so many failed ones before."""
    return float(min(LONGEST, FIRST * 2 ** min(tries, 20)))
