"""A recipe for a recording's rate, in two parts: what a compiled program is made for, and the numbers it is given.

Two hundred recipes that differ in thresholds are then one program, called two hundred times.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import jax
import numpy as np

from smilejax.preprocess.recipe import Channel, Correction, Interpolation, Recipe, Statistic
from smilejax.preprocess.signal.lowpass import Filter, butterworth, through
from smilejax.preprocess.signal.resampling import ANTI_ALIAS_ORDER, anti_alias
from smilejax.settings import samples_in

Step = Literal[
    "partial blinks",
    "blink edges",
    "speed",
    "pad",
    "trend",
    "islands",
    "other eye",
    "blink response",
    "lowpass",
    "anti-alias",
    "baseline",
]


@dataclass(frozen=True)
class Program:
    """What is compiled: shapes, which steps there are, and choices between formulas. Hashable, static in `jit`."""

    rate_hz: float
    duration_ms: float
    resample_hz: float | None
    steps: frozenset[Step]
    speed_span_ms: float
    interpolation: Interpolation
    lowpass_order: int
    baseline: Correction
    baseline_statistic: Statistic
    channels: tuple[Channel, ...]
    drive: tuple[float, float]

    @classmethod
    def of(cls, recipe: Recipe, rate_hz: float) -> "Program":
        """The program of a settled recipe for recordings of a rate."""
        assert recipe.duration_ms is not None
        target = recipe.resample_hz if recipe.resample_hz != rate_hz else None
        there: dict[Step, bool] = {
            "partial blinks": recipe.partial_blink_ms is not None,
            "blink edges": recipe.blink_edge_ms is not None,
            "speed": recipe.speed_mads is not None,
            "pad": recipe.pad_ms is not None,
            "trend": recipe.trend_mads is not None,
            "islands": recipe.island_ms is not None,
            "other eye": recipe.other_eye_ms is not None,
            "blink response": recipe.blink_response,
            "lowpass": recipe.lowpass_hz is not None,
            "anti-alias": target is not None and anti_alias(rate_hz, target, recipe.lowpass_hz) is not None,
            "baseline": recipe.baseline_ms is not None,
        }
        return cls(
            rate_hz=rate_hz,
            duration_ms=recipe.duration_ms,
            resample_hz=target,
            steps=frozenset(step for step, is_there in there.items() if is_there),
            speed_span_ms=recipe.speed_span_ms,
            interpolation=recipe.interpolation,
            lowpass_order=recipe.lowpass_order if recipe.lowpass_hz is not None else 4,
            baseline=recipe.baseline,
            baseline_statistic=recipe.baseline_statistic,
            channels=recipe.channels,
            drive=(recipe.drive_n, recipe.drive_t_max_ms),
        )

    @property
    def samples(self) -> int:
        """Samples of a trial at the recording's rate."""
        return samples_in(self.duration_ms, self.rate_hz)

    @property
    def steps_seen(self) -> int:
        """Steps of a trial that a model sees."""
        return samples_in(self.duration_ms, self.resample_hz or self.rate_hz)


def shared(programs: Sequence[Program]) -> list[Program]:
    """The same programs with steps that change nothing added, so that as many as can be are one and the same."""
    apart: dict[Program, set[Step]] = {}
    for program in programs:
        # A step with neutral numbers leaves every value alone; the baseline cannot be neutral.
        key = replace(program, steps=program.steps & {"baseline", "blink response"})
        apart.setdefault(key, set()).update(program.steps)
    keys = [replace(p, steps=p.steps & {"baseline", "blink response"}) for p in programs]
    return [replace(p, steps=frozenset(apart[k])) for p, k in zip(programs, keys, strict=True)]


class Numbers(NamedTuple):
    """The numbers of a recipe, a pytree of `f32` scalars. A step that the recipe leaves out has neutral ones."""

    partial_blink_ms: Any
    blink_edge_ms: Any
    blink_merge_ms: Any
    blink_edge_mads: Any
    speed_mads: Any
    min_speed_per_s: Any
    pad_ms: Any
    pad_gaps_ms: Any
    trend_mads: Any
    min_trend_proportion: Any
    island_ms: Any
    island_gap_ms: Any
    other_eye_ms: Any
    fill_other_eye: Any
    max_missing: Any
    max_gap_ms: Any
    lowpass: Filter
    anti_alias: Filter
    baseline_ms: Any
    max_baseline_missing: Any
    min_baseline: Any

    @classmethod
    def of(cls, recipe: Recipe, program: Program, *, in_mm: bool) -> "Numbers":
        """The numbers of a settled recipe, for its program or one with more steps."""
        order, rate_hz = program.lowpass_order, program.rate_hz
        low = through(order) if recipe.lowpass_hz is None else butterworth(order, recipe.lowpass_hz, rate_hz)
        alias = None if program.resample_hz is None else anti_alias(rate_hz, program.resample_hz, recipe.lowpass_hz)
        numbers = cls(
            partial_blink_ms=recipe.partial_blink_ms or 0.0,
            blink_edge_ms=recipe.blink_edge_ms or 0.0,
            blink_merge_ms=recipe.blink_merge_ms if recipe.blink_edge_ms is not None else 0.0,
            blink_edge_mads=recipe.blink_edge_mads,
            speed_mads=_or_inf(recipe.speed_mads),
            min_speed_per_s=recipe.min_speed_per_s,
            pad_ms=recipe.pad_ms or 0.0,
            pad_gaps_ms=recipe.pad_gaps_ms,
            trend_mads=_or_inf(recipe.trend_mads),
            min_trend_proportion=recipe.min_trend_proportion,
            island_ms=recipe.island_ms or 0.0,
            island_gap_ms=recipe.island_gap_ms,
            other_eye_ms=recipe.other_eye_ms or 0.0,
            fill_other_eye=float(recipe.other_eye_ms is not None),
            max_missing=recipe.max_missing,
            max_gap_ms=recipe.max_gap_ms,
            lowpass=low,
            anti_alias=through(ANTI_ALIAS_ORDER) if alias is None else alias,
            baseline_ms=recipe.baseline_ms or 0.0,
            max_baseline_missing=recipe.max_baseline_missing,
            min_baseline=recipe.min_baseline_mm if in_mm else 0.0,
        )
        return jax.tree.map(np.float32, numbers)


def _or_inf(mads: float | None) -> float:
    return math.inf if mads is None else mads
