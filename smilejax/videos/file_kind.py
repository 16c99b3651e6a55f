"""What a file is, by its first bytes: its name says nothing."""

from pathlib import Path
from typing import Final, Literal

from smilejax._util.errors import ReadError

FileKind = Literal["image", "video"]
"""`image`: photos, and animations in the formats of photos (GIF, PNG, WebP)."""

_HEAD = 64
_IMAGES: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"BM", b"II*\0", b"MM\0*")
_OTHERS: Final = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a ZIP archive or an Office document",
    b"\x1f\x8b": "a gzip archive",
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"\x89HDF": "an HDF5 file",
    b"<?xml": "XML",
    b"<svg": "an SVG drawing",
    b"<!DOCTYPE": "a web page",
    b"<html": "a web page",
    b"version https://git-lfs": "a placeholder of Git LFS, whose file was not fetched",
}
_HEIF: Final = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif", b"avis"}
IMAGE_SUFFIXES: Final = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")
VIDEO_SUFFIXES: Final = (".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi", ".mpg", ".mpeg", ".wmv", ".flv", ".gif")
"""Of files that are looked for in a folder. A file that is named itself may be called anything."""
READ: Final = "MP4, MOV, WebM, MKV, AVI, MPEG, GIF; photos as JPEG, PNG, WebP, BMP, TIFF"


def file_kind(path: Path) -> FileKind:
    """Whether a file is an image or may be a video.

    Raises:
        ReadError: it cannot be opened, is empty, or is known to be something else.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise ReadError(f"{path}: cannot be read ({error.strerror or error}).") from None
    if not head:
        raise ReadError(f"{path}: the file is empty (0 bytes).", hint="Copy it again from where it was recorded.")
    for start, words in _OTHERS.items():
        if head.startswith(start):
            raise ReadError(
                f"{path}: is {words}, and neither a video nor a photo, whatever its name says.", hint=_hint()
            )
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF:
        raise ReadError(
            f"{path}: is a photo in the format {head[8:12].decode().upper()} (HEIF), which is not read.",
            hint="Save it as JPEG or PNG.",
        )
    is_webp = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    return "image" if is_webp or head.startswith(_IMAGES) else "video"


def holds_media(path: Path) -> bool:
    """Whether a file is a video or photo by its name or its first bytes, or a folder holds a file that is called as one."""
    called = (*VIDEO_SUFFIXES, *IMAGE_SUFFIXES)
    if path.is_dir():
        return any(one.suffix.lower() in called and not one.name.startswith(".") for one in path.rglob("*"))
    if path.suffix.lower() in called:
        return True
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    boxes = head[4:8] in (b"ftyp", b"moov")
    riff = head[:4] == b"RIFF" and head[8:12] in (b"AVI ", b"WEBP")
    return boxes or riff or head.startswith((*_IMAGES, b"\x1a\x45\xdf\xa3"))


def _hint() -> str:
    return f"What is read: {READ}."
