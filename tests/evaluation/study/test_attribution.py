"""Attribution against plain recomputation."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers.small_study import SMALL, make_dataset

from smilejax import Plan, by_participant
from smilejax.evaluation.study.attribution import attribute, integrated_gradients, log_odds, occluded
from smilejax.models.network import init, logits
from smilejax.settings import ModelSettings

MODEL = ModelSettings(hidden=4, dense=(6, 4))


@pytest.fixture
def trials():
    """Parameters with a scaling, six trials of unequal lengths."""
    variables = init(MODEL, samples=9, channels=2, key=jax.random.key(0))
    variables = jax.tree.map(lambda leaf: 3 * leaf, variables)  # away from where the network is linear
    scaling = {"mean": jnp.array([0.3, -0.2]), "sd": jnp.array([0.7, 1.5])}
    x = jax.random.normal(jax.random.key(1), (6, 9, 2))
    valid = jnp.arange(9)[None, :] < jnp.array([9, 8, 5, 9, 3, 7])[:, None]
    return {**variables, "standardisation": scaling}, jnp.where(valid[:, :, None], x, 0.0), valid


def test_gradients_sum_to_what_they_explain(trials) -> None:
    variables, x, valid = trials
    share = integrated_gradients(variables, x, valid, settings=MODEL)
    start = jnp.broadcast_to(variables["standardisation"]["mean"], x.shape)
    explained = log_odds(variables, x, valid, settings=MODEL) - log_odds(variables, start, valid, settings=MODEL)
    np.testing.assert_allclose(share.sum((1, 2)), explained, rtol=1e-2, atol=1e-4)
    assert not np.asarray(share)[~np.asarray(valid)].any()


def test_hiding_a_window_is_what_it_says(trials) -> None:
    variables, x, valid = trials
    y, edges = np.array([0, 1, 1, 0, 1, 0]), np.array([0, 4, 9])
    costs = np.asarray(occluded(variables, x, valid, jnp.asarray(y), jnp.asarray(edges), settings=MODEL))

    def loss(x) -> np.ndarray:
        p = jax.nn.log_softmax(logits(variables, x, valid, model=MODEL))
        return -np.asarray(p)[np.arange(6), y]

    for window, (low, high) in enumerate(((0, 4), (4, 9))):
        hidden = np.asarray(x).copy()
        hidden[:, low:high] = np.asarray(variables["standardisation"]["mean"])
        np.testing.assert_allclose(costs[window], loss(hidden) - loss(x), atol=1e-5)


@pytest.mark.slow
def test_only_scored_trials_are_asked_about_and_seeds_stay_apart() -> None:
    dataset = make_dataset()
    plan = Plan(by_participant(dataset), SMALL, seeds=(0, 1))
    found = attribute(dataset, plan, np.zeros(4, np.int32), {})
    assert found.gradients.shape == (2, 2, 9, 1)
    assert found.trials.tolist() == [12, 12]
    assert np.isfinite(found.gradients).all()
    assert not np.allclose(found.gradients[0], found.gradients[1])
    # Each seed of each fold by itself, on the trials of that fold: the same sums.
    totals = np.zeros((2, 9, 1))
    for fold in range(4):
        from smilejax import train
        from smilejax.training.plans.plan import key_of

        test = plan.folds.test[fold]
        result = train(dataset, SMALL, key=key_of(0, fold), train_mask=plan.folds.train[fold])
        share = integrated_gradients(result.variables, dataset.x[test], dataset.valid[test], settings=SMALL.model)
        for label in (0, 1):
            totals[label] += np.asarray(share)[np.asarray(dataset.y)[test] == label].sum(0)
    np.testing.assert_allclose(found.gradients[0], totals / 12, atol=1e-6)
