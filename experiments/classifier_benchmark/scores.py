"""Scores of the package's own classifiers on a problem, and how they differ from the network's."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from scipy.special import softmax

import smilejax
from classifier_benchmark.problems import KEY, Prepared, Problem
from classifier_benchmark.scores_file import Row
from smilejax.classifiers import run_reference_classifiers
from smilejax.evaluation.metrics import balanced_accuracy, correct
from smilejax.evaluation.statistics import crossed_interval
from smilejax.evaluation.study.out_of_fold import Trainer, mean_over_folds
from smilejax.evaluation.study.trainers import CombinedTrainer, fitted_trainer
from smilejax.models.network_input import network_input

Floats = npt.NDArray[np.float64]
SEEDS = 3
SINGLE, NETWORK, COMBINED = "network single", "network together", "combined"
REFERENCES = {"features": "pupil features", "rocket": "MiniRocket"}
VELOCITIES = "MiniRocket of velocities"


class Difference(NamedTuple):
    """The network's balanced accuracy minus another's, its 95% interval and two-sided p."""

    estimate: float
    low: float
    high: float
    p: float


def package_rows(problem: Problem, recorded: set[tuple[str, str]], with_combined: bool) -> Iterator[Row]:
    """Rows of the package's classifiers that are not among `recorded`, pairs of classifier and recipe."""
    wanted = {(SINGLE, "default"), (NETWORK, "default")} | ({(COMBINED, "default")} if with_combined else set())
    if problem.kind != "series":
        wanted.add((VELOCITIES, "default"))
    wanted |= {(name, recipe) for name in REFERENCES.values() for recipe in problem.recipes}
    missing = wanted - recorded
    if not missing:
        return
    default = problem.prepared("default")
    if problem.kind != "simulated":
        missing = wanted  # differences are of single trials, so that all are computed together
    found: dict[tuple[str, str], tuple[float, Floats]] = {}
    if missing & {(SINGLE, "default"), (NETWORK, "default"), (COMBINED, "default")}:
        found |= {(name, "default"): one for name, one in network_scores(default).items()}
    for recipe in problem.recipes:
        if missing & {(name, recipe) for name in REFERENCES.values()}:
            prepared = default if recipe == "default" else problem.prepared(recipe)
            found |= {(name, recipe): one for name, one in reference_scores(prepared).items()}
    if (VELOCITIES, "default") in missing:
        given = default._replace(dataset=velocities(default.dataset))
        found[VELOCITIES, "default"] = reference_scores(given, only=("rocket",))["MiniRocket"]
    for (name, recipe), (score, hit) in found.items():
        if (name, recipe) not in missing:
            continue
        row = Row(problem.kind, problem.name, problem.draw, name, recipe, score)
        if problem.kind != "simulated" and name not in (SINGLE, NETWORK):
            row = with_difference(row, difference(found[NETWORK, "default"][1], hit, default.dataset))
        yield row


def with_difference(row: Row, found: Difference) -> Row:
    """A row with the difference from the network."""
    return replace(row, difference=found.estimate, low=found.low, high=found.high, p=found.p)


def hits(p: Floats, dataset: smilejax.Dataset) -> Floats:
    """Whether each trial is classified correctly, 1, .5 or 0, by out-of-fold probabilities `[..., N]`; NaN where not scored."""
    return correct(p, np.broadcast_to(np.asarray(dataset.y), p.shape))


def score(p: Floats, dataset: smilejax.Dataset) -> tuple[float, Floats]:
    """Balanced accuracy of out-of-fold probabilities `[..., N]`, mean over what leads, and `hits`."""
    hit = hits(p, dataset)
    return float(np.mean(balanced_accuracy(hit, np.broadcast_to(np.asarray(dataset.y), p.shape)))), hit


def network_scores(prepared: Prepared, seeds: int = SEEDS) -> dict[str, tuple[float, Floats]]:
    """Of a single training, of several together, and of these, each combined with MiniRocket."""
    dataset, folds = prepared.dataset, prepared.folds
    network = Trainer(dataset, smilejax.TrainingSettings(), {}, None, lambda ended: None, {})
    trainer = fitted_trainer(network, "combined", baseline=None, length_ms=prepared.length_ms)
    assert isinstance(trainer, CombinedTrainer)
    plan = trainer.plan(folds, tuple(range(seeds)))
    found = {}
    for name, result in zip((NETWORK, COMBINED), trainer.train_parts(plan, ""), strict=True):
        logits = np.asarray(result.logits, np.float64).reshape(len(folds), seeds, len(dataset), 2)
        p = softmax(logits, axis=-1)[..., 1]
        if name == NETWORK:
            found[SINGLE] = score(mean_over_folds(p, folds.test, 0), dataset)
        found[name] = score(mean_over_folds(p.mean(1), folds.test, 0), dataset)
    return found


def reference_scores(prepared: Prepared, only: tuple[str, ...] = tuple(REFERENCES)) -> dict[str, tuple[float, Floats]]:
    """Of the reference classifiers."""
    found = run_reference_classifiers(
        prepared.dataset,
        prepared.folds,
        np.asarray(prepared.dataset.y)[None],
        baseline=None,
        length_ms=prepared.length_ms,
        key=jax.random.key(KEY),
        only=only,
    )
    return {
        REFERENCES[one.name]: score(mean_over_folds(one.probability[0], prepared.folds.test, 0), prepared.dataset)
        for one in found
    }


def velocities(dataset: smilejax.Dataset) -> smilejax.Dataset:
    """What the network is given, as a dataset."""
    x, valid = network_input(dataset.x, dataset.valid, smilejax.ModelSettings().velocity_steps)
    return replace(dataset, x=jnp.asarray(x), valid=jnp.asarray(valid))


def difference(network: Floats, other: Floats, dataset: smilejax.Dataset) -> Difference:
    """Balanced accuracy of the network minus another's, from the `hits` of both.

    The interval is for other participants and other stimuli, by a bootstrap of both. p is 1 minus the highest level at which
    this interval leaves out 0; it is 1 where both classify every trial alike.
    """
    values = network - other
    if not np.nan_to_num(values).any():
        return Difference(0.0, 0.0, 0.0, 1.0)
    y, participant, stimulus = (np.asarray(of) for of in (dataset.y, dataset.participant, dataset.stimulus))

    def at(level: float) -> tuple[float, float, float]:
        found = crossed_interval(values, y, participant, stimulus, difference=True, level=level, seed=0)
        return float(found.estimate), float(found.low), float(found.high)

    estimate, low, high = at(0.95)
    if np.isnan(low):
        return Difference(estimate, low, high, np.nan)
    inside, outside = 1.0 - 1e-9, 1e-9  # levels: the interval holds 0, and leaves it out
    for _ in range(30):
        middle = (inside + outside) / 2
        _, below, above = at(middle)
        inside, outside = (middle, outside) if below <= 0 <= above else (inside, middle)
    return Difference(estimate, low, high, 1.0 - inside)
