"""How the recordings of the two classes differ in quality: a classifier can go by that instead of the pupil."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from smilejax._util.number_text import p_words, several
from smilejax._util.sign_flip import sign_flip, smallest_sign_flip_p
from smilejax.evaluation.statistics.permutation_test import ALPHA
from smilejax.preprocess.quality_tables import class_names_of, is_kept
from smilejax.recordings.kinds import PUPIL, Kind

FLIP_SEED = 20261123
"""Of the sign patterns that are drawn where there are many: the same in every call, so that a table gives the same warnings."""


def class_warnings(table: pd.DataFrame, kind: Kind = PUPIL) -> list[str]:
    """What differs between the classes besides the response, in sentences: it can make a classifier on its own.

    Rejections are compared over all labelled trials by Fisher's exact test, which takes trials as independent. The proportion
    missing and blinks are compared within participants, over kept trials, which are those that a classifier is trained on:
    the difference of the two classes' means of each participant who has both, by a sign-flip test over participants. Any
    p below .05 is reported; nothing is corrected for there being three tests.

    Arguments:
        table: of `smilejax.preprocess.quality_tables.trial_quality`, or of `smilejax.preprocess.face_quality`.
        kind: of recording, in whose words the sentences are.
    """
    names = class_names_of(table)
    if len(names) < 2 or not table["class"].notna().any():
        return []
    kept = table[is_kept(table) & table["class"].notna()]
    warnings = _rejections(table, names, kind)
    absent = [name for name in names if not (kept["class"] == name).any()]
    for name in absent:
        count = int((table["class"] == name).sum())
        none = f"None of the {count} {name} {kind.trials} was kept" if count else f"There is no {name} {kind.trial}"
        warnings.append(f"{none}: nothing can be learned of this class.")
    return warnings if absent else warnings + _within_participants(kept, names, kind)


def _within_participants(kept: pd.DataFrame, names: tuple[str, ...], kind: Kind) -> list[str]:
    missing = _differences(100 * (1 - kept["proportion_valid"]), kept, names)
    blinks = 60_000 * kept["blinks"] / kept["length_ms"] if "blinks" in kept else None
    if not len(missing):
        return [
            f"No {kind.participant} has kept {kind.trials} of both classes: differences between the classes cannot be "
            f"separated from differences between {kind.participants}."
        ]
    smallest = smallest_sign_flip_p(len(missing), alternative="two-sided")
    if smallest >= ALPHA:
        return [
            f"Whether the proportion missing {'differs' if blinks is None else 'or the blinks differ'} between the classes "
            f"cannot be tested: with {_participants(missing, kind)} with kept {kind.trials} of both, no p can be smaller than "
            f"{p_words(smallest)}."
        ]
    what = f"More {kind.sample}s are missing"
    found = _paired(missing, names, what, "percentage points", f"missing {kind.sample}s", kind)
    if blinks is not None:
        found += _paired(
            _differences(blinks, kept, names), names, "There are more blinks", "per minute", "blinks", kind
        )
    return found


def _rejections(table: pd.DataFrame, names: tuple[str, ...], kind: Kind) -> list[str]:
    from scipy.stats import fisher_exact  # half a second

    count = [int((table["class"] == name).sum()) for name in names]
    rejected = [int(((table["class"] == name) & ~is_kept(table)).sum()) for name in names]
    if 0 in count:
        return []
    p = float(fisher_exact([[r, n - r] for r, n in zip(rejected, count, strict=True)]).pvalue)
    if p >= ALPHA:
        return []
    rates = " and ".join(
        f"{r} of {n} {name} {kind.trials} ({r / n:.0%})" for r, n, name in zip(rejected, count, names, strict=True)
    )
    return [
        f"Rejected were {rates}, a larger difference than chance explains (Fisher's exact test over {kind.trials}, "
        f"p = {p_words(p)}). The classes were not recorded equally well, and the kept {kind.trials} of each are a different "
        "selection."
    ]


def _differences(values: pd.Series, kept: pd.DataFrame, names: tuple[str, ...]) -> npt.NDArray[np.float64]:
    """Mean of the second class less that of the first, of each participant who has both."""
    means = values.groupby([kept["participant"].astype(str), kept["class"].astype(str)]).mean().unstack()
    both = means.reindex(columns=list(names)).dropna()
    return (both[names[1]] - both[names[0]]).to_numpy(dtype=np.float64)


def _paired(
    d: npt.NDArray[np.float64], names: tuple[str, ...], what: str, unit: str, clue: str, kind: Kind
) -> list[str]:
    p, mean = sign_flip(d, alternative="two-sided", seed=FLIP_SEED), float(d.mean())
    if not p < ALPHA:
        return []
    smallest = smallest_sign_flip_p(len(d), alternative="two-sided")
    more, less = names[::-1] if mean > 0 else names
    return [
        f"{what} in {more} than in {less} {kind.trials}: {abs(mean):.3g} {unit} more, the mean over "
        f"{_participants(d, kind)} (sign-flip test, p = {p_words(p)}; the smallest attainable p is "
        f"{p_words(smallest)}). A classifier can go by {clue} instead of the {kind.response}."
    ]


def _participants(d: npt.NDArray[np.float64], kind: Kind) -> str:
    return several(len(d), kind.participant)
