"""A relay: stands on loopback where an app was, hands on its answers, and strikes them with faults.

Each question goes to the real app once; after that its answer is known here, so that a drill asks no
more of an app than one scan and a few lookups do. Only questions come here at all: see `wire`.
"""

import asyncio
import secrets
from collections.abc import Collection, Mapping
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web
from yarl import URL

from reconciled.http import new_session
from reconciled.testing.faults import Fault, Faults
from reconciled.testing.ports import unused_port

ASKED_FOR, PASS = "X-Reconciled-Asked-For", "X-Reconciled-Drill"
"""The headers that carry the app's own address to the relay, and the word by which it knows its own wire."""
PATIENCE = 120.0
AGAIN = (0.1, 1.0)
"""Seconds after which a question is asked again that came to nothing; then that is its answer."""
SOON, LATER = 0.05, 5.0
"""Seconds that are waited for an answer which is not to come, and for one which others keep from coming."""
_TOO_MANY = 429
_QUESTIONS = frozenset({"GET", "HEAD"})
_OWN = frozenset(
    {"connection", "content-encoding", "content-length", "date", "keep-alive", "transfer-encoding"}
)
_NOT_HANDED_ON = frozenset({"host", "connection", ASKED_FOR.lower(), PASS.lower()})
Question = tuple[str, str, tuple[tuple[str, str], ...], bytes]


class Relay:
    """`async with Relay() as relay: … relay.faults.set(Fault.HTML)`. `asked_by_post`: see `Source`."""

    def __init__(self, asked_by_post: Collection[str] = ()) -> None:
        self.faults = Faults(self)
        self.refusing = False
        self.requests = 0
        """Questions that the app itself was asked."""
        self.seen = 0
        """Questions that came to the relay."""
        self.stopped = 0
        """Calls that were not sent, since they were no questions."""
        self.slipped = 0
        """Calls that came here all the same, and went no further. There must be none."""
        self._asked_by_post = asked_by_post
        self._word = secrets.token_hex(16)
        self._port = unused_port()
        self._nobody = unused_port()
        self._known: dict[Question, asyncio.Future[web.Response]] = {}
        self._marks: dict[str, str] = {}
        self._session: aiohttp.ClientSession | None = None
        self._runner: web.ServerRunner | None = None

    @property
    def silence(self) -> float | None:
        """Seconds after which no answer is to be expected any more; None: the asker's own patience counts."""
        hangs = [active for active in self.faults.active if active.fault is Fault.HANG]
        if self.refusing or any(active.seen >= active.after for active in hangs):
            return SOON
        return LATER if hangs else None

    def at(self, url: URL) -> URL:
        """Where to ask instead of the app."""
        port = self._nobody if self.refusing else self._port
        return url.with_scheme("http").with_host("127.0.0.1").with_port(port)

    def headers(self, url: URL) -> dict[str, str]:
        """What goes with a question about `url`; nobody is answered without it, since others use this box."""
        return {ASKED_FOR: str(url), PASS: self._word}

    async def __aenter__(self) -> Self:
        self._session = new_session()
        self._runner = web.ServerRunner(web.Server(self._answer), shutdown_timeout=0.03)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()

    # what the faults want to know of the app

    def app_headers(self, _request: web.BaseRequest) -> Mapping[str, str]:
        """The marks by which the app's own answers are known: what it was seen to send."""
        return self._marks

    def starting(self) -> web.Response:
        """An app that starts."""
        return web.json_response({"message": "starting"}, status=503, headers=self._marks)

    # answering

    def is_question(self, method: str, path: str) -> bool:
        """Whether a call changes nothing."""
        by_post = method == "POST" and any(path.endswith(one) for one in self._asked_by_post)
        return method in _QUESTIONS or by_post

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if not secrets.compare_digest(request.headers.get(PASS, "").encode(), self._word.encode()):
            return web.Response(status=403, text="this is a drill")
        if not self.is_question(request.method, request.path):
            self.slipped += 1
            return web.Response(status=405, text="this is a drill")
        self.seen += 1
        return await self.faults.answer(request, lambda: self._truly(request))

    async def _truly(self, request: web.BaseRequest) -> web.Response:
        """What the app said; two who ask the same at once wait for one answer."""
        to = request.headers[ASKED_FOR]
        question = (request.method, to, tuple(sorted(_handed_on(request).items())), await request.read())
        known = self._known.get(question)
        if known is None:
            known = self._known[question] = asyncio.get_running_loop().create_future()
            try:
                known.set_result(await self._asked(request, URL(to, encoded=True), question[-1]))
            except BaseException:
                del self._known[question]
                known.cancel()
                raise
        told = await known
        return web.Response(status=told.status, headers=told.headers, body=told.body)

    async def _asked(self, request: web.BaseRequest, url: URL, body: bytes) -> web.Response:
        """What the app says. A hiccup is asked about again, for its answer stands for the whole drill."""
        answer = await self._ask(request, url, body)
        for wait in AGAIN:
            if answer.status < 500 and answer.status != _TOO_MANY:
                break
            await asyncio.sleep(wait)
            answer = await self._ask(request, url, body)
        return answer

    async def _ask(self, request: web.BaseRequest, url: URL, body: bytes) -> web.Response:
        assert self._session is not None, "it runs"  # noqa: S101 - narrows the type
        headers = _handed_on(request)
        self.requests += 1
        timeout = aiohttp.ClientTimeout(total=PATIENCE)
        try:
            async with self._session.request(
                request.method,
                url,
                headers=headers,
                data=body or None,
                timeout=timeout,
                allow_redirects=False,
            ) as told:
                kept = {name: value for name, value in told.headers.items() if name.lower() not in _OWN}
                answer = web.Response(status=told.status, headers=kept, body=await told.read())
        except (aiohttp.ClientError, TimeoutError) as error:
            return web.Response(status=502, text=type(error).__name__)
        if 200 <= answer.status < 300:
            self._marks |= {name: value for name, value in kept.items() if name.lower().startswith("x-")}
        return answer


def _handed_on(request: web.BaseRequest) -> dict[str, str]:
    return {name: value for name, value in request.headers.items() if name.lower() not in _NOT_HANDED_ON}
