"""A config file, with what it includes, as plain values that know where they were written.

`read` never raises: what is wrong becomes a problem with its place, the value there is None and
its place stands in `broken`, so that nobody complains about it twice. Values from `!secret`,
`!env` and `!credential` are `SecretStr`. Aliases are followed within a budget: a few lines of
YAML can otherwise stand for billions of values.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import SecretStr

from reconciled.config.document import Document, Place, Value
from reconciled.config.files import UnreadableError, read_text
from reconciled.config.nodes import CORE, BadYamlError, compose, mark_of, scalar
from reconciled.config.problems import Mark, Problem, Where, did_you_mean, say_where
from reconciled.config.vault import NoValueError, Vault

BUDGET = 50_000
"""The most values in one config, aliases and includes counted each time."""

_TAGS = ("secret", "env", "credential", "include")
_SCALARS = ("null", "bool", "int", "float", "str", "timestamp", "value", "merge")
_PLAIN_TAGS = frozenset(f"{CORE}{name}" for name in _SCALARS)


def read(path: Path, *, environ: Mapping[str, str]) -> Document:
    """Read a config file and all that it names; never raises."""
    document = Document(path)
    vault = Vault(path.parent, environ=environ)
    _Walk(document, vault).top()
    document.problems += vault.problems
    document.files |= vault.files
    return document


@dataclass(frozen=True, slots=True)
class _File:
    """The file that is being read, and those that include it (resolved, for the cycle)."""

    path: Path
    chain: tuple[Path, ...]


class _TooMuchError(Exception):
    """The budget is spent."""


class _Walk:
    """Turns nodes into values, depth first, in the order of the file."""

    def __init__(self, document: Document, vault: Vault) -> None:
        self._document = document
        self._vault = vault
        self._left = BUDGET
        self._open: set[int] = set()

    def top(self) -> None:
        path = self._document.path
        self._document.files.add(path)
        try:
            self._document.value = self._file(_File(path, (_resolve(path),)), ())
        except UnreadableError as error:
            self._document.problems.append(Problem(None, "", str(error)))
        except _TooMuchError:
            self._document.value = None
            self._wrong((), f"the config stands for more than {BUDGET} values; look at its anchors")

    def _file(self, file: _File, where: Where) -> Value:
        text = read_text(file.path)
        start = Mark(file.path, 1, 1)
        try:
            root = compose(text)
        except BadYamlError as error:
            return self._wrong(where, str(error), mark=Mark(file.path, error.line, error.column))
        if root is None or (isinstance(root, yaml.ScalarNode) and root.value == ""):
            return self._wrong(where, "the file is empty", mark=start)
        if not where and not isinstance(root, yaml.MappingNode):
            return self._wrong(where, "a config is a mapping of settings: `mode: dry-run`", mark=start)
        mark = mark_of(root, file.path)
        self._document.places[where] = Place(self._document.places[where].key if where else mark, mark)
        return self._value(root, where, file)

    def _spend(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise _TooMuchError

    def _value(self, node: yaml.Node, where: Where, file: _File) -> Value:
        self._spend()
        tag = node.tag
        if tag.startswith("!"):
            return self._tagged(node, where, file)
        if isinstance(node, yaml.ScalarNode):
            return scalar(node) if tag in _PLAIN_TAGS else self._unknown_tag(tag, where)
        if id(node) in self._open:
            return self._wrong(where, "this alias stands for something that it is part of")
        self._open.add(id(node))
        try:
            return self._collection(node, where, file)
        finally:
            self._open.discard(id(node))

    def _collection(self, node: yaml.Node, where: Where, file: _File) -> Value:
        if isinstance(node, yaml.MappingNode) and node.tag == f"{CORE}map":
            return self._mapping(node, where, file)
        if isinstance(node, yaml.SequenceNode) and node.tag == f"{CORE}seq":
            return self._sequence(node, where, file)
        return self._unknown_tag(node.tag, where)

    def _sequence(self, node: yaml.SequenceNode, where: Where, file: _File) -> Value:
        values: list[Value] = []
        for number, child in enumerate(node.value):
            mark = mark_of(child, file.path)
            self._document.places[*where, number] = Place(mark, mark)
            values.append(self._value(child, (*where, number), file))
        return values

    def _mapping(self, node: yaml.MappingNode, where: Where, file: _File) -> Value:
        values: dict[str, Value] = {}
        merged: list[yaml.Node] = []
        for key, child in node.value:
            if key.tag == f"{CORE}merge":
                merged.append(child)
            else:
                self._pair(key, child, where, file=file, values=values)
        for child in merged:
            self._merge(child, where, file, values=values)
        return values

    def _pair(
        self, key: yaml.Node, child: yaml.Node, where: Where, *, file: _File, values: dict[str, Value]
    ) -> None:
        mark = mark_of(key, file.path)
        if not isinstance(key, yaml.ScalarNode) or key.tag.startswith("!") or not key.value:
            self._wrong(where, "the name of a setting belongs here", mark=mark)
            return
        name = str(key.value)
        at: Where = (*where, name)
        if name in values:
            self._wrong(at, f"is set twice; first at {self._document.places[at].key}", mark=mark)
            return
        self._document.places[at] = Place(mark, mark_of(child, file.path))
        values[name] = self._value(child, at, file)

    def _merge(self, node: yaml.Node, where: Where, file: _File, *, values: dict[str, Value]) -> None:
        """YAML's `<<`: what the mapping itself says goes before what it merges in."""
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        for one in nodes:
            self._spend()
            if not isinstance(one, yaml.MappingNode) or id(one) in self._open:
                self._wrong(where, "<< merges mappings only", mark=mark_of(one, file.path))
                continue
            self._open.add(id(one))
            for key, child in one.value:
                if key.tag == f"{CORE}merge":
                    self._merge(child, where, file, values=values)
                elif not (isinstance(key, yaml.ScalarNode) and key.value in values):
                    self._pair(key, child, where, file=file, values=values)
            self._open.discard(id(one))

    def _tagged(self, node: yaml.Node, where: Where, file: _File) -> Value:
        tag = node.tag[1:]
        if tag not in _TAGS:
            return self._unknown_tag(node.tag, where)
        if not isinstance(node, yaml.ScalarNode) or not node.value:
            return self._wrong(where, f"!{tag} needs one plain name after it")
        if tag == "include":
            return self._include(str(node.value), where, file)
        try:
            value = SecretStr(self._vault.resolve(tag, str(node.value)))
        except NoValueError as error:
            return self._wrong(where, str(error))
        self._document.tags[where] = tag
        return value

    def _include(self, name: str, where: Where, file: _File) -> Value:
        path = file.path.parent / name
        found = _resolve(path)
        if found in file.chain:
            return self._wrong(where, f"{path} includes itself")
        self._document.files.add(path)
        try:
            return self._file(_File(path, (*file.chain, found)), where)
        except UnreadableError as error:
            return self._wrong(where, str(error))

    def _unknown_tag(self, tag: str, where: Where) -> Value:
        known = [f"!{name}" for name in _TAGS]
        return self._wrong(where, f"unknown tag; there are {', '.join(known)}{did_you_mean(tag, known)}")

    def _wrong(self, where: Where, message: str, *, mark: Mark | None = None) -> Value:
        """Note a problem (none without a message) and that there is no usable value."""
        self._document.broken.add(where)
        if message:
            place = mark if mark is not None else self._document.place(where).value
            self._document.problems.append(Problem(place, say_where(where), message))
        return None


def _resolve(path: Path) -> Path:
    """The real path, for comparison only; itself when it cannot be told."""
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):
        return path
