"""What recordings are worth, as tables: by trial, by participant, and what tells the classes apart that no pupil did."""

import math

import numpy as np
import numpy.typing as npt
import pandas as pd

from smilejax.preprocess import Cleaned, Reason
from smilejax.preprocess.dataset import TrialStatus
from smilejax.preprocess.recipe import Recipe
from smilejax.recordings.trials import Trials

EYES = ("left", "right")
SHARES = tuple(r for r in Reason if r not in (Reason.FILLED, Reason.OUTSIDE))
"""Reasons that a sample of an eye can have within a trial: gaps are filled later, in the lanes made of the eyes."""
ALPHA = 0.05
"""A class difference with a smaller p is warned of."""
DRAWS = 10_000
"""Sign flips that are drawn where there are more than that to go through."""
FLIP_SEED = 20261123
"""The draws are the same in every call, so that a table gives the same warnings."""


def trial_quality(trials: Trials, cleaned: Cleaned, recipe: Recipe) -> pd.DataFrame:
    """What each trial's recording is worth: one row per trial, in the order of `trials`.

    Arguments:
        trials: what was recorded.
        cleaned: what `clean(trials, recipe)` made of it.
        recipe: what was done.

    Returns:
        participant, trial, class (categories are the two classes; empty where not known), stimulus where recorded.
        length_ms: length of the trial, as far as the recipe's duration goes.
        measured: share of it at which all that the channels need was measured, before anything was filled, 0 to 1.
        measured_left, measured_right: the same of each eye.
        blinks, longest_gap_ms: see `Quality`.
        eye_correlation: -1 to 1; empty where the eyes were seen together fewer than three times, or one never changed.
        noise_left, noise_right: white noise of one sample, empty where no three in a row were measured; baseline: level
            of the first lane, empty where there is none. All three with the recording's unit behind: `baseline_mm`.
        proportion_valid, share_missing, ...: share of the samples of both eyes that ended with each `Reason`, one filled
            from the other included; they sum to 1.
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
    quality, unit = cleaned.quality, trials.unit
    counts = np.asarray(quality.counts).sum(axis=1, dtype=np.float64)
    samples = counts.sum(axis=1) - counts[:, list(Reason).index(Reason.OUTSIDE)]
    seen, noise = _digits(quality.seen), _digits(quality.noise)
    table: dict[str, object] = {
        "participant": np.array(trials.participant, dtype=object),
        "trial": np.array(trials.trial, dtype=object),
        "class": pd.Categorical.from_codes(
            trials.label, dtype=pd.CategoricalDtype(list(trials.class_names))
        ),  # -1 is empty
    }
    if trials.stimulus is not None:
        table["stimulus"] = np.array(trials.stimulus, dtype=object)
    table["length_ms"] = _digits(samples / 2 * 1000 / trials.rate_hz)
    table["measured"] = _digits(quality.measured)
    for eye, name in enumerate(EYES):
        table[f"measured_{name}"] = seen[:, eye]
    table["blinks"] = np.asarray(quality.blinks)
    table["longest_gap_ms"] = _digits(quality.longest_gap_ms)
    table["eye_correlation"] = _correlation(cleaned)
    three = _three_in_a_row(np.asarray(cleaned.marked) == Reason.MEASURED)
    for eye, name in enumerate(EYES):
        table[f"noise_{name}_{unit}"] = np.where(three[:, eye], noise[:, eye], np.nan)
    level = _digits(cleaned.baseline)[:, 0]
    known = (level > 0) & (recipe.baseline_ms is not None)
    table[f"baseline_{unit}"] = np.where(known, level, np.nan)
    for reason in SHARES:
        share = counts[:, list(Reason).index(reason)] / np.maximum(samples, 1)
        table[f"share_{reason.name.lower()}"] = _digits(share)
    words = [TrialStatus(int(code)).words for code in np.asarray(cleaned.status)]
    table["status"] = np.array(words, dtype=object)
    return pd.DataFrame(table)


def participant_quality(table: pd.DataFrame) -> pd.DataFrame:
    """`trial_quality` by participant, in order of appearance.

    Returns:
        participant, trials, kept; trials_X and kept_X for each class X; measured: mean over trials, 0 to 1;
        blinks_per_minute; longest_gap_ms: the longest of all; eye_correlation, noise and baseline: medians over trials.
    """
    return _grouped(table, "participant")


def class_quality(table: pd.DataFrame) -> pd.DataFrame:
    """The same by class, in the order of the classes. Trials of unknown class are in no row."""
    return _grouped(table, "class")


def _grouped(table: pd.DataFrame, by: str) -> pd.DataFrame:
    rows = []
    for name, part in table.groupby(by, sort=by == "class", observed=False):
        row: dict[str, object] = {by: name, "trials": len(part), "kept": int(_kept(part).sum())}
        for label in _class_names(table) if by != "class" else ():
            here = part["class"] == label
            row |= {f"trials_{label}": int(here.sum()), f"kept_{label}": int((here & _kept(part)).sum())}
        minutes = part["length_ms"].sum() / 60_000
        row["measured"] = part["measured"].mean()
        row["blinks_per_minute"] = part["blinks"].sum() / minutes if minutes else np.nan
        row["longest_gap_ms"] = part["longest_gap_ms"].max()
        row |= {column: part[column].median() for column in map(str, table) if _is_level(column)}
        rows.append(row)
    return pd.DataFrame(rows)


def _is_level(column: str) -> bool:
    return column == "eye_correlation" or column.startswith(("noise_", "baseline_"))


def class_warnings(table: pd.DataFrame) -> list[str]:
    """What differs between the classes besides the pupil, in sentences: it can make a classifier on its own.

    Rejections are compared over all labelled trials by Fisher's exact test, which takes trials as independent. Share
    missing and blinks are compared within participants, over kept trials, which are those that a classifier is trained on:
    the difference of the two classes' means of each participant who has both, by a sign-flip test over participants. Any
    p below .05 is told of; nothing is corrected for there being three tests.

    Arguments:
        table: of `trial_quality`.
    """
    names = _class_names(table)
    if len(names) < 2 or not table["class"].notna().any():
        return []
    kept = table[_kept(table) & table["class"].notna()]
    said = _rejections(table, names)
    absent = [name for name in names if not (kept["class"] == name).any()]
    for name in absent:
        count = int((table["class"] == name).sum())
        said.append(
            f"{f'No {name} trial was kept, of {count}' if count else f'There is no {name} trial'}: nothing can be learned "
            "of this class."
        )
    return said if absent else said + _within_people(kept, names)


def _within_people(kept: pd.DataFrame, names: tuple[str, ...]) -> list[str]:
    missing = _differences(100 * (1 - kept["measured"]), kept, names)
    blinks = _differences(60_000 * kept["blinks"] / kept["length_ms"], kept, names)
    if not len(missing):
        return [
            "No participant has kept trials of both classes, so that what differs between the classes cannot be told from "
            "what differs between people."
        ]
    smallest = sign_flip_smallest(len(missing))
    if smallest >= ALPHA:
        return [
            f"Whether share missing or blinks differ between the classes cannot be tested: with {_people(missing)} with "
            f"kept trials of both, no p can be smaller than {smallest:.3g}."
        ]
    return [
        *_paired(missing, names, "More is missing", "percentage points", "what is missing"),
        *_paired(blinks, names, "There are more blinks", "per minute", "blinks"),
    ]


def _rejections(table: pd.DataFrame, names: tuple[str, ...]) -> list[str]:
    from scipy.stats import fisher_exact  # half a second

    count = [int((table["class"] == name).sum()) for name in names]
    gone = [int(((table["class"] == name) & ~_kept(table)).sum()) for name in names]
    if 0 in count:
        return []
    p = float(fisher_exact([[g, n - g] for g, n in zip(gone, count, strict=True)]).pvalue)
    if p >= ALPHA:
        return []
    rates = " and ".join(
        f"{g} of {n} {name} trials ({g / n:.0%})" for g, n, name in zip(gone, count, names, strict=True)
    )
    return [
        f"Rejected are {rates}: further apart than chance puts them (Fisher's exact test over trials, p = {p:.2g}). The "
        "classes were not recorded equally well, and what is left of them is a different selection."
    ]


def _differences(values: pd.Series, kept: pd.DataFrame, names: tuple[str, ...]) -> npt.NDArray[np.float64]:
    """Mean of the second class less that of the first, of each participant who has both."""
    means = values.groupby([kept["participant"].astype(str), kept["class"].astype(str)]).mean().unstack()
    both = means.reindex(columns=list(names)).dropna()
    return (both[names[1]] - both[names[0]]).to_numpy(dtype=np.float64)


def _paired(d: npt.NDArray[np.float64], names: tuple[str, ...], what: str, unit: str, clue: str) -> list[str]:
    p, mean = sign_flip(d), float(d.mean())
    if not p < ALPHA:
        return []
    more, less = names[::-1] if mean > 0 else names
    return [
        f"{what} in {more} than in {less} trials: by {abs(mean):.3g} {unit}, the mean over {_people(d)} (sign-flip "
        f"test, p = {p:.2g}; the smallest possible is {sign_flip_smallest(len(d)):.2g}). A classifier can go by {clue} "
        "instead of the pupil."
    ]


def _people(d: npt.NDArray[np.float64]) -> str:
    return f"{len(d)} participant{'' if len(d) == 1 else 's'}"


def sign_flip(differences: npt.ArrayLike) -> float:
    """Two-sided p of the mean of n differences, if each could as well have had the other sign.

    All 2^n patterns of signs are gone through where these are at most 10,000; else that many are drawn, the same in every
    call, and p = (1 + as extreme) / (1 + drawn), which is never 0 (Phipson & Smyth 2010). NaN where a difference is.

    Example:
        >>> sign_flip([1.0, 2.0, 3.0])
        0.25
    """
    d = np.asarray(differences, np.float64)
    n = len(d)
    if not np.isfinite(d).all():
        return math.nan
    extreme = abs(d.sum()) - 1e-9 * np.abs(d).sum()  # sums of the same numbers in another order are equal
    if 2**n <= DRAWS:
        signs = 1.0 - 2.0 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1)
        return float(np.mean(np.abs(signs @ d) >= extreme))
    generator = np.random.default_rng(FLIP_SEED)
    parts = (generator.choice((-1.0, 1.0), (DRAWS // 10, n)) @ d for _ in range(10))
    return float((1 + sum(int((np.abs(part) >= extreme).sum()) for part in parts)) / (1 + DRAWS))


def sign_flip_smallest(n: int) -> float:
    """The smallest p that n differences can have: 2 / 2^n, all of one sign, or what the number of draws allows."""
    return min(1.0, 2 / 2**n) if 2**n <= DRAWS else 1 / (1 + DRAWS)


def _kept(table: pd.DataFrame) -> "pd.Series[bool]":
    return table["status"] == TrialStatus.KEPT.words


def _class_names(table: pd.DataFrame) -> tuple[str, ...]:
    """The classes in their order; by the alphabet where the table was read from a file, which does not keep it."""
    column = table["class"]
    names = column.cat.categories if isinstance(column.dtype, pd.CategoricalDtype) else sorted(column.dropna().unique())
    return tuple(map(str, names))


def _digits(values: object) -> npt.NDArray[np.float64]:
    """Numbers as double, of as many digits as single precision has: 0.9066667, and not 0.9066666960716248."""
    given = np.asarray(values, np.float64)
    return np.array([float(f"{value:.7g}") for value in given.ravel()]).reshape(given.shape)


def _correlation(cleaned: Cleaned) -> npt.NDArray[np.float64]:
    r = _digits(cleaned.quality.correlation)
    # Exactly 0 is what `Quality` gives for an eye that never changes.
    return np.where((np.asarray(cleaned.quality.pairs) >= 3) & (r != 0), r, np.nan)


def _three_in_a_row(seen: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """`bool[N, 2]`: whether an eye was seen at three samples next to each other, without which noise is unknown."""
    return np.any(seen[:, :-2] & seen[:, 1:-1] & seen[:, 2:], axis=1)
