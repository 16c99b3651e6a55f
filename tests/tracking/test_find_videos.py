"""Which files are tracked, and what they are called."""

from pathlib import Path

import pytest

from smilejax._util.errors import ReadError
from smilejax.tracking.find_videos import find_videos


def _made(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")


def test_folders_are_searched_in_natural_order(tmp_path: Path) -> None:
    _made(tmp_path, "b/10.mp4", "b/2.MOV", "a.jpg", "labels.csv", ".hidden.mp4", "b/.cache/1.mp4", "truth.json")
    assert [video.name for video in find_videos([tmp_path])] == ["a.jpg", "b/2.MOV", "b/10.mp4"]


def test_a_named_file_is_taken_whatever_it_is_called(tmp_path: Path) -> None:
    _made(tmp_path, "clip.dat")
    assert [video.name for video in find_videos([tmp_path / "clip.dat"])] == ["clip.dat"]


def test_folders_of_frames_are_videos_with_a_rate(tmp_path: Path) -> None:
    _made(tmp_path, "ann/1.png", "ann/2.png", "bob/1.jpg", "clip.mp4")
    assert [video.name for video in find_videos([tmp_path], frames_hz=25)] == ["ann", "bob", "clip.mp4"]
    assert [video.name for video in find_videos([tmp_path / "ann"], frames_hz=25)] == ["ann"]
    assert len(find_videos([tmp_path])) == 4
    _made(tmp_path, "clips/a.mp4")
    for alone in (tmp_path / "clips", tmp_path / "clips" / "a.mp4"):
        with pytest.raises(ReadError, match="frames_hz is for folders of frames"):
            find_videos([alone], frames_hz=25)


def test_a_link_that_leads_back_is_not_followed(tmp_path: Path) -> None:
    """One such link in each folder: with two, following them would never end."""
    _made(tmp_path, "a/1.mp4", "b/c/2.mp4", "d/4.mp4", "elsewhere/3.mp4")
    for link, to in (("a/loop", "."), ("b/c/up", tmp_path / "b"), ("d/more", tmp_path / "elsewhere")):
        (tmp_path / link).symlink_to(to)
    found = [[video.name for video in find_videos([tmp_path / folder])] for folder in "abd"]
    assert found == [["1.mp4"], ["c/2.mp4"], ["4.mp4", "more/3.mp4"]]


def test_folders_that_link_to_each_other_are_gone_into_once(tmp_path: Path) -> None:
    _made(tmp_path, "a/1.mp4", "b/2.mp4")
    (tmp_path / "a" / "other").symlink_to(tmp_path / "b")
    (tmp_path / "b" / "other").symlink_to(tmp_path / "a")
    assert [video.name for video in find_videos([tmp_path / "a"])] == ["1.mp4", "other/2.mp4"]


def test_what_is_not_there_or_empty_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="no such file or folder"):
        find_videos([tmp_path / "none.mp4"])
    _made(tmp_path, "labels.csv")
    with pytest.raises(ReadError, match="holds no file that is called as a video or photo"):
        find_videos([tmp_path])


def test_two_files_of_one_name_are_refused_and_one_named_twice_is_one(tmp_path: Path) -> None:
    _made(tmp_path, "a/1.mp4", "b/1.mp4")
    with pytest.raises(ReadError, match=r"would both be called 1\.mp4"):
        find_videos([tmp_path / "a", tmp_path / "b"])
    assert len(find_videos([tmp_path / "a", tmp_path / "a" / "1.mp4"])) == 1
