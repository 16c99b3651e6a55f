"""What is known of a trial without the pupil's response: its length, how much of it is valid, and the baseline."""

import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from jaxtyping import Array, Float

from smilejax.classifiers import logistic_regression
from smilejax.classifiers.classifier import ReferenceClassifier, TrialInfo
from smilejax.classifiers.standardise import fit_standard
from smilejax.recordings.kinds import PUPIL


def without_response(info: TrialInfo) -> npt.NDArray[np.float32]:
    """`f32[N, P]`: length in ms, proportion of valid samples (0 to 1), and the baseline in its unit where there is one."""
    columns = [info.length_ms, np.asarray(info.dataset.proportion_valid, np.float32)]
    return np.stack(columns if info.baseline is None else [*columns, info.baseline], axis=1)


def _why_not(info: TrialInfo) -> str:
    known = without_response(info)
    if np.isfinite(fit_standard(jnp.asarray(known), jnp.asarray(info.dataset.kept)).sd).any():
        return ""
    return "all trials have the same length and the same proportion of valid samples, and there is no baseline"


def _see(info: TrialInfo) -> Float[Array, "N P"]:
    return jnp.asarray(without_response(info))


BASELINE_ONLY: ReferenceClassifier[Float[Array, "N P"], logistic_regression.StandardisedFeatures] = ReferenceClassifier(
    name="baseline",
    label="Trial length, proportion valid and baseline",
    only_for=PUPIL,
    kind="negative control",
    words="logistic regression on what is known without the response: the trial's length, its proportion of valid samples and, "
    "where there is one, the pupil's baseline",
    why_not=_why_not,
    see=_see,
    learn=logistic_regression.fit_logistic,
    predict=logistic_regression.logistic_predictions,
)
