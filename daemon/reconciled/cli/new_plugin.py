"""`reconciled new-plugin NAME`: a folder with a plugin that works, for somebody to make it their app's.

What is written is a whole distribution: a source, a fake of its app, its contract test, README.
The files lie beside this one as the plugin of an app named Bookshelf; its name is replaced.
"""

import ast
import importlib.util
import keyword
import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import click

from reconciled.cli.text import plain, say
from reconciled.cli.trouble import Failed
from reconciled.plugins import discover

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LONGEST = 40
_SUFFIX = ".in"


@click.command("new-plugin")
@click.argument("name")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    help="Where to write it; else reconciled-NAME in the current folder. It must not exist, or be empty.",
)
def new_plugin(name: str, folder: Path | None) -> None:
    """Write a plugin for the app NAME that works and is tested, to be changed part by part.

    NAME is what stands in a config: lower case letters, digits and underscores.
    """
    templates = dict(_templates())
    _check(name, templates)
    target = folder or Path(f"reconciled-{name.replace('_', '-')}")
    try:
        if target.exists() and any(target.iterdir()):
            raise Failed(f"{target} is there and not empty; choose another with --folder")
        for path, text in templates.items():
            file = target / named(path, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(named(text, name), "utf-8")
            click.echo(plain(file))
    except OSError as error:
        raise Failed(f"cannot write to {error.filename or target}: {error.strerror}") from error
    say(
        f"Written. Next: cd {target} && pip install --editable '.[dev]' && pytest; its README says what then."
    )


def named(text: str, name: str) -> str:
    """A text of the plugin named Bookshelf, as one of the plugin with this name."""
    return (
        text.replace("reconciled-bookshelf", f"reconciled-{name.replace('_', '-')}")
        .replace("bookshelf", name)
        .replace("Bookshelf", _class(name))
    )


def _class(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _check(name: str, templates: Mapping[str, str]) -> None:
    """Refuse what cannot be the name of an app, or of a class beside those of the plugin itself."""
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        raise Failed(
            f"{name!r} cannot name an app: lower case letters, digits and single underscores between them, "
            f"a letter first, {_LONGEST} at most; for example bookshelf or photo_box"
        )
    if name.startswith("reconciled"):
        raise Failed(
            f"{name} begins with reconciled; give the app's own name, the package gets that by itself"
        )
    code = [ast.parse(text) for path, text in templates.items() if path.endswith(".py")]
    if keyword.iskeyword(_class(name)) or _class(name) in {word for tree in code for word in _words(tree)}:
        raise Failed(
            f"a class named {_class(name)} would clash with another in the plugin's code; "
            "write the app's name in full, or another that is its"
        )
    if importlib.util.find_spec(f"reconciled_{name}") is not None or name in discover().types:
        raise Failed(
            f"a plugin for {name} is installed already (see `reconciled plugins`); choose another name"
        )


def _words(tree: ast.Module) -> Iterator[str]:
    """The names that the code of a module uses, but for the app's own."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=word) | ast.ClassDef(name=word) | ast.alias(name=word) if word != "Bookshelf":
                yield word
            case _:
                continue


def _templates() -> Iterator[tuple[str, str]]:
    """Path below the new folder and text of each file."""
    top = files("reconciled.cli") / "new_plugin_files"
    yield from sorted(_below(top, ""))


def _below(folder: Traversable, path: str) -> Iterator[tuple[str, str]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _below(entry, f"{path}{entry.name}/")
        elif entry.name.endswith(_SUFFIX):
            yield f"{path}{entry.name.removesuffix(_SUFFIX)}", entry.read_text("utf-8")


COMMANDS = (new_plugin,)
