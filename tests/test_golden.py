"""Cleaning and training give the numbers of version 03116ae, whatever has been moved or renamed since."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest
from golden.golden_cases import RATE_HZ, RECIPES, SEED, TRAINED_ON, TRAININGS, TRIALS, arrays, today

from smilejax import Dataset, ModelSettings, Recipe, TrainingSettings, Trials, prepare, train

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(scope="module")
def trials() -> Trials:
    given = arrays()
    return Trials(
        pupil=given["pupil"],
        length=given["length"],
        rate_hz=RATE_HZ,
        unit="mm",
        label=given["label"],
        class_names=("posed", "genuine"),
        trial=tuple(f"t{row}" for row in range(TRIALS)),
        participant=tuple(f"p{row // 4}" for row in range(TRIALS)),
        blink=given["blink"],
    )


def cleaned(trials: Trials, name: str) -> Dataset:
    return prepare(trials, Recipe(**today(RECIPES[name])))


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[] if n == "hardly any step" else [pytest.mark.slow]) for n in RECIPES]
)
def test_cleaning(trials: Trials, name: str) -> None:
    data = cleaned(trials, name)
    with np.load(GOLDEN / "cleaning.npz") as golden:
        x = golden[f"{name}/x"]
        np.testing.assert_array_equal(data.valid, golden[f"{name}/valid"])
        np.testing.assert_array_equal(data.status, golden[f"{name}/status"])
        np.testing.assert_allclose(data.proportion_valid, golden[f"{name}/proportion_valid"], rtol=1e-6)
        for at, channel in enumerate(RECIPES[name]["channels"]):
            own = x[:, :, at]
            # Of the channel's largest value; deconvolution multiplies a rounding, by a thousand where steps are missing.
            tolerance = 1e-3 if channel == "drive" else 1e-6
            np.testing.assert_allclose(data.x[:, :, at], own, rtol=1e-6, atol=tolerance * np.abs(own).max())


def test_the_golden_recipes_differ_and_reject_something() -> None:
    with np.load(GOLDEN / "cleaning.npz") as golden:
        assert len({golden[f"{name}/valid"].tobytes() for name in RECIPES}) == len(RECIPES)
        for name in RECIPES:
            assert 0 < (golden[f"{name}/status"] != 0).sum() < TRIALS / 2, name


@pytest.mark.parametrize("name", [pytest.param(n, marks=[] if n == "lstm" else [pytest.mark.slow]) for n in TRAININGS])
def test_twenty_steps_of_training(trials: Trials, name: str) -> None:
    """Training multiplies a difference in the last bit: after twenty steps the tolerance is a thousand times a rounding."""
    settings: dict[str, Any] = today(TRAININGS[name])
    model = replace(ModelSettings.report(), **settings["model"])  # 03116ae had no other input
    result = train(
        cleaned(trials, "hardly any step"),
        TrainingSettings(**(settings | {"model": model})),
        key=jax.random.key(SEED),
        train_mask=np.arange(TRIALS) < TRAINED_ON,
        validation_mask=np.arange(TRIALS) >= TRAINED_ON,
    )
    with np.load(GOLDEN / "training.npz") as golden:
        np.testing.assert_allclose(result.train.loss, golden[f"{name}/train_loss"], rtol=1e-4)
        np.testing.assert_allclose(result.logits, golden[f"{name}/logits"], rtol=1e-4, atol=1e-4)
