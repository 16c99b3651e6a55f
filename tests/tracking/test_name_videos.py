"""Whose smile a video shows: from a table, or from the files' names."""

from pathlib import Path

import pytest

from smilejax._util.errors import ReadError, SettingsError
from smilejax.tracking.find_videos import VideoFile
from smilejax.tracking.name_videos import VideoNames, names_by_pattern, names_by_table


@pytest.fixture
def videos(tmp_path: Path) -> list[VideoFile]:
    names = ["001_deliberate_smile_2.mp4", "002_spontaneous_smile_1.mp4"]
    for name in names:
        (tmp_path / name).write_bytes(b"x")
    return [VideoFile(tmp_path / name, name) for name in names]


def _table(tmp_path: Path, text: str) -> Path:
    (tmp_path / "labels.csv").write_text(text)
    return tmp_path / "labels.csv"


def test_names_of_uva_nemo(videos: list[VideoFile]) -> None:
    found = names_by_pattern(videos, None)
    assert found.names == (VideoNames("001", "deliberate"), VideoNames("002", "spontaneous"))
    assert "UvA-NEMO" in found.notes[0]


def test_other_names_leave_each_video_its_own_smiler_and_no_label(tmp_path: Path) -> None:
    (tmp_path / "x_gentle_smile_1.mp4").write_bytes(b"x")
    found = names_by_pattern([VideoFile(tmp_path / "x_gentle_smile_1.mp4", "x_gentle_smile_1.mp4")], None)
    assert found.names == (VideoNames("x_gentle_smile_1"),)
    assert "no label is known" in found.notes[0]


def test_smilers_of_their_own_are_told_apart(tmp_path: Path) -> None:
    """Two files of one stem, and a stem that is a smiler of the table: three people."""
    videos = [VideoFile(tmp_path / name, name) for name in ("007.mp4", "007.avi", "x.jpg", "y.mp4")]
    for video in videos:
        video.path.write_bytes(b"x")
    found = names_by_table(videos, _table(tmp_path, "file,smiler,label\nx.jpg,y,posed\n"))
    assert [one.smiler for one in found.names] == ["007.mp4", "007.avi", "y", "y.mp4"]
    assert [one.smiler for one in names_by_pattern(videos, None).names] == ["007.mp4", "007.avi", "x", "y"]


def test_a_pattern_may_leave_out_the_label(videos: list[VideoFile]) -> None:
    assert names_by_pattern(videos, "{smiler}_*").names[0] == VideoNames("001")


def test_a_name_that_is_not_as_the_others_is_told(videos: list[VideoFile], tmp_path: Path) -> None:
    (tmp_path / "try.mp4").write_bytes(b"x")
    found = names_by_pattern([*videos, VideoFile(tmp_path / "try.mp4", "try.mp4")], None)
    assert "1 of 3 names is not as" in found.notes[0]
    assert "UvA-NEMO (try.mp4)" in found.notes[0]


def test_a_pattern(videos: list[VideoFile], tmp_path: Path) -> None:
    assert names_by_pattern(videos, "{stimulus}_{label}_smile_{smiler}").names[0] == VideoNames(
        "2", "deliberate", "001"
    )
    (tmp_path / "genuine").mkdir()
    (tmp_path / "genuine" / "ann 1.mp4").write_bytes(b"x")
    inside = [VideoFile(tmp_path / "genuine" / "ann 1.mp4", "genuine/ann 1.mp4")]
    assert names_by_pattern(inside, "{label}/{smiler} *").names == (VideoNames("ann", "genuine"),)
    with pytest.raises(ReadError, match=r"001_deliberate_smile_2\.mp4: does not fit the pattern"):
        names_by_pattern(videos, "{smiler}-{label}")
    with pytest.raises(SettingsError, match="no part that is known"):
        names_by_pattern(videos, "{age}")


def test_a_table_names_files_with_or_without_suffix(videos: list[VideoFile], tmp_path: Path) -> None:
    table = _table(
        tmp_path,
        "File,Subject,Label,Session\n001_deliberate_smile_2,007,posed,a\n002_Spontaneous_smile_1.mp4,8,genuine,b\n",
    )
    found = names_by_table(videos, table)
    assert found.names == (VideoNames("007", "posed", "a"), VideoNames("8", "genuine", "b"))
    assert not found.notes


def test_rows_without_a_file_and_files_without_a_row_are_said(videos: list[VideoFile], tmp_path: Path) -> None:
    table = _table(tmp_path, "file,smiler,label\n001_deliberate_smile_2.mp4,1,posed\nother.mp4,2,genuine\n")
    found = names_by_table(videos, table)
    assert found.names[1] == VideoNames("002_spontaneous_smile_1")
    assert "1 row of labels.csv names no video that was given: other.mp4" in found.notes[0]
    assert (
        "does not name 1 video (it has no label and counts as a smiler of its own): 002_spontaneous_smile_1.mp4"
        in found.notes[1]
    )
    with pytest.raises(ReadError, match="none of its 1 row names a video"):
        names_by_table(videos, _table(tmp_path, "file,smiler,label\nother.mp4,2,genuine\n"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("file,label\na,posed\n", "there is no column smiler"),
        ("file,smiler,label\n001_deliberate_smile_2,,posed\n", "line 2 has no smiler"),
        (
            "file,smiler,label\n001_deliberate_smile_2,1,posed\n001_deliberate_smile_2.mp4,1,genuine\n",
            "line 3: .* has another row, in line 2, that differs",
        ),
    ],
)
def test_tables_that_are_wrong(videos: list[VideoFile], tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(ReadError, match=expected):
        names_by_table(videos, _table(tmp_path, text))


def test_a_name_that_fits_two_files_is_refused(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "1.mp4").write_bytes(b"x")
    videos = [VideoFile(tmp_path / folder / "1.mp4", f"{folder}/1.mp4") for folder in ("a", "b")]
    with pytest.raises(ReadError, match=r"line 2: '1' fits a/1\.mp4, b/1\.mp4"):
        names_by_table(videos, _table(tmp_path, "file,smiler,label\n1,ann,posed\n"))


@pytest.mark.parametrize("part", ["trial", "block"])
def test_a_part_that_says_nothing_of_a_video_is_refused(videos: list[VideoFile], part: str) -> None:
    with pytest.raises(SettingsError, match=rf"names: {{{part}}} in .* says nothing of a video") as error:
        names_by_pattern(videos, f"{{smiler}}_{{label}}_smile_{{{part}}}")
    assert "Write {} or * for what is to be passed over." in str(error.value)
