"""The text of `reconciled check` and `check --diff`: pure, from what `load` and `diff` gave to lines."""

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
    return f"{said}, {warnings}" if loaded.warnings else said


def report_diff(changes: Diff) -> tuple[str, ...]:
    """What a reload would do, one line each; one line also when it is nothing."""
    lines = [f"+ sources.{name}: is added; its first scan is a baseline" for name in sorted(changes.added)]
    lines += [f"- sources.{name}: is stopped, its items are frozen" for name in sorted(changes.removed)]
    lines += [f"~ sources.{name}: is restarted" for name in sorted(changes.changed)]
    lines += [f"~ {name}: counts from the next start on" for name in changes.daemon]
    lines += [f"~ {name}: counts at once" for name in changes.live]
    return tuple(lines) or ("nothing changes",)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
