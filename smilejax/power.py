"""How many observers would it take? Simulated studies over a grid, and how many of them are significant."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import jax
import numpy as np
import pandas as pd
from jaxtyping import Array

from smilejax.controls import run_controls
from smilejax.dataset import Dataset
from smilejax.errors import DataError
from smilejax.preprocess import prepare
from smilejax.relabelling import relabel_for
from smilejax.runs import Plan, train_runs
from smilejax.settings import PowerSettings, Recipe, SimulationSettings, StudySettings, TrainingSettings
from smilejax.simulate import simulate_study
from smilejax.statistics import relabelling_test, split_score
from smilejax.study.answers import answers_of, held_out
from smilejax.study.protocols import protocols, strongest
from smilejax.study.scores import labelling_scores
from smilejax.trials import Trials

STUDY, FOLDS, RELABELLINGS, CONTROL = range(4)
"""What is folded into the key of a simulated study."""
TINY = 1e-9
"""1 / 20 and .05 are the same p."""


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

    A study is judged as `evaluate` does: by people and stimuli that were never trained on, against relabellings where labels
    live. What is said holds for studies like the simulated ones; effects as small as .1 mm are common (see `simulate`).

    Arguments:
        simulation: of every study, as far as the grid does not say otherwise.
        effects_mm, participants, smilers: the grid, each in its range in `SimulationSettings`; empty takes the simulation's
            own. Stimuli are twice the smilers.
        recipe, training: of every study; the latter for the classifier "network" alone.
        progress: told how many more studies are done.

    Returns:
        One row per design: effect_mm, participants, smilers, stimuli, trials; studies: judged; significant; power: their
        share; low, high: Wilson 95 % interval; score: mean balanced accuracy; smallest_p: what the design can reach; note: why
        nothing could be judged, or empty.

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
) -> Iterator[tuple[float, float, float] | str]:
    """Of each study of a design: p, score and the smallest p; or why it cannot be judged."""
    for study in range(settings.studies):
        key = jax.random.fold_in(jax.random.fold_in(jax.random.key(settings.seed), number), study)
        trials = simulate_study(design, key=jax.random.fold_in(key, STUDY)).trials
        try:
            yield judge(trials, prepare(trials, recipe), settings, training, key=key)
        except DataError as error:
            yield str(error)


def judge(
    trials: Trials, dataset: Dataset, settings: PowerSettings, training: TrainingSettings, *, key: Array
) -> tuple[float, float, float]:
    """One study's p, its balanced accuracy, and the smallest p that it could have given.

    Raises:
        DataError: the data allow no protocol or no relabelling.
    """
    study = StudySettings(blocks=settings.blocks, alpha=settings.alpha)
    chosen = strongest(protocols(dataset, study, key=jax.random.fold_in(key, FOLDS)))
    assert chosen.folds is not None
    of_labels = jax.random.fold_in(key, RELABELLINGS)
    relabelled = relabel_for(chosen.folds, dataset, settings.relabellings, balanced=chosen.balanced, key=of_labels)
    labels = np.concatenate([np.asarray(dataset.y)[None], relabelled.labels])
    if settings.classifier == "network":
        plan = Plan(chosen.folds, training, relabelled=relabelled)
        p = held_out(
            answers_of(dataset, plan, train_runs(dataset, plan, curves=False)).probability(), chosen.folds.test, 1
        )
    else:
        result = run_controls(
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
        p = held_out(result.probability[:, :, None], chosen.folds.test, 1)
    scores = labelling_scores(p, labels)
    test = relabelling_test(float(scores[0]), scores[1:], floor=relabelled.floor)
    return test.p, float(scores[0]), relabelled.smallest_p


def _row(
    design: SimulationSettings, settings: PowerSettings, judged: list[tuple[float, float, float] | str]
) -> dict[str, object]:
    numbers = np.array([one for one in judged if not isinstance(one, str)]).reshape(-1, 3)
    notes = [one for one in judged if isinstance(one, str)]
    smallest = float(numbers[:, 2].min()) if len(numbers) else np.nan
    # A p below the least that the design can give is luck in drawing, and no study counts that cannot be judged.
    reachable = numbers[:, 2] <= settings.alpha + TINY
    significant = int((reachable & (numbers[:, 0] <= settings.alpha + TINY)).sum())
    share = split_score(significant, len(judged)) if judged else None
    note = notes[0] if notes else ""
    if not note and smallest > settings.alpha:
        note = f"no study of this size can reach p = {settings.alpha:g}"
    return {
        "effect_mm": design.effect_mm,
        "participants": design.participants,
        "smilers": design.smilers,
        "stimuli": 2 * design.smilers,
        "trials": 2 * design.smilers * design.participants,
        "studies": len(judged),
        "significant": significant,
        "power": np.nan if share is None else share.accuracy,
        "low": np.nan if share is None else share.low,
        "high": np.nan if share is None else share.high,
        "score": float(numbers[:, 1].mean()) if len(numbers) else np.nan,
        "smallest_p": smallest,
        "note": note,
    }
