"""E-Prime's gaze data of both generations, whose marks of validity are the reverse of each other."""

from pathlib import Path

import numpy as np
import pytest
from helpers.tracker_files.reading import assert_recorded, names, read, said, used
from helpers.tracker_files.tobii import recorded, write_gazedata

from smilejax._util.errors import ReadError
from smilejax.readers import read as read_trials
from smilejax.readers.given import Given
from smilejax.readers.mapping import load_mapping, save_mapping
from smilejax.readers.trackers import eprime_gazedata
from smilejax.settings import ReadSettings

TRUTH = recorded()


@pytest.mark.parametrize("new", [True, False])
def test_gives_back_what_was_recorded(tmp_path: Path, new: bool) -> None:
    samples = read(eprime_gazedata, write_gazedata(tmp_path / "a.gazedata", TRUTH, new=new))
    assert_recorded(samples, TRUTH)
    assert samples.units == ("mm", "mm")
    assert names(samples, "label") == list(TRUTH.label)
    assert names(samples, "trial") == [{"": "", "smile_a": "1", "smile_b": "2"}[s] for s in TRUTH.stimulus]
    np.testing.assert_array_equal(samples.invalid, TRUTH.lost)
    assert [e.text for e in samples.events] == ["Fixation", "smile_a", "Fixation", "smile_b"] * 2


@pytest.mark.parametrize("new", [True, False])
def test_a_value_behind_an_invalid_mark_is_never_used(tmp_path: Path, new: bool) -> None:
    """Numbers stand behind both codes, so that only the generation tells which is good."""
    samples = read(eprime_gazedata, write_gazedata(tmp_path / "a.gazedata", TRUTH, new=new, behind_invalid=3.5))
    np.testing.assert_array_equal(used(samples), TRUTH.pupil)


@pytest.mark.parametrize("new", [True, False])
def test_codes_of_the_other_polarity_are_told_by_the_pupils(tmp_path: Path, new: bool) -> None:
    path = write_gazedata(tmp_path / "a.gazedata", TRUTH, new=new, code=lambda lost: str(int(lost == new)))
    samples = read(eprime_gazedata, path)
    np.testing.assert_array_equal(samples.invalid, TRUTH.lost)
    assert "warning" in said(samples, "codes of validity")


def test_zero_throughout_beside_pupils_is_good_and_said(tmp_path: Path) -> None:
    truth = recorded()
    truth.pupil[:] = 3.0
    samples = read(eprime_gazedata, write_gazedata(tmp_path / "a.gazedata", truth, code=lambda lost: "0"))
    assert samples.invalid is not None
    assert not samples.invalid.any()
    assert "warning: 0 is good" in said(samples, "codes of validity")


def test_codes_from_0_to_4_under_the_new_headings(tmp_path: Path) -> None:
    path = write_gazedata(tmp_path / "a.gazedata", TRUTH, code=lambda lost: "4" if lost else "0", behind_invalid=3.5)
    samples = read(eprime_gazedata, path)
    np.testing.assert_array_equal(samples.invalid, TRUTH.lost)
    assert "warning" in said(samples, "codes of validity")


@pytest.mark.parametrize(("per_ms", "unit"), [(1000, "us"), (1, "ms")])
def test_the_unit_of_the_trackers_clock_is_told_beside_that_of_eprime(tmp_path: Path, per_ms: int, unit: str) -> None:
    samples = read(eprime_gazedata, write_gazedata(tmp_path / "a.gazedata", TRUTH, tet_per_ms=per_ms))
    assert samples.time is not None
    assert samples.time.unit == unit
    np.testing.assert_array_equal(samples.time.values, TRUTH.time_us * per_ms // 1000)


def test_a_clock_that_stands_still_is_not_used(tmp_path: Path) -> None:
    samples = read(eprime_gazedata, write_gazedata(tmp_path / "a.gazedata", TRUTH, tet_per_ms=0))
    assert samples.time is not None
    assert samples.time.unit == "ms"
    np.testing.assert_array_equal(samples.time.values, TRUTH.time_us // 1000)


def test_numbers_that_are_none(tmp_path: Path) -> None:
    samples = read(eprime_gazedata, write_gazedata(tmp_path / "a.gazedata", TRUTH, missing="-1.#IND00"))
    assert_recorded(samples, TRUTH)
    assert np.isnan(samples.pupil[TRUTH.lost]).all()
    assert f"{TRUTH.lost.sum()} cells" in said(samples, "missing")


def test_a_mark_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"line 16, column 'PupilValidityLeftEye': .* the cell holds 'x'"):
        read(eprime_gazedata, write_gazedata(tmp_path / "a.gazedata", TRUTH, code=lambda lost: "x" if lost else "1"))


def test_columns_that_the_settings_name_win(tmp_path: Path) -> None:
    path = write_gazedata(tmp_path / "a.gazedata", TRUTH)
    samples = read(eprime_gazedata, path, ReadSettings(time="RTTime", trial=("CurrentObject",)))
    assert samples.time is not None
    np.testing.assert_array_equal(samples.time.values, TRUTH.time_us // 1000)
    assert names(samples, "trial")[:2] == ["Fixation", "Fixation"]


def test_the_other_order_of_words(tmp_path: Path) -> None:
    """As gazelib's recordings are: LeftEyePupilDiameter, TETTime in microseconds, no clock of E-Prime's, a Tag."""
    text = write_gazedata(tmp_path / "b.gazedata", TRUTH, new=False).read_text("utf-8-sig")
    heads = {"DiameterPupilLeftEye": "LeftEyePupilDiameter", "DiameterPupilRightEye": "RightEyePupilDiameter"}
    heads |= {"RTTime": "Unused", "CurrentObject": "Tag", "TrialId": "Trialnumber"}
    for old, other in heads.items():
        text = text.replace(old, other, 1)
    (tmp_path / "a.gazedata").write_text(text)
    samples = read(eprime_gazedata, tmp_path / "a.gazedata")
    assert_recorded(samples, TRUTH)
    np.testing.assert_array_equal(samples.invalid, TRUTH.lost)
    assert samples.time is not None
    np.testing.assert_array_equal(samples.time.values, TRUTH.time_us)
    assert [e.text for e in samples.events][:2] == ["Fixation", "smile_a"]
    assert not eprime_gazedata.recognises(Given(tmp_path / "none.tsv"), ReadSettings())
    (tmp_path / "tidy.csv").write_text("id,time,LeftEyePupilDiameter\n1,0,3.1\n")  # anyone may call a column so
    assert not eprime_gazedata.recognises(Given(tmp_path / "tidy.csv"), ReadSettings())


def test_a_clock_in_two_columns(tmp_path: Path) -> None:
    lines = write_gazedata(tmp_path / "b.gazedata", TRUTH, new=False).read_text("utf-8-sig").splitlines()
    rows = [line.split("\t") for line in lines]
    rows[0][3:5] = ["TimestampSec", "TimestampMicrosec"]
    for row, time in zip(rows[1:], TRUTH.time_us.tolist(), strict=True):
        row[3:5] = [str(1360680900 + time // 1_000_000), str(time % 1_000_000)]
    path = tmp_path / "a.gazedata"
    path.write_text("\n".join("\t".join(row) for row in rows) + "\n")
    samples = read(eprime_gazedata, path)
    assert samples.time is not None
    assert samples.time.unit == "us"
    np.testing.assert_array_equal(samples.time.values, TRUTH.time_us + 1_360_680_900_000_000)
    trials = read_trials(path)
    save_mapping(trials, tmp_path / "map.toml")  # names no column that is not there
    again = read_trials(path, load_mapping(tmp_path / "map.toml"))
    np.testing.assert_array_equal(again.pupil, trials.pupil)
