"""BIDS data sets of eye trackers: files written from known truth are read back, and traps are said."""

import contextlib
import gzip
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from helpers.awkward_trials import awkward_trials
from helpers.examples import at_most
from helpers.tracker_files.bids import (
    STANDARD,
    EyeFile,
    data_set,
    json_file,
    packed,
    recording,
    table,
    task_events,
    tracker_events,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from smilejax._util.errors import ReadError
from smilejax.readers.assembly.trial_cutting import cut
from smilejax.readers.bids import bids
from smilejax.readers.bids.write_bids import write_bids
from smilejax.readers.given import Given
from smilejax.readers.samples import Samples
from smilejax.settings import ReadSettings

RNG = np.random.default_rng(11)
N = 60


def pupil(n=N, low=2.5, high=6.5):
    return RNG.uniform(low, high, n).round(4)


def ticks(n=N, first=1000, step=10):
    return (first + step * np.arange(n)).tolist()


def read(path, **known) -> Samples:
    given, how = Given(Path(path)), ReadSettings(**known)
    assert bids.recognises(given, how)
    return bids.read(given, how)


def refused(path, **known) -> str:
    with pytest.raises(ReadError) as error:
        read(path, **known)
    return str(error.value)


def said(samples, what):
    return [f.value for f in samples.findings if f.what == what]


@pytest.fixture
def top(tmp_path):
    return data_set(tmp_path / "study")


@pytest.fixture
def two_eyes(top):
    left, right = EyeFile("left", "eye1", ticks(), pupil()), EyeFile("right", "eye2", ticks(), pupil())
    return left, right, recording(top, left), recording(top, right)


def test_both_eyes_of_one_run_stand_in_one_row(top, two_eyes):
    left, right, *_ = two_eyes
    samples = read(top)
    assert samples.eyes == ("left", "right")
    assert samples.units == ("mm", "mm")
    np.testing.assert_array_equal(samples.pupil, np.stack([left.pupil, right.pupil], axis=1))
    assert samples.time.values.dtype == np.int64
    assert samples.time.values.tolist() == left.ticks
    assert (samples.time.unit, samples.rate_hz, samples.place) == ("ms", 100.0, "line")
    assert samples.line.tolist() == list(range(1, N + 1))
    assert samples.names["participant"].at(0) == "01"
    assert samples.names["recording"].at(0) == "sub-01_task-view"
    assert samples.at(3) == f"{top}/sub-01/beh/sub-01_task-view_recording-eye1_physio.tsv.gz, line 4"
    assert samples.unused == ("x_coordinate", "y_coordinate")
    assert samples.invalid is None
    assert samples.blink is None
    assert samples.zero is None


def test_recorded_eye_decides_and_not_the_label(top):
    right = EyeFile("right", "eye1", ticks(), pupil())
    left = EyeFile("Left", "eye2", ticks(), pupil())
    recording(top, right)
    recording(top, left)
    samples = read(top)
    np.testing.assert_array_equal(samples.pupil, np.stack([left.pupil, right.pupil], axis=1))


def test_one_eye_stays_one_eye(top):
    right = EyeFile("right", "eye1", ticks(), pupil())
    recording(top, right)
    samples = read(top)
    assert samples.eyes == ("right",)
    assert samples.units == (None, "mm")
    assert np.isnan(samples.pupil[:, 0]).all()
    np.testing.assert_array_equal(samples.pupil[:, 1], right.pupil)


def test_n_a_is_missing_and_markers_stay(top):
    values = pupil()
    values[3:6] = [np.nan, 0, -1]
    recording(top, EyeFile("left", "eye1", ticks(), values))
    np.testing.assert_array_equal(read(top).pupil[:, 0], values)


def test_json_files_of_folders_above_hold_and_nearer_ones_win(top):
    file = EyeFile(None, "eye1", ticks(), pupil())
    path = recording(top, file)
    path.with_name(path.name.replace(".tsv.gz", ".json")).unlink()
    json_file(top / "task-view_physio.json", file.about() | {"RecordedEye": "left", "SamplingFrequency": 7})
    json_file(top / "sub-01" / "sub-01_physio.json", {"SamplingFrequency": 100})
    json_file(top / "task-other_physio.json", {"SamplingFrequency": 8})
    json_file(top / "sub-01" / "beh" / "sub-01_task-view_recording-eye2_physio.json", {"RecordedEye": "right"})
    samples = read(top)
    assert samples.eyes == ("left",)
    assert samples.rate_hz == 100


def test_of_two_json_files_in_one_folder_the_one_that_names_more_wins(top):
    file = EyeFile("left", "eye1", ticks(), pupil(), rate_hz=None)
    recording(top, file)
    json_file(top / "physio.json", {"SamplingFrequency": 7})
    json_file(top / "task-view_physio.json", {"SamplingFrequency": 100})
    assert read(top).rate_hz == 100
    json_file(top / "physio.json", {"SamplingFrequency": 100})
    json_file(top / "task-view_physio.json", {"StartTime": 0})
    assert read(top).rate_hz == 100


@pytest.mark.parametrize("place", ["sub-01", "sub-01/beh"])
def test_a_folder_within_the_data_set_is_read_with_what_stands_above_it(top, two_eyes, place):
    everything = read(top)
    json_file(top / "physio.json", {"SamplingFrequency": 100})
    samples = read(top / place)
    np.testing.assert_array_equal(samples.pupil, everything.pupil)
    assert samples.names["participant"].at(0) == "01"


def test_one_file_is_one_eye_and_the_other_is_said(two_eyes):
    left, _, path, other = two_eyes
    samples = read(path)
    assert samples.eyes == ("left",)
    np.testing.assert_array_equal(samples.pupil[:, 0], left.pupil)
    assert other.name in said(samples, "other eye")[0]


def test_participants_runs_and_sessions_are_recordings_of_their_own(top):
    files = {}
    for sub, run in (("01", "1"), ("01", "2"), ("02", "1")):
        files[sub, run] = EyeFile("left", "eye1", ticks(), pupil())
        recording(top, files[sub, run], sub, run)
    samples = read(top)
    assert samples.names["recording"].names == (
        "sub-01_task-view_run-1",
        "sub-01_task-view_run-2",
        "sub-02_task-view_run-1",
    )
    assert samples.names["participant"].names == ("01", "02")
    assert samples.at(2 * N) == "sub-02/beh/sub-02_task-view_run-1_recording-eye1_physio.tsv.gz, line 1"
    np.testing.assert_array_equal(samples.pupil[:, 0], np.concatenate([f.pupil for f in files.values()]))


def test_derivatives_are_other_versions_and_are_not_read(top, two_eyes):
    shutil.copytree(top / "sub-01", top / "derivatives" / "cleaned" / "sub-01")
    assert len(read(top)) == N


def test_nanoseconds_keep_their_precision(top):
    clock = [1_700_000_000_000_000_001 + 10_000_000 * i for i in range(N)]
    recording(top, EyeFile("left", "eye1", clock, pupil(), time_unit="ns"))
    samples = read(top)
    assert samples.time.unit == "ns"
    assert samples.time.values.tolist() == clock


@pytest.mark.parametrize(
    ("unit", "step"), [("s", 0.01), ("ms", 10), ("us", 10_000), ("\u00b5s", 10_000), ("ns", 10_000_000)]
)
def test_unit_of_the_timestamps(top, unit, step):
    expected = unit.replace("\u00b5", "u")
    file = EyeFile("left", "eye1", ticks(step=step), pupil(), time_unit=unit)
    recording(top, file)
    assert read(top).time.unit == expected
    file.time_unit = None
    recording(top, file)
    samples = read(top)
    assert samples.time.unit == expected
    assert "by SamplingFrequency" in said(samples, "time unit")[0]


def test_a_unit_that_contradicts_the_rate_is_refused_with_a_remedy(top):
    recording(top, EyeFile("left", "eye1", ticks(), pupil(), time_unit="s"))
    assert "go on as ms" in refused(top)
    assert read(top, time_unit="ms").time.unit == "ms"


def test_a_rate_that_contradicts_the_timestamps_is_said(top):
    recording(top, EyeFile("left", "eye1", ticks(step=40), pupil(), rate_hz=100.0))
    assert "these count" in said(read(top), "rate")[0]


@pytest.mark.parametrize(
    ("units", "size", "expected"),
    [
        ("mm", "Pupil diameter", "mm"),
        ("a.u.", "Pupil area of the recorded eye as calculated by the eye-tracker in arbitrary units", "au2"),
        ("arbitrary", "Pupil size as area", "au2"),
        ("pixels", "Pupil diameter", "px"),
        ("mm", "Pupil area", "mm2"),
        ("mm^2", "Pupil area", "mm2"),
        ("m", "Pupil diameter", "m"),
        ("\u00b5m", "diameter", "um"),
        (None, "Pupil diameter", None),
        ("volt", "Pupil diameter", None),
    ],
)
def test_area_mistaken_for_diameter(top, units, size, expected):
    recording(top, EyeFile("left", "eye1", ticks(), pupil(), units=units, size=size))
    samples = read(top)
    assert samples.units == (expected, None)
    assert (units == "volt") == ("'volt' of 'pupil_size' is no unit of a pupil" in said(samples, "unit"))


def test_units_that_differ_between_files_are_refused_and_one_unstated_is_said(top):
    recording(top, EyeFile("left", "eye1", ticks(), pupil()), "01")
    other = EyeFile("left", "eye1", ticks(), pupil(), units="a.u.")
    recording(top, other, "02")
    assert "in mm, and in other files of the data set in au" in refused(top)
    other.units = None
    recording(top, other, "02")
    samples = read(top)
    assert samples.units[0] == "mm"
    assert any("taken as mm" in f for f in said(samples, "unit"))


def test_without_timestamps_time_comes_from_start_and_rate(top):
    recording(top, EyeFile("left", "eye1", None, pupil(), start_s=-0.25))
    samples = read(top)
    np.testing.assert_array_equal(samples.time.values, -0.25 + np.arange(N) / 100)
    assert samples.time.unit == "s"
    assert said(samples, "time")


def test_without_timestamps_and_rate_there_is_no_time(top):
    recording(top, EyeFile("left", "eye1", None, pupil(), rate_hz=None))
    samples = read(top)
    assert samples.time is None
    assert samples.rate_hz is None


@pytest.mark.parametrize(
    ("heads", "eyes"),
    [
        (("left_pupil_size", "right_pupil_size"), None),
        (("eye1_pupil_size", "eye2_pupil_size"), ["left", "right"]),
        (("eye2_pupil_size", "eye1_pupil_size"), ["right", "left"]),
    ],
)
def test_both_eyes_in_one_file_are_told_by_its_columns(top, heads, eyes):
    left, right = pupil(), pupil()
    place = top / "sub-01" / "func"
    about = {"Columns": ["timestamp", *heads], "SamplingFrequency": 100, "StartTime": 0, heads[0]: {"Units": "mm"}}
    json_file(
        place / "sub-01_task-view_recording-eyetracking_physio.json", about | ({"RecordedEye": eyes} if eyes else {})
    )
    packed(place / "sub-01_task-view_recording-eyetracking_physio.tsv.gz", table([ticks(), left, right]))
    samples = read(top)
    assert samples.eyes == ("left", "right")
    assert samples.units[0] == "mm"
    np.testing.assert_array_equal(samples.pupil, np.stack([left, right], axis=1))


def test_columns_that_are_named_are_taken(top):
    file = EyeFile("left", "eye1", ticks(), pupil())
    recording(top, file)
    samples = read(top, pupil="x_coordinate", participant="who", label="kind")
    np.testing.assert_array_equal(samples.pupil[:, 0], file.columns()["x_coordinate"])


def test_both_eyes_together_are_left_out_beside_single_ones(top, two_eyes):
    recording(top, EyeFile("cyclopean", "eye3", ticks(), pupil()))
    samples = read(top)
    assert samples.eyes == ("left", "right")
    assert "eye3" in said(samples, "recording of both eyes")[0]


def test_both_eyes_together_alone_name_no_eye(top):
    file = EyeFile("cyclopean", "eye3", ticks(), pupil())
    recording(top, file)
    samples = read(top)
    assert samples.eyes == ()
    assert samples.units == ("mm", None)
    np.testing.assert_array_equal(samples.pupil[:, 0], file.pupil)
    recording(top, EyeFile("left", "eye1", ticks(), pupil()), "02")
    assert "RecordedEye" in refused(top)


def test_two_files_of_one_eye_or_of_none_are_refused(top):
    recording(top, EyeFile("left", "eye1", ticks(), pupil()))
    recording(top, EyeFile("left", "eye2", ticks(), pupil()))
    assert "and so does that of" in refused(top)
    recording(top, EyeFile(None, "eye2", ticks(), pupil()))
    assert "which eye is which?" in refused(top)
    recording(top, EyeFile(None, "eye1", ticks(), pupil()))
    assert "which eye is which?" in refused(top)


def test_names_of_participants_that_are_missing_are_refused(top):
    recording(top, EyeFile("left", "eye1", ticks(), pupil()))
    recording(top, EyeFile("left", "eye1", ticks(), pupil()), "02")
    for rows, message in (("sub-01\tAnn\n", "for sub-02"), ("sub-01\tAnn\nsub-02\tAnn\n", "of its own")):
        (top / "participants.tsv").write_text("participant_id\tparticipant_name\n" + rows)
        assert message in refused(top)
    (top / "participants.tsv").write_text("participant_id\tparticipant_name\nsub-02\tBo\nsub-01\tAnn\n")
    assert read(top).names["participant"].names == ("Ann", "Bo")


def test_clocks_of_the_eyes_that_differ_are_paired_to_the_nearest(top):
    left = EyeFile("left", "eye1", ticks(), pupil())
    late = EyeFile("right", "eye2", [t + 3 for t in ticks()[5:]] + [1613], pupil(N - 4))
    recording(top, left)
    recording(top, late)
    samples = read(top)
    assert len(samples) == N + 1
    assert "differ by up to 3" in said(samples, "clocks of the eyes")[0]
    np.testing.assert_array_equal(samples.pupil[5:N, 1], late.pupil[:-1])
    assert np.isnan(samples.pupil[:5, 1]).all()
    assert np.isnan(samples.pupil[N, 0])
    assert samples.time.values[-1] == 1613
    assert samples.pupil[N, 1] == late.pupil[-1]


def test_clocks_that_are_not_one_are_refused(top):
    recording(top, EyeFile("left", "eye1", ticks(), pupil()))
    recording(top, EyeFile("right", "eye2", ticks(first=900_000), pupil()))
    assert "not on one clock" in refused(top)


def test_non_monotonic_timestamps(top):
    clock = ticks()
    clock[7] = clock[6]
    recording(top, EyeFile("left", "eye1", clock, pupil()))
    assert read(top).time.values.tolist() == clock  # what follows says where time stands still
    recording(top, EyeFile("right", "eye2", ticks(), pupil()))
    assert "eye1_physio.tsv.gz, line 8" in refused(top)


HEADS = ("onset", "duration", "trial_type", "stim_file")


def test_events_count_in_seconds_from_the_first_sample(top, two_eyes):
    task_events(two_eyes[2], HEADS, [(0.1, 0.2, "posed", "a.mp4"), (0.4, "n/a", "genuine", "b.mp4")])
    one, two = read(top).events
    assert (one.time, one.duration, one.text, one.line) == (pytest.approx(1100), pytest.approx(200), "posed", 2)
    assert (two.time, two.duration, two.recording) == (pytest.approx(1400), None, "sub-01_task-view")
    assert one.parts["label"] == one.parts["trial_type"] == "posed"
    assert one.parts["stimulus"] == "a.mp4"


def test_events_of_a_recording_that_began_before_the_task(top):
    path = recording(top, EyeFile("left", "eye1", ticks(), pupil(), start_s=-0.25))
    task_events(path, HEADS, [(0.0, 0.1, "posed", "a.mp4")])
    assert read(top).events[0].time == pytest.approx(1250)
    path = recording(top, EyeFile("left", "eye1", None, pupil(), start_s=-0.25))
    assert read(top).events[0].time == pytest.approx(0)


@pytest.mark.parametrize(
    ("onset", "about"), [(1.1, {"OnsetSource": "timestamp"}), (1100, {}), (1100, {"OnsetSource": "timestamp"})]
)
def test_events_on_the_clock_of_the_timestamps(top, two_eyes, onset, about):
    task_events(two_eyes[2], HEADS, [(onset, 0.2, "posed", "a.mp4")], **about)
    samples = read(top)
    assert samples.events[0].time == pytest.approx(1100)
    assert bool(said(samples, "events")) == (onset == 1100)


def test_events_outside_the_recording_are_said(top, two_eyes):
    task_events(two_eyes[2], HEADS, [(5e6, 0.2, "posed", "a.mp4")])
    assert "outside the recording" in said(read(top), "events")[0]


def test_trials_are_cut_by_the_trial_type(top, two_eyes):
    task_events(
        two_eyes[2], HEADS, [(0.1, 0.2, "posed", "a.mp4"), (0.4, 0.1, "genuine", "b.mp4"), (0.3, 0.05, "cross", "n/a")]
    )
    how = ReadSettings(trials_from="{label}", layout="bids")
    samples = cut(read(top), how)
    labels = samples.names["label"]
    counts = {name: int((labels.codes == code).sum()) for code, name in enumerate(labels.names)}
    assert counts == {"posed": 20, "genuine": 10, "cross": 5}
    assert samples.time.values[0] == 1100
    assert samples.zero[0] == pytest.approx(1100)
    assert samples.names["stimulus"].at(0) == "a.mp4"


@pytest.mark.parametrize(
    ("unit", "lasting"), [(None, (40, 100)), ("ms", (40, 100)), (None, (0.04, 0.1)), ("s", (0.04, 0.1))]
)
def test_blinks_of_each_eye_whatever_the_unit_of_their_duration(top, two_eyes, unit, lasting):
    about = {"duration": {"Units": unit}} if unit else {}
    rows = [
        (1050, lasting[0], "saccade", 1, "n/a"),
        (1110, lasting[1], "fixation", 0, "n/a"),
        (1300, lasting[1], "blink", 1, "n/a"),
    ]
    tracker_events(two_eyes[2], rows, **about)
    samples = read(top)
    closed = np.zeros((N, 2), bool)
    closed[5:9, 0] = closed[30:40, 0] = True
    np.testing.assert_array_equal(samples.blink, closed)
    assert [round(event.duration) for event in samples.events] == [40, 100, 100]
    assert samples.events[0].text == "saccade"
    assert samples.events[0].parts["eye"] == "left"


def test_a_recording_without_blinks_reports_none_and_one_with_the_column_reports_that_there_are_none(top, two_eyes):
    tracker_events(
        two_eyes[2],
        [(1000, "n/a", "n/a", "n/a", "ready")],
        Columns=["onset", "duration", "trial_type", "eye", "message"],
    )
    assert read(top).blink is None
    tracker_events(two_eyes[2], [(1000, "n/a", "n/a", "n/a", "ready")])
    assert read(top).blink is not None
    assert not read(top).blink.any()


def test_messages_are_events_once_and_quotation_marks_do_not_matter(top, two_eyes):
    rows = [(990, "n/a", "n/a", "n/a", '"NO Reply"'), (1200, "n/a", "n/a", "n/a", 'it"s TRIAL 1, a')]
    for path in two_eyes[2:]:
        tracker_events(path, rows)
    assert [(event.time, event.text) for event in read(top).events] == [(990, "NO Reply"), (1200, 'it"s TRIAL 1, a')]


def test_onsets_without_a_source_are_rows(top, two_eyes):
    tracker_events(two_eyes[2], [(3, "n/a", "n/a", "n/a", "a"), (-2, "n/a", "n/a", "n/a", "b")], OnsetSource="n/a")
    assert [event.time for event in read(top).events] == [1020, 970]


def test_recordings_of_the_heart_are_left_out(top, two_eyes):
    place = top / "sub-01" / "beh"
    json_file(
        place / "sub-01_task-view_recording-heart_physio.json",
        {"Columns": ["cardiac"], "SamplingFrequency": 50, "StartTime": 0},
    )
    packed(place / "sub-01_task-view_recording-heart_physio.tsv.gz", table([pupil()]))
    samples = read(top)
    assert len(samples) == N
    assert "heart" in said(samples, "recordings without a pupil")[0]
    for path in two_eyes[2:]:
        path.unlink()
    assert "has a column with a pupil" in refused(top)


def test_a_header_where_there_should_be_none_is_no_sample(top, two_eyes):
    left, _, path, _ = two_eyes
    packed(path, "\t".join(STANDARD) + "\n" + table(list(left.columns().values())))
    samples = read(path)
    assert len(samples) == N
    assert samples.line[0] == 2


def test_trailing_tab(top, two_eyes):
    left, _, path, _ = two_eyes
    packed(path, table(list(left.columns().values())).replace("\n", "\t\n"))
    np.testing.assert_array_equal(read(path).pupil[:, 0], left.pupil)


def test_older_files_have_a_header_and_another_suffix(top):
    values = pupil()
    place = top / "sub-01" / "eyetrack"
    place.mkdir(parents=True)
    text = "eye_timestamp\tpupil_size\n" + table([ticks(), values])
    (place / "sub-01_task-view_eyetrack.tsv").write_text(text.replace("eye_timestamp", "timestamp"))
    json_file(place / "sub-01_task-view_eyetrack.json", {"SamplingFrequency": 100, "RecordedEye": "Right"})
    samples = read(top)
    assert samples.eyes == ("right",)
    assert samples.line[0] == 2
    np.testing.assert_array_equal(samples.pupil[:, 1], values)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "line 1: this is not readable as JSON"),
        ("[1]", "a JSON object in braces is expected"),
        ('{"Columns": "timestamp"}', "must be a list of names"),
        ('{"Columns": ["timestamp", "pupil_size"]}', "the file has 4 columns"),
        ("{}", "no JSON file beside or above it says what its 4 columns are"),
        ('{"Columns": ["timestamp", "a", "b", "pupil_size"], "SamplingFrequency": "fast"}', "must be a finite number"),
        ('{"Columns": ["timestamp", "a", "b", "pupil_size"], "SamplingFrequency": 0}', "must be above 0"),
        ('{"Columns": ["timestamp", "a", "b", "pupil_size"], "StartTime": [1]}', "must be a finite number"),
    ],
)
def test_what_json_files_must_say(two_eyes, content, message):
    path = two_eyes[2]
    path.with_name(path.name.replace(".tsv.gz", ".json")).write_text(content)
    assert message in refused(path)


def test_a_cell_that_is_no_number_is_named(top, two_eyes):
    left, _, path, _ = two_eyes
    rows = table(list(left.columns().values())).splitlines()
    rows[4] = rows[4].rsplit("\t", 1)[0] + "\tblink"
    packed(path, "\n".join(rows) + "\n")
    message = refused(top)
    assert "eye1_physio.tsv.gz, line 5, column 'pupil_size'" in message
    assert "'blink'" in message


def test_a_file_that_ends_within_the_packed_data_is_refused(top, two_eyes):
    path = two_eyes[2]
    path.write_bytes(path.read_bytes()[:-20])
    assert "damaged" in refused(top)


def test_empty_files_and_links_to_nothing_say_so(top, two_eyes):
    packed(two_eyes[2], "")
    assert "1 of 2 recordings are empty inside" in refused(top)
    two_eyes[2].unlink()
    two_eyes[2].symlink_to(top / "nowhere")
    assert "datalad get" in refused(top)


def test_the_real_data_set_is_empty_inside():
    from conftest import DATA

    real = DATA / "trackers" / "bids" / "eyetracking_binocular"
    if not real.exists():
        pytest.skip("the real BIDS data set (bids-examples) is not here")
    assert "4 of 4 recordings are empty inside" in refused(real)
    one = next(real.rglob("*run-01_recording-eye2_physio.tsv.gz"))
    assert "the file is empty inside" in refused(one)


def test_json_files_and_events_of_the_real_data_set(tmp_path):
    from conftest import DATA

    real = DATA / "trackers" / "bids" / "eyetracking_binocular"
    if not real.exists():
        pytest.skip("the real BIDS data set (bids-examples) is not here")
    copy = tmp_path / "copy"
    shutil.copytree(real, copy)
    n, size = 32_000, pupil(32_000, 500, 3000)
    json_file(
        copy / "task-FreeView_physio.json",
        json.loads((copy / "task-FreeView_physio.json").read_text()) | {"SamplingFrequency": 100},
    )
    for path in sorted(copy.rglob("*_physio.tsv.gz")):
        clock = 10 * np.arange(n) + 1_780_000
        frame = pd.DataFrame({"t": clock, "x": 1.5, "y": 2.5, "p": size})
        packed(path, frame.to_csv(sep="\t", header=False, index=False))
    for path in copy.rglob("*_physioevents.tsv.gz"):
        packed(path, "1785306\t72\tfixation\t0\tn/a\n1785379\t231\tsaccade\t1\tn/a\n1785611\t6186\tfixation\t0\tn/a\n")
    samples = read(copy)
    assert samples.eyes == ("left", "right")
    assert samples.units == ("au2", "au2")
    assert (samples.time.unit, samples.rate_hz, len(samples)) == ("ms", 100, 2 * n)
    assert samples.blink[:n].sum() == 2 * 23
    first = next(event for event in samples.events if "trial_number" in event.parts)
    assert first.time == pytest.approx(1785302.201)
    assert first.duration == pytest.approx(32060.0146)
    assert first.text.startswith("run_number=1 trial_number=1 image_blank_size=2")


def test_what_is_no_such_data_set_is_not_taken(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "pupil.tsv").write_text("timestamp\tpupil_size\n1\t3\n")
    (tmp_path / "sub-01").mkdir()
    (tmp_path / "sub-01" / "sub-01_task-view_events.tsv").write_text("onset\tduration\n")
    for path in (tmp_path, tmp_path / "a", tmp_path / "a" / "pupil.tsv", tmp_path / "none"):
        assert not bids.recognises(Given(path), ReadSettings())
    assert not bids.recognises(Given(None, pd.DataFrame({"timestamp": [1]})), ReadSettings())


@pytest.fixture(scope="module")
def tracked(tmp_path_factory):
    """A small data set of a tracker with every kind of file, to be damaged."""
    top = data_set(tmp_path_factory.mktemp("tracked") / "study")
    for eye, label in (("left", "eye1"), ("right", "eye2")):
        path = recording(top, EyeFile(eye, label, ticks(), pupil()))
        tracker_events(path, [(1050, 40, "saccade", 1, "n/a"), (1110, 100, "fixation", 0, "n/a")])
    task_events(path, HEADS, [(0.1, 0.2, "posed", "a.mp4"), (0.4, 0.1, "genuine", "b.mp4")])
    return top


@pytest.fixture(scope="module")
def converted(tmp_path_factory):
    """A small data set that this package wrote, to be damaged."""
    top = tmp_path_factory.mktemp("converted") / "study"
    write_bids(awkward_trials(), top)
    return top


@settings(max_examples=at_most(150), deadline=None)
@given(data=st.data())
def test_damaged_files_are_read_or_refused(tracked, converted, tmp_path_factory, data):
    whole = data.draw(st.sampled_from([tracked, converted]))
    files = sorted(path for path in whole.rglob("*") if path.is_file())
    victim = data.draw(st.sampled_from(files))
    zipped = victim.suffix == ".gz" and data.draw(st.booleans())
    raw = gzip.decompress(victim.read_bytes()) if zipped else victim.read_bytes()
    at = data.draw(st.integers(0, len(raw) - 1))
    way = data.draw(st.sampled_from(["cut", "byte", "twice"]))
    byte = bytes([data.draw(st.integers(0, 255))])
    changed = {"cut": raw[:at], "byte": raw[:at] + byte + raw[at + 1 :], "twice": raw[:at] + raw[at // 2 :]}[way]
    folder = tmp_path_factory.mktemp("damaged") / "study"
    shutil.copytree(whole, folder)
    (folder / victim.relative_to(whole)).write_bytes(gzip.compress(changed) if zipped else changed)
    known = ReadSettings()
    assert bids.recognises(Given(folder), known)
    with contextlib.suppress(ReadError):
        assert isinstance(bids.read(Given(folder), known), Samples)
    shutil.rmtree(folder.parent)


def test_a_recording_that_is_cut_short_within_a_trial_is_refused(converted, tmp_path):
    folder = tmp_path / "study"
    shutil.copytree(converted, folder)
    for path in (folder / "sub-01").rglob("*_physio.tsv.gz"):
        packed(path, "".join(gzip.decompress(path.read_bytes()).decode().splitlines(keepends=True)[:-3]))
    assert "cut short" in refused(folder)


@pytest.mark.parametrize("value", ["1e400", "NaN", "Infinity", '"\\u0000"', "true", "null", "[[]]", '{"a": {}}'])
@pytest.mark.parametrize("key", ["SamplingFrequency", "StartTime", "RecordedEye", "Columns", "pupil_size", "timestamp"])
def test_odd_values_in_json_files_are_read_or_refused(two_eyes, key, value):
    path = two_eyes[2]
    sidecar = path.with_name(path.name.replace(".tsv.gz", ".json"))
    content = json.loads(sidecar.read_text())
    content[key] = "HERE"
    sidecar.write_text(json.dumps(content).replace('"HERE"', value))
    with contextlib.suppress(ReadError):
        assert isinstance(read(path), Samples)
