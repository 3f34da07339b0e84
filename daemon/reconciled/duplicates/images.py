"""Pictures of pages: one read into grey values, and what the distance of two page hashes says.

A page hash sees the layout: two invoices of one template have the same one, and a sheet that was scanned a
second time, a little askew, is farther away. So it is a hint where there are hardly any words, and speaks
against a pair whose layouts differ; it never proves one. The hashes themselves stand in `hashes`, looking
for near ones in `neighbours`. Reading a picture needs Pillow (extra `images`) and numpy, the rest neither.
"""

import io
import warnings
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from PIL import Image

MODEL = 1
"""The version of what is read and hashed; hashes of two versions are not to be compared."""
HASH_NAMES = ("dct", "average", "difference", "perceptual")
"""The hashes that there are, by the names that a config uses."""
BITS = 64
"""How long a page hash is."""
LARGEST = 32 * 2**20
"""Bytes of a picture that is read."""
MOST_PIXELS = 50_000_000
"""The most that one may unpack to."""
LONGEST = 1024
"""Pixels of the longer side that are kept; a hash looks at far fewer."""
NEAR = 6
"""Bits up to which two pages have one layout: nineteen of twenty copies that were scaled, lightened, pressed
into a JPEG or turned by a degree, and of other layouts hardly one in a thousand."""
OTHER = 14
"""Bits beyond which they have not: of such copies hardly any, of other layouts 99 of 100."""
HINT = 0.5
AGAINST = -3.0
_FAR = 24

_KINDS = ("WEBP", "PNG", "JPEG")
_MASK = (1 << BITS) - 1
_ORIENTATION = 0x0112
_TURNS: Mapping[object, Any] = MappingProxyType({2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2})
"""How a picture is put upright: EXIF's orientation, and the number of Pillow's transposition."""


def decode(body: bytes) -> "npt.NDArray[np.uint8]":
    """The picture in grey: an array (height, width) of 0, black, to 255, white; at most LONGEST a side.

    Takes WebP, PNG and JPEG. What is transparent is white as paper, a photo is turned as its camera says.
    ValueError, with the reason in one sentence, for all that is no whole, still picture of sensible size;
    MemoryError. It unpacks what strangers made: run it in a process with bounds on its memory and time.
    """
    import numpy as np
    from PIL import Image, UnidentifiedImageError

    if len(body) > LARGEST:
        raise ValueError(f"the picture has more than {LARGEST // 2**20} MiB")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(body), formats=_KINDS) as image:
                return np.asarray(_read(image), np.uint8)
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise _too_large() from error
        except UnidentifiedImageError as error:
            raise ValueError("it is no WebP, PNG or JPEG that can be read") from error
        except (MemoryError, _Odd):
            raise
        except Exception as error:
            raise ValueError(f"the picture cannot be read: {_short(error)}") from error


class _Odd(ValueError):
    """It is not a picture of a page."""


def _too_large() -> _Odd:
    return _Odd(f"the picture unpacks to more than the {MOST_PIXELS // 10**6} megapixels that are read")


def _read(image: "Image.Image") -> "Image.Image":
    """Its grey values, small enough."""
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise _too_large()
    if image.format in ("WEBP", "PNG") and getattr(image, "is_animated", False):
        raise _Odd("the picture is animated; a page is still")
    image.draft("L", (LONGEST, LONGEST))  # a large JPEG is unpacked at a fraction of its size
    turned = image.getexif().get(_ORIENTATION)
    image.load()
    grey = _grey(image)
    longest = max(grey.size)
    if longest > LONGEST:
        grey = grey.reduce(-(-longest // LONGEST))
    return grey.transpose(_TURNS[turned]) if turned in _TURNS else grey


def _grey(image: "Image.Image") -> "Image.Image":
    """All modes that the three formats have: 16 bits are cut to 8, the transparent is laid on white."""
    from PIL import Image

    if image.mode.startswith("I"):
        return Image.fromarray(_high_bytes(image))
    if image.mode in ("LA", "PA", "RGBA", "La", "RGBa") or "transparency" in image.info:
        layer = image.convert("RGBA")
        paper = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(paper, layer).convert("L")
    return image.convert("L")


def _high_bytes(image: "Image.Image") -> "npt.NDArray[Any]":
    import numpy as np

    return (np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8)


def _short(error: Exception) -> str:
    """What a library says, in one line that holds nothing unseen."""
    said = " ".join(str(error).split()) or type(error).__name__
    return "".join(letter for letter in said if letter.isprintable())[:200]


def distance(a: int, b: int) -> int:
    """How many of their 64 bits differ, 0 to 64; signed and unsigned hashes may be mixed."""
    return ((a ^ b) & _MASK).bit_count()


def signed(page_hash: int) -> int:
    """The same 64 bits as a signed integer, as SQLite keeps them."""
    page_hash &= _MASK
    return page_hash - (1 << BITS) if page_hash >> (BITS - 1) else page_hash


def unsigned(page_hash: int) -> int:
    """The same 64 bits as an integer of 0 to 2**64 - 1, as `hashes` makes them."""
    return page_hash & _MASK


def image_part(apart: int) -> float:
    """The log-odds (natural) of Factor.IMAGE for two DCT hashes that are so many bits apart.

    Up to NEAR a hint and no more, since other papers of the template are as near. It fades to nothing at
    OTHER, beyond which the layouts differ: that weighs against the pair, up to AGAINST, and is no veto, for
    a photo of a sheet may look like another layout. ValueError for what is no distance.
    """
    if not 0 <= apart <= BITS:
        raise ValueError(f"{apart} is no distance of two hashes of {BITS} bits")
    if apart <= OTHER:
        return HINT * min(1.0, (OTHER - apart) / (OTHER - NEAR))
    return AGAINST * min(1.0, (apart - OTHER) / (_FAR - OTHER))
