"""Cleaned pupil traces as files of a BIDS derivative: a recording for each participant and lane, trial after trial."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from smilejax.preprocess.channels import Lane, lanes_of
from smilejax.preprocess.cleaned_tables import cleaned_unit
from smilejax.preprocess.cleaning import settle
from smilejax.preprocess.dataset import Dataset
from smilejax.preprocess.pipeline import clean_and_prepare
from smilejax.preprocess.reasons import PUPIL_REASONS, Reason
from smilejax.preprocess.recipe import Recipe
from smilejax.preprocess.recipe_in_words import steps
from smilejax.preprocess.sample_reason import carries_value
from smilejax.readers.bids.bids_files import MISSING
from smilejax.readers.bids.write_bids import COLUMNS, GAP_S
from smilejax.recordings.recording import UNLABELLED
from smilejax.recordings.trials import Trials

EYES = {0: ("cleanedleft", "left"), 1: ("cleanedright", "right"), None: ("cleanedfused", "cyclopean")}
"""By `Lane.eye`: the `recording` label of a file, and BIDS's word for the eye. BIDS 1.11 has no `desc` for such recordings."""
UNITS = {"mm": "mm", "au": "a.u.", "px": "pixel", "percent": "percent", "sd": "SD of the baseline"}
PER_MS = 1e-3


@dataclass(frozen=True, eq=False)
class Traces:
    """Cleaned traces of N trials.

    Arguments:
        trials: the recordings. recipe: settled. unit: of the values. rate_hz: of the traces.
        lanes: what the L lanes are. values: `f32[N, T, L]`, NaN where there is none. reason: `u8[N, T, L]`.
        length: `i64[N]`, samples of each trial.
    """

    trials: Trials
    recipe: Recipe
    unit: str
    rate_hz: float
    lanes: tuple[Lane, ...]
    values: npt.NDArray[np.float32]
    reason: npt.NDArray[np.uint8]
    length: npt.NDArray[np.int64]

    def recording(self, lane: int) -> str:
        """The `recording` label of a lane's files."""
        return EYES[self.lanes[lane].eye][0]

    def line(self, participant: str) -> "Line":
        """The trials of a participant one after the other."""
        rows = [row for row, name in enumerate(self.trials.participant) if name == participant]
        gap = max(1, round(GAP_S * self.rate_hz))
        first = np.concatenate(([0], np.cumsum(self.length[rows][:-1] + gap)))
        return Line(tuple(rows), tuple(first.tolist()), int(first[-1] + self.length[rows[-1]]))


@dataclass(frozen=True)
class Line:
    """Trials of one participant: their rows, the first sample of each, and samples in all."""

    rows: tuple[int, ...]
    first: tuple[int, ...]
    samples: int


def traces_of(trials: Trials, recipe: Recipe) -> tuple[Traces, Dataset]:
    """Cleaned recordings, and what a network is given of them. Raises `SettingsError` where the recipe does not fit them."""
    settled = settle(recipe, trials)
    cleaned, dataset = clean_and_prepare(trials, settled)
    reason = np.asarray(cleaned.trace.reason)
    present = np.isin(reason, [int(one) for one in PUPIL_REASONS if carries_value(int(one))])
    outside = (reason == Reason.OUTSIDE).all(axis=2)
    traces = Traces(
        trials,
        settled,
        cleaned_unit(trials, settled),
        settled.resample_hz or trials.rate_hz,
        lanes_of(settled.channels),
        np.where(present, np.asarray(cleaned.trace.values), np.float32(np.nan)),
        reason,
        np.maximum((~outside).sum(axis=1), 1).astype(np.int64),
    )
    return traces, dataset


def physio_bytes(traces: Traces, line: Line, lane: int) -> bytes:
    """The recording of one lane, without headings: BIDS has them in the sidecar."""
    value, reason = np.full(line.samples, np.nan, np.float32), np.full(line.samples, Reason.OUTSIDE, np.uint8)
    for row, first in zip(line.rows, line.first, strict=True):
        own = slice(first, first + int(traces.length[row]))
        value[own] = traces.values[row, : traces.length[row], lane]
        reason[own] = traces.reason[row, : traces.length[row], lane]
    frame = pd.DataFrame(
        {
            "timestamp": _ticks(line.samples, traces.rate_hz),
            "x": MISSING,
            "y": MISSING,
            "pupil": value,
            "reason": reason,
        }
    )
    text: str = frame.to_csv(sep="\t", header=False, index=False, na_rep=MISSING, lineterminator="\n")
    return text.encode()


def _ticks(samples: int, rate_hz: float) -> npt.NDArray[np.float64]:
    return np.arange(samples, dtype=np.float64) * 1000.0 / rate_hz


def about_physio(traces: Traces, lane: int, task: str) -> dict[str, object]:
    """The sidecar of a recording."""
    settled, trials = traces.recipe, traces.trials
    words = steps(settled, trials.rate_hz, in_mm=trials.unit == "mm", start_ms=trials.start_ms)
    return {
        "PhysioType": "eyetrack",
        "TaskName": task,
        "RecordedEye": EYES[traces.lanes[lane].eye][1],
        "SamplingFrequency": traces.rate_hz,
        "StartTime": 0,
        "SampleCoordinateSystem": "custom",
        "SampleCoordinateSystemDescription": "None: gaze is not part of the study, and its coordinates are n/a.",
        "Columns": [*COLUMNS, "pupil_size", "reason"],
        **COLUMNS,
        "pupil_size": {
            "Description": "Cleaned pupil diameter; n/a where it was not measured and not filled, and between trials.",
            "Units": UNITS[traces.unit],
        },
        "reason": {
            "Description": "Why the sample is what it is.",
            "Levels": {str(int(one)): one.words for one in PUPIL_REASONS},
        },
        "Cleaning": [f"{step.name}: {step.does}" for step in words],
    }


def event_rows(traces: Traces, line: Line) -> tuple[list[str], Sequence[Sequence[object]]]:
    """Headings and rows of the table of a participant's trials."""
    trials, ms = traces.trials, PER_MS
    rows = [
        [
            first / traces.rate_hz,
            int(traces.length[row]) / traces.rate_hz,
            trials.class_names[trials.label[row]] if trials.label[row] != UNLABELLED else "",
            trials.trial[row],
            first / traces.rate_hz - trials.start_ms * ms,
        ]
        for row, first in zip(line.rows, line.first, strict=True)
    ]
    return ["onset", "duration", "trial_type", "trial", "time_zero"], rows


def about_events(traces: Traces, task: str) -> dict[str, object]:
    """The sidecar of tables of trials."""
    first, second = traces.trials.class_names
    return {
        "TaskName": task,
        "onset": {"Description": "Time of the trial's first sample, from the first of the recording.", "Units": "s"},
        "duration": {"Description": "Length of the trial, as the recipe crops it.", "Units": "s"},
        "trial_type": {
            "Description": "Class of the trial; n/a where it is not known.",
            "Levels": {first: "The first class.", second: "The second class, whose probability is predicted."},
        },
        "trial": {"Description": "Name of the trial, unique within a participant."},
        "time_zero": {"Description": "The onset of the trial's stimulus, on the clock of onset.", "Units": "s"},
    }
