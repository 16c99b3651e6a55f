"""Timestamps to a regular grid."""

import numpy as np
import pytest

from smilejax._util.errors import ReadError
from smilejax.readers.assembly.time_grid import Time, to_grid
from smilejax.readers.rows import Rows, constant, group

RNG = np.random.default_rng(5)


def grid(*times, unit=None, how="recognised", rate_hz=None, pupil=None):
    """Grid of trials with these times; the pupil is a different number in every row, the right eye its negative."""
    start = np.concatenate(([0], np.cumsum([len(t) for t in times]))).astype(np.int64)
    line = np.arange(2, start[-1] + 2)
    rows = Rows("f.csv", "line", line, start, tuple(f"trial {i}" for i in range(len(times))))
    value = np.arange(1.0, start[-1] + 1) if pupil is None else np.asarray(pupil, float)
    return to_grid(rows, np.stack((value, value + 1000), axis=1), Time(np.concatenate(times), unit, how), rate_hz)


def finding(g, what):
    return {f.what: f.value for f in g.findings}.get(what)


@pytest.mark.parametrize("rate_hz", [10.0, 60.0, 120.0, 333.33, 1000.0, 2000.0])
@pytest.mark.parametrize(("unit", "scale"), [("s", 1.0), ("ms", 1e3), ("us", 1e6), ("ns", 1e9)])
@pytest.mark.parametrize("written", [True, False])
def test_regular_time_in_every_unit(rate_hz, unit, scale, written):
    g = grid(17.0 * scale + np.arange(50) * scale / rate_hz, unit=unit if written else None)
    assert g.rate_hz == rate_hz
    assert g.length.tolist() == [50]
    np.testing.assert_array_equal(g.pupil[0, :, 0], np.arange(1, 51))
    np.testing.assert_array_equal(g.pupil[0, :, 1], np.arange(1001, 1051))
    assert finding(g, "time unit").startswith(unit)
    assert finding(g, "absent rows") is None


def test_integer_millisecond_clock_of_60_hz():
    times = np.floor(62.3 + np.arange(200) * 1000 / 60).astype(np.int64)
    assert times[:3].tolist() == [62, 78, 95]
    g = grid(times)
    assert (g.rate_hz, g.length[0]) == (60.0, 200)
    np.testing.assert_array_equal(g.pupil[0, :, 0], np.arange(1, 201))


@pytest.mark.parametrize("rate_hz", [30, 75, 90, 120, 240, 300])
def test_integer_millisecond_clock_of_other_rates_moves_no_value(rate_hz):
    g = grid(np.floor(np.arange(400) * 1000 / rate_hz).astype(np.int64))
    assert g.rate_hz == rate_hz
    np.testing.assert_array_equal(g.pupil[0, :, 0], np.arange(1, 401))


def test_short_trials_on_a_coarse_clock_are_of_one_rate():
    ticks = np.floor(np.arange(200) * 1000 / 60).astype(np.int64)
    g = grid(ticks, ticks[:4], ticks[100:105] - ticks[100])
    assert g.rate_hz == 60.0
    assert g.length.tolist() == [200, 4, 5]


def test_what_a_short_trial_cannot_tell_is_no_other_rate():
    ticks = np.floor(np.arange(100) * 1000 / 90).astype(np.int64)
    assert ticks[:4].tolist() == [0, 11, 22, 33]  # 90.9 Hz by themselves, without a flaw
    g = grid(ticks, ticks[:4])
    assert (g.rate_hz, finding(g, "trials averaged")) == (90.0, None)
    jittered = np.array([0, 1.0812345, 2.0012345, 3.0812345]) * 1000 / 60  # 59.1 Hz by themselves
    g = grid(np.arange(100) * 1000 / 60, np.arange(100) * 1000 / 60, jittered)
    assert (g.rate_hz, finding(g, "trials averaged")) == (60.0, None)


def test_nanoseconds_beyond_float_precision():
    # One step is 4 ms; at 1.7e18 floats are 256 ns apart. A jitter of 100 ns must still be seen, and no more.
    times = 1_700_000_000_123_456_789 + np.arange(20, dtype=np.int64) * 4_000_000
    times[7] += 100
    g = grid(times)
    assert (g.rate_hz, finding(g, "time unit")) == (250.0, "ns (median step 4e+06)")
    assert 0.00005 < float(finding(g, "largest jitter").split()[0]) < 0.00011


def test_absent_rows_become_gaps():
    times = np.delete(np.arange(100) * 20, [3, 4, 50])
    g = grid(times)
    assert (g.rate_hz, g.length[0]) == (50.0, 100)
    assert np.flatnonzero(np.isnan(g.pupil[0, :, 0])).tolist() == [3, 4, 50]
    assert g.pupil[0, 5, 0] == 4
    assert finding(g, "absent rows") == "3 of 100 samples (3.0%) have no row"


def test_a_long_loss_on_a_coarse_clock_is_counted_right():
    kept = np.r_[0:100, 700:800]
    g = grid(np.floor(kept * 1000 / 300).astype(np.int64))
    assert (g.rate_hz, g.length[0]) == (300.0, 800)
    np.testing.assert_array_equal(np.flatnonzero(np.isfinite(g.pupil[0, :, 0])), kept)


def test_a_trial_that_lost_every_other_row_keeps_the_rate_of_the_file():
    whole = np.arange(100) * 1000 / 60
    kept = np.sort(RNG.choice(100, 45, replace=False))
    kept[0] = 0
    g = grid(whole, whole, whole, whole[kept])
    assert g.rate_hz == 60.0
    np.testing.assert_array_equal(np.flatnonzero(np.isfinite(g.pupil[3, :, 0])), kept)


def test_time_counts_within_a_trial_only():
    a = grid(np.arange(10) * 20.0, np.arange(10) * 20.0)
    b = grid(np.arange(10) * 20.0 + 5000, np.arange(10) * 20.0 - 77)
    np.testing.assert_array_equal(a.pupil, b.pupil)


@pytest.mark.parametrize(("measured", "nominal"), [(59.96, 60.0), (1000.7, 1000.0), (59.8, 59.8), (333.0, 333.0)])
def test_rate_snaps_within_a_thousandth(measured, nominal):
    assert grid(np.arange(300) * 1000 / measured).rate_hz == pytest.approx(nominal, rel=1e-9)


@pytest.mark.parametrize("rate_hz", [60.0, 1000.0])
def test_small_jitter_leaves_values_alone(rate_hz):
    step = 1000 / rate_hz
    g = grid(np.arange(200) * step + RNG.uniform(-0.08, 0.08, 200) * step)
    assert g.rate_hz == rate_hz
    np.testing.assert_array_equal(g.pupil[0, :, 0], np.arange(1, 201))
    assert 0.05 * step < float(finding(g, "largest jitter").split()[0]) < 0.1 * step


@pytest.mark.parametrize("rate_hz", [60.0, 1000.0])
def test_large_jitter_is_interpolated(rate_hz):
    step = 1000 / rate_hz
    times = np.arange(200) * step + np.r_[0, RNG.uniform(-0.3, 0.3, 198), 0] * step
    g = grid(times, pupil=100 + times / step)
    assert finding(g, "trials interpolated") == "1 of 1"
    # A straight line is its own interpolation, wherever it was sampled.
    np.testing.assert_allclose(g.pupil[0, :, 0], 100 + np.arange(g.length[0]) * rate_hz / g.rate_hz, atol=0.1)
    assert g.rate_hz == rate_hz


@pytest.mark.parametrize("rows", [40, 2000])
def test_large_jitter_with_lost_rows_keeps_the_rate(rows):
    times = np.arange(rows) * 20.0
    times[1:-1] += RNG.uniform(-5.5, 5.5, rows - 2)
    kept = np.delete(np.arange(rows), [9, 10, 11, 25])
    g = grid(times[kept], pupil=100 + times[kept] / 20)
    assert g.rate_hz == pytest.approx(50, rel=0.02 / rows**0.5)
    assert abs(g.length[0] - rows) <= 1
    there = np.isfinite(g.pupil[0, :, 0])
    assert {9, 10, 11} <= set(np.flatnonzero(~there).tolist()) <= {8, 9, 10, 11, 12, 24, 25, 26, rows - 1}
    np.testing.assert_allclose(g.pupil[0, there, 0], 100 + np.flatnonzero(there) * 50 / g.rate_hz, atol=0.1)


def test_a_clock_that_drifts_is_interpolated():
    steps = RNG.uniform(0.85, 1.15, 400) * 20
    times = np.concatenate(([0.0], np.cumsum(steps)))
    g = grid(times, pupil=100 + times / 20)
    assert finding(g, "trials interpolated") == "1 of 1"
    assert g.rate_hz == pytest.approx(1000 / steps.mean(), rel=0.005)


def test_interpolation_does_not_bridge_missing_samples_or_invent_a_side():
    times = np.arange(60) * 20.0 + np.r_[0, RNG.uniform(-6, 6, 58), 0]
    value = np.arange(60.0)
    value[20:25] = np.nan
    start = np.array([0, 60])
    rows = Rows("f.csv", "line", np.arange(60) + 2, start, ("a",))
    g = to_grid(rows, np.stack((value, np.full(60, np.nan)), axis=1), Time(times))
    assert np.isnan(g.pupil[0, :, 1]).all()
    gap = np.flatnonzero(np.isnan(g.pupil[0, :, 0]))
    assert set(range(21, 24)) <= set(gap.tolist()) <= set(range(19, 26))


def test_different_rates_go_to_the_lowest_by_averaging():
    slow, fast = np.arange(60) * 1000 / 60, np.arange(120) * 1000 / 120
    g = grid(slow, fast, pupil=np.r_[np.arange(60), np.arange(120) / 2])
    assert g.rate_hz == 60.0
    assert finding(g, "rate") == "60 Hz, the lowest of 60, 120 Hz, to which all trials are brought"
    assert finding(g, "trials averaged") == "1 of 2"
    assert g.length.tolist() == [60, 60]
    np.testing.assert_array_equal(g.pupil[0, :, 0], np.arange(60))
    np.testing.assert_allclose(g.pupil[1, 1:-1, 0], np.arange(60)[1:-1])  # symmetric, so a ramp stays where it was


def test_averaging_keeps_fast_changes_from_folding_over():
    slow, fast = np.arange(60) * 1000 / 60, np.arange(240) * 1000 / 240
    flicker = 5 + np.where(np.arange(240) % 4 == 0, 3.0, -1.0)  # all of it at 60 Hz: plain picking would give 8
    g = grid(slow, fast, pupil=np.r_[np.full(60, 5.0), flicker])
    np.testing.assert_allclose(g.pupil[1, 1:-1, 0], 5.0)


def test_averaging_has_nan_where_nothing_was_measured():
    slow, fast = np.arange(40) * 1000 / 60, np.arange(80) * 1000 / 120
    value = np.r_[np.ones(40), np.ones(80)]
    value[60:70] = np.nan
    g = grid(slow, fast, pupil=value)
    assert np.flatnonzero(np.isnan(g.pupil[1, :, 0])).tolist() == [11, 12, 13, 14]


def test_rates_within_one_percent_are_one_rate():
    g = grid(np.arange(100) / 60.0, np.arange(100) / 60.4)
    assert finding(g, "trials averaged") is None
    assert g.length.tolist() == [100, 100]


@pytest.mark.parametrize(("second", "word", "values"), [(40.0, "stands still", "40.0"), (30.0, "goes back", "30.0")])
def test_time_that_does_not_increase(second, word, values):
    ok = np.arange(5) * 20.0
    with pytest.raises(
        ReadError,
        match=rf"f.csv, line 10: time must increase .*trial 1 it {word}, from 40.0 in line 9 to {values} here.*trial",
    ):
        grid(ok, np.array([0, 20, 40, second, 80]))


def test_time_may_go_back_between_trials():
    assert len(grid(np.arange(5) * 20.0, np.arange(5) * 20.0).length) == 2


def test_absent_time_is_named():
    with pytest.raises(ReadError, match=r"f.csv, line 4: every sample needs a time"):
        grid(np.array([0, 20, np.nan, 60]))


def test_a_jump_in_time_is_named():
    with pytest.raises(
        ReadError, match=r"f.csv, line 12: time jumps within trial 1: 10 rows span 3600.18 s, .*their names must differ"
    ):
        grid(np.arange(5) * 20.0, np.r_[np.arange(5) * 20.0, 3_600_100 + np.arange(5) * 20.0])


@pytest.mark.parametrize("step", [0.2, 200.0, 2e5, 2e8])
def test_implausible_step_needs_the_unit(step):
    with pytest.raises(ReadError, match=r"the unit of time cannot be told: the step .*time_unit ms"):
        grid(np.arange(5) * step)


def test_heading_with_the_wrong_unit():
    with pytest.raises(
        ReadError, match=r"time is in ms, but steps of 16667 ms would be 0.06 Hz. Name the unit: time_unit us"
    ):
        grid(np.arange(5) * 16667, unit="ms")
    assert grid(np.arange(5) * 200.0, unit="ms", how="given").rate_hz == pytest.approx(5.0)


def test_rate_against_time():
    times = np.arange(100) * 1000 / 60
    assert grid(times, rate_hz=60.3).rate_hz == 60.3
    with pytest.raises(
        ReadError, match=r"the rate was given as 120 Hz, but the time column says 60 Hz. Leave out rate_hz"
    ):
        grid(times, rate_hz=120.0)


def test_short_trial():
    with pytest.raises(ReadError, match=r"f.csv, lines 7 to 9: a trial must have at least 4 samples; trial 1 has 3"):
        grid(np.arange(5) * 20.0, np.arange(3) * 20.0)


def test_a_trial_short_at_the_lowest_rate():
    with pytest.raises(ReadError, match=r"f.csv, lines 102 to 105: trial 1 lasts 2 samples at the lowest rate"):
        grid(np.arange(100) * 1000 / 60, np.arange(4) * 1000 / 120)


def test_group_and_constant():
    order, start = group(np.array([7, 2, 7, 5, 2, 7]))
    assert order.tolist() == [0, 2, 5, 1, 4, 3]
    assert start.tolist() == [0, 3, 5, 6]
    rows = Rows("f.csv", "row", np.array([1, 3, 6, 2, 5, 4]), start, ("x", "y", "z"))
    assert constant(rows, np.array([1, 1, 1, 0, 0, 2]), "abc", "label").tolist() == [1, 0, 2]
    with pytest.raises(ReadError, match=r"f.csv, row 5: the label must be .* y has 'a' in row 2 and 'b' here"):
        constant(rows, np.array([1, 1, 1, 0, 1, 2]), "abc", "label")
