"""One trial as it is looked at: what was recorded, what the recipe made of it, and the reason for each sample. No page."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from smilejax.preprocess.any_recipe import AnyRecipe
from smilejax.preprocess.blocks import block_width
from smilejax.preprocess.channels import EYES, lanes_of
from smilejax.preprocess.cleaning import clean_rows, settle
from smilejax.preprocess.face_pipeline import CleanedFaces
from smilejax.preprocess.face_recipe import FaceRecipe
from smilejax.preprocess.pipeline import Cleaned
from smilejax.preprocess.reasons import PRESENT, Reason
from smilejax.preprocess.recipe import Recipe
from smilejax.preprocess.steps.baseline import CORRECTIONS
from smilejax.preprocess.trial_status import TrialStatus
from smilejax.recordings.any_recording import AnyRecording
from smilejax.recordings.face_measures import face_measure
from smilejax.recordings.faces import Faces
from smilejax.recordings.recorded_eyes import recorded_eyes
from smilejax.recordings.trials import Trials
from smilejax.report.figures import reason_spans
from smilejax.settings import samples_in

KEPT_VIEWS = 64
"""Trials whose cleaned traces are kept, so that going back to one takes no time."""
UNREMARKABLE = (Reason.MEASURED, Reason.OUTSIDE)
"""Reasons without a band."""
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TraceLine:
    """A trace.

    Arguments:
        name: for a reader. colour: of lanes and eyes, `#RRGGBB`; None for what stands behind.
        time_s, values: `f64[S]`, NaN in gaps. cleaned: whether it is what the recipe made.
    """

    name: str
    colour: str | None
    time_s: Floats
    values: Floats
    cleaned: bool


@dataclass(frozen=True)
class Band:
    """A stretch of time, in seconds, whose samples have a reason."""

    start_s: float
    end_s: float
    reason: Reason


@dataclass(frozen=True, eq=False)
class Panel:
    """Lines over the same time, with the bands of their samples. axis: what is measured, with its unit."""

    title: str
    axis: str
    lines: tuple[TraceLine, ...]
    bands: tuple[Band, ...]


@dataclass(frozen=True, eq=False)
class TrialView:
    """One trial.

    Arguments:
        panels: from top to bottom; all share the axis of time.
        from_s, to_s: when the trial begins and ends, in `since`.
        since: what time is counted from, in words.
        status: what the recipe decided.
        proportion_valid: of the trial, 0 to 1, before gaps are filled; the recipe judges by it. valid_words: what it counts.
        reasons: which reasons the bands have, with the proportion of samples that have each. share_words: what these count.
        nothing_words: that there is none, as a sentence.
        kept_words: which part of the time the recipe keeps, as a sentence; empty where it keeps all of it.
    """

    panels: tuple[Panel, ...]
    from_s: float
    to_s: float
    since: str
    status: TrialStatus
    proportion_valid: float
    reasons: tuple[tuple[Reason, float], ...]
    valid_words: str
    share_words: str
    nothing_words: str
    kept_words: str


def bands_of(codes: npt.ArrayLike, rate_hz: float, start_s: float) -> tuple[Band, ...]:
    """Stretches of samples with one reason, those that were measured left out. A sample stands for 1 / rate_hz.

    Arguments:
        codes: `u8[S]`. start_s: time of the first.

    Example:
        >>> [(band.start_s, band.end_s, band.reason.words) for band in bands_of([0, 1, 1, 0], 2.0, -0.5)]
        [(0.0, 1.0, 'missing')]
    """
    return tuple(
        Band(start_s + span.start_s, start_s + span.start_s + span.width_s, span.reason)
        for span in reason_spans(codes, rate_hz)
        if span.reason not in UNREMARKABLE
    )


class TrialViews:
    """Views of the trials of one recording. What was cleaned last is kept.

    Arguments:
        recording: all trials.
    """

    def __init__(self, recording: AnyRecording) -> None:
        self.recording = recording
        self._lock = threading.Lock()
        self._settled: tuple[AnyRecipe, AnyRecipe] | None = None
        self._cleaned: tuple[dict[int, int], Cleaned | CleanedFaces] | None = None
        self._kept: OrderedDict[tuple[int, AnyRecipe, tuple[str, ...]], TrialView] = OrderedDict()
        self._eyes = recorded_eyes(recording) if isinstance(recording, Trials) else None

    def of(self, row: int, recipe: AnyRecipe, measures: Sequence[str] = ()) -> TrialView:
        """One trial by a recipe.

        Arguments:
            row: which, 0 to N - 1. measures: those of a face that are shown.

        Raises:
            SettingsError: the recipe does not fit the recording.
        """
        key = (row, recipe, tuple(measures))
        with self._lock:
            if key not in self._kept:
                self._kept[key] = self._made(row, recipe, measures)
                if len(self._kept) > KEPT_VIEWS:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]

    def _made(self, row: int, recipe: AnyRecipe, measures: Sequence[str]) -> TrialView:
        if self._settled is None or self._settled[0] != recipe:
            self._settled, self._cleaned = (recipe, settle(recipe, self.recording)), None
        settled = self._settled[1]
        if self._cleaned is None or row not in self._cleaned[0]:
            rows = self._together(row, settled)
            made = clean_rows(self.recording, settled, rows)
            self._cleaned = {one: at for at, one in enumerate(rows)}, made
        at, cleaned = self._cleaned[0][row], self._cleaned[1]
        if isinstance(self.recording, Faces):
            assert isinstance(cleaned, CleanedFaces)
            assert isinstance(settled, FaceRecipe)
            return _face_view(self.recording, row, cleaned, settled, at, measures)
        assert isinstance(cleaned, Cleaned)
        assert isinstance(settled, Recipe)
        assert self._eyes is not None
        return _pupil_view(self.recording, row, cleaned, settled, at, self._eyes[row])

    def _together(self, row: int, settled: AnyRecipe) -> list[int]:
        """The rows that are cleaned with one: of its participant, as many as a compiled program cleans in the time of one."""
        recording = self.recording
        own = [at for at, name in enumerate(recording.participant) if name == recording.participant[row]]
        assert settled.duration_ms is not None
        width = block_width(samples_in(settled.duration_ms, recording.rate_hz), len(own))
        first = own.index(row) // width * width
        return own[first : first + width]


def _pupil_view(
    trials: Trials, row: int, cleaned: Cleaned, recipe: Recipe, at: int, eyes: npt.NDArray[np.bool_]
) -> TrialView:
    """The view of a trial, which is in row `at` of what was cleaned."""
    marked = np.asarray(cleaned.marked[at])
    within = marked[:, 0] != Reason.OUTSIDE
    marked = marked[within]
    raw = trials.pupil[row].astype(np.float64)[: len(marked)]
    with np.errstate(invalid="ignore"):
        raw = np.where(raw > 0, raw, np.nan)
    start_s, rate_hz = trials.start_ms / 1000, trials.rate_hz
    time_s = start_s + np.arange(len(raw)) / rate_hz
    axis = f"pupil, {trials.unit}"
    recorded = [
        Panel(
            f"Recording, {eye.name} eye",
            axis,
            (TraceLine(f"{eye.name} eye", eye.colour, time_s, raw[:, k], False),),
            bands_of(marked[:, k], rate_hz, start_s),
        )
        for k, eye in enumerate(EYES)
        if eyes[k]
    ]
    behind = tuple(TraceLine("recording", None, time_s, raw[:, k], False) for k in range(2) if eyes[k])
    after = _lane_panels(trials, cleaned, recipe, at, behind)
    recorded_s, kept_s = int(trials.length[row]) / rate_hz, len(marked) / rate_hz
    both = "both eyes, each counted by itself" if eyes.all() else "the recorded eye"
    return TrialView(
        (*recorded, *after),
        start_s,
        start_s + len(marked) / rate_hz,
        "onset",
        TrialStatus(int(cleaned.status[at])),
        float(cleaned.quality.proportion_valid[at]),
        _shares([marked[:, eyes]], [panel.bands for panel in after]),
        f"of the time valid {valid_where(recipe.channels, int(eyes.sum()))}",
        f"Percent of the samples of {both}, before gaps are filled:",
        "Every sample was measured, and none was taken away or filled.",
        f"Of {recorded_s:.4g} s the recipe keeps the first {kept_s:.4g} s." if kept_s < recorded_s else "",
    )


def valid_where(channels: Iterable[str], eyes: int) -> str:
    """In which eyes a pupil must be measured and accepted for a sample of the trial to be valid, in words.

    Arguments:
        channels: what a model is given. eyes: how many were recorded, 0 to 2.

    Example:
        >>> valid_where(["fused"], 2), valid_where(["left", "right"], 2), valid_where(["fused"], 1)
        ('in at least one eye', 'in both eyes at once', 'in the recorded eye')
    """
    lanes = lanes_of(channels)
    own = [lane.name for lane in lanes if lane.eye is not None]
    if not own:
        return "in at least one eye" if eyes == len(EYES) else "in the recorded eye"
    return f"in the {own[0]} eye" if len(own) == 1 else "in both eyes at once"


def _lane_panels(
    trials: Trials, cleaned: Cleaned, recipe: Recipe, at: int, behind: tuple[TraceLine, ...]
) -> tuple[Panel, ...]:
    """What the recipe made, over the recording with the baseline's level added back where it was subtracted."""
    reason, pupil = np.asarray(cleaned.trace.reason[at]), np.asarray(cleaned.trace.values[at], np.float64)
    steps = reason[:, 0] != Reason.OUTSIDE
    level = np.asarray(cleaned.baseline[at], np.float64)
    scale = "" if recipe.baseline_ms is None else CORRECTIONS[recipe.baseline].axis
    if recipe.baseline_ms is not None and not scale:
        pupil = pupil + level
    elif recipe.baseline_ms is not None:
        pupil = np.where(level > 0, pupil, np.nan)  # without a baseline it keeps its level, which is not on this scale
    pupil = np.where(np.isin(reason, PRESENT), pupil, np.nan)[steps]
    rate_hz, start_s = recipe.resample_hz or trials.rate_hz, trials.start_ms / 1000
    time_s = start_s + np.arange(len(pupil)) / rate_hz
    return tuple(
        Panel(
            f"After cleaning, {lane.name if lane.eye is None else lane.name + ' eye'}, {rate_hz:g} Hz",
            f"pupil, {scale or trials.unit}",
            (*(() if scale else behind), TraceLine(f"{lane.name}, cleaned", lane.colour, time_s, pupil[:, k], True)),
            bands_of(reason[steps][:, k], rate_hz, start_s),
        )
        for k, lane in enumerate(lanes_of(recipe.channels))
    )


def _face_view(
    faces: Faces, row: int, cleaned: CleanedFaces, recipe: FaceRecipe, at: int, measures: Sequence[str]
) -> TrialView:
    """The view of a video, which is in row `at` of what was cleaned."""
    assert recipe.measures is not None
    length, rate_hz = int(faces.length[row]), faces.rate_hz
    start_s, model_hz = faces.start_ms / 1000, recipe.resample_hz or faces.rate_hz
    reason = np.asarray(cleaned.trace.reason[at])
    steps = reason[:, 0] != Reason.OUTSIDE
    values = np.asarray(cleaned.trace.values[at], np.float64) + np.asarray(cleaned.neutral[at], np.float64)
    values, reason = np.where(np.isin(reason, PRESENT), values, np.nan)[steps], reason[steps]
    first_s = start_s
    onset_ms = float(cleaned.smile.onset_ms[at])
    if recipe.aligned and np.isfinite(onset_ms):
        first_s = start_s + (onset_ms + recipe.first_ms(rate_hz)) / 1000
    if len(steps) and steps.any():
        first_s += int(np.argmax(steps)) / model_hz
    time_s, after_s = start_s + np.arange(length) / rate_hz, first_s + np.arange(len(values)) / model_hz
    last_s = first_s + len(values) / model_hz
    kept = _kept_part(faces, length, first_s, last_s, recipe, onset_ms) if len(values) else ""
    panels = []
    for name in [one for one in measures if one in recipe.measures] or recipe.measures[:1]:
        k, raw = recipe.measures.index(name), faces.values[row, :length, faces.channels.index(name)].astype(np.float64)
        measure = face_measure(name)
        lines = (
            TraceLine("recording", None, time_s, raw, False),
            TraceLine(f"{name}, cleaned", "#0072B2", after_s, values[:, k], True),
        )
        panels.append(Panel(measure.words or name, measure.unit, lines, bands_of(reason[:, k], model_hz, first_s)))
    status = TrialStatus(int(cleaned.status[at]))
    valid = float(cleaned.quality.proportion_valid[at])
    end_s = start_s + length / rate_hz
    return TrialView(
        tuple(panels),
        start_s,
        end_s,
        "the video's start",
        status,
        valid,
        _shares([reason], [one.bands for one in panels]),
        "of the video's frames valid, in every measure at once",
        f"Percent of the {'kept ' if kept else ''}values of all measures, each counted by itself:",
        f"Every frame {'that is kept ' if kept else ''}was measured, and no value was taken away or filled.",
        kept,
    )


def _kept_part(faces: Faces, length: int, first_s: float, last_s: float, recipe: FaceRecipe, onset_ms: float) -> str:
    """Which part of a video the recipe keeps, as a sentence; empty where that is all of it.

    Arguments:
        length: frames of the video. first_s, last_s: what is kept, in s of the recording. onset_ms: of the smile, NaN without.
    """
    start_s = faces.start_ms / 1000
    end_s, frame_s = start_s + length / faces.rate_hz, 1 / faces.rate_hz
    if first_s < start_s + frame_s / 2 and last_s > end_s - frame_s - 1 / (recipe.resample_hz or faces.rate_hz):
        return ""
    words = f"The recipe keeps {first_s:.3g} to {last_s:.3g} s of this video, and cuts off the rest"
    if recipe.aligned and np.isfinite(onset_ms):
        onset_s = start_s + onset_ms / 1000
        words += f": it begins {recipe.before_onset_ms:g} ms before the smile, whose onset it found at {onset_s:.3g} s"
    return f"{words}."


def _shares(
    codes: Iterable[npt.NDArray[np.uint8]], bands: Iterable[Sequence[Band]]
) -> tuple[tuple[Reason, float], ...]:
    """The reasons that occur, by number, with the proportion of samples that were recorded; 0 for those of bands alone."""
    every = np.concatenate([one.ravel() for one in codes])
    inside = every[every != Reason.OUTSIDE]
    found = {Reason(int(code)) for code in np.unique(inside)} | {band.reason for some in bands for band in some}
    return tuple(
        (reason, float(np.mean(inside == reason)) if len(inside) else 0.0)
        for reason in sorted(found)
        if reason not in UNREMARKABLE
    )
