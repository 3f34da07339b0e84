"""What a file is by its name: the same on every box, whatever its own tables say."""

import mimetypes

_MORE = {
    ".7z": "application/x-7z-compressed",
    ".avif": "image/avif",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".epub": "application/epub+zip",
    ".flac": "audio/flac",
    ".heic": "image/heic",
    ".heif": "image/heif",
    ".m4a": "audio/mp4",
    ".m4v": "video/x-m4v",
    ".md": "text/markdown",
    ".mkv": "video/x-matroska",
    ".odp": "application/vnd.oasis.opendocument.presentation",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ogg": "audio/ogg",
    ".opus": "audio/opus",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".rtf": "application/rtf",
    ".webp": "image/webp",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
}
_PACKED = {
    ".bz2": "application/x-bzip2",
    ".gz": "application/gzip",
    ".xz": "application/x-xz",
    ".zst": "application/zstd",
}
_KNOWN = {**mimetypes.MimeTypes().types_map[True], **_MORE, **_PACKED}


def type_of(path: str) -> str | None:
    """The MIME type that its extension stands for; None when that is not known."""
    name = path.rpartition("/")[2]
    stem, dot, extension = name.rpartition(".")
    return _KNOWN.get(f".{extension.lower()}") if stem and dot else None
