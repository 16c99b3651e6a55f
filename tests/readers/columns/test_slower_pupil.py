"""Pupils that come more rarely than the rows of their table."""

import numpy as np
import pytest

from smilejax.readers.columns.slower_pupil import pupil_rows


@pytest.mark.parametrize("offset", [0, 1, 2])
@pytest.mark.parametrize("blink", [(0, 0), (0, 20), (30, 61), (270, 300)])
def test_every_third_row(offset: int, blink: tuple[int, int]) -> None:
    """Rows at which a pupil is due stay, also in a blink at the beginning, in the midst and at the end."""
    due = np.arange(300) % 3 == offset
    has = due.copy()
    has[blink[0] : blink[1]] = False
    np.testing.assert_array_equal(pupil_rows(has, np.zeros(300, np.int64)).rows, due)


def test_no_whole_number_of_rows() -> None:
    """50 Hz beside 120: two or three rows from one pupil to the next."""
    due = np.zeros(600, np.bool_)
    due[np.round(np.arange(0, 600, 2.4)).astype(np.int64)[:-1]] = True
    has = due.copy()
    has[200:260] = False
    kept = pupil_rows(has, np.zeros(600, np.int64)).rows
    assert (kept[has]).all()
    assert abs(np.count_nonzero(kept) - np.count_nonzero(due)) <= 1
    assert np.diff(np.flatnonzero(kept)).max() <= 3


def test_each_recording_has_its_own_rhythm() -> None:
    has = np.concatenate((np.arange(120) % 3 == 0, np.ones(120, np.bool_)))
    has[150:200] = False
    kept = pupil_rows(has, np.repeat([0, 1], 120)).rows
    np.testing.assert_array_equal(kept, np.concatenate((has[:120], np.ones(120, np.bool_))))


@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
def test_losses_are_no_rhythm(share: float, rng: np.random.Generator) -> None:
    """Blinks come in runs, whatever the share of samples that is lost."""
    state = np.repeat(rng.random(200) > share, 15)
    kept = pupil_rows(state, np.zeros(3000, np.int64))
    assert kept.rows.all()
    assert kept.findings == ()


def test_no_pupil_at_all() -> None:
    assert pupil_rows(np.zeros(50, np.bool_), np.zeros(50, np.int64)).rows.all()
