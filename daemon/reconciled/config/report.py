"""The text of `reconciled check` and `check --diff`: pure, from what `load` and `diff` gave to lines."""

from collections.abc import Iterator

from reconciled.config.diff import Diff
from reconciled.config.load import Loaded
from reconciled.config.problems import Problem


def report(loaded: Loaded) -> tuple[str, ...]:
    """One line a problem or warning, in the order of the files; warnings say so. Flawless: none."""
    told = [(problem, "") for problem in loaded.problems]
    told += [(problem, "warning") for problem in loaded.warnings]
    told.sort(key=lambda one: _order(one[0]))
    return tuple(problem.line(severity) for problem, severity in told)


def _order(problem: Problem) -> tuple[str, int, int]:
    mark = problem.mark
    return (str(mark.file), mark.line, mark.column) if mark is not None else ("", 0, 0)


def summary(loaded: Loaded) -> str:
    """One sentence for the end: how many problems, or what a good config says."""
    warnings = _count(len(loaded.warnings), "warning")
    if loaded.settings is None:
        return f"{_count(len(loaded.problems), 'problem')}, {warnings}"
    settings = loaded.settings
    names = ", ".join(settings.sources) or "none"
    said = f"good: mode {settings.mode}, {_count(len(settings.sources), 'source')} ({names})"
    if settings.policies:
        said += f", {_count(len(settings.policies), 'policy', 'policies')} ({', '.join(settings.policies)})"
    if settings.mirrors:
        said += f", {_count(len(settings.mirrors), 'mirror')} ({', '.join(settings.mirrors)})"
    return f"{said}, {warnings}" if loaded.warnings else said


def report_diff(changes: Diff) -> tuple[str, ...]:
    """What a reload would do, one line each; one line also when it is nothing."""
    lines = [f"+ sources.{name}: is added; its first scan is a baseline" for name in sorted(changes.added)]
    lines += [f"- sources.{name}: is stopped, its items are frozen" for name in sorted(changes.removed)]
    lines += [f"~ sources.{name}: is restarted" for name in sorted(changes.changed)]
    lines += _policies(changes)
    lines += _mirrors(changes)
    lines += [f"+ notify.{name}: is added" for name in sorted(changes.channels.added)]
    lines += [f"- notify.{name}: is removed" for name in sorted(changes.channels.removed)]
    lines += [f"~ notify.{name}: counts at once" for name in sorted(changes.channels.changed)]
    lines += [f"~ {name}: counts from the next start on" for name in changes.daemon]
    lines += [f"~ {name}: counts at once" for name in changes.live]
    return tuple(lines) or ("nothing changes",)


def _policies(changes: Diff) -> Iterator[str]:
    names = changes.policies
    yield from (
        f"+ policies.{name}: is added; its first actions are a first batch" for name in sorted(names.added)
    )
    yield from (
        f"- policies.{name}: is removed; nothing more is done for it" for name in sorted(names.removed)
    )
    for name in sorted(names.changed):
        says = "changed; its next actions are a first batch" if name in changes.reworded else "counts at once"
        yield f"~ policies.{name}: {says}"


def _mirrors(changes: Diff) -> Iterator[str]:
    names = changes.mirrors
    yield from (
        f"+ policies.{name}: is added; its first run looks at every file" for name in sorted(names.added)
    )
    yield from (f"- policies.{name}: is removed; what it brought stays" for name in sorted(names.removed))
    for name in sorted(names.changed):
        says = "changed; its next run looks at every file" if name in changes.begun_anew else "counts at once"
        yield f"~ policies.{name}: {says}"


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or f'{one}s'}"
