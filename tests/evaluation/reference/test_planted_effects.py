"""What is planted is found by the controls that can see it, and by no other."""

import jax
import numpy as np
import pytest
from evaluation.reference.made_up_trials import KEY, labellings

from smilejax import Dataset, Recipe, SimulationSettings, by_participant, prepare, simulate_study
from smilejax.evaluation.reference import ReferenceResult, run_reference_classifiers
from smilejax.splits import Folds


def made(effect_mm: float) -> Dataset:
    """48 trials without spikes, so that the least recipe will do."""
    settings = SimulationSettings(
        participants=8,
        smilers=3,
        effect_mm=effect_mm,
        rate_hz=20,
        spikes_per_minute=0,
        losses_per_minute=0,
        island_share=0,
    )
    return prepare(simulate_study(settings, key=jax.random.key(3)).trials, Recipe.minimal())


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return made(0.5)


def scored(data: Dataset, folds: Folds, found: ReferenceResult, row: int = 0, y: np.ndarray | None = None) -> float:
    """Held-out accuracy; a probability of .5 is half a hit."""
    y = np.asarray(data.y) if y is None else y
    p = found.probability[row]
    hit = np.where(p == 0.5, 0.5, (p > 0.5) == (y == 1)[None])
    return float(hit[folds.test].mean())


def scores(data: Dataset, length_ms: np.ndarray) -> dict[str, float]:
    folds = by_participant(data, folds=4, key=KEY)
    results = run_reference_classifiers(
        data, folds, np.asarray(data.y)[None], baseline=None, length_ms=length_ms, key=KEY
    )
    return {found.name: scored(data, folds, found) for found in results}


def test_a_response_is_found_by_those_that_see_it(dataset: Dataset) -> None:
    found = scores(dataset, np.full(48, 10_000.0))
    assert found["rocket"] > 0.8
    assert found["features"] > 0.8
    assert found["majority"] == 0.5
    assert found["baseline"] < 0.7


def test_a_length_that_goes_with_the_class_is_found_without_the_response() -> None:
    null = made(0.0)
    longer = 10_000 + 400 * np.asarray(null.y) + 100 * np.random.default_rng(0).normal(size=48)
    found = scores(null, longer)
    assert found["baseline"] > 0.9
    assert found["rocket"] < 0.7
    assert found["features"] < 0.7


def test_relabellings_find_nothing_on_average(dataset: Dataset) -> None:
    folds, labels = by_participant(dataset, folds=4, key=KEY), labellings(dataset, 101)
    given = {"baseline": None, "length_ms": np.full(48, 10_000.0), "key": KEY, "only": ["rocket", "features"]}
    for found in run_reference_classifiers(dataset, folds, labels, **given):
        null = [scored(dataset, folds, found, row, labels[row]) for row in range(1, 101)]
        assert 0.4 < np.mean(null) < 0.54
        assert max(null) < scored(dataset, folds, found)
