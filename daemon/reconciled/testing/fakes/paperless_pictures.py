"""Pictures of pages and small PDFs, made of nothing but the words: what a Paperless-ngx shows of a document.

A page is drawn as dark bars, one a word, so that the same words give the same picture and other words
another. It is a real WebP (lossless: two greys, one bit a pixel), and the PDF one that a browser shows.
"""

from itertools import islice

WIDTH, HEIGHT = 120, 168
_MARGIN, _LINE, _BAR = 10, 5, 3
_MOST = (HEIGHT - 2 * _MARGIN) // _LINE
_DARK, _LIGHT = 40, 250


class _Bits:
    """Bits in the order in which WebP reads them: the lowest of each byte first."""

    def __init__(self) -> None:
        self.value = 0
        self.length = 0

    def put(self, value: int, bits: int) -> None:
        """So many bits of a number."""
        self.value |= value << self.length
        self.length += bits

    @property
    def bytes(self) -> bytes:
        """All of them, filled up with zeros."""
        return self.value.to_bytes((self.length + 7) // 8, "little")


def page(words: str) -> bytes:
    """The first page as WebP: 120 by 168 pixels."""
    bits = _Bits()
    bits.put(0x2F, 8)
    bits.put(WIDTH - 1, 14)
    bits.put(HEIGHT - 1, 14)
    bits.put(0, 4)  # no transparency, version 0
    bits.put(0b101, 3)  # a transform: green is taken off red and blue, so that one bit is a grey
    bits.put(0, 1)  # no other transform
    bits.put(0, 2)  # no colour cache, one set of codes
    bits.put(0b11, 2)  # green: a code of two symbols, of eight bits each
    bits.put(1, 1)
    bits.put(_DARK, 8)
    bits.put(_LIGHT, 8)
    for only in (0, 0, 255, 0):  # red, blue, alpha, distance: one symbol each, that takes no bits
        bits.put(0b101, 3)
        bits.put(only, 8)
    bits.put(_pixels(words), WIDTH * HEIGHT)
    body = bits.bytes
    body += b"\0" * (len(body) % 2)
    chunk = b"VP8L" + len(body).to_bytes(4, "little") + body
    return b"RIFF" + (len(chunk) + 4).to_bytes(4, "little") + b"WEBP" + chunk


def _pixels(words: str) -> int:
    """All pixels, row by row from the top, the first in the lowest bit; 1 is paper."""
    paper = (1 << WIDTH) - 1
    rows = [paper] * HEIGHT
    for number, line in enumerate(islice(_lines(words), _MOST)):
        top = _MARGIN + number * _LINE
        for row in range(top, top + _BAR):
            rows[row] = paper & ~line
    return sum(row << (number * WIDTH) for number, row in enumerate(rows))


def _lines(words: str) -> list[int]:
    """The dark pixels of each line: a word is as wide as it has letters."""
    lines, at, line = list[int](), _MARGIN, 0
    for word in islice(words.split(), 1000):
        width = min(len(word), WIDTH - 2 * _MARGIN)
        if at + width > WIDTH - _MARGIN:
            lines.append(line)
            at, line = _MARGIN, 0
        line |= ((1 << width) - 1) << at
        at += width + 2
    return [*lines, line] if line else lines


def pdf(words: str) -> bytes:
    """A PDF of one page with the first lines of the words; letters beyond Latin-1 become question marks."""
    lines = [" ".join(words.split()[start : start + 10]) for start in range(0, 400, 10)]
    text = "".join(f"({_escaped(line)}) ' " for line in lines if line)
    content = f"BT /F1 11 Tf 14 TL 50 800 Td {text}ET".encode("latin-1", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Font << /F1 5 0 R >> >>",
    ]
    made, places = bytearray(b"%PDF-1.4\n"), list[int]()
    for number, one in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return bytes(made) + end % (len(objects) + 1, table, len(objects) + 1, len(made))


def _escaped(line: str) -> str:
    return "".join(f"\\{one}" if one in "()\\" else one for one in line)
