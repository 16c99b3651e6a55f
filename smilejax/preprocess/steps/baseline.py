"""Baseline: the level before the response, and the pupil relative to it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from smilejax._util.errors import SETTING
from smilejax._util.number_text import percent
from smilejax.preprocess.sample_reason import MEASURED
from smilejax.preprocess.steps.reject_missing import ROUNDING
from smilejax.preprocess.steps.step import MATHOT_2018, Described, Known, Step
from smilejax.preprocess.trial_status import TrialStatus
from smilejax.settings.checks import (
    hold_float,
    hold_floats,
    hold_tuple,
    is_number,
    require,
    require_choice,
    require_holds_sample,
    require_number,
)

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Array, Bool, Float, Int

    from smilejax.preprocess.program import Program
    from smilejax.preprocess.recipe import Recipe
    from smilejax.preprocess.signal.trace import Trace
    from smilejax.preprocess.state import State
    from smilejax.recordings.trials import Trials

Correction = Literal["subtract", "percent", "z"]
Statistic = Literal["mean", "median"]
Window = tuple[float, float]
"""From and to, in ms relative to onset; the sample at `to` is outside."""

HAIR = 1e-3
"""Of a sample: times of samples are rounded, and 250 ms at 60 Hz are 15 samples and must not count as 14.9999."""
MIN_BASELINE_SD = 1e-3
"""Least standard deviation of a window that z divides by, as a proportion of the baseline: less is a constant. Our choice."""

MIN_Z_SAMPLES = 10
"""Least number of samples, at the rate of what the model sees, of a window whose standard deviation z divides by. An estimate
of it from n independent samples is off by 1 / sqrt(2 (n - 1)) of itself: from ten by a quarter, from two by 71%. Our choice."""


class CorrectionWords(NamedTuple):
    """What a correction does, and what the pupil is in afterwards; empty where that is the recording's unit."""

    does: str
    source: str
    unit: str
    """As names of columns have it."""
    axis: str


CORRECTIONS: dict[Correction, CorrectionWords] = {
    "subtract": CorrectionWords("subtract", MATHOT_2018, "", ""),
    "percent": CorrectionWords("give the pupil in percent of", "", "percent", "% of the baseline"),
    "z": CorrectionWords("subtract, in the window's standard deviations,", "", "sd", "SD of the baseline"),
}


@dataclass(frozen=True)
class BaselineSettings:
    """Settings of the step `baseline`."""

    baseline_ms: float | Window | None = 200.0
    """Baseline: the level in a window from and to, in ms relative to onset; or in so many ms: the last before onset where the
    recordings hold them, else their first (the light reflex starts after about 200 ms). None leaves the level."""
    baseline: Correction = "subtract"
    """What is done with it: subtract (Mathôt et al. 2018), percent, or z, whose window must hold ten samples of what the model
    sees: at the default 10 Hz a second."""
    baseline_statistic: Statistic = "mean"
    """The level is the mean or the median of the window."""
    max_baseline_missing: float = 1.0
    """Reject a trial with more than this proportion of the baseline's window missing, 0 to 1; 1 rejects none for it."""
    min_baseline_mm: float = 1.5
    """Reject a trial with a smaller baseline, in mm, where the unit is mm (after Mathôt et al. 2018; the number is ours)."""


class Baseline(NamedTuple):
    """The level of each lane in the window, and what it rests on."""

    level: Float[Array, "L *B"]
    """In the recording's unit; 0 where the window holds no value."""
    measured: Float[Array, "L *B"]
    """Proportion of the window that was measured, 0 to 1; the rest is filled or absent."""
    found: Bool[Array, "L *B"]
    """Whether the window holds a value; for z at least half of `MIN_Z_SAMPLES`, which vary."""


def correct_baseline(
    trace: Trace,
    *,
    first: Float[Array, ""] | int,
    end: Float[Array, ""] | int,
    statistic: Statistic = "mean",
    correction: Correction = "subtract",
) -> tuple[Trace, Baseline]:
    """Relate each lane to its own level in a window.

    Subtraction is the default: division blows up trials with a small baseline (Mathôt et al. 2018).

    Arguments:
        first, end: first sample of the window and the one after its last, at least one; see `window_samples`.
        statistic: `mean` or `median` of the window.
        correction: `subtract` (in the recording's unit), `percent` (of the baseline), or `z` (in standard deviations of
            the window's samples).

    Returns:
        The trace and the baseline. A lane without a baseline keeps its level.
    """
    import jax.numpy as jnp

    from smilejax.preprocess.signal.median_mad import median
    from smilejax.preprocess.signal.trace import Trace, along

    step = jnp.arange(trace.values.shape[0], dtype=jnp.float32)
    within = along((step >= first) & (step < end), trace.values)
    used = trace.present & within
    x = jnp.where(used, trace.values, 0.0)
    count = jnp.maximum(jnp.sum(used, axis=0), 1).astype(x.dtype)
    mean = jnp.sum(x, axis=0) / count
    level = mean if statistic == "mean" else median(x, used)
    sd = jnp.sqrt(jnp.sum(jnp.where(used, x - mean[None], 0.0) ** 2, axis=0) / jnp.maximum(count - 1, 1))
    found = jnp.any(used, axis=0)
    if correction == "z":
        found = found & (sd > MIN_BASELINE_SD * level) & (count >= MIN_Z_SAMPLES / 2)
    divisor = {"subtract": jnp.ones_like(level), "percent": level / 100, "z": sd}[correction]
    # Every level is above 0 where found; the other lanes keep theirs.
    divisor, base = jnp.where(found, divisor, 1.0), jnp.where(found, level, 0.0)
    corrected = jnp.where(trace.present, (trace.values - base[None]) / divisor[None], 0.0)
    measured = jnp.sum((trace.reason == MEASURED.code) & within, axis=0).astype(x.dtype)
    return Trace(corrected, trace.reason), Baseline(level, measured / (jnp.minimum(end, x.shape[0]) - first), found)


def judge_baseline(
    status: Int[Array, "*B"],
    baseline: Baseline,
    *,
    max_missing: Float[Array, ""] | float,
    min_level: Float[Array, ""] | float,
) -> Int[Array, "*B"]:
    """The `TrialStatus` of trials by their baselines: of kept ones, the first rule that applies; others stay as they are."""
    import jax.numpy as jnp

    rules = (
        (jnp.any(baseline.level < min_level, axis=0), TrialStatus.SMALL_BASELINE),
        (jnp.any(1.0 - baseline.measured > max_missing + ROUNDING, axis=0), TrialStatus.DIRTY_BASELINE),
        (~jnp.all(baseline.found, axis=0), TrialStatus.NO_BASELINE),
    )
    judged = status
    for applies, name in rules:
        judged = jnp.where(applies, jnp.int32(name), judged)
    return jnp.where(status == TrialStatus.KEPT, judged, status)


def settled_window(given: float | Window, *, start_ms: float, end_ms: float, rate_hz: float) -> Window:
    """The window that a recipe's `baseline_ms` is in a recording that does not begin at its onset.

    A length L is the last L ms before onset where the recording holds them, to half a sample; else its first L ms. A window is
    itself.

    Example:
        >>> settled_window(200.0, start_ms=-2000.0, end_ms=8000.0, rate_hz=60.0)
        (-200.0, 0.0)
        >>> settled_window(200.0, start_ms=-100.0, end_ms=8000.0, rate_hz=60.0)
        (-100.0, 100.0)
    """
    if isinstance(given, tuple):
        return given
    half_ms = 500 / rate_hz
    if start_ms <= -given + half_ms and end_ms >= -half_ms:
        return -given, 0.0
    return start_ms, start_ms + given


def window_samples(given: float | Window, *, start_ms: float, rate_hz: float) -> tuple[int, int]:
    """First sample of a window and the one after its last, counted from a trial's first, which is at `start_ms`.

    Of a window (from, to) those are the samples at `from` and after, before `to`, at times that are exact to a thousandth of
    a sample; a length is so many samples from the first, halves rounded up. At least one.
    """
    per_ms = rate_hz / 1000
    if not isinstance(given, tuple):
        return 0, max(math.floor(given * per_ms + HAIR + 0.5), 1)
    first, end = (max(math.ceil((at - start_ms) * per_ms - HAIR), 0) for at in given)
    return first, max(end, first + 1)


def window_words(given: float | Window, start_ms: float | None = None) -> str:
    """A baseline's window in words.

    Arguments:
        start_ms: time of the recordings' first sample relative to onset; None where it is not known.

    Example:
        >>> window_words(200.0), window_words((-200.0, 0.0)), window_words((-500.0, -100.0))
        ('the first 200 ms', 'the 200 ms before onset', '-500 to -100 ms from onset')
        >>> window_words((-100.0, 100.0), start_ms=-100.0)
        'the first 200 ms, from -100 ms'
    """
    if not isinstance(given, tuple):
        return f"the first {given:g} ms"
    low, high = given
    if high == 0:
        return f"the {-low:g} ms before onset"
    if low == start_ms:
        return f"the first {high - low:g} ms" + (f", from {round(low, 2):g} ms" if low else "")
    return f"{low:g} to {high:g} ms from onset"


def chosen_window(recipe: Recipe, trials: Trials) -> str:
    """Which part of recordings that do not begin at their onset is the baseline, in words; empty where the recipe says it."""
    given, start_ms = recipe.baseline_ms, trials.start_ms
    if start_ms == 0 or given is None or isinstance(given, tuple):
        return ""
    end_ms = start_ms + (recipe.duration_ms or trials.duration_ms)
    window = settled_window(given, start_ms=start_ms, end_ms=end_ms, rate_hz=trials.rate_hz)
    begin = f"the recordings begin at {round(start_ms, 2):g} ms relative to onset"
    words = f"{begin}; the baseline is {window_words(window, start_ms)}"
    return words if window[1] == 0 else f"{words}, since they do not hold the {given:g} ms before onset"


def _length_ms(given: float | Window) -> float:
    return given[1] - given[0] if isinstance(given, tuple) else given


def _check_window(recipe: Recipe) -> None:
    given = recipe.baseline_ms
    if given is None:
        return
    if isinstance(given, list | tuple):
        hold_tuple(recipe, "baseline_ms")
        ok = len(given) == 2 and all(map(is_number, given)) and given[0] < given[1]
    else:
        ok = is_number(given) and given > 0
    require(ok, "baseline_ms", f"a number above 0, or two, from below to, or {SETTING.none}", given)
    (hold_floats if isinstance(given, list | tuple) else hold_float)(recipe, "baseline_ms")


def _check_inside(window: Window, *, start_ms: float, end_ms: float, rate_hz: float) -> None:
    """Refuse a window that reaches beyond the recordings by more than half a sample."""
    half_ms = 500 / rate_hz
    inside = window[0] >= start_ms - half_ms and window[1] <= end_ms + half_ms
    rule = f"inside the trial, which lasts from {start_ms:g} to {end_ms:g} ms relative to onset"
    hint = f"Give a window in it, read more of the recording ({SETTING.window_ms}), or give one number, a length."
    require(inside, "baseline_ms", rule, window, hint)


def _check_samples_of_z(given: float | Window, length_ms: float, model_hz: float) -> None:
    """Refuse a window whose standard deviation would be of a handful of samples."""
    least_ms = 1000 * MIN_Z_SAMPLES / model_hz
    rule = f"at least {MIN_Z_SAMPLES} samples long where {SETTING.baseline} is z, which at {model_hz:g} Hz is {least_ms:.4g} ms"
    hint = f"A standard deviation of so few samples is mostly chance. Give a longer window, or {SETTING.baseline} subtract."
    require(length_ms * model_hz / 1000 >= MIN_Z_SAMPLES - HAIR, "baseline_ms", rule, given, hint)


class _BaselineCorrection(Step["Recipe"]):
    name = "baseline"
    causal = True  # from the end of its window on: what comes before waits for it
    settings = BaselineSettings
    off = (("baseline_ms", None),)
    compiled = ("baseline", "baseline_statistic")
    neutral = False

    def check(self, recipe: Recipe) -> None:
        _check_window(recipe)
        require_choice(recipe, "baseline", get_args(Correction))
        require_choice(recipe, "baseline_statistic", get_args(Statistic))
        require_number(recipe, "max_baseline_missing", 0, 1)
        require_number(recipe, "min_baseline_mm", 0)

    def check_together(self, recipe: Recipe) -> None:
        if recipe.duration_ms is not None and recipe.baseline_ms is not None:
            inside = _length_ms(recipe.baseline_ms) <= recipe.duration_ms + 1e-6
            require(inside, "baseline_ms", f"inside the trial of {recipe.duration_ms:g} ms", recipe.baseline_ms)
        if recipe.range_mm is not None and recipe.min_baseline_mm:
            inside = recipe.min_baseline_mm < recipe.range_mm[1]
            top = f"below the upper end of {SETTING.range_mm}, {recipe.range_mm[1]:g}"
            require(inside, "min_baseline_mm", top, recipe.min_baseline_mm, "No trial could be kept.")
        if recipe.baseline != "subtract":
            ok = recipe.baseline_ms is not None
            require(ok, "baseline", f"subtract where {SETTING.baseline_ms} is None", recipe.baseline, "Give a window.")

    def check_rate(self, recipe: Recipe, rate_hz: float) -> None:
        if recipe.baseline_ms is not None:
            length, model_hz = _length_ms(recipe.baseline_ms), min(rate_hz, recipe.resample_hz or rate_hz)
            require_holds_sample("baseline_ms", length, model_hz, recipe.baseline_ms)
            if recipe.baseline == "z":
                _check_samples_of_z(recipe.baseline_ms, length, model_hz)

    def settle(self, recipe: Recipe, *, rate_hz: float, duration_ms: float, start_ms: float) -> Mapping[str, object]:
        given = recipe.baseline_ms
        if given is None or (start_ms == 0 and not isinstance(given, tuple)):
            return {}
        end_ms = start_ms + (recipe.duration_ms or duration_ms)
        window = settled_window(given, start_ms=start_ms, end_ms=end_ms, rate_hz=rate_hz)
        _check_inside(window, start_ms=start_ms, end_ms=end_ms, rate_hz=rate_hz)
        return {"baseline_ms": window}

    def words(self, recipe: Recipe, known: Known) -> Iterator[Described]:
        if recipe.baseline_ms is None:
            return
        how = CORRECTIONS[recipe.baseline]
        window = f"the {recipe.baseline_statistic} of {window_words(recipe.baseline_ms, known.start_ms)}"
        yield Described(self.name, f"{how.does} {window}", how.source)
        unusable = ["no baseline"]
        if recipe.max_baseline_missing < 1:
            unusable.append(f"more than {percent(recipe.max_baseline_missing, None)} of its window missing")
        if recipe.min_baseline_mm and known.in_mm is not False:
            unusable.append(f"one under {recipe.min_baseline_mm:g} mm")
        yield Described("reject", f"leave out trials with {' or '.join(unusable)}", f"after {MATHOT_2018}")

    def numbers(
        self, recipe: Recipe, program: Program, *, in_mm: bool, start_ms: float
    ) -> Mapping[str, float | np.ndarray]:
        first, end = window_samples(recipe.baseline_ms or 0.0, start_ms=start_ms, rate_hz=program.model_hz)
        return {
            "first": first,
            "end": end,
            "max_missing": recipe.max_baseline_missing,
            "min_level": recipe.min_baseline_mm if in_mm else 0.0,
        }

    def run(self, state: State, numbers: Mapping[str, Array], program: Program) -> State:
        trace, baseline = correct_baseline(
            state.trace,
            first=numbers["first"],
            end=numbers["end"],
            statistic=program.settings.baseline_statistic,
            correction=program.settings.baseline,
        )
        assert state.status is not None
        limits = {"max_missing": numbers["max_missing"], "min_level": numbers["min_level"]}
        return replace(
            state, trace=trace, baseline=baseline.level, status=judge_baseline(state.status, baseline, **limits)
        )


BASELINE = _BaselineCorrection()
