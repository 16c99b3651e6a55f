"""A mean training loss above 100 nats, or none that is a number, is a run that diverged."""

from types import SimpleNamespace

import jax.numpy as jnp
import pytest

from smilejax.training import RunStatus, Scores
from smilejax.training.epochs import status_of


@pytest.mark.parametrize(("loss", "expected"), [(99.9, "OK"), (100.1, "DIVERGED"), (float("nan"), "DIVERGED")])
def test_the_mean_loss_at_which_a_run_counts_as_diverged(loss: float, expected: str) -> None:
    scores = Scores(jnp.float32(loss * 4), jnp.int32(2), jnp.int32(4))
    state = SimpleNamespace(diverged=jnp.bool_(False))
    found = getattr(status_of, "__wrapped__", status_of)(state, scores)
    assert int(found) == RunStatus[expected]
