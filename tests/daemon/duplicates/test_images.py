"""Pictures that are read, hostile ones that are not, and what page hashes make of what scanners do."""

import itertools
import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from tests.daemon.duplicates.drawn_pages import (
    HIGH,
    WIDE,
    as_it_is,
    askew,
    lightened,
    noisy,
    page,
    rescaled,
    saved,
    shadowed,
)

from reconciled.duplicates import images
from reconciled.duplicates.hashes import HASHES, average, dct, is_blank, page_hashes, perceptual, shrink
from reconciled.duplicates.images import (
    AGAINST,
    HASH_NAMES,
    HINT,
    LONGEST,
    NEAR,
    OTHER,
    decode,
    distance,
    image_part,
    signed,
    unsigned,
)

PAGE = page(3)


def bomb(side: int) -> bytes:
    """A PNG of a few kilobytes that says it has side × side pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(100_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def several(kind: str) -> bytes:
    first, *others = [page(layout).resize((120, 170)).convert("RGB") for layout in range(3)]
    return saved(first, kind, save_all=True, append_images=others)


# --- reading ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "exactly"),
    [
        (saved(PAGE, "PNG"), True),
        (saved(PAGE.convert("RGB"), "WEBP", quality=80), False),
        (saved(PAGE.convert("RGB"), "JPEG"), False),
        (saved(PAGE.convert("CMYK"), "JPEG"), False),
        (saved(PAGE.convert("P"), "PNG"), True),
        (saved(Image.fromarray(np.asarray(PAGE).astype(np.uint16) * 257), "PNG"), True),
        (saved(PAGE.convert("RGBA"), "PNG"), True),
        (saved(PAGE.convert("LA"), "PNG"), True),
    ],
    ids=["png", "webp", "jpeg", "cmyk jpeg", "palette", "16 bits", "rgba", "grey with alpha"],
)
def test_whatever_the_format_the_page_is_the_same(body: bytes, exactly: bool) -> None:
    grey = decode(body)
    assert grey.shape == (HIGH, WIDE)
    assert grey.dtype.name == "uint8"
    assert distance(dct(grey), dct(np.asarray(PAGE))) <= (0 if exactly else 2)


def test_black_on_nothing_is_black_on_white() -> None:
    ink = Image.new("RGBA", PAGE.size, (0, 0, 0, 0))
    ink.putalpha(PAGE.point(lambda level: 255 - level))
    assert distance(dct(decode(saved(ink))), dct(np.asarray(PAGE))) <= 2


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_put_upright(orientation: int) -> None:
    undone = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = PAGE.transpose(undone[orientation]) if orientation in undone else PAGE
    exif = Image.Exif()
    exif[0x0112] = orientation
    grey = decode(saved(stored.convert("RGB"), "JPEG", quality=90, exif=exif))
    assert grey.shape == (HIGH, WIDE)
    assert distance(dct(grey), dct(np.asarray(PAGE))) <= 2


def test_large_ones_are_made_small() -> None:
    large = PAGE.resize((WIDE * 5, HIGH * 5)).convert("RGB")
    for kind in ("JPEG", "PNG"):
        grey = decode(saved(large, kind))
        assert max(grey.shape) <= LONGEST
        assert distance(dct(grey), dct(np.asarray(PAGE))) <= 2


def test_a_phone_may_put_several_pictures_into_one_jpeg() -> None:
    assert decode(several("MPO")).shape == (170, 120), "the first of them"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "is no WebP, PNG or JPEG"),
        (b"<html>log in</html>", "is no WebP, PNG or JPEG"),
        (saved(PAGE, "TIFF"), "is no WebP, PNG or JPEG"),
        (several("GIF"), "is no WebP, PNG or JPEG"),
        (several("WEBP"), "animated"),
        (several("PNG"), "animated"),
        (bomb(7_500), "more than the 50 megapixels"),
        (bomb(12_000), "more than the 50 megapixels"),
        (bomb(60_000), "more than the 50 megapixels"),
        (bomb(1_000), "cannot be read"),
        (saved(PAGE, "PNG")[:-900], "cannot be read"),
        (saved(PAGE.convert("RGB"), "JPEG")[:9000], "cannot be read"),
        (saved(PAGE.convert("RGB"), "WEBP")[:2000], "cannot be read"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", ""),
        (b"\xff\xd8\xff\xe0" + bytes(500), ""),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), ""),
    ],
    ids=[
        "nothing", "html", "tiff", "gif", "animated webp", "animated png", "56 MP", "144 MP", "3600 MP",
        "png that ends early", "png cut off", "jpeg cut off", "webp cut off", "webp of nothing",
        "jpeg of nothing", "png of nothing",
    ],
)  # fmt: skip
def test_what_is_no_picture_of_a_page(body: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=r"picture|WebP") as raised:
        decode(body)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_too_many_bytes_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "LARGEST", 1000)
    with pytest.raises(ValueError, match="has more than"):
        decode(saved(PAGE))


# --- hashes -------------------------------------------------------------------------------------------

LAYOUTS = range(8)
DRAWN = {layout: page(layout) for layout in LAYOUTS}


@pytest.mark.parametrize(
    ("change", "most"),
    [
        (as_it_is, {"dct": 2, "average": 2, "difference": 4, "perceptual": 2}),
        (rescaled, {"dct": 2, "average": 4, "difference": 6, "perceptual": 4}),
        (lightened, {"dct": 4, "average": 4, "difference": 6, "perceptual": 4}),
        (noisy, {"dct": 4, "average": 4, "difference": 8, "perceptual": 4}),
        (askew, {"dct": NEAR, "average": 8, "difference": 14, "perceptual": 8}),
        (shadowed, {"dct": 4, "perceptual": 8}),
    ],
)
def test_one_page_however_it_was_scanned(
    change: Callable[[Image.Image], Image.Image], most: dict[str, int]
) -> None:
    for image in DRAWN.values():
        scanned = decode(saved(change(image).convert("RGB"), "WEBP", quality=80))
        for name, limit in most.items():
            assert distance(HASHES[name](np.asarray(image)), HASHES[name](scanned)) <= limit, name


@pytest.mark.parametrize("name", HASH_NAMES)
def test_other_layouts_are_far_away(name: str) -> None:
    hashes = [HASHES[name](np.asarray(image)) for image in DRAWN.values()]
    apart = sorted(distance(a, b) for a, b in itertools.combinations(hashes, 2))
    assert apart[len(apart) // 2] >= 20
    if name == "dct":
        assert apart[0] > NEAR
        assert apart[len(apart) // 20] > OTHER


def test_no_page_hash_tells_two_papers_of_one_template_apart() -> None:
    for layout in LAYOUTS:
        assert distance(dct(np.asarray(page(layout, 1))), dct(np.asarray(page(layout, 2)))) <= NEAR + 4


def test_what_sets_the_stored_one_apart() -> None:
    """A page that only grows darker downwards is a wave in one direction: `perceptual` sees it."""
    image = np.asarray(PAGE).astype(np.float32) * np.linspace(1, 0.35, HIGH, dtype=np.float32)[:, None]
    grey = np.asarray(PAGE)
    assert distance(perceptual(image), perceptual(grey)) > 0
    assert distance(dct(image), dct(grey)) <= distance(perceptual(image), perceptual(grey))


def test_the_bits_are_in_order() -> None:
    grey = np.zeros((64, 64), np.uint8)
    grey[:8, :8] = 255  # the upper left of 8 × 8 cells
    assert average(grey) == 1 << 63
    grey = np.zeros((64, 64), np.uint8)
    grey[-8:, -8:] = 255
    assert average(grey) == 1


def test_half_of_the_bits_are_set() -> None:
    assert {dct(np.asarray(image)).bit_count() for image in DRAWN.values()} == {32}


@pytest.mark.parametrize("shape", [(1, 1), (5, 3), (31, 33), (32, 32), (707, 500)])
def test_shrinking_keeps_the_mean(shape: tuple[int, int]) -> None:
    grey = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    for cells in (8, 9, 32):
        small = shrink(grey, cells, cells)
        assert small.shape == (cells, cells)
        assert float(small.mean()) == pytest.approx(float(grey.mean()), abs=0.01)


@pytest.mark.parametrize("wrong", [np.zeros((3, 3, 3)), np.zeros((0, 5)), np.zeros(9)])
def test_what_is_no_page_is_not_shrunk(wrong: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> None:
    with pytest.raises(ValueError, match="height, width"):
        dct(wrong)


@pytest.mark.parametrize(
    ("image", "blank"),
    [
        (Image.new("L", (WIDE, HIGH), 255), True),
        (Image.new("L", (WIDE, HIGH), 0), True),
        (noisy(Image.new("L", (WIDE, HIGH), 250)), True),
        (shadowed(Image.new("L", (WIDE, HIGH), 250)), True),
        (PAGE, False),
        (shadowed(PAGE), False),
        (lightened(PAGE), False),
    ],
    ids=["white", "black", "noise", "shadow", "page", "shadowed page", "light page"],
)
def test_blank_pages_have_no_hash(image: Image.Image, blank: bool) -> None:
    grey = np.asarray(image)
    assert is_blank(grey) == blank
    assert set(page_hashes(grey, HASH_NAMES)) == (set() if blank else set(HASH_NAMES))


def test_all_at_once_are_as_one_by_one() -> None:
    grey = np.asarray(PAGE)
    for name, found in page_hashes(grey, HASH_NAMES).items():
        assert distance(found, HASHES[name](grey)) == 0, name
    assert page_hashes(grey) == {"dct": dct(grey)}
    with pytest.raises(KeyError):
        page_hashes(grey, ["wavelet"])


# --- what a distance says ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "apart"),
    [(0, 0, 0), (0, 2**64 - 1, 64), (-1, 2**64 - 1, 0), (-1, 0, 64), (0b1011, 0b0001, 2), (-(2**63), 1, 2)],
)
def test_distances(a: int, b: int, apart: int) -> None:
    assert distance(a, b) == distance(b, a) == apart
    assert unsigned(signed(a)) == unsigned(a)
    assert -(2**63) <= signed(a) < 2**63


@pytest.mark.parametrize(
    ("apart", "part"),
    [(0, HINT), (6, HINT), (10, HINT / 2), (14, 0.0), (19, AGAINST / 2), (24, AGAINST), (64, AGAINST)],
)
def test_what_a_distance_weighs(apart: int, part: float) -> None:
    assert image_part(apart) == pytest.approx(part)


def test_nearer_never_weighs_less() -> None:
    parts = [image_part(apart) for apart in range(65)]
    assert parts == sorted(parts, reverse=True)
    for apart in (-1, 65):
        with pytest.raises(ValueError, match="no distance"):
            image_part(apart)


def test_the_names_are_those_of_the_hashes() -> None:
    assert tuple(HASHES) == HASH_NAMES
