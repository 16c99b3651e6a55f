"""A planted effect is found by the classifiers that can see it, and by no other."""

from collections.abc import Mapping

import jax
import numpy as np
import pytest
from classifiers.made_up_trials import KEY, labellings

from smilejax import Dataset, Recipe, SimulationSettings, by_participant, prepare, simulate_study
from smilejax.classifiers import ReferenceResult, run_reference_classifiers
from smilejax.splits import Folds

pytestmark = pytest.mark.slow

LENGTH_MS = np.full(48, 6_000.0)


def made(effect_mm: float) -> Dataset:
    """48 trials without artefacts, so that the minimal recipe is enough."""
    settings = SimulationSettings(
        participants=8,
        smilers=3,
        effect_mm=effect_mm,
        rate_hz=20,
        duration_ms=6000,
        spikes_per_minute=0,
        losses_per_minute=0,
        island_share=0,
    )
    return prepare(simulate_study(settings, key=jax.random.key(3)).trials, Recipe.minimal())


def run(data: Dataset, labels: np.ndarray, length_ms: np.ndarray) -> tuple[Folds, dict[str, ReferenceResult]]:
    folds = by_participant(data, folds=4, key=KEY)
    results = run_reference_classifiers(data, folds, labels, baseline=None, length_ms=length_ms, key=KEY)
    return folds, {found.name: found for found in results}


def accuracies(folds: Folds, found: ReferenceResult, labels: np.ndarray) -> np.ndarray:
    """`f64[L]`, held-out accuracy for each labelling; a probability of .5 counts half."""
    p, y = found.probability, labels[:, None]
    hit = np.where(p == 0.5, 0.5, (p > 0.5) == (y == 1))
    return (hit * folds.test).sum((1, 2)) / folds.test.sum()


@pytest.fixture(scope="module")
def planted() -> Mapping[str, np.ndarray]:
    """Accuracies for the true labels and 100 permutations of them, with an effect of .6 mm."""
    data = made(0.6)
    labels = labellings(data, 101)
    folds, found = run(data, labels, LENGTH_MS)
    return {name: accuracies(folds, one, labels) for name, one in found.items()}


def test_a_response_is_found_by_those_that_see_it(planted: Mapping[str, np.ndarray]) -> None:
    assert planted["rocket"][0] > 0.8
    assert planted["features"][0] > 0.8
    assert planted["majority"][0] == 0.5
    assert planted["baseline"][0] < 0.7


@pytest.mark.parametrize("name", ["rocket", "features"])
def test_permuted_labels_are_at_chance_on_average(planted: Mapping[str, np.ndarray], name: str) -> None:
    null = planted[name][1:]
    assert 0.4 < np.mean(null) < 0.54
    assert null.max() < planted[name][0]


def test_a_length_that_goes_with_the_class_is_found_without_the_response() -> None:
    data = made(0.0)
    y = np.asarray(data.y)
    longer = LENGTH_MS + 400 * y + 100 * np.random.default_rng(0).normal(size=48)
    folds, found = run(data, y[None], longer)
    score = {name: accuracies(folds, one, y[None])[0] for name, one in found.items()}
    assert score["baseline"] > 0.9
    assert score["rocket"] < 0.7
    assert score["features"] < 0.7
