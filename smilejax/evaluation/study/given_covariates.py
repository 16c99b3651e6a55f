"""A stimulus table beside the recordings that it is for: which of its rows count, and its columns for every trial."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from smilejax._util.errors import SETTING, DataError, listed
from smilejax._util.natural_order import natural_order
from smilejax._util.number_text import several
from smilejax.readers.assembly.look_alikes import reduced
from smilejax.readers.class_labels import class_of
from smilejax.recordings.recording import UNLABELLED, Recording
from smilejax.recordings.stimulus_table import Covariate, StimulusTable

FEW = 3
"""From so many stimuli on, a covariate of words that are all different names the stimuli: of two, it may be the class."""


@dataclass(frozen=True, eq=False)
class GivenCovariates:
    """The covariates of a study of N trials.

    Arguments:
        table: the stimuli with labelled trials, in natural order of their names, and the covariates that count; what was left
            out is among its notes.
        values: `f64[N, K]`, a column for each covariate of numbers (centred and scaled, which standardising undoes: 32 bits
            then lose nothing) and one of 0 and 1 for each word; NaN for trials without label.
    """

    table: StimulusTable
    values: Float[np.ndarray, "N K"]


def given_covariates(recording: Recording, table: StimulusTable) -> GivenCovariates:
    """The rows of a stimulus table that are of stimuli with labelled trials.

    Raises:
        DataError: the recordings have no stimuli, one of them has no row or an empty cell, or no covariate is left.
    """
    if recording.stimulus is None:
        raise DataError(
            f"{table.name}: a stimulus table needs recordings whose stimuli are named; these name none. Name their column of "
            f"stimuli ({SETTING.stimulus})."
        )
    labelled = np.asarray(recording.label) != UNLABELLED
    shown = [name for name, counts in zip(recording.stimulus, labelled, strict=True) if counts]
    stimuli = sorted(set(shown), key=natural_order)
    row_of = {name: row for row, name in enumerate(table.stimuli)}
    _check_rows(table, stimuli, row_of)
    rows = [row_of[name] for name in stimuli]
    notes = list(table.notes)
    notes += _unused(table, stimuli)
    taken = tuple(one.at(rows) for one in table.covariates)
    no_covariate = {one.name: reason for one in taken if (reason := _no_covariate(one, recording.class_names))}
    notes += [f"{name} {reason}, and is no covariate." for name, reason in no_covariate.items()]
    kept = tuple(one for one in taken if one.name not in no_covariate)
    if not kept:
        raise DataError(
            f"{table.name}: a stimulus table needs a covariate; {listed(' '.join(pair) for pair in no_covariate.items())}. "
            "Give the stimuli's luminance, source or the like."
        )
    _check_cells(table.name, stimuli, kept)
    of_stimuli = np.concatenate([_columns(one) for one in kept], axis=1)
    place = {name: row for row, name in enumerate(stimuli)}
    values = np.full((len(labelled), of_stimuli.shape[1]), np.nan)
    values[labelled] = of_stimuli[[place[name] for name in shown]]
    return GivenCovariates(replace(table, stimuli=tuple(stimuli), covariates=kept, notes=tuple(notes)), values)


def _check_rows(table: StimulusTable, stimuli: list[str], row_of: dict[str, int]) -> None:
    without = [name for name in stimuli if name not in row_of]
    if not without:
        return
    alike = [
        f"{other!r} looks like {name!r}" for name in without for other in row_of if reduced(other) == reduced(name)
    ]
    hint = (
        f"{listed(alike)}: write both in the same way."
        if alike
        else f"Its rows are for {listed(map(repr, table.stimuli))}."
    )
    raise DataError(
        f"{table.name}: every stimulus with labelled trials needs a row; "
        f"{several(len(without), 'stimulus has', 'stimuli have')} none: {listed(map(repr, without))}. {hint}"
    )


def _unused(table: StimulusTable, stimuli: list[str]) -> Iterable[str]:
    """That rows were left out, and which of them look like those of other stimuli."""
    known, alike = set(stimuli), {reduced(name): name for name in stimuli}
    unused = [name for name in table.stimuli if name not in known]
    if unused:
        words = (
            f"{name!r} (looks like {alike[reduced(name)]!r})" if reduced(name) in alike else repr(name)
            for name in unused
        )
        rows = several(len(unused), "row was", "rows were")
        yield f"{rows} left out, of stimuli without labelled trials: {listed(words)}."


def _no_covariate(covariate: Covariate, class_names: tuple[str, str]) -> str:
    """Why a column is no property of the stimuli besides their class: it repeats that, or their names; empty where it is."""
    words = covariate.words
    if words is None:
        return ""
    if {class_of(word, class_names) for word in words} == {0, 1}:
        return "holds the names of the classes: it is the class"
    if len(words) >= FEW and len(set(words)) == len(words):
        return "has another word for each stimulus: it names them"
    return ""


def _check_cells(name: str, stimuli: list[str], covariates: tuple[Covariate, ...]) -> None:
    empty = [
        f"{one.name} of {stimulus!r}"
        for one in covariates
        for stimulus, value in zip(stimuli, one.values, strict=True)
        if value is None or value == ""
    ]
    if empty:
        raise DataError(
            f"{name}: every stimulus with labelled trials needs a value of each covariate; "
            f"{several(len(empty), 'is', 'are')} empty: {listed(empty)}. Fill them in, or remove the column."
        )


def _columns(covariate: Covariate) -> Float[np.ndarray, "S K"]:
    """A covariate of S stimuli: one column of numbers, or one for each word, in the order of the words."""
    if covariate.words is not None:
        different = sorted(set(covariate.words), key=natural_order)
        return np.array([[float(word == one) for one in different] for word in covariate.words])
    numbers = np.array(covariate.numbers, np.float64)
    centred = numbers - np.median(numbers)
    largest = np.abs(centred).max()
    return (centred / largest if largest > 0 else centred)[:, None]
