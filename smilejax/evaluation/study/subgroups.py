"""Accuracy and missing data by columns of the user's own, as age or sex. It describes, and tests nothing."""

from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from smilejax._util.natural_order import natural_order
from smilejax._util.number_text import several
from smilejax.evaluation.study.compute_scores import (
    crossed,
    interval_result,
    probability_of_seeds,
    proportion_correct,
)
from smilejax.evaluation.study.json_numbers import json_number
from smilejax.evaluation.study.limits import FEW
from smilejax.evaluation.study.raw_results import RawResults, column_title
from smilejax.evaluation.study.subgroup_results import ColumnResult, Subgroup
from smilejax.recordings.wording import RECORDING_KINDS
from smilejax.settings import StudySettings

MOST_NUMBERS: Final = 6
"""A column of more different numbers than this is divided at its quartiles over participants (our choice)."""
FEWEST: Final = 3
"""Groups of fewer participants than this have no interval (our choice): drawing one or two anew shows none of the spread
between participants, and the interval comes out narrower than that of a larger group."""
NOT_GIVEN: Final = "not given"


def subgroup_results(raw: RawResults, settings: StudySettings) -> tuple[ColumnResult, ...]:
    """The trials by each column that the settings name."""
    columns = [column for column in settings.by if column_title(column) in raw.trials]
    if not columns:
        return ()
    share = proportion_correct(probability_of_seeds(raw.verdict_protocol), raw.y)
    return tuple(ColumnResult(column, _groups(column, share, raw, settings)) for column in columns)


def value_groups(values: pd.Series, participant: pd.Series) -> tuple[npt.NDArray[np.int64], tuple[str, ...]]:
    """The group of each of N trials, `i64[N]`, and the groups' names in their order; trials without a value come last.

    A column of more than `MOST_NUMBERS` different numbers is divided at its quartiles, in which each participant counts once
    (by the mean of the trials); a group holds what is above the quartile before it, up to and with its own.

    Example:
        >>> ages = pd.Series([str(age) for age in range(20, 28)] + [""])
        >>> codes, names = value_groups(ages, pd.Series(list("abcdefghi")))
        >>> names, codes.tolist()
        (('20 to 21', '22 to 23', '24 to 25', '26 to 27', 'not given'), [0, 0, 1, 1, 2, 2, 3, 3, 4])
    """
    texts = values.fillna("").astype(str).str.strip()
    given = texts != ""
    numbers = pd.to_numeric(texts.where(given), errors="coerce")
    if given.any() and numbers[given].notna().all() and numbers.nunique() > MOST_NUMBERS:
        edges = np.quantile(numbers.groupby(participant).mean().dropna(), [0.25, 0.5, 0.75])
        codes = np.searchsorted(edges, numbers.to_numpy(np.float64), side="left")
        codes[~given] = -1
        there = [code for code in range(4) if (codes == code).any()]
        names = [f"{numbers[codes == code].min():g} to {numbers[codes == code].max():g}" for code in there]
        codes = np.array([there.index(code) if code >= 0 else -1 for code in codes.tolist()], np.int64)
    else:
        names = sorted(texts[given].unique().tolist(), key=natural_order)
        codes = np.array([names.index(text) if text else -1 for text in texts], np.int64)
    if given.all():
        return codes, tuple(names)
    return np.where(codes < 0, len(names), codes), (*names, NOT_GIVEN)


def _groups(
    column: str, share: npt.NDArray[np.float64], raw: RawResults, settings: StudySettings
) -> tuple[Subgroup, ...]:
    codes, names = value_groups(raw.trials[column_title(column)], raw.trials["participant"])
    return tuple(_group(name, codes == code, share, raw, settings) for code, name in enumerate(names))


def _group(
    name: str, own: npt.NDArray[np.bool_], share: npt.NDArray[np.float64], raw: RawResults, settings: StudySettings
) -> Subgroup:
    trials, y = raw.trials[own], raw.y
    scored = own & np.isfinite(share) & (y >= 0)
    counts = [int((scored & (y == k)).sum()) for k in (0, 1)]
    people = int(raw.trials["participant"][scored].nunique())
    balanced = None
    if all(counts):
        balanced = interval_result(crossed(np.where(own, share, np.nan), raw, settings))
        if people < FEWEST:
            balanced = replace(balanced, low=None, high=None)
    return Subgroup(
        name=name,
        trials=len(trials),
        participants=int(trials["participant"].nunique()),
        kept=int(trials["kept"].sum()),
        scored=int(scored.sum()),
        scored_by_class=dict(zip(raw.about.class_names, counts, strict=True)),
        balanced_accuracy=balanced,
        proportion_valid=json_number(trials["proportion_valid"].mean()),
        remark=_remark(counts, people, raw),
    )


def _remark(counts: list[int], people: int, raw: RawResults) -> str:
    """What limits the numbers of a group; empty where nothing does."""
    kind, names = RECORDING_KINDS[raw.about.recording], raw.about.class_names
    if not any(counts):
        return f"no {kind.trial} was scored"
    if not all(counts):
        return f"{names[counts.index(max(counts))]} only: no balanced accuracy"
    if people < FEWEST:
        return f"{several(people, kind.participant)}: no interval"
    if people < FEW:
        return f"small: {several(people, kind.participant)}"
    return ""
