"""A multiverse as a whole: averages for each choice, the range over all recipes, a few sentences, and tables."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from smilejax._util.number_text import unit_words
from smilejax.evaluation.class_difference.contrast import DEFINITIONS, MeanDifference
from smilejax.evaluation.multiverse.explore import Multiverse
from smilejax.evaluation.multiverse.recipe_grid import SettingValue
from smilejax.evaluation.statistics.mean_interval import Floats

if TYPE_CHECKING:
    import pandas as pd

NAN3 = (math.nan, math.nan, math.nan)


@dataclass(frozen=True)
class Marginal:
    """All combinations in which one setting has one value.

    Arguments:
        setting, value: which; recipes: how many.
        difference, balanced_accuracy: mean, minimum and maximum over these recipes, of the window's difference.
        kept: mean number of trials kept.
    """

    setting: str
    value: SettingValue
    recipes: int
    difference: tuple[float, float, float]
    balanced_accuracy: tuple[float, float, float]
    kept: float


@dataclass(frozen=True)
class Overall:
    """All combinations of a grid.

    Arguments:
        recipes: how many; distinct: how many of them give traces that no other one gives.
        above, below: recipes whose interval of the window's difference lies above 0, and below 0.
        positive: recipes with a difference above 0.
        undecided: recipes without a difference, having kept too few trials.
        difference, balanced_accuracy: minimum, median and maximum.
        difference_rank, balanced_accuracy_rank: of the base recipe among all, from 1 for the largest; None where it has no
            value.
        moves_most: the setting between whose values the mean difference varies most, and by how much.
    """

    recipes: int
    distinct: int
    above: int
    below: int
    positive: int
    undecided: int
    difference: tuple[float, float, float]
    balanced_accuracy: tuple[float, float, float]
    difference_rank: int | None
    balanced_accuracy_rank: int | None
    moves_most: tuple[str, float]


def marginals(found: Multiverse) -> list[Marginal]:
    """For each setting that varies and each of its values: mean and range over all combinations with it."""
    window, accuracy = found.results.contrast.window.difference, found.results.score.balanced_accuracy
    kept = found.results.kept.sum(1)
    result = []
    for name, values in found.grid.vary.items():
        for value in values:
            rows = found.grid.rows_with(name, value)
            parts = (_mean_range(window[rows]), _mean_range(accuracy[rows]))
            result.append(Marginal(name, value, len(rows), *parts, float(kept[rows].mean())))
    return result


def overall(found: Multiverse) -> Overall:
    """Over all combinations: how many intervals exclude 0, the ranges, and the rank of the base recipe."""
    rows = list(found.grid.combinations)
    window, accuracy = found.results.contrast.window, found.results.score.balanced_accuracy
    means: dict[str, list[float]] = {}
    for part in marginals(found):
        means.setdefault(part.setting, []).append(part.difference[0])
    spans = {name: _span(np.array(of_values)) for name, of_values in means.items()}
    most = max(spans, key=lambda name: -1.0 if math.isnan(spans[name]) else spans[name])
    return Overall(
        recipes=len(rows),
        distinct=len(set(found.same_as[rows].tolist())),
        above=int((window.low[rows] > 0).sum()),
        below=int((window.high[rows] < 0).sum()),
        positive=int((window.difference[rows] > 0).sum()),
        undecided=int(np.isnan(window.difference[rows]).sum()),
        difference=_quantiles(window.difference[rows]),
        balanced_accuracy=_quantiles(accuracy[rows]),
        difference_rank=_rank(window.difference, rows, found.grid.base),
        balanced_accuracy_rank=_rank(accuracy, rows, found.grid.base),
        moves_most=(most, spans[most]),
    )


def definition(found: Multiverse) -> str:
    """What is called the difference, in a sentence or two; `class_difference` has it in full."""
    return DEFINITIONS[found.by]


def sentences(found: Multiverse) -> str:
    """Whether sign and size of the difference depend on the choices, in plain words."""
    all_ = overall(found)
    decided, (least, _, greatest) = all_.recipes - all_.undecided, all_.difference
    if decided == 0:
        who = "trials of either class" if found.by == "trials" else "participants with both classes"
        return f"Too few {who} are kept for a difference: recipes cannot be compared on this recording."
    first, second = found.class_names
    unit = unit_words(found.unit)
    if decided == 1:
        return f"Only one recipe gives a difference: {second} minus {first} is {least:.3g} {unit}. {_intervals(all_, decided)}"
    few = f" {all_.undecided} of {all_.recipes} recipes kept too few trials for a difference." if all_.undecided else ""
    span, (name, by_setting) = greatest - least, all_.moves_most
    sign = _sign(f"the difference {second} minus {first}", all_.positive, decided)
    # Whether intervals exclude 0 is a matter of each recipe; how far recipes differ is a matter of the choices alone.
    return (
        f"{sign}, from {least:.3g} to {greatest:.3g} {unit}.{few} Between recipes it varies by {span:.3g} {unit}, "
        f"{_against_the_base(found, span)}. The setting that changes it most is {name} (by {by_setting:.3g} {unit} on "
        f"average). {_intervals(all_, decided)}"
    )


def _sign(difference: str, positive: int, decided: int) -> str:
    """Whether all recipes give the difference one sign."""
    if 0 < positive < decided:
        return (
            f"The sign depends on the recipe: {difference} is positive in {positive} of {decided} recipes and negative in "
            f"{decided - positive}"
        )
    sign = "positive" if positive else "negative"
    return f"The sign does not depend on the recipe: {difference} is {sign} in all {decided} recipes"


def _against_the_base(found: Multiverse, span: float) -> str:
    """The range over recipes, compared with the interval of the base recipe."""
    window, base = found.results.contrast.window, found.grid.base
    width = float(window.high[base] - window.low[base])
    if not math.isfinite(width):
        return "and the base recipe, which keeps too few trials, has no interval to compare that with"
    compared = "less" if span < width else "more"
    return f"{compared} than the base recipe's 95% interval is wide ({width:.3g} {unit_words(found.unit)})"


def _intervals(all_: Overall, decided: int) -> str:
    clear = all_.above + all_.below
    if clear == 0:
        return "No recipe's 95% interval excludes 0."
    if all_.above and all_.below:
        return f"The 95% interval lies above 0 in {all_.above} of {decided} recipes, and below 0 in {all_.below}."
    side = "above" if all_.above else "below"
    if clear == decided:
        return f"Every recipe's 95% interval lies {side} 0."
    return (
        f"The 95% interval lies {side} 0 in {clear} of {decided} recipes: whether it excludes 0 depends on the recipe."
    )


def recipe_table(found: Multiverse) -> "pd.DataFrame":
    """One row per recipe: its choices and its results.

    Columns: `recipe_number` from 0, `base`, the settings that vary, trials kept of either class, `participants` (or
    `trials`) behind the difference, the window's and the whole trial's mean difference with interval and p, the largest
    difference with its time and interval (too narrow, since the step was chosen), balanced accuracy and AUC with intervals,
    `scored` trials, and `same_as`: the first recipe with identical traces. Units are in the names.
    """
    import pandas as pd

    kept, c, s = found.results
    numbers = np.arange(len(found.grid))
    table: dict[str, object] = {"recipe_number": numbers, "base": numbers == found.grid.base}
    for at, name in enumerate(found.grid.vary):
        table[name] = _cells([row[at] for row in found.grid.choices])
    for k, name in enumerate(found.class_names):
        table[f"kept_{name}"] = kept[:, k]
    table[found.by] = c.n_compared
    for name, part in (("window", c.window), ("whole", c.whole)):
        table |= {f"{name}_{key}": value for key, value in _with_unit(part, found.unit).items()}
        table[f"{name}_p"] = part.p
    table |= {f"peak_{key}": value for key, value in _with_unit(c.peak, found.unit).items()}
    table["peak_ms"] = c.peak_ms
    table |= {f"balanced_accuracy{end}": getattr(s, f"balanced_accuracy{end}") for end in ("", "_low", "_high")}
    table |= {f"auc{end}": getattr(s, f"auc{end}") for end in ("", "_low", "_high")}
    return pd.DataFrame(table | {"scored": s.n_scored, "same_as": found.same_as})


def trace_table(found: Multiverse) -> "pd.DataFrame":
    """One row per recipe and time step: mean trace of either class and their difference, with pointwise intervals."""
    import pandas as pd

    curve, steps = found.results.contrast.curve, len(found.time_ms)
    numbers = np.arange(len(found.grid))
    table: dict[str, object] = {
        "recipe_number": np.repeat(numbers, steps),
        "base": np.repeat(numbers == found.grid.base, steps),
        "time_ms": np.tile(found.time_ms, len(numbers)),
    }
    for k, name in enumerate(found.class_names):
        ends = {"": curve.mean, "_low": curve.mean_low, "_high": curve.mean_high}
        table |= {f"{name}{end}_{found.unit}": values[:, k].ravel() for end, values in ends.items()}
    ends = {"": curve.difference, "_low": curve.low, "_high": curve.high}
    return pd.DataFrame(table | {f"difference{end}_{found.unit}": values.ravel() for end, values in ends.items()})


def _cells(values: list[SettingValue]) -> npt.NDArray[np.float64] | npt.NDArray[np.object_]:
    """A column that every file format can hold: numbers where all values are, else words."""
    if all(isinstance(v, float | int) and not isinstance(v, bool) for v in values):
        return np.array(values, np.float64)
    return np.array([in_words(v) for v in values], dtype=object)


def in_words(value: SettingValue) -> str:
    """A setting's value as the command line takes it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ":".join(in_words(part) for part in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _with_unit(part: MeanDifference, unit: str) -> dict[str, Floats]:
    return {f"difference_{unit}": part.difference, f"low_{unit}": part.low, f"high_{unit}": part.high}


def _mean_range(values: Floats) -> tuple[float, float, float]:
    values = values[np.isfinite(values)]
    return (float(values.mean()), float(values.min()), float(values.max())) if values.size else NAN3


def _quantiles(values: Floats) -> tuple[float, float, float]:
    values = values[np.isfinite(values)]
    return (float(values.min()), float(np.median(values)), float(values.max())) if values.size else NAN3


def _span(values: Floats) -> float:
    return float(np.nanmax(values) - np.nanmin(values)) if np.isfinite(values).any() else math.nan


def _rank(values: Floats, rows: list[int], base: int) -> int | None:
    return None if math.isnan(values[base]) else 1 + int((values[rows] > values[base]).sum())
