"""Logistic regression for many labellings at once.

    minimise  |w|^2 / 2 + sum over training trials of log(1 + exp(-s_n (w . z_n + b))),  s_n = -1 or 1

which is scikit-learn's `LogisticRegression` at its default C = 1, on columns standardised over the training trials. The
penalty stays at that default, so that no result can choose it; choosing it within training would cost ten fits for each
labelling. The intercept b is not penalised.
"""

from collections.abc import Mapping
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Key

from smilejax.classifiers.linear_model import LinearModel, linear_log_odds
from smilejax.classifiers.standardise import fit_standard, standardised, times

MAX_STEPS = 30
"""Largest number of Newton steps; 5 to 8 are usual."""
CLOSE = 1e-3
"""Steps end when none changes a trial's log-odds by more than this: the error of Newton's method is then about its square."""
STEP_LENGTHS = (1.0, 0.5, 0.25, 0.125)
"""Fractions of a Newton step: the largest that does not increase the loss is taken. A whole step can overshoot."""
ROUNDING = 1e-5
"""An increase of the loss by less than this fraction counts as none: 32 bits lose as much in summing it."""
MIN_CURVATURE = 1e-6
"""Smallest curvature along the intercept, for each trial: without it a fold with one class has none. It changes the steps,
not the minimum."""


class StandardisedFeatures(NamedTuple):
    """What is learned from the trials without their labels."""

    z: Float[Array, "N Q"]
    """Standardised columns, then a column of ones."""
    products: Float[Array, "N K"]
    """Products of all pairs of columns, K = Q (Q + 1) / 2: with them the curvatures of all labellings are one matmul."""


class NewtonState(NamedTuple):
    """Newton's method after some steps, for W labellings."""

    w: Float[Array, "W Q"]
    odds: Float[Array, "W N"]
    moved: Float[Array, ""]
    steps: Int[Array, ""]


def fit_logistic(
    values: Float[Array, "N P"], train: Bool[Array, " N"], key: Key[Array, ""] | None = None
) -> StandardisedFeatures:
    """Standardise by the training trials. Nothing is drawn: the key is there because other classifiers need one."""
    z = standardised(values, fit_standard(values, train))
    z = jnp.concatenate([z, jnp.ones_like(z[:, :1])], axis=1)
    first, second = np.triu_indices(z.shape[1])
    return StandardisedFeatures(z, z[:, first] * z[:, second])


def logistic_predictions(
    columns: StandardisedFeatures, train: Bool[Array, " N"], labels: Int[Array, "W N"]
) -> Float[Array, "W N"]:
    """P(class 1) of all trials, fitted to the training trials with each labelling."""
    return jax.nn.sigmoid(logistic_log_odds(columns, train, labels))


def logistic_log_odds(
    columns: StandardisedFeatures, train: Bool[Array, " N"], labels: Int[Array, "W N"]
) -> Float[Array, "W N"]:
    """Log odds of class 1 of all trials, fitted to the training trials with each labelling."""
    return _fitted(columns, train, labels).odds


def logistic_model(values: Float[Array, "N P"], train: Bool[Array, " N"], labels: Int[Array, " N"]) -> LinearModel:
    """The classifier fitted to the training trials, for trials that it has not seen."""
    standard = fit_standard(values, train)
    w = _fitted(fit_logistic(values, train), train, labels[None]).w[0]
    return LinearModel(standard.mean, standard.sd, w[:-1], w[-1])


def fit_kept(
    seen: Float[Array, "N P"], train: Bool[Array, " N"], labels: Int[Array, " N"], key: Key[Array, ""]
) -> dict[str, Array]:
    """What an offered classifier keeps of a training: the arrays of a `LinearModel`. Nothing is drawn."""
    return logistic_model(seen, train, labels)._asdict()


def apply_kept(kept: Mapping[str, Array], seen: Float[Array, "M P"]) -> Float[Array, " M"]:
    """Log odds of class 1 of M trials by what `fit_kept` gave."""
    return linear_log_odds(LinearModel(**kept), seen)


def _fitted(columns: StandardisedFeatures, train: Bool[Array, " N"], labels: Int[Array, "W N"]) -> NewtonState:
    """Newton's method until its steps end."""
    z = columns.z
    y = jnp.where(train[None], labels == 1, False).astype(z.dtype)
    start = NewtonState(
        jnp.zeros((len(labels), z.shape[1])), jnp.zeros(labels.shape), jnp.float32(jnp.inf), jnp.zeros((), jnp.int32)
    )

    def not_converged(fit: NewtonState) -> Array:
        return (fit.moved > CLOSE) & (fit.steps < MAX_STEPS)

    return jax.lax.while_loop(not_converged, lambda fit: _step(fit, columns, train.astype(z.dtype), y), start)


def _step(
    fit: NewtonState, columns: StandardisedFeatures, train: Float[Array, " N"], y: Float[Array, "W N"]
) -> NewtonState:
    z = columns.z
    penalty = jnp.ones(z.shape[1]).at[-1].set(0.0)
    p = jax.nn.sigmoid(fit.odds)
    gradient = times((p - y) * train[None], z) + penalty[None] * fit.w
    step = -jax.scipy.linalg.cho_solve(
        (_factor(p * (1 - p) * train[None], columns, penalty), True), gradient[..., None]
    )
    step = step[..., 0]
    along = times(step, z.T)
    lengths = jnp.asarray(STEP_LENGTHS)
    losses = jax.vmap(lambda length: _loss(fit.w + length * step, fit.odds + length * along, train, y, penalty))(
        lengths
    )
    most = _loss(fit.w, fit.odds, train, y, penalty) * (1 + ROUNDING)
    length = lengths[jnp.argmax((losses <= most[None]).at[-1].set(True), axis=0)][:, None]
    moved = jnp.max(jnp.abs(length * along))
    return NewtonState(fit.w + length * step, fit.odds + length * along, moved, fit.steps + 1)


def _factor(
    curvature: Float[Array, "W N"], columns: StandardisedFeatures, penalty: Float[Array, " Q"]
) -> Float[Array, "W Q Q"]:
    """The lower Cholesky factor of each labelling's Hessian."""
    width = columns.z.shape[1]
    place = np.zeros((width, width), np.int32)
    first, second = np.triu_indices(width)
    place[first, second] = place[second, first] = np.arange(len(first))
    hessian = times(curvature, columns.products)[:, place]
    least = jnp.where(penalty > 0, penalty, MIN_CURVATURE * columns.z.shape[0])
    return jnp.linalg.cholesky(hessian + jnp.diag(least)[None], symmetrize_input=False)


def _loss(
    w: Float[Array, "W Q"],
    odds: Float[Array, "W N"],
    train: Float[Array, " N"],
    y: Float[Array, "W N"],
    penalty: Float[Array, " Q"],
) -> Float[Array, " W"]:
    fits = jnp.sum((jax.nn.softplus(odds) - y * odds) * train[None], axis=1)
    return fits + jnp.sum(penalty[None] * w**2, axis=1) / 2
