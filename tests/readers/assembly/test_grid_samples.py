"""Blinks on the regular grid: none is lost, none appears elsewhere."""

import numpy as np
import pytest

from smilejax.readers.assembly.grid_samples import place
from smilejax.readers.assembly.sampling_clock import TrialClock
from smilejax.readers.assembly.time_grid import Time, to_grid
from smilejax.readers.rows import Rows

RNG = np.random.default_rng(11)


def rows_of(*counts):
    start = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    return Rows("f.csv", "line", np.arange(2, start[-1] + 2), start, tuple(f"trial {i}" for i in range(len(counts))))


def grid(*times, blink, rate_hz=None, pupil=None):
    """Grid of trials with these times; `blink` is `bool[S, 2]`, or the rows in which the left eye blinks."""
    count = sum(map(len, times))
    if np.ndim(blink) == 1:
        rows = blink
        blink = np.zeros((count, 2), bool)
        blink[np.asarray(rows, int), 0] = True
    values = np.full((count, 2), 3.5) if pupil is None else pupil
    return to_grid(rows_of(*map(len, times)), values, Time(np.concatenate(times)), rate_hz, blink)


def marked(g, trial=0, eye=0):
    return np.flatnonzero(g.blink[trial, :, eye]).tolist()


def on_places(at, pupil, blink, off=0.4):
    """Rows at these places, in samples, where the clock is too uneven for them to keep their values."""
    at = np.asarray(at, float)
    placed = place(TrialClock(at, np.round(at).astype(np.int64), 1.0, off, 0.1), pupil, blink, 1.0, 0.0)
    assert placed.way == ("interpolated" if off > 0.1 else "as measured")
    return placed.blink


def test_none_stays_none():
    assert to_grid(rows_of(5), np.ones((5, 2)), Time(np.arange(5) * 20.0)).blink is None
    assert to_grid(rows_of(5), np.ones((5, 2)), None, 50.0).blink is None


@pytest.mark.parametrize("timed", [True, False])
def test_regular_rows_keep_their_blinks_and_padding_has_none(timed):
    blink = RNG.random((300, 2)) < 0.3
    rows, times = rows_of(100, 40, 160), np.concatenate([np.arange(n) * 20.0 for n in (100, 40, 160)])
    g = to_grid(rows, np.full((300, 2), 3.5), Time(times) if timed else None, None if timed else 50.0, blink)
    assert g.blink.shape == g.pupil.shape == (3, 160, 2)
    for trial, piece in enumerate(np.split(blink, [100, 140])):
        np.testing.assert_array_equal(g.blink[trial, : len(piece)], piece)
        assert not g.blink[trial, len(piece) :].any()


@pytest.mark.parametrize("rate_hz", [60, 90, 300])
def test_a_coarse_clock_moves_no_blink(rate_hz):
    blink = RNG.random((400, 2)) < 0.2
    g = grid(np.floor(np.arange(400) * 1000 / rate_hz).astype(np.int64), blink=blink)
    np.testing.assert_array_equal(g.blink[0], blink)


def test_small_jitter_moves_no_blink():
    blink = RNG.random((200, 2)) < 0.2
    g = grid(np.arange(200) * 20 + RNG.uniform(-1.6, 1.6, 200), blink=blink)
    np.testing.assert_array_equal(g.blink[0], blink)


def test_absent_rows_are_no_blink_and_move_none():
    kept = np.delete(np.arange(100), [3, 4, 50])
    blink = np.zeros((97, 2), bool)
    blink[np.isin(kept, [2, 5, 49, 51, 80]), 0] = True
    assert marked(grid(kept * 20, blink=blink)) == [2, 5, 49, 51, 80]


@pytest.mark.parametrize("factor", [2, 4])
def test_a_blink_shorter_than_a_step_survives_averaging(factor):
    slow, fast = np.arange(60) * 1000 / 60, np.arange(60 * factor) * 1000 / (60 * factor)
    for row in range(len(fast)):
        g = grid(slow, fast, blink=[60 + row])
        assert not g.blink[0].any()
        assert set(marked(g, 1)) == {row // factor, -(-row // factor)} & set(range(g.length[1])), row
        assert not g.blink[:, :, 1].any()


def test_a_blink_shorter_than_a_step_survives_interpolation():
    times = np.arange(60) * 20.0 + np.r_[0, RNG.uniform(-7, 7, 59)]
    for row in range(60):
        g = grid(times, blink=[row])
        at = times[row] * g.rate_hz / 1000
        last = g.length[0] - 1
        near = {int(min(np.floor(at), last)), int(min(np.ceil(at), last))}
        assert near <= set(marked(g)), row
        assert all(abs(at - i) < 2 for i in marked(g))


def test_a_place_is_in_a_blink_if_computed_from_one():
    at = [0, 1, 2.2, 3.1, 4.1, 5, 6]
    pupil = np.full((7, 2), 3.5)
    pupil[3, 0] = np.nan  # so that the left eye's place 4 lies between 2.2 and 4.1
    blink = np.zeros((7, 2), bool)
    blink[2] = True
    marks = on_places(at, pupil, blink)
    assert [np.flatnonzero(marks[:, eye]).tolist() for eye in (0, 1)] == [[2, 3, 4], [2, 3]]


def test_a_blink_without_a_pupil_is_kept():
    pupil = np.full((7, 2), 3.5)
    pupil[:, 0], pupil[3, 1] = np.nan, np.nan
    blink = np.zeros((7, 2), bool)
    blink[3] = True
    marks = on_places([0, 1, 2, 3.3, 4, 5, 6], pupil, blink)
    assert [np.flatnonzero(marks[:, eye]).tolist() for eye in (0, 1)] == [[3, 4], [3, 4]]


def test_a_blink_behind_the_last_place_is_kept():
    blink = np.zeros((6, 2), bool)
    blink[5, 1] = True
    marks = on_places([0, 1, 2, 3, 4, 5.4], np.full((6, 2), 3.5), blink)
    assert np.argwhere(marks).tolist() == [[5, 1]]


def test_the_rule_on_random_clocks():
    """Against the rule written out: a sample less than a step away, or one of the measured two a value comes from."""
    for _ in range(40):
        at = np.concatenate(([0.0], np.cumsum(RNG.uniform(0.3, 1.9, 60))))
        pupil = np.where(RNG.random((61, 2)) < 0.3, np.nan, 3.5)
        blink = RNG.random((61, 2)) < 0.1
        marks = on_places(at, pupil, blink)
        for i, eye in np.ndindex(marks.shape):
            there = np.isfinite(pupil[:, eye])
            before, after = np.flatnonzero(there & (at <= i)), np.flatnonzero(there & (at >= i))
            ends = [before[-1], after[0]] if len(before) and len(after) else []
            made = bool(ends) and at[ends[1]] - at[ends[0]] <= 2 and blink[ends, eye].any()
            assert marks[i, eye] == (made or blink[np.abs(at - i) < 1, eye].any())


def test_a_long_trial():
    blink = RNG.random((300_000, 2)) < 0.02
    g = grid(np.arange(5, 300_005), blink=blink)
    assert g.rate_hz == 1000.0
    np.testing.assert_array_equal(g.blink[0], blink)
