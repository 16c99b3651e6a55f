"""Cleaned recordings as tables: by step in time, by sample as recorded, and what became of the samples."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from smilejax.preprocess.channels import EYES, lanes_of
from smilejax.preprocess.pipeline import Cleaned
from smilejax.preprocess.reasons import PRESENT, PUPIL_REASONS, Reason
from smilejax.preprocess.recipe import Recipe
from smilejax.preprocess.steps.baseline import CORRECTIONS
from smilejax.preprocess.trial_status import TrialStatus
from smilejax.recordings.trials import Trials


def step_table(trials: Trials, cleaned: Cleaned, recipe: Recipe) -> pd.DataFrame:
    """The cleaned data: one row per trial and step in time, at the rate that a model sees. Rejected trials are in it too, with
    their reasons and no pupil: what is left of one is not corrected for its baseline.

    Arguments:
        trials: what was recorded.
        cleaned: what `clean(trials, recipe)` made of it.
        recipe: what was done.

    Returns:
        participant, trial, class (empty where not known), stimulus where recorded, status on the trial in words, time_ms
        relative to onset; and of each lane that the recipe's channels are made of (fused, left, right) the pupil,
        empty where it was not measured and not filled, and in rejected trials (`status` says why), with its unit behind:
        `fused_mm`, `fused_percent` of the baseline, or `fused_sd`, standard deviations of the baseline; and `fused_reason`, in
        words.

    Example:
        >>> import jax, smilejax
        >>> settings = smilejax.SimulationSettings(participants=2, smilers=2)
        >>> trials = smilejax.simulate_study(settings, key=jax.random.key(0)).trials
        >>> table = step_table(trials, smilejax.clean(trials, smilejax.Recipe()), smilejax.Recipe())
        >>> len(table), list(table.columns[-3:])
        (800, ['time_ms', 'fused_mm', 'fused_reason'])
    """
    reason = np.asarray(cleaned.trace.reason)
    within = reason[:, :, 0] != Reason.OUTSIDE
    kept = np.asarray(cleaned.status) == TrialStatus.KEPT
    shown = np.isin(reason, PRESENT) & kept[:, None, None]  # of a rejected trial the baseline is not corrected
    pupil = np.where(shown, np.asarray(cleaned.trace.values), np.float32(np.nan))
    status = [TrialStatus(int(code)).words for code in np.asarray(cleaned.status)]
    rate_hz = recipe.resample_hz or trials.rate_hz
    table = _names(trials, within) | {"status": _repeated(status, within), "time_ms": _time_ms(within, rate_hz, trials)}
    for at, lane in enumerate(lanes_of(recipe.channels)):
        table[f"{lane.name}_{cleaned_unit(trials, recipe)}"] = pupil[:, :, at][within]
        table[f"{lane.name}_reason"] = _words(reason[:, :, at][within])
    return pd.DataFrame(table)


def sample_table(trials: Trials, cleaned: Cleaned) -> pd.DataFrame:
    """Why every sample of either eye is what it is: one row per sample at the recording's own rate, as far as the recipe's
    duration goes.

    Returns:
        participant, trial, class (empty where not known), stimulus where recorded, time_ms relative to onset.
        left_mm, right_mm: as recorded, empty where missing; with the recording's unit.
        left_marked, right_marked: the `Reason` in words, once what is not the pupil's was marked.
        left_filled, right_filled: the same, once either eye was filled from the other.
    """
    marked, eyes = np.asarray(cleaned.marked), np.asarray(cleaned.eyes.reason)
    within = marked[:, :, 0] != Reason.OUTSIDE
    recorded = trials.pupil[:, : within.shape[1]][within[:, : trials.pupil.shape[1]]]
    table = _names(trials, within) | {"time_ms": _time_ms(within, trials.rate_hz, trials)}
    for at, eye in enumerate(EYES):
        table[f"{eye.name}_{trials.unit}"] = recorded[:, at]
    for when, codes in (("marked", marked), ("filled", eyes)):
        for at, eye in enumerate(EYES):
            table[f"{eye.name}_{when}"] = _words(codes[:, :, at][within])
    return pd.DataFrame(table)


def reason_table(quality: pd.DataFrame) -> pd.DataFrame:
    """What became of the samples of the recorded eyes, or of the measures of faces: the proportion that ended with each reason,
    by class and of all.

    Arguments:
        quality: of `smilejax.preprocess.quality_tables.trial_quality`, or `smilejax.preprocess.face_quality.face_quality`.

    Returns:
        reason, in words, those that occur; proportion, of all trials; and proportion_X for each class X with trials. Each
        column sums to 1.
    """
    parts = {"proportion": quality}
    parts |= {f"proportion_{name}": part for name, part in quality.groupby("class", observed=True)}
    rows = []
    for reason in Reason:
        column = f"proportion_{reason.name.lower()}"
        if column in quality and (quality[column] > 0).any():
            found = {name: np.average(part[column], weights=_samples(part)) for name, part in parts.items()}
            rows.append({"reason": reason.words} | found)
    return pd.DataFrame(rows)


def _samples(quality: pd.DataFrame) -> pd.Series:
    """The samples that a trial's proportions are of, up to a factor: of one eye or of two, or of all measures of a face."""
    eyes = [f"proportion_valid_{eye.name}" for eye in EYES]
    if eyes[0] not in quality:  # faces, whose videos have all measures
        return quality["length_ms"]
    recorded = quality[eyes].notna().sum(axis=1)
    return quality["length_ms"] * recorded


def cleaned_unit(trials: Trials, recipe: Recipe) -> str:
    """The unit of cleaned pupils as column names have it."""
    if recipe.baseline_ms is None:
        return trials.unit
    return CORRECTIONS[recipe.baseline].unit or trials.unit


def _names(trials: Trials, within: npt.NDArray[np.bool_]) -> dict[str, Any]:
    table = {"participant": _repeated(trials.participant, within), "trial": _repeated(trials.trial, within)}
    codes = np.repeat(trials.label, within.sum(axis=1))
    table["class"] = _categories(codes, trials.class_names)
    if trials.stimulus is not None:
        table["stimulus"] = _repeated(trials.stimulus, within)
    return table


def _repeated(names: Sequence[str], within: npt.NDArray[np.bool_]) -> Any:
    """A name for each row of its trial; as categories, which take a hundredth of the room."""
    codes = {name: code for code, name in enumerate(dict.fromkeys(names))}
    rows = np.repeat(np.array([codes[name] for name in names]), within.sum(axis=1))
    return _categories(rows, list(codes))


def _time_ms(within: npt.NDArray[np.bool_], rate_hz: float, trials: Trials) -> npt.NDArray[np.float64]:
    return np.asarray(trials.start_ms + np.nonzero(within)[1] * 1000.0 / rate_hz, np.float64)


def _words(reasons: npt.NDArray[np.uint8]) -> Any:
    return _categories(reasons, [reason.words for reason in PUPIL_REASONS])


def _categories(codes: npt.NDArray[Any], names: Sequence[str]) -> Any:
    return pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(list(names)))  # -1 is empty
