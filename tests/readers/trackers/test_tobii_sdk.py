"""Gaze data of Tobii's SDK: CSV, Titta's tables, JSON."""

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import DATA
from helpers.tracker_files.reading import assert_recorded, names, read, said, used
from helpers.tracker_files.tobii import recorded, write_sdk

from smilejax._util.errors import ReadError
from smilejax.readers.trackers import tobii_sdk
from smilejax.settings import ReadSettings

TRUTH = recorded(90.0)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("titta", [False, True])
def test_gives_back_what_was_recorded(tmp_path: Path, delimiter: str, titta: bool) -> None:
    samples = read(tobii_sdk, write_sdk(tmp_path / "a.csv", TRUTH, delimiter=delimiter, titta=titta))
    assert_recorded(samples, TRUTH)
    assert samples.units == ("mm", "mm")
    assert names(samples, "stimulus") == list(TRUTH.stimulus)
    assert names(samples, "label") == list(TRUTH.label)
    assert samples.time is not None
    assert samples.time.unit == "us"
    np.testing.assert_array_equal(samples.time.values, TRUTH.time_us)
    np.testing.assert_array_equal(samples.invalid, TRUTH.lost)


def test_a_diameter_is_not_in_metres(tmp_path: Path) -> None:
    """`left_pupil_diameter` ends with `meter`."""
    assert read(tobii_sdk, write_sdk(tmp_path / "a.csv", TRUTH)).units == ("mm", "mm")


def test_validity_one_is_good_the_reverse_of_studio(tmp_path: Path) -> None:
    path = write_sdk(tmp_path / "a.csv", TRUTH, behind_invalid=3.5)
    samples = read(tobii_sdk, path)
    np.testing.assert_array_equal(samples.invalid, TRUTH.lost)
    np.testing.assert_array_equal(used(samples), TRUTH.pupil)
    assert said(samples, "codes of validity") == "recognised: 1 is good and 0 is not"


def test_a_recording_that_is_invalid_throughout_has_no_pupil(tmp_path: Path) -> None:
    truth = recorded(90.0)
    truth.pupil[:] = np.nan
    samples = read(tobii_sdk, write_sdk(tmp_path / "a.csv", truth, behind_invalid=3.5))
    assert np.isnan(used(samples)).all()


def test_the_rounded_one_of_two_clocks_is_not_used(tmp_path: Path) -> None:
    for coarse, other, add in (
        ("device_time_stamp", "system_time_stamp", 1_564_666_170_000_000),
        ("system_time_stamp", "device_time_stamp", 0),
    ):
        samples = read(tobii_sdk, write_sdk(tmp_path / "a.csv", TRUTH, coarse=coarse))
        assert samples.time is not None
        np.testing.assert_array_equal(samples.time.values, TRUTH.time_us + add)
        assert f"{other!r}, not {coarse!r}" in said(samples, "column: time")
    named = read(tobii_sdk, tmp_path / "a.csv", ReadSettings(time="system_time_stamp"))
    assert named.time is not None
    assert named.time.unit == "us"
    assert named.time.values[0] % 100_000 == 0


def test_blank_lines_between_all_lines(tmp_path: Path) -> None:
    assert_recorded(read(tobii_sdk, write_sdk(tmp_path / "a.csv", TRUTH, newline="\r\r\n")), TRUTH)


def test_a_last_line_that_breaks_off_is_left_out_and_said(tmp_path: Path) -> None:
    path = write_sdk(tmp_path / "a.csv", TRUTH, delimiter=";")
    raw = path.read_bytes()
    path.write_bytes(raw[: raw.rstrip().rfind(b"\n") + 40])
    samples = read(tobii_sdk, path)
    assert len(samples) == len(TRUTH.pupil) - 1
    assert "warning: it breaks off" in said(samples, "last line")


def _point(i: int) -> dict[str, object]:
    sides = zip(("left", "right"), TRUTH.pupil[i].tolist(), strict=True)
    return {f"{side}_pupil_diam": None if np.isnan(v) else v for side, v in sides} | {"time": int(TRUTH.time_us[i])}


def test_json_of_lists_or_of_lines(tmp_path: Path) -> None:
    points = [_point(i) for i in range(100)]
    (tmp_path / "a.json").write_text(json.dumps([points[:60], points[60:]], indent=4))
    samples = read(tobii_sdk, tmp_path / "a.json")
    np.testing.assert_array_equal(samples.pupil, TRUTH.pupil[:100])
    assert names(samples, "trial") == ["1"] * 60 + ["2"] * 40
    (tmp_path / "b.json").write_text("\n".join(map(json.dumps, points)))
    lines = read(tobii_sdk, tmp_path / "b.json")
    np.testing.assert_array_equal(lines.pupil, TRUTH.pupil[:100])
    assert "trial" not in lines.names


def test_json_that_was_cut_is_refused(tmp_path: Path) -> None:
    text = json.dumps([[_point(i) for i in range(100)]], indent=4)
    (tmp_path / "a.json").write_text(text[:5000])
    with pytest.raises(ReadError, match="no JSON"):
        read(tobii_sdk, tmp_path / "a.json")


def test_a_real_recording_with_tuples_in_cells() -> None:
    path = DATA / "trackers" / "tobii" / "emdat_4Ctest.csv"
    if not path.exists():
        pytest.skip("EMDAT's recording of the SDK is not here")
    samples = read(tobii_sdk, path)
    assert len(samples) == 453
    assert samples.time is not None
    steps = np.diff(samples.time.values)
    assert np.median(steps) == pytest.approx(1e6 / 90, abs=10)
    assert samples.pupil[0].tolist() == [3.37985229492, 2.97882080078]
    assert samples.invalid is not None
    assert samples.invalid.sum(axis=0).tolist() == [5, 38]
    np.testing.assert_array_equal(samples.invalid, np.isnan(samples.pupil))
    assert "'device_time_stamp'" in said(samples, "column: time")


def test_real_gaze_points_as_json() -> None:
    path = DATA / "trackers" / "tobii" / "gazelibfixtures_fixation-gazepoints.standard.json"
    if not path.exists():
        pytest.skip("gazelib's fixture is not here")
    samples = read(tobii_sdk, path)
    assert len(samples) == 2000
    assert np.isnan(samples.pupil[:, 0]).sum() == 102
    assert "the same numbers throughout" in said(samples, "eyes")
