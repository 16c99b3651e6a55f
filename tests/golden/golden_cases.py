"""What the golden files of cleaning and training are made of: every setting written out, in the names of version 03116ae.

Settings are those by which `experiments/compare_versions.py` compares versions, and a few changed here.

`make_golden.py` runs these cases with that version and writes the files; `test_golden.py` runs them with the present one, under
the names of today (`today`). Defaults can change without changing what is compared.
"""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

SAMPLES, RATE_HZ, TRIALS = 150, 60.0, 12


def _of_versions(name: str) -> ModuleType:
    """A module of the comparison of versions, found by its file: it is run by an interpreter that imports either version."""
    path = Path(__file__).resolve().parents[2] / "experiments" / "versions" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"versions_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CASES, NAMES = _of_versions("cases"), _of_versions("names")

RECIPES: dict[str, dict[str, Any]] = {
    "default": CASES.RECIPE,
    "kret2019": CASES.RECIPES["kret2019"],
    "every step": CASES.RECIPES["every step"],
    "hardly any step": CASES.RECIPE
    | CASES.OFF
    | {
        "range_mm": (2.0, 5.0),
        "speed_mads": None,
        "pad_ms": None,
        "trend_mads": None,
        "island_ms": None,
        "other_eye_ms": 0.0,
        "interpolation": "four-point",
        "lowpass_hz": None,
        "resample_hz": None,
        "baseline": "z",
        "channels": ("fused",),
    },
}

MODEL: dict[str, Any] = {"hidden": 10, "dense": (20, 8)}
TRAINING: dict[str, Any] = CASES.TRAINING | {"learning_rate": 0.003, "epochs": 10, "batch": 4}
TRAININGS: dict[str, dict[str, Any]] = {
    "lstm": TRAINING | {"model": MODEL | {"cell": "lstm", "dropout": 0.5}},
    "gru": TRAINING
    | {
        "model": MODEL | {"cell": "gru", "dropout": 0.25},
        "optimizer": "adamw",
        "weight_decay": 0.01,
        "class_weights": "balanced",
    },
    "rnn": TRAINING
    | {
        "model": MODEL | {"cell": "rnn", "dropout": 0.0},
        "optimizer": "sgd",
        "learning_rate": 0.01,
        "momentum": 0.9,
        "scale": False,
    },
}
"""20 steps each: ten epochs of two minibatches of the eight training trials."""
TRAINED_ON, SEED = 8, 5


def today(settings: dict[str, Any]) -> dict[str, Any]:
    """The same settings under the names of today."""
    return {NAMES.SETTINGS.get(name, name): value for name, value in settings.items()}


def arrays() -> dict[str, np.ndarray]:
    """Trials in mm with noise, steep blinks, spikes, islands, a lost eye, gaps, and blinks that the tracker marked."""
    rng = np.random.default_rng(20261127)
    time = np.arange(SAMPLES) / RATE_HZ
    level = rng.normal(3.5, 0.3, (TRIALS, 1, 1)) + rng.normal(0, 0.1, (TRIALS, 1, 2))
    slow = 0.2 * np.sin(2 * np.pi * (0.3 * time + rng.random((TRIALS, 1))))[:, :, None]
    pupil = level + slow + rng.normal(0, 0.015, (TRIALS, SAMPLES, 2))
    label = np.arange(TRIALS) % 2
    pupil += 0.3 * label[:, None, None] * (time[None, :, None] > 1)
    blink = np.zeros((TRIALS, SAMPLES, 2), bool)
    for row in range(TRIALS):
        for at in rng.choice(SAMPLES - 30, 2, replace=False):
            pupil[row, at : at + 3] -= np.array([0.4, 0.9, 1.6])[:, None]
            pupil[row, at + 3 : at + 3 + int(rng.integers(4, 14))] = np.nan
        pupil[row, int(rng.integers(SAMPLES)), int(rng.integers(2))] += 0.8
    pupil[1, :100] = np.nan
    pupil[2, :, 0] = np.nan
    pupil[3, 40:70] = np.nan
    pupil[3, 52:55] = 3.2
    pupil[4, 20:30, 1] = 12.0
    blink[5, 60:75] = True
    blink[6, 30:33, 0] = True
    length = np.full(TRIALS, SAMPLES)
    length[7] = 120
    pupil[7, 120:] = np.nan
    return {"pupil": pupil.astype(np.float32), "blink": blink, "label": label.astype(np.int32), "length": length}
