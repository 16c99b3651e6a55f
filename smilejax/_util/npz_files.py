"""Arrays out of an .npz file that anybody may have made: no code is run, and no more memory taken than the file can fill."""

import io
import math
import zipfile

import numpy as np
import numpy.typing as npt

FREE_BYTES = 2**28
"""Bytes that arrays may take whatever the size of their file: a study of zeros is small on disk."""
MOST_PER_BYTE = 50
"""Above that, bytes of arrays for each byte of the file. Measured predictions and curves are squeezed less than tenfold."""


def fits(taken: int, on_disk: int) -> bool:
    """Whether arrays of so many bytes may come of files of so many."""
    return taken <= max(FREE_BYTES, MOST_PER_BYTE * on_disk)


def read_npz(content: bytes) -> dict[str, npt.NDArray[np.generic]]:
    """The arrays in the bytes of an .npz file, by name.

    Raises:
        ValueError: it is no such file, was damaged, holds Python objects, or claims shapes that it does not hold.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_sizes(archive, len(content))
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (zipfile.BadZipFile, OSError, EOFError, KeyError, NotImplementedError, RuntimeError) as error:
        raise ValueError(f"the arrays cannot be read: {error}") from error


def _check_sizes(archive: zipfile.ZipFile, on_disk: int) -> None:
    """Raise `ValueError` where members are larger than the file can hold, or arrays than their members."""
    taken = 0
    for about in archive.infolist():
        with archive.open(about) as member:
            version = np.lib.format.read_magic(member)
            read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}.get(
                version
            )
            if read is None:
                raise ValueError(f"{about.filename!r} is of version {version} of NumPy's format")
            shape, _, dtype = read(member)
            held = math.prod(shape) * dtype.itemsize
            taken += max(held, about.file_size)
            if dtype.hasobject or held + member.tell() != about.file_size or not fits(taken, on_disk):
                raise ValueError(f"{about.filename!r} claims {dtype}{list(shape)}, which it does not hold")
