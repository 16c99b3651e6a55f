"""The cleaning of one trial, step by step: its lines before and after each step."""

import numpy as np
import numpy.typing as npt

from smilejax.evaluation.study.figure_results import CleaningLine, CleaningPanel, CleaningPanels, TimeSeries
from smilejax.evaluation.study.json_numbers import json_numbers
from smilejax.preprocess import Cleaned
from smilejax.preprocess.pipeline import settle, stages
from smilejax.preprocess.reasons import PRESENT
from smilejax.preprocess.recipe import Recipe
from smilejax.preprocess.recipe_in_words import steps
from smilejax.preprocess.steps.fuse_eyes import FUSE_EYES
from smilejax.preprocess.steps.resample import RESAMPLE
from smilejax.preprocess.trial_status import TrialStatus
from smilejax.recordings.trials import Trials

EYE_LABELS = ("left eye", "right eye")
MOST_POINTS = 1200
"""Points of a line that a panel holds; of longer ones every k-th is drawn."""
MOVED = 0.01
"""A sample counts as changed when it moves by more than this share of the line's standard deviation before the step."""

Line = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]
"""Times in ms, and values; NaN where missing."""


def panels(trials: Trials, cleaned: Cleaned, recipe: Recipe) -> CleaningPanels:
    """What each step did to one trial: the kept trial with the median proportion valid among those with a blink."""
    row = typical(cleaned)
    one, recipe = trials.take([row]), settle(recipe, trials)
    words = {
        step.name: step for step in steps(recipe, trials.rate_hz, in_mm=trials.unit == "mm", start_ms=trials.start_ms)
    }
    lines = _lines(one, recipe)
    found = []
    for before, (name, after) in zip(lines, list(lines.items())[1:], strict=False):
        if name in words:
            changed, drawn = _compared(lines[before], after)
            found.append(CleaningPanel(name, words[name].does, words[name].source, changed, drawn))
    return CleaningPanels(trials.participant[row], trials.trial[row], trials.unit, tuple(found))


def typical(cleaned: Cleaned) -> int:
    """Row of the trial that is shown."""
    measured, blinks = np.asarray(cleaned.quality.proportion_valid), np.asarray(cleaned.quality.blinks)
    kept = np.asarray(cleaned.status) == TrialStatus.KEPT
    wanted = next((rows for rows in (kept & (blinks > 0), kept) if rows.any()), np.ones_like(kept))
    rows = np.flatnonzero(wanted)
    return int(rows[np.argsort(measured[rows], kind="stable")[len(rows) // 2]])


def _lines(one: Trials, recipe: Recipe) -> dict[str, dict[str, Line]]:
    """The trial's lines after each step, by the step's name and the line's."""
    found: dict[str, dict[str, Line]] = {}
    rate_hz, seen = one.rate_hz, stages(one, recipe)
    joined = False
    for name, trace in seen.items():
        joined = joined or name == FUSE_EYES.name
        rate_hz = (recipe.resample_hz or rate_hz) if name == RESAMPLE.name else rate_hz
        pupil, reason = np.asarray(trace.values)[0], np.asarray(trace.reason)[0]
        values = np.where(np.isin(reason, PRESENT), pupil, np.nan).astype(np.float64)
        time_ms = one.start_ms + np.arange(len(values)) * 1000 / rate_hz
        names = EYE_LABELS if not joined else _channels(values.shape[1])
        found[name] = {line: (time_ms, values[:, at]) for at, line in enumerate(names)}
    return found


def _channels(count: int) -> tuple[str, ...]:
    return ("input of the network",) if count == 1 else tuple(f"channel {at + 1} of the network" for at in range(count))


def _compared(before: dict[str, Line], after: dict[str, Line]) -> tuple[int | None, tuple[CleaningLine, ...]]:
    """Samples changed, and lines before and after. Where the eyes were joined, both are drawn and nothing is compared."""
    if before.keys() != after.keys():
        lines = [CleaningLine(name, _series(line), None) for name, line in before.items()]
        lines += [CleaningLine(name, None, _series(line)) for name, line in after.items()]
        return None, tuple(line for line in lines if _has_value(line))
    lines = [CleaningLine(name, _series(before[name]), _series(after[name])) for name in after]
    changed = sum(_changed(before[name], after[name]) for name in after)
    return changed, tuple(line for line in lines if _has_value(line))


def _changed(before: Line, after: Line) -> int:
    old, new = before[1], after[1]
    if len(before[0]) != len(after[0]):  # another rate
        return len(new)
    sd = np.nanstd(old) if np.isfinite(old).any() else 0.0
    vanished = np.isfinite(old) != np.isfinite(new)
    with np.errstate(invalid="ignore"):
        return int((vanished | (np.abs(new - old) > MOVED * sd)).sum())


def _has_value(line: CleaningLine) -> bool:
    parts = [part for part in (line.before, line.after) if part is not None]
    return any(value is not None for part in parts for value in part.value)


def _series(line: Line) -> TimeSeries:
    time_ms, values = line
    step = -(-len(time_ms) // MOST_POINTS)
    return TimeSeries(
        tuple(round(float(t), 2) for t in time_ms[::step]),
        json_numbers(values[::step], 4),
    )
