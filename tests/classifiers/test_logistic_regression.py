"""Logistic regression against scikit-learn, for many labellings."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from smilejax.classifiers import logistic_regression
from smilejax.classifiers.standardise import fit_standard, standardised

LEARN, PREDICT = jax.jit(logistic_regression.fit_logistic), jax.jit(logistic_regression.logistic_predictions)


@pytest.mark.parametrize(("n", "p", "effect"), [(200, 5, 0.5), (48, 41, 0.0), (48, 41, 3.0), (30, 60, 1.0)])
def test_scikit_learn_predicts_the_same(n: int, p: int, effect: float) -> None:
    rng = np.random.default_rng(n + p)
    y = (rng.random(n) < 0.35).astype(np.int32)
    x = rng.normal(size=(n, p)) @ rng.normal(size=(p, p)) * rng.uniform(0.01, 1000, p)
    x = (x + effect * x.std(0) * y[:, None] * np.sign(rng.normal(size=p)) + 50).astype(np.float32)
    train = rng.random(n) < 0.8
    labels = np.stack([y, *(rng.permutation(y) for _ in range(4))])
    found = PREDICT(LEARN(jnp.asarray(x), jnp.asarray(train)), jnp.asarray(train), jnp.asarray(labels))
    x = x.astype(np.float64)
    z = StandardScaler().fit(x[train]).transform(x)
    for row, label in enumerate(labels):
        model = LogisticRegression(tol=1e-9, max_iter=5000).fit(z[train], label[train])
        np.testing.assert_allclose(found[row], model.predict_proba(z)[:, 1], atol=1e-4)


def test_columns_with_gaps_and_constants() -> None:
    x = np.array([[1, 5, np.nan], [3, 5, np.nan], [np.nan, 5, np.nan], [100, 7, 2]], np.float32)
    train = jnp.asarray([True, True, True, False])
    standard = fit_standard(jnp.asarray(x), train)
    np.testing.assert_array_equal(standard.mean, [2, 5, 0])
    np.testing.assert_array_equal(standard.sd, [1, np.inf, np.inf])
    z = standardised(jnp.asarray(x), standard)
    np.testing.assert_array_equal(z, [[-1, 0, 0], [1, 0, 0], [0, 0, 0], [98, 0, 0]])


def test_rounding_errors_are_no_variance() -> None:
    x = jnp.full((300, 1), 10_000.1) + jnp.asarray([[0.0], [0.001]] * 150)
    assert np.isinf(fit_standard(x, jnp.ones(300, bool)).sd[0])
    assert np.isfinite(fit_standard(x * 1.0 + jnp.arange(300.0)[:, None], jnp.ones(300, bool)).sd[0])
