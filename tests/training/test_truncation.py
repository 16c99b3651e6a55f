"""Trials that end at random while they train."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers.small_study import SMALL, make_dataset, same

import smilejax
from smilejax.training.train_step import not_yet_over


def test_every_end_from_the_least_to_the_last_is_as_likely() -> None:
    valid = jnp.ones((4000, 10), bool)
    kept = np.asarray(not_yet_over(valid, 0.3, jax.random.key(0)))
    ends = kept.sum(1)
    assert (np.sort(kept, axis=1)[:, ::-1] == kept).all()
    counts = np.bincount(ends, minlength=11)
    assert counts[:3].sum() == 0
    assert (np.abs(counts[3:] - 500) < 100).all()
    other = np.asarray(not_yet_over(valid, 0.3, jax.random.key(1)))
    assert (other != kept).any()
    assert (np.asarray(not_yet_over(valid, 0.01, jax.random.key(0))).sum(1) >= 1).all()


@pytest.mark.slow  # compiles trainings
def test_training_on_trials_that_end_early_is_another_and_repeats() -> None:
    dataset = make_dataset()
    cut = replace(SMALL, truncate_from=0.2)
    first, again, whole = (smilejax.train(dataset, settings, key=jax.random.key(0)) for settings in (cut, cut, SMALL))
    same(first.logits, again.logits)
    assert np.abs(np.asarray(first.logits) - np.asarray(whole.logits)).max() > 1e-4
    same(first.variables["standardisation"], whole.variables["standardisation"])


@pytest.mark.slow
def test_what_follows_the_last_end_never_trains() -> None:
    """Ends are drawn from steps that a trial has: with trials of one step alone, nothing changes."""
    dataset = make_dataset(steps=4)
    short = replace(dataset, valid=dataset.valid & (jnp.arange(4) < 1)[None, :])
    results = [
        smilejax.train(short, replace(SMALL, truncate_from=part), key=jax.random.key(0)).logits for part in (0.25, 1.0)
    ]
    np.testing.assert_allclose(*map(np.asarray, results), atol=1e-6)
