"""`hold_out_participants` and `hold_out_smilers`: one fold that scores whole participants or smilers."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from smilejax import Dataset, hold_out_participants, hold_out_smilers
from smilejax._util.errors import DataError, SettingsError
from smilejax.preprocess.channels import FUSED_PUPIL


def dataset(participant: list[int], smiler: list[int]) -> Dataset:
    n = len(participant)
    codes = jnp.asarray(participant, jnp.int32)
    return Dataset(
        x=jnp.asarray(np.zeros((n, 5, 1), np.float32)),
        valid=jnp.asarray(np.ones((n, 5), bool)),
        y=jnp.asarray(np.arange(n, dtype=np.int32) % 2),
        participant=codes,
        stimulus=codes,
        smiler=jnp.asarray(smiler, jnp.int32),
        proportion_valid=jnp.asarray(np.ones(n, np.float32)),
        status=codes * 0,
        channels=(FUSED_PUPIL,),
        class_names=("posed", "genuine"),
        rate_hz=20.0,
    )


HELD_OUT = [(0, 1), (6, 7), (2, 4), (0, 5)]
"""Participants that the first version (03116ae) held out with the seeds 0 to 3."""

DATASET = dataset([p for p in range(8) for _ in range(6)], [s for _ in range(8) for s in (0, 0, 1, 1, 2, 2)])


@pytest.mark.parametrize(("share", "expected"), [(0.25, 2), (0.01, 1), (0.99, 7), (0.5, 4)])
def test_whole_participants_are_held_out(share: float, expected: int) -> None:
    folds = hold_out_participants(DATASET, share, key=jax.random.key(0))
    assert (len(folds), folds.scheme, folds.apart, folds.times_scored) == (
        1,
        "hold-out participants",
        ("participant",),
        None,
    )
    held, groups = folds.test[0], np.asarray(DATASET.participant)
    assert len(set(groups[held])) == expected
    assert not set(groups[held]) & set(groups[~held])
    np.testing.assert_array_equal(folds.train[0], ~held)


def test_whole_smilers_are_held_out() -> None:
    folds = hold_out_smilers(DATASET, 1 / 3, key=jax.random.key(0))
    assert (folds.scheme, folds.apart) == ("hold-out smilers", ("smiler",))
    held, groups = folds.test[0], np.asarray(DATASET.smiler)
    assert len(set(groups[held])) == 1
    assert not set(groups[held]) & set(groups[~held])


def test_the_key_settles_who() -> None:
    def who(seed: int) -> tuple[int, ...]:
        return tuple(np.flatnonzero(hold_out_participants(DATASET, 0.25, key=jax.random.key(seed)).test[0]) // 6)[::6]

    assert who(1) == who(1)
    assert [who(seed) for seed in range(4)] == HELD_OUT, "a seed holds out others than it did"
    assert len({who(seed) for seed in range(20)}) > 5


def test_trials_that_cannot_be_scored_are_in_no_mask() -> None:
    rejected = replace(DATASET, status=DATASET.status.at[::5].set(2), y=DATASET.y.at[1].set(-1))
    folds = hold_out_participants(rejected, 0.25, key=jax.random.key(0))
    used = folds.test[0] | folds.train[0]
    np.testing.assert_array_equal(~used, (np.arange(48) % 5 == 0) | (np.arange(48) == 1))


def test_one_class_left_to_train_on_is_refused() -> None:
    one_each = replace(DATASET, y=DATASET.participant % 2)
    two = replace(one_each, status=jnp.where(DATASET.participant < 2, 0, 2))
    with pytest.raises(DataError, match="training needs trials of both classes"):
        hold_out_participants(two, 0.5, key=jax.random.key(0))


def test_too_few_groups_and_senseless_shares_are_refused() -> None:
    with pytest.raises(
        DataError, match="by participant needs at least two participants with a trial to score; there is 1"
    ):
        hold_out_participants(replace(DATASET, participant=DATASET.participant * 0), 0.25, key=jax.random.key(0))
    with pytest.raises(DataError, match="splitting by smiler needs the smiler of every trial; 48 of 48 have none"):
        hold_out_smilers(replace(DATASET, smiler=DATASET.smiler * 0 - 1), 0.25, key=jax.random.key(0))
    with pytest.raises(SettingsError, match=r"above 0 and below 1; it is 1\.5"):
        hold_out_participants(DATASET, 1.5, key=jax.random.key(0))
