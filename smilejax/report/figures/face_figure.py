"""Figures of single videos of a face: the smile as it was tracked, what the recipe made of it, and why."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from smilejax._util.number_text import unit_words
from smilejax.preprocess.face_recipe import FaceRecipe
from smilejax.preprocess.reasons import PRESENT, Reason
from smilejax.preprocess.trial_status import TrialStatus
from smilejax.recordings.face_measures import face_measure, smile_measures
from smilejax.recordings.faces import Faces
from smilejax.recordings.recording import UNLABELLED
from smilejax.report.figures.render import short
from smilejax.report.figures.trial_figure import DOTS_PER_INCH, FAINT, LEFT_EDGE, ONSET, SIZE_INCHES, reason_spans

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from smilejax.preprocess.face_pipeline import CleanedFaces

COLOURS = ("#0B6E4F", "#B3541E")
"""Of the left and the right half of the face, or of the one measure that there is."""


def face_figure(faces: Faces, cleaned: "CleanedFaces", recipe: FaceRecipe, row: int) -> "Figure":
    """One video in three panels over time in seconds: the measures of its smile, the tracker's confidence, and the reason for
    each frame. Zero is the smile's onset where videos are aligned to it (a dashed line), else the start of the video.

    The first panel shows what was tracked, less the neutral face, in grey, and what the recipe made of it in colour; gaps that
    were not filled stay open. Without a measure that rises with a smile, the first measure is drawn.

    Arguments:
        faces: what was recorded. cleaned: what `clean(faces, recipe)` made of it. recipe: by which, settled. row: 0 to N - 1.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE_INCHES, dpi=DOTS_PER_INCH, facecolor="white")
    course, sure, why = figure.subplots(3, 1, sharex=True, gridspec_kw={"height_ratios": (4, 1.5, 1.5)})
    figure.subplots_adjust(left=LEFT_EDGE, right=0.77, top=0.89, bottom=0.075, hspace=0.2)
    title, status = _title(faces, cleaned, row)
    figure.text(LEFT_EDGE, 0.965, title, fontsize=14, fontweight="bold", parse_math=False)
    figure.text(LEFT_EDGE, 0.94, status, fontsize=12, parse_math=False)
    recorded_s, cleaned_s = _times(faces, cleaned, recipe, row)
    shown = smile_measures(recipe.measures or ()) or (recipe.measures or faces.channels)[:1]
    _draw_course(course, faces, cleaned, recipe, row, (recorded_s, cleaned_s), shown)
    _draw_confidence(sure, faces, recorded_s, row)
    _draw_reasons(why, np.asarray(cleaned.trace.reason)[row], cleaned_s, recipe)
    why.set_xlabel("time in s", fontsize=12)
    for panel in (course, sure, why):
        if recipe.aligned:
            panel.axvline(0, color=ONSET, lw=1, ls="--", zorder=0)
        panel.tick_params(labelsize=11)
        panel.spines[["top", "right"]].set_visible(False)
    figure.align_ylabels([course, sure])
    return figure


def _times(
    faces: Faces, cleaned: "CleanedFaces", recipe: FaceRecipe, row: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Times in s of the frames as recorded, and of the steps after cleaning."""
    steps = np.asarray(cleaned.trace.reason).shape[1]
    onset = float(np.asarray(cleaned.smile.onset_ms)[row]) if recipe.aligned else -faces.start_ms
    first = recipe.first_ms(faces.rate_hz) if recipe.aligned else faces.start_ms
    recorded = np.arange(int(faces.length[row])) * 1000 / faces.rate_hz - (onset if np.isfinite(onset) else 0.0)
    return recorded / 1000, (first + np.arange(steps) * 1000 / (recipe.resample_hz or faces.rate_hz)) / 1000


def _title(faces: Faces, cleaned: "CleanedFaces", row: int) -> tuple[str, str]:
    label = int(faces.label[row])
    kind = faces.class_names[label] if label != UNLABELLED else "no class"
    status = TrialStatus(int(np.asarray(cleaned.status)[row]))
    valid = float(np.asarray(cleaned.quality.proportion_valid)[row])
    title = f"video {short(faces.trial[row])} of smiler {short(faces.participant[row])} ({short(kind)})"
    return title, f"{status.words}; {100 * valid:.0f}% of frames valid"


def _draw_course(
    panel: "Axes",
    faces: Faces,
    cleaned: "CleanedFaces",
    recipe: FaceRecipe,
    row: int,
    times: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]],
    shown: tuple[str, ...],
) -> None:
    recorded_s, cleaned_s = times
    names = recipe.measures or faces.channels
    reason = np.asarray(cleaned.trace.reason)[row]
    for name, colour in zip(shown, COLOURS, strict=False):
        at = names.index(name)
        neutral = float(np.asarray(cleaned.neutral)[row, at])
        tracked = faces.values[row, : len(recorded_s), faces.channels.index(name)] - neutral
        panel.plot(recorded_s, tracked, color=FAINT, lw=3, solid_capstyle="round", zorder=1)
        made = np.where(np.isin(reason[:, at], PRESENT), np.asarray(cleaned.trace.values)[row, :, at], np.nan)
        panel.plot(cleaned_s, made, color=colour, lw=1.8, marker=".", label=face_measure(name).words, zorder=2)
    panel.plot([], [], color=FAINT, lw=3, label="as tracked")
    panel.set_title("The smile, relative to the neutral face", loc="left", fontsize=12)
    panel.set_ylabel(unit_words(face_measure(shown[0]).unit), fontsize=12)
    panel.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False, fontsize=11, borderaxespad=0)


def _draw_confidence(panel: "Axes", faces: Faces, recorded_s: npt.NDArray[np.float64], row: int) -> None:
    panel.set_title("The tracker's confidence", loc="left", fontsize=12)
    panel.set_ylim(-0.05, 1.05)
    if faces.confidence is None:
        panel.text(0.5, 0.5, "not given", transform=panel.transAxes, ha="center", va="center", fontsize=11)
        return
    panel.plot(recorded_s, faces.confidence[row, : len(recorded_s)], color=ONSET, lw=1.5)


def _draw_reasons(
    panel: "Axes", reason: npt.NDArray[np.uint8], times_s: npt.NDArray[np.float64], recipe: FaceRecipe
) -> None:
    """The reason of each frame: of the first measure that has one."""
    from matplotlib.patches import Patch

    codes = np.take_along_axis(reason, np.argmax(reason != Reason.MEASURED, axis=1)[:, None], axis=1)[:, 0]
    step = float(np.diff(times_s).mean()) if len(times_s) > 1 else 1.0
    spans = reason_spans(codes, 1 / step)
    for span in spans:
        panel.broken_barh(
            [(times_s[0] + span.start_s, span.width_s)], (-0.42, 0.84), facecolors=span.reason.colour, linewidth=0
        )
    panel.set_yticks([0], [f"{len(recipe.measures or ())} measures"])
    panel.set_ylim(0.5, -0.5)
    panel.set_title("Reason for each frame", loc="left", fontsize=12)
    there = sorted({span.reason for span in spans})
    patches: list[Any] = [Patch(facecolor=r.colour, edgecolor="#808080", lw=0.5, label=r.words) for r in there]
    panel.legend(
        handles=patches, loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False, fontsize=11, borderaxespad=0
    )
