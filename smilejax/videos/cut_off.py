"""How many bytes of a video file are absent, by what its container says of its own length."""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO


def missing_bytes(path: Path) -> int:
    """Bytes that the container announces and the file does not have, as after a copy that broke off.

    Knows MP4 and MOV (ISO/IEC 14496-12, boxes), AVI (RIFF) and Matroska and WebM (RFC 8794 and 9559); 0 of others, and where
    the container does not say.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        file.seek(0)
        announced: Callable[[BinaryIO, int], int] | None = None
        if head[4:8] in (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide"):
            announced = _of_boxes
        elif head[:4] == b"RIFF":
            announced = _of_riff
        elif head[:4] == b"\x1a\x45\xdf\xa3":
            announced = _of_matroska
        return max(0, announced(file, size) - size) if announced else 0


def _of_boxes(file: BinaryIO, size: int) -> int:
    """Where the last box ends."""
    at = 0
    while at < size:
        file.seek(at)
        header = file.read(16)
        if len(header) < 8:
            return at + 8
        length = struct.unpack(">I", header[:4])[0]
        if length == 1 and len(header) == 16:
            length = struct.unpack(">Q", header[8:16])[0]
        if length == 0:  # to the end of the file
            return size
        if length < 8:
            return at
        at += length
    return at


def _of_riff(file: BinaryIO, size: int) -> int:
    """The end of the first chunk: long AVI files go on in further ones."""
    return 8 + int(struct.unpack("<I", file.read(8)[4:])[0])


def _of_matroska(file: BinaryIO, size: int) -> int:
    """Where the segment behind the header ends, unless its size is unknown, as in a live recording."""
    file.seek(4)
    length = _number(file)
    if length is None:
        return size
    file.seek(length, 1)
    if file.read(4) != b"\x18\x53\x80\x67":
        return size
    length = _number(file)
    return size if length is None else file.tell() + length


def _number(file: BinaryIO) -> int | None:
    """A number of variable length; None where all its bits are ones, which stands for unknown."""
    first = file.read(1)
    if not first or first[0] == 0:
        return None
    count = 8 - first[0].bit_length()
    value = int.from_bytes(bytes([first[0] & (0x7F >> count)]) + file.read(count))
    return None if value == (1 << 7 * (count + 1)) - 1 else value
