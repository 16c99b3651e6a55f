"""The files of a folder that may hold recordings."""

from pathlib import Path

from smilejax._util.errors import ReadError


def files_of(folder: Path) -> list[Path]:
    """Files of a folder by name, without hidden ones and the locks (`~$`) of Excel.

    Raises:
        ReadError: the folder cannot be opened.
    """
    try:
        found = [f for f in folder.iterdir() if f.is_file() and not f.name.startswith((".", "~$"))]
    except OSError as error:
        raise ReadError(f"{folder}: the folder cannot be opened ({error.strerror}).") from error
    return sorted(found, key=lambda f: f.name)
