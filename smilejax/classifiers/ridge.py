"""Ridge classifier whose penalty is chosen by leave-one-out within training, for many labellings at once.

Ridge regression of -1 and 1 on the features, after Rifkin & Lippert (2007): given the eigenvectors of the training trials'
Gram matrix, the weights and the exact leave-one-out errors of every penalty are matrix products; ridge is linear in the
labels, so this holds for every labelling. Equal to scikit-learn's `RidgeClassifierCV`.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from smilejax.classifiers.linear_model import LinearModel
from smilejax.classifiers.standardise import fit_standard, standardised, times

ALPHAS = np.logspace(-3, 3, 10, dtype=np.float32)
"""Penalties to choose from (Dempster et al. 2021)."""
SHARPNESS = (0.01, 100.0)
"""Smallest and largest slope of the log-odds on the decision value. Above 0, so that they keep its sign and order even where
leave-one-out finds nothing: its decisions on pure noise are negatively related to the labels."""
HALVINGS = 24
"""Bisections of the slope's range on a logarithmic scale: to one part in a million."""


class Gram(NamedTuple):
    """What is learned from the trials without their labels."""

    turned: Float[Array, "N N"]
    """Inner products of all trials with the training trials, in the basis of the eigenvectors."""
    vectors: Float[Array, "N N"]
    """Eigenvectors of the training trials' Gram matrix, in columns."""
    values: Float[Array, " N"]
    """Their eigenvalues, 0 or above."""
    shift: Float[Array, ""]
    """Eigenvalue given to what is outside: the constant, and trials that are not trained on."""


class Decision(NamedTuple):
    """Decision values of W ridge classifiers, about -1 to 1; class 1 above 0."""

    mean: Float[Array, " W"]
    """Of the labels -1 and 1 over the training trials: the decision where all columns are at their training mean."""
    weights: Float[Array, "W N"]
    """On the eigenvectors of the training trials' Gram matrix."""
    all_trials: Float[Array, "W N"]
    left_out: Float[Array, "W N"]
    """Of each training trial, by the classifier trained on the other training trials; 0 elsewhere."""
    alpha: Float[Array, " W"]
    """The penalty chosen."""


def fit_ridge(features: Float[Array, "N P"], train: Bool[Array, " N"]) -> Gram:
    """Decompose the training trials.

    Columns are centred and scaled to unit length over the training trials, as in the paper (`normalize=True`): eigenvalues
    then add up to the number of columns, and penalties mean the same whatever the number of trials.
    """
    n = jnp.maximum(jnp.sum(train), 1).astype(features.dtype)
    z = standardised(features, fit_standard(features, train)) / jnp.sqrt(n)
    products = times(z, z.T)
    within = train[:, None] & train[None, :]
    # Both are eigenvectors with eigenvalue 0; given the largest, they cannot mix with others whose eigenvalue is small.
    shift = jnp.maximum(jnp.trace(jnp.where(within, products, 0.0)), 1.0)
    outside = jnp.where(within, 1 / n, 0.0) + jnp.diag(jnp.where(train, 0.0, 1.0))
    values, vectors = jnp.linalg.eigh(jnp.where(within, products, 0.0) + shift * outside, symmetrize_input=False)
    turned = times(jnp.where(train[None], products, 0.0), vectors)
    return Gram(turned, vectors, jnp.maximum(values, 0.0), shift)


def decide(gram: Gram, train: Bool[Array, " N"], labels: Int[Array, "W N"]) -> Decision:
    """For each labelling choose the penalty with the smallest squared leave-one-out error (of equals, the smaller)."""
    sign = jnp.where(train[None], jnp.where(labels == 1, 1.0, -1.0), 0.0)
    n = jnp.maximum(jnp.sum(train), 1).astype(sign.dtype)
    mean = jnp.sum(sign, axis=1, keepdims=True) / n
    turned = times(jnp.where(train[None], sign - mean, 0.0), gram.vectors)

    def errors(alpha: Array) -> Array:
        return _left_out_errors(gram, train, turned, jnp.full(len(labels), alpha), n)

    squared = jax.lax.map(lambda alpha: jnp.sum(errors(alpha) ** 2, axis=1), jnp.asarray(ALPHAS))
    alpha = jnp.asarray(ALPHAS)[jnp.argmin(squared, axis=0)]
    left_out = sign - _left_out_errors(gram, train, turned, alpha, n)
    weights = turned / (gram.values[None] + alpha[:, None])
    all_trials = mean + times(weights, gram.turned.T)
    return Decision(mean[:, 0], weights, all_trials, jnp.where(train[None], left_out, 0.0), alpha)


def _left_out_errors(
    gram: Gram, train: Bool[Array, " N"], turned: Float[Array, "W N"], alpha: Float[Array, " W"], n: Float[Array, ""]
) -> Float[Array, "W N"]:
    """Label minus the decision of the classifier trained without the trial; 0 for trials outside the training mask."""
    shrunk = alpha[:, None] / (gram.values[None] + alpha[:, None])
    residual = times(turned * shrunk, gram.vectors.T)
    # One minus the trial's leverage; that of the intercept, 1 / n, is subtracted.
    free = times(shrunk, gram.vectors.T**2) - (alpha / (gram.shift + alpha) / n)[:, None]
    return jnp.where(train[None], residual / jnp.where(train[None], free, 1.0), 0.0)


def ridge_decisions(gram: Gram, train: Bool[Array, " N"], labels: Int[Array, "W N"]) -> Float[Array, "W N"]:
    """P(class 1) of all trials, see `ridge_log_odds`."""
    return jax.nn.sigmoid(ridge_log_odds(gram, train, labels))


def ridge_log_odds(gram: Gram, train: Bool[Array, " N"], labels: Int[Array, "W N"]) -> Float[Array, "W N"]:
    """Log odds of class 1 of all trials: a slope times the decision value (Platt 1999, without an intercept).

    The slope is the maximum-likelihood one for the leave-one-out decisions on the training trials, within `SHARPNESS`. There
    is no intercept: P is above .5 where the decision is above 0.
    """
    decision = decide(gram, train, labels)
    return _slopes(decision, labels)[:, None] * decision.all_trials


def ridge_model(features: Float[Array, "N P"], train: Bool[Array, " N"], labels: Int[Array, " N"]) -> LinearModel:
    """The classifier fitted to the training trials, for others: the same decisions as sums over columns."""
    gram = fit_ridge(features, train)
    decision = decide(gram, train, labels[None])
    slope = _slopes(decision, labels[None])[0]
    standard = fit_standard(features, train)
    n = jnp.maximum(jnp.sum(train), 1).astype(features.dtype)
    of_trials = times(gram.vectors, decision.weights.T)[:, 0]
    z = jnp.where(train[:, None], standardised(features, standard), 0.0)
    weights = times(of_trials[None], z)[0] / n
    return LinearModel(standard.mean, standard.sd, slope * weights, slope * decision.mean[0])


def _slopes(decision: Decision, labels: Int[Array, "W N"]) -> Float[Array, " W"]:
    y = (labels == 1).astype(jnp.float32)
    low, high = (jnp.full(len(labels), jnp.log(jnp.float32(end))) for end in SHARPNESS)

    def halve(_: Array, ends: tuple[Array, Array]) -> tuple[Array, Array]:
        middle = (ends[0] + ends[1]) / 2
        p = jax.nn.sigmoid(jnp.exp(middle)[:, None] * decision.left_out)
        # Left-out decisions are 0 outside training, and add nothing.
        steeper = jnp.sum((y - p) * decision.left_out, axis=1) > 0
        return jnp.where(steeper, middle, ends[0]), jnp.where(steeper, ends[1], middle)

    low, high = jax.lax.fori_loop(0, HALVINGS, halve, (low, high))
    return jnp.exp((low + high) / 2)
