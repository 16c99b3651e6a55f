"""Damaged files of every format: trials or an error that names the file; and the kinds of damage that went wrong once."""

import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smilejax._util.errors import DataWarning, ReadError
from smilejax.readers import READERS, read
from smilejax.settings import ReadSettings

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "experiments" / "faults"))
import damaged_inputs as damage  # noqa: E402
from damaged.formats import FORMATS, can_be_read  # noqa: E402

FEW = settings(
    max_examples=5, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
EVENTS = ReadSettings(trials_from="{label}_{trial}", message="event", participant="id")


def test_every_reader_has_a_format_that_is_damaged():
    assert {r.name for r in READERS} == {f.layout for f in FORMATS}


@pytest.mark.parametrize("form", [f for f in FORMATS if can_be_read(f)], ids=lambda f: f.name)
@FEW
@given(seed=st.integers(0, 2**31))
def test_trials_or_an_error_that_names_the_file(form, seed):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        outcome = damage.tried(form, seed)
    assert outcome.kind not in damage.BAD, outcome


def test_samples_at_another_time_are_not_right():
    """Ten empty samples before each trial, or another rate, changed no pupil, and counted as right."""
    whole, _ = damage.whole_of(next(f for f in FORMATS if f.name == "tidy"))
    later = {key: trial._replace(ms=trial.ms + 10 * whole.step_ms) for key, trial in whole.trials.items()}
    assert "is at 200 ms, not 0" in damage.differs(whole, whole._replace(trials=later))
    assert damage.differs(whole, whole._replace(step_ms=1.05 * whole.step_ms)) == "the rate is 47.619 Hz, not 50"
    assert not damage.differs(whole, whole)


def _frame(*counts, time=None):
    """A table with a trial of so many samples for each number."""
    rows = [
        (n % 2, f"t{n}", 20 * i if time is None else time(n, i), 3 + i / 100, ("posed", "genuine")[n % 2])
        for n, count in enumerate(counts)
        for i in range(count)
    ]
    return pd.DataFrame(rows, columns=["id", "trial", "time_ms", "left_mm", "label"])


@pytest.mark.filterwarnings("ignore:copies of recordings")  # made-up trials have one course
def test_a_short_trial_at_the_end_is_remarked(found):
    with pytest.warns(
        DataWarning, match=r"short trial: trial 't4' .* has 30 samples where most have 50: is the file cut\?"
    ):
        t = read(_frame(50, 50, 48, 50, 30))
    assert t.length.tolist() == [50, 50, 48, 50, 30]


@pytest.mark.filterwarnings("ignore:copies of recordings")  # made-up trials have one course
@pytest.mark.parametrize("counts", [(50, 50, 50, 46), (50, 30, 50, 50), (20, 80, 60, 30), (50, 30)])
def test_other_lengths_are_no_sign_of_a_cut(counts):
    read(_frame(*counts))  # a warning would be an error


@pytest.mark.filterwarnings("ignore:copies of recordings")  # both files are made alike
def test_each_file_may_be_cut(tmp_path):
    for name, counts in (("a", (50, 50, 50)), ("b", (50, 50, 20))):
        _frame(*counts).assign(id=name).to_csv(tmp_path / f"{name}.csv", index=False)
    with pytest.warns(DataWarning, match=r"'t2' of participant 'b', the last of its file, has 20 samples"):
        read(tmp_path)


RECORDING = pd.DataFrame({"id": "p", "time_ms": np.arange(100) * 20, "left_mm": 3.0 + np.arange(100) / 100})


def test_an_onset_minutes_before_its_samples_is_refused():
    frame = _frame(50, 50).assign(onset=lambda f: np.where(f.trial == "t0", 0.0, -1e12))
    with pytest.raises(ReadError, match=r"trial 't1' .* begins 1e\+09 s later after its onset than trial 't0'"):
        read(frame, ReadSettings(onset="onset"))


def _cut(tmp_path, *events):
    """The trials that a table of events cuts."""
    pd.DataFrame(events, columns=["onset [ms]", "trial", "label"]).to_csv(tmp_path / "events.csv", index=False)
    return read(RECORDING, ReadSettings(events=str(tmp_path / "events.csv")))


def test_an_event_that_stands_twice_is_one_trial(tmp_path):
    """A line of a log that was copied made two trials of the same samples."""
    with pytest.warns(DataWarning, match=r"repeated events: 1 stand there again"):
        t = _cut(tmp_path, (200, "a", "posed"), (200, "a", "posed"), (1000, "b", "genuine"))
    assert (t.trial, t.length.tolist()) == (("a", "b"), [40, 50])


def test_a_name_that_comes_again_is_said(tmp_path, found):
    t = _cut(tmp_path, (200, "a", "posed"), (600, "b", "genuine"), (1000, "a", "posed"))
    assert t.trial == ("a", "b", "a (2)")
    assert found(t, "names that come again") == "1 trial, numbered: a (2)"


@pytest.mark.parametrize("odd", ["\x0b", "\x0c", "\x7f"])
def test_a_control_character_is_no_space_before_a_number(tmp_path, odd):
    """A flipped bit made a form feed of the 3 in 3.383, and a pupil of 0.383 was read."""
    _frame(50, 50).to_csv(tmp_path / "a.csv", index=False)
    text = (tmp_path / "a.csv").read_text()
    (tmp_path / "a.csv").write_text(text.replace(",3.38,", f",{odd}.38,", 1))
    with pytest.raises(ReadError, match=r"a.csv, line 40: .* binary data"):
        read(tmp_path / "a.csv")


def test_another_delimiter_in_the_lines_above_a_table(tmp_path):
    """A Studio export saved with semicolons: the participant was '; P106'."""
    form = next(f for f in FORMATS if f.name == "Tobii Studio 1")
    path = form.write(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"\t", b";"))
    assert set(read(path, form.settings).participant) == {"P106"}


@pytest.mark.parametrize("name", ["Gazepoint", "Tobii Studio 3"])
@pytest.mark.parametrize("change", [(1, ""), (1, "{}{}")])
def test_a_line_that_lost_a_delimiter_is_no_line_without_the_last(tmp_path, name, change):
    """Where every line closes with a delimiter, a line with one less was read with its cells shifted by one."""
    form = next(f for f in FORMATS if f.name == name)
    path = form.write(tmp_path)
    lines = path.read_bytes().decode("utf-8-sig").splitlines()
    delimiter = max("\t,", key=lines[0].count)
    lines[30] = lines[30].replace(delimiter, change[1].format(delimiter, delimiter), change[0])
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(ReadError, match="line 31: every line must have as many fields"):
        read(path, form.settings)


def test_a_control_character_is_no_digit_of_an_eyelink_sample(tmp_path):
    """A flipped bit made a control character of the 4 in 4670.0, and a pupil of 670 was read."""
    form = next(f for f in FORMATS if f.name == "EyeLink ASC")
    path = form.write(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"\t 4689.0", b"\t \x14689.0", 1))
    with pytest.raises(ReadError, match=r"p7.asc, line \d+: a control character stands in a line of numbers"):
        read(path, form.settings)
