"""Which protocols a dataset allows, from the strictest: what a scored trial may share with the training trials."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal, NamedTuple

import jax
import numpy as np
from jaxtyping import Array

from smilejax._util.errors import DataError
from smilejax.evaluation.names import PROTOCOLS, ProtocolName
from smilejax.preprocess.dataset import Dataset
from smilejax.settings import Scheme, StudySettings
from smilejax.splits import (
    Folds,
    by_participant,
    by_participant_and_stimulus,
    by_stimulus,
    design_of,
    shuffle_trials,
)
from smilejax.splits.permutations import permutation_scheme, smallest_attainable_p_of
from smilejax.splits.study_design import Axis, Design

NAMES: tuple[ProtocolName, ...] = tuple(PROTOCOLS)
"""From the strictest: the verdict is by the first that the data allow."""
ENOUGH = 0.25
"""Share of alpha that the smallest attainable p of balanced folds may be: twelve stimuli in four blocks of three have 81
labellings."""
BALANCED = 1
"""What is folded into the key of balanced folds."""


@dataclass(frozen=True, eq=False)
class Protocol:
    """One protocol on one dataset.

    Arguments:
        name: of `NAMES`.
        folds: None where the data do not allow it.
        why_not: then the reason, as a sentence.
        balanced: whether folds hold out equally many units of either class, of those that labels are permuted among. A test
            then permutes labels within what is held out together (`permute_labels_for_folds`).
    """

    name: ProtocolName
    folds: Folds | None
    why_not: str = ""
    balanced: bool = False


class _Way(NamedTuple):
    """One way to make the folds of a protocol, of which the first that the data allow is taken."""

    assign: Callable[[], Folds]
    balanced: bool = False


def protocols(
    dataset: Dataset, settings: StudySettings, *, key: Array, given: Folds | None = None
) -> tuple[Protocol, ...]:
    """Every protocol, allowed or not, in the order of `NAMES`.

    Units with one label each (stimuli of unknown smilers, for example) are assigned to folds with their classes balanced:
    otherwise each fold would be trained on more of one class and score more of the other, and a classifier that learns
    nothing would score well below chance. But folds that depend on the true labels fit them better than permutations; so the
    test permutes labels only within what is held out together. Where that leaves it too few labellings (`ENOUGH`), units are
    assigned whatever their labels.

    Where there are smilers, "stimulus" and "participant-and-stimulus" leave out whole smilers: stimuli of one smiler share
    the face, and each fold has as many of either class. Where a fold would be left with one class, fewer units are left out
    at a time before the protocol is given up.

    Arguments:
        given: folds of the user's own, of participants. They stand for those of the protocol that they keep apart, which
            is then that of the verdict. How they were made is not known, so that a test permutes labels within them, as far as
            that leaves it enough labellings.

    Raises:
        DataError: no trial can be scored.
    """
    design = design_of(dataset)
    participants = len(np.unique(design.participant[design.scorable]))
    axis: Axis = "smiler" if design.whole_smilers else "stimulus"
    stimuli = len(np.unique(design.codes(axis)[design.scorable])) if design.recorded(axis) else 0
    keys = dict(zip(NAMES, jax.random.split(key, len(NAMES)), strict=True))
    scheme = settings.scheme or permutation_scheme(dataset).scheme
    trials, of = int(design.scorable.sum()), _balanced(design, scheme, axis)
    ways = {
        "participant-and-stimulus": _ways(
            lambda blocks: partial(
                by_participant_and_stimulus,
                dataset,
                participant_blocks=min(participants, blocks),
                stimulus_blocks=min(stimuli, blocks),
            ),
            _more(settings.blocks, max(participants, stimuli)),
            of["participant"] or of["stimulus"],
            keys["participant-and-stimulus"],
        ),
        "participant": _ways(
            lambda folds: partial(by_participant, dataset, folds=None if participants <= folds else folds),
            _more(settings.participant_folds, participants),
            of["participant"] if participants > settings.participant_folds else None,
            keys["participant"],
        ),
        "stimulus": _ways(
            lambda folds: partial(by_stimulus, dataset, folds=min(stimuli, folds)),
            _more(settings.stimulus_folds, stimuli),
            of["stimulus"],
            keys["stimulus"],
        ),
        "shuffled": _ways(
            lambda folds: partial(shuffle_trials, dataset, folds=min(folds, trials)),
            _more(settings.shuffled_folds, trials),
            of["trial"],
            keys["shuffled"],
        ),
    }
    if given is not None:
        # A test within the folds is exact however they were made.
        own = [_Way(lambda: given, balanced=True)] if of["participant"] is not None else []
        strictest: ProtocolName = "participant-and-stimulus" if "stimulus" in given.apart else "participant"
        ways |= {name: [_Way(partial(_refused, given, name))] for name in ("participant-and-stimulus", "participant")}
        ways[strictest] = [*own, _Way(lambda: given)]
    found: list[Protocol] = []
    for name in NAMES:
        # The first that the data allow is tested. The others are balanced wherever they can be, to be compared with it.
        tested = all(one.folds is None for one in found)
        found.append(_first(name, ways[name], dataset, scheme, ENOUGH * settings.alpha if tested else 1.0))
    return tuple(found)


def _refused(given: Folds, name: ProtocolName) -> Folds:
    raise DataError(f"folds were given by the {given.scheme}, and there are no others of {PROTOCOLS[name].lower()}.")


def _balanced(design: Design, scheme: Scheme | None, axis: Axis) -> dict[str, Axis | Literal[True] | None]:
    """What to balance when participants, stimuli (by `axis`) or trials are assigned to folds: those that carry the labels."""
    single = len(np.unique(design.smiler[design.scorable])) == len(np.unique(design.stimulus[design.scorable]))
    return {
        "participant": "participant" if scheme == "participant" else None,
        # With a smiler for each stimulus, to assign one is to assign the other.
        "stimulus": axis if scheme == axis or (scheme == "stimulus" and single) else None,
        "trial": True if scheme in ("trial", "within participant") else None,
    }


def verdict_protocol(found: tuple[Protocol, ...]) -> Protocol:
    """The protocol of the verdict.

    Raises:
        DataError: the data allow none.
    """
    for protocol in found:
        if protocol.folds is not None:
            return protocol
    raise DataError(
        f"no trial can be scored by a network that was not trained on it. {found[-1].why_not}",
        hint="Give more trials of either class, or a more lenient recipe.",
    )


def _more(wanted: int, most: int) -> list[int]:
    """Numbers of folds to try: as requested, and where that leaves too little to train on, one unit at a time."""
    return [wanted] if wanted >= most else [wanted, most]


def _ways(
    assign: Callable[[int], Callable[..., Folds]], counts: list[int], balance: Axis | Literal[True] | None, key: Array
) -> list[_Way]:
    """For each number of folds: balanced where there is something to balance, then whatever the labels; each with a key."""
    ways = []
    for count in counts:
        if balance is not None:
            of_balanced = jax.random.fold_in(key, BALANCED)
            ways.append(_Way(partial(assign(count), stratified=balance, key=of_balanced), balanced=True))
        ways.append(_Way(partial(assign(count), stratified=False, key=key)))
    return ways


def _first(name: ProtocolName, ways: list[_Way], dataset: Dataset, scheme: Scheme | None, least: float) -> Protocol:
    """The first way that the data allow; a balanced one only where a test on its folds could give a p of `least`."""
    why_not = ""
    for way in ways:
        try:
            folds = way.assign()
        except DataError as error:
            why_not = why_not or error.reason
            continue
        if not way.balanced or smallest_attainable_p_of(dataset, folds, scheme) <= least:
            return Protocol(name, folds, balanced=way.balanced)
    return Protocol(name, None, why_not)
