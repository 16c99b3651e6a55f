"""Figures of single trials: what was recorded, what the recipe made of it, and why."""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from smilejax.preprocess.channels import EYES, Lane, lanes_of
from smilejax.preprocess.reasons import PRESENT, Reason
from smilejax.preprocess.recipe import Recipe
from smilejax.preprocess.steps.baseline import CORRECTIONS
from smilejax.preprocess.trial_status import TrialStatus
from smilejax.recordings.recording import UNLABELLED
from smilejax.recordings.trials import Trials
from smilejax.report.figures.render import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from smilejax.preprocess.pipeline import Cleaned

SIZE_INCHES, DOTS_PER_INCH = (14.0, 9.0), 100
"""1400 x 900 dots as PNG."""
LEFT_EDGE = 0.14
"""Where panels begin, as a proportion of the width: the names of the rows of reasons stand before it."""

FAINT, ONSET = "#B8B8B8", "#666666"


class ReasonSpan(NamedTuple):
    """A stretch of samples with one reason."""

    start_s: float
    width_s: float
    reason: Reason


def reason_spans(codes: npt.ArrayLike, rate_hz: float) -> list[ReasonSpan]:
    """Reasons of samples `u8[T]` as stretches of time without gaps or overlaps. A sample stands for 1 / rate_hz.

    Example:
        >>> [(span.width_s, span.reason.words) for span in reason_spans([0, 0, 1], rate_hz=2.0)]
        [(1.0, 'measured'), (0.5, 'missing')]
    """
    given = np.asarray(codes)
    if not len(given):
        return []
    first = np.concatenate([[0], np.flatnonzero(np.diff(given)) + 1])
    width = np.diff(np.concatenate([first, [len(given)]]))
    return [
        ReasonSpan(float(at) / rate_hz, float(n) / rate_hz, Reason(int(given[at])))
        for at, n in zip(first, width, strict=True)
    ]


def trace_figure(trials: Trials, cleaned: "Cleaned", recipe: Recipe, row: int) -> "Figure":
    """One trial in three panels over time in seconds relative to onset: the recording, the trial after cleaning, and the
    reason for each sample. A dashed line is at the onset of trials that begin before it.

    The second panel shows the lanes at the rate of the model's input, over the recording, with the level of the baseline
    added back where it was subtracted; in percent or z they are shown alone. Gaps that were not filled stay open. The third
    shows both eyes after marking, then after filling one from the other, then the lanes.

    Arguments:
        trials: what was recorded.
        cleaned: what `clean(trials, recipe)` made of it.
        recipe: what it was cleaned by.
        row: which trial, 0 to N - 1.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE_INCHES, dpi=DOTS_PER_INCH, facecolor="white")
    raw, cleared, why = figure.subplots(3, 1, sharex=True, gridspec_kw={"height_ratios": (3, 3, 2.4)})
    figure.subplots_adjust(left=LEFT_EDGE, right=0.8, top=0.89, bottom=0.075, hspace=0.18)
    title, status = _title(trials, cleaned, row)
    figure.text(LEFT_EDGE, 0.965, title, fontsize=14, fontweight="bold", parse_math=False)
    figure.text(LEFT_EDGE, 0.94, status, fontsize=12, parse_math=False)
    one = _Trial.of(trials, cleaned, recipe, row)
    _draw_raw(raw, one)
    _draw_cleaned(cleared, one)
    _draw_reasons(why, one)
    why.set_xlabel("time in s", fontsize=12)
    why.set_xlim(one.start_s, one.start_s + one.length_s)
    for panel in (raw, cleared, why):
        if one.start_s < 0:
            panel.axvline(0, color=ONSET, lw=1, ls="--", zorder=0)
        panel.tick_params(labelsize=11)
        panel.spines[["top", "right"]].set_visible(False)
    figure.align_ylabels([raw, cleared])
    return figure


class _Trial(NamedTuple):
    """What is drawn of one trial, cut to its length: S samples at the recording's rate, T steps at the model's."""

    unit: str
    rate_hz: float
    start_s: float
    """Time of the first sample relative to onset."""
    raw: npt.NDArray[np.float64]
    """`[S, 2]`, NaN where missing."""
    marked: npt.NDArray[np.uint8]
    """`[S, 2]`."""
    eyes: npt.NDArray[np.uint8]
    """`[S, 2]`."""
    lanes: tuple[Lane, ...]
    lanes_hz: float
    pupil: npt.NDArray[np.float64]
    """`[T, L]`, NaN where absent."""
    reason: npt.NDArray[np.uint8]
    """`[T, L]`."""
    scale: str
    """The unit of the lanes, for an axis; empty where it is that of the recording."""
    level_added: bool
    """Whether the level of the baseline was subtracted by the recipe, and is added back for the figure."""

    @classmethod
    def of(cls, trials: Trials, cleaned: "Cleaned", recipe: Recipe, row: int) -> "_Trial":
        marked, eyes = np.asarray(cleaned.marked[row]), np.asarray(cleaned.eyes.reason[row])
        inside = marked[:, 0] != Reason.OUTSIDE
        given = trials.pupil[row].astype(np.float64)[: inside.sum()]
        reason, pupil = np.asarray(cleaned.trace.reason[row]), np.asarray(cleaned.trace.values[row], np.float64)
        steps = reason[:, 0] != Reason.OUTSIDE
        corrected = recipe.baseline_ms is not None
        level = np.asarray(cleaned.baseline[row], np.float64)
        if corrected and recipe.baseline == "subtract":
            pupil = pupil + level
        elif corrected:
            pupil = np.where(level > 0, pupil, np.nan)  # a lane without a baseline keeps its level: not on this scale
        with np.errstate(invalid="ignore"):
            raw = np.where(given > 0, given, np.nan)
        return cls(
            unit=trials.unit,
            rate_hz=trials.rate_hz,
            start_s=trials.start_ms / 1000,
            raw=raw,
            marked=marked[inside],
            eyes=eyes[inside],
            lanes=lanes_of(recipe.channels),
            lanes_hz=recipe.resample_hz or trials.rate_hz,
            pupil=np.where(_present(reason), pupil, np.nan)[steps],
            reason=reason[steps],
            scale=CORRECTIONS[recipe.baseline].axis if corrected else "",
            level_added=corrected and recipe.baseline == "subtract",
        )

    @property
    def length_s(self) -> float:
        """Time that the samples stand for."""
        return len(self.marked) / self.rate_hz

    @property
    def rows(self) -> list[tuple[str, npt.NDArray[np.uint8], float]]:
        """Reasons from top to bottom: name, codes, rate."""
        return [
            ("left, marked", self.marked[:, 0], self.rate_hz),
            ("right, marked", self.marked[:, 1], self.rate_hz),
            ("left, filled from right", self.eyes[:, 0], self.rate_hz),
            ("right, filled from left", self.eyes[:, 1], self.rate_hz),
            *((f"{lane.name}, final", self.reason[:, i], self.lanes_hz) for i, lane in enumerate(self.lanes)),
        ]


def _present(reason: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    return np.isin(reason, PRESENT)


def _title(trials: Trials, cleaned: "Cleaned", row: int) -> tuple[str, str]:
    """Two lines: which trial, and what became of it."""
    label = int(trials.label[row])
    of_class = "class not known" if label == UNLABELLED else f"class {short(trials.class_names[label])}"
    status = TrialStatus(int(cleaned.status[row]))
    words = status.words if status is TrialStatus.KEPT else f"rejected: {status.words}"
    return (
        f"Trial {short(trials.trial[row], 20)} of participant {short(trials.participant[row], 20)}",
        f"{of_class}; {words}; {float(cleaned.quality.proportion_valid[row]):.0%} of samples valid",
    )


def _draw_raw(panel: "Axes", one: _Trial) -> None:
    time_s = one.start_s + np.arange(len(one.raw)) / one.rate_hz
    for at, eye in enumerate(EYES):
        panel.plot(time_s, one.raw[:, at], ".-", color=eye.colour, ms=2.5, lw=0.6, label=f"{eye.name} eye")
    empty = "no valid sample" if np.all(np.isnan(one.raw)) else ""
    _finish(panel, "Recording", f"pupil in {one.unit}", empty=empty)
    _limit(panel, one.raw)


def _draw_cleaned(panel: "Axes", one: _Trial) -> None:
    if not one.scale:
        time_s = one.start_s + np.arange(len(one.raw)) / one.rate_hz
        for eye in (0, 1):
            label = "recording" if eye == 0 else None
            panel.plot(time_s, one.raw[:, eye], ".-", color=FAINT, ms=2, lw=0.5, label=label, zorder=1)
    time_s = one.start_s + np.arange(len(one.pupil)) / one.lanes_hz
    for i, lane in enumerate(one.lanes):
        colour, value = lane.colour, one.pupil[:, i]
        measured = np.where(one.reason[:, i] == Reason.MEASURED, value, np.nan)
        # The whole line in the style of what was filled; what was measured then lies over it.
        panel.plot(time_s, value, ":", color=colour, lw=1.8, label=f"{lane.name}, filled", zorder=2)
        panel.plot(time_s, measured, ".-", color=colour, ms=4, lw=1.8, label=f"{lane.name}, measured", zorder=3)
    unit = one.scale or one.unit
    empty = "no sample left" if np.all(np.isnan(one.pupil)) else ""
    added = " (the level of the baseline, subtracted in the table, is added back)" if one.level_added else ""
    _finish(panel, f"After cleaning, {one.lanes_hz:g} Hz{added}", f"pupil in {unit}", empty=empty)
    # Removed samples may lie outside the axis: spikes would flatten everything else.
    believed = np.where(one.marked == Reason.MEASURED, one.raw, np.nan)
    _limit(panel, one.pupil if one.scale else np.concatenate([one.pupil.ravel(), believed.ravel()]))


def _finish(panel: "Axes", title: str, axis: str, *, empty: str) -> None:
    panel.set_title(title, loc="left", fontsize=12)
    panel.set_ylabel(axis, fontsize=12)
    panel.grid(axis="y", color="#EEEEEE")
    panel.set_axisbelow(True)
    panel.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False, fontsize=11, borderaxespad=0)
    if empty:
        panel.text(0.5, 0.5, empty, transform=panel.transAxes, ha="center", va="center", fontsize=13, color="#666666")


def _limit(panel: "Axes", values: npt.NDArray[np.float64]) -> None:
    """An axis over the values with a margin; 0 to 1 where there is none."""
    known = values[np.isfinite(values)]
    if not len(known):
        panel.set_ylim(0, 1)
        panel.set_yticks([])
        return
    low, high = float(known.min()), float(known.max())
    margin = 0.08 * (high - low) or 0.05 * abs(high) or 1.0
    panel.set_ylim(low - margin, high + margin)


def _draw_reasons(panel: "Axes", one: _Trial) -> None:
    from matplotlib.patches import Patch

    there: set[Reason] = set()
    for at, (_, codes, rate_hz) in enumerate(one.rows):
        found = reason_spans(codes, rate_hz)
        there |= {span.reason for span in found}
        for reason in sorted({span.reason for span in found}):
            spans = [(one.start_s + span.start_s, span.width_s) for span in found if span.reason == reason]
            panel.broken_barh(spans, (at - 0.42, 0.84), facecolors=reason.colour, linewidth=0)
    names = [name for name, _, _ in one.rows]
    panel.set_yticks(range(len(names)), names)
    panel.set_ylim(len(names) - 0.5, -0.5)
    panel.set_title("Reason for each sample", loc="left", fontsize=12)
    patches: list[Any] = [Patch(facecolor=r.colour, edgecolor="#808080", lw=0.5, label=r.words) for r in sorted(there)]
    panel.legend(
        handles=patches, loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False, fontsize=11, borderaxespad=0
    )
