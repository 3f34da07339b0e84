"""YAML text to PyYAML's node tree, whose every node knows its line and column.

Only the composer is used: no tag constructs anything, and what a plain scalar means is decided
here (a sexagesimal `1:30`, an octal `0123` or a date stays the text that was written). Messages
about bad YAML never quote the text itself, which may be a secret.
"""

import re
from pathlib import Path

import yaml
from yaml.composer import ComposerError
from yaml.reader import ReaderError
from yaml.scanner import ScannerError

from reconciled.config.problems import Mark

CORE = "tag:yaml.org,2002:"
DEPTH = 50
"""How deep lists and mappings may nest."""

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?[0-9]{1,300}\.[0-9]{0,300}([eE][-+]?[0-9]{1,2})?")
_QUOTED = re.compile(r" '[^'<]{2,}'")


class BadYamlError(Exception):
    """The text is no YAML; `line` and `column` count from 1."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class _Loader(yaml.SafeLoader):
    """Counts how deep it is: PyYAML itself would run out of stack."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self.depth += 1
        if self.depth > DEPTH:
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # the stubs say nothing of it
            raise ComposerError(problem="nested too deep", problem_mark=mark)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def compose(text: str) -> yaml.Node | None:
    """The tree of one YAML document, None when it holds nothing; raises `BadYamlError` and nothing else."""
    try:
        loader = _Loader(text)
        try:
            return loader.get_single_node()
        finally:
            loader.dispose()
    except ReaderError as error:
        raise _unprintable(text, error.position) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        raise BadYamlError(_explain(error), line, column) from None
    except Exception as error:  # noqa: BLE001  # PyYAML leaks ValueError and others, e.g. for "\UFFFFFFFF"
        raise BadYamlError(f"this is no YAML ({type(error).__name__})", 1, 1) from None


def _unprintable(text: str, position: int) -> BadYamlError:
    before = text[:position]
    message = f"the character U+{ord(text[position]):04X} may not stand in YAML"
    return BadYamlError(message, before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1)


def _explain(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or "this is no YAML"
    match error:
        case ScannerError() if "'\\t'" in problem:
            said = "a tab; YAML is indented with spaces"
        case ComposerError() if "undefined alias" in problem:
            said = "text that begins with * means an anchor, and there is none of that name; quote the text"
        case ComposerError() if "another document" in problem:
            said = "a second document begins here; a config is one document"
        case _:
            said = _QUOTED.sub("", problem) + _of_what(error)
    return f"bad YAML: {said}"


def _of_what(error: yaml.MarkedYAMLError) -> str:
    """Where that begins which goes wrong here, such as a text whose closing quote is missing."""
    begins, here = error.context_mark, error.problem_mark
    if begins is None or here is None or begins.line == here.line:
        return ""
    return f"; it belongs to what begins in line {begins.line + 1}"


def mark_of(node: yaml.Node, file: Path) -> Mark:
    """Where a node begins."""
    return Mark(file, node.start_mark.line + 1, node.start_mark.column + 1)


def scalar(node: yaml.ScalarNode) -> bool | int | float | str | None:
    """What a scalar without a tag of ours means; anything in doubt is the text as written."""
    text = str(node.value)
    match node.tag.removeprefix(CORE):
        case "null":
            return None
        case "bool":
            return text.lower() in ("yes", "true", "on")
        case "int" if _INTEGER.fullmatch(text):
            return int(text)
        case "float" if _FLOAT.fullmatch(text):
            return float(text)
        case _:
            return text
