"""A folder of pictures as a video: one frame each, in the order of their names."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from smilejax._util.errors import ReadError
from smilejax.videos.pictures import Findings, Picture
from smilejax.videos.read_images import images


def frame_folder(
    folder: Path, files: Sequence[Path], rate_hz: float, most_pixels: int, findings: Findings
) -> Iterator[Picture]:
    """The pictures of a folder as frames at a rate. A picture that cannot be decoded is counted as a corrupt frame.

    Raises:
        ReadError: naming the folder, where none of its pictures can be decoded.
    """
    for at, file in enumerate(files):
        one = Findings()
        try:
            picture = next(images(file, most_pixels, one))
        except ReadError as error:
            findings.count_corrupt()
            findings.note(f"frame {at + 1} is left out: {error}")
            continue
        if not findings.frames:
            findings.width, findings.height = one.width, one.height
        findings.frames, findings.last_ms = findings.frames + 1, 1000 * at / rate_hz
        yield Picture(findings.last_ms, picture.pixels)
    if not findings.frames:
        raise ReadError(
            f"{folder}: not one of its {len(files)} pictures can be decoded.", hint=f"The first: {files[0].name}."
        )
