"""Held-out masks hold whole groups."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from smilejax import Dataset, hold_out_participants, hold_out_smilers
from smilejax._util.errors import DataError, SettingsError


def dataset(participant: list[int], smiler: list[int]) -> Dataset:
    n = len(participant)
    codes = jnp.asarray(participant, jnp.int32)
    return Dataset(
        x=jnp.zeros((n, 5, 1)),
        valid=jnp.ones((n, 5), bool),
        y=codes * 0,
        participant=codes,
        stimulus=codes,
        smiler=jnp.asarray(smiler, jnp.int32),
        measured=jnp.ones(n),
        status=codes * 0,
        channels=("fused",),
        class_names=("posed", "genuine"),
        rate_hz=20.0,
    )


DATASET = dataset([p for p in range(8) for _ in range(6)], [s for _ in range(8) for s in (0, 0, 1, 1, 2, 2)])


@pytest.mark.parametrize(("share", "expected"), [(0.25, 2), (0.01, 1), (0.99, 7), (0.5, 4)])
def test_whole_participants_are_held_out(share: float, expected: int) -> None:
    held = hold_out_participants(DATASET, share, key=jax.random.key(0))
    groups = np.asarray(DATASET.participant)
    assert len(set(groups[held])) == expected
    assert not set(groups[held]) & set(groups[~held])


def test_whole_smilers_are_held_out() -> None:
    held = hold_out_smilers(DATASET, 1 / 3, key=jax.random.key(0))
    groups = np.asarray(DATASET.smiler)
    assert len(set(groups[held])) == 1
    assert not set(groups[held]) & set(groups[~held])


def test_the_key_settles_who() -> None:
    def who(seed: int) -> tuple[int, ...]:
        return tuple(np.flatnonzero(hold_out_participants(DATASET, 0.25, key=jax.random.key(seed))))

    assert who(1) == who(1)
    assert len({who(seed) for seed in range(20)}) > 5


def test_too_few_groups_and_senseless_shares_are_refused() -> None:
    with pytest.raises(DataError, match="holding out by participant needs at least two; there are 1"):
        hold_out_participants(replace(DATASET, participant=DATASET.participant * 0), 0.25, key=jax.random.key(0))
    with pytest.raises(DataError, match="holding out by smiler needs at least two; there are 0"):
        hold_out_smilers(replace(DATASET, smiler=DATASET.smiler * 0 - 1), 0.25, key=jax.random.key(0))
    with pytest.raises(SettingsError, match=r"above 0 and below 1; it is 1\.5"):
        hold_out_participants(DATASET, 1.5, key=jax.random.key(0))
