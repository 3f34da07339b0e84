"""Pages drawn for tests: of a layout and with words that seeds decide, and what scanners do to them."""

import io
import random

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

WIDE, HIGH = 500, 707


def page(layout: int, words: int = 0) -> Image.Image:
    """A page in grey: logo, address, heading, a table or paragraphs, each where `layout` puts it."""
    place, text = random.Random(layout), random.Random(f"{layout} {words}")
    image = Image.new("L", (WIDE, HIGH), 255)
    pen = ImageDraw.Draw(image)
    if place.random() < 0.7:
        left, top = place.randint(30, 330), place.randint(25, 60)
        pen.rectangle(
            (left, top, left + place.randint(40, 140), top + place.randint(25, 70)), place.randint(30, 160)
        )
    y = place.randint(100, 190)
    for _ in range(place.randint(2, 6)):
        left = place.choice([40, 60, 280])
        if place.random() < 0.4:
            pen.rectangle((left, y, left + place.randint(80, 180), y + 9), 40)
            y += place.randint(18, 40)
        right = left + place.randint(150, 400)
        for _ in range(place.randint(2, 9)):
            line(pen, text, left, y, min(right, WIDE - 40))
            y += 13
        y += place.randint(8, 60)
        if y > HIGH - 120:
            break
    if place.random() < 0.5:
        pen.line((40, y, WIDE - 40, y), 0, 2)
    line(pen, text, 40, HIGH - 40, WIDE - 60)
    return image


def line(pen: ImageDraw.ImageDraw, text: random.Random, left: int, y: int, right: int) -> None:
    """Words as small bars, of other lengths for another text."""
    while left < right:
        wide = min(text.randint(8, 40), right - left)
        pen.rectangle((left, y, left + wide, y + 6), text.randint(50, 110))
        left += wide + 5


def rescaled(image: Image.Image) -> Image.Image:
    return image.resize((350, 495), Image.Resampling.BICUBIC)


def lightened(image: Image.Image) -> Image.Image:
    return ImageEnhance.Contrast(ImageEnhance.Brightness(image).enhance(1.15)).enhance(0.8)


def noisy(image: Image.Image) -> Image.Image:
    grain = np.random.default_rng(5).normal(0, 12, (image.height, image.width))
    dirty = Image.fromarray(np.clip(np.asarray(image) + grain, 0, 255).astype(np.uint8))
    return Image.open(io.BytesIO(saved(dirty, "JPEG", quality=30)))


def askew(image: Image.Image) -> Image.Image:
    return image.rotate(1, Image.Resampling.BICUBIC, fillcolor=255)


def shadowed(image: Image.Image) -> Image.Image:
    """Darker towards the right edge, as a book's page on a scanner is."""
    shadow = ImageOps.invert(Image.linear_gradient("L").rotate(90).resize(image.size))
    return Image.blend(image, Image.composite(image, shadow, Image.new("L", image.size, 60)), 0.3)


def as_it_is(image: Image.Image) -> Image.Image:
    return image


def saved(image: Image.Image, kind: str = "PNG", **how: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()
