"""What all recipes say together: averages for each choice, the whole range, a sentence or two, and tables."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from smilejax.evaluation.multiverse.class_difference import Floats, Stretch
from smilejax.evaluation.multiverse.explore import Multiverse

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Marginal:
    """All combinations in which one setting has one value.

    Arguments:
        setting, value: which; recipes: how many.
        difference, score: mean, least and greatest of the window's difference and of the balanced accuracy.
        kept: mean number of trials kept.
    """

    setting: str
    value: Any
    recipes: int
    difference: tuple[float, float, float]
    score: tuple[float, float, float]
    kept: float


@dataclass(frozen=True)
class Overall:
    """All combinations of a grid.

    Arguments:
        recipes: how many; distinct: how many of them give cleaned_traces of their own.
        above, below: how many have an interval of the window's difference above 0, and below.
        positive: how many have a difference above 0.
        undecided: how many have none, having kept too few.
        difference, score: least, median and greatest.
        difference_rank, score_rank: of the base recipe among all, from 1 for the greatest; None where it has no value.
        moves_most: the setting between whose values the mean difference varies most, and by how much.
    """

    recipes: int
    distinct: int
    above: int
    below: int
    positive: int
    undecided: int
    difference: tuple[float, float, float]
    score: tuple[float, float, float]
    difference_rank: int | None
    score_rank: int | None
    moves_most: tuple[str, float]


def marginals(found: Multiverse) -> list[Marginal]:
    """For each setting that varies and each of its values: mean and range over all combinations with it."""
    window, score = found.results.contrast.window.difference, found.results.score.accuracy
    kept = found.results.kept.sum(1)
    result = []
    for name, values in found.grid.vary.items():
        for value in values:
            rows = found.grid.rows_with(name, value)
            parts = (_mean_range(window[rows]), _mean_range(score[rows]))
            result.append(Marginal(name, value, len(rows), *parts, float(kept[rows].mean())))
    return result


def overall(found: Multiverse) -> Overall:
    """Over all combinations: how many intervals leave out 0, the ranges, and where the base recipe stands."""
    rows = list(found.grid.combinations)
    window, score = found.results.contrast.window, found.results.score.accuracy
    moves: dict[str, list[float]] = {}
    for part in marginals(found):
        moves.setdefault(part.setting, []).append(part.difference[0])
    spans = {name: _span(np.array(means)) for name, means in moves.items()}
    most = max(spans, key=lambda name: -1.0 if math.isnan(spans[name]) else spans[name])
    return Overall(
        recipes=len(rows),
        distinct=len(set(found.same_as[rows].tolist())),
        above=int((window.low[rows] > 0).sum()),
        below=int((window.high[rows] < 0).sum()),
        positive=int((window.difference[rows] > 0).sum()),
        undecided=int(np.isnan(window.difference[rows]).sum()),
        difference=_quantiles(window.difference[rows]),
        score=_quantiles(score[rows]),
        difference_rank=_rank(window.difference, rows, found.grid.base),
        score_rank=_rank(score, rows, found.grid.base),
        moves_most=(most, spans[most]),
    )


def sentences(found: Multiverse) -> str:
    """Whether the finding's sign and size hold over the choices, in plain words."""
    all_ = overall(found)
    decided, (least, _, greatest) = all_.recipes - all_.undecided, all_.difference
    who = "trials of either class" if found.by == "trials" else "participants with both classes"
    if decided == 0:
        return f"Too few {who} are kept for a difference: recipes cannot be compared on this recording."
    if decided == 1:
        side = _lies(found, all_.positive == 1)
        by = f"{abs(least):.3g} {unit_words(found.unit)}"
        return f"Only one recipe gives a difference: {side} by {by}. {_told_apart(all_, decided)}"
    name, span = all_.moves_most
    unit = unit_words(found.unit)
    few = f" {all_.undecided} of {all_.recipes} recipes kept too few for a difference." if all_.undecided else ""
    # Told apart from 0 is a matter of every recipe's own interval; what moves it is a matter of the choices alone.
    return (
        f"{_sign(found, all_, decided)} {unit}.{few} The choices move it by {greatest - least:.3g} {unit}, "
        f"{_beside_the_base(found, greatest - least)}; most of all {name} ({span:.3g} {unit}). {_told_apart(all_, decided)}"
    )


def _sign(found: Multiverse, all_: Overall, decided: int) -> str:
    """In how many recipes the second class lies above the first, and by what; the unit goes behind."""
    least, _, greatest = all_.difference
    positive, negative = all_.positive, decided - all_.positive
    if positive and negative:
        return (
            f"The sign does not hold: {_lies(found, True)} in {positive} of {decided} recipes, and below in {negative}, from "
            f"{least:.3g} to {greatest:.3g}"
        )
    small, large = (least, greatest) if positive else (-greatest, -least)
    return f"The sign holds: {_lies(found, bool(positive))} in all {decided} recipes, by {small:.3g} to {large:.3g}"


def _lies(found: Multiverse, above: bool) -> str:
    first, second = found.class_names
    return f"{second} lies {'above' if above else 'below'} {first}"


def _beside_the_base(found: Multiverse, moved: float) -> str:
    """What the choices move, beside what chance leaves open under the base recipe."""
    window, base = found.results.contrast.window, found.grid.base
    width = float(window.high[base] - window.low[base])
    if not math.isfinite(width):
        return "and the base recipe, which keeps too few, has no interval to hold beside it"
    return (
        f"{'less' if moved < width else 'more'} than what the base recipe's interval, {width:.3g} {unit_words(found.unit)} "
        "wide, leaves open"
    )


def _told_apart(all_: Overall, decided: int) -> str:
    clear = all_.above + all_.below
    if clear == 0:
        return "No recipe's 95 % interval leaves out 0."
    if all_.above and all_.below:
        return f"The 95 % interval lies above 0 in {all_.above} of {decided} recipes, and below 0 in {all_.below}."
    side = "above" if all_.above else "below"
    if clear == decided:
        return f"Every recipe's 95 % interval lies {side} 0."
    return f"The 95 % interval lies {side} 0 in {clear} of {decided} recipes: the choice of recipe decides that."


def unit_words(unit: str) -> str:
    """A unit as sentences have it."""
    return {"percent": "% of the baseline", "sd": "standard deviations of the baseline"}.get(unit, unit)


def recipe_table(found: Multiverse) -> "pd.DataFrame":
    """One row per recipe: what it chose, and what it found.

    Columns: `recipe_number` from 0, `base`, the settings that vary, trials kept of either class, `participants` (or
    `trials`) behind the difference, the window's and the whole trial's mean difference with interval and p, the largest
    difference with its time and (too kind) interval, balanced accuracy and AUC with intervals, `scored` trials, and `same_as`:
    the first recipe with the very same cleaned_traces. Units are in the names.
    """
    import pandas as pd

    kept, c, s = found.results
    numbers = np.arange(len(found.grid))
    table: dict[str, Any] = {"recipe_number": numbers, "base": numbers == found.grid.base}
    for at, name in enumerate(found.grid.vary):
        table[name] = _cells([row[at] for row in found.grid.choices])
    for k, name in enumerate(found.class_names):
        table[f"kept_{name}"] = kept[:, k]
    table[found.by] = c.units
    for name, part in (("window", c.window), ("whole", c.whole)):
        table |= {f"{name}_{key}": value for key, value in _with_unit(part, found.unit).items()}
        table[f"{name}_p"] = part.p
    table |= {f"peak_{key}": value for key, value in _with_unit(c.peak, found.unit).items()}
    table["peak_ms"] = c.peak_ms
    table |= {f"balanced_accuracy{end}": getattr(s, f"accuracy{end}") for end in ("", "_low", "_high")}
    table |= {f"auc{end}": getattr(s, f"auc{end}") for end in ("", "_low", "_high")}
    return pd.DataFrame(table | {"scored": s.count, "same_as": found.same_as})


def trace_table(found: Multiverse) -> "pd.DataFrame":
    """One row per recipe and time step: mean trace of either class and their difference, with pointwise intervals."""
    import pandas as pd

    curve, steps = found.results.contrast.curve, len(found.time_ms)
    numbers = np.arange(len(found.grid))
    table: dict[str, Any] = {
        "recipe_number": np.repeat(numbers, steps),
        "base": np.repeat(numbers == found.grid.base, steps),
        "time_ms": np.tile(found.time_ms, len(numbers)),
    }
    for k, name in enumerate(found.class_names):
        ends = {"": curve.mean, "_low": curve.mean_low, "_high": curve.mean_high}
        table |= {f"{name}{end}_{found.unit}": values[:, k].ravel() for end, values in ends.items()}
    ends = {"": curve.difference, "_low": curve.low, "_high": curve.high}
    return pd.DataFrame(table | {f"difference{end}_{found.unit}": values.ravel() for end, values in ends.items()})


def _cells(values: list[Any]) -> Any:
    """A column that every format of table holds: numbers where all are, else words."""
    if all(isinstance(v, float | int) and not isinstance(v, bool) for v in values):
        return np.array(values, np.float64)
    return np.array([in_words(v) for v in values], dtype=object)


def in_words(value: Any) -> str:
    """A setting's value as the command line takes it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ":".join(in_words(part) for part in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _with_unit(part: Stretch, unit: str) -> dict[str, Any]:
    return {f"difference_{unit}": part.difference, f"low_{unit}": part.low, f"high_{unit}": part.high}


def _mean_range(values: Floats) -> tuple[float, float, float]:
    values = values[np.isfinite(values)]
    return (float(values.mean()), float(values.min()), float(values.max())) if values.size else (math.nan,) * 3


def _quantiles(values: Floats) -> tuple[float, float, float]:
    values = values[np.isfinite(values)]
    return (float(values.min()), float(np.median(values)), float(values.max())) if values.size else (math.nan,) * 3


def _span(values: Floats) -> float:
    return float(np.nanmax(values) - np.nanmin(values)) if np.isfinite(values).any() else math.nan


def _rank(values: Floats, rows: list[int], base: int) -> int | None:
    return None if math.isnan(values[base]) else 1 + int((values[rows] > values[base]).sum())
