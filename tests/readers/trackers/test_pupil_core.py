"""Pupil Labs Core: what the export holds is what is read."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import DATA
from helpers.tracker_files import pupil_core as files
from helpers.tracker_files.damage import DAMAGE, QUICK, survives
from helpers.tracker_files.simulated_pupils import Simulated, simulated
from hypothesis import given

from smilejax._util.errors import ReadError
from smilejax.readers.assembly.assemble import assemble
from smilejax.readers.given import Given
from smilejax.readers.samples import Samples
from smilejax.readers.trackers import pupil_core
from smilejax.settings import ReadSettings

SETTINGS = ReadSettings()


@pytest.fixture
def pupils() -> Simulated:
    """Pupils of known size."""
    return simulated()


def read(path: Path, settings: ReadSettings = SETTINGS) -> Samples:
    """Read what must be recognised."""
    assert pupil_core.recognises(Given(path), settings)
    return pupil_core.read(Given(path), settings)


def found(samples: Samples, what: str) -> str:
    """The value of a finding."""
    return {f.what: f.value for f in samples.findings}[what]


def test_both_eyes_are_read(tmp_path: Path, pupils: Simulated) -> None:
    samples = read(files.export(tmp_path, pupils))
    np.testing.assert_array_equal(samples.pupil, pupils.pupil)
    assert (samples.eyes, samples.units) == (("left", "right"), ("mm", "mm"))
    assert samples.time is not None
    assert samples.time.unit == "s"


def test_eye_0_is_the_right_one(tmp_path: Path, pupils: Simulated) -> None:
    lines = files.export(tmp_path, pupils).read_text().splitlines()
    path = tmp_path / "one.csv"
    path.write_text("\n".join([lines[0], *(line for line in lines[1:] if line.split(",")[2] == "0")]) + "\n")
    samples = read(path)
    assert samples.eyes == ("right",)
    assert np.isnan(samples.pupil[:, 0]).all()
    np.testing.assert_array_equal(samples.pupil[:, 1], pupils.pupil[:, 1])


def test_rows_of_the_2d_method_are_the_same_frames(tmp_path: Path, pupils: Simulated) -> None:
    samples = read(files.export(tmp_path, pupils))
    assert len(samples) == len(pupils)
    assert found(samples, "rows of the 2D method") == f"{2 * len(pupils)} left out: the same frames"


def test_without_a_3d_model_the_pupil_is_in_pixels(tmp_path: Path, pupils: Simulated) -> None:
    samples = read(files.export(tmp_path, pupils, methods=("2d c++",)))
    assert samples.units == ("px", "px")
    np.testing.assert_allclose(samples.pupil, 10 * pupils.pupil, rtol=1e-12)


def test_a_changed_table_without_methods_has_no_frame_twice(tmp_path: Path, pupils: Simulated) -> None:
    path = files.export(tmp_path, pupils)
    pd.read_csv(path).drop(columns="method").to_csv(path, index=False)
    np.testing.assert_array_equal(read(path).pupil, pupils.pupil)


def test_negative_timestamps_are_kept(tmp_path: Path, pupils: Simulated) -> None:
    samples = read(files.export(tmp_path, pupils, start=-323801.6))
    assert samples.time is not None
    np.testing.assert_allclose(samples.time.values, -323801.6 + pupils.seconds, atol=1e-6)


@pytest.mark.parametrize("lag_s", [0.002, -0.004, 0.0082])
def test_eyes_that_are_not_synchronised_stand_on_one_clock(tmp_path: Path, pupils: Simulated, lag_s: float) -> None:
    samples = read(files.export(tmp_path, pupils, lag_s=lag_s))
    np.testing.assert_array_equal(samples.pupil, pupils.pupil)
    assert samples.time is not None
    np.testing.assert_allclose(samples.time.values, -323801.6 + lag_s + pupils.seconds, atol=1e-6)


def test_low_confidence_is_invalid_and_counted(tmp_path: Path, pupils: Simulated) -> None:
    confidence = np.ones(len(pupils))
    confidence[:3] = 0.0, 0.59, 0.6
    samples = read(files.export(tmp_path, pupils, confidence=confidence))
    assert samples.invalid is not None
    assert samples.invalid[:4].tolist() == [[True, True], [True, True], [False, False], [False, False]]
    assert (
        found(samples, "confidence") == f"4 of {2 * len(pupils)} samples below 0.6 are not used, 2 of them 0 (unknown)"
    )


def test_diameters_that_no_pupil_has_are_invalid_at_good_confidence(tmp_path: Path, pupils: Simulated) -> None:
    pupils.pupil[10, 0] = -44625.0
    pupils.pupil[20, 1] = 22.5
    samples = read(files.export(tmp_path, pupils, confidence=np.ones(len(pupils))))
    assert samples.invalid is not None
    assert np.argwhere(samples.invalid).tolist() == [[10, 0], [20, 1]]
    assert samples.pupil[10, 0] == -44625
    assert found(samples, "impossible diameters").startswith(
        "2 outside 0.5 to 12 mm are not used, the first is -44625 in line"
    )


def test_annotations_are_events_of_the_folder(tmp_path: Path, pupils: Simulated) -> None:
    files.export(tmp_path, pupils)
    files.annotations(tmp_path, [(-323801.0, "ONSET_genuine", "H1"), (-323799.5, "ONSET_posed", "A1")])
    events = read(tmp_path).events
    assert [(e.time, e.text, dict(e.parts)) for e in events] == [
        (-323801.0, "ONSET_genuine", {"face": "H1"}),
        (-323799.5, "ONSET_posed", {"face": "A1"}),
    ]
    assert [e.line for e in events] == [2, 3]


def test_blinks_mark_both_eyes(tmp_path: Path, pupils: Simulated) -> None:
    files.export(tmp_path, pupils, start=100.0)
    shut = pupils.seconds[pupils.blink] + 100
    files.blinks(tmp_path, [(float(shut[0]), float(shut[-1]))])
    samples = read(tmp_path)
    assert samples.blink is not None
    np.testing.assert_array_equal(samples.blink, np.stack([pupils.blink, pupils.blink], axis=1))


def test_an_export_without_a_blink_has_a_table_of_headings_only(tmp_path: Path, pupils: Simulated) -> None:
    files.export(tmp_path, pupils)
    files.blinks(tmp_path, [])
    files.annotations(tmp_path, [])
    samples = read(tmp_path)
    assert samples.blink is None
    assert samples.events == ()


def test_an_unknown_eye_is_named(tmp_path: Path, pupils: Simulated) -> None:
    path = files.export(tmp_path, pupils)
    lines = path.read_text().splitlines()
    lines[5] = lines[5].replace(",0,0,", ",0,2,", 1).replace(",0,1,", ",0,2,", 1)
    path.write_text("\n".join(lines))
    with pytest.raises(
        ReadError, match=r"line 6, column 'eye_id': the eye must be 0 \(right\) or 1 \(left\); it is '2'"
    ):
        read(path)


def test_a_tidy_table_is_none(write: Callable[..., Path]) -> None:
    path = write("tidy.csv", "subject,trial,time,left,right\n1,1,0,3,3\n")
    assert not pupil_core.recognises(Given(path), SETTINGS)
    assert not pupil_core.recognises(Given(path.parent), SETTINGS)


@QUICK
@given(damage=DAMAGE)
def test_a_damaged_file_is_read_or_refused(tmp_path: Path, damage: tuple[float, int | None]) -> None:
    path = files.export(tmp_path, simulated(12))
    survives(path, damage, pupil_core.read, pupil_core.recognises)


@QUICK
@given(damage=DAMAGE)
def test_damaged_annotations_are_read_or_refused(tmp_path: Path, damage: tuple[float, int | None]) -> None:
    files.export(tmp_path, simulated(12))
    files.annotations(tmp_path, [(-323801.5, "a", "b"), (-323801.4, "c", "d")])
    files.blinks(tmp_path, [(-323801.5, -323801.45)])
    survives(tmp_path / "annotations.csv", damage, pupil_core.read, pupil_core.recognises, tmp_path)
    survives(tmp_path / "blinks.csv", damage, pupil_core.read, pupil_core.recognises, tmp_path)


def test_the_real_file() -> None:
    path = DATA / "trackers" / "pupil_core" / "pupil_positions.csv"
    if not path.exists():
        pytest.skip("the real recording of Pupil Labs Core is not here")
    samples = read(path)
    frame = pd.read_csv(path)
    solid = frame[frame["method"].str.startswith("pye3d")]
    assert samples.time is not None
    left = solid[solid["eye_id"] == 1]
    np.testing.assert_array_equal(samples.pupil[:, 0], left["diameter_3d"])
    np.testing.assert_array_equal(samples.time.values, left["pupil_timestamp"])
    right = samples.pupil[:, 1]
    assert np.isin(right[np.isfinite(right)], solid[solid["eye_id"] == 0]["diameter_3d"]).all()
    assert np.isfinite(right).mean() > 0.9
    assert found(samples, "rows of the 2D method").startswith("3564 ")


def test_the_case_with_trials_gives_48_with_both_eyes() -> None:
    path, whole = DATA / "cases" / "pupillabs.csv.gz", DATA / "pupillometryr" / "pupil_data.csv"
    if not path.exists():
        pytest.skip("the made cases are not here")
    samples = read(path)
    who, trial = samples.names["participant"], samples.names["trial"]
    assert len(np.unique(np.stack([who.codes, trial.codes]), axis=1).T) == 48
    assert set(samples.names["label"].names) == {"Easy", "Hard"}
    settings = ReadSettings(classes=("Easy", "Hard"))
    trials = assemble(samples, settings, optional=False, source=str(path), layout=pupil_core.NAME)
    assert (len(trials.trial), len(set(trials.participant)), trials.rate_hz, trials.unit) == (48, 8, 60, "mm")
    truth = pd.read_csv(whole).set_index(["ID", "Trial", "Time"])[["LPupil", "RPupil"]].replace(-1, np.nan)
    assert samples.time is not None
    mine = pd.DataFrame(samples.pupil, columns=["LPupil", "RPupil"])
    mine["ID"] = [int(who.names[i]) for i in who.codes]
    mine["Trial"] = [trial.names[i] for i in trial.codes]
    mine["Time"] = samples.time.values * 1000
    assert len(mine) == len(truth) == 28800
    order = ["ID", "Trial", "Time"]
    np.testing.assert_array_equal(
        mine.sort_values(order)[["LPupil", "RPupil"]].to_numpy(),
        truth.reset_index().sort_values(order)[["LPupil", "RPupil"]],
    )
