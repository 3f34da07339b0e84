"""The contract's checks of what can be read and seen in items: their words, asked for and listed; pictures.

Whoever compares documents keeps their words and asks only for what changed. So a text that is left out once
is left out for ever, and a text that came is believed: trouble has to raise, and no mark may skip anything.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import date
from typing import Any, NamedTuple

import msgspec
import pytest

from reconciled.errors import SourceError, Unsupported
from reconciled.model import Absent, Item, Json, Key
from reconciled.source import Content, ListsTexts, Previews, Text, TextPage, Texts, Unchanged
from reconciled.testing.contract_acting import STRIKES
from reconciled.testing.contract_checks import Checks, some_of, unable
from reconciled.testing.contract_files import CHUNK
from reconciled.testing.contract_scene import Scene, claim, fail, shown

PICTURES = frozenset({"image/webp", "image/png", "image/jpeg"})
WHOLE = PICTURES | {"application/pdf"}
MOST = 1000
"""The most texts of one page: they are in memory together."""
ANOTHER = '"another-version"'
_KINDS: Mapping[str, type] = {
    "correspondent": str, "document_type": str, "file_name": str, "created": str,
    "size": int, "pages": int, "notes": int,
}  # fmt: skip
_MARKS = 4


class Picture(NamedTuple):
    """A picture as it was handed out."""

    data: bytes
    kind: str | None
    etag: str | None


class PaperChecks(Checks):
    """A source shows what is in its items rightly."""

    # words

    async def test_a_text_says_what_it_knows(self) -> None:
        """Words, and beside them what is named in the contract, each of its own type and nothing empty."""
        async with self.played() as scene:
            source: Any = scene.source
            if not isinstance(source, Texts):
                unable(scene, "Texts")
            found = await source.texts([*some_of(await scene.walk())])
            claim(found, "texts() answers for none of its own items; leave the ability out")
            for key, text in found.items():
                _check_text(key, text)
                scene.hear(msgspec.json.encode(text.about).decode())

    async def test_a_text_of_what_is_gone(self) -> None:
        """It is left out, and the others come all the same."""
        async with self.played() as scene:
            source: Any = scene.source
            if not isinstance(source, Texts):
                unable(scene, "Texts")
            found = await source.texts([*some_of(await scene.walk())])
            gone, *others = found
            if not await self.removed(scene, gone):
                pytest.skip(f"nobody can remove {gone} there")
            after = await source.texts([gone, *others])
            claim(
                after == {key: found[key] for key in others},
                f"{gone} is gone; the texts of it and {len(others)} others are {shown(after)}",
            )

    async def test_all_texts_are_listed(self) -> None:
        """Each is as it is when asked for by its key, in pages that fit in memory; and no others come."""
        async with self.played(crowded=True) as scene:
            source = _listing(scene)
            pages = await _read(source, None)
            listed = _texts(pages)
            keys = (await scene.walk()).keys()
            claim(listed.keys() <= keys, f"texts of what is not there: {shown(listed.keys() - keys)}")
            most = max(len(page.texts) for page in pages)
            claim(most <= MOST, f"a page of {most} texts; they are in memory together, so give fewer")
            if isinstance(source, Texts):
                asked = await source.texts([*some_of({key: Item(key, "…") for key in sorted(keys)})])
                for key, text in asked.items():
                    claim(listed.get(key) == text, f"{key} is listed as {shown(listed.get(key))}, not {text}")

    async def test_the_texts_go_on_at_any_mark(self) -> None:
        """What came before it and what comes after it are all there are; nothing much comes at the end."""
        async with self.played(crowded=True) as scene:
            source = _listing(scene)
            pages = await _read(source, None)
            every = _texts(pages).keys()
            places = [place for place, page in enumerate(pages) if page.mark is not None]
            claim(places and places[-1] == len(pages) - 1, "the last page of texts has no mark")
            for place in places[:: max(1, len(places) // _MARKS)]:
                before = _texts(pages[: place + 1]).keys()
                after = _texts(await _read(source, pages[place].mark)).keys()
                claim(before | after == every, f"from the mark of page {place + 1} on, texts are left out")

    async def test_a_new_text_comes_next_time(self) -> None:
        """After the mark that was last, and after that again if it is asked so once more."""
        async with self.played() as scene:
            source = _listing(scene)
            mark = (await _read(source, None))[-1].mark
            key = await scene.stand.add()
            if isinstance(source, Texts) and key not in await source.texts([key]):
                pytest.skip(f"{key} has no text")
            for _ in range(2):
                claim(key in _texts(await _read(source, mark)), f"{key} is new since the mark, and left out")

    async def test_one_that_goes_while_texts_are_read(self) -> None:
        """None of the others is skipped by it."""
        async with self.played(crowded=True) as scene:
            source = _listing(scene)
            if not isinstance(source, Texts):
                unable(scene, "Texts")
            found: dict[Key, Text] = {}
            gone = 0
            async for page in _pages(source, None):
                found.update(page.texts)
                if gone < 2 and page.texts:
                    gone += await self.removed(scene, min(page.texts))
            for key in await source.texts([*await scene.walk()]):
                claim(key in found, f"others went while the texts were read, and {key} is left out")

    async def test_trouble_in_reading_texts(self) -> None:
        """It raises: no text, no end."""
        async with self.played() as scene:
            fake, source = self.http_of(scene), scene.source
            if not isinstance(source, Texts | ListsTexts):
                unable(scene, "Texts")
            keys = [*some_of(await scene.walk())]
            for fault in STRIKES:
                if fault.value in scene.stand.excused:
                    continue
                fake.faults.set(fault)
                if isinstance(source, Texts):
                    await scene.troubled(f"texts with {fault}", source.texts(keys))
                if isinstance(source, ListsTexts):
                    await scene.troubled(f"texts_since with {fault}", _read(source, None))
                fake.faults.clear()

    # pictures

    async def test_a_preview_is_a_picture(self) -> None:
        """Of a type that browsers show and no script can hide in, whole, and the same when asked twice."""
        async with self.played() as scene:
            for key, wholes in (await _shown(scene)).items():
                for whole in wholes:
                    first, again = [await _picture(scene, key, whole=whole) for _ in range(2)]
                    claim(first == again, f"the picture of {key} ({whole=}) is not the same twice")
                    claim(first.data, f"the picture of {key} ({whole=}) is empty")
                    claim(
                        first.kind in (WHOLE if whole else PICTURES),
                        f"{key} ({whole=}) is shown as {first.kind}; that is Unsupported",
                    )

    async def test_a_preview_that_is_known(self) -> None:
        """`Unchanged` for the very version, the picture for any other."""
        async with self.played() as scene:
            source: Any = scene.source
            for key, wholes in (await _shown(scene)).items():
                for whole in wholes:
                    picture = await _picture(scene, key, whole=whole)
                    other = await _picture(scene, key, whole=whole, etag=ANOTHER)
                    claim(other == picture, f"{key} ({whole=}): of another version the picture has to come")
                    if picture.etag is None:
                        continue
                    async with source.preview(key, whole=whole, etag=picture.etag) as same:
                        claim(
                            isinstance(same, Unchanged),
                            f"{key} ({whole=}) is still {picture.etag}, and came {shown(same)}",
                        )

    async def test_a_preview_of_what_is_gone(self) -> None:
        """The app's no, or trouble; neither a picture nor "unchanged"."""
        async with self.played() as scene:
            source: Any = scene.source
            for key, wholes in (await _shown(scene)).items():
                known = {whole: (await _picture(scene, key, whole=whole)).etag for whole in wholes}
                if not await self.removed(scene, key):
                    continue
                for whole, etag in (*((one, None) for one in wholes), *known.items()):
                    try:
                        async with source.preview(key, whole=whole, etag=etag) as found:
                            claim(
                                isinstance(found, Absent),
                                f"{key} is gone, and its preview ({whole=}, {etag=}) gave {shown(found)}",
                            )
                    except SourceError as error:
                        scene.hear(error)
                return

    async def test_trouble_in_a_preview(self) -> None:
        """No picture, no "unchanged", no absence."""
        async with self.played() as scene:
            fake = self.http_of(scene)
            key, wholes = next(iter((await _shown(scene)).items()))
            etags = {whole: (await _picture(scene, key, whole=whole)).etag for whole in wholes}
            for fault in STRIKES:
                if fault.value in scene.stand.excused:
                    continue
                fake.faults.set(fault)
                for whole, etag in etags.items():
                    asked = _picture(scene, key, whole=whole, etag=etag)
                    await scene.troubled(f"preview with {fault} ({whole=})", asked)
                fake.faults.clear()


def _check_text(key: Key, text: object) -> None:
    if not isinstance(text, Text) or not isinstance(text.words, str):
        fail(f"texts() gives Texts with words, and of {key} it gave {shown(text)}")
    for name, value in text.about.items():
        kind = _KINDS.get(name)
        claim(
            kind is None or (isinstance(value, kind) and not isinstance(value, bool) and value != ""),
            f"{key}: about[{name!r}] is {value!r}; leave out what is not known",
        )
    created = text.about.get("created")
    if isinstance(created, str):
        try:
            date.fromisoformat(created)
        except ValueError:
            fail(f'{key}: about["created"] is a day, YYYY-MM-DD, and not {created!r}')


def _listing(scene: Scene) -> Any:
    if not isinstance(scene.source, ListsTexts):
        unable(scene, "ListsTexts")
    return scene.source


def _pages(source: Any, mark: Json) -> AsyncIterator[TextPage]:
    pages: AsyncIterator[TextPage] = source.texts_since(msgspec.json.decode(msgspec.json.encode(mark)))
    return pages


async def _read(source: Any, mark: Json) -> list[TextPage]:
    """All pages; the mark goes through JSON first, as the ledger keeps it."""
    found = [page async for page in _pages(source, mark)]
    claim(found, "texts_since() gives one page at least: the last has the mark for the next time")
    return found


def _texts(pages: list[TextPage]) -> dict[Key, Text]:
    return {key: text for page in pages for key, text in page.texts.items()}


async def _shown(scene: Scene) -> dict[Key, list[bool]]:
    """Some items that can be shown, and how: small, or whole."""
    source: Any = scene.source
    if not isinstance(source, Previews):
        unable(scene, "Previews")
    found: dict[Key, list[bool]] = {}
    for key in some_of(await scene.walk()):
        for whole in (False, True):
            try:
                async with source.preview(key, whole=whole):
                    found.setdefault(key, []).append(whole)
            except Unsupported as error:
                scene.hear(error)
    return found or fail("preview is Unsupported for items of every kind; leave the ability out")


async def _picture(scene: Scene, key: Key, *, whole: bool, etag: str | None = None) -> Picture:
    source: Any = scene.source
    async with source.preview(key, whole=whole, etag=etag) as content:
        if not isinstance(content, Content):
            fail(f"{key} is there, and its preview ({whole=}, {etag=}) gave {shown(content)}")
        parts = [bytes(part) async for part in content.chunks]
    claim(content.start == 0, f"a preview begins at its beginning, that of {key} at {content.start}")
    claim(all(len(part) <= CHUNK for part in parts), f"the preview of {key} comes in too large pieces")
    data = b"".join(parts)
    claim(
        content.size in (None, len(data)),
        f"the preview of {key} is said to have {content.size} bytes, and has {len(data)}",
    )
    return Picture(data, content.mime_type, content.etag)
