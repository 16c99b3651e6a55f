"""Networks of crops in the same trainings: what they may learn from, what is mirrored, and that a plan is the runs it holds."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers.compilations import compilations, in_one_program
from helpers.small_pictures import PICTURES, picture_dataset
from helpers.small_study import SMALL, make_dataset

from smilejax import Plan, by_participant, train, train_runs
from smilejax._util.errors import SettingsError
from smilejax.models.network_input import network_data
from smilejax.training import make_run, train_run
from smilejax.training.plans.plan import key_of
from smilejax.training.train_state import fit_standardisation
from smilejax.training.train_step import mirrored

DATA = picture_dataset()
FOLDS = by_participant(DATA, folds=2, key=jax.random.key(0))


def same(one: object, other: object) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True))


@pytest.mark.slow
def test_a_scored_trial_changes_nothing_that_is_learned_and_a_training_trial_does() -> None:
    """The leakage guard: weights and standardisation follow from the pixels of training trials alone."""
    train_mask = np.arange(24) < 16
    assert DATA.crops is not None

    def trained(row: int | None) -> object:
        crops = DATA.crops if row is None else DATA.crops.at[row].set(255 - DATA.crops[row])
        data = replace(DATA, crops=crops)
        return train(
            data, PICTURES, key=jax.random.key(3), train_mask=train_mask, validation_mask=~train_mask
        ).variables

    usual = trained(None)
    assert same(usual, trained(20))
    assert not same(usual, trained(4))


@pytest.mark.slow
def test_a_plan_holds_the_runs_that_are_trained_alone_and_compiles_one_program() -> None:
    plan = Plan(FOLDS, PICTURES, seeds=(0, 1))
    train_runs(DATA, Plan(FOLDS, replace(PICTURES, epochs=1), seeds=(5,)))
    with compilations("_epochs") as compiled:
        result = train_runs(DATA, plan, parameters=True)
        alone = train(
            DATA,
            PICTURES,
            key=key_of(1, 0),
            train_mask=FOLDS.train[0],
            validation_mask=FOLDS.validation[0] | FOLDS.test[0],
        )
        train_runs(DATA, Plan(FOLDS, replace(PICTURES, learning_rate=0.01, epochs=3)))
    assert not compiled
    row = next(r for r in range(len(plan)) if [int(at[0]) for at in plan.indices(np.array([r]))] == [0, 0, 0, 1])
    np.testing.assert_array_equal(result.logits[row], alone.logits)
    assert same(jax.tree.map(lambda leaf: leaf[row], result.variables), alone.variables)


@pytest.mark.weekly
@pytest.mark.parametrize("network", ["cnn", "convlstm"])
def test_over_seeds_at_once_is_one_after_another(network: str) -> None:
    settings = replace(PICTURES, model=replace(PICTURES.model, network=network))
    keys = jax.random.split(jax.random.key(1), 3)
    run = make_run(DATA, settings, key=keys[0])
    at_once = jax.vmap(lambda key: train_run(DATA, replace(run, key=key), settings=settings))(keys)
    for row, key in enumerate(keys):
        one = train_run(DATA, replace(run, key=key), settings=settings)
        np.testing.assert_allclose(at_once.logits[row], one.logits, atol=1e-4)
    assert np.ptp(np.asarray(at_once.logits), axis=0).max() > 1e-3


def test_standardisation_is_of_the_colours_of_valid_training_frames() -> None:
    train_mask = jnp.arange(24) < 10
    found = in_one_program(
        fit_standardisation, DATA.crops, DATA.valid, train_mask, standardised=(True, True, True), model=PICTURES.model
    )
    taken = (np.asarray(DATA.crops) / 255)[np.asarray(DATA.valid) & np.asarray(train_mask)[:, None]].reshape(-1, 3)
    np.testing.assert_allclose(found["mean"], taken.mean(0), rtol=1e-5)
    np.testing.assert_allclose(found["sd"], taken.std(0), rtol=1e-5)


@pytest.mark.slow
def test_a_class_that_is_in_the_pixels_is_learnt() -> None:
    train_mask = np.arange(24) < 16
    settings = replace(PICTURES, epochs=40, learning_rate=0.01)
    result = train(DATA, settings, key=jax.random.key(0), train_mask=train_mask, validation_mask=~train_mask)
    assert result.validation.accuracy[0] < 0.8
    assert result.validation.accuracy[-1] > 0.9


def test_about_half_of_the_trials_are_mirrored_by_the_key_all_frames_alike() -> None:
    x = jnp.asarray(np.random.default_rng(0).integers(0, 256, (64, 2, 16, 16, 3)), jnp.uint8)
    found = np.asarray(mirrored(x, jax.random.key(0)))
    turned = np.array([np.array_equal(a, b[:, :, ::-1]) for a, b in zip(found, np.asarray(x), strict=True)])
    kept = np.array([np.array_equal(a, b) for a, b in zip(found, np.asarray(x), strict=True)])
    assert (turned ^ kept).all()
    assert 20 < turned.sum() < 44
    np.testing.assert_array_equal(found, mirrored(x, jax.random.key(0)))
    assert not np.array_equal(found, mirrored(x, jax.random.key(1)))


def test_mirroring_is_of_crops_alone() -> None:
    with pytest.raises(SettingsError, match="mirror must be False unless the network is given crops"):
        replace(SMALL, mirror=True)


@pytest.mark.weekly
def test_mirroring_changes_a_training() -> None:
    one = train(DATA, PICTURES, key=jax.random.key(0))
    other = train(DATA, replace(PICTURES, mirror=False), key=jax.random.key(0))
    assert not same(one.variables, other.variables)


def test_a_network_of_crops_without_any() -> None:
    data = make_dataset(steps=2)
    with pytest.raises(SettingsError, match="the network cnn is given crops of faces, and these trials have none"):
        train(data, PICTURES, key=jax.random.key(0))
    with pytest.raises(SettingsError, match="the network cnn is given crops"):
        train_runs(data, Plan(FOLDS, PICTURES))
    assert network_data(DATA, SMALL.model).x is DATA.x  # one of channels looks at no crop
    assert network_data(DATA, PICTURES.model).x is DATA.crops
