"""A row per trial, with a column for each sample."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from smilejax._util.errors import DataWarning, ReadError
from smilejax.readers import read
from smilejax.settings import ReadSettings

AT_60 = ReadSettings(rate_hz=60)


def table(columns, values):
    frame = pd.DataFrame(values, columns=columns)
    return pd.DataFrame({"id": ["a", "a"], "trial": ["x", "y"], "label": ["posed", "genuine"], "age": [20, 21]}).join(
        frame
    )


@pytest.mark.parametrize("name", ["t{}", "T_{}", "sample {}", "pupil{}", "{}"])
def test_spellings_of_samples(name, found):
    values = 3 + np.arange(12).reshape(2, 6) / 100
    frame = table([name.format(i) for i in range(6)], values)
    t = read(frame[[*frame.columns[:4], *frame.columns[:3:-1]]], AT_60)  # columns in any order
    np.testing.assert_allclose(t.pupil[..., 0], values, rtol=1e-6)
    assert (t.source.layout, found(t, "columns not used")) == ("wide", "'age'")


@pytest.mark.parametrize(
    ("first", "said", "how"),
    [(0, "from 0", "recognised"), (1, "sample 1 is taken", "recognised"), (2, "from 2", "warning")],
)
@pytest.mark.filterwarnings("ignore::smilejax._util.errors.DataWarning")
def test_where_counting_begins_is_said(first: int, said: str, how: str):
    """A column that was lost at the front moves time zero, and nothing else shows it."""
    values = 3 + np.arange(12).reshape(2, 6) / 100
    found = read(table([f"t{first + i}" for i in range(6)], values), AT_60).source.findings
    (time,) = [one for one in found if one.what == "time"]
    assert said in time.value
    assert time.how == how


def _numbered(numbers) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    rows = rng.uniform(2, 4, (4, len(numbers)))
    return pd.DataFrame(
        {"participant": ["p", "p", "q", "q"], "trial": list("abab"), "label": ["posed", "genuine"] * 2}
        | {f"t{number}": rows[:, at] for at, number in enumerate(numbers)}
    )


def test_a_count_with_a_gap_is_no_time() -> None:
    """Once read as 1000 Hz without a word."""
    with pytest.raises(ReadError, match="'t4' is followed by 't6'"):
        read(_numbered([n for n in range(20) if n != 5]))


def test_every_second_number_may_be_a_count() -> None:
    with pytest.warns(DataWarning, match=r"0, 2, 4 are taken for milliseconds, which makes 500 Hz"):
        assert read(_numbered(range(0, 40, 2))).rate_hz == 500
    assert read(_numbered(range(0, 400, 20))).rate_hz == 50


def test_both_eyes_and_times_in_headings():
    values = 3 + np.arange(24).reshape(2, 12) / 100
    heads = [f"{eye}_{20 * i}ms" for eye in ("left", "right") for i in range(6)]
    t = read(table(heads, values))
    assert t.rate_hz == 50
    np.testing.assert_allclose(t.pupil, values.reshape(2, 2, 6).transpose(0, 2, 1), rtol=1e-6)


def test_shorter_trials_and_missing_samples():
    values = 3 + np.arange(12).reshape(2, 6) / 100
    values[0, 2], values[1, 4:] = np.nan, np.nan
    t = read(table([f"t{i}" for i in range(6)], values), AT_60)
    assert t.length.tolist() == [6, 4]
    assert np.isnan(t.pupil[0, 2, 0])


def test_what_cannot_be_read():
    with pytest.raises(ReadError, match=r"samples per second were not given"):
        read(table([f"t{i}" for i in range(6)], np.full((2, 6), 3.0)))
    with pytest.raises(ReadError, match=r"row 2: this trial holds no sample"):
        read(table([f"t{i}" for i in range(6)], [[3.0] * 6, [np.nan] * 6]), AT_60)
    with pytest.raises(ReadError, match=r"row 2, column 't3': a finite number is expected; the cell holds 'blink'"):
        read(table([f"t{i}" for i in range(6)], [[3.0] * 6, [3.0, 3.0, 3.0, "blink", 3.0, 3.0]]), AT_60)


def blocks(**more):
    frame = pd.DataFrame({"id": "a", "trial": [1, 2, 1, 2], "label": ["posed", "genuine"] * 2, **more})
    return frame.join(pd.DataFrame(3 + np.arange(24).reshape(4, 6) / 100, columns=[f"t{i}" for i in range(6)]))


@pytest.mark.parametrize("column", ["block", "eye"])
def test_rows_of_one_trial_do_not_follow_each_other(column):
    """Trials that came again in another block were one trial, twice as long."""
    with pytest.raises(ReadError, match=r"row 3: trial '1' of participant 'a' stands in row 1 too, .* block trial"):
        read(blocks(**{column: [1, 1, 2, 2]}), AT_60)


def test_a_copied_row_is_refused():
    frame = blocks().iloc[[0, 0, 1]]
    with pytest.raises(ReadError, match=r"row 2: trial '1' of participant 'a' stands in row 1 too"):
        read(frame, AT_60)


def test_several_columns_name_a_trial():
    t = read(blocks(block=[1, 1, 2, 2]), replace(AT_60, trial=("block", "trial")))
    assert (t.trial, t.length.tolist()) == (("1 1", "1 2", "2 1", "2 2"), [6] * 4)
