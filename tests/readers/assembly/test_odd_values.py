"""Numbers that stand for missing samples, and trials in another unit, are found, and ordinary pupils are not."""

import warnings

import numpy as np
import pandas as pd
import pytest

from smilejax._util.errors import DataWarning, ReadError
from smilejax.readers import read
from smilejax.settings import ReadSettings

TRIALS, SAMPLES = 4, 120


def table(seed: int = 1, people: int = 3, digits: int = 2) -> pd.DataFrame:
    """Slow pupils of several people at 60 Hz, each around 3 to 4 mm, with a blink of 12 samples in every trial."""
    rng = np.random.default_rng(seed)
    rows = []
    for person in range(people):
        for trial in range(TRIALS):
            pupil = 3.0 + 0.4 * person + np.cumsum(rng.normal(0, 0.02, SAMPLES)) + rng.normal(0, 0.01, SAMPLES)
            pupil[40:52] = pupil[40] + (0.6 - pupil[40]) * np.sin(np.linspace(0, np.pi, 12))
            rows.append(
                pd.DataFrame(
                    {
                        "participant": f"P{person}",
                        "trial": f"t{trial}",
                        "time_ms": np.round(np.arange(SAMPLES) * 1000 / 60, 3),
                        "left_mm": np.round(pupil, digits),
                        "label": "posed" if trial % 2 else "genuine",
                    }
                )
            )
    return pd.concat(rows, ignore_index=True)


def of(frame: pd.DataFrame, person: str, trial: str | None = None) -> pd.Series:
    return (frame.participant == person) & ((frame.trial == trial) | (trial is None))


@pytest.mark.parametrize("digits", [1, 2, 4])
def test_ordinary_pupils_get_no_warning(digits: int) -> None:
    """Few digits make equal samples that follow each other, and a blink takes pupils far down."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read(table(digits=digits))


def test_a_lid_that_closes_over_several_samples_is_no_number_for_missing_samples() -> None:
    """A tracker that writes no pupil below 1 mm: equal samples in runs, far off, but without sharp edges."""
    frame = table()
    frame["left_mm"] = frame.left_mm.clip(lower=1.0)
    assert (frame.left_mm == 1.0).sum() > 30
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read(frame)


@pytest.mark.parametrize("scale", [1.0, 1000.0], ids=["mm", "au"])
@pytest.mark.parametrize("code", [9.0, 8.5, 0.0001, 0.1])
def test_a_number_for_missing_samples_is_named(code: float, scale: float) -> None:
    """9 is below the limit of 15 mm, and a number near 0 is no 0."""
    frame = table().rename(columns={"left_mm": "left"})
    frame["left"] *= scale
    frame.loc[(frame.index % 97) < 9, "left"] = code * scale
    with pytest.warns(
        DataWarning, match=rf"number for missing samples: {code * scale:g} stands in .* missing {code * scale:g}$"
    ):
        read(frame)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read(frame, ReadSettings(missing=(code * scale,)))


@pytest.mark.parametrize("code", [-9.0, 0.0])
def test_negative_numbers_and_zero_are_missing_anyway(code: float) -> None:
    frame = table()
    frame.loc[(frame.index % 97) < 9, "left_mm"] = code
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(read(frame).pupil[0, :9, 0]).all()


def test_a_number_is_named_as_the_file_writes_it() -> None:
    """In a file in um, 99999 is 99.999 mm; the setting takes what stands in the file."""
    frame = table().rename(columns={"left_mm": "left_um"})
    frame["left_um"] *= 1000
    frame.loc[[3, 200], "left_um"] = 99999
    with pytest.warns(
        DataWarning, match="pupils too large: 2 samples are above 15 mm, most often 99999.* missing 99999;"
    ):
        read(frame)


@pytest.mark.parametrize(("factor", "times"), [(0.1, "10.1"), (0.001, "1012")])
def test_a_trial_in_another_unit_is_refused(factor: float, times: str) -> None:
    """In cm or m where the others are in mm, below the limit of 15 mm."""
    frame = table()
    frame.loc[of(frame, "P1", "t2"), "left_mm"] *= factor
    words = (
        rf"trials are not in one unit: the median .* in trial 't2' of participant 'P1', .* 3.41, {times} times as large"
    )
    with pytest.raises(ReadError, match=words):
        read(frame)


def test_a_trial_that_is_measured_badly_is_a_warning() -> None:
    """A tenth of the others, but with few samples: it may be an eyelid."""
    frame = table()
    there = of(frame, "P1", "t2")
    frame.loc[there, "left_mm"] *= 0.1
    frame.loc[frame.index[there][20:], "left_mm"] = np.nan
    with pytest.warns(DataWarning, match="trials in another unit: .* measured well"):
        read(frame)


def test_a_trial_six_times_smaller_is_no_power_of_ten() -> None:
    frame = table()
    frame.loc[of(frame, "P1", "t2"), "left_mm"] *= 0.2
    with pytest.warns(
        DataWarning,
        match="trials in another unit: the median of the left pupil is .* in trial 't2' of participant 'P1'",
    ):
        read(frame)


def test_a_participant_in_another_unit_is_a_warning() -> None:
    """Less than the factor of 8 by which participants are refused: 0.5 cm among pupils of 3 mm."""
    frame = table()
    frame.loc[of(frame, "P2"), "left_mm"] *= 0.16
    with pytest.warns(DataWarning, match="participant in another unit: the median of the left pupil of 'P2' is 0\\."):
        read(frame)
