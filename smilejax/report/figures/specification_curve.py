"""The specification curve of a multiverse."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from smilejax._util.number_text import unit_words
from smilejax.report.figures.render import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from smilejax.evaluation.multiverse.explore import Multiverse
    from smilejax.evaluation.statistics.mean_interval import Floats

SIZE_INCHES, DOTS_PER_INCH = (16.0, 12.0), 100
CLEAR, UNCLEAR, BASE, FIRST, SECOND = "#1f5f9e", "#8a94a0", "#d1495b", "#2a7f86", "#c77d0a"
"""Of intervals that leave out 0 and that do not, of the base recipe, and of the two classes."""
STRIPE, DOTS, MARGIN = "#f0f2f5", "#3d4852", 0.04

_NOTE = (
    "Bars and bands: 95% intervals; over time they hold for each step on its own. All recipes clean the same recording: they "
    "are not independent studies,\nand reporting the recipe at either end would be selection."
)

Places = npt.NDArray[np.intp]


def specification_curve(found: "Multiverse") -> "Figure":
    """All recipes in the order of their difference, below it their scores and settings, and at the right the time course.

    After Simonsohn, Simmons & Nelson (2020). Intervals over time are pointwise. Reporting the recipe at either end would be
    selection. Recipes that kept too few trials for a difference stand at the right end, without one.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    from smilejax.evaluation.multiverse.multiverse_tables import definition  # whoever has a multiverse has imported it

    with rc_context(
        {
            "font.size": 11,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlelocation": "left",
            "text.parse_math": False,  # a class may be named a$b$
        }
    ):
        layout = ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.08)
        figure = Figure(figsize=SIZE_INCHES, dpi=DOTS_PER_INCH, facecolor="white", layout=layout)
        left, right = figure.subfigures(1, 2, width_ratios=(1.75, 1), squeeze=False)[0]
        values = sum(map(len, found.grid.vary.values()))
        curve, score, choices = left.subplots(3, 1, sharex=True, height_ratios=(5.0, 2.6, max(1.0, 0.36 * values)))
        order = np.argsort(found.results.contrast.window.difference, kind="stable")
        _draw_curve(curve, found, order)
        _draw_scores(score, found, order)
        _draw_choices(choices, found, order)
        over_time, classes = right.subplots(2, 1, sharex=True)
        _draw_over_time(over_time, found)
        _draw_classes(classes, found)
        figure.suptitle(_title(found), x=0.01, ha="left", fontsize=15, fontweight="bold")
        figure.supxlabel(f"{definition(found)}\n{_NOTE}", x=0.01, ha="left", fontsize=10, color="#444444")
    return figure


def _names(found: "Multiverse") -> tuple[str, str]:
    first, second = found.class_names
    return short(first, 20), short(second, 20)


def _title(found: "Multiverse") -> str:
    first, second = _names(found)
    ways = "one way" if len(found.grid) == 1 else f"{len(found.grid)} ways"
    return f"{second} minus {first}: {ways} of cleaning the same recording"


def _clear(found: "Multiverse") -> npt.NDArray[np.bool_]:
    window = found.results.contrast.window
    return (window.low > 0) | (window.high < 0)


def _draw_curve(axes: "Axes", found: "Multiverse", order: Places) -> None:
    window, place = found.results.contrast.window, np.arange(len(order))
    clear, known = _clear(found)[order], np.isfinite(window.difference)[order]
    axes.axhline(0, color="black", linewidth=1)
    kinds = ((clear, CLEAR, "interval excludes 0"), (known & ~clear, UNCLEAR, "interval includes 0"))
    for which, color, words in kinds:
        if which.any():
            rows = order[which]
            axes.vlines(
                place[which], window.low[rows], window.high[rows], color=color, alpha=0.4, linewidth=_width(order)
            )
            axes.plot(place[which], window.difference[rows], ".", color=color, markersize=5, label=words)
    _mark_base(axes, found, order, window.difference, window.low, window.high)
    low, high = found.window_ms
    axes.set_ylabel(f"difference in {unit_words(found.unit, short=True)}")
    too_few = "" if known.all() else f"; {(~known).sum()} of {len(order)} recipes kept too few trials"
    axes.set_title(f"Mean difference, {low:g} to {high:g} ms, over {found.by}{too_few}")
    if known.any():
        _leave_room_for_legend(axes)
        axes.legend(loc="upper left", frameon=False, ncols=3, fontsize=10)
    else:
        _say_too_few(axes)


def _draw_scores(axes: "Axes", found: "Multiverse", order: Places) -> None:
    s, place = found.results.score, np.arange(len(order))
    axes.axhline(0.5, color="black", linewidth=1)
    axes.vlines(
        place,
        s.balanced_accuracy_low[order],
        s.balanced_accuracy_high[order],
        color=UNCLEAR,
        alpha=0.45,
        linewidth=_width(order),
    )
    axes.plot(place, s.balanced_accuracy[order], ".", color=DOTS, markersize=5)
    _mark_base(axes, found, order, s.balanced_accuracy, s.balanced_accuracy_low, s.balanced_accuracy_high)
    axes.set_ylim(_low_end(s.balanced_accuracy_low, s.balanced_accuracy), 1.03)
    axes.set_ylabel("balanced accuracy")
    axes.set_title(f"Ridge classifier on {found.split_by} not in the training set (line: chance level)")
    if not np.isfinite(s.balanced_accuracy).any():
        _say_too_few(axes)


def _low_end(low: "Floats", middle: "Floats") -> float:
    values = np.concatenate([low, middle])
    values = values[np.isfinite(values)]
    return min(0.4, float(values.min()) - 0.03) if values.size else 0.0


def _draw_choices(axes: "Axes", found: "Multiverse", order: Places) -> None:
    """A row for each value of each setting, with a mark for each recipe that has it."""
    from smilejax.evaluation.multiverse.multiverse_tables import in_words

    base, clear = int(np.flatnonzero(order == found.grid.base)[0]), _clear(found)[order]
    labels: list[str] = []
    for at, (name, values) in enumerate(found.grid.vary.items()):
        if at % 2 == 0:
            axes.axhspan(len(labels) - 0.5, len(labels) + len(values) - 0.5, color=STRIPE, linewidth=0)
        for k, value in enumerate(values):
            row, chosen = len(labels), np.array([found.grid.choices[r][at] == value for r in order])
            for which, color in ((chosen & clear, CLEAR), (chosen & ~clear, UNCLEAR)):
                axes.vlines(np.flatnonzero(which), row - 0.33, row + 0.33, color=color, linewidth=_width(order))
            if chosen[base]:
                axes.vlines([base], row - 0.4, row + 0.4, color=BASE, linewidth=max(2.5, _width(order)))
            labels.append(f"{name}   {in_words(value)}" if k == 0 else in_words(value))
    axes.set_yticks(range(len(labels)), labels, fontsize=10)
    axes.set_xticks([])
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    margin = max(1.0, MARGIN * len(order) / 2)
    axes.set_xlim(-margin, len(order) - 1 + margin)
    axes.set_xlabel("recipes, in the order of their difference")
    axes.set_title("Settings of each recipe")
    axes.spines[["left", "bottom"]].set_visible(False)


def _draw_over_time(axes: "Axes", found: "Multiverse") -> None:
    curve, base, time_s = found.results.contrast.curve, found.grid.base, found.time_ms / 1000
    _mark_window(axes, found)
    axes.axhline(0, color="black", linewidth=1)
    lines = axes.plot(time_s, curve.difference.T, color=CLEAR, linewidth=0.6, alpha=_faint(len(found.grid)))
    lines[0].set_label("each recipe")
    axes.fill_between(time_s, curve.low[base], curve.high[base], color=BASE, alpha=0.2, linewidth=0)
    axes.plot(time_s, curve.difference[base], color=BASE, linewidth=2, label="base recipe, with its interval")
    axes.set_ylabel(f"difference in {unit_words(found.unit, short=True)}")
    axes.set_title("Difference over time")
    _finish(axes, found, known=bool(np.isfinite(curve.difference).any()))


def _draw_classes(axes: "Axes", found: "Multiverse") -> None:
    curve, base, time_s = found.results.contrast.curve, found.grid.base, found.time_ms / 1000
    _mark_window(axes, found)
    for k, (name, color) in enumerate(zip(_names(found), (FIRST, SECOND), strict=True)):
        low, high = curve.mean_low[base, k], curve.mean_high[base, k]
        axes.fill_between(time_s, low, high, color=color, alpha=0.2, linewidth=0)
        kept = found.results.kept[base, k]
        # The name does not come first: matplotlib leaves out what begins with an underscore.
        axes.plot(time_s, curve.mean[base, k], color=color, linewidth=2, label=f"{kept} kept trials of {name}")
    axes.set_xlabel("time in s")
    axes.set_ylabel(f"pupil in {unit_words(found.unit, short=True)}")
    axes.set_title("Both classes, cleaned by the base recipe")
    _finish(axes, found, known=bool(np.isfinite(curve.mean[base]).any()))


def _mark_base(
    axes: "Axes", found: "Multiverse", order: Places, middle: "Floats", low: "Floats", high: "Floats"
) -> None:
    row = found.grid.base
    at = int(np.flatnonzero(order == row)[0])
    axes.vlines([at], [low[row]], [high[row]], color=BASE, linewidth=2.5)
    axes.plot([at], [middle[row]], "D", color=BASE, markersize=7, label="base recipe")


def _mark_window(axes: "Axes", found: "Multiverse") -> None:
    low, high = found.window_ms
    axes.axvspan(low / 1000, high / 1000, color=STRIPE, linewidth=0, label="window of the mean difference")


def _finish(axes: "Axes", found: "Multiverse", *, known: bool) -> None:
    axes.set_xlim(found.time_ms[0] / 1000, max(found.time_ms[-1], found.window_ms[1]) / 1000)
    if found.time_ms[0] < 0:
        axes.axvline(0, color="black", linewidth=1, linestyle="--")
    if not known:
        _say_too_few(axes)
        return
    _leave_room_for_legend(axes, 0.22)
    for line in axes.legend(loc="upper left", frameon=False, fontsize=10).get_lines():
        line.set_alpha(1)
        line.set_linewidth(2)


def _leave_room_for_legend(axes: "Axes", share: float = 0.12) -> None:
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + share * (high - low))


def _say_too_few(axes: "Axes") -> None:
    axes.set_yticks([])
    over_lines: Any = {"facecolor": "white", "edgecolor": "none"}
    at: Any = {"transform": axes.transAxes, "ha": "center", "va": "center"}
    axes.text(0.5, 0.5, "too few trials kept", **at, fontsize=13, color="#666666", bbox=over_lines)


def _width(recipes: npt.NDArray[Any]) -> float:
    """Width of a recipe's mark in points: broad for few recipes, thin for many."""
    return float(np.clip(400 / max(len(recipes), 1), 0.5, 6))


def _faint(recipes: int) -> float:
    return float(np.clip(20 / recipes, 0.06, 0.8))
