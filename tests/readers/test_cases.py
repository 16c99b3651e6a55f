"""Files on which version 0.1.0 gave wrong numbers in silence, lost people, or refused with no way on; what is right
for each."""

import gzip
import shutil
import tarfile
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from smilejax._util.errors import DataWarning, ReadError
from smilejax.readers import read
from smilejax.settings import ReadSettings

EASY_HARD = ("Easy", "Hard")


@pytest.fixture(scope="module")
def case(cases_folder, tmp_path_factory):
    """The path of a case, unpacked."""
    unpacked = tmp_path_factory.mktemp("cases")

    def of(name: str) -> Path:
        if (cases_folder / name).exists():
            return cases_folder / name
        if (cases_folder / f"{name}.tgz").exists():
            with tarfile.open(cases_folder / f"{name}.tgz") as archive:
                archive.extractall(unpacked, filter="data")
                return unpacked / archive.getnames()[0].split("/")[0]
        with gzip.open(cases_folder / f"{name}.gz") as packed, (unpacked / name).open("wb") as plain:
            shutil.copyfileobj(packed, plain)
        return unpacked / name

    return of


@pytest.fixture(scope="module")
def truth(sample_file) -> dict[tuple[str, str], np.ndarray]:
    """PupillometryR's pupils, `f64[600, 2]` left and right by participant and trial, read by pandas alone."""
    frame = pd.read_csv(sample_file)
    return {
        (str(who), what): rows[["LPupil", "RPupil"]].where(lambda v: v > 0).to_numpy()
        for (who, what), rows in frame.groupby(["ID", "Trial"], sort=False)
    }


def settings(**given) -> ReadSettings:
    return ReadSettings(**{"classes": EASY_HARD, **given})


def assert_true(trials, truth, name=lambda who, what: (who, what), columns=(0, 1)) -> None:
    """All 48 trials of 8 participants, each with the pupils that the file holds."""
    assert (len(trials), len(set(trials.participant)), np.bincount(trials.label).tolist()) == (48, 8, [24, 24])
    for row, (who, what) in enumerate(zip(trials.participant, trials.trial, strict=True)):
        expected = truth[name(who, what)]
        np.testing.assert_allclose(trials.pupil[row, :600], expected[:, list(columns)], rtol=1e-6)


def number(who: str) -> str:
    """`P01` and `sub-01` as the sample has them: `1`."""
    return str(int("".join(c for c in who if c.isdigit())))


def test_a_sheet_for_each_participant(case, truth):
    t = read(case("one_sheet_per_participant.xlsx"), settings())
    assert_true(t, truth, lambda who, what: (number(who), what))


def test_a_file_for_each_participant(case, truth):
    t = read(case("one_file_per_participant"), settings())
    assert_true(t, truth)
    again = read(sorted(case("one_file_per_participant").iterdir()), settings())
    np.testing.assert_array_equal(again.pupil, t.pupil)
    assert again.participant == t.participant


def test_a_participant_by_the_name_of_the_file(case, truth, tmp_path):
    for path in case("one_file_per_participant").iterdir():
        pd.read_csv(path).drop(columns="ID").to_csv(tmp_path / path.name, index=False)
    t = read(tmp_path, settings(names_from="file: sub-{participant:digits}.csv"))
    assert_true(t, truth, lambda who, what: (number(who), what))
    assert "sub-01" in read(tmp_path, settings(names_from="file: {participant}")).participant  # without the suffix
    with pytest.raises(ReadError, match=r"participant.*names_from 'file: \{participant\}'"):
        read(tmp_path, settings())


def test_onset_within_the_recording(case, truth, found):
    t = read(case("n_neg.csv"), settings())
    assert_true(t, truth)
    assert t.start_ms == pytest.approx(-1983.3333, abs=1e-3)
    assert "trials begin at -1983 ms" in found(t, "time zero")
    window = read(case("n_neg.csv"), settings(window_ms=(-200, 1000)))
    assert (window.start_ms, set(window.length.tolist())) == (pytest.approx(-200), {72})
    np.testing.assert_array_equal(window.pupil, t.pupil[:, 107 : 107 + 72])


@pytest.mark.filterwarnings("ignore:copies of recordings")  # made-up trials have one course
def test_first_rows_that_are_absent_leave_the_rest_in_its_place(case):
    with pytest.warns(DataWarning, match="trial 't2' of participant 'B' begins 600 ms later than most"):
        t = read(case("rows_absent.csv"))
    row = list(zip(t.participant, t.trial, strict=True)).index(("B", "t2"))
    frame = pd.read_csv(case("rows_absent.csv")).query("participant == 'B' and trial == 't2'")
    assert np.isnan(t.pupil[row, :30]).all()
    np.testing.assert_allclose(t.pupil[row, 30 : t.length[row], 0], frame.left_mm, rtol=1e-6)


def test_trials_whose_names_come_again_in_the_next_block(case, truth):
    path = case("k_cont.csv")
    with pytest.raises(
        ReadError, match=r"line 1202: trial '1' .* comes again: time pauses .*: name both columns, as trial block Trial"
    ):
        read(path, settings())
    t = read(path, settings(trial=("block", "Trial")))
    assert (len(t), len(set(t.participant)), np.bincount(t.label).tolist()) == (48, 8, [24, 24])
    frame = pd.read_csv(path)
    for row, (who, rows) in enumerate(frame.groupby(["ID", "block", "Trial"], sort=False)):
        assert (t.participant[row], t.trial[row]) == (str(who[0]), f"{who[1]} {who[2]}")
        np.testing.assert_allclose(t.pupil[row, :, 0], rows.LPupil.where(rows.LPupil > 0), rtol=1e-6)


def test_a_stimulus_that_is_shown_twice(case):
    with pytest.warns(DataWarning, match="8 showings, each a trial of its own"):
        t = read(case("stimulus_shown_twice.csv"))
    assert (len(t), set(t.length.tolist()), len(set(t.stimulus))) == (16, {180}, 4)
    once = read(case("stimulus_shown_twice.csv"), ReadSettings(trial="stimulus"))
    assert (len(once), len(set(once.stimulus))) == (8, 4)


def test_two_of_three_classes(case, found):
    for labels in ("required", "optional"):
        t = read(case("d_three.csv"), settings(), labels=labels)
        assert (len(t), np.bincount(t.label).tolist()) == (32, [16, 16])
        assert found(t, "other classes") == "16 trials left out: 16 Neutral"


def test_a_row_for_each_trial(case, truth):
    t = read(case("e_wide.csv"), settings(rate_hz=60))
    assert t.source.layout == "wide"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        means = {key: np.nanmean(value, axis=1, keepdims=True) for key, value in truth.items()}
    both = {key: np.isfinite(value).all(axis=1) for key, value in truth.items()}
    assert (len(t), np.bincount(t.label).tolist()) == (48, [24, 24])
    for row, key in enumerate(zip(t.participant, t.trial, strict=True)):
        np.testing.assert_allclose(t.pupil[row, both[key], 0], means[key][both[key], 0], rtol=1e-6)
    assert np.isnan(t.pupil[..., 1]).all()


def test_labels_in_a_table_of_their_own(case, truth):
    t = read(case("l_nolabel.csv"), settings(join=str(case("l_labels.csv"))))
    assert_true(t, truth)
    with pytest.raises(ReadError, match=r"no column with the label.*join FILE"):
        read(case("l_nolabel.csv"), settings())


def test_a_row_for_each_eye(case, truth, found):
    t = read(case("pupillabs.csv"), settings())
    assert_true(t, truth)


def test_trials_by_messages(case, truth):
    path = case("cont.csv")
    with pytest.raises(ReadError, match=r"messages: 'ONSET_Easy1' \(24 alike\).*trials_from and a pattern, as 'ONSET_"):
        read(path, settings())
    t = read(path, settings(trials_from="ONSET_{trial}", label_from="trial: Easy* = Easy, Hard* = Hard"))
    assert_true(t, truth)
    assert t.start_ms == 0
    before = read(path, settings(trials_from="ONSET_{label:letters}{block:digits}", window_ms=(0, 5000)))
    assert (len(before), set(before.length.tolist())) == (48, {300})


def test_ids_that_are_whole_numbers_in_four_tables(case):
    t = read(case("four_tables_integer_ids"), ReadSettings(rate_hz=60))
    assert (len(t), set(t.length.tolist()), sorted(set(t.participant))) == (8, {60}, ["101", "102", "103", "104"])
    frames = {n: pd.read_csv(case("four_tables_integer_ids") / f"{n}.csv") for n in ("left_posed", "right_posed")}
    row = list(zip(t.participant, t.label.tolist(), strict=True)).index(("103", 0))
    np.testing.assert_array_equal(t.pupil[row], np.stack([f["103"] for f in frames.values()], axis=1))


def test_names_that_look_alike(case, tmp_path):
    with pytest.warns(DataWarning) as caught:
        read(case("look_alike_names.csv"))
    said = " ".join(str(w.message) for w in caught)
    assert all(pair in said for pair in ("'P1' and 'p1'", "'P2' and 'P02'", "'P3' and 'P3.'"))


def test_a_response_is_no_right_pupil(case, found):
    t = read(case("pupil_and_R.csv"))
    frame = pd.read_csv(case("pupil_and_R.csv"))
    np.testing.assert_allclose(t.pupil[0, :, 0], frame.pupil[: t.length[0]], rtol=1e-6)
    assert np.isnan(t.pupil[..., 1]).all()
    assert "'R'" in found(t, "columns not used")


def test_a_comma_between_thousands(case):
    path = case("thousands_separator.csv")
    with pytest.raises(ReadError, match=r"'1,000' is 1000 with .*\(thousands ,\), or 1.000 with .*\(decimal ,\)"):
        read(path)
    assert read(path, ReadSettings(thousands=",")).pupil[0, 0, 0] == 1000
    with pytest.raises(
        ReadError, match=r"'1,0\d\d' stands beside '9\d\d', so that its comma seems to stand between thousands"
    ):
        read(path, ReadSettings(decimal=","))


def _table(path, pupil, times=range(0, 120, 20)):
    rows = [
        f"{person},{trial},{time},{pupil(person, time)},{label}"
        for person in ("p1", "p2", "p3")
        for trial, label in (("a", "posed"), ("b", "genuine"))
        for time in times
    ]
    path.write_text("\n".join(["participant,trial,time_ms,pupil,label", *rows]))
    return path


def test_a_participant_without_a_measured_pupil_is_said(tmp_path):
    path = _table(tmp_path / "a.csv", lambda person, time: -1 if person == "p3" else 3 + time / 1000)
    with pytest.warns(DataWarning, match=r"participants without a pupil: 'p3': not one sample was measured"):
        read(path)


def test_a_window_that_no_trial_fills_is_said(tmp_path):
    path = _table(tmp_path / "a.csv", lambda person, time: 3 + time / 1000)
    with pytest.warns(DataWarning, match=r"no trial reaches its end at 5000 ms: the last sample is at 100 ms"):
        read(path, ReadSettings(window_ms=(0.0, 5000.0)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read(path, ReadSettings(window_ms=(0.0, 120.0)))


def test_a_comma_between_thousands_before_a_point(tmp_path):
    rows = [
        f'p1,{trial},{20 * i},"1,00{i}.5",{label}'
        for trial, label in (("a", "posed"), ("b", "genuine"))
        for i in range(5)
    ]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["participant,trial,time,pupil,label", *rows]))
    with pytest.raises(ReadError, match=r"'1,000\.5' has a comma between thousands. Give it: thousands ,$"):
        read(path)
    assert read(path, ReadSettings(thousands=",", unit="au")).pupil[0, 1, 0] == 1001.5


def test_a_clock_in_seconds_and_one_in_ms(case):
    with pytest.raises(ReadError, match=r"1e\+06 samples a second; pupils are recorded at 10 to 2500"):
        read(case("two_clocks.csv"))
    with pytest.raises(ReadError, match=r"samples a second and .* their times are not in one unit\. Write all times"):
        read(case("two_clocks.csv"), ReadSettings(time_unit="s"))


def test_a_number_for_missing_samples_that_was_not_given(tmp_path):
    trials = (("a", "posed"), ("b", "genuine"))
    rows = [
        f"p1,{trial},{20 * i},{9999 if i == 2 else 3 + i / 100},{label}" for trial, label in trials for i in range(9)
    ]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["participant,trial,time,pupil,label", *rows]))
    words = r"2 samples are above 15 mm, most often 9999, the first in trial 'a' .*give it, missing 9999"
    with pytest.warns(DataWarning, match=words):
        read(path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(read(path, ReadSettings(missing=(9999.0,))).pupil[0, 2, 0])


def test_an_area(case):
    path = case("area_in_mm2.csv")
    with pytest.raises(
        ReadError, match=r"median of the left pupil is 9.\d+: too much for a diameter .* 3.4\d mm: area"
    ):
        read(path)
    t = read(path, ReadSettings(area=True))
    first = pd.read_csv(path).iloc[0]
    assert t.unit == "mm"
    np.testing.assert_allclose(t.pupil[0, 0], 2 * np.sqrt([first.left / np.pi, first.right / np.pi]), rtol=1e-6)


def test_an_eye_in_mm_and_one_in_um(case):
    with pytest.warns(DataWarning, match=r"right eye's unit: um: its median, 3574, is 1014 times"):
        t = read(case("eyes_in_mm_and_um.csv"))
    frame = pd.read_csv(case("eyes_in_mm_and_um.csv"))
    np.testing.assert_allclose(t.pupil[0, :5, 1], frame.right[:5] / 1000, rtol=1e-6)


@pytest.mark.filterwarnings("ignore:copies of recordings")  # made-up trials have one course
def test_rates_that_drift_apart(case, found):
    t = read(case("rates_60_and_60.5.csv"))
    assert t.rate_hz == 60
    assert "60.5" in found(t, "rate")
    frame = pd.read_csv(case("rates_60_and_60.5.csv"))
    for row, (_, rows) in enumerate(frame.groupby(["participant", "trial"], sort=False)):
        at_ms = np.arange(t.length[row]) * 1000 / 60
        expected = np.interp(at_ms, rows.time_ms, rows.left_mm)
        np.testing.assert_allclose(t.pupil[row, : t.length[row], 0], expected, atol=2e-4)


def test_a_column_that_counts_samples(case):
    path = case("sample_counter_as_time.csv")
    with pytest.raises(ReadError, match=r"counts samples, or milliseconds at 1000 Hz.*rate_hz NUMBER.*time_unit ms"):
        read(path)
    t = read(path, ReadSettings(rate_hz=60))
    assert (t.rate_hz, set(t.length.tolist())) == (60, {600})


@pytest.mark.parametrize("kind", ["ISO", "zone", "datetime64", "timedelta", "clock"])
def test_dates_and_spans_as_time(sample_file, truth, kind):
    frame = pd.read_csv(sample_file)
    span = pd.to_timedelta(frame.Time, unit="ms")
    date = pd.Timestamp("2024-05-01 10:00") + span
    frame["Time"] = {
        "ISO": date.dt.strftime("%Y-%m-%dT%H:%M:%S.%f"),
        "zone": date.dt.strftime("%Y-%m-%dT%H:%M:%S.%f+10:00"),
        "datetime64": date,
        "timedelta": span,
        "clock": date.dt.strftime("%H:%M:%S.%f"),
    }[kind]
    assert_true(read(frame, settings()), truth)


def test_names_with_colons_stay_as_they_are(case):
    assert "lab:m:01" in read(case("colons_in_names.csv")).participant


def test_the_files_right_before_stay_right(case, truth):
    assert_true(read(case("tobii_pro_lab_like.tsv"), settings()), truth, lambda who, what: (number(who), what))
