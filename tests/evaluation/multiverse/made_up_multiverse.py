"""Traces that are made up, with gaps and unequal numbers of trials, and multiverses with planted numbers."""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from smilejax import Recipe
from smilejax.evaluation.class_difference import Contrast, Curve, MeanDifference
from smilejax.evaluation.multiverse import (
    Multiverse,
    QuickScore,
    RecipeResults,
    recipe_grid,
)


class MadeUp(NamedTuple):
    """N traces of T steps."""

    x: np.ndarray
    """`f64[N, T]`; 1e9 where not valid, which must never be read."""
    valid: np.ndarray
    label: np.ndarray
    participant: np.ndarray

    @property
    def seen(self) -> np.ndarray:
        """NaN where not valid."""
        return np.where(self.valid, self.x, np.nan)


def made_up(seed: int = 0, steps: int = 12, participants: int = 7, only_one_class: int = 1) -> MadeUp:
    """4 to 7 trials of each participant; the last participants have trials of one class only."""
    rng = np.random.default_rng(seed)
    participant = np.repeat(np.arange(participants), rng.integers(4, 8, participants)).astype(np.int32)
    label = rng.integers(0, 2, len(participant)).astype(np.int32)
    for one in range(participants):
        rows = np.flatnonzero(participant == one)
        label[rows[:2]] = (0, 1)
        if one >= participants - only_one_class:
            label[rows] = one % 2
    rise = 0.8 * label[:, None] * np.linspace(0, 1, steps)
    x = (
        np.cumsum(rng.normal(size=(len(label), steps)), axis=1)
        + rise
        + rng.normal(size=participants)[participant, None]
    )
    valid = rng.random(x.shape) < 0.8
    return MadeUp(np.where(valid, x, 1e9), valid, label, participant)


def multiverse(
    vary: dict[str, Any], base: Recipe | None = None, nothing: str = "", by: str = "participants", **more: Any
) -> Multiverse:
    """Random numbers for a grid; nothing: which recipes have no values, `all`, `base` or `first`."""
    grid = recipe_grid(base or Recipe(), vary)
    rng = np.random.default_rng(5)
    n, steps = len(grid), 30
    known = np.ones(n)
    known[{"all": slice(None), "base": grid.base, "first": 0, "": slice(0, 0)}[nothing]] = np.nan

    def around(*shape: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        middle = rng.normal(0.05, 0.1, (n, *shape)) * known.reshape(-1, *[1] * len(shape))
        return middle, middle - 0.1, middle + 0.1

    curve = Curve(*around(2, steps), *around(steps))
    window, whole = (MeanDifference(*around(), p=known * rng.random(n)) for _ in range(2))
    peak = MeanDifference(*around(), p=np.full(n, np.nan))
    score = QuickScore(*(0.5 + part for part in around()), *(0.5 + part for part in around()), 20 + np.arange(n))
    kept = 12 + np.arange(2 * n).reshape(n, 2)
    results = RecipeResults(kept, Contrast(curve, window, whole, peak, 500 * known, 6 + np.arange(n)), score)
    usual: dict[str, Any] = {"class_names": ("posed", "genuine"), "unit": "mm", "split_by": by, "same_as": np.arange(n)}
    return Multiverse(
        grid=grid,
        results=results,
        time_ms=np.arange(steps) * 50.0,
        window_ms=(1000.0, 1500.0),
        by=by,  # type: ignore[arg-type]
        programs=1,
        compile_s=1.0,
        run_s=1.0,
        **(usual | more),
    )


def planted(found: Multiverse, differences: Any, half: Any = 0.05, accuracy: Any = 0.6) -> Multiverse:
    """The same with these differences of the window in place of random ones, and intervals of half this width."""
    middle = np.asarray(differences, np.float64)
    window = MeanDifference(middle, middle - half, middle + half, np.full(len(middle), 0.5))
    results = found.results
    contrast = results.contrast._replace(window=window)
    score = results.score._replace(balanced_accuracy=np.broadcast_to(np.asarray(accuracy, np.float64), len(middle)))
    return replace(found, results=results._replace(contrast=contrast, score=score))
