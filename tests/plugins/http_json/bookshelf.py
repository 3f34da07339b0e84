"""A made-up app with books, that pages in three ways and says its no in JSON."""

from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web

from reconciled.testing.fakes.base import Fake

SIZE = 20


class FakeBookshelf(Fake):
    """Books by id. `gone_status` is what it answers for a book that is not there.

    `told` are headers beside its own, `link` what it names as its next page instead of that one,
    `numb` that it knows nothing of pages, `page_in_front` what a proxy says to a deletion.
    `tags` are those that the last question named.
    """

    def __init__(self, *, url_base: str = "/shelf") -> None:
        super().__init__(url_base=url_base)
        self.books: dict[str, dict[str, Any]] = {}
        self.gone_status = 404
        self.told: dict[str, str] = {}
        self.link: str | None = None
        self.numb = False
        self.tags: list[str] = []
        self.page_in_front: str | None = None
        self._next = 1

    def put(self, title: str) -> str:
        number = str(self._next)
        self._next += 1
        isbn = f"978{number.zfill(10)}"
        file = {"path": f"/books/{number}.epub", "ok": True}
        self.books[number] = {"id": int(number), "name": title, "isbn": isbn, "file": file}
        return number

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        yield web.get(f"{self.url_base}/api/books", self._list)
        yield web.get(f"{self.url_base}/api/books/{{id}}", self._get)
        yield web.delete(f"{self.url_base}/api/books/{{id}}", self._delete)

    async def _list(self, request: web.Request) -> web.Response:
        books = [self.books[number] for number in sorted(self.books, key=int)]
        if "after" in request.query or "cursor" in request.query:
            start = int(request.query.get("after") or request.query.get("cursor") or 0)
        else:
            start = (int(request.query.get("page", "1")) - 1) * SIZE
        self.tags = request.query.getall("tag", [])
        if self.numb:
            start = 0
        end = start + SIZE
        more = str(end) if end < len(books) else None
        link = f"{self.url}/api/books?after={end}&tag=a&tag=b" if more else None
        link = self.link if more and self.link is not None else link
        return web.json_response(
            {
                "data": {"items": books[start:end], "total": len(books)},
                "meta": {"next": more, "link": link},
            }
        )

    async def _get(self, request: web.Request) -> web.Response:
        book = self.books.get(request.match_info["id"])
        if book is None:
            return web.json_response({"error": {"code": "no_such_book"}}, status=self.gone_status)
        return web.json_response({"data": book})

    async def _delete(self, request: web.Request) -> web.Response:
        if self.page_in_front is not None:
            return web.Response(text=self.page_in_front, content_type="text/html")
        if self.books.pop(request.match_info["id"], None) is None:
            return web.json_response({"error": {"code": "no_such_book"}}, status=self.gone_status)
        return web.Response(status=204)

    @property
    def user_agent(self) -> str:
        return "Bookshelf/1"

    def app_headers(self, request: web.BaseRequest) -> Mapping[str, str]:
        return self.told

    def admit(self, request: web.Request) -> web.Response | None:
        good = request.headers.get("X-Api-Key") == self.api_key
        return None if good else web.json_response({"error": {"code": "key"}}, status=401)

    def unmatched(self, request: web.Request) -> web.Response:
        return web.json_response({"error": {"code": "no_such_page"}}, status=404)

    def starting(self) -> web.Response:
        return web.json_response({"error": {"code": "starting"}}, status=503)


def described(fake: FakeBookshelf, way: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """The config of it, paging in this way."""
    return {
        "url": fake.url,
        "headers": {"X-Api-Key": fake.api_key},
        "list": {
            "path": "/api/books", "items": "data.items", "total": "data.total",
            "next": dict(way or {"param": "page", "first": 1}),
        },
        "item": {
            "id": "id", "title": "name", "refs": {"isbn": "isbn"}, "path": "file.path", "has_file": "file.ok",
            "attrs": {"isbn": "isbn"},
        },
        "lookup": {"path": "/api/books/{id}", "item": "data"},
        "absent": {"status": 404, "path": "error.code", "value": "no_such_book"},
        "delete": {"path": "/api/books/{id}"},
        **more,
    }  # fmt: skip
