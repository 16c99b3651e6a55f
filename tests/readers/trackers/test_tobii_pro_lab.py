"""Tobii Pro Lab's data export, as text and workbook."""

import gzip
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from conftest import DATA
from helpers.tracker_files.reading import assert_recorded, names, read, said, used
from helpers.tracker_files.tobii import pro_lab_rows, recorded, write_pro_lab

from smilejax._util.errors import ReadError
from smilejax.readers import read as read_trials
from smilejax.readers.assembly.viewings import viewings_of
from smilejax.readers.given import Given
from smilejax.readers.trackers import tobii_pro_lab, tobii_studio
from smilejax.settings import ReadSettings

TRUTH = recorded()


def test_gives_back_what_was_recorded(tmp_path: Path) -> None:
    samples = read(tobii_pro_lab, write_pro_lab(tmp_path / "a.tsv", pro_lab_rows(TRUTH)))
    assert_recorded(samples, TRUTH)
    assert samples.units == ("mm", "mm")
    assert names(samples, "stimulus") == list(TRUTH.stimulus)
    assert samples.time is not None
    assert samples.time.unit == "us"
    np.testing.assert_array_equal(samples.time.values, TRUTH.time_us)
    np.testing.assert_array_equal(samples.invalid, TRUTH.lost)
    assert "Gaze point X [DACS px]" in samples.unused


def test_a_workbook_reads_as_the_text(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in pro_lab_rows(TRUTH):
        book.active.append([float(c) if c.replace(".", "").isdigit() else c or None for c in row])
    book.save(tmp_path / "a.xlsx")
    samples = read(tobii_pro_lab, tmp_path / "a.xlsx")
    assert_recorded(samples, TRUTH)
    assert len(samples.events) == 4


@pytest.mark.parametrize("mu", ["\u00b5", "\u03bc"])
def test_both_micro_signs(tmp_path: Path, mu: str) -> None:
    rows = pro_lab_rows(TRUTH, time_head=f"Recording timestamp [{mu}s]")
    samples = read(tobii_pro_lab, write_pro_lab(tmp_path / "a.tsv", rows))
    assert samples.time is not None
    assert samples.time.unit == "us"


def test_a_clock_without_a_unit_is_left_to_inference_and_one_in_ms_is_named(tmp_path: Path) -> None:
    for head, unit in (("Recording timestamp", None), ("Recording timestamp [ms]", "ms")):
        samples = read(tobii_pro_lab, write_pro_lab(tmp_path / "a.tsv", pro_lab_rows(TRUTH, time_head=head)))
        assert samples.time is not None
        assert samples.time.unit == unit


def test_rows_of_other_sensors_are_no_samples_but_their_events_are_kept(tmp_path: Path) -> None:
    rows = pro_lab_rows(TRUTH)
    samples = read(tobii_pro_lab, write_pro_lab(tmp_path / "a.tsv", rows))
    assert len(samples) == len(TRUTH.pupil)
    assert [e.text for e in samples.events] == ["VideoStimulusStart smile_a", "VideoStimulusStart smile_b"] * 2
    assert [e.parts for e in samples.events][:1] == [{"event": "VideoStimulusStart", "value": "smile_a"}]
    assert [e.row for e in samples.events] == [-1] * 4
    at = [i for i in range(len(TRUTH.stimulus)) if TRUTH.stimulus[i] and TRUTH.stimulus[i] != ("", *TRUTH.stimulus)[i]]
    assert [e.time for e in samples.events] == TRUTH.time_us[at].tolist()
    assert rows[samples.events[1].line - 1][4] == "VideoStimulusStart"
    assert "4 of events" in said(samples, "rows of other sensors")


def test_events_without_a_column_of_sensors(tmp_path: Path) -> None:
    rows = [row for row in pro_lab_rows(TRUTH, sensor=False) if row[-1] != "512"]
    samples = read(tobii_pro_lab, write_pro_lab(tmp_path / "a.tsv", rows))
    assert_recorded(samples, TRUTH)
    assert len(samples.events) == 4


def test_one_recording_name_of_two_participants_is_two_recordings(tmp_path: Path) -> None:
    samples = read(tobii_pro_lab, write_pro_lab(tmp_path / "a.tsv", pro_lab_rows(TRUTH)))
    assert samples.names["recording"].names == ("P1 Recording1", "P2 Recording1")
    assert [e.recording for e in samples.events] == ["P1 Recording1"] * 2 + ["P2 Recording1"] * 2


def test_a_value_behind_an_invalid_mark_is_never_used(tmp_path: Path) -> None:
    rows = pro_lab_rows(TRUTH, behind_invalid=3.5)
    samples = read(tobii_pro_lab, write_pro_lab(tmp_path / "a.tsv", rows))
    assert_recorded(samples, TRUTH)
    assert (samples.pupil[TRUTH.lost] == 3.5).all()
    assert "20 of 200, 20 of them with a pupil that is not used" in said(samples, "samples marked invalid")


def test_decimal_comma_and_utf_16(tmp_path: Path) -> None:
    rows = pro_lab_rows(TRUTH, decimal=",")
    samples = read(tobii_pro_lab, write_pro_lab(tmp_path / "a.tsv", rows, "utf-16"))
    assert_recorded(samples, TRUTH)
    assert said(samples, "decimal mark") == "inferred: comma"


def test_decimal_points_and_commas_in_one_file_are_refused(tmp_path: Path) -> None:
    rows = pro_lab_rows(TRUTH, decimal=",")
    left = rows[0].index("Pupil diameter left [mm]")
    rows[-1][left] = "3.25"
    with pytest.raises(ReadError, match="decimal comma"):
        read(tobii_pro_lab, write_pro_lab(tmp_path / "a.tsv", rows))


def test_raw_pupils_go_before_filtered_ones(tmp_path: Path) -> None:
    rows = pro_lab_rows(TRUTH)
    raw = [i for i, head in enumerate(rows[0]) if head.startswith(("Pupil diameter left", "Pupil diameter right"))]
    only = [[cell for i, cell in enumerate(row) if i not in raw] for row in rows]
    samples = read(tobii_pro_lab, write_pro_lab(tmp_path / "a.tsv", only))
    assert samples.eyes == ()
    assert "warning: these are filtered by Pro Lab" in said(samples, "pupil")
    assert said(read(tobii_pro_lab, write_pro_lab(tmp_path / "b.tsv", rows)), "pupil") == ""


def test_pupil_slower_than_gaze_is_no_blink(tmp_path: Path) -> None:
    """Pupils at 40 Hz beside gaze at 120 Hz: two rows of three are empty, and a blink is missing at the pupil's rate."""
    truth = recorded(120.0, samples=120)
    samples = read(tobii_pro_lab, write_pro_lab(tmp_path / "a.tsv", pro_lab_rows(truth, pupil_every=3)))
    due = np.flatnonzero(np.arange(len(truth.pupil)) % 3 == 0)
    assert samples.time is not None
    steps = np.diff(samples.time.values[: len(due) // 2])
    assert set(np.round(steps / 1000).tolist()) == {25}
    np.testing.assert_array_equal(samples.time.values, truth.time_us[due])
    np.testing.assert_array_equal(used(samples), truth.pupil[due])
    assert "one for 3 rows" in said(samples, "pupil")


def test_many_blinks_are_no_slow_pupil(tmp_path: Path) -> None:
    truth = recorded()
    truth.pupil[30:90] = np.nan
    truth.pupil[100:150:4] = np.nan
    samples = read(tobii_pro_lab, write_pro_lab(tmp_path / "a.tsv", pro_lab_rows(truth)))
    assert_recorded(samples, truth)


def test_no_row_of_the_eye_tracker_is_said(tmp_path: Path) -> None:
    rows = [row for row in pro_lab_rows(TRUTH) if row[1] != "Eye Tracker"]
    with pytest.raises(ReadError, match=r"no row is of the sensor 'Eye Tracker'.*'Mouse'"):
        read(tobii_pro_lab, write_pro_lab(tmp_path / "a.tsv", rows))


def test_columns_that_the_settings_name_win(tmp_path: Path) -> None:
    rows = pro_lab_rows(TRUTH)
    rows[0][rows[0].index("Recording name")] = "Observer"
    path = write_pro_lab(tmp_path / "a.tsv", rows)
    samples = read(tobii_pro_lab, path, ReadSettings(participant="Observer"))
    assert samples.names["participant"].names == ("Recording1",)
    assert said(samples, "column: participant") == "given: 'Observer'"


def test_studio_and_pro_lab_are_told_apart_by_the_space_alone(tmp_path: Path) -> None:
    rows = pro_lab_rows(TRUTH)
    rows[0][6] = "Gaze point X [MCS px]"
    given = Given(write_pro_lab(tmp_path / "a.tsv", rows))
    assert tobii_pro_lab.recognises(given, ReadSettings())
    assert not tobii_studio.recognises(given, ReadSettings())


def test_the_case_stays_right() -> None:
    path = DATA / "cases" / "tobii_pro_lab_like.tsv.gz"
    if not path.exists():
        pytest.skip("the cases are not here")
    samples = read(tobii_pro_lab, path, ReadSettings(classes=("Easy", "Hard")))
    table = [line.split("\t") for line in gzip.decompress(path.read_bytes()).decode().splitlines()][1:]
    assert len(viewings_of(samples).trial) == 48
    assert len(samples.names["participant"].names) == 8
    assert set(samples.names["label"].names) == {"Easy", "Hard"}
    assert samples.time is not None
    assert samples.time.unit is None
    assert [float(row[0]) for row in table] == samples.time.values.tolist()
    assert [row[6] == "Invalid" for row in table] == samples.invalid[:, 0].tolist()  # type: ignore[index]


def with_calibration(rows: list[list[str]]) -> list[list[str]]:
    """The rows, with the pause before the first stimulus shown as the calibration."""
    at = rows[0].index("Presented Stimulus name")
    first = next(i for i, row in enumerate(rows[1:], 1) if row[at])
    return [[*r[:at], "Eyetracker Calibration", *r[at + 1 :]] if 0 < i < first else r for i, r in enumerate(rows)]


def test_the_calibration_is_no_trial(tmp_path: Path) -> None:
    rule = ReadSettings(label_from="stimulus: smile_a = posed, * = genuine")
    path = write_pro_lab(tmp_path / "a.tsv", with_calibration(pro_lab_rows(TRUTH)))
    trials = read_trials(path, rule)
    assert trials.trial == ("smile_a", "smile_b") * 2
    calibration = next(f.value for f in trials.source.findings if f.what == "calibration")
    assert calibration == "12 rows of 'Eyetracker Calibration': no trial"


@pytest.mark.parametrize("mark", ["validity", "timestamp"])
def test_without_a_column_of_sensors_the_eye_tracker_is_known_by_what_it_always_writes(
    tmp_path: Path, mark: str
) -> None:
    """Rows of the mouse hold neither an event nor anything of the eyes, as a blink might."""
    rows = pro_lab_rows(TRUTH)
    sensor = rows[0].index("Sensor")
    if mark == "timestamp":
        rows = [[*row, row[0] if row[sensor] == "Eye Tracker" else ""] for row in rows]
        rows[0][-1] = "Eyetracker timestamp [μs]"
    left_out = {"Sensor", *(("Validity left", "Validity right") if mark == "timestamp" else ())}
    kept = [i for i, head in enumerate(rows[0]) if head not in left_out]
    path = write_pro_lab(tmp_path / "a.tsv", [[row[i] for i in kept] for row in rows])
    samples = read(tobii_pro_lab, path)
    assert_recorded(samples, TRUTH)
    assert "in which the eye tracker wrote nothing" in said(samples, "rows without the eye tracker")
    assert len(samples.events) == 4


@pytest.mark.parametrize("head", ["Eyetracker timestamp [μs]", "Computer timestamp [μs]"])
def test_another_clock_alone(tmp_path: Path, head: str) -> None:
    samples = read(tobii_pro_lab, write_pro_lab(tmp_path / "a.tsv", pro_lab_rows(TRUTH, time_head=head)))
    assert_recorded(samples, TRUTH)
    assert samples.time is not None
    np.testing.assert_array_equal(samples.time.values, TRUTH.time_us)
