"""The cleaning of one trial, step by step: what stood before each step and what after it."""

from typing import Any

import numpy as np
import numpy.typing as npt

from smilejax.preprocess import Cleaned
from smilejax.preprocess.pipeline import settle, stages
from smilejax.preprocess.reasons import PRESENT
from smilejax.preprocess.recipe import Recipe
from smilejax.preprocess.recipe_in_words import steps
from smilejax.preprocess.steps.fuse_eyes import FUSE_EYES
from smilejax.preprocess.steps.resample import RESAMPLE
from smilejax.preprocess.trial_status import TrialStatus
from smilejax.recordings.trials import Trials

EYES = ("left eye", "right eye")
MOST = 1200
"""Points of a line that a panel holds; of longer ones every k-th is taken."""
MOVED = 0.01
"""A sample counts as changed when it moves by more than this share of the spread of what stood before."""

Line = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]
"""Times in ms, and values; NaN where missing."""


def panels(trials: Trials, cleaned: Cleaned, recipe: Recipe) -> dict[str, Any]:
    """What each step did to one trial, as JSON: the kept trial with the median share measured among those with a blink.

    Returns:
        participant, trial, unit; steps: for each that the recipe has, name, does and source (as `settings.described`),
        changed (samples taken away, filled or moved), and lines, each with name, before and after: time_ms, and value, None
        where missing.
    """
    row = typical(cleaned)
    one, recipe = trials.take([row]), settle(recipe, trials)
    words = {step.name: step for step in steps(recipe, trials.rate_hz, in_mm=trials.unit == "mm")}
    lines = _lines(one, recipe)
    found = []
    for before, (name, after) in zip(lines, list(lines.items())[1:], strict=False):
        if name in words:
            step = words[name]
            found.append({"name": name, "does": step.does, "source": step.source, **_panel(lines[before], after)})
    return {
        "participant": trials.participant[row],
        "trial": trials.trial[row],
        "unit": trials.unit,
        "steps": found,
    }


def typical(cleaned: Cleaned) -> int:
    """Row of a trial to show."""
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
        pupil, reason = np.asarray(trace.pupil)[0], np.asarray(trace.reason)[0]
        values = np.where(np.isin(reason, PRESENT), pupil, np.nan).astype(np.float64)
        time_ms = np.arange(len(values)) * 1000 / rate_hz
        names = EYES if not joined else _lanes(values.shape[1])
        found[name] = {line: (time_ms, values[:, at]) for at, line in enumerate(names)}
    return found


def _lanes(count: int) -> tuple[str, ...]:
    return ("what the model sees",) if count == 1 else tuple(f"lane {at + 1} of the model" for at in range(count))


def _panel(before: dict[str, Line], after: dict[str, Line]) -> dict[str, Any]:
    """Lines before and after. Where the eyes were joined, what stood before is both, and nothing is compared."""
    if before.keys() != after.keys():
        lines = [{"name": name, "before": _points(line), "after": None} for name, line in before.items()]
        lines += [{"name": name, "before": None, "after": _points(line)} for name, line in after.items()]
        return {"changed": None, "lines": [line for line in lines if _seen(line)]}
    lines = [{"name": name, "before": _points(before[name]), "after": _points(after[name])} for name in after]
    changed = sum(_changed(before[name], after[name]) for name in after)
    return {"changed": changed, "lines": [line for line in lines if _seen(line)]}


def _changed(before: Line, after: Line) -> int:
    old, new = before[1], after[1]
    if len(before[0]) != len(after[0]):  # another rate
        return len(new)
    spread = np.nanstd(old) if np.isfinite(old).any() else 0.0
    gone = np.isfinite(old) != np.isfinite(new)
    with np.errstate(invalid="ignore"):
        return int((gone | (np.abs(new - old) > MOVED * spread)).sum())


def _seen(line: dict[str, Any]) -> bool:
    parts = [part for part in (line["before"], line["after"]) if part is not None]
    return any(v is not None for part in parts for v in part["value"])


def _points(line: Line) -> dict[str, list[float | None]]:
    time_ms, values = line
    step = -(-len(time_ms) // MOST)
    return {
        "time_ms": [round(float(t), 2) for t in time_ms[::step]],
        "value": [round(float(v), 4) if np.isfinite(v) else None for v in values[::step]],
    }
