"""Tables of faces: what is recognised, one grid in time, and errors that name file and line."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from helpers.drawn_faces import CHANNELS, drawn_faces
from helpers.face_tables import face_frame

from smilejax import Faces, ReadSettings, read
from smilejax._util.errors import DataWarning, ReadError, SettingsError


def small(**columns: Any) -> pd.DataFrame:
    """Two videos of five frames at 25 Hz."""
    table = {
        "video": ["a.mp4"] * 5 + ["b.mp4"] * 5,
        "smiler": ["ann"] * 5 + ["bob"] * 5,
        "label": ["posed"] * 5 + ["genuine"] * 5,
        "time_ms": [0, 40, 80, 120, 160] * 2,
        "confidence": [0.9] * 10,
        "AU12": np.arange(10.0),
    }
    return pd.DataFrame(table | columns)


def test_a_table_comes_back_as_it_was_written(tmp_path: Path) -> None:
    faces = drawn_faces(3, 2, seconds=1.0)
    path = tmp_path / "faces.csv"
    face_frame(faces).to_csv(path, index=False)
    again = read(path)
    assert isinstance(again, Faces)
    assert (again.channels, again.participant, again.rate_hz) == (CHANNELS, faces.participant, 25.0)
    np.testing.assert_allclose(again.values, faces.values, atol=1e-6)
    np.testing.assert_array_equal(again.label, faces.label)
    assert [one.name for one in again.covariates] == ["width", "mean_brightness", "frame_rate_hz"]
    assert again.covariates[2].numbers == (25.0,) * 6
    np.testing.assert_allclose(again.covariates[1].numbers, faces.covariates[1].numbers)
    assert again.source.layout == "faces"
    assert again.source.read is not None
    assert again.source.read.recognised == {"layout": "faces"}


def test_frames_that_are_not_in_the_table_are_missing_and_values_are_not_moved() -> None:
    table = small().drop(index=[2, 8])
    faces = read(table)
    assert faces.shape == (2, 5, 1)
    np.testing.assert_array_equal(faces.values[:, :, 0], [[0, 1, np.nan, 3, 4], [5, 6, 7, np.nan, 9]])


def test_times_rounded_to_a_millisecond_are_on_the_grid() -> None:
    faces = read(small(time_ms=[0, 33, 67, 100, 133] * 2))
    assert faces.rate_hz == pytest.approx(30.0, rel=1e-2)
    np.testing.assert_array_equal(faces.values[:, :, 0], np.arange(10.0).reshape(2, 5))


def test_a_varying_frame_rate_is_put_on_a_grid_by_time_and_said() -> None:
    times = np.array([0.0, 40, 95, 120, 160])
    values = np.r_[times, times]  # the value is the time, so that any grid gives its own times
    with pytest.warns(UserWarning, match="1 video of another or a varying frame rate put on 25 Hz"):
        faces = read(small(time_ms=[*times, 0, 40, 80, 120, 160], AU12=values))
    assert isinstance(faces, Faces)
    np.testing.assert_allclose(faces.values[0, :, 0], [0, 40, 80, 120, 160], atol=1e-4)


def test_nothing_is_interpolated_over_a_long_pause() -> None:
    with pytest.warns(UserWarning, match="put on 25 Hz"):
        faces = read(small(time_ms=[0, 40, 80, 255, 295, 0, 40, 80, 120, 160]))
    assert isinstance(faces, Faces)
    assert np.isnan(faces.values[0, 3:6, 0]).all()
    assert faces.length.tolist() == [8, 5]


def test_a_camera_that_slows_down_in_poor_light_loses_nothing() -> None:
    """As many frames at 50 Hz as at 15 Hz: the median step says nothing of the slow ones."""
    times = np.r_[np.arange(60) * 20.0, 1200 + np.arange(50) * 66.0]
    table = pd.DataFrame({"video": "a", "smiler": "ann", "label": "posed", "time_ms": times, "AU12": times / 1000})
    other = table.assign(video="b", smiler="bob", label="genuine", time_ms=np.arange(110) * 20.0)
    with pytest.warns(UserWarning, match="put on 50 Hz"):
        faces = read(pd.concat([table, other]))
    assert isinstance(faces, Faces)
    own = faces.values[0, : faces.length[0], 0]
    np.testing.assert_allclose(own, np.arange(len(own)) * 0.02, atol=1e-4)


def test_frames_between_long_pauses_stay_where_they_are() -> None:
    times = [0, 40, 80, 120, 160, 385, 655, 880]
    table = pd.DataFrame({"video": "a", "smiler": "ann", "label": "posed", "time_ms": times, "AU12": np.arange(8.0)})
    other = table.assign(video="b", smiler="bob", label="genuine", time_ms=np.arange(8) * 40)
    with pytest.warns(UserWarning, match="put on 25 Hz"):
        faces = read(pd.concat([table, other]))
    assert isinstance(faces, Faces)
    own = faces.values[0, :, 0]
    assert np.flatnonzero(np.isfinite(own)).tolist() == [0, 1, 2, 3, 4, 10, 16, 22]
    assert own[[10, 16, 22]].tolist() == [5, 6, 7]


def test_what_trackers_say_of_frames_is_no_measure() -> None:
    table = small(timestamp=[0, 0.04, 0.08, 0.12, 0.16] * 2, success=[1, 1, 0, 1, 1] * 2)
    with pytest.warns(DataWarning) as caught:
        faces = read(table)
    assert isinstance(faces, Faces)
    assert faces.channels == ("AU12",)
    said = " ".join(str(one.message) for one in caught)
    assert "not used: timestamp, success" in said
    assert "frames that a tracker calls a failure keep their values" in said


def test_photos_have_one_frame_each_and_no_time() -> None:
    photos = read(small().iloc[[0, 5]].drop(columns="time_ms"))
    assert isinstance(photos, Faces)
    assert photos.stills
    assert photos.rate_hz == 1.0


def test_videos_without_labels_can_be_predicted_and_not_trained_on() -> None:
    table = small().drop(columns="label")
    assert read(table, labels="optional").label.tolist() == [-1, -1]
    with pytest.raises(ReadError, match="the videos have no label: there is no such column"):
        read(table)


def test_a_third_class_is_left_out_and_said() -> None:
    third = small().assign(video=lambda t: t["video"] + "2", label="none of both").iloc[:5]
    with pytest.warns(UserWarning, match="1 video left out, labelled none of both"):
        faces = read(pd.concat([small(), third], ignore_index=True))
    assert len(faces) == 2


def test_columns_with_other_headings_are_named() -> None:
    table = small().rename(columns={"video": "clip", "smiler": "who", "time_ms": "t"})
    settings = ReadSettings(layout="faces", trial=("clip",), participant="who", time="t", time_unit="ms")
    assert read(table, settings).participant == ("ann", "bob")
    with pytest.raises(ReadError, match="there is no column 'clips'"):
        read(table, ReadSettings(layout="faces", trial=("clips",)))


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            {"time_ms": [0, 40, 40, 120, 160] * 2},
            "row 3: times of a video must rise; after 40 ms comes 40 ms in video 'a.mp4'",
        ),
        ({"time_ms": [0, 40, None, 120, 160] * 2}, "row 3: the frame has no time"),
        ({"label": ["posed"] * 4 + ["genuine"] * 6}, "row 5: the label of a video must be the same in all frames"),
        ({"label": ["happy"] * 5 + ["sad"] * 5}, "row 1: the label 'happy' is neither posed nor genuine"),
        ({"AU12": ["1", "2", "FIT", *"3456789"]}, "row 3: AU12 must be a number or empty; it is 'FIT'"),
        ({"confidence": [90.0] * 10}, "confidence must be between 0 and 1, or NaN; video 'a.mp4' of smiler 'ann'"),
        ({"smiler": ["ann"] * 5 + [""] * 5}, "row 6 has no smiler. Every frame needs one"),
        ({"AU12": [None] * 10}, "no frame of any of the 2 videos was measured"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_row(columns: dict[str, Any], message: str) -> None:
    with pytest.raises(ReadError) as caught:
        read(small(**columns))
    assert message in str(caught.value)


def test_columns_that_are_needed_and_settings_of_pupils_are_spoken_of() -> None:
    with pytest.raises(ReadError, match="there is no column with the smiler"):
        read(small().drop(columns="smiler"))
    with pytest.raises(ReadError, match=r"video 'a\.mp4' has 5 frames and no time"):
        read(small().drop(columns="time_ms"))
    with pytest.raises(SettingsError, match="unit is not used for tables of the layout faces"):
        read(small(), ReadSettings(unit="mm"))
    with pytest.warns(UserWarning, match="not used: emotion"):
        read(small(emotion="joy"))


def test_several_files_are_one_recording_and_pupils_are_not_mixed_in(tmp_path: Path) -> None:
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    small().iloc[:5].to_csv(first, index=False)
    small().iloc[5:].to_csv(second, index=False)
    assert read([first, second]).participant == ("ann", "bob")
    assert read(tmp_path).trial == ("a.mp4", "b.mp4")
    pupils = tmp_path / "pupils.csv"
    pupils.write_text("participant,trial,time_ms,left_mm,label\n1,1,0,3.1,posed\n")
    with pytest.raises(ReadError, match=r"a\.csv is a table of faces, and .*pupils\.csv is not"):
        read([first, pupils])


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (["posed", ""], "posed; 1 posed and 0 genuine; 1 video without a label"),
        (["", ""], "none: the column is empty"),
    ],
)
def test_an_empty_label_is_no_word_among_the_labels(labels: list[str], said: str) -> None:
    faces = read(small(label=[one for one in labels for _ in range(5)]), labels="optional")
    assert [one.value for one in faces.source.findings if one.what == "labels"] == [said]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"time_ms": [0, 0.04, 0.08, 0.12, 0.16] * 2}, "25000 Hz.*which no camera of faces has"),
        ({"time_ms": [0, 1e6, 2e6, 3e6, 4e6] * 2}, "which no camera of faces has"),
        ({"time_ms": [0, 2, 4, 6, 8] * 2, "frame_rate_hz": 25.0}, "500 Hz.*the column frame_rate_hz says 25"),
    ],
)
def test_times_that_no_camera_gives_are_said(columns: dict[str, Any], said: str) -> None:
    with pytest.warns(UserWarning, match=said):
        read(small(**columns))


def test_an_odd_rate_says_what_was_read_and_what_sets_it_right() -> None:
    counted = small(time_ms=[0, 1, 2, 3, 4] * 2)
    with pytest.warns(UserWarning, match=r"1000 Hz.*a frame follows after 1 ms.*time_unit.*rate_hz"):
        read(counted)
    usual = read(small())
    for given in (counted, small().drop(columns="time_ms")):
        again = read(given, ReadSettings(rate_hz=25.0))
        assert again.rate_hz == usual.rate_hz == 25.0
        np.testing.assert_array_equal(again.values, usual.values)
    with pytest.raises(ReadError, match=r"'time_ms' counts frames, in whole numbers; it is 0\.5"):
        read(small(time_ms=[0.5, 1, 2, 3, 4] * 2), ReadSettings(rate_hz=25.0))


def test_measures_of_faces_without_a_video_are_no_pupils(tmp_path: Path) -> None:
    path = tmp_path / "faces.csv"
    small().drop(columns="video").to_csv(path, index=False)
    with pytest.raises(
        ReadError, match=r"Columns such as 'AU12' measure faces, and a table of faces has a column video"
    ):
        read(path)


def test_videos_are_tracked_first(tmp_path: Path) -> None:
    for name in ("a.mp4", "b.mov"):
        (tmp_path / name).write_bytes(b"x")
    for path, what in ((tmp_path, "this folder holds videos"), (tmp_path / "a.mp4", "is called as a video or photo")):
        with pytest.raises(ReadError, match=f"{what}.*smilejax track VIDEOS"):
            read(path)


def test_a_smiler_that_changes_within_a_video_is_said() -> None:
    table = small()
    changed = table.assign(smiler=["ann"] * 4 + ["anne"] + ["bob"] * 5)
    with pytest.warns(UserWarning, match=r"smilers: 'a\.mp4': frames of several smilers, at different times"):
        read(changed)
    # Two smilers may each have a video of the same name: both begin at the same time.
    assert read(table.assign(video="smile.mp4")).participant == ("ann", "bob")
