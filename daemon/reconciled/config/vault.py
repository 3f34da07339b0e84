"""Resolves `!secret NAME`, `!env NAME` and `!credential NAME` to text.

A name that gives nothing raises `NoValueError` with the remedy. The secrets file stands beside the
main config, is read once and only if something asks for it, and is refused when others than its
owner can read it; that is told once, at the first use. The values are never part of a message.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import yaml

from reconciled.config.files import UnreadableError, read_text
from reconciled.config.nodes import CORE, BadYamlError, compose, mark_of
from reconciled.config.problems import Mark, Problem, did_you_mean, say_where

FILE = "secrets.yaml"

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")


class NoValueError(Exception):
    """There is no value of that name. Without a message: it was told before."""


class Vault:
    """The values that stand outside of the config; collects what it read and what is wrong there."""

    def __init__(self, folder: Path, *, environ: Mapping[str, str]) -> None:
        self.files: set[Path] = set()
        self.problems: list[Problem] = []
        self._path = folder / FILE
        self._environ = environ
        self._secrets: dict[str, str | None] | None = None
        self._unusable = False

    def resolve(self, tag: str, name: str) -> str:
        """The text that `!tag name` stands for; raises `NoValueError`."""
        if not _NAME.fullmatch(name):
            raise NoValueError(f"!{tag} needs one plain name after it")
        match tag:
            case "secret":
                value = self._secret(name)
            case "env":
                value = self._variable(name)
            case _:
                value = self._credential(name)
        if not value:
            raise NoValueError(f"!{tag} {name} is empty")
        return value

    def _variable(self, name: str) -> str:
        if name not in self._environ:
            raise NoValueError(f"the environment variable {name} is not set")
        return self._environ[name]

    def _credential(self, name: str) -> str:
        folder = self._environ.get("CREDENTIALS_DIRECTORY")
        if not folder:
            raise NoValueError(
                "CREDENTIALS_DIRECTORY is not set; systemd sets it for LoadCredential=. By hand, as root, "
                "set it to /run/credentials/reconciled.service while the service runs"
            )
        if name in (".", ".."):
            raise NoValueError("!credential needs one plain name after it")
        path = Path(folder) / name
        self.files.add(path)
        try:
            return read_text(path).rstrip("\r\n")
        except UnreadableError as error:
            raise NoValueError(str(error)) from None

    def _secret(self, name: str) -> str:
        if self._unusable:
            raise NoValueError
        if self._secrets is None:
            self._secrets = self._read()
        if name not in self._secrets:
            raise NoValueError(f"there is no {name!r} in {self._path}{did_you_mean(name, self._secrets)}")
        value = self._secrets[name]
        if value is None:
            raise NoValueError
        return value

    def _read(self) -> dict[str, str | None]:
        """The secrets by name; None for one that is written wrongly."""
        self.files.add(self._path)
        self._unusable = True
        try:
            root = compose(read_text(self._path, private=True))
        except UnreadableError as error:
            raise NoValueError(str(error)) from None
        except BadYamlError as error:
            self._wrong(Mark(self._path, error.line, error.column), "", str(error))
            raise NoValueError from None
        if not isinstance(root, yaml.MappingNode):
            self._wrong(Mark(self._path, 1, 1), "", "secrets are written one a line, as NAME: value")
            raise NoValueError
        self._unusable = False
        secrets: dict[str, str | None] = {}
        first: dict[str, Mark] = {}
        for key, value in root.value:
            self._keep(key, value, secrets=secrets, first=first)
        return secrets

    def _keep(
        self, key: yaml.Node, value: yaml.Node, *, secrets: dict[str, str | None], first: dict[str, Mark]
    ) -> None:
        mark = mark_of(key, self._path)
        if not isinstance(key, yaml.ScalarNode):
            self._wrong(mark, "", "a name belongs here")
        elif key.value in first:
            self._wrong(mark, key.value, f"is set twice; first at {first[key.value]}")
        elif not (isinstance(value, yaml.ScalarNode) and value.tag.startswith(CORE)):
            first[key.value] = mark
            secrets[key.value] = None
            self._wrong(mark, key.value, "a secret is one text; quote it if YAML's own signs are in it")
        else:
            first[key.value] = mark
            secrets[key.value] = "" if value.tag == f"{CORE}null" else str(value.value)

    def _wrong(self, mark: Mark, name: str, message: str) -> None:
        self.problems.append(Problem(mark, say_where((name,) if name else ()), message))
