"""The settings of what is compared, all written out, in the names of 03116ae; `names` has those of today."""

from typing import Any

RECIPE: dict[str, Any] = {
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
OFF: dict[str, Any] = {"tracker_blinks": False, "dip_ms": None, "walk_ms": None, "merge_ms": 0.0}
RECIPES: dict[str, dict[str, Any]] = {
    "default": RECIPE,
    "kret2019": RECIPE
    | OFF
    | {"min_speed_per_s": 0.0, "pad_ms": 50.0, "min_trend_share": 0.0, "other_eye_ms": 0.0, "max_gap_ms": 250.0},
    "minimal": RECIPE
    | OFF
    | {
        "speed_mads": None,
        "pad_ms": None,
        "trend_mads": None,
        "island_ms": None,
        "other_eye_ms": None,
        "max_gap_ms": 250.0,
        "lowpass_hz": None,
    },
    "every step": RECIPE
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
    "at the recording's rate": RECIPE
    | {"interpolation": "four-point", "baseline": "z", "resample_hz": None, "lowpass_hz": None, "dip_ms": None},
}
SIMULATION: dict[str, Any] = {
    "participants": 6,
    "smilers": 4,
    "rate_hz": 60.0,
    "duration_ms": 4000.0,
    "effect_mm": 0.4,
    "effect_onset_ms": 800.0,
    "effect_t_max_ms": 930.0,
    "baseline_mm": 3.5,
    "baseline_sd_mm": 0.5,
    "gain_sd": 0.25,
    "reflex_mm": 0.4,
    "reflex_sd_mm": 0.1,
    "drift_mm": 0.08,
    "hippus_mm": 0.06,
    "eye_offset_sd_mm": 0.15,
    "noise_mm": 0.015,
    "blinks_per_minute": 12.0,
    "blink_ms": 150.0,
    "losses_per_minute": 2.0,
    "loss_ms": 400.0,
    "spikes_per_minute": 2.0,
    "spike_mm": 0.5,
    "spike_ms": 20.0,
    "island_share": 0.3,
    "island_ms": 30.0,
    "sentinel": "nan",
}
MODEL: dict[str, Any] = {"cell": "lstm", "hidden": 10, "dense": (200, 20), "dropout": 0.5}
TRAINING: dict[str, Any] = {
    "optimizer": "adam",
    "learning_rate": 0.01,
    "momentum": 0.0,
    "weight_decay": 0.0,
    "epochs": 3,
    "batch": 16,
    "class_weights": "none",
    "scale": True,
}
REPORT = TRAINING | {"optimizer": "sgd", "learning_rate": 0.001, "epochs": 1, "batch": 1, "scale": False}
STUDY: dict[str, Any] = {
    "seeds": 2,
    "relabellings": 7,
    "scheme": None,
    "test_seeds": 1,
    "participant_folds": 3,
    "stimulus_folds": 2,
    "blocks": 2,
    "shuffled_folds": 2,
    "inner_draws": 1,
    "inner_share": 0.25,
    "inner_seeds": 2,
    "attention_seeds": 1,
    "draws": 200,
    "level": 0.95,
    "alpha": 0.05,
    "seed": 3,
}
