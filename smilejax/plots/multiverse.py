"""The specification curve of a multiverse. It joins `plots` as a folder later; until then it stands beside it.

Matplotlib is imported when a figure is drawn, and only by its figures: no window is opened and no global state is touched.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from smilejax.multiverse.contrast import Floats
from smilejax.multiverse.running import Multiverse
from smilejax.multiverse.summary import in_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE_INCHES, DOTS_PER_INCH = (16.0, 12.0), 100
CLEAR, UNCLEAR, BASE, FIRST, SECOND = "#1f5f9e", "#9aa5b1", "#d1495b", "#5b7f95", "#c77d0a"
"""Of intervals that leave out 0 and that do not, of the base recipe, and of the two classes."""


def specification_curve(found: Multiverse) -> "Figure":
    """All recipes by their difference, their scores and choices below, and the difference over time beside.

    After Simonsohn, Simmons & Nelson (2020). Intervals over time are pointwise. To pick the recipe at either end is selection.
    """
    from matplotlib.figure import Figure

    style = {"font.size": 11, "axes.spines.top": False, "axes.spines.right": False, "axes.titlelocation": "left"}
    from matplotlib import rc_context

    with rc_context(style):
        figure = Figure(figsize=SIZE_INCHES, dpi=DOTS_PER_INCH, layout="constrained")
        left, right = figure.subfigures(1, 2, width_ratios=(1.75, 1))
        values = sum(map(len, found.grid.vary.values()))
        heights = (5.0, 2.6, max(2.0, 0.36 * values))
        curve, score, choices = left.subplots(3, 1, sharex=True, height_ratios=heights)
        order = np.argsort(found.outcome.contrast.window.difference, kind="stable")
        _draw_curve(curve, found, order)
        _draw_scores(score, found, order)
        _draw_choices(choices, found, order)
        over_time, classes = right.subplots(2, 1, sharex=True)
        _draw_over_time(over_time, found)
        _draw_classes(classes, found)
        figure.suptitle(_title(found), x=0.01, ha="left", fontsize=15, fontweight="bold")
        figure.supxlabel(_NOTE, x=0.01, ha="left", fontsize=10, color="#444444")
    return figure


_NOTE = (
    "Bars and bands: 95 % intervals; over time they hold at each step alone. Recipes share their data, so that the curve is "
    "no sample of studies,\nand picking a recipe from either end is selection."
)


def _title(found: Multiverse) -> str:
    first, second = found.class_names
    return f"{second} minus {first} under {len(found.grid)} ways to clean the same recording"


def _clear(found: Multiverse) -> np.ndarray:
    window = found.outcome.contrast.window
    return (window.low > 0) | (window.high < 0)


def _unit(found: Multiverse) -> str:
    return {"percent": "% of baseline", "sd": "baseline SD"}.get(found.unit, found.unit)


def _draw_curve(axes: "Axes", found: Multiverse, order: np.ndarray) -> None:
    window, place = found.outcome.contrast.window, np.arange(len(order))
    clear = _clear(found)[order]
    axes.axhline(0, color="black", linewidth=1)
    for which, color, words in ((clear, CLEAR, "interval leaves out 0"), (~clear, UNCLEAR, "interval holds 0")):
        if which.any():
            rows = order[which]
            _bars(axes, place[which], window.difference[rows], window.low[rows], window.high[rows], color, words)
    _mark_base(axes, found, order, window.difference, window.low, window.high)
    low, high = found.window_ms
    axes.set_ylabel(f"difference in {_unit(found)}")
    axes.set_title(f"Mean difference, {low:g} to {high:g} ms, over {found.by}")
    axes.legend(loc="upper left", frameon=False, ncols=3, fontsize=10)
    _leave_room_above(axes)


def _draw_scores(axes: "Axes", found: Multiverse, order: np.ndarray) -> None:
    s, place = found.outcome.score, np.arange(len(order))
    axes.axhline(0.5, color="black", linewidth=1)
    _bars(axes, place, s.accuracy[order], s.accuracy_low[order], s.accuracy_high[order], UNCLEAR, None, dots="#3d4852")
    _mark_base(axes, found, order, s.accuracy, s.accuracy_low, s.accuracy_high)
    axes.set_ylim(_low_end(s.accuracy_low, s.accuracy), 1.0)
    axes.set_ylabel("balanced accuracy")
    whom = (
        "people who were not learned from" if found.held_out == "participants" else "trials that were not learned from"
    )
    axes.set_title(f"Ridge classifier on {whom} (line: chance)")


def _low_end(low: Floats, middle: Floats) -> float:
    values = np.concatenate([low, middle])
    values = values[np.isfinite(values)]
    return min(0.4, float(values.min()) - 0.02) if values.size else 0.0


def _draw_choices(axes: "Axes", found: Multiverse, order: np.ndarray) -> None:
    """A row for each value of each setting, a mark wherever a recipe has it."""
    base, clear = int(np.flatnonzero(order == found.grid.base)[0]), _clear(found)[order]
    labels, row = [], 0
    for at, (name, values) in enumerate(found.grid.vary.items()):
        if at % 2 == 0:
            axes.axhspan(row - 0.5, row + len(values) - 0.5, color="#f0f2f5", linewidth=0)
        for value in values:
            chosen = np.array([found.grid.choices[r][at] == value for r in order])
            for which, color in ((chosen & clear, CLEAR), (chosen & ~clear, UNCLEAR)):
                axes.vlines(np.flatnonzero(which), row - 0.33, row + 0.33, color=color, linewidth=_width(order))
            if chosen[base]:
                axes.vlines([base], row - 0.4, row + 0.4, color=BASE, linewidth=max(2.5, _width(order)))
            labels.append(f"{name}   {in_words(value)}" if value == values[0] else in_words(value))
            row += 1
    axes.set_yticks(range(row), labels, fontsize=10)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(row - 0.5, -0.5)
    axes.set_xlim(-1, len(order))
    axes.set_xlabel("recipes, by their difference")
    axes.set_title("What they chose")
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)


def _draw_over_time(axes: "Axes", found: Multiverse) -> None:
    curve, base, time_s = found.outcome.contrast.curve, found.grid.base, found.time_ms / 1000
    _mark_window(axes, found)
    axes.axhline(0, color="black", linewidth=1)
    lines = axes.plot(time_s, curve.difference.T, color=CLEAR, linewidth=0.6, alpha=_faint(len(found.grid)))
    lines[0].set_label("each recipe")
    axes.fill_between(time_s, curve.low[base], curve.high[base], color=BASE, alpha=0.2, linewidth=0)
    axes.plot(time_s, curve.difference[base], color=BASE, linewidth=2, label="base recipe, with its interval")
    axes.set_ylabel(f"difference in {_unit(found)}")
    first, second = found.class_names
    axes.set_title(f"{second} minus {first} over time")
    _solid_legend(axes)


def _draw_classes(axes: "Axes", found: Multiverse) -> None:
    curve, base, time_s = found.outcome.contrast.curve, found.grid.base, found.time_ms / 1000
    _mark_window(axes, found)
    for k, (name, color) in enumerate(zip(found.class_names, (FIRST, SECOND), strict=True)):
        low, high = curve.mean_low[base, k], curve.mean_high[base, k]
        axes.fill_between(time_s, low, high, color=color, alpha=0.2, linewidth=0)
        kept = found.outcome.kept[base, k]
        axes.plot(time_s, curve.mean[base, k], color=color, linewidth=2, label=f"{name}, {kept} trials kept")
    axes.set_xlabel("time in s")
    axes.set_ylabel(f"pupil in {_unit(found)}")
    axes.set_title("Both classes under the base recipe")
    _solid_legend(axes)


def _bars(
    axes: "Axes", place: Any, middle: Floats, low: Floats, high: Floats, color: str, words: str | None, dots: str = ""
) -> None:
    axes.vlines(place, low, high, color=color, alpha=0.45, linewidth=_width(np.arange(int(axes.dataLim.width or 0))))
    axes.plot(place, middle, ".", color=dots or color, markersize=5, label=words)


def _mark_base(axes: "Axes", found: Multiverse, order: np.ndarray, middle: Floats, low: Floats, high: Floats) -> None:
    row = found.grid.base
    at = int(np.flatnonzero(order == row)[0])
    axes.vlines([at], [low[row]], [high[row]], color=BASE, linewidth=2.5)
    axes.plot([at], [middle[row]], "D", color=BASE, markersize=7, label="base recipe")


def _mark_window(axes: "Axes", found: Multiverse) -> None:
    axes.axvspan(found.window_ms[0] / 1000, found.window_ms[1] / 1000, color="#f0f2f5", linewidth=0)


def _solid_legend(axes: "Axes") -> None:
    legend = axes.legend(loc="best", frameon=False, fontsize=10)
    for line in legend.get_lines():
        line.set_alpha(1)
        line.set_linewidth(2)
    axes.margins(x=0)


def _leave_room_above(axes: "Axes") -> None:
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.12 * (high - low))


def _width(recipes: np.ndarray) -> float:
    """Of a recipe's mark, in points: broad for few, thin for many."""
    return float(np.clip(400 / max(len(recipes), 1), 0.5, 6))


def _faint(recipes: int) -> float:
    return float(np.clip(20 / recipes, 0.06, 0.8))
