"""Photos and animations: upright, in eight bits, and no traceback of the library that decodes them."""

import io
from pathlib import Path

import numpy as np
import pytest
from helpers.made_videos import SIZE, corners, noise, quadrants
from PIL import Image

from smilejax._util.errors import ReadError, SettingsError
from smilejax.videos import open_video
from smilejax.videos.pictures import MOST_PIXELS


def _frames(path: Path, frames_hz: float | None = None) -> list[tuple[float, str]]:
    chunks = list(open_video(path, frames_hz=frames_hz).chunks())
    return [
        (time, corners(one)) for chunk in chunks for time, one in zip(chunk.time_ms.tolist(), chunk.frames, strict=True)
    ]


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "bmp", "tiff", "gif", "mp4"])
def test_formats_of_photos(tmp_path: Path, suffix: str) -> None:
    """Whatever a photo is called: the last one is a PNG."""
    path = tmp_path / f"p.{suffix}"
    Image.fromarray(quadrants()).save(path, format="PNG" if suffix == "mp4" else None)
    assert _frames(path) == [(0.0, "rgbw")]


@pytest.mark.parametrize(
    ("orientation", "expected"),
    list(enumerate(["rgbw", "grwb", "wbgr", "bwrg", "rbgw", "brwg", "wgbr", "gwrb"], start=1)),
)
def test_exif_orientations(tmp_path: Path, orientation: int, expected: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(quadrants()).save(tmp_path / "p.jpg", exif=exif)
    video = open_video(tmp_path / "p.jpg")
    picture = next(video.chunks()).frames[0]
    assert corners(picture) == expected
    assert (
        picture.shape[:2] == (video.findings.height, video.findings.width) == (SIZE if orientation > 4 else SIZE[::-1])
    )


@pytest.mark.parametrize("mode", ["L", "P", "LA", "RGBA", "CMYK", "1", "I;16"])
def test_modes_become_red_green_blue(tmp_path: Path, mode: str) -> None:
    grey = np.full((8, 8), 255 if mode == "1" else 192, np.uint8)
    image = Image.fromarray(grey.astype(np.uint16) * 257) if mode == "I;16" else Image.fromarray(grey).convert(mode)
    image.save(tmp_path / "p.tiff")
    frames = next(open_video(tmp_path / "p.tiff").chunks()).frames
    assert frames.shape == (1, 8, 8, 3)
    np.testing.assert_allclose(frames, int(grey[0, 0]), atol=1)


def test_what_is_transparent_is_white(tmp_path: Path) -> None:
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(tmp_path / "p.png")
    assert next(open_video(tmp_path / "p.png").chunks()).frames.min() == 255


@pytest.mark.parametrize("suffix", ["gif", "png", "webp"])
def test_animations_are_videos(tmp_path: Path, suffix: str) -> None:
    pictures = [Image.fromarray(np.roll(quadrants(), 48 * k, axis=1)) for k in range(3)]
    pictures[0].save(
        tmp_path / f"a.{suffix}", save_all=True, append_images=pictures[1:], duration=[40, 80, 40], lossless=True
    )
    assert _frames(tmp_path / f"a.{suffix}") == [(0.0, "rgbw"), (40.0, "grwb"), (120.0, "rgbw")]


def test_a_tiff_of_several_pages_gives_the_first(tmp_path: Path) -> None:
    Image.fromarray(quadrants()).save(tmp_path / "p.tif", save_all=True, append_images=[Image.new("RGB", SIZE)])
    video = open_video(tmp_path / "p.tif")
    assert corners(next(video.chunks()).frames[0]) == "rgbw"
    assert "2 pages" in video.findings.notes[0]


def test_a_cut_off_photo_says_so(tmp_path: Path) -> None:
    Image.fromarray(noise(1)[0]).save(tmp_path / "p.jpg")
    data = (tmp_path / "p.jpg").read_bytes()
    (tmp_path / "p.jpg").write_bytes(data[: len(data) // 2])
    with pytest.raises(ReadError, match=r"p\.jpg: cannot be decoded .*damaged or cut off"):
        _frames(tmp_path / "p.jpg")


def test_a_cut_off_animation_names_the_frame(tmp_path: Path) -> None:
    pictures = [Image.fromarray(one) for one in noise(3)]
    pictures[0].save(tmp_path / "a.webp", save_all=True, append_images=pictures[1:], lossless=True)
    pictures[0].save(tmp_path / "a.png", save_all=True, append_images=pictures[1:])
    data = (tmp_path / "a.png").read_bytes()
    (tmp_path / "a.png").write_bytes(data[: len(data) // 2])
    with pytest.raises(ReadError, match=r"a\.png: cannot be decoded at frame 2 "):
        _frames(tmp_path / "a.png")


def _header_of_a_png(width: int, height: int) -> bytes:
    """A PNG whose header says so; its pixels are few."""
    import struct
    import zlib

    out = io.BytesIO()
    Image.new("L", (1, 1)).save(out, "PNG")
    data = bytearray(out.getvalue())
    data[16:24] = struct.pack(">II", width, height)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    return bytes(data)


def test_a_photo_that_is_too_large_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "p.png").write_bytes(_header_of_a_png(20_000, 20_000))
    with pytest.raises(ReadError, match=r"p\.png: the photo has more than 178,956,970 pixels"):
        _frames(tmp_path / "p.png")


@pytest.mark.slow
def test_a_photo_of_100_megapixels(tmp_path: Path) -> None:
    picture = Image.fromarray(quadrants()).resize((11_600, 8_700), Image.Resampling.NEAREST)
    for suffix in ("jpg", "png"):
        picture.save(tmp_path / f"p.{suffix}")
        video = open_video(tmp_path / f"p.{suffix}")
        frames = next(video.chunks()).frames
        assert corners(frames[0]) == "rgbw"
        assert frames[0].size <= 3 * MOST_PIXELS
        assert (video.findings.width, video.findings.height) == (11_600, 8_700)


def test_a_folder_of_frames_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for k in (10, 2, 1):
        Image.fromarray(np.roll(quadrants(), 48 * (k == 2), axis=1)).save(tmp_path / f"frame {k}.png")
    (tmp_path / "notes.txt").write_text("no frame")
    assert _frames(tmp_path, 50.0) == [(0.0, "rgbw"), (20.0, "grwb"), (40.0, "rgbw")]
    (tmp_path / "frame 2.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    video = open_video(tmp_path, frames_hz=50.0)
    assert [chunk.time_ms.tolist() for chunk in video.chunks()] == [[0.0, 40.0]]
    assert video.findings.corrupt == 1
    assert "frame 2 is left out" in video.findings.notes[0]
    with pytest.raises(ReadError, match=r"does not say how many there are in a second. Give frames_hz"):
        _frames(tmp_path)


@pytest.mark.parametrize("frames_hz", [0.0, -1.0, float("nan")])
def test_a_rate_of_frames_is_above_zero(tmp_path: Path, frames_hz: float) -> None:
    Image.fromarray(quadrants()).save(tmp_path / "1.png")
    with pytest.raises(SettingsError, match="frames_hz must be"):
        open_video(tmp_path, frames_hz=frames_hz)
