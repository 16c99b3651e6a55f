"""Videos written by PyAV: H.264 in MP4."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

from smilejax._util.errors import OutputError
from smilejax._util.files import write_atomically
from smilejax.videos.pictures import Pixels

OPTIONS = {"crf": "20", "preset": "veryfast", "threads": "1", "x264-params": "asm=0"}
"""Of the encoder, which writes the same bytes each time only with one thread and without its assembly: with it, one in two to
twelve encodings of three same frames differed (PyAV 18.1, AVX-512)."""


def check_can_write() -> None:
    """Check that PyAV is installed.

    Raises:
        OutputError: it is not.
    """
    try:
        import av  # noqa: F401
    except ImportError:
        raise OutputError(
            "Videos are written by PyAV, which is not installed.",
            hint="Install it with: pip install 'smilejax[video]'.",
        ) from None


def write_video(path: Path, frames: Iterable[Pixels], rate_hz: float) -> None:
    """Write frames of one even height and width as H.264 (constant rate factor 20), in one thread and without assembly.

    One version of the encoder then writes the same bytes. A crash leaves the old file or the new one.

    Raises:
        OutputError: the file cannot be written, or PyAV is not installed.
    """
    check_can_write()
    import av

    rate = Fraction(rate_hz).limit_denominator(1001)

    def write(temporary: Path) -> None:
        with av.open(str(temporary), "w") as out:
            stream = out.add_stream("libx264", rate=rate, options=OPTIONS)
            stream.pix_fmt = "yuv420p"
            for at, pixels in enumerate(frames):
                if at == 0:
                    stream.height, stream.width = pixels.shape[:2]
                frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
                frame.pts, frame.time_base = at, 1 / rate
                out.mux(stream.encode(frame))
            out.mux(stream.encode(None))

    write_atomically(path, write)
