"""JAX's cache of compiled programs with a digest of our own in each entry.

JAX trusts what it finds: an entry that was cut off by a kill or a full disk is warned of at every start and never replaced,
and of one with a flipped byte nobody can tell what it computes. Here an entry is a digest and the program; what does not fit
its digest is compiled and written again, and where nothing can be written nothing is said, since only time depends on it.
"""

import os
from pathlib import Path

from jax._src import compilation_cache  # no public way leads to the place of its files
from jax._src.compilation_cache_interface import CacheInterface

from smilejax._util.errors import OutputError
from smilejax._util.json_files import write_bytes
from smilejax._util.sealed import sealed, unsealed

CHECKED = "SMILEJAX_CHECKED_CACHE"
"""Environment variable that asks for such a cache; the command line sets it, and a library's user keeps JAX's own."""
SUFFIX = "-checked"
"""Entries of JAX's own kind, in a folder that the user named, are called otherwise and left alone."""


class CheckedCache(CacheInterface):
    """A folder of compiled programs by their keys, which JAX makes of all that they depend on.

    Arguments:
        folder: made when there is something to write.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder

    def get(self, key: str) -> bytes | None:
        """The program, if it is there and as it was written."""
        try:
            return unsealed(self._file(key).read_bytes())
        except OSError:
            return None

    def put(self, key: str, value: bytes) -> None:
        """Keep a program in one step, if there is room."""
        try:
            write_bytes(self._file(key), sealed(value))
        except OutputError:  # a full or read-only disk: it is compiled the next time too
            return

    def _file(self, key: str) -> Path:
        return self._path / f"{key}{SUFFIX}"


def install_if_asked() -> None:
    """Have JAX use such a cache in the folder that it was given, from the next program on, where `CHECKED` is set."""
    if not os.environ.get(CHECKED):
        return

    def checked(path: str) -> tuple[CacheInterface, str]:
        return CheckedCache(Path(path)), path

    compilation_cache.get_file_cache = checked
    compilation_cache.reset_cache()
