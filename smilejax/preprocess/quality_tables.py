"""The quality of recordings, as tables: by trial, by participant and by class."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from smilejax.preprocess.channels import EYES
from smilejax.preprocess.pipeline import Cleaned
from smilejax.preprocess.reasons import PUPIL_REASONS, Reason
from smilejax.preprocess.recipe import Recipe
from smilejax.preprocess.trial_status import TrialStatus
from smilejax.recordings.recorded_eyes import recorded_eyes
from smilejax.recordings.trials import Trials

SAMPLE_REASONS = tuple(r for r in PUPIL_REASONS if r not in (Reason.FILLED, Reason.OUTSIDE))
"""Reasons that a sample of an eye can have within a trial: gaps are filled later, in the lanes made of the eyes."""


def trial_quality(trials: Trials, cleaned: Cleaned, recipe: Recipe) -> pd.DataFrame:
    """The quality of each trial's recording: one row per trial, in the order of `trials`.

    An eye that was not recorded (see `recorded_eyes`) is in no proportion: it is not missing.

    Arguments:
        trials: what was recorded.
        cleaned: what `clean(trials, recipe)` made of it.
        recipe: what was done.

    Returns:
        participant, trial, class (categories are the two classes; empty where not known), stimulus where recorded.
        length_ms: length of the trial, as far as the recipe's duration goes.
        proportion_valid: proportion of it at which all that the channels need was measured and accepted, before anything was
            filled, 0 to 1.
        proportion_valid_left, proportion_valid_right: the same of each eye; empty where it was not recorded.
        blinks, longest_gap_ms: see `Quality`.
        eye_correlation: -1 to 1; empty where the eyes were seen together fewer than three times, or one never changed.
        noise_left, noise_right: white noise of one sample, empty where no three in a row were measured; baseline: level
            of the first lane, empty where there is none. All three with the recording's unit behind: `baseline_mm`.
        proportion_measured, proportion_missing, ...: proportion of the samples of the recorded eyes that ended with each
            `Reason`, one filled from the other included; they sum to 1.
        status: in words.

    Example:
        >>> import jax, smilejax
        >>> settings = smilejax.SimulationSettings(participants=2, smilers=2)
        >>> study = smilejax.simulate_study(settings, key=jax.random.key(0))
        >>> recipe = smilejax.Recipe()
        >>> table = trial_quality(study.trials, smilejax.clean(study.trials, recipe), recipe)
        >>> len(table), list(table["status"].unique())
        (8, ['kept'])
    """
    table: dict[str, object] = {
        "participant": np.array(trials.participant, dtype=object),
        "trial": np.array(trials.trial, dtype=object),
        "class": pd.Categorical.from_codes(
            trials.label, dtype=pd.CategoricalDtype(list(trials.class_names))
        ),  # -1 is empty
    }
    if trials.stimulus is not None:
        table["stimulus"] = np.array(trials.stimulus, dtype=object)
    table |= _measures(trials, cleaned, recipe) | _proportions(trials, cleaned)
    words = [TrialStatus(int(code)).words for code in np.asarray(cleaned.status)]
    table["status"] = np.array(words, dtype=object)
    return pd.DataFrame(table)


def _measures(trials: Trials, cleaned: Cleaned, recipe: Recipe) -> dict[str, npt.NDArray[np.float64]]:
    """Length, proportions valid, blinks, gaps, correlation, noise and baseline of each trial."""
    quality, unit = cleaned.quality, trials.unit
    seen, noise, recorded = rounded(quality.seen), rounded(quality.noise), recorded_eyes(trials)
    inside = np.asarray(cleaned.marked)[:, :, 0] != Reason.OUTSIDE
    table = {"length_ms": rounded(inside.sum(axis=1) * 1000 / trials.rate_hz)}
    table["proportion_valid"] = rounded(quality.proportion_valid)
    for at, eye in enumerate(EYES):
        table[f"proportion_valid_{eye.name}"] = np.where(recorded[:, at], seen[:, at], np.nan)
    table["blinks"] = np.asarray(quality.blinks)
    table["longest_gap_ms"] = rounded(quality.longest_gap_ms)
    table["eye_correlation"] = _correlation(cleaned)
    three = _three_in_a_row(np.asarray(cleaned.marked) == Reason.MEASURED)
    for at, eye in enumerate(EYES):
        table[f"noise_{eye.name}_{unit}"] = np.where(three[:, at], noise[:, at], np.nan)
    level = rounded(cleaned.baseline)[:, 0]
    known = (level > 0) & (recipe.baseline_ms is not None)
    table[f"baseline_{unit}"] = np.where(known, level, np.nan)
    return table


def _proportions(trials: Trials, cleaned: Cleaned) -> dict[str, npt.NDArray[np.float64]]:
    """Proportion of the samples of the recorded eyes that ended with each reason."""
    by_eye = np.asarray(cleaned.quality.counts, np.float64)
    counts = np.where(recorded_eyes(trials)[:, :, None], by_eye, 0.0).sum(axis=1)
    order = PUPIL_REASONS
    samples = counts.sum(axis=1) - counts[:, order.index(Reason.OUTSIDE)]
    return {
        f"proportion_{reason.name.lower()}": rounded(counts[:, order.index(reason)] / np.maximum(samples, 1))
        for reason in SAMPLE_REASONS
    }


LEVELS = ("eye_correlation", "confidence", "onset_ms", "amplitude")
"""Columns whose median over trials describes a participant or a class, besides noise and baseline."""


def participant_quality(table: pd.DataFrame) -> pd.DataFrame:
    """`trial_quality`, or `face_quality`, by participant, in order of appearance.

    Returns:
        participant, trials, kept; trials_X and kept_X for each class X; proportion_valid: mean over trials, 0 to 1;
        blinks_per_minute; longest_gap_ms: the longest of all; eye_correlation, noise and baseline: medians over trials.
        Of faces confidence, onset_ms and amplitude instead.
    """
    return _grouped(table, "participant")


def class_quality(table: pd.DataFrame) -> pd.DataFrame:
    """The same by class, in the order of the classes. Trials of unknown class are in no row."""
    return _grouped(table, "class")


def _grouped(table: pd.DataFrame, by: str) -> pd.DataFrame:
    rows = []
    for name, part in table.groupby(by, sort=by == "class", observed=False):
        row: dict[str, object] = {by: name, "trials": len(part), "kept": int(is_kept(part).sum())}
        for label in class_names_of(table) if by != "class" else ():
            here = part["class"] == label
            row |= {f"trials_{label}": int(here.sum()), f"kept_{label}": int((here & is_kept(part)).sum())}
        minutes = part["length_ms"].sum() / 60_000
        row["proportion_valid"] = part["proportion_valid"].mean()
        if "blinks" in table:
            row["blinks_per_minute"] = part["blinks"].sum() / minutes if minutes else np.nan
        row["longest_gap_ms"] = part["longest_gap_ms"].max()
        row |= {column: part[column].median() for column in map(str, table) if _is_level(column)}
        rows.append(row)
    return pd.DataFrame(rows)


def _is_level(column: str) -> bool:
    return column in LEVELS or column.startswith(("noise_", "baseline_"))


def is_kept(table: pd.DataFrame) -> "pd.Series[bool]":
    """Which trials of a table of `trial_quality` were kept."""
    return table["status"] == TrialStatus.KEPT.words


def class_names_of(table: pd.DataFrame) -> tuple[str, ...]:
    """The classes in their order; by the alphabet where the table was read from a file, which does not keep it."""
    column = table["class"]
    names = column.cat.categories if isinstance(column.dtype, pd.CategoricalDtype) else sorted(column.dropna().unique())
    return tuple(map(str, names))


def rounded(values: object) -> npt.NDArray[np.float64]:
    """Numbers as double, of as many digits as single precision has: 0.9066667, and not 0.9066666960716248."""
    given = np.asarray(values, np.float64)
    return np.array([float(f"{value:.7g}") for value in given.ravel()]).reshape(given.shape)


def _correlation(cleaned: Cleaned) -> npt.NDArray[np.float64]:
    r = rounded(cleaned.quality.correlation)
    # Exactly 0 is what `Quality` gives for an eye that never changes.
    return np.where((np.asarray(cleaned.quality.pairs) >= 3) & (r != 0), r, np.nan)


def _three_in_a_row(seen: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """`bool[N, 2]`: whether an eye was seen at three samples next to each other, without which noise is unknown."""
    return np.any(seen[:, :-2] & seen[:, 1:-1] & seen[:, 2:], axis=1)
