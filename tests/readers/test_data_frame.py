"""A DataFrame is read as a file with the same table is."""

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from smilejax._util.errors import DataWarning, ReadError, SettingsError
from smilejax.readers import READERS, read
from smilejax.recordings.trials import Trials
from smilejax.settings import ReadSettings


@pytest.fixture
def frame() -> pd.DataFrame:
    """Four trials of two participants, 9 samples at 50 Hz, all numbers different, with missing ones."""
    n = np.arange(36)
    left = 3 + n / 100
    left[[4, 13]] = np.nan, -1.0
    return pd.DataFrame(
        {
            "Participant": np.repeat([1, 1, 2, 2], 9),
            "Trial": np.repeat(["a", "b", "b", "a"], 9),
            "Time (ms)": np.tile(np.arange(9) * 20, 4),
            "Left (mm)": left,
            "Right (mm)": 4 + n / 50,
            "Condition": np.repeat(["Easy", "Hard", "Hard", "Easy"], 9),
            "Stimulus": np.repeat(["s1", "s2", "s2", "s1"], 9),
        }
    )


EASY_HARD = ReadSettings(classes=("Easy", "Hard"))


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".xlsx"])
def test_the_same_as_from_a_file(
    tmp_path: Path, frame: pd.DataFrame, suffix: str, assert_same: Callable[[Trials, Trials], None]
) -> None:
    path = tmp_path / f"table{suffix}"
    write = {".csv": frame.to_csv, ".parquet": frame.to_parquet, ".xlsx": frame.to_excel}[suffix]
    write(path, index=False)  # type: ignore[operator]
    found = read(frame, EASY_HARD)
    assert_same(found, read(path, EASY_HARD))
    assert (found.source.name, found.source.layout) == ("DataFrame", "tidy")
    assert found.participant == ("1", "1", "2", "2")


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.sample(frac=1, random_state=0).sort_values(["Participant", "Time (ms)"], kind="stable"),
        lambda f: f.set_index(["Participant", "Trial"]),
        lambda f: f.set_axis(np.arange(len(f))[::-1] * 7, axis=0),  # row labels that say nothing
        lambda f: f.astype({"Condition": "category", "Trial": "category"}),
        lambda f: f.astype({"Time (ms)": "int64[pyarrow]", "Left (mm)": "float32", "Trial": object}),
        lambda f: f.astype({"Right (mm)": str, "Participant": "Int64"}),
        lambda f: f[f.columns[::-1]],
    ],
)
def test_types_index_and_order_of_columns_do_not_matter(
    frame: pd.DataFrame, change: Callable[[pd.DataFrame], pd.DataFrame], assert_same: Callable[[Trials, Trials], None]
) -> None:
    expected, found = read(frame, EASY_HARD), read(change(frame), EASY_HARD)
    rows = [list(zip(found.participant, found.trial, strict=True)).index(name) for name in
            zip(expected.participant, expected.trial, strict=True)]  # fmt: skip
    assert_same(found.take(rows), expected)


def test_the_frame_is_left_as_it_is(frame: pd.DataFrame) -> None:
    before = frame.copy(deep=True)
    read(frame, EASY_HARD)
    pd.testing.assert_frame_equal(frame, before)


def test_errors_name_the_row_of_the_frame(frame: pd.DataFrame) -> None:
    frame.loc[10, "Condition"] = "Middling"
    with pytest.raises(ReadError, match=r"^DataFrame, row 11: the label must be the same throughout a trial"):
        read(frame, EASY_HARD)
    with pytest.raises(ReadError, match=r"^DataFrame: the file has headings but no row below them"):
        read(frame.iloc[:0], EASY_HARD)
    with pytest.raises(ReadError, match=r"^DataFrame: the table is empty"):
        read(pd.DataFrame())


def test_layouts_that_a_frame_cannot_have_and_unknown_ones(frame: pd.DataFrame) -> None:
    with pytest.raises(ReadError, match=r"the layout four-tables is a folder .* this is a DataFrame"):
        read(frame, ReadSettings(layout="four-tables"))
    with pytest.raises(SettingsError) as caught:
        read(frame, ReadSettings(layout="deep"))
    assert str(caught.value).startswith("layout must be one of ")
    assert all(f"{reader.name} ({reader.words})" in str(caught.value) for reader in READERS)


@pytest.mark.parametrize(
    ("constant", "said"),
    [
        (("b",), "constant pupil: 1 trial never changes: trial 'b' of participant '1'"),
        (("a", "b"), "constant pupil: 2 trials never change, the first: trial 'a' of participant '1'"),
        ((), None),
    ],
)
def test_a_constant_pupil_gets_a_note(constant: tuple[str, ...], said: str | None) -> None:
    """One eye of a trial is one value wherever it was measured: no pupil does that, an artificial eye or a stuck file does."""
    left = {name: [3.1] * 12 if name in constant else [3 + k / 50 for k in range(12)] for name in "ab"}
    frame = pd.DataFrame(
        {
            "participant": 1,
            "trial": ["a"] * 12 + ["b"] * 12,
            "time_ms": [*range(0, 240, 20)] * 2,
            "left_mm": [*left["a"], *left["b"]],
            "right_mm": [3 + k / 40 for k in range(24)],
            "label": ["posed"] * 12 + ["genuine"] * 12,
        }
    )
    frame.loc[[3, 15], "left_mm"] = np.nan
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", DataWarning)
        trials = read(frame)
    assert [str(one.message) for one in caught] == ([] if said is None else [said])
    assert any(one.what == "constant pupil" for one in trials.source.findings) is (said is not None)
