"""Frames of videos: upright, in colour, with their times, and a word on what is damaged."""

import re
import sys
import wave
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from helpers.made_videos import SIZE, corners, noise, quadrants, write_video
from PIL import Image

from smilejax._util.errors import ReadError
from smilejax.videos import FrameChunk, OpenedVideo, open_video
from smilejax.videos.pictures import MOST_PIXELS, scaled_size


def _all(video: OpenedVideo) -> FrameChunk:
    chunks = list(video.chunks())
    assert len({chunk.frames.shape[1:] for chunk in chunks}) == 1
    return FrameChunk(*(np.concatenate(parts) for parts in zip(*chunks, strict=True)))


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"),
    [
        ("v.mp4", "libx264", "yuv420p"),
        ("v.mov", "mpeg4", "yuv420p"),
        ("ten bits.mp4", "libx264", "yuv420p10le"),
        ("v.webm", "libvpx", "yuv420p"),
        ("v.avi", "mjpeg", "yuvj420p"),
        ("v.mpg", "mpeg2video", "yuv420p"),
        ("video.jpg", "libx264", "yuv420p"),
    ],
)
def test_containers_and_codecs(tmp_path: Path, name: str, codec: str, pix_fmt: str) -> None:
    made = tmp_path / ("made.mp4" if name == "video.jpg" else name)
    write_video(made, [quadrants()] * 4, codec=codec, pix_fmt=pix_fmt).rename(tmp_path / name)
    video = open_video(tmp_path / name)
    frames = _all(video)
    assert [corners(picture) for picture in frames.frames] == ["rgbw"] * 4
    np.testing.assert_allclose(frames.time_ms, [0, 40, 80, 120], atol=1)
    assert (video.findings.width, video.findings.height) == SIZE
    assert video.findings.frame_rate_hz == pytest.approx(25, rel=0.01)
    assert not video.findings.notes
    assert video.findings.corrupt == video.findings.untimed == 0


@pytest.mark.parametrize(
    ("display", "expected"),
    [
        ((0, True), "grwb"),
        ((90, False), "gwrb"),
        ((180, False), "wbgr"),
        ((-90, False), "brwg"),
        ((88, False), "gwrb"),
        ((90, True), "wgbr"),
    ],
)
def test_phones_turn_and_mirror(tmp_path: Path, display: tuple[float, bool], expected: str) -> None:
    """Degrees are counter-clockwise: of 90, what was on the right is above."""
    path = write_video(tmp_path / "v.mp4", [quadrants()] * 2, display=display)
    video = open_video(path)
    assert corners(_all(video).frames[0]) == expected
    upright = SIZE if abs(display[0]) in (0, 180) else SIZE[::-1]
    assert (video.findings.width, video.findings.height) == upright


def test_the_turn_of_a_frame_is_ffmpegs(tmp_path: Path) -> None:
    """What turns the frames here agrees with what FFmpeg says of the file."""
    import av

    path = write_video(tmp_path / "v.mp4", [quadrants()] * 2, display=(90, False))
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
        turned = np.rot90(frame.to_ndarray(format="rgb24"), frame.rotation // 90)
    assert corners(turned) == corners(_all(open_video(path)).frames[0])


def test_pixels_that_are_not_square(tmp_path: Path) -> None:
    path = write_video(tmp_path / "v.mp4", [quadrants()] * 2, aspect=Fraction(4, 3))
    video = open_video(path)
    assert _all(video).frames.shape[1:3] == (64, 128)
    assert (video.findings.width, video.findings.height) == (128, 64)
    narrow = open_video(write_video(tmp_path / "n.mp4", [quadrants()] * 2, aspect=Fraction(3, 4)))
    assert _all(narrow).frames.shape[1:3] == (85, 96)


def test_interlaced_frames_give_lines_of_one_moment(tmp_path: Path) -> None:
    picture = np.zeros((64, 96, 3), np.uint8)
    picture[::2] = 200
    path = write_video(tmp_path / "v.mp4", [picture] * 3, options={"x264-params": "tff=1", "crf": "1"})
    video = open_video(path)
    frames = _all(video).frames
    assert frames.shape[1:3] == (64, 96)
    assert frames[..., 1].min() > 180  # of the even lines alone, not of both, which are 100 on average
    assert "interlaced" in video.findings.notes[0]


def test_a_variable_frame_rate_is_kept_as_times(tmp_path: Path) -> None:
    path = write_video(tmp_path / "v.mp4", [quadrants()] * 5, times=[3, 4, 8, 9, 20])
    np.testing.assert_allclose(_all(open_video(path)).time_ms, [0, 40, 200, 240, 680], atol=0.1)


def test_large_frames_are_scaled_down_and_their_size_is_kept(tmp_path: Path) -> None:
    path = write_video(tmp_path / "v.mp4", [quadrants((1920, 1080))], options={"preset": "ultrafast"})
    video = open_video(path)
    frames = _all(video).frames
    assert frames.shape == (1, 543, 965, 3)
    assert corners(frames[0]) == "rgbw"
    assert (video.findings.width, video.findings.height) == (1920, 1080)


@pytest.mark.parametrize("size", [(4000, 3000), (3000, 4000), (641, 479), (1, 1), (100_000_000, 1), (1025, 512)])
def test_scaled_size_keeps_the_limit_and_the_shape(size: tuple[int, int]) -> None:
    width, height = scaled_size(*size, MOST_PIXELS)
    assert 0 < width * height <= MOST_PIXELS
    if size[0] * size[1] <= MOST_PIXELS:
        assert (width, height) == size
    elif min(size) > 1:
        assert width / height == pytest.approx(size[0] / size[1], rel=0.01)


def test_chunks_have_a_length_at_most(tmp_path: Path) -> None:
    path = write_video(tmp_path / "v.mp4", noise(10))
    lengths = [len(chunk.time_ms) for chunk in open_video(path).chunks(4)]
    assert lengths == [4, 4, 2]


def test_only_one_chunk_is_decoded_ahead(tmp_path: Path) -> None:
    """Constant memory: what was not asked for was not given."""
    video = open_video(write_video(tmp_path / "v.mp4", noise(40)))
    next(video.chunks(8))
    assert video.findings.frames == 9


def test_a_cut_off_video_gives_frames_up_to_the_cut(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "v.mp4", noise(30), container={"movflags": "faststart"}).read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    video = open_video(tmp_path / "cut.mp4")
    assert 5 < len(_all(video).time_ms) < 25
    assert "cut off" in video.findings.notes[0]


@pytest.mark.parametrize(("name", "codec"), [("v.webm", "libvpx"), ("v.avi", "mjpeg"), ("v.mkv", "libx264")])
def test_cut_off_files_of_other_containers(tmp_path: Path, name: str, codec: str) -> None:
    path = write_video(tmp_path / name, noise(30), codec=codec, pix_fmt="yuvj420p" if codec == "mjpeg" else "yuv420p")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    video = open_video(path)
    assert 5 < len(_all(video).time_ms) < 25
    assert "cut off" in video.findings.notes[0]


def test_a_cut_off_video_without_its_index(tmp_path: Path) -> None:
    path = write_video(tmp_path / "v.mp4", noise(10))
    path.write_bytes(path.read_bytes()[:9000])
    with pytest.raises(ReadError, match=r"v.mp4: is cut off \(9,000 of .* bytes\)"):
        next(open_video(path).chunks())


def _damage(path: Path) -> tuple[int, int]:
    """Packets that FFmpeg cannot decode, and frames that it marks as corrupt."""
    import av
    from av.error import FFmpegError

    errors = flagged = 0
    with av.open(str(path)) as container:
        for packet in container.demux(video=0):
            try:
                flagged += sum(frame.is_corrupt for frame in packet.decode())
            except FFmpegError:
                errors += 1
    return errors, flagged


def test_damaged_frames_are_counted_and_left_out(tmp_path: Path) -> None:
    path = write_video(tmp_path / "v.mp4", noise(40), options={"g": "10"})
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 3000] = np.random.default_rng(1).integers(0, 255, 3000, dtype=np.uint8).tobytes()
    path.write_bytes(data)
    video = open_video(path)
    frames = _all(video)
    errors, flagged = _damage(path)
    assert flagged  # the decoder hides what it lacks of a frame, and says so
    assert video.findings.corrupt == errors + flagged
    assert len(frames.time_ms) + video.findings.corrupt >= 39
    assert np.diff(frames.time_ms).max() > 60  # the gap is left open
    assert video.findings.last_ms == pytest.approx(39 * 40)
    assert re.search(r"could not be decoded \(the first after frame \d+\)", video.findings.in_words()[0])


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "the file is empty"),
        (b"%PDF-1.7\n" + b"x" * 4000, "is a PDF"),
        (b"PK\x03\x04" + b"x" * 4000, "ZIP archive or an Office document"),
        (bytes(range(7, 250)) * 30, "cannot be opened as a video"),
        (b"#EXTM3U\n#EXTINF:2,\nhttp://localhost/a.ts\n", "cannot be opened as a video"),
        (b"hello \x1b[1m world\n" * 300, "cannot be opened as a video"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 400, r"HEIC \(HEIF\), which is not read"),
        (b"\xff\xd8\xff\xe0" + b"x" * 400, "(begins as a photo does|cannot be decoded)"),
    ],
)
def test_what_is_no_video(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)
    with pytest.raises(ReadError, match=rf"photo\.jpg: .*{expected}"):
        _all(open_video(path))


def test_audio_alone(tmp_path: Path) -> None:
    import av

    path = tmp_path / "talk.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("aac", rate=44100)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 44100), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 44100
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    with pytest.raises(ReadError, match=r"talk\.mp4: holds no video, only audio"):
        _all(open_video(path))
    with wave.open(str(tmp_path / "a.avi"), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(8000))
    with pytest.raises(ReadError, match=r"a\.avi: cannot be opened as a video"):
        _all(open_video(tmp_path / "a.avi"))


def test_without_the_extra_videos_are_refused_and_photos_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = write_video(tmp_path / "v.mp4", [quadrants()])
    Image.fromarray(quadrants()).save(tmp_path / "p.png")
    monkeypatch.setitem(sys.modules, "av", None)
    assert len(_all(open_video(tmp_path / "p.png")).frames) == 1
    with pytest.raises(ReadError, match=r"v\.mp4: videos are decoded by PyAV.*pip install 'smilejax\[video\]'"):
        _all(open_video(video))
