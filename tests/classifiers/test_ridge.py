"""Ridge with leave-one-out against scikit-learn, and against training without each trial."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, RidgeClassifier, RidgeClassifierCV

from smilejax.classifiers import ridge

ALPHAS = np.logspace(-3, 3, 10)
LEARN, DECIDE, PREDICT = jax.jit(ridge.fit_ridge), jax.jit(ridge.decide), jax.jit(ridge.ridge_decisions)


def planted(n: int, p: int, effect: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features on different scales, classes of unequal size, and the training mask."""
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < 0.4).astype(np.int32)
    x = rng.normal(size=(n, p)) @ rng.normal(size=(p, p)) / p**0.5 + effect * y[:, None] * rng.normal(size=p)
    train = np.arange(n) % 4 != 1
    return (x * rng.uniform(0.1, 10, p) + 3).astype(np.float32), y, train


def scaled(x: np.ndarray, train: np.ndarray) -> np.ndarray:
    x = x.astype(np.float64)
    centred = x - x[train].mean(0)
    return centred / np.linalg.norm(centred[train], axis=0)


@pytest.mark.parametrize(("n", "p"), [(40, 150), (60, 12), (41, 41)])
@pytest.mark.parametrize("effect", [0.0, 1.0])
def test_scikit_learn_decides_the_same(n: int, p: int, effect: float) -> None:
    x, y, train = planted(n, p, effect)
    rng = np.random.default_rng(5)
    labels = np.stack([y, *(rng.permutation(y) for _ in range(6))])
    gram = LEARN(jnp.asarray(x), jnp.asarray(train))
    found = DECIDE(gram, jnp.asarray(train), jnp.asarray(labels))
    z = scaled(x, train)
    for row, label in enumerate(labels):
        model = RidgeClassifierCV(ALPHAS).fit(z[train], label[train])
        np.testing.assert_allclose(found.alpha[row], model.alpha_, rtol=1e-5)
        np.testing.assert_allclose(found.all_trials[row], model.decision_function(z), atol=2e-3)


@pytest.mark.parametrize(("n", "p"), [(30, 90), (36, 5)])
def test_leave_one_out_decisions_are_those_of_training_without_the_trial(n: int, p: int) -> None:
    x, y, train = planted(n, p, 0.7, seed=1)
    z = scaled(x, train)
    found = DECIDE(LEARN(jnp.asarray(x), jnp.asarray(train)), jnp.asarray(train), jnp.asarray(y)[None])
    for row in np.flatnonzero(train):
        others = train & (np.arange(n) != row)
        model = RidgeClassifier(float(found.alpha[0])).fit(z[others], y[others])
        np.testing.assert_allclose(found.left_out[0, row], model.decision_function(z[row : row + 1])[0], atol=2e-3)
    np.testing.assert_array_equal(found.left_out[0, ~train], 0)


def test_probabilities_keep_sign_and_order_with_the_maximum_likelihood_slope() -> None:
    x, y, train = planted(80, 30, 0.5, seed=2)
    labels = np.stack([y, np.random.default_rng(0).permutation(y)])
    given = LEARN(jnp.asarray(x), jnp.asarray(train)), jnp.asarray(train), jnp.asarray(labels)
    decision, p = DECIDE(*given), np.asarray(PREDICT(*given))
    np.testing.assert_array_equal(p > 0.5, np.asarray(decision.all_trials) > 0)
    sure = (p[0] > 0.01) & (p[0] < 0.99)
    odds = np.log(p[0, sure] / (1 - p[0, sure])) / np.asarray(decision.all_trials[0, sure])
    left_out = np.asarray(decision.left_out)[0, train]
    wanted = LogisticRegression(C=1e6, fit_intercept=False).fit(left_out[:, None], y[train]).coef_[0, 0]
    np.testing.assert_allclose(odds, wanted, rtol=2e-3)
    assert 1 < wanted < 20


def test_leave_one_out_decisions_on_noise_are_negatively_related_to_the_labels() -> None:
    """The reason for a slope above 0: the probability stays on the side of the decision, close to .5."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(20, 60)).astype(np.float32), np.arange(20) % 2
    train = np.ones(20, bool)
    labels = np.stack([rng.permutation(y) for _ in range(20)]).astype(np.int32)
    given = LEARN(jnp.asarray(x), jnp.asarray(train)), jnp.asarray(train), jnp.asarray(labels)
    decision, p = DECIDE(*given), np.asarray(PREDICT(*given))
    against = np.sum(np.asarray(decision.left_out) * np.where(labels == 1, 1, -1), axis=1)
    assert (against < 0).any()
    np.testing.assert_array_equal(p[against < 0] > 0.5, np.asarray(decision.all_trials)[against < 0] > 0)
    assert np.abs(p[against < 0] - 0.5).max() < 0.01
