"""How many observers would it take? Simulated studies over a grid, and how many of them are significant."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import jax
import numpy as np
import pandas as pd
from jaxtyping import Array

from smilejax._util.errors import DataError
from smilejax.evaluation.names import ProtocolName
from smilejax.evaluation.reference import run_reference_classifiers
from smilejax.evaluation.statistics import permutation_test, split_score
from smilejax.evaluation.study.out_of_fold import mean_over_folds, out_of_fold_predictions
from smilejax.evaluation.study.protocols import protocols, verdict_protocol
from smilejax.evaluation.study.study_tests import labelling_scores
from smilejax.preprocess import prepare
from smilejax.preprocess.dataset import Dataset
from smilejax.preprocess.recipe import Recipe
from smilejax.recordings.trials import Trials
from smilejax.settings import PowerSettings, SimulationSettings, StudySettings, TrainingSettings
from smilejax.simulate import simulate_study
from smilejax.splits.permutations import permute_labels_for_folds
from smilejax.training.plans import Plan, train_runs

STUDY, FOLDS, PERMUTATIONS, CONTROL = range(4)
"""What is folded into the key of a simulated study."""
TINY = 1e-9
"""1 / 20 and .05 are the same p."""


class Judged(NamedTuple):
    """A simulated study: its p, its balanced accuracy, how many permutations it had, and the protocol of its verdict."""

    p: float
    score: float
    permutations: int
    protocol: ProtocolName


def power(
    simulation: SimulationSettings,
    settings: PowerSettings,
    *,
    effects_mm: Sequence[float] = (),
    participants: Sequence[int] = (),
    smilers: Sequence[int] = (),
    recipe: Recipe | None = None,
    training: TrainingSettings | None = None,
    progress: Callable[[int], None] | None = None,
) -> pd.DataFrame:
    """The chance of a significant verdict, for each effect and size of a study.

    A study is judged as `evaluate` does: by people and stimuli that were never trained on, against permutations where labels
    live. What is said holds for studies like the simulated ones; effects as small as .1 mm are common (see `simulate`).

    Arguments:
        simulation: of every study, as far as the grid does not say otherwise.
        effects_mm, participants, smilers: the grid, each in its range in `SimulationSettings`; empty takes the simulation's
            own. Stimuli are twice the smilers.
        recipe, training: of every study; the latter for the classifier "network" alone.
        progress: told how many more studies are done.

    Returns:
        One row per design: effect_mm, participants, smilers, stimuli, trials; studies: simulated; judged: of these, those
        that could be; significant; power: their share of the studies, NaN where none was judged; low, high: its Wilson 95 %
        interval; score: mean balanced accuracy; scored_on: what the verdict is about (protocol of most studies); permutations:
        the fewest of a study; smallest_p: what the design can reach; note: why studies could not be judged, or empty.

    Raises:
        SettingsError: a value of the grid out of its range.
    """
    designs = [
        replace(simulation, effect_mm=effect, participants=people, smilers=faces)
        for people, faces, effect in itertools.product(
            participants or (simulation.participants,),
            smilers or (simulation.smilers,),
            effects_mm or (simulation.effect_mm,),
        )
    ]
    rows = []
    recipe, training = recipe or Recipe(), training or TrainingSettings()
    for number, design in enumerate(designs):
        judged = []
        for one in _judged(design, settings, recipe, training, number):
            judged.append(one)
            if progress is not None:
                progress(1)
        rows.append(_row(design, settings, judged))
    return pd.DataFrame(rows)


def _judged(
    design: SimulationSettings, settings: PowerSettings, recipe: Recipe, training: TrainingSettings, number: int
) -> Iterator[Judged | str]:
    """Of each study of a design, what `judge` says; or why it cannot be judged."""
    for study in range(settings.studies):
        key = jax.random.fold_in(jax.random.fold_in(jax.random.key(settings.seed), number), study)
        trials = simulate_study(design, key=jax.random.fold_in(key, STUDY)).trials
        try:
            yield judge(trials, prepare(trials, recipe), settings, training, key=key)
        except DataError as error:
            yield str(error)


def judge(
    trials: Trials, dataset: Dataset, settings: PowerSettings, training: TrainingSettings, *, key: Array
) -> Judged:
    """One study, as far as its verdict goes.

    Raises:
        DataError: the data allow no protocol or no permutation.
    """
    study = StudySettings(blocks=settings.blocks, alpha=settings.alpha)
    chosen = verdict_protocol(protocols(dataset, study, key=jax.random.fold_in(key, FOLDS)))
    assert chosen.folds is not None
    of_labels = jax.random.fold_in(key, PERMUTATIONS)
    permuted = permute_labels_for_folds(
        chosen.folds, dataset, settings.permutations, balanced=chosen.balanced, key=of_labels
    )
    labels = np.concatenate([np.asarray(dataset.y)[None], permuted.labels])
    if settings.classifier == "network":
        plan = Plan(chosen.folds, training, permuted=permuted)
        p = mean_over_folds(
            out_of_fold_predictions(dataset, plan, train_runs(dataset, plan, curves=False)).probability(),
            chosen.folds.test,
            1,
        )
    else:
        result = run_reference_classifiers(
            dataset,
            chosen.folds,
            labels,
            baseline=None,
            length_ms=(trials.length * 1000 / trials.rate_hz).astype(np.float32),
            key=jax.random.fold_in(key, CONTROL),
            only=(settings.classifier,),
        )[0]
        if not result.applicable:
            raise DataError(result.why_not)
        p = mean_over_folds(result.probability[:, :, None], chosen.folds.test, 1)
    scores = labelling_scores(p, labels)
    test = permutation_test(float(scores[0]), scores[1:], design_smallest_p=permuted.design_smallest_p)
    return Judged(test.p, float(scores[0]), len(permuted), chosen.name)


def _row(design: SimulationSettings, settings: PowerSettings, judged: list[Judged | str]) -> dict[str, object]:
    known = [one for one in judged if not isinstance(one, str)]
    notes = [one for one in judged if isinstance(one, str)]
    fewest = min((one.permutations for one in known), default=0)
    # Studies that cannot be judged find nothing: they count among those without a significant verdict.
    significant = sum(one.p <= settings.alpha + TINY for one in known)
    share = split_score(significant, len(judged)) if known else None
    note = ""
    if notes:
        note = f"{len(notes)} of {len(judged)} studies could not be judged: {Counter(notes).most_common(1)[0][0]}"
    elif 1 / (1 + fewest) > settings.alpha + TINY:
        note = f"no study of this size can reach p = {settings.alpha:g}"
    return {
        "effect_mm": design.effect_mm,
        "participants": design.participants,
        "smilers": design.smilers,
        "stimuli": 2 * design.smilers,
        "trials": 2 * design.smilers * design.participants,
        "studies": len(judged),
        "judged": len(known),
        "significant": significant,
        "power": np.nan if share is None else share.accuracy,
        "low": np.nan if share is None else share.low,
        "high": np.nan if share is None else share.high,
        "score": float(np.mean([one.score for one in known])) if known else np.nan,
        "scored_on": Counter(one.protocol for one in known).most_common(1)[0][0] if known else "",
        "permutations": fewest,
        "smallest_p": 1 / (1 + fewest) if known else np.nan,
        "note": note,
    }
