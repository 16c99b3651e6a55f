"""Baseline: the level before the response, and the pupil relative to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from smilejax._util.errors import SETTING
from smilejax._util.number_text import percent
from smilejax.preprocess.sample_reason import MEASURED
from smilejax.preprocess.steps.reject_missing import ROUNDING
from smilejax.preprocess.steps.step import MATHOT_2018, Described, Known, Step
from smilejax.preprocess.trial_status import TrialStatus
from smilejax.settings.checks import require, require_choice, require_holds_sample, require_number

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Array, Bool, Float, Int

    from smilejax.preprocess.program import Program
    from smilejax.preprocess.recipe import Recipe
    from smilejax.preprocess.signal.trace import Trace
    from smilejax.preprocess.state import State

Correction = Literal["subtract", "percent", "z"]
Statistic = Literal["mean", "median"]

MIN_BASELINE_SD = 1e-3
"""Least standard deviation of a window that z divides by, as a proportion of the baseline: less is a constant. Our choice."""


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

    baseline_ms: float | None = 200.0
    """Baseline: the level of the first this many ms (the light reflex starts after about 200 ms); None leaves the level."""
    baseline: Correction = "subtract"
    """What is done with it: subtract (Mathôt et al. 2018), percent, or z."""
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
    """Whether the window holds a value, and for z one that varies."""


def correct_baseline(
    trace: Trace,
    *,
    baseline_ms: Float[Array, ""] | float,
    rate_hz: float,
    statistic: Statistic = "mean",
    correction: Correction = "subtract",
) -> tuple[Trace, Baseline]:
    """Relate each lane to its own level over the first `baseline_ms`.

    Subtraction is the default: division blows up trials with a small baseline (Mathôt et al. 2018).

    Arguments:
        baseline_ms: length of the window in ms from the start of the trial, at least one sample.
        rate_hz: sampling rate of the trace.
        statistic: `mean` or `median` of the window.
        correction: `subtract` (in the recording's unit), `percent` (of the baseline), or `z` (in standard deviations of
            the window's samples).

    Returns:
        The trace and the baseline. A lane without a baseline keeps its level.
    """
    import jax.numpy as jnp

    from smilejax.preprocess.signal.median_mad import median
    from smilejax.preprocess.signal.passes import in_samples
    from smilejax.preprocess.signal.trace import Trace, along

    window = jnp.maximum(jnp.floor(in_samples(baseline_ms, rate_hz) + 0.5), 1.0)
    within = along(jnp.arange(trace.pupil.shape[0], dtype=jnp.float32) < window, trace.pupil)
    used = trace.present & within
    x = jnp.where(used, trace.pupil, 0.0)
    count = jnp.maximum(jnp.sum(used, axis=0), 1).astype(x.dtype)
    mean = jnp.sum(x, axis=0) / count
    level = mean if statistic == "mean" else median(x, used)
    sd = jnp.sqrt(jnp.sum(jnp.where(used, x - mean[None], 0.0) ** 2, axis=0) / jnp.maximum(count - 1, 1))
    found = jnp.any(used, axis=0)
    if correction == "z":
        found = found & (sd > MIN_BASELINE_SD * level)
    divisor = {"subtract": jnp.ones_like(level), "percent": level / 100, "z": sd}[correction]
    # Every level is above 0 where found; the other lanes keep theirs.
    divisor, base = jnp.where(found, divisor, 1.0), jnp.where(found, level, 0.0)
    corrected = jnp.where(trace.present, (trace.pupil - base[None]) / divisor[None], 0.0)
    measured = jnp.sum((trace.reason == MEASURED.code) & within, axis=0).astype(x.dtype)
    return Trace(corrected, trace.reason), Baseline(level, measured / jnp.minimum(window, x.shape[0]), found)


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


class _BaselineCorrection(Step):
    name = "baseline"
    settings = BaselineSettings
    off = (("baseline_ms", None),)
    compiled = ("baseline", "baseline_statistic")
    neutral = False

    def check(self, recipe: Recipe) -> None:
        require_number(recipe, "baseline_ms", 0, open_low=True, optional=True)
        require_choice(recipe, "baseline", get_args(Correction))
        require_choice(recipe, "baseline_statistic", get_args(Statistic))
        require_number(recipe, "max_baseline_missing", 0, 1)
        require_number(recipe, "min_baseline_mm", 0)

    def check_together(self, recipe: Recipe) -> None:
        if recipe.duration_ms is not None and recipe.baseline_ms is not None:
            inside = recipe.baseline_ms <= recipe.duration_ms
            require(inside, "baseline_ms", f"inside the trial of {recipe.duration_ms:g} ms", recipe.baseline_ms)
        if recipe.range_mm is not None and recipe.min_baseline_mm:
            inside = recipe.min_baseline_mm < recipe.range_mm[1]
            top = f"below the upper end of {SETTING.range_mm}, {recipe.range_mm[1]:g}"
            require(inside, "min_baseline_mm", top, recipe.min_baseline_mm, "No trial could be kept.")
        if recipe.baseline != "subtract":
            ok = recipe.baseline_ms is not None
            require(ok, "baseline", f"subtract where {SETTING.baseline_ms} is None", recipe.baseline, "Give a window.")

    def check_rate(self, recipe: Recipe, rate_hz: float) -> None:
        require_holds_sample("baseline_ms", recipe.baseline_ms, min(rate_hz, recipe.resample_hz or rate_hz))

    def words(self, recipe: Recipe, known: Known) -> Iterator[Described]:
        if recipe.baseline_ms is None:
            return
        how = CORRECTIONS[recipe.baseline]
        window = f"the {recipe.baseline_statistic} of the first {recipe.baseline_ms:g} ms"
        yield Described(self.name, f"{how.does} {window}", how.source)
        unusable = ["no baseline"]
        if recipe.max_baseline_missing < 1:
            unusable.append(f"more than {percent(recipe.max_baseline_missing, None)} of its window missing")
        if recipe.min_baseline_mm and known.in_mm is not False:
            unusable.append(f"one under {recipe.min_baseline_mm:g} mm")
        yield Described("reject", f"trials with {' or '.join(unusable)}", f"after {MATHOT_2018}")

    def numbers(self, recipe: Recipe, program: Program, *, in_mm: bool) -> Mapping[str, float | np.ndarray]:
        return {
            "baseline_ms": recipe.baseline_ms or 0.0,
            "max_missing": recipe.max_baseline_missing,
            "min_level": recipe.min_baseline_mm if in_mm else 0.0,
        }

    def run(self, state: State, numbers: Mapping[str, Array], program: Program) -> State:
        trace, baseline = correct_baseline(
            state.trace,
            baseline_ms=numbers["baseline_ms"],
            rate_hz=program.model_hz,
            statistic=program.settings.baseline_statistic,
            correction=program.settings.baseline,
        )
        assert state.status is not None
        limits = {"max_missing": numbers["max_missing"], "min_level": numbers["min_level"]}
        return replace(
            state, trace=trace, baseline=baseline.level, status=judge_baseline(state.status, baseline, **limits)
        )


BASELINE = _BaselineCorrection()
