"""Videos, decoded by PyAV, an optional dependency."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import numpy as np
import numpy.typing as npt
from PIL import Image

from smilejax._util.errors import ReadError
from smilejax.videos.cut_off import missing_bytes
from smilejax.videos.file_kind import READ
from smilejax.videos.pictures import Findings, Picture, Pixels, scaled_size

if TYPE_CHECKING:
    from av.buffer import Buffer
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

_CONTAINERS: Final = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegts,asf,flv,ogg,mxf"
"""Containers that are opened. FFmpeg knows others that are texts, playlists or addresses in a network."""
_UNTURNED: Final = (1, 0, 0, 1)


def stream_of(path: Path, most_pixels: int, findings: Findings) -> Iterator[Picture]:
    """The frames of a video's first video stream, upright, with square pixels.

    Frames are turned and mirrored as the display matrix says (to multiples of 90 degrees). Of an interlaced frame the lines of
    one moment are used. What cannot be decoded, and what has no time of its own, is counted and left out.

    Raises:
        ReadError: naming the file, where PyAV is absent, or the file is no video, or not one frame can be decoded.
    """
    try:
        import av
        from av.error import FFmpegError
    except ImportError:
        raise ReadError(
            f"{path}: videos are decoded by PyAV, which is not installed.",
            hint="Install it with: pip install 'smilejax[video]'. Photos and GIFs need no extra.",
        ) from None

    try:
        container = av.open(
            str(path.absolute()),
            metadata_errors="replace",
            options={"format_whitelist": _CONTAINERS, "protocol_whitelist": "file"},
        )
    except (FFmpegError, ValueError) as error:
        raise _not_opened(path, error) from None
    with container:
        stream = _video_stream(path, container)
        stream.thread_type = "AUTO"
        clock = _Clock(stream, findings)
        for frame in _decoded(container, stream, findings):
            time_ms = clock.time_ms(frame)
            if findings.frames and time_ms <= findings.last_ms:
                findings.untimed += 1
                continue
            pixels = _upright(frame, stream, most_pixels, findings)
            findings.frames, findings.last_ms = findings.frames + 1, time_ms
            yield Picture(time_ms, pixels)
        if not findings.frames:
            raise ReadError(f"{path}: not one frame could be decoded.", hint="Does it play? Copy or convert it anew.")
    _note_cut(path, findings)


def _not_opened(path: Path, error: Exception) -> ReadError:
    absent = missing_bytes(path)
    if absent:
        size = path.stat().st_size
        return ReadError(
            f"{path}: is cut off ({size:,} of {size + absent:,} bytes), and what says where its frames lie is not among them.",
            hint="Copy it again from where it was recorded.",
        )
    why = getattr(error, "strerror", None) or str(error)
    return ReadError(f"{path}: cannot be opened as a video ({why}).", hint=f"What is read: {READ}.")


def _video_stream(path: Path, container: "InputContainer") -> "VideoStream":
    from av.stream import Disposition

    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:  # the picture on a record's sleeve
            return stream
    kinds = sorted({stream.type for stream in container.streams if stream.type != "video"})
    raise ReadError(f"{path}: holds no video, only {' and '.join(kinds) or 'a picture'}.", hint="Name a video file.")


def _decoded(container: "InputContainer", stream: "VideoStream", findings: Findings) -> Iterator["VideoFrame"]:
    """Frames in the order of presentation; what is damaged is counted."""
    from av.error import FFmpegError

    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except FFmpegError:  # a damaged container: nothing behind it can be found
            findings.count_corrupt()
            return
        try:
            frames = packet.decode()
        except FFmpegError:
            findings.count_corrupt()
            continue
        for frame in frames:
            if frame.is_corrupt:
                findings.count_corrupt()
            else:
                yield frame


class _Clock:
    """Times of presentation since the first frame, in ms."""

    def __init__(self, stream: "VideoStream", findings: Findings) -> None:
        self._rate = float(stream.average_rate or stream.guessed_rate or 25)
        self._findings = findings
        self._first: float | None = None
        self._count = -1

    def time_ms(self, frame: "VideoFrame") -> float:
        """Of a frame; by the mean rate where the file has no times."""
        self._count += 1
        if frame.pts is None or frame.time_base is None:
            self._findings.note(
                f"frames have no times of their own; they are taken to be {1000 / self._rate:.4g} ms apart"
            )
            return 1000 * self._count / self._rate
        time_ms = 1000 * float(frame.pts * frame.time_base)
        self._first = time_ms if self._first is None else self._first
        return time_ms - self._first


def _upright(frame: "VideoFrame", stream: "VideoStream", most_pixels: int, findings: Findings) -> Pixels:
    matrix = _display_matrix(frame)
    aspect = float(stream.sample_aspect_ratio or 1) or 1.0
    width, height = frame.width * max(aspect, 1), frame.height / min(aspect, 1)
    shown = (round(width), round(height))
    findings.width, findings.height = shown[::-1] if _swaps(matrix) else shown
    wanted = scaled_size(width, height, most_pixels)
    if frame.interlaced_frame:
        findings.note("its frames hold lines of two moments (interlaced); every second line is used")
        lines = frame.to_ndarray(format="rgb24")[::2]
        picture = np.asarray(Image.fromarray(lines).resize(wanted, Image.Resampling.BILINEAR))
    else:
        picture = frame.to_ndarray(format="rgb24", width=wanted[0], height=wanted[1], interpolation="AREA")
    return np.ascontiguousarray(_turned(picture, matrix))


def _note_cut(path: Path, findings: Findings) -> None:
    absent = missing_bytes(path)
    if absent:
        size = path.stat().st_size
        findings.note(
            f"the file is cut off ({size:,} of {size + absent:,} bytes): its frames end at {findings.last_ms / 1000:.2f} s"
        )


def _display_matrix(frame: "VideoFrame") -> tuple[int, int, int, int]:
    """How a frame is to be turned and mirrored: a point (x, y) of it is shown at (a x + c y, b x + d y), each -1, 0 or 1.

    Angles between are taken to the nearest right one. ISO/IEC 14496-12, 6.2.2.
    """
    found = cast("Mapping[str, Buffer]", frame.side_data).get("DISPLAYMATRIX")  # the library's types do not name it
    if found is None:
        return _UNTURNED
    a, b, _, c, d = np.frombuffer(found, np.int32)[:5].tolist()
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return (-1 if a < 0 else 1, 0, 0, -1 if d < 0 else 1)
    return (0, -1 if b < 0 else 1, -1 if c < 0 else 1, 0)


def _swaps(matrix: tuple[int, int, int, int]) -> bool:
    return matrix[0] == 0


def _turned(picture: Pixels, matrix: tuple[int, int, int, int]) -> npt.NDArray[np.uint8]:
    a, b, c, d = matrix
    if _swaps(matrix):
        picture, a, d = picture.transpose(1, 0, 2), c, b
    return picture[:: -1 if d < 0 else 1, :: -1 if a < 0 else 1]
