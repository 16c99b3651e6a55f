"""Data Viewer sample reports: what a generator wrote, the case in hand, and damaged files."""

from pathlib import Path

import numpy as np
import pytest
from conftest import DATA
from helpers.examples import at_most
from helpers.tracker_files.eyelink_data_viewer import ReportTrial, table, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smilejax._util.errors import ReadError
from smilejax.readers.assembly.assemble import assemble
from smilejax.readers.files import large_text
from smilejax.readers.given import Given
from smilejax.readers.samples import Samples
from smilejax.readers.trackers import eyelink_data_viewer
from smilejax.settings import ReadSettings

PLAIN = ReadSettings()


def trial(session: str = "s01", index: int = 1, start: int = 100_000, samples: int = 30, seed: int = 0) -> ReportTrial:
    """A trial with a blink of the left eye from sample 10 to 14, within a saccade from 7 to 18, and another saccade."""
    pupil = np.random.default_rng(seed).integers(50_000, 200_000, (samples, 2)) / 100
    blink, saccade = np.zeros((samples, 2), bool), np.zeros((samples, 2), bool)
    blink[10:15, 0], saccade[7:19, 0], saccade[24:, 0], saccade[7:19, 1] = True, True, True, True
    pupil[10:15, 0] = 0
    label = {"condition": ("Easy", "Hard")[index % 2], "video": f"clip {index}.mp4", "mood": "."}
    return ReportTrial(session, index, start, pupil, blink, saccade, {3: "ONSET_1", 20: "A; B"}, label)


def reading(path: Path, chosen: ReadSettings = PLAIN) -> Samples:
    assert eyelink_data_viewer.recognises(Given(path), chosen)
    return eyelink_data_viewer.read(Given(path), chosen)


def names(samples: Samples, role: str) -> list[str]:
    return [samples.names[role].at(row) for row in range(len(samples))]


def test_what_was_written_comes_back(tmp_path):
    trials = [trial(seed=1), trial(index=2, start=110_000, seed=2), trial("s02", 1, 50_000, seed=3)]
    samples = reading(write(tmp_path / "report.txt", table(trials)))
    np.testing.assert_array_equal(samples.pupil, np.concatenate([t.pupil for t in trials]))
    assert (samples.eyes, samples.units) == (("left", "right"), ("au", "au"))
    assert samples.time is not None
    assert samples.time.unit == "ms"
    assert samples.time.values.tolist() == [t.start + 2 * i for t in trials for i in range(30)]
    assert names(samples, "participant") == names(samples, "recording") == ["s01"] * 60 + ["s02"] * 30
    assert names(samples, "trial") == ["1"] * 30 + ["2"] * 30 + ["1"] * 30
    assert names(samples, "label") == ["Hard"] * 30 + ["Easy"] * 30 + ["Hard"] * 30
    assert names(samples, "stimulus") == ["clip 1.mp4"] * 30 + ["clip 2.mp4"] * 30 + ["clip 1.mp4"] * 30
    assert samples.zero is not None
    assert samples.zero.tolist() == [t.start + 4 for t in trials for _ in range(30)]
    assert samples.line.tolist() == list(range(2, 92))


def test_the_zeros_of_a_blink_are_kept_and_marked_with_the_saccade(tmp_path):
    """Trap: blink zeros are kept. Saccades without a blink, and those of the other eye, are no blinks."""
    samples = reading(write(tmp_path / "report.txt", table([trial()])))
    assert (samples.pupil[10:15, 0] == 0).all()
    assert samples.blink is not None
    assert np.flatnonzero(samples.blink[:, 0]).tolist() == list(range(7, 19))
    assert not samples.blink[:, 1].any()


def test_a_saccade_ends_with_its_trial(tmp_path):
    """The saccade that ends one trial and the blink that begins the next are not one."""
    first, second = trial(), trial(index=2, start=110_000)
    second.blink[:3, 0] = second.saccade[:5, 0] = True
    blink = reading(write(tmp_path / "report.txt", table([first, second]))).blink
    assert blink is not None
    assert np.flatnonzero(blink[:, 0]).tolist() == [*range(7, 19), *range(30, 35), *range(37, 49)]


def test_blinks_without_columns_of_saccades(tmp_path):
    columns = {head: cells for head, cells in table([trial()]).items() if "SACCADE" not in head}
    blink = reading(write(tmp_path / "report.txt", columns)).blink
    assert blink is not None
    assert np.flatnonzero(blink[:, 0]).tolist() == [10, 11, 12, 13, 14]


def test_messages(tmp_path):
    samples = reading(write(tmp_path / "report.txt", table([trial(), trial("s02", start=500)])))
    assert [(e.time, e.text, e.recording, e.line, e.row) for e in samples.events] == [
        (100_006, "ONSET_1", "s01", 5, 3),
        (100_040, "A", "s01", 22, 20),
        (100_040, "B", "s01", 22, 20),
        (506, "ONSET_1", "s02", 35, 33),
        (540, "A", "s02", 52, 50),
        (540, "B", "s02", 52, 50),
    ]


def test_monocular_stays_monocular(tmp_path):
    """Trap: a monocular file in a binocular pipeline. The column of the other eye holds only points."""
    one = trial()
    one.pupil[:, 0] = np.nan
    samples = reading(write(tmp_path / "report.txt", table([one], tracked="Right")))
    assert samples.eyes == ("right",)
    np.testing.assert_array_equal(samples.pupil, one.pupil)


@pytest.mark.parametrize(
    ("tracked", "eyes", "column"), [("Right", ("right",), 1), ("Left", ("left",), 0), ("Both", (), 0)]
)
def test_the_average_size_is_of_the_eye_that_was_tracked(tmp_path, tracked, eyes, column):
    columns = table([trial()], tracked=tracked)
    columns["AVERAGE_PUPIL_SIZE"] = columns["RIGHT_PUPIL_SIZE"]
    columns["AVERAGE_IN_BLINK"] = columns["LEFT_IN_BLINK"]
    one = {head: cells for head, cells in columns.items() if not head.startswith(("LEFT", "RIGHT"))}
    samples = reading(write(tmp_path / "report.txt", one))
    assert samples.eyes == eyes
    assert samples.pupil[:, column].tolist() == trial().pupil[:, 1].tolist()
    assert np.isnan(samples.pupil[:, 1 - column]).all()
    assert samples.blink is not None
    assert np.flatnonzero(samples.blink[:, column]).tolist() == [10, 11, 12, 13, 14]


def test_points_are_no_names(tmp_path):
    samples = reading(write(tmp_path / "report.txt", table([trial()])), ReadSettings(label="mood"))
    assert set(names(samples, "label")) == {""}


def test_columns_named_in_the_settings(tmp_path):
    columns = table([trial()])
    columns["Who"], columns["When"] = ["anna"] * 30, [f"{i / 500}" for i in range(30)]
    chosen = ReadSettings(participant="Who", time="When", time_unit="s", trial=("TRIAL_LABEL",))
    samples = reading(write(tmp_path / "report.txt", columns), chosen)
    assert set(names(samples, "participant")) == {"anna"}
    assert set(names(samples, "trial")) == {"Trial: 1"}
    assert samples.time is not None
    assert (samples.time.unit, samples.time.values[-1]) == ("s", 0.058)
    assert samples.zero is None  # IP_START_TIME is on another clock
    given = {f.what: f.how for f in samples.findings}
    assert (given["column: participant"], given["column: left"]) == ("given", "recognised")


@pytest.mark.parametrize("start", [9_000_000, 100_000])
def test_a_start_that_is_on_another_clock_is_not_used(tmp_path, start):
    columns = table([trial(start=start)])
    columns["TIMESTAMP"] = [str(2 * i) for i in range(30)]
    samples = reading(write(tmp_path / "report.txt", columns))
    assert samples.zero is None
    assert {f.what: f.how for f in samples.findings}["onset"] == "warning"


def test_without_a_timestamp_the_number_of_the_sample_is_no_time(tmp_path):
    columns = table([trial()])
    del columns["TIMESTAMP"]
    samples = reading(write(tmp_path / "report.txt", columns))
    assert samples.time is None
    assert samples.events == ()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_encodings_and_line_ends(tmp_path, encoding):
    columns = table([trial("Jürgen")])
    samples = reading(write(tmp_path / "report.txt", columns, encoding, "\r\n"))
    assert set(names(samples, "participant")) == {"Jürgen"}


def test_decimal_commas(tmp_path):
    """Trap: a decimal comma is recognised by the sizes, and said; it may be given."""
    columns = table([trial()])
    for head in ("LEFT_PUPIL_SIZE", "RIGHT_PUPIL_SIZE", "TIMESTAMP"):
        columns[head] = [cell.replace(".", ",") for cell in columns[head]]
    path = write(tmp_path / "report.txt", columns)
    samples = reading(path)
    np.testing.assert_array_equal(samples.pupil, trial().pupil)
    assert ("decimal mark", "comma", "inferred") in [(f.what, f.value, f.how) for f in samples.findings]
    np.testing.assert_array_equal(reading(path, ReadSettings(decimal=",")).pupil, trial().pupil)


@pytest.mark.parametrize(
    "heads",
    [
        "subject,trial,timestamp,left,right",
        "RECORDING_SESSION_LABEL\tTRIAL_INDEX\tCURRENT_FIX_START\tCURRENT_FIX_PUPIL",
        "TIMESTAMP\tLEFT_PUPIL_SIZE",
    ],
)
def test_other_tables_are_not_recognised(tmp_path, heads):
    path = tmp_path / "a.txt"
    path.write_text(heads + "\n1\t2\t3\t4\n")
    assert not eyelink_data_viewer.recognises(Given(path), PLAIN)


WHOLE = table([trial(samples=20), trial(index=2, start=110_000, samples=20)])


@settings(max_examples=at_most(100), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_cut_or_damage_gives_samples_or_a_read_error(tmp_path, data):
    path = write(tmp_path / "report.txt", WHOLE)
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    cut = data.draw(st.booleans())
    path.write_bytes(whole[:at] if cut else whole[:at] + data.draw(st.binary(min_size=1, max_size=2)) + whole[at + 1 :])
    try:
        rows = len(eyelink_data_viewer.read(Given(path), PLAIN))
    except ReadError as error:
        rows = 0 if "report.txt" in str(error) else 999
    assert rows <= 41


def test_the_case_in_hand():
    """48 trials of 8 people, one eye, arbitrary units."""
    path = DATA / "cases" / "eyelink_data_viewer_like.txt.gz"
    if not path.exists():
        pytest.skip("the case (a sample report) is not here")
    chosen = ReadSettings(classes=("Easy", "Hard"))
    samples = reading(path, chosen)
    trials = assemble(samples, chosen, optional=False, source="report", layout=eyelink_data_viewer.NAME)
    assert (len(trials), len(set(trials.participant)), trials.unit) == (48, 8, "au")
    assert np.isnan(trials.pupil[:, :, 1]).all()
    assert abs(float(np.nanmedian(samples.pupil[:, 0])) - 1049) < 1


@pytest.mark.parametrize("decimal", [".", ","])
def test_a_large_report_with_a_size_that_is_not_used(tmp_path, monkeypatch, decimal):
    """Of a large file only the columns with a role are read: the mean of both eyes is none of them."""
    columns = table([trial()])
    columns |= {"AVERAGE_PUPIL_SIZE": ["1500.00"] * 30}
    columns = {
        head: [c.replace(".", decimal) if c[:1].isdigit() and "mp4" not in c else c for c in cells]
        for head, cells in columns.items()
    }
    path = write(tmp_path / "report.txt", columns)
    small = reading(path)
    monkeypatch.setattr(large_text, "LARGE", 0)
    large = reading(path)
    np.testing.assert_array_equal(large.pupil, trial().pupil)
    assert large.findings == small.findings


@pytest.mark.parametrize("cells", [["0", "1"] * 45, ["7"] * 90], ids=["changes within trials", "never changes"])
def test_a_start_of_trials_that_is_no_time_is_not_used(tmp_path, cells):
    """As where its heading stands above another column: marks of saccades, or a number of the session."""
    columns = table([trial(), trial(index=2, start=110_000, seed=1), trial(index=3, start=120_000, seed=2)])
    assert reading(write(tmp_path / "whole.txt", columns)).zero is not None
    columns["TRIAL_START_TIME"] = cells
    columns.pop("IP_START_TIME", None)
    samples = reading(write(tmp_path / "report.txt", columns))
    assert samples.zero is None
    said = next(f for f in samples.findings if f.what == "onset")
    assert said.how == "warning"
    assert said.value == "the start of trials is no time: it changes within a trial, or is one for all, and is not used"
