"""Gazepoint: what the export holds is what is read."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from helpers.tracker_files import gazepoint as files
from helpers.tracker_files.damage import DAMAGE, QUICK, survives
from helpers.tracker_files.simulated_pupils import Simulated, simulated
from hypothesis import given

from smilejax.readers.assembly.assemble import assemble
from smilejax.readers.given import Given
from smilejax.readers.samples import Samples
from smilejax.readers.trackers import gazepoint
from smilejax.settings import ReadSettings

SETTINGS = ReadSettings()


@pytest.fixture
def pupils() -> Simulated:
    """Pupils of known size."""
    return simulated()


def read(path: Path, settings: ReadSettings = SETTINGS) -> Samples:
    """Read what must be recognised."""
    assert gazepoint.recognises(Given(path), settings)
    return gazepoint.read(Given(path), settings)


def found(samples: Samples, what: str) -> str:
    """The value of a finding."""
    return {f.what: f.value for f in samples.findings}[what]


def test_an_export_is_read(tmp_path: Path, pupils: Simulated) -> None:
    samples = read(files.all_gaze(tmp_path / "User 1_all_gaze.csv", pupils))
    np.testing.assert_array_equal(samples.pupil, pupils.pupil)
    assert (samples.eyes, samples.units) == (("left", "right"), ("mm", "mm"))
    assert samples.time is not None
    assert samples.time.unit == "s"
    np.testing.assert_allclose(samples.time.values, pupils.seconds, atol=1e-5)
    stimulus = samples.names["stimulus"]
    assert [stimulus.at(row) for row in (0, 159, 160)] == ["H1.avi", "H1.avi", "A1.avi"]
    assert "participant" not in samples.names


def test_a_number_behind_a_flag_of_0_is_invalid(tmp_path: Path, pupils: Simulated) -> None:
    samples = read(files.all_gaze(tmp_path / "a.csv", pupils))
    assert samples.invalid is not None
    np.testing.assert_array_equal(samples.invalid, np.stack([pupils.blink, pupils.blink], axis=1))
    assert (samples.pupil[samples.invalid] > 3).all()
    assert "12 numbers behind a flag of 0 are not used" in found(samples, "pupil")


def test_blinks_by_their_number(tmp_path: Path, pupils: Simulated) -> None:
    samples = read(files.all_gaze(tmp_path / "a.csv", pupils))
    assert samples.blink is not None
    np.testing.assert_array_equal(samples.blink, np.stack([pupils.blink, pupils.blink], axis=1))


def test_camera_pixels_only_where_there_are_no_millimetres(tmp_path: Path, pupils: Simulated) -> None:
    path = files.all_gaze(tmp_path / "a.csv", pupils, measured=False)
    samples = read(path)
    assert samples.units == ("px", "px")
    np.testing.assert_allclose(samples.pupil, 5 * pupils.pupil, rtol=1e-12)
    assert samples.invalid is not None
    np.testing.assert_array_equal(samples.invalid[:, 0], pupils.blink)


def test_open_gaze_records_are_in_metres(tmp_path: Path, pupils: Simulated) -> None:
    samples = read(files.open_gaze(tmp_path / "a.tsv", pupils))
    assert samples.units == ("m", "m")
    np.testing.assert_allclose(samples.pupil, pupils.pupil / 1000, rtol=1e-12)
    assert [(e.text, e.row, e.line) for e in samples.events] == [("ONSET_H1", 30, 32)]


def test_a_marker_repeats_over_rows_and_counts_once(tmp_path: Path, pupils: Simulated) -> None:
    path = files.all_gaze(tmp_path / "a.csv", pupils, user=lambda i: "" if i < 10 else "start" if i < 50 else "stop")
    events = read(path).events
    assert [(e.text, e.row) for e in events] == [("start", 10), ("stop", 50)]
    assert [e.time for e in events] == [pytest.approx(10 / 60, abs=1e-5), pytest.approx(50 / 60, abs=1e-5)]


def test_time_that_starts_anew_with_each_medium(tmp_path: Path, pupils: Simulated) -> None:
    samples = read(files.all_gaze(tmp_path / "a.csv", pupils, anew=(160,)))
    assert samples.time is not None
    assert samples.time.unit == "ns"
    ticks = files.FIRST_TICK + np.round(pupils.seconds * 1e7).astype(np.int64)
    np.testing.assert_array_equal(samples.time.values, 100 * ticks)
    assert samples.zero is not None
    onset = np.where(np.arange(len(samples)) < 160, ticks[0], ticks[160]) * 100.0
    np.testing.assert_allclose(samples.zero, onset, atol=1)


def test_time_that_starts_anew_without_ticks_makes_recordings(tmp_path: Path, pupils: Simulated) -> None:
    heads = files.HEADS.replace("TIMETICK(f=10000000)", "TIMETICK")
    samples = read(files.all_gaze(tmp_path / "a.csv", pupils, heads=heads, anew=(160,)))
    assert samples.time is not None
    assert samples.time.unit == "s"
    assert [samples.names["recording"].at(row) for row in (0, 159, 160)] == ["1", "1", "2"]
    assert samples.zero is None


def test_media_without_names_go_by_number(tmp_path: Path, pupils: Simulated) -> None:
    path = files.all_gaze(tmp_path / "a.csv", pupils, media=lambda i: "3," if i < 100 else "7,", trailing=False)
    assert read(path).names["stimulus"].names == ("3", "7")


def test_user_is_no_participant_but_by_request(tmp_path: Path, pupils: Simulated) -> None:
    path = files.all_gaze(tmp_path / "a.csv", pupils, user=lambda i: "p7")
    assert read(path, ReadSettings(participant="USER")).names["participant"].names == ("p7",)


@pytest.mark.parametrize("text", ["TIME,LPMM,RPMM\n1,3,3\n", "subject,time,left,right\n1,2,3,4\n", ""])
def test_other_tables_are_none(write: Callable[..., Path], text: str) -> None:
    assert not gazepoint.recognises(Given(write("a.csv", text)), SETTINGS)


@QUICK
@given(damage=DAMAGE)
def test_a_damaged_file_is_read_or_refused(tmp_path: Path, damage: tuple[float, int | None]) -> None:
    path = files.all_gaze(tmp_path / "a.csv", simulated(16), anew=(8,), media=lambda i: "0,a" if i < 8 else "1,b")
    survives(path, damage, gazepoint.read, gazepoint.recognises)


def test_media_of_one_name_are_told_apart_by_their_numbers(tmp_path: Path, pupils: Simulated) -> None:
    """Gazepoint calls each medium NewMedia, unless it is given a name."""
    path = files.all_gaze(tmp_path / "a.csv", pupils, media=lambda i: f"{int(i >= 160)},NewMedia", anew=(160,))
    samples = read(path)
    assert samples.names["trial"].names == ("NewMedia 0", "NewMedia 1")
    assert samples.names["stimulus"].names == ("NewMedia",)
    assert np.bincount(samples.names["trial"].codes).tolist() == [160, 80]


def test_without_media_each_start_of_the_time_begins_a_trial(tmp_path: Path, pupils: Simulated) -> None:
    """They once were one trial, whose zero lay with its first medium."""
    heads = files.HEADS.replace("MEDIA_ID,MEDIA_NAME", "DIAL,GSR")
    path = files.all_gaze(tmp_path / "a.csv", pupils, heads=heads, media=lambda i: "0,0", anew=(100, 160))
    samples = read(path)
    assert samples.names["trial"].names == ("1", "2", "3")
    assert np.bincount(samples.names["trial"].codes).tolist() == [100, 60, 80]
    trials = assemble(samples, SETTINGS, optional=True, source="a", layout="gazepoint")
    np.testing.assert_allclose(
        trials.pupil[1, :60], np.where(pupils.blink[:, None], np.nan, pupils.pupil)[100:160], 1e-6
    )


def test_a_medium_shown_twice_in_a_row_is_two_trials(tmp_path: Path, pupils: Simulated) -> None:
    path = files.all_gaze(tmp_path / "a.csv", pupils, media=lambda i: "0,H1.avi", anew=(100,))
    samples = read(path)
    assert samples.names["trial"].names == ("H1.avi", "H1.avi (2)")


def test_a_decimal_comma_is_recognised(tmp_path: Path, pupils: Simulated) -> None:
    path = files.all_gaze(tmp_path / "a.csv", pupils)
    lines = [line.replace(",", ";") for line in path.read_text().splitlines()]
    comma = [lines[0], *(line.replace(".avi", "#").replace(".", ",").replace("#", ".avi") for line in lines[1:])]
    path.write_text("\n".join(comma) + "\n")
    samples = read(path)
    np.testing.assert_array_equal(samples.pupil, pupils.pupil)
    assert found(samples, "decimal mark") == "comma"


def test_a_last_line_without_its_closing_comma_is_left_out_with_a_warning(tmp_path: Path, pupils: Simulated) -> None:
    path = files.all_gaze(tmp_path / "a.csv", pupils)
    path.write_text(path.read_text().removesuffix(",\n")[:-1])
    samples = read(path)
    assert len(samples) == len(pupils) - 1
    assert "breaks off" in found(samples, "last line")


@pytest.mark.parametrize(
    ("heading", "why"), [("", "there is no column MEDIA_NAME"), ("MEDIA_NAME", "MEDIA_NAME is empty")]
)
def test_media_without_names_are_said(tmp_path: Path, pupils: Simulated, heading: str, why: str) -> None:
    """Where the names stand below another heading, numbers silently were the names of trials."""
    path = files.all_gaze(tmp_path / "User 1_all_gaze.csv", pupils)
    assert not any(f.what == "stimulus" and f.how == "warning" for f in read(path).findings)
    text = path.read_text()
    assert "MEDIA_NAME" in text
    changed = (
        text.replace(".avi", "").replace(",H1,", ",,").replace(",A1,", ",,")
        if heading
        else text.replace("MEDIA_NAME", "")
    )
    path.write_text(changed)
    samples = read(path)
    assert found(samples, "stimulus") == f"{why}: media are known by their numbers in MEDIA_ID alone. Was it renamed?"
    assert set(samples.names["stimulus"].names) == {"0", "1"}
    named = ReadSettings(trial=("CNT",))
    assert not any(f.what == "stimulus" for f in read(path, named).findings)
