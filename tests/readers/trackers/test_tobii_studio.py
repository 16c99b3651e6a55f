"""Tobii Studio's text exports: version 3 with its 77 columns, and 'All Data' of versions 1 and 2."""

from pathlib import Path

import numpy as np
import pytest
from conftest import DATA
from helpers.tracker_files.reading import assert_recorded, names, read, said, used
from helpers.tracker_files.tobii import recorded, write_studio, write_studio_all_data

from smilejax._util.errors import ReadError
from smilejax.readers.given import Given
from smilejax.readers.trackers import tobii_pro_lab, tobii_studio
from smilejax.settings import ReadSettings

TRUTH = recorded()


def test_gives_back_what_was_recorded(tmp_path: Path) -> None:
    samples = read(tobii_studio, write_studio(tmp_path / "a.tsv", TRUTH))
    assert_recorded(samples, TRUTH)
    assert samples.units == ("mm", "mm")
    assert names(samples, "stimulus") == list(TRUTH.stimulus)
    assert samples.names["recording"].names == ("Rec P1", "Rec P2")
    np.testing.assert_array_equal(samples.invalid, TRUTH.lost)


def test_the_trackers_clock_goes_before_whole_milliseconds(tmp_path: Path) -> None:
    """RecordingTimestamp goes 16, 17, 17; EyeTrackerTimestamp has microseconds."""
    samples = read(tobii_studio, write_studio(tmp_path / "a.tsv", TRUTH))
    assert samples.time is not None
    assert samples.time.unit == "us"
    np.testing.assert_array_equal(samples.time.values, TRUTH.time_us)
    assert "'EyeTrackerTimestamp', not 'RecordingTimestamp'" in said(samples, "clock")
    coarse = read(tobii_studio, write_studio(tmp_path / "b.tsv", TRUTH, eye_tracker_clock=False))
    assert coarse.time is not None
    assert coarse.time.unit == "ms"
    assert set(np.diff(coarse.time.values[:50]).tolist()) == {16, 17}
    named = read(tobii_studio, tmp_path / "a.tsv", ReadSettings(time="RecordingTimestamp"))
    assert named.time is not None
    assert named.time.unit == "ms"
    np.testing.assert_array_equal(named.time.values, coarse.time.values)


def test_events_without_the_trackers_time_are_put_on_its_clock(tmp_path: Path) -> None:
    samples = read(tobii_studio, write_studio(tmp_path / "a.tsv", TRUTH))
    at = [i for i, s in enumerate(TRUTH.stimulus) if s and s != ("", *TRUTH.stimulus)[i]]
    assert [e.text for e in samples.events] == ["MovieStart smile_a", "MovieStart smile_b"] * 2
    assert [e.recording for e in samples.events] == ["Rec P1"] * 2 + ["Rec P2"] * 2
    np.testing.assert_allclose([e.time for e in samples.events], TRUTH.time_us[at], atol=1000)
    assert "4: no samples" in said(samples, "rows of events alone")


def test_an_event_between_two_samples_keeps_its_distance(tmp_path: Path) -> None:
    path = write_studio(tmp_path / "a.tsv", TRUTH)
    lines = path.read_text("utf-8-sig").split("\n")
    at = next(i for i, line in enumerate(lines) if "MovieStart" in line)
    cells = lines[at].split("\t")
    clock = lines[0].split("\t").index("RecordingTimestamp")
    cells[clock] = str(int(cells[clock]) + 9)
    path.write_text("\n".join([*lines[:at], "\t".join(cells), *lines[at + 1 :]]), "utf-8")
    assert read(tobii_studio, path).events[0].time == TRUTH.time_us[10] + 9000


def test_trailing_tab_makes_no_column(tmp_path: Path) -> None:
    samples = read(tobii_studio, write_studio(tmp_path / "a.tsv", TRUTH))
    assert "" not in samples.unused


@pytest.mark.parametrize(("code", "bad"), [("1", False), ("2", True), ("3", True), ("4", True)])
def test_validity_counts_from_good_to_lost(tmp_path: Path, code: str, bad: bool) -> None:
    """0 and 1 are accepted; behind 2, 3 and 4 a number is no pupil."""
    path = write_studio(tmp_path / "a.tsv", TRUTH, lost_code=code, behind_lost="3.500")
    samples = read(tobii_studio, path)
    np.testing.assert_array_equal(samples.invalid, TRUTH.lost & bad)
    np.testing.assert_array_equal(used(samples), np.where(TRUTH.lost, np.nan if bad else 3.5, TRUTH.pupil))


def test_all_lost_is_all_invalid(tmp_path: Path) -> None:
    truth = recorded(people=("P1",))
    truth.pupil[:] = np.nan
    samples = read(tobii_studio, write_studio(tmp_path / "a.tsv", truth, missing="-1"))
    assert samples.invalid is not None
    assert samples.invalid.all()


def test_minus_one_beside_validity_zero_stays_for_the_step_that_knows_it(tmp_path: Path) -> None:
    """One export has -1.00 with validity 0: the number stays as written, and no pupil can be below zero."""
    path = write_studio(tmp_path / "a.tsv", TRUTH, lost_code="0", behind_lost="-1.00")
    samples = read(tobii_studio, path)
    assert (samples.pupil[TRUTH.lost] == -1).all()
    np.testing.assert_array_equal(used(samples), TRUTH.pupil)


def test_validity_of_the_sdk_under_studios_headings_is_told_by_the_pupils(tmp_path: Path) -> None:
    path = write_studio(tmp_path / "a.tsv", TRUTH, good_code="1", lost_code="0")
    samples = read(tobii_studio, path)
    np.testing.assert_array_equal(samples.invalid, TRUTH.lost)
    assert "warning: 1 is good and 0 is not, against" in said(samples, "codes of validity")


def test_lines_above_the_headings_and_missing_minus_one(tmp_path: Path) -> None:
    truth = recorded(people=("P106",))
    samples = read(tobii_studio, write_studio_all_data(tmp_path / "a.tsv", truth))
    assert_recorded(samples, truth)
    assert samples.names["recording"].names == ("Rec 62",)
    assert names(samples, "stimulus") == list(truth.stimulus)
    assert (samples.pupil[truth.lost] == -1).all()
    assert samples.line[0] == 15
    assert [e.text for e in samples.events] == ["MovieStart", "MovieStart"]


def test_decimal_comma(tmp_path: Path) -> None:
    samples = read(tobii_studio, write_studio(tmp_path / "a.tsv", TRUTH, decimal=","))
    assert_recorded(samples, TRUTH)


def test_the_code_five_is_no_mark(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"line \d+, column 'ValidityLeft': .* the cell holds '5'"):
        read(tobii_studio, write_studio(tmp_path / "a.tsv", TRUTH, lost_code="5"))


def test_studio_and_pro_lab_are_told_apart_by_the_space_alone(tmp_path: Path) -> None:
    given = Given(write_studio(tmp_path / "a.tsv", TRUTH))
    assert not tobii_pro_lab.recognises(given, ReadSettings())


def test_a_real_export_of_studio_2_in_which_all_is_lost() -> None:
    path = DATA / "trackers" / "tobii" / "emdat_P63-All-Data.tsv"
    if not path.exists():
        pytest.skip("EMDAT's export of Tobii Studio is not here")
    samples = read(tobii_studio, path)
    assert len(samples) == 8
    assert samples.invalid is not None
    assert samples.invalid.all()
    assert np.isnan(used(samples)).all()
    assert samples.names["participant"].names == ("P106",)
    assert samples.time is not None
    assert samples.time.values[:2].tolist() == [606994606, 607011232]
    assert [e.text for e in samples.events] == ["ScreenRecStarted", "LeftMouseClick"]


def test_a_last_line_cut_inside_its_last_field_is_left_out_with_a_warning(tmp_path: Path) -> None:
    """Every line ends with a tab: one field fewer is no export that closes its headings alone."""
    path = write_studio_all_data(tmp_path / "a.tsv", recorded(people=("P106",)))
    whole = read(tobii_studio, path)
    text = path.read_bytes()
    assert text.endswith(b"smile_b\t\r\n")
    path.write_bytes(text[: -len(b"ile_b\t\r\n")])
    samples = read(tobii_studio, path)
    np.testing.assert_array_equal(samples.pupil, whole.pupil[:-1])
    assert "warning: it breaks off" in said(samples, "last line")
