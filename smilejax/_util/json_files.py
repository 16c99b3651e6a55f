"""JSON files that are written whole or not at all, and digests by which a change to a file is noticed."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from smilejax._util.files import write_atomically

SIGNATURE = "sha256"
"""The name in a signed record under which the digest of all the rest stands."""


def json_bytes(content: object, *, indent: int = 2, sort_keys: bool = False) -> bytes:
    """JSON as files hold it: UTF-8, indented, ending in a line feed.

    Raises:
        ValueError: a number that is not finite. TypeError: a value that JSON cannot hold.
    """
    text = json.dumps(content, indent=indent, sort_keys=sort_keys, ensure_ascii=False, allow_nan=False)
    return encoded(f"{text}\n")


def encoded(text: str) -> bytes:
    r"""JSON as UTF-8. A byte of a file's name that is no UTF-8 is a lone surrogate in Python, and is escaped: `\udcff`."""
    return text.encode(errors="backslashreplace")


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file in one step. Raises `OutputError` as `write_atomically`."""

    def write(temporary: Path) -> None:
        temporary.write_bytes(content)

    write_atomically(path, write)


def write_json(path: Path, content: object, *, indent: int = 2) -> None:
    """Write a JSON file in one step. Raises `OutputError` as `write_atomically`, and as `json_bytes`."""
    write_bytes(path, json_bytes(content, indent=indent))


def sha256_of_bytes(content: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def sha256_of_file(path: Path) -> str:
    """SHA-256 of a file's content, which need not fit into memory."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def sha256_of_arrays(*arrays: npt.ArrayLike) -> str:
    """SHA-256 of arrays: of their types, shapes and bytes."""
    digest = hashlib.sha256()
    for values in map(np.asarray, arrays):
        digest.update(f"{values.dtype.str}{values.shape}".encode())
        digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()


def sha256_of_json(content: object) -> str:
    """SHA-256 of a JSON value, whatever the order of its names and however it is indented."""
    return sha256_of_bytes(json.dumps(content, sort_keys=True, allow_nan=False).encode())


def sha256_of_files(folder: Path, files: Iterable[Path]) -> dict[str, str]:
    """SHA-256 of files below a folder by their path in it, in order of the paths; what is no file is passed over."""
    return {str(path.relative_to(folder)): sha256_of_file(path) for path in sorted(files) if path.is_file()}


def signed(record: Mapping[str, object]) -> dict[str, object]:
    """The record with the digest of its content, which `is_intact` looks at.

    Example:
        >>> record = signed({"a": 1})
        >>> is_intact(record), is_intact(record | {"a": 2})
        (True, False)
    """
    content = {name: value for name, value in record.items() if name != SIGNATURE}
    return {**content, SIGNATURE: sha256_of_json(content)}


def is_intact(record: Mapping[str, object]) -> bool:
    """Whether a signed record is what was signed."""
    return record.get(SIGNATURE) == signed(record)[SIGNATURE]
