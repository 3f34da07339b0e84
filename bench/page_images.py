"""Page hashes: how many a second, what they see, and how fast near ones are found among very many.

    script/bench page_images [--pages 200] [--hashes 100000] [--planted 5000] [--cluster 0.2] [--slow]

Pages are drawn here: layouts with words that differ, saved as WebP like a thumbnail. The first table times
reading a picture and each hash here, and both together in the worker that the daemon uses. The second has
the bits between a page and what a scanner makes of it, another paper of its template, and another layout.
The third looks for all pairs at most 6 bits apart: the index beside numpy comparing all with all, with as
many pairs planted; `--cluster` is the share of hashes that lie around a few, as those of real pages do.
All in CPU seconds. `--slow` compares all with all also where it takes minutes.
"""

import argparse
import asyncio
import io
import itertools
import os
import random
import resource
import time
import tracemalloc
from collections.abc import Callable, Iterable

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageEnhance

from reconciled.duplicates.hashes import HASHES, Grey, page_hashes
from reconciled.duplicates.images import NEAR, decode, distance
from reconciled.duplicates.neighbours import Neighbours
from reconciled.engine.duplicates.pages.hasher import Hasher

WIDE, HIGH = 500, 707
SLOW = 150_000


def drawn(layout: int, words: int) -> Image.Image:
    """A page: where blocks stand is the layout's, how long their words are is the paper's."""
    place, text = random.Random(layout), random.Random(f"{layout} {words}")
    image = Image.new("L", (WIDE, HIGH), 255)
    pen = ImageDraw.Draw(image)
    for _ in range(place.randint(3, 9)):
        left, top = place.randint(30, 300), place.randint(30, HIGH - 160)
        right, bottom = left + place.randint(80, 420), top + place.randint(12, 150)
        if place.random() < 0.2:
            pen.rectangle((left, top, min(right, WIDE - 30), top + 40), place.randint(40, 170))
            continue
        for y in range(top, bottom, 13):
            x = left
            while x < min(right, WIDE - 30):
                long = text.randint(8, 40)
                pen.rectangle((x, y, min(x + long, WIDE - 30), y + 6), text.randint(50, 110))
                x += long + 5
    return image


def webp(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.convert("RGB").save(out, "WEBP", quality=80)
    return out.getvalue()


def noisy(image: Image.Image) -> Image.Image:
    grain = np.random.default_rng(5).normal(0, 12, (HIGH, WIDE))
    out = io.BytesIO()
    Image.fromarray(np.clip(np.asarray(image) + grain, 0, 255).astype(np.uint8)).save(out, "JPEG", quality=30)
    return Image.open(out)


CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "rescaled to .7": lambda image: image.resize((350, 495), Image.Resampling.BICUBIC),
    "lighter, less contrast": lambda image: ImageEnhance.Contrast(
        ImageEnhance.Brightness(image).enhance(1.15)
    ).enhance(0.8),
    "noise and JPEG at 30": noisy,
    "turned by 1 degree": lambda image: image.rotate(1, Image.Resampling.BICUBIC, fillcolor=255),
    "shifted by 6 pixels": lambda image: image.transform(
        image.size, Image.Transform.AFFINE, (1, 0, 6, 0, 1, 6), fillcolor=255
    ),
    "edges of 2 % cut off": lambda image: image.crop((10, 14, 490, 693)),
}


def timed(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def speed(bodies: list[bytes], pages: list[Grey]) -> None:
    count = len(bodies)

    def each(hashed: Callable[[Grey], object]) -> Callable[[], object]:
        return lambda: [hashed(page) for page in pages]

    reading = timed(lambda: [decode(body) for body in bodies])
    print(f"\n{count} pages of {WIDE} x {HIGH}, WebP of {sum(map(len, bodies)) / count / 1024:.1f} KiB")
    print(f"{'':24}{'ms':>8}{'a second':>10}{'with reading':>14}")
    print(f"{'reading':24}{reading / count * 1e3:8.2f}{count / reading:10.0f}")
    kinds: dict[str, Callable[[Grey], object]] = {**HASHES}
    kinds["stored (dct, blank?)"] = page_hashes
    kinds["all four"] = lambda page: page_hashes(page, tuple(HASHES))
    for name, hashed in kinds.items():
        took = timed(each(hashed))
        print(f"{name:24}{took / count * 1e3:8.2f}{count / took:10.0f}{count / (took + reading):14.0f}")
    took = asyncio.run(by_worker(bodies))
    print(f"{'dct, by the worker':24}{took / count * 1e3:8.2f}{'':10}{count / took:14.0f}")


async def by_worker(bodies: list[bytes]) -> float:
    """CPU seconds of the worker and of this process for it, without the worker's start."""
    spent = []
    for some in ([], bodies):
        began = cpu()
        hasher = Hasher()
        await hasher.look(bodies[0], ["dct"])
        for body in some:
            await hasher.look(body, ["dct"])
        await hasher.close()
        spent.append(cpu() - began)
    return spent[1] - spent[0]


def cpu() -> float:
    """CPU seconds of this process and of its children that ended."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def seen(count: int) -> None:
    papers = {(layout, words): drawn(layout, words) for layout in range(count) for words in (0, 1)}
    print(f"\nbits of 64 that differ, {count} layouts: median, 95th percentile, most")
    print(f"{'':30}" + "".join(f"{name:>16}" for name in HASHES))
    greys = {key: decode(webp(image)) for key, image in papers.items()}
    hashes = {name: {key: hashed(grey) for key, grey in greys.items()} for name, hashed in HASHES.items()}
    for what, change in CHANGES.items():
        changed = [decode(webp(change(papers[layout, 0]))) for layout in range(count)]
        apart = {
            name: [distance(hashes[name][layout, 0], hashed(grey)) for layout, grey in enumerate(changed)]
            for name, hashed in HASHES.items()
        }
        say(what, apart, (50, 95, 100))
    same = {n: [distance(of[x, 0], of[x, 1]) for x in range(count)] for n, of in hashes.items()}
    say("same template, other paper", same, (50, 95, 100))
    others = {
        name: [distance(of[a, 0], of[b, 0]) for a, b in itertools.combinations(range(count), 2)]
        for name, of in hashes.items()
    }
    say("other layout: .1 %, 1 %, 50 %", others, (0.1, 1, 50))


def say(what: str, apart: dict[str, list[int]], shares: tuple[float, ...]) -> None:
    told = ["/".join(f"{share:.0f}" for share in np.percentile(of, shares)) for of in apart.values()]
    print(f"{what:30}" + "".join(f"{one:>16}" for one in told))


def random_hashes(count: int, planted: int, cluster: float) -> npt.NDArray[np.uint64]:
    """Hashes with so many near pairs among them, and a share of them around a few."""
    chance = np.random.default_rng(1)
    hashes = chance.integers(0, 2**64, count, dtype=np.uint64)
    crowd = int(count * cluster)
    hashes[:crowd] = hashes[chance.integers(0, max(1, crowd // 500), crowd)]
    for place in range(crowd):
        hashes[place] ^= flipped(chance.choice(64, chance.integers(0, 4), replace=False))
    for number in range(planted):
        flips = chance.choice(64, chance.integers(0, NEAR + 1), replace=False)
        hashes[count - 1 - number] = hashes[crowd + number] ^ flipped(flips)
    return hashes


def flipped(bits: Iterable[int]) -> np.uint64:
    return np.uint64(sum(1 << int(bit) for bit in bits))


def all_with_all(hashes: npt.NDArray[np.uint64]) -> int:
    """How many pairs are near: each block of rows with everything behind it."""
    found = 0
    for at in range(0, len(hashes), 256):
        rows = hashes[at : at + 256]
        near = np.bitwise_count(rows[:, None] ^ hashes[None, at:]) <= NEAR
        found += int(np.triu(near, 1).sum())
    return found


def neighbours(count: int, planted: int, cluster: float, *, slow: bool) -> None:
    print(f"\n{count} hashes, {planted} pairs within {NEAR} planted; CPU seconds")
    for share in (0.0, cluster):
        hashes = random_hashes(count, planted, share)
        index = Neighbours(enumerate(hashes.tolist()))
        pairs = 0

        def look(index: Neighbours = index) -> None:
            nonlocal pairs
            pairs = sum(len(block.a) for block in index.pairs())

        print(f"  {share:.0%} of them in clusters")
        took = timed(look)
        tracemalloc.start()
        look()
        memory = tracemalloc.get_traced_memory()[1] / 2**20
        tracemalloc.stop()
        print(f"    index, all pairs      {took:9.3f} s   {pairs} pairs, {memory:.0f} MiB at most")
        if count <= SLOW or slow:
            whole = 0

            def force(hashes: npt.NDArray[np.uint64] = hashes) -> None:
                nonlocal whole
                whole = all_with_all(hashes)

            forced = timed(force)
            print(
                f"    numpy, all with all   {forced:9.3f} s   {whole} pairs, crowds included; "
                f"{forced / took:.0f} times as long"
            )
        asked = hashes[:: max(1, count // 200)].tolist()

        def ask(index: Neighbours = index, asked: list[int] = asked) -> None:
            for page_hash in asked:
                index.near(page_hash)

        one = timed(ask)
        print(f"    one against all       {one / len(asked) * 1e6:9.1f} us")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--hashes", type=int, default=100_000)
    parser.add_argument("--planted", type=int, default=5000)
    parser.add_argument("--cluster", type=float, default=0.2)
    parser.add_argument("--slow", action="store_true")
    asked = parser.parse_args()
    bodies = [webp(drawn(number, 0)) for number in range(asked.pages)]
    speed(bodies, [decode(body) for body in bodies])
    seen(min(asked.pages, 100))
    neighbours(asked.hashes, asked.planted, asked.cluster, slow=asked.slow)


if __name__ == "__main__":
    main()
