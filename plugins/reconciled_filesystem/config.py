"""The settings of a file system: which folders, which files of them, and how other apps call them."""

from pathlib import PurePosixPath
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from reconciled.source import SourceConfig
from reconciled.units import Duration
from reconciled_filesystem.patterns import check_pattern, chosen, left_out


def check_path(text: str) -> str:
    """The path without a slash at its end; ValueError unless it is absolute and plain."""
    if not text.startswith("/") or "\0" in text or ".." in PurePosixPath(text).parts:
        raise ValueError("an absolute path belongs here, such as /data/films, without `..`")
    plain = str(PurePosixPath(text))
    if plain in ("/", "//"):
        raise ValueError("the whole disk is no folder to follow; name the folders that count")
    return plain


FolderPath = Annotated[str, AfterValidator(check_path)]
Pattern = Annotated[str, AfterValidator(check_pattern)]


class Folder(SourceConfig):
    """One folder with all that is below it. Links are neither followed nor listed."""

    path: FolderPath = Field(description="where it is on this box")
    patterns: Annotated[tuple[Pattern, ...], Field(min_length=1)] = Field(
        default=("**/*",), description="the files that count, below the folder: **/*.mkv"
    )
    exclude: tuple[Pattern, ...] = Field(
        default=(), description="files and folders that do not: **/.*, **/*.part, cache/**"
    )
    marker: str | None = Field(
        default=None,
        description="a file in the folder that is there only while it is mounted, such as .reconciled",
    )

    @field_validator("marker")
    @classmethod
    def _a_name(cls, marker: str | None) -> str | None:
        if marker is not None and (not marker or "/" in marker or marker in (".", "..") or "\0" in marker):
            raise ValueError("the marker is the bare name of a file in the folder")
        return marker

    def counts(self, relative: str) -> bool:
        """Whether a file at this path below the folder is followed; its marker is not."""
        return relative != self.marker and chosen(self.patterns, self.exclude)(relative)


class FilesystemConfig(SourceConfig):
    """Folders, and what is to be known of their files."""

    scope: ClassVar[tuple[str, ...]] = ("folders",)

    folders: Annotated[tuple[Folder, ...], Field(min_length=1)] = Field(
        description="each with its path; patterns, exclude and marker as you like"
    )
    map: dict[FolderPath, FolderPath] = Field(
        default_factory=dict,
        description="how apps in containers call our folders: {/data/films: /media/films}",
    )
    sha256: bool = Field(
        default=False,
        description="read every file once for its checksum; at most 20 GiB a scan",
    )
    trash: FolderPath | None = Field(
        default=None,
        description="where deleted files are moved, on the same file system; by default they are removed",
    )
    receive: FolderPath | None = Field(
        default=None,
        description="where copies are put that a mirror brings here; at or below one of the folders",
    )
    timeout: Duration = Field(default=30.0, gt=0, description="how long the disk may take to answer")

    @model_validator(mode="after")
    def _apart(self) -> Self:
        paths = [folder.path for folder in self.folders]
        for one in paths:
            below = [other for other in paths if other != one and f"{other}/".startswith(f"{one}/")]
            if below or paths.count(one) > 1:
                raise ValueError(
                    f"{below[0] if below else one} is followed twice; one folder cannot lie in another"
                )
        if self.trash is not None:
            for folder in self.folders:
                _check_trash(self.trash, folder)
        if self.receive is not None:
            _check_receive(self.receive, self.folders, self.trash)
        return self

    def takes_no_files(self) -> str | None:
        """A folder for copies has to be named."""
        return None if self.receive is not None else "has no folder for copies; name one with `receive:`"

    def folder_of(self, path: str) -> Folder | None:
        """The folder that a path lies below."""
        return next((one for one in self.folders if path.startswith(f"{one.path}/")), None)


def _check_receive(receive: str, folders: tuple[Folder, ...], trash: str | None) -> None:
    over = next((one for one in folders if f"{receive}/".startswith(f"{one.path}/")), None)
    if over is None:
        raise ValueError(
            f"copies in {receive} would be seen by nobody; it has to lie at or below one of the folders"
        )
    inside = receive[len(over.path) + 1 :]
    if inside and left_out(over.exclude, inside):
        raise ValueError(
            f"{receive} is excluded from the folder {over.path}, so copies there would not count"
        )
    if trash is not None and f"{receive}/".startswith(f"{trash}/"):
        raise ValueError(f"{receive} lies in the trash {trash}")


def _check_trash(trash: str, folder: Folder) -> None:
    if f"{folder.path}/".startswith(f"{trash}/"):
        raise ValueError(f"the trash {trash} holds the folder {folder.path}")
    inside = trash[len(folder.path) + 1 :]
    if trash.startswith(f"{folder.path}/") and not left_out(folder.exclude, inside):
        raise ValueError(
            f"the trash {trash} lies in the folder {folder.path}, and what is moved there would be followed "
            f"again; write exclude: [{inside}] there"
        )
