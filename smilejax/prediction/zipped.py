"""A checkpoint as bytes, and back."""

import io
import zipfile
from pathlib import Path

from smilejax._util.errors import CheckpointError
from smilejax._util.npz_files import fits


def zipped(folder: Path) -> bytes:
    """The files of a checkpoint as one archive, for a pickle."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(f for f in folder.rglob("*") if f.is_file()):
            archive.write(file, file.relative_to(folder).as_posix())
    return content.getvalue()


def unzipped(content: bytes, folder: Path) -> Path:
    """Write the files of a zipped checkpoint below a folder, and nowhere else. Loading it checks every one."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if not fits(sum(about.file_size for about in archive.infolist()), len(content)):
                raise CheckpointError("the pickled model claims files that are too large for it.")
            for name in archive.namelist():
                target = (folder / name).resolve()
                if not target.is_relative_to(folder.resolve()):
                    raise CheckpointError(f"the pickled model names a file outside its folder: {name!r}.")
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(archive.read(name))
    except zipfile.BadZipFile as error:
        raise CheckpointError(f"the pickled model is damaged: {error}.") from error
    return folder
