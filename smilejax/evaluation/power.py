"""How many participants would a study need? Simulated studies over a grid of designs, and how many are significant."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import jax
import numpy as np
import numpy.typing as npt
import pandas as pd
from jaxtyping import Array

from smilejax._util.errors import DataError
from smilejax.classifiers import run_reference_classifiers
from smilejax.evaluation.names import ProtocolName
from smilejax.evaluation.statistics import permutation_test, split_score
from smilejax.evaluation.study.out_of_fold import Trainer, mean_over_folds
from smilejax.evaluation.study.protocols import protocols, verdict_protocol
from smilejax.evaluation.study.study_tests import labelling_scores
from smilejax.evaluation.study.train_permutations import PermutationTrainings, train_permutations
from smilejax.evaluation.study.trainers import fitted_trainer
from smilejax.preprocess import prepare
from smilejax.preprocess.dataset import Dataset
from smilejax.preprocess.recipe import Recipe
from smilejax.recordings.recording import Recording, length_ms
from smilejax.settings import PowerSettings, SimulationSettings, StudySettings, TrainingSettings
from smilejax.settings.checks import require
from smilejax.settings.classifier_names import has_network
from smilejax.simulate import simulate_study
from smilejax.splits import Folds
from smilejax.splits.permutations import PermutedLabels, permute_labels_for_folds

STUDY, FOLDS, PERMUTATIONS, CLASSIFIER = range(4)
"""What is folded into the key of a simulated study, for each of the draws made with it."""
TINY = 1e-9
"""p = 1 / 20 counts as .05, whatever the last bit."""


class JudgedStudy(NamedTuple):
    """The verdict on one simulated study."""

    p: float
    """Of the permutation test."""
    balanced_accuracy: float
    permutations: int
    """Label permutations of the test, at most."""
    protocol: ProtocolName
    """By which protocol it was judged."""


class DesignPower(NamedTuple):
    """One row of `power`: the studies of one design."""

    effect_mm: float
    participants: int
    smilers: int
    stimuli: int
    trials: int
    studies: int
    judged: int
    significant: int
    power: float
    low: float
    high: float
    balanced_accuracy: float
    scored_on: str
    permutations: int
    smallest_p: float
    note: str


def power(
    simulation: SimulationSettings,
    settings: PowerSettings,
    *,
    effects_mm: Sequence[float] = (),
    participants: Sequence[int] = (),
    smilers: Sequence[int] = (),
    recipe: Recipe | None = None,
    training: TrainingSettings | None = None,
    devices: Sequence[jax.Device] | None = None,
    progress: Callable[[int], None] | None = None,
) -> pd.DataFrame:
    """The proportion of significant studies, for each effect and size of a study.

    A study is judged as `evaluate` judges it: on participants and stimuli that were not in the training set, by a permutation
    test. The power holds for studies like the simulated ones; effects as small as .1 mm are common (see `simulate`).

    Arguments:
        simulation: settings of every study, except those that the grid varies.
        effects_mm, participants, smilers: the grid, each in its range in `SimulationSettings`, effects from 0 up, participants
            from 2 up; empty takes the value of `simulation`. There are two stimuli of each smiler.
        recipe, training: of every study; the latter for the classifiers "network" and "combined" alone.
        devices: where the network is trained; see `train_runs`.
        progress: called with 1 after each study.

    Returns:
        One row per design: effect_mm, participants, smilers, stimuli, trials; studies: simulated; judged: of these, those
        that could be judged; significant: judged with p up to alpha; power: significant / studies, NaN where none could be
        judged; low, high: its Wilson 95% interval; balanced_accuracy: mean of the judged studies; scored_on: the protocol of
        most studies; permutations: the smallest number in a study; smallest_p: the smallest p that this number allows; note:
        why studies could not be judged or cannot be significant, or empty.

    Raises:
        SettingsError: a value of the grid out of its range.
    """
    designs = [
        replace(simulation, effect_mm=effect, participants=observers, smilers=faces)
        for observers, faces, effect in itertools.product(
            participants or (simulation.participants,),
            smilers or (simulation.smilers,),
            effects_mm or (simulation.effect_mm,),
        )
    ]
    for design in designs:
        _check(design)
    rows = []
    recipe, training = recipe or Recipe(), training or TrainingSettings()
    for number, design in enumerate(designs):
        judged = []
        for one in _judged(design, settings, recipe, training, number, devices):
            judged.append(one)
            if progress is not None:
                progress(1)
        rows.append(_row(design, settings, judged))
    return pd.DataFrame(rows)


def _check(design: SimulationSettings) -> None:
    same = "An effect of the other sign has the same power."
    require(design.effect_mm >= 0, "effect_mm", "a number from 0 up, in mm", design.effect_mm, same)
    few = "Studies are judged on participants that were not in the training set."
    require(design.participants >= 2, "participants", "a whole number from 2 up", design.participants, few)


def _judged(
    design: SimulationSettings,
    settings: PowerSettings,
    recipe: Recipe,
    training: TrainingSettings,
    number: int,
    devices: Sequence[jax.Device] | None,
) -> Iterator[JudgedStudy | str]:
    """The verdict on each study of a design, or why it cannot be judged."""
    for study in range(settings.studies):
        key = jax.random.fold_in(jax.random.fold_in(jax.random.key(settings.seed), number), study)
        trials = simulate_study(design, key=jax.random.fold_in(key, STUDY)).trials
        try:
            yield judge(trials, prepare(trials, recipe), settings, training, key=key, devices=devices)
        except DataError as error:
            yield str(error)


def judge(
    trials: Recording,
    dataset: Dataset,
    settings: PowerSettings,
    training: TrainingSettings,
    *,
    key: Array,
    devices: Sequence[jax.Device] | None = None,
) -> JudgedStudy:
    """The verdict on one study: the permutation test of its strictest protocol.

    Raises:
        DataError: the data allow no protocol or no permutation.
    """
    study = StudySettings(blocks=settings.blocks, alpha=settings.alpha)
    chosen = verdict_protocol(protocols(dataset, study, key=jax.random.fold_in(key, FOLDS)))
    folds = chosen.folds
    assert folds is not None
    of_labels = jax.random.fold_in(key, PERMUTATIONS)
    permuted = permute_labels_for_folds(folds, dataset, settings.permutations, balanced=chosen.balanced, key=of_labels)
    if has_network(settings.classifier):
        trainer = Trainer(dataset, training, {}, None, lambda ended: None, {"devices": devices})
        if settings.classifier == "combined":
            trainer = fitted_trainer(trainer, "combined", baseline=None, length_ms=length_ms(trials))
        scores = _network(trainer, folds, permuted, settings.stop_after)
    else:
        scores = _reference(settings.classifier, trials, dataset, folds, permuted, key)
    test = permutation_test(
        float(scores[0]),
        scores[1:],
        design_smallest_p=permuted.design_smallest_p,
        planned=len(permuted),
        stop_after=settings.stop_after if has_network(settings.classifier) else 0,
    )
    return JudgedStudy(test.p, float(scores[0]), len(permuted), chosen.name)


def _network(trainer: Trainer, folds: Folds, permuted: PermutedLabels, stop_after: int) -> npt.NDArray[np.float64]:
    """`f64[L]`, scores of what has a network, trained once for each fold and labelling: the true labels, then permutations in
    their order, as many as the test needs.
    """
    predictions = train_permutations(PermutationTrainings(trainer, folds, (0,), permuted, stop_after))
    return labelling_scores(mean_over_folds(predictions.probability(), folds.test, 1), predictions.labels)


def _reference(
    name: str, trials: Recording, dataset: Dataset, folds: Folds, permuted: PermutedLabels, key: Array
) -> npt.NDArray[np.float64]:
    """`f64[L]`, scores of a reference classifier under the true labels and all permutations."""
    labels = np.concatenate([np.asarray(dataset.y)[None], permuted.labels])
    (result,) = run_reference_classifiers(
        dataset,
        folds,
        labels,
        baseline=None,
        length_ms=length_ms(trials),
        key=jax.random.fold_in(key, CLASSIFIER),
        only=(name,),
    )
    if not result.applicable:
        raise DataError(result.why_not)
    return labelling_scores(mean_over_folds(result.probability[:, :, None], folds.test, 1), labels)


def _row(design: SimulationSettings, settings: PowerSettings, judged: Sequence[JudgedStudy | str]) -> DesignPower:
    known = [one for one in judged if isinstance(one, JudgedStudy)]
    notes = [one for one in judged if isinstance(one, str)]
    fewest = min((one.permutations for one in known), default=0)
    # Studies that cannot be judged find nothing: they count among those that are not significant.
    significant = sum(one.p <= settings.alpha + TINY for one in known)
    proportion = split_score(significant, len(judged)) if known else None
    note = ""
    if notes:
        note = f"{len(notes)} of {len(judged)} studies could not be judged: {Counter(notes).most_common(1)[0][0]}"
    elif 1 / (1 + fewest) > settings.alpha + TINY:
        note = f"no study of this size can reach p = {settings.alpha:g}"
    return DesignPower(
        effect_mm=design.effect_mm,
        participants=design.participants,
        smilers=design.smilers,
        stimuli=2 * design.smilers,
        trials=2 * design.smilers * design.participants,
        studies=len(judged),
        judged=len(known),
        significant=significant,
        power=np.nan if proportion is None else proportion.accuracy,
        low=np.nan if proportion is None else proportion.low,
        high=np.nan if proportion is None else proportion.high,
        balanced_accuracy=float(np.mean([one.balanced_accuracy for one in known])) if known else np.nan,
        scored_on=Counter(one.protocol for one in known).most_common(1)[0][0] if known else "",
        permutations=fewest,
        smallest_p=1 / (1 + fewest) if known else np.nan,
        note=note,
    )
