"""A tiny study for plans of runs, made without preprocessing."""

import jax
import jax.numpy as jnp
import numpy as np

from smilejax import Dataset, ModelSettings, StudySettings, TrainingSettings
from smilejax.preprocess.channels import FUSED_PUPIL

SMALL = TrainingSettings(epochs=2, minibatch_size=4, model=ModelSettings(hidden=4, dense=(6, 4)))
WHOLE = StudySettings(
    seeds=2,
    permutations=3,
    test_seeds=1,
    blocks=2,
    participant_folds=2,
    stimulus_folds=2,
    shuffled_folds=2,
    inner_draws=1,
    inner_proportion=0.5,
    inner_seeds=1,
    attribution_seeds=1,
    draws=100,
)
"""Everything that a study has, and little of each."""


def make_dataset(seed: int = 0, participants: int = 4, smilers: int = 3, steps: int = 9) -> Dataset:
    """Every participant sees every smiler twice; the class is in the order of the steps."""
    rng = np.random.default_rng(seed)
    n = participants * 2 * smilers
    stimulus = np.tile(np.arange(2 * smilers), participants)
    y = stimulus % 2
    rise = np.linspace(-1, 1, steps) * np.where(y == 1, 1, -1)[:, None]
    x = (rise + rng.normal(size=(n, 1)) + 0.3 * rng.normal(size=(n, steps)))[:, :, None]
    valid = np.arange(steps) < rng.integers(steps - 2, steps + 1, n)[:, None]
    return Dataset(
        x=jnp.asarray(np.where(valid[:, :, None], x, 0.0), jnp.float32),
        valid=jnp.asarray(valid),
        y=jnp.asarray(y, jnp.int32),
        participant=jnp.asarray(np.repeat(np.arange(participants), 2 * smilers), jnp.int32),
        stimulus=jnp.asarray(stimulus, jnp.int32),
        smiler=jnp.asarray(stimulus // 2, jnp.int32),
        proportion_valid=jnp.asarray(np.ones(n, np.float32)),
        status=jnp.asarray(np.zeros(n, np.int32)),
        channels=(FUSED_PUPIL,),
        class_names=("posed", "genuine"),
        rate_hz=20.0,
    )


def same(a, b) -> None:
    """All leaves equal, bit for bit."""
    for one, other in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))
