"""What the golden files of cleaning and training are made of: every setting written out, in the names of version 03116ae.

`make_golden.py` runs these cases with that version and writes the files; `test_golden.py` runs them with the present one, under
the names of today (`today`). Defaults can change without changing what is compared.
"""

from typing import Any

import numpy as np

SAMPLES, RATE_HZ, TRIALS = 150, 60.0, 12

DEFAULT: dict[str, Any] = {
    "duration_ms": None,
    "range_mm": (1.5, 9.0),
    "range_mads": 12.0,
    "tracker_blinks": True,
    "dip_ms": 500.0,
    "walk_ms": 150.0,
    "walk_mads": 2.0,
    "merge_ms": 100.0,
    "speed_mads": 16.0,
    "speed_span_ms": 1000 / 60,
    "min_speed_per_s": 1.0,
    "pad_ms": 1000 / 60,
    "pad_gaps_ms": (75.0, 2000.0),
    "trend_mads": 16.0,
    "min_trend_share": 0.02,
    "island_ms": 50.0,
    "island_apart_ms": 40.0,
    "other_eye_ms": 200.0,
    "max_missing": 0.5,
    "interpolation": "linear",
    "max_gap_ms": 400.0,
    "blink_response": False,
    "lowpass_hz": 4.0,
    "lowpass_order": 4,
    "resample_hz": 20.0,
    "baseline_ms": 200.0,
    "baseline": "subtract",
    "baseline_statistic": "mean",
    "max_baseline_missing": 1.0,
    "min_baseline_mm": 1.5,
    "drive_n": 10.1,
    "drive_t_max_ms": 930.0,
    "channels": ("fused", "mask"),
}

RECIPES: dict[str, dict[str, Any]] = {
    "default": DEFAULT,
    "kret2019": DEFAULT
    | {
        "tracker_blinks": False,
        "dip_ms": None,
        "walk_ms": None,
        "merge_ms": 0.0,
        "min_speed_per_s": 0.0,
        "pad_ms": 50.0,
        "min_trend_share": 0.0,
        "other_eye_ms": 0.0,
        "max_gap_ms": 250.0,
    },
    "every step": DEFAULT
    | {
        "interpolation": "pchip",
        "blink_response": True,
        "lowpass_order": 3,
        "resample_hz": 25.0,
        "baseline": "percent",
        "baseline_statistic": "median",
        "max_baseline_missing": 0.5,
        "channels": ("left", "right", "fused", "drive", "mask"),
    },
    "hardly any step": DEFAULT
    | {
        "range_mm": (2.0, 5.0),
        "tracker_blinks": False,
        "dip_ms": None,
        "walk_ms": None,
        "merge_ms": 0.0,
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

TRAININGS: dict[str, dict[str, Any]] = {
    "lstm": {
        "model": {"cell": "lstm", "hidden": 10, "dense": (20, 8), "dropout": 0.5},
        "optimizer": "adam",
        "learning_rate": 0.003,
        "momentum": 0.0,
        "weight_decay": 0.0,
        "epochs": 10,
        "batch": 4,
        "class_weights": "none",
        "scale": True,
    },
    "gru": {
        "model": {"cell": "gru", "hidden": 10, "dense": (20, 8), "dropout": 0.25},
        "optimizer": "adamw",
        "learning_rate": 0.003,
        "momentum": 0.0,
        "weight_decay": 0.01,
        "epochs": 10,
        "batch": 4,
        "class_weights": "balanced",
        "scale": True,
    },
    "rnn": {
        "model": {"cell": "rnn", "hidden": 10, "dense": (20, 8), "dropout": 0.0},
        "optimizer": "sgd",
        "learning_rate": 0.01,
        "momentum": 0.9,
        "weight_decay": 0.0,
        "epochs": 10,
        "batch": 4,
        "class_weights": "none",
        "scale": False,
    },
}
"""20 steps each: ten epochs of two minibatches of the eight training trials."""
TRAINED_ON, SEED = 8, 5

TODAY = {
    "dip_ms": "partial_blink_ms",
    "walk_ms": "blink_edge_ms",
    "walk_mads": "blink_edge_mads",
    "merge_ms": "blink_merge_ms",
    "min_trend_share": "min_trend_proportion",
    "island_apart_ms": "island_gap_ms",
    "batch": "minibatch_size",
    "scale": "standardise",
}
"""Names of settings that have changed since."""


def today(settings: dict[str, Any]) -> dict[str, Any]:
    """The same settings under the names of today."""
    return {TODAY.get(name, name): value for name, value in settings.items()}


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
