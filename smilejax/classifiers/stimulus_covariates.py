"""What a stimulus table says of the stimuli, and nothing of the pupil: luminance, source, or whatever else was given."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from smilejax.classifiers import logistic_regression
from smilejax.classifiers.classifier import ReferenceClassifier, TrialInfo
from smilejax.classifiers.standardise import fit_standard


def _given(info: TrialInfo) -> bool:
    return info.covariates is not None


def _see(info: TrialInfo) -> Float[Array, "N K"]:
    assert info.covariates is not None
    return jnp.asarray(info.covariates, jnp.float32)


def _why_not(info: TrialInfo) -> str:
    if info.covariates is None:
        return "no stimulus table was given"
    if np.isfinite(fit_standard(_see(info), jnp.asarray(info.dataset.kept)).sd).any():
        return ""
    return "all stimuli have the same covariates"


STIMULUS_COVARIATES: ReferenceClassifier[Float[Array, "N K"], logistic_regression.StandardisedFeatures] = (
    ReferenceClassifier(
        name="covariates",
        label="Stimulus covariates",
        kind="negative control",
        words="logistic regression on what the stimulus table says of the stimuli, such as their luminance or source: a column "
        "for each covariate of numbers and for each word, standardised within the training set",
        why_not=_why_not,
        see=_see,
        learn=logistic_regression.fit_logistic,
        predict=logistic_regression.logistic_predictions,
        given=_given,
    )
)
