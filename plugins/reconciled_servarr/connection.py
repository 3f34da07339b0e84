"""An app of the family at the other end of a client: its mark on every answer, and who it is.

The mark is the header `X-Application-Version` (Sonarr 4.0, 5 and Radarr 6.1 send it with every
API answer; a proxy's lacks it). Who answers is said by `/system/status` alone: a Sonarr asked for
a movie says 404 too, with a mark. So absence is believed, and a change sent, only after the app
said that it is the one configured, and only from the version that said so.
"""

from collections.abc import Sequence

from reconciled.errors import BadResponse, Refused
from reconciled.http import Client, Params, Response
from reconciled.http.answer import saying
from reconciled.model import Absent
from reconciled_servarr.payloads import Status

MARK = "x-application-version"
_CONSIDERED = frozenset({400, 409, 422})


class Connection:
    """Asks one app and changes it; `title` is the program that has to answer, `api` its base path."""

    def __init__(self, client: Client, *, title: str, api: str) -> None:
        self.client = client
        self.title = title
        self.api = api
        self._proven: str | None = None

    async def ask(self, path: str, *, params: Params | None = None, allow: Sequence[int] = ()) -> Response:
        """A GET; BadResponse when the answer lacks the app's mark."""
        return self._marked(await self.client.request("GET", path, params=params, allow=allow))

    async def change(
        self,
        method: str,
        path: str,
        *,
        timeout: float,
        params: Params | None = None,
        json: object = None,
        allow: Sequence[int] = (),
    ) -> Response:
        """Ask for a change, after `prove`. The app's own considered no is `Refused`.

        That no counts with the mark only: a proxy's 400 says nothing about what the app would do.
        An answer of another version than the proven one is BadResponse, whatever it says.
        """
        answer = self._marked(
            await self.client.request(
                method, path, params=params, json=json, timeout=timeout, allow=_CONSIDERED.union(allow)
            )
        )
        if answer.headers[MARK] != self._proven:
            raise BadResponse(
                f"{answer.where}: {answer.status} of version {answer.headers[MARK]}, but {self.title} here "
                f"was {self._proven}; it was replaced meanwhile, so nobody knows what it did"
            )
        if answer.status in _CONSIDERED and answer.status not in allow:
            raise self.error(Refused, answer, f"{self.title} refused")
        return answer

    async def prove(self) -> str:
        """The version of the app, after it said which app it is. BadResponse when it is another."""
        answer = await self.ask(f"{self.api}/system/status")
        status = await self.client.decode(Status, answer)
        if status.app_name.lower() != self.title.lower():
            raise BadResponse(
                f"{answer.where}: this is {status.app_name}, configured as {self.title}; "
                f"url and key of a {status.app_name} stand in the {self.title} block"
            )
        self._proven = answer.headers[MARK]
        return status.version

    async def absent(self, answer: Response) -> Absent:
        """What a 404 about an item is: absence, when it is this app that says so; else BadResponse.

        Its body proves nothing (Sonarr 5 sends none), but a web page is no 404 of an API.
        """
        if answer.is_html:
            raise BadResponse(f"{answer.where}: 404 with a web page; not {self.title}'s own")
        version = answer.headers[MARK]
        if version != self._proven:
            await self.prove()
        if version != self._proven:
            raise BadResponse(
                f"{answer.where}: 404 of version {version}, but {self.title} here is {self._proven}"
            )
        return Absent(f"404 of {self.title} {version}")

    def error(
        self, kind: type[Refused] | type[BadResponse], answer: Response, said: str
    ) -> Refused | BadResponse:
        """An error about an answer, with the app's own words: its message, never a stack trace."""
        return kind(
            self.client.redact(f"{answer.where}: {answer.status}, {said}{saying(answer, self.client.redact)}")
        )

    def _marked(self, answer: Response) -> Response:
        if not answer.headers.get(MARK):
            raise BadResponse(
                f"{answer.where}: {answer.status} without X-Application-Version, so it is not {self.title} "
                "that answers; a proxy, or another app?"
            )
        return answer
