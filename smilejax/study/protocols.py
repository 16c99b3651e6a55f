"""Which protocols a dataset allows, from the strongest: what a scored trial may share with those that were trained on."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import jax
import numpy as np
from jaxtyping import Array

from smilejax.dataset import Dataset
from smilejax.errors import DataError
from smilejax.settings import StudySettings
from smilejax.splits import (
    Folds,
    by_participant,
    by_participant_and_stimulus,
    by_stimulus,
    design_of,
    shuffle_trials,
)
from smilejax.splits.design import Axis

Name = Literal["both", "participant", "stimulus", "shuffled"]
NAMES: tuple[Name, ...] = ("both", "participant", "stimulus", "shuffled")
"""From the strongest: the verdict is by the first that the data allow."""

SCORES = {
    "both": "people and stimuli that were never trained on",
    "participant": "people who were never trained on, watching stimuli that were",
    "stimulus": "stimuli that were never trained on, watched by people who were",
    "shuffled": "single trials of people and stimuli that were trained on",
}
"""What each protocol scores, in words."""
SCORES_UNSEEN = {
    "participant": "people who were never trained on",
    "shuffled": "single trials of people who were trained on",
}
"""The same where nobody noted what was watched."""


@dataclass(frozen=True, eq=False)
class Protocol:
    """One protocol on one dataset.

    Arguments:
        name: of `NAMES`.
        folds: None where the data do not allow it.
        why_not: then the reason, as a sentence.
    """

    name: Name
    folds: Folds | None
    why_not: str = ""


def protocols(dataset: Dataset, settings: StudySettings, *, key: Array) -> tuple[Protocol, ...]:
    """Every protocol, allowed or not, in the order of `NAMES`.

    Units are dealt whatever their labels. Dealt so that the true classes are balanced, folds would fit the truth better
    than its relabellings, and the test would find too much.

    Where there are smilers, "stimulus" and "both" leave out whole smilers: a posed and a genuine smile of one face share the
    face. Where a fold would be left with one class, fewer units are left out at a time before the protocol is given up.

    Raises:
        DataError: no trial can be scored.
    """
    design = design_of(dataset)
    people = len(np.unique(design.participant[design.scorable]))
    axis: Axis = "smiler" if design.whole_smilers else "stimulus"
    stimuli = len(np.unique(design.codes(axis)[design.scorable])) if design.recorded(axis) else 0
    keys = dict(zip(NAMES, jax.random.split(key, len(NAMES)), strict=True))
    trials = int(design.scorable.sum())
    ways: dict[Name, list[Callable[[], Folds]]] = {
        "both": [
            partial(_both, dataset, min(people, blocks), min(stimuli, blocks), keys["both"])
            for blocks in _more(settings.blocks, max(people, stimuli))
        ],
        "participant": [
            partial(_by_participant, dataset, people, folds, keys["participant"])
            for folds in _more(settings.participant_folds, people)
        ],
        "stimulus": [
            partial(by_stimulus, dataset, folds=min(stimuli, folds), stratified=False, key=keys["stimulus"])
            for folds in _more(settings.stimulus_folds, stimuli)
        ],
        "shuffled": [
            partial(shuffle_trials, dataset, folds=min(folds, trials), stratified=False, key=keys["shuffled"])
            for folds in _more(settings.shuffled_folds, trials)
        ],
    }
    return tuple(_first(name, ways[name]) for name in NAMES)


def strongest(found: tuple[Protocol, ...]) -> Protocol:
    """The protocol of the verdict.

    Raises:
        DataError: the data allow none.
    """
    for protocol in found:
        if protocol.folds is not None:
            return protocol
    raise DataError(f"no trial can be scored by a model that was not trained on it. {found[-1].why_not}")


def _more(wanted: int, most: int) -> list[int]:
    """Numbers of folds to try: as wanted, and where that leaves too little to train on, one unit at a time."""
    return [wanted] if wanted >= most else [wanted, most]


def _both(dataset: Dataset, people: int, stimuli: int, key: Array) -> Folds:
    return by_participant_and_stimulus(
        dataset, participant_blocks=people, stimulus_blocks=stimuli, stratified=False, key=key
    )


def _by_participant(dataset: Dataset, people: int, folds: int, key: Array) -> Folds:
    return (
        by_participant(dataset) if people <= folds else by_participant(dataset, folds=folds, stratified=False, key=key)
    )


def _first(name: Name, ways: list[Callable[[], Folds]]) -> Protocol:
    why_not = ""
    for way in ways:
        try:
            return Protocol(name, way())
        except DataError as error:
            why_not = why_not or str(error)
    return Protocol(name, None, why_not)
