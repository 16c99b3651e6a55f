"""What is kept of a linear classifier: enough to give the log odds of trials that it has not seen."""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from smilejax.classifiers.standardise import Standard, standardised, times


class LinearModel(NamedTuple):
    """A linear function of P standardised columns."""

    mean: Float[Array, " P"]
    sd: Float[Array, " P"]
    """Of the training trials; inf for a column that was constant there."""
    weights: Float[Array, " P"]
    """Log odds per standard deviation."""
    intercept: Float[Array, ""]


def linear_log_odds(model: LinearModel, values: Float[Array, "M P"]) -> Float[Array, " M"]:
    """Log odds of class 1 of M trials; a missing value counts as the training mean."""
    z = standardised(values, Standard(model.mean, model.sd))
    return jnp.sum(times(z, model.weights[:, None]), axis=1) + model.intercept
