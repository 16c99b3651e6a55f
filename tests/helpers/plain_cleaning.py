"""The cleaning steps once more, written plainly in NumPy and SciPy: one eye of one trial at a time, in double precision.

An independent reference for `smilejax.preprocess`, and its peer in speed comparisons. Nothing of `smilejax.preprocess` is
used here; codes of reasons and statuses are written out. Each step takes `pupil [T]` (0 where absent) and `reason u8[T]` of
one eye and gives both back. Arithmetic is done in the precision of the pupil it is given, filters in double.
"""

import math
from functools import lru_cache

import numpy as np
from scipy import signal
from scipy.interpolate import PchipInterpolator

MEASURED, MISSING, OUT_OF_RANGE, TOO_FAST, OFF_TREND, ISLAND, PADDED, BLINK, FILLED, FROM_OTHER_EYE, OUTSIDE = range(11)
KEPT, NOTHING_MEASURED, TOO_MUCH_MISSING, NO_BASELINE, DIRTY_BASELINE, SMALL_BASELINE = range(6)
PRECEDENCE = (
    OUTSIDE,
    MEASURED,
    FROM_OTHER_EYE,
    FILLED,
    BLINK,
    MISSING,
    OUT_OF_RANGE,
    TOO_FAST,
    OFF_TREND,
    PADDED,
    ISLAND,
)
RANK = np.argsort(PRECEDENCE)
"""Place of each reason among them."""
MAX_PUPIL = 1e6
EDGE_MS, MIN_DIP, MIN_GAP_MS = 50.0, 0.05, 50.0
SMOOTH_MS, MAX_SPEED_GAP_MS = 10.0, 200.0
TREND_HZ, TREND_PASSES = 16.0, 4
HAIR = 1e-3
"""Room in samples where a count is compared with a time: 250 ms at 60 Hz are 15 samples, whatever the rounding."""


def samples_in(duration_ms, rate_hz):
    """Samples that stand for a stretch of time, halves rounded up."""
    return math.floor(duration_ms * rate_hz / 1000 + 0.5 + 1e-9)


def is_present(reason):
    return (reason == MEASURED) | (reason == FILLED) | (reason == FROM_OTHER_EYE)


def stretches(mask):
    """First samples of the runs of True, and the samples behind their last ones."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False]))))
    return edges[::2], edges[1::2]


def spans(first, end, size):
    """The mask of many stretches."""
    steps = np.zeros(size + 1, int)
    np.add.at(steps, first, 1)
    np.add.at(steps, end, -1)
    return np.cumsum(steps)[:-1] > 0


def mark(pupil, reason, where, code):
    return np.where(where, pupil.dtype.type(0), pupil), np.where(where, np.uint8(code), reason)


def line(pupil, known):
    """Straight lines between known samples, level beyond the first and the last; 0 where there is none."""
    at = np.flatnonzero(known)
    if len(at) == 0:
        return np.zeros(len(pupil))
    return np.interp(np.arange(len(pupil)), at, pupil[at])


# ------------------------------------------------------------------------------------------------------------ marking


def start(pupil, length):
    """Missing where not finite or not above zero, outside from `length` on."""
    inside = np.arange(len(pupil)) < length
    with np.errstate(invalid="ignore"):
        measured = np.isfinite(pupil) & (pupil > 0) & inside
        huge = measured & (pupil > MAX_PUPIL)
    reason = np.where(inside, np.where(measured, MEASURED, MISSING), OUTSIDE).astype(np.uint8)
    return mark(np.where(measured, pupil, pupil.dtype.type(0)), reason, huge, OUT_OF_RANGE)


def out_of_range(pupil, reason, low, high):
    return mark(pupil, reason, is_present(reason) & ((pupil < low) | (pupil > high)), OUT_OF_RANGE)


def tracker_blinks(pupil, reason, blink):
    return mark(pupil, reason, blink & is_present(reason), BLINK)


# ------------------------------------------------------------------------------------------------------------- speeds


def averaged(pupil, present, *, rate_hz):
    """Each present sample averaged with the present ones up to half of `SMOOTH_MS` away."""
    half = math.floor(SMOOTH_MS / 2 * rate_hz / 1000 + HAIR)
    if half == 0:
        return pupil
    window, size = np.ones(2 * half + 1), len(pupil)
    total = np.convolve(np.where(present, pupil, 0.0), window)[half : half + size]
    return (total / np.maximum(np.convolve(present, window)[half : half + size], 1)).astype(pupil.dtype)


def velocity(pupil, reason, *, span_ms, max_gap_ms, rate_hz):
    """Change per second towards and away from each sample, and whether there is any; against the nearest present sample
    at least `span_ms` away and at most `max_gap_ms` (or the span, where that is longer), both averaged over 10 ms.
    """
    present = is_present(reason)
    at = np.flatnonzero(present)
    x, n = averaged(pupil, present, rate_hz=rate_hz)[at], len(at)
    span = max(1, samples_in(span_ms, rate_hz))
    farthest = max(max_gap_ms * rate_hz / 1000 + HAIR, span)
    towards, away = np.zeros(len(pupil), pupil.dtype), np.zeros(len(pupil), pupil.dtype)
    known = np.zeros(len(pupil), bool)

    other = np.searchsorted(at, at - span, side="right") - 1
    ok = (other >= 0) & (at - at[other] <= farthest)
    apart = (at - at[other])[ok].astype(pupil.dtype)
    towards[at[ok]] = (x[ok] - x[other[ok]]) * (rate_hz / apart)
    known[at[ok]] = True

    other = np.searchsorted(at, at + span, side="left")
    ok = other < n
    ok[ok] = at[other[ok]] - at[ok] <= farthest
    apart = at[other[ok]] - at[ok]
    away[at[ok]] = (x[other[ok]] - x[ok]) * (rate_hz / apart.astype(pupil.dtype))
    known[at[ok]] = True
    return towards, away, known


def median_and_mad(values):
    if len(values) == 0:
        return 0.0, 0.0
    middle = np.median(values)
    return middle, np.median(np.abs(values - middle))


def speeds(pupil, reason, *, span_ms, max_gap_ms, rate_hz):
    """Median and MAD of an eye's dilation speeds."""
    towards, away, known = velocity(pupil, reason, span_ms=span_ms, max_gap_ms=max_gap_ms, rate_hz=rate_hz)
    return median_and_mad(np.maximum(np.abs(towards), np.abs(away))[known])


def above(usual, mads):
    middle, mad = usual
    return math.inf if math.isinf(mads) else middle + mads * mad


def level(pupil, reason):
    present = is_present(reason)
    return np.mean(pupil[present]) if present.any() else 0.0


def fastest(pupil, reason, usual, *, mads, min_per_s):
    return max(above(usual, mads), min_per_s * level(pupil, reason))


def too_fast(pupil, reason, usual, *, mads, min_per_s, span_ms, max_gap_ms, rate_hz):
    towards, away, known = velocity(pupil, reason, span_ms=span_ms, max_gap_ms=max_gap_ms, rate_hz=rate_hz)
    speed = np.maximum(np.abs(towards), np.abs(away))
    limit = fastest(pupil, reason, usual, mads=mads, min_per_s=min_per_s)
    fast = known & (speed > limit)
    first, end = stretches(fast)
    close = first[1:] - end[:-1] <= span_ms * rate_hz / 1000 + HAIR
    fast |= is_present(reason) & spans(end[:-1][close], first[1:][close], len(pupil))
    return mark(pupil, reason, fast, TOO_FAST)


# ------------------------------------------------------------------------------------------------------------- blinks


def mark_partial_blinks(pupil, reason, usual, *, max_ms, mads, min_per_s, span_ms, rate_hz):
    """Samples between a fall and a rise no more than `max_ms` apart, and 5 % below what stood 50 ms outside either."""
    limit = fastest(pupil, reason, usual, mads=mads, min_per_s=min_per_s)
    towards, away, _ = velocity(pupil, reason, span_ms=span_ms, max_gap_ms=EDGE_MS, rate_hz=rate_hz)
    fall_first, fall_end = stretches(towards < -limit)
    rise_first, rise_end = stretches(away > limit)
    if max_ms <= 0 or len(fall_first) == 0 or len(rise_first) == 0:
        return pupil, reason
    at = np.flatnonzero(is_present(reason))
    edge = max(1, samples_in(EDGE_MS, rate_hz))
    # The last fall that has begun, the first rise that has not ended.
    fall = np.searchsorted(fall_first, at, side="right") - 1
    rise = np.searchsorted(rise_end, at, side="right")
    ok = (fall >= 0) & (rise < len(rise_end))
    at, fall, rise = at[ok], fall[ok], rise[ok]
    apart = np.maximum(at - (fall_end[fall] - 1), 0) + np.maximum(rise_first[rise] - at, 0)
    close = apart <= max_ms * rate_hz / 1000 + HAIR

    present = np.flatnonzero(is_present(reason))
    earlier = np.searchsorted(present, fall_first[fall] - edge, side="right") - 1
    later = np.searchsorted(present, rise_end[rise] - 1 + edge, side="left")
    flanked = (earlier >= 0) & (later < len(present))
    before, after = pupil[present[earlier]], pupil[present[np.minimum(later, len(present) - 1)]]
    low = at[close & flanked & (pupil[at] < (1 - MIN_DIP) * np.minimum(before, after))]
    dip = np.zeros(len(pupil), bool)
    dip[low] = True
    return mark(pupil, reason, dip, BLINK)


def mark_blink_edges(pupil, reason, usual, *, blink_edge_ms, blink_merge_ms, mads, min_per_s, span_ms, rate_hz):
    """The way down before each gap and up after it; then what lies between two gaps of one blink."""
    size, present = len(pupil), is_present(reason)
    limit = fastest(pupil, reason, usual, mads=mads, min_per_s=min_per_s)
    towards, away, _ = velocity(pupil, reason, span_ms=span_ms, max_gap_ms=EDGE_MS, rate_hz=rate_hz)
    gap = ~present & (reason != OUTSIDE)
    most = math.floor(blink_edge_ms * rate_hz / 1000 + 0.5 + HAIR)
    blink = gap.copy()
    fall_first, fall_end = stretches(present & (towards < -limit))
    rise_first, rise_end = stretches(present & (away > limit))
    gap_first, gap_end = stretches(gap)
    # A fall that ends where a gap begins, a rise that begins where one ends.
    before = np.isin(fall_end, gap_first)
    blink |= spans(np.maximum(fall_first, fall_end - most)[before], fall_end[before], size)
    after = np.isin(rise_first, gap_end)
    blink |= spans(rise_first[after], np.minimum(rise_end, rise_first + most)[after], size)
    if blink_merge_ms > 0:
        first, end = stretches(blink)
        long = end - first >= MIN_GAP_MS * rate_hz / 1000 - HAIR
        first, end = first[long], end[long]
        close = first[1:] - end[:-1] <= blink_merge_ms * rate_hz / 1000 + HAIR
        blink |= spans(end[:-1][close], first[1:][close], size)
    return mark(pupil, reason, present & blink, BLINK)


# -------------------------------------------------------------------------------------------------------------- edges


def pad_gaps(pupil, reason, *, pad_ms, shortest_ms, longest_ms, rate_hz):
    """Samples up to `pad_ms` from a gap that is neither short nor endless, as far as they join it."""
    present = is_present(reason)
    first, end = stretches(~present & (reason != OUTSIDE))
    lasts = end - first
    padded = (lasts >= shortest_ms * rate_hz / 1000 - HAIR) & (lasts <= longest_ms * rate_hz / 1000 + HAIR)
    most = math.ceil(pad_ms * rate_hz / 1000 - HAIR)
    run_first, run_end = stretches(present)
    after = np.isin(run_first, end[padded])
    before = np.isin(run_end, first[padded])
    where = spans(run_first[after], np.minimum(run_end, run_first + most)[after], len(pupil))
    where |= spans(np.maximum(run_first, run_end - most)[before], run_end[before], len(pupil))
    return mark(pupil, reason, where, PADDED)


def islands(pupil, reason, *, shorter_ms, apart_ms, rate_hz):
    """Short runs between long gaps; the ends of a trial count as gaps without end."""
    present = is_present(reason)
    if (present | (reason == OUTSIDE)).all():
        return pupil, reason
    first, end = stretches(present)
    short = end - first < shorter_ms * rate_hz / 1000 - HAIR
    gaps = first[1:] - end[:-1] > apart_ms * rate_hz / 1000 + HAIR
    apart = np.concatenate(([True], gaps)) & np.concatenate((gaps, [True])) if len(first) else short
    lonely = short & apart
    return mark(pupil, reason, spans(first[lonely], end[lonely], len(pupil)), ISLAND)


# -------------------------------------------------------------------------------------------------------------- trend


@lru_cache
def trend_filter(cutoff_hz, rate_hz):
    b, a = signal.butter(1, min(cutoff_hz, 0.4 * rate_hz), fs=rate_hz)
    return b, a, signal.lfilter_zi(b, a)


def one_pole(x, *, cutoff_hz, rate_hz):
    """First-order Butterworth low-pass forwards and backwards, at rest at either end."""
    b, a, rest = trend_filter(cutoff_hz, rate_hz)
    forwards, _ = signal.lfilter(b, a, x, zi=rest * x[0])
    backwards, _ = signal.lfilter(b, a, forwards[::-1], zi=rest * forwards[-1])
    return backwards[::-1]


def off_trend(pupil, reason, *, mads, min_share, cutoff_hz, passes, rate_hz):
    """Samples far from a smooth line through the trial; the trial alone, without the padding behind it."""
    inside = reason != OUTSIDE
    x, present = pupil[inside].astype(np.float64), is_present(reason[inside])
    off = np.zeros(len(x), bool)
    if present.any():
        least = min_share * np.mean(x[present])
        for _ in range(passes):
            deviation = np.abs(x - one_pole(line(x, present & ~off), cutoff_hz=cutoff_hz, rate_hz=rate_hz))
            limit = max(above(median_and_mad(deviation[present]), mads), least)
            before, off = off, present & (deviation > limit)
            if (before == off).all():
                break
    where = np.zeros(len(pupil), bool)
    where[: len(off)] = off
    return mark(pupil, reason, where, OFF_TREND)


# --------------------------------------------------------------------------------------------------------------- eyes


def fill_from_other_eye(pupil, reason, *, smooth_ms, rate_hz):
    """Both eyes `[T, 2]`: each filled from the other and the difference between the two."""
    seen = reason == MEASURED
    left, right = seen[:, 0], seen[:, 1]
    both = left & right
    if np.count_nonzero(both) < 3:
        return pupil, reason
    apart = np.where(both, pupil[:, 0] - pupil[:, 1], 0.0)
    if smooth_ms > 0:
        decay = [1.0, -math.exp(-1000 / (smooth_ms * rate_hz))]
        total, weight = (
            signal.lfilter([1.0], decay, v) + signal.lfilter([1.0], decay, v[::-1])[::-1] - v
            for v in (apart, both.astype(float))
        )
        apart = np.where(both, total / np.where(both, weight, 1.0), 0.0)
    offset = line(apart, both)
    value = np.stack([pupil[:, 1] + offset, pupil[:, 0] - offset], axis=1).astype(pupil.dtype)
    fills = np.stack([right & ~left, left & ~right], axis=1) & (value > 0)
    return np.where(fills, value, pupil), np.where(fills, np.uint8(FROM_OTHER_EYE), reason)


def fuse(pupil, reason):
    """Both eyes `[T, 2]` to one `[T, 1]`: their mean, or the one that is there."""
    count = np.count_nonzero(is_present(reason), axis=1)
    mean = np.where(count > 0, pupil.sum(axis=1) / np.maximum(count, 1), 0.0).astype(pupil.dtype)
    best = np.array(PRECEDENCE, np.uint8)[np.min(RANK[reason], axis=1)]
    return mean[:, None], best[:, None]


# ------------------------------------------------------------------------------------------------------------ filling


def fill(pupil, reason, *, max_gap_ms, rate_hz, method="linear"):
    """Gaps of up to `max_gap_ms`; those at an end take their one neighbour's value."""
    present = is_present(reason)
    at = np.flatnonzero(present)
    if len(at) == 0:
        return pupil, reason
    if method == "hold":
        return hold(pupil, reason, most=max_gap_ms * rate_hz / 1000 + HAIR)
    first, end = stretches(~present & (reason != OUTSIDE))
    short = end - first <= max_gap_ms * rate_hz / 1000 + HAIR
    first, end = first[short], end[short]
    where = spans(first, end, len(pupil))
    value = line(pupil, present)
    if method == "pchip" and len(at) > 1:
        t = np.flatnonzero(where & (np.arange(len(pupil)) > at[0]) & (np.arange(len(pupil)) < at[-1]))
        value[t] = PchipInterpolator(at, pupil[at].astype(np.float64))(t)
    if method == "four-point":
        for a, b in zip(first - 1, end, strict=True):
            four = np.array([2 * a - b, a, b, 2 * b - a])
            if a >= 0 and four[0] >= 0 and four[3] < len(pupil) and present[four].all():
                value[a + 1 : b] = _cubic(four, pupil[four].astype(np.float64), np.arange(a + 1, b))
    value = np.maximum(value, np.finfo(np.float32).tiny).astype(pupil.dtype)
    return np.where(where, value, pupil), np.where(where, np.uint8(FILLED), reason)


def hold(pupil, reason, *, most):
    """The last value, for the first `most` samples of each gap; sample by sample, as it is recorded."""
    pupil, reason = pupil.copy(), reason.copy()
    last, since = None, 0
    for i, there in enumerate(is_present(reason)):
        if there:
            last, since = pupil[i], 0
        elif last is not None and reason[i] != OUTSIDE:
            since += 1
            if since <= most:
                pupil[i], reason[i] = last, FILLED
    return pupil, reason


def _cubic(at, values, t):
    """Lagrange's polynomial through four points."""
    total = np.zeros(len(t))
    for i, own in enumerate(at):
        others = np.delete(at, i)
        total += values[i] * np.prod([(t - o) / (own - o) for o in others], axis=0)
    return total


# ------------------------------------------------------------------------------------------------- filters and resampling


@lru_cache
def sections(order, cutoff_hz, rate_hz):
    return signal.butter(order, cutoff_hz, fs=rate_hz, output="sos")


def lowpass(pupil, reason, *, cutoff_hz, order, rate_hz, phase="zero"):
    """Butterworth of each unbroken stretch: zero-phase, extended by itself at both ends, or forwards alone, from rest."""
    out = np.zeros_like(pupil)
    sos = sections(order, cutoff_hz, rate_hz)
    for first, end in zip(*stretches(is_present(reason)), strict=True):
        own = pupil[first:end].astype(np.float64)
        out[first:end] = (
            signal.sosfiltfilt(sos, own, padlen=end - first - 1)
            if phase == "zero"
            else signal.sosfilt(sos, own, zi=signal.sosfilt_zi(sos) * own[0])[0]
        )
    return out, reason


def resample(pupil, reason, *, rate_hz, target_hz, cutoff_hz, samples=None, phase="zero"):
    """Straight lines between samples, after an anti-aliasing filter at 0.8 of the new Nyquist frequency where one needs it."""
    edge = 0.8 * target_hz / 2
    if target_hz < rate_hz and (cutoff_hz is None or cutoff_hz > edge):
        pupil, reason = lowpass(pupil, reason, cutoff_hz=edge, order=8, rate_hz=rate_hz, phase=phase)
    return sample_at(pupil, reason, rate_hz=rate_hz, target_hz=target_hz, samples=samples)


def sample_at(pupil, reason, *, rate_hz, target_hz, samples=None):
    if samples is None:
        samples = max(1, samples_in(len(pupil) * 1000 / rate_hz, target_hz))
    at = np.arange(samples) * (rate_hz / target_hz)
    at = np.where(np.abs(at - np.round(at)) < 1e-6, np.round(at), at)
    last = len(pupil) - 1
    low, high = np.minimum(np.floor(at).astype(int), last), np.minimum(np.ceil(at).astype(int), last)
    # The last sample inside a trial stands alone.
    high = np.where(reason[high] == OUTSIDE, low, high)
    value = pupil[low] + (np.minimum(at, last) - low) * (pupil[high].astype(np.float64) - pupil[low])
    before, after = reason[low], reason[high]
    here, there = is_present(before), is_present(after)
    code = np.where(~here, before, np.where(~there, after, np.where(before == MEASURED, after, before)))
    return np.where(here & there, value, 0.0).astype(pupil.dtype), code.astype(np.uint8)


# ----------------------------------------------------------------------------------------------- baseline and status


def correct_baseline(pupil, reason, *, baseline_ms, rate_hz, statistic="mean", correction="subtract"):
    """The eye relative to its level at the start, that level, the measured share of the window, whether there is a level."""
    window = max(samples_in(baseline_ms, rate_hz), 1)
    present = is_present(reason)
    values = pupil[:window][present[:window]].astype(np.float64)
    share = np.count_nonzero(reason[:window] == MEASURED) / min(window, len(pupil))
    if len(values) == 0:
        return pupil, 0.0, share, False
    base = float(np.mean(values) if statistic == "mean" else np.median(values))
    sd = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    if correction == "z" and (len(values) < 5 or not sd > 1e-3 * base):
        return pupil, base, share, False
    divisor = {"subtract": 1.0, "percent": base / 100, "z": sd}[correction]
    return np.where(present, (pupil - base) / divisor, 0.0).astype(pupil.dtype), base, share, True


def proportion_valid(reason):
    """Of lanes `[T, L]`: the share of the trial at which each was measured."""
    samples = np.count_nonzero((reason != OUTSIDE).all(axis=1))
    return np.count_nonzero((reason == MEASURED).all(axis=1)) / max(samples, 1)


def judge(measured, *, max_missing, found=True, dirty=False, small=False):
    if measured <= 0:
        return NOTHING_MEASURED
    if 1 - measured > max_missing + 1e-6:
        return TOO_MUCH_MISSING
    if not found:
        return NO_BASELINE
    if dirty:
        return DIRTY_BASELINE
    return SMALL_BASELINE if small else KEPT


# ------------------------------------------------------------------------------------------------------------ quality


def hidden_by_blinks(reason, *, rate_hz):
    """Of both eyes `[T, 2]`: the stretches at which neither was seen for as long as a blink lasts."""
    first, end = stretches(((reason == MISSING) | (reason == BLINK)).all(axis=1))
    if len(first):
        new = np.concatenate(([True], first[1:] - end[:-1] > 100 * rate_hz / 1000 + HAIR))
        first, end = first[new], end[np.concatenate((new[1:], [True]))]
    lasts = end - first
    blink = (lasts >= 50 * rate_hz / 1000 - HAIR) & (lasts <= 500 * rate_hz / 1000 + HAIR)
    return spans(first[blink], end[blink], len(reason))


def quality(eyes_reason, pupil, reason, *, rate_hz):
    """Of both eyes: `pupil` and `reason` `[T, 2]` as marked, `eyes_reason` after one was filled from the other."""
    seen, inside = reason == MEASURED, (reason != OUTSIDE).all(axis=1)
    samples = max(np.count_nonzero(inside), 1)
    first, end = stretches(inside & ~seen.any(axis=1))
    both = seen.all(axis=1)
    pairs, correlation = np.count_nonzero(both), 0.0
    if pairs >= 3:
        x = pupil[both] - pupil[both].mean(axis=0, dtype=np.float64)
        power = (x[:, 0] @ x[:, 0]) * (x[:, 1] @ x[:, 1])
        correlation = float(x[:, 0] @ x[:, 1] / math.sqrt(power)) if power > 0 else 0.0
    noise = []
    for eye in range(2):
        here = seen[:, eye]
        three = np.flatnonzero(here[1:-1] & here[:-2] & here[2:]) + 1
        x = pupil[:, eye]
        away = np.abs(x[three] - (x[three - 1] + x[three + 1]) / 2)
        noise.append(1.4826 * float(np.median(away)) / math.sqrt(1.5) if len(three) else 0.0)
    return {
        "seen": seen.sum(axis=0) / samples,
        "counts": np.stack([np.bincount(eyes_reason[:, eye], minlength=11) for eye in range(2)]),
        "blinks": len(stretches(hidden_by_blinks(reason, rate_hz=rate_hz))[0]),
        "longest_gap_ms": float((end - first).max(initial=0)) * 1000 / rate_hz,
        "pairs": pairs,
        "correlation": correlation,
        "noise": np.array(noise),
    }


# ----------------------------------------------------------------------------------------------------------- composed


def plain_marks(pupil, length, recipe, *, rate_hz, limits, blink=None):
    """One eye `[T]` with every sample that is not the pupil's marked, in the recipe's order."""
    speed = {"span_ms": recipe.speed_span_ms, "rate_hz": rate_hz}
    floor = {"min_per_s": recipe.min_speed_per_s}
    eye = start(pupil, length)
    if limits is not None:
        eye = out_of_range(*eye, *limits)
    if blink is not None:
        eye = tracker_blinks(*eye, blink)
    usual = speeds(*eye, max_gap_ms=MAX_SPEED_GAP_MS, **speed)
    fast = math.inf if recipe.speed_mads is None else recipe.speed_mads
    if recipe.partial_blink_ms is not None:
        eye = mark_partial_blinks(*eye, usual, max_ms=recipe.partial_blink_ms, mads=fast, **floor, **speed)
    if recipe.blink_edge_ms is not None:
        walk = {
            "blink_edge_ms": recipe.blink_edge_ms,
            "blink_merge_ms": recipe.blink_merge_ms,
            "mads": recipe.blink_edge_mads,
        }
        eye = mark_blink_edges(*eye, usual, **walk, **floor, **speed)
    if recipe.speed_mads is not None:
        eye = too_fast(*eye, usual, mads=fast, max_gap_ms=MAX_SPEED_GAP_MS, **floor, **speed)
    if recipe.pad_ms is not None:
        shortest, longest = recipe.pad_gaps_ms
        eye = pad_gaps(*eye, pad_ms=recipe.pad_ms, shortest_ms=shortest, longest_ms=longest, rate_hz=rate_hz)
    if recipe.trend_mads is not None:
        trend = {"mads": recipe.trend_mads, "min_share": recipe.min_trend_proportion}
        eye = off_trend(*eye, **trend, cutoff_hz=TREND_HZ, passes=TREND_PASSES, rate_hz=rate_hz)
    if recipe.island_ms is not None:
        eye = islands(*eye, shorter_ms=recipe.island_ms, apart_ms=recipe.island_gap_ms, rate_hz=rate_hz)
    return eye


def both_eyes(parts):
    """Two or more eyes side by side, `[T, 2]`."""
    return tuple(np.stack(both, axis=1) for both in zip(*parts, strict=True))


def plain_clean(pupil, length, recipe, *, rate_hz, unit="mm", limits=None, blink=None):
    """One trial by a recipe, without the response to blinks and the drive.

    Arguments:
        pupil: `[T, 2]`, raw; length: samples that belong to the trial.
        limits: plausible pupil in units other than mm, or None.
        blink: `bool[T, 2]`, what the tracker calls blinks, or None.

    Returns:
        The dictionary of what `smilejax.preprocess.pipeline.Cleaned` holds of the trial, and its quality.
    """
    duration_ms = recipe.duration_ms or len(pupil) * 1000 / rate_hz
    size = samples_in(duration_ms, rate_hz)
    raw = np.full((size, 2), np.nan, pupil.dtype)
    raw[: len(pupil)] = pupil[:size]
    length = min(length, size)
    said = np.zeros((size, 2), bool)
    if blink is not None and recipe.tracker_blinks:
        said[: len(blink)] = blink[:size]
    if unit == "mm":
        limits = recipe.range_mm
    eyes = both_eyes(
        plain_marks(raw[:, i], length, recipe, rate_hz=rate_hz, limits=limits, blink=said[:, i]) for i in range(2)
    )
    marked = eyes
    if recipe.other_eye_ms is not None:
        eyes = fill_from_other_eye(*eyes, smooth_ms=recipe.other_eye_ms, rate_hz=rate_hz)
    lanes = dict.fromkeys("fused" if c == "drive" else c for c in recipe.channels if c != "mask") or ("fused",)
    sources = {"left": lambda: (eyes[0][:, 0], eyes[1][:, 0]), "right": lambda: (eyes[0][:, 1], eyes[1][:, 1])}
    sources["fused"] = lambda: tuple(a[:, 0] for a in fuse(*eyes))
    chosen = [sources[lane]() for lane in lanes]
    measured = proportion_valid(both_eyes(chosen)[1])

    finished, bases, shares, found = [], [], [], []
    for lane in chosen:
        one = fill(*lane, max_gap_ms=recipe.max_gap_ms, rate_hz=rate_hz, method=recipe.interpolation)
        if recipe.lowpass_hz is not None:
            filtering = {"cutoff_hz": recipe.lowpass_hz, "order": recipe.lowpass_order, "phase": recipe.lowpass_phase}
            one = lowpass(*one, rate_hz=rate_hz, **filtering)
        seen_hz = recipe.resample_hz or rate_hz
        if seen_hz != rate_hz:
            steps = samples_in(duration_ms, seen_hz)
            others = {"cutoff_hz": recipe.lowpass_hz, "samples": steps, "phase": recipe.lowpass_phase}
            one = resample(*one, rate_hz=rate_hz, target_hz=seen_hz, **others)
        base, share, there = 0.0, 1.0, True
        if recipe.baseline_ms is not None:
            how = {"statistic": recipe.baseline_statistic, "correction": recipe.baseline}
            value, base, share, there = correct_baseline(*one, baseline_ms=recipe.baseline_ms, rate_hz=seen_hz, **how)
            one = value, one[1]
        finished.append(one)
        bases.append(base)
        shares.append(share)
        found.append(there)
    judged = {}
    if recipe.baseline_ms is not None:
        judged = {
            "found": all(found),
            "dirty": any(1 - share > recipe.max_baseline_missing + 1e-6 for share in shares),
            "small": unit == "mm" and min(bases) < recipe.min_baseline_mm,
        }
    out_pupil, out_reason = both_eyes(finished)
    return {
        "pupil": out_pupil,
        "reason": out_reason,
        "eyes_pupil": eyes[0],
        "eyes_reason": eyes[1],
        "marked": marked[1],
        "proportion_valid": measured,
        "baseline": np.array(bases),
        "status": judge(measured, max_missing=recipe.max_missing, **judged),
        **quality(eyes[1], *marked, rate_hz=rate_hz),
    }
