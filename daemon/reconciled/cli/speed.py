"""How fast a run carries files, how long that still takes, and what it came to: in words for people.

The speed is that of the last half minute, so that a pause shows and an old hurry is forgotten. Time left
is told by bytes where all of them are known, else by files.
"""

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from reconciled.cli.text import Row, plain
from reconciled.units import say_duration, say_size

WINDOW = 30.0
LEAST = 2.0
"""Seconds that have to be seen before anything is said of a speed."""
DUPLICATES = "duplicates"
_PASSES = {DUPLICATES: " papers"}
_GROUPS = ("opened", "changed", "over", "asked_again")
_WORDS = {"waits": "wait", "same": "as they were"}
"""What a run counts by target, where its own word does not read well."""


class Speed:
    """What was done lately. `now` is a clock in seconds that only moves on."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._seen: deque[tuple[float, int, int]] = deque()

    def saw(self, files: int, size: int) -> None:
        """So many files, and bytes, are done by now."""
        now = self._now()
        self._seen.append((now, files, size))
        while len(self._seen) > 2 and self._seen[1][0] <= now - WINDOW:
            self._seen.popleft()

    def per_second(self) -> tuple[float, float] | None:
        """Files and bytes a second; None while too little was seen."""
        if not self._seen or (seconds := self._seen[-1][0] - self._seen[0][0]) < LEAST:
            return None
        (_, files, size), (_, first_files, first_size) = self._seen[-1], self._seen[0]
        return (files - first_files) / seconds, (size - first_size) / seconds


def carried(run: Row, speed: Speed) -> str:
    """`12 MiB of 1.2 GiB, 3.4 MiB/s, 80 files/min, 5 min left, 2 failed`; of a pass that tells its own rate
    `comparing, 2100 papers/s, 40 s left`; empty for any other run.
    """
    progress = run.get("progress") or {}
    done, total = _count(progress, "done") or 0, _count(progress, "total")
    size, whole = _count(progress, "bytes") or 0, _count(progress, "bytes_total")
    if run.get("policy") is None:
        return _told(run, progress)
    speed.saw(done, size)
    parts = [say_size(size) if whole is None else f"{say_size(size)} of {say_size(whole)}"]
    rate = speed.per_second()
    if rate is not None and run.get("state") == "running":
        files_a_second, bytes_a_second = rate
        parts += [f"{say_size(bytes_a_second)}/s", f"{files_a_second * 60:.0f} files/min"]
        left = _left(whole, size, bytes_a_second) if whole else _left(total, done, files_a_second)
        if left is not None:
            parts.append(f"{say_duration(left)} left")
    if failed := _count(progress, "failed"):
        parts.append(f"{failed} failed")
    return ", ".join(parts)


def things(run: Row) -> str:
    """What a run's progress counts, where it is said how far it is: ` files` of a mirror."""
    return " files" if run.get("policy") is not None else _PASSES.get(str(run.get("pass")), "")


def _told(run: Row, progress: Mapping[str, Any]) -> str:
    """What a run says itself of its stage, rate and time left, while it is under way."""
    if run.get("state") != "running":
        return ""
    rate, left = progress.get("rate"), progress.get("left")
    parts = [str(progress["stage"])] if progress.get("stage") else []
    if isinstance(rate, int | float):
        parts.append(f"{rate:.0f}{things(run)}/s" if rate >= 1 else f"{rate * 60:.1f}{things(run)}/min")
    if isinstance(left, int | float):
        parts.append(f"{say_duration(left)} left")
    return plain(", ".join(parts))


def _left(total: int | None, done: int, rate: float) -> float | None:
    """Seconds until all is done; None when that cannot be told."""
    return max(0.0, total - done) / rate if total is not None and rate > 0 else None


def summary(run: Row) -> list[str]:
    """What a run came to, in lines: a mirror's, or a search for duplicates. None while it is under way."""
    stats = run.get("stats")
    if run.get("state") in (None, "running") or not isinstance(stats, Mapping):
        return []
    if run.get("pass") == DUPLICATES:
        return _searched(run, stats)
    if run.get("policy") is None:
        return []
    name = plain(run["policy"])
    failed, seconds = _count(stats, "failed") or 0, stats.get("seconds")
    in_time = f" in {say_duration(float(seconds))}" if isinstance(seconds, int | float) else ""
    files = _files(_count(stats, "files") or 0)
    lines = [f"{name}: {files}, {say_size(_count(stats, 'bytes') or 0)}{in_time}, {failed} failed"]
    wanted = _count(stats, "wanted") or 0
    if wanted and not stats.get("targets") and run.get("state") == "complete":
        lines = [f"{name}: {_files(wanted)} would be brought; this run only says so"]
    targets = stats.get("targets")
    for target, words in sorted(targets.items()) if isinstance(targets, Mapping) else ():
        told = ", ".join(f"{n} {_WORDS.get(word, word)}" for word, n in words.items() if n)
        lines.append(f"  {plain(target)}: {plain(told) or 'nothing'}")
    if left_out := stats.get("left_out"):
        lines.append(f"  left out, since not well: {plain(', '.join(map(str, left_out)))}")
    if run.get("error"):
        lines.append(f"  {plain(run['error'])}")
    if run.get("resume_from"):
        lines.append(f"  the next run goes on after {plain(run['resume_from'])}")
    return lines


def _searched(run: Row, stats: Mapping[str, Any]) -> list[str]:
    """What a search for duplicates came to; what one that was cut off did stands, and is not told."""
    if run.get("state") != "complete":
        why = plain(run.get("error")) or plain(run.get("state"))
        return [f"{DUPLICATES}: {why}", "  what it did stands; the next run goes on from there"]
    search, groups = _inner(stats, "search"), _inner(stats, "groups")
    lines = [f"{DUPLICATES}: {_count(stats, 'looked_up') or 0} new papers compared with all"]
    if search:
        papers, pairs = _count(search, "papers") or 0, _count(search, "pairs") or 0
        lines = [f"{DUPLICATES}: {papers} papers, {pairs} pairs compared"]
    told = [f"{_count(groups, name) or 0} {name.replace('_', ' ')}" for name in _GROUPS]
    lines.append(f"  groups: {', '.join(told)}")
    for name, read in _inner(stats, "sources").items():
        if isinstance(read, Mapping) and read.get("trouble"):
            lines.append(f"  {plain(name)} was left out: {plain(read['trouble'])}")
    return lines


def _inner(stats: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = stats.get(name)
    return found if isinstance(found, Mapping) else {}


def _files(count: int) -> str:
    return f"{count} file" if count == 1 else f"{count} files"


def _count(found: Mapping[str, Any], name: str) -> int | None:
    value = found.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
