"""Rows of one eye each, side by side: cameras that are not synchronised keep no even beat."""

import numpy as np
import numpy.typing as npt

from smilejax.readers.columns.eye_rows import pair_eye_rows
from smilejax.readers.samples import Samples, Time
from smilejax.recordings.source import Finding

EYES = Finding("eyes", "a row for each eye", "recognised")


def both(left: npt.NDArray[np.float64], right: npt.NDArray[np.float64]) -> Samples:
    """The rows of both eyes in the order of time, whose pupils are 4 and 3 with the time behind the point, paired."""
    time = np.concatenate([left, right])
    order = np.argsort(time, kind="stable")
    of_left = (np.arange(len(time)) < len(left))[order]
    pupil = np.full((len(time), 2), np.nan)
    pupil[:, 0] = np.where(of_left, 4, 3) + time[order] / 1000
    samples = Samples("a", "line", np.arange(1, len(time) + 1), pupil, (), time=Time(time[order], "s"))
    return pair_eye_rows(samples, of_left, EYES)


def test_uneven_beats_leave_one_clock(rng: np.random.Generator) -> None:
    steps = rng.uniform(0.006, 0.011, (2, 500))
    left, right = np.cumsum(steps, axis=1)
    samples = both(left, right * left[-1] / right[-1])
    assert samples.time is not None
    np.testing.assert_array_equal(samples.time.values, left)
    np.testing.assert_array_equal(samples.pupil[:, 0], 4 + left / 1000)
    seen = np.isfinite(samples.pupil[:, 1])
    assert seen.mean() > 0.9
    assert np.abs((samples.pupil[seen, 1] - 3) * 1000 - left[seen]).max() < 0.011


def test_the_faster_eye_gives_the_clock() -> None:
    right = np.arange(200) / 120
    samples = both(np.arange(50) / 30 + 0.001, right)
    assert samples.time is not None
    np.testing.assert_array_equal(samples.time.values, right)
    assert np.isfinite(samples.pupil).sum(axis=0).tolist() == [50, 200]


def test_a_row_in_the_other_eyes_gap_stays() -> None:
    right = np.arange(100) / 100
    left = np.concatenate([right[:40], right[60:]])
    samples = both(left, right)
    assert len(samples) == 100
    assert np.isnan(samples.pupil[40:60, 0]).all()
    np.testing.assert_array_equal(samples.pupil[:, 1], 3 + right / 1000)
