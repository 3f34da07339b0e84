"""Plugins' own settings: secrets wherever they stand in a model, and validators that misbehave."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Secret,
    SecretStr,
    field_validator,
    model_validator,
)

from reconciled.config import Loaded, load, report
from reconciled.config.fields import is_secret, names_of
from reconciled.source import Source, SourceConfig


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    password: SecretStr | None = None
    keep: int = 0


class Wild(SourceConfig):
    url: str = Field(default="http://box.lan", validation_alias="address")
    inner: Inner = Inner()
    many: dict[str, Inner] = Field(default_factory=dict)
    keys: list[Annotated[SecretStr, Field(min_length=6)]] = []  # noqa: RUF012  # pydantic copies it
    number: Secret[int] | None = None
    either: int | list[int] = 0
    loud: Annotated[SecretStr | None, BeforeValidator(lambda value: _raise(f"bad {value!r}"))] = None
    crash: str = ""

    @field_validator("crash")
    @classmethod
    def _crash(cls, value: str) -> str:
        raise TypeError(value)

    @model_validator(mode="after")
    def _whole(self) -> "Wild":
        if self.inner.password is not None and self.inner.keep:
            raise ValueError(f"keep does not go with {self.inner.password.get_secret_value()}")
        return self


def _raise(message: str) -> None:
    raise ValueError(message)


@pytest.fixture
def load_wild(folder: Path, secrets: Path, types: Mapping[str, type[Source[Any]]]) -> Callable[[str], Loaded]:
    def load_it(settings: str) -> Loaded:
        kind = type("WildStandIn", (types["deaf"],), {"app": "wild", "Config": Wild})
        Path("config.yaml").write_text(f"sources:\n  wild: {{{settings}}}\n")
        return load(Path("config.yaml"), {"wild": kind}, environ={})

    return load_it


OPEN = "a secret in the open; put it in secrets.yaml and write `!secret NAME` here"
NO_SECRET = "this setting is not kept secret; write it here or use !env, not !secret"
CASES = {
    "inner: {password: !secret key}": [],
    "keys: [!secret key, !secret hook]": [],
    "address: http://other.lan": [],
    "url: http://other.lan": ["2:10: sources.wild.url: unknown setting"],
    "inner: {password: hunter2}": [f"2:28: warning: sources.wild.inner.password: {OPEN}"],
    "many: {a: {password: hunter2}}": [f"2:31: warning: sources.wild.many.a.password: {OPEN}"],
    "inner: {pasword: hunter2}": [
        "2:18: sources.wild.inner.pasword: unknown setting; did you mean 'password'?"
    ],
    "many: {a: {kep: 1}}": ["2:21: sources.wild.many.a.kep: unknown setting; did you mean 'keep'?"],
    "inner: {keep: !secret key}": [
        f"2:24: sources.wild.inner.keep: {NO_SECRET}",
    ],
    "keys: [abc]": [
        f"2:17: warning: sources.wild.keys[0]: {OPEN}",
    ],
    "number: hunter2": [
        "2:18: sources.wild.number: a whole number belongs here",
        f"2:18: warning: sources.wild.number: {OPEN}",
    ],
    "either: x": [
        "2:18: sources.wild.either: a whole number belongs here; or a list belongs here, such as [one, two]"
    ],
    "loud: hunter2": [
        "2:16: sources.wild.loud: the value is not of the kind that belongs here",
        f"2:16: warning: sources.wild.loud: {OPEN}",
    ],
    "loud: !secret key": ["2:16: sources.wild.loud: the value is not of the kind that belongs here"],
    "inner: {password: !secret key, keep: 1}": ["2:9: sources.wild: keep does not go with ***"],
    "crash: hunter2": ["2:3: sources.wild: its plugin failed to check the settings (TypeError)"],
}


@pytest.mark.parametrize("settings", CASES)
def test_lines(load_wild: Callable[[str], Loaded], settings: str) -> None:
    lines = report(load_wild(settings))
    if settings == "keys: [abc]":  # pydantic's own words for the length may change
        lines = tuple(line for line in lines if "warning" in line)
    assert lines == tuple(f"config.yaml:{line}" for line in CASES[settings])
    assert "hunter2" not in "".join(lines)


def test_is_secret() -> None:
    for where in [("inner", "password"), ("many", "x", "password"), ("keys", 3), ("number",), ("loud",)]:
        assert is_secret(Wild, where)
    for other in [
        ("address",),
        ("url",),
        ("inner",),
        ("inner", "keep"),
        ("many", "password"),
        ("nothing", "there"),
    ]:
        assert not is_secret(Wild, other)


def test_names_of() -> None:
    assert names_of(Wild)[:2] == ("address", "inner")
