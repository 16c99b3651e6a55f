"""Settings: every range with its message, JSON and back, presets, hashes."""

import dataclasses
import json
import math
import re
from typing import Any

import pytest

from smilejax._util.errors import SettingsError, SmilejaxError
from smilejax.preprocess.recipe import Recipe
from smilejax.settings import (
    MAX_SEED,
    ModelSettings,
    ReadSettings,
    SimulationSettings,
    TrainingSettings,
    check_seed,
    from_json,
    to_json,
)

EVERY = (ReadSettings, SimulationSettings, Recipe, ModelSettings, TrainingSettings)


def refused(make: Any, message: str, **changes: Any) -> None:
    with pytest.raises(SettingsError) as caught:
        make(**changes)
    assert str(caught.value) == message


def numbers(make: Any, name: str, rule: str, good: tuple[Any, ...], bad: tuple[Any, ...], **others: Any) -> list[Any]:
    """Rows of a table: each good value is taken, each bad one refused by `rule`, as is what is no number."""
    return [pytest.param(make, name, rule, good, (*bad, math.nan, "1", True), others, id=f"{make.__name__}.{name}")]


RANGES = [
    *numbers(
        SimulationSettings,
        "rate_hz",
        "a number above 0 and at most 20000",
        (1, 20_000),
        (0, -1, 20_001, math.inf, None),
    ),
    *numbers(
        SimulationSettings, "duration_ms", "a number above 0 and at most 3.6e+06", (100,), (0, 3_600_001, math.inf)
    ),
    *numbers(
        SimulationSettings, "effect_mm", "a number at least -10 and at most 10", (-10, 0, 10), (-10.1, 10.1, -math.inf)
    ),
    *numbers(
        SimulationSettings, "effect_onset_ms", "a number at least 0 and at most 3.6e+06", (0, 1e6), (-1, math.inf)
    ),
    *numbers(
        SimulationSettings, "effect_t_max_ms", "a number at least 10 and at most 60000", (10, 60_000), (9.9, 60_001)
    ),
    *numbers(SimulationSettings, "baseline_mm", "a number at least 2 and at most 7", (2, 7), (1.9, 7.1)),
    *numbers(SimulationSettings, "gain_sd", "a number at least 0 and at most 2", (0, 2), (-0.1, 2.1)),
    *[
        row
        for name in (
            "baseline_sd_mm",
            "reflex_mm",
            "reflex_sd_mm",
            "drift_mm",
            "hippus_mm",
            "eye_offset_sd_mm",
            "noise_mm",
        )
        for row in numbers(SimulationSettings, name, "a number at least 0 and at most 10", (0, 10), (-0.1, 10.1))
    ],
    *[
        row
        for name in ("blinks_per_minute", "losses_per_minute")
        for row in numbers(SimulationSettings, name, "a number at least 0 and at most 120", (0, 120), (-1, 121))
    ],
    *[
        row
        for name in ("blink_ms", "loss_ms")
        for row in numbers(SimulationSettings, name, "a number above 0 and at most 60000", (1, 60_000), (0, 60_001))
    ],
    *numbers(SimulationSettings, "participants", "a whole number from 1 up", (1, 1000), (0, -1, 2.0, None)),
    *numbers(SimulationSettings, "smilers", "a whole number from 1 up", (1,), (0, 1.5)),
    *numbers(ReadSettings, "rate_hz", "a number above 0 or None", (None, 0.1), (0, -1, math.inf)),
    *numbers(Recipe, "duration_ms", "a number above 0 or None", (None, 5000), (0, -1, math.inf)),
    *numbers(Recipe, "lowpass_hz", "a number above 0 or None", (None, 0.5), (0, -4, math.inf)),
    *numbers(Recipe, "resample_hz", "a number above 0 or None", (None, 1), (0, -20, math.inf)),
    *numbers(
        Recipe,
        "baseline_ms",
        "a number above 0, or two, from below to, or None",
        (None, 1, (-200, 0), (100, 100.5)),
        (0, -200, math.inf, (0, 0), (0, -200), (-math.inf, 0), (1, 2, 3), (-200,), "200"),
    ),
    *numbers(Recipe, "max_missing", "a number at least 0 and at most 1", (0, 1), (-0.01, 1.01, None)),
    *numbers(Recipe, "max_gap_ms", "a number from 0 up, or inf", (0, 250, math.inf), (-1, -math.inf, None)),
    *numbers(Recipe, "partial_blink_ms", "a number above 0 or None", (None, 0.5), (0, -1, math.inf)),
    *numbers(Recipe, "blink_edge_ms", "a number above 0 or None", (None, 0.5), (0, -1, math.inf)),
    *numbers(TrainingSettings, "truncate_from", "a number above 0 and at most 1", (0.1, 1), (0, 1.1, None)),
    *numbers(Recipe, "pad_ms", "a number above 0 or None", (None, 0.5), (0, -1, math.inf)),
    *numbers(Recipe, "island_ms", "a number above 0 or None", (None, 0.5), (0, -1, math.inf)),
    *numbers(Recipe, "range_mads", "a number above 0 or None", (None, 0.5), (0, -1, math.inf)),
    *numbers(Recipe, "speed_mads", "a number above 0 or None", (None, 0.5), (0, -1, math.inf)),
    *numbers(Recipe, "trend_mads", "a number above 0 or None", (None, 0.5), (0, -1, math.inf)),
    *numbers(Recipe, "other_eye_ms", "a number at least 0 or None", (None, 0, 200), (-1, math.inf)),
    *numbers(Recipe, "speed_span_ms", "a number above 0", (0.5, 900), (0, -1, math.inf, None)),
    *numbers(Recipe, "drive_n", "a number above 0", (0.5, 900), (0, -1, math.inf, None)),
    *numbers(Recipe, "drive_t_max_ms", "a number above 0", (0.5, 900), (0, -1, math.inf, None)),
    *numbers(Recipe, "blink_edge_mads", "a number at least 0", (0, 1.5), (-0.1, math.inf, None)),
    *numbers(Recipe, "blink_merge_ms", "a number at least 0", (0, 1.5), (-0.1, math.inf, None)),
    *numbers(Recipe, "min_speed_per_s", "a number at least 0", (0, 1.5), (-0.1, math.inf, None)),
    *numbers(Recipe, "min_trend_proportion", "a number at least 0", (0, 1.5), (-0.1, math.inf, None)),
    *numbers(Recipe, "island_gap_ms", "a number at least 0", (0, 1.5), (-0.1, math.inf, None)),
    *numbers(Recipe, "min_baseline_mm", "a number at least 0", (0, 1.5), (-0.1, math.inf, None)),
    *numbers(Recipe, "max_baseline_missing", "a number at least 0 and at most 1", (0, 1), (-0.01, 1.01, None)),
    *numbers(SimulationSettings, "spikes_per_minute", "a number at least 0 and at most 120", (0, 120), (-1, 121, None)),
    *numbers(SimulationSettings, "spike_mm", "a number above 0 and at most 10", (0.1, 10), (0, 11, None)),
    *numbers(SimulationSettings, "spike_ms", "a number above 0 and at most 60000", (0.1, 60_000), (0, 60_001, None)),
    *numbers(SimulationSettings, "island_share", "a number at least 0 and at most 1", (0, 1), (-0.1, 1.1, None)),
    *numbers(SimulationSettings, "island_ms", "a number above 0", (1, 49), (0, -1, None)),
    *numbers(Recipe, "lowpass_order", "a whole number from 1 up", (1, 8), (0, 2.0)),
    *numbers(ModelSettings, "hidden", "a whole number from 1 up", (1,), (0, 10.0)),
    *numbers(ModelSettings, "velocity_steps", "a whole number from 0 up", (0, 1), (-1, 5.0)),
    *numbers(ModelSettings, "pool_steps", "a whole number from 1 up", (1, 10), (0, 10.0)),
    *numbers(ModelSettings, "dropout", "at least 0 and below 1", (0, 0.99), (-0.1, 1, None)),
    *numbers(
        TrainingSettings,
        "learning_rate",
        "a number above 0 and at most 1e+38",
        (1e-9, 10),
        (0, -1, 1e99, math.inf, None),
    ),
    *numbers(TrainingSettings, "momentum", "at least 0 and below 1", (0, 0.9), (-0.1, 1), optimizer="sgd"),
    *numbers(
        TrainingSettings,
        "weight_decay",
        "a number at least 0 and at most 1e+38",
        (0, 0.1),
        (-0.1, 1e39, math.inf),
        optimizer="adamw",
    ),
    *numbers(TrainingSettings, "epochs", "a whole number from 1 up", (1,), (0, 1.0)),
    *numbers(TrainingSettings, "minibatch_size", "a whole number from 1 up", (1,), (0, 16.0)),
]


@pytest.mark.parametrize(("make", "name", "rule", "good", "bad", "others"), RANGES)
def test_range_of_every_number(make: Any, name: str, rule: str, good: Any, bad: Any, others: Any) -> None:
    for value in good:
        assert getattr(make(**{name: value}, **others), name) == value
    for value in bad:
        refused(make, f"{name} must be {rule}; it is {value!r}.", **{name: value}, **others)


def test_table_of_ranges_holds_every_number() -> None:
    tested = {(row.values[0], row.values[1]) for row in RANGES}
    plain = (int, float, int | None, float | None)
    for settings in EVERY:
        for field in dataclasses.fields(settings):
            assert field.type not in plain or (settings, field.name) in tested, f"{settings.__name__}.{field.name}"


@pytest.mark.parametrize(
    ("make", "name", "choices", "optional"),
    [
        (SimulationSettings, "sentinel", ("nan", "0", "-1"), False),
        (ReadSettings, "time_unit", ("s", "ms", "us", "ns"), True),
        (ReadSettings, "unit", ("mm", "um", "m", "cm", "au", "px"), True),
        (ReadSettings, "orientation", ("column", "row"), True),
        (ReadSettings, "decimal", (".", ","), False),
        (ModelSettings, "cell", ("lstm", "gru", "rnn"), False),
        (TrainingSettings, "optimizer", ("sgd", "adam", "adamw"), False),
    ],
)
def test_choices(make: Any, name: str, choices: tuple[str, ...], optional: bool) -> None:
    for value in (*choices, None) if optional else choices:
        assert getattr(make(**{name: value}), name) == value
    rule = f"{name} must be one of {', '.join(choices)}{' or None' if optional else ''}"
    for wrong in ("other", choices[0] + " ", "", 0, *(() if optional else (None,))):
        refused(make, f"{rule}; it is {wrong!r}.", **{name: wrong})


@pytest.mark.parametrize(
    ("make", "name", "value", "message"),
    [
        (
            ReadSettings,
            "classes",
            ("a", "A "),
            "classes must be two different words; it is ('a', 'A '). Give both labels of the file, the positive one second.",
        ),
        (ReadSettings, "classes", ("a", " "), "classes must be two different words; it is ('a', ' ')."),
        (ReadSettings, "classes", ("a",), "classes must be two different words; it is ('a',)."),
        (ReadSettings, "classes", (1, 2), "classes must be two different words; it is (1, 2)."),
        (ReadSettings, "classes", "ab", "classes must be a tuple; it is 'ab'."),
        (ReadSettings, "missing", (-1.0, math.nan), "missing must be finite numbers; it is nan."),
        (ReadSettings, "missing", -1.0, "missing must be a tuple; it is -1.0."),
        (Recipe, "range_mm", (9.0, 1.5), "range_mm must be two numbers, 0 <= low < high; it is (9.0, 1.5)."),
        (Recipe, "range_mm", (2.0, 2.0), "range_mm must be two numbers, 0 <= low < high; it is (2.0, 2.0)."),
        (Recipe, "range_mm", (-1.0, 2.0), "range_mm must be two numbers, 0 <= low < high; it is (-1.0, 2.0)."),
        (Recipe, "range_mm", (1.0, math.inf), "range_mm must be two numbers, 0 <= low < high; it is (1.0, inf)."),
        (Recipe, "range_mm", (1.0,), "range_mm must be two numbers, 0 <= low < high; it is (1.0,)."),
        (Recipe, "range_mm", 9.0, "range_mm must be a tuple; it is 9.0."),
        (Recipe, "lowpass_order", 9, "lowpass_order must be at most 8; it is 9."),
        (Recipe, "channels", (), "channels must be different ones of fused, left, right, drive, mask; it is ()."),
        (
            Recipe,
            "channels",
            ("left", "left"),
            "channels must be different ones of fused, left, right, drive, mask; it is ('left', 'left').",
        ),
        (
            Recipe,
            "channels",
            ("both",),
            "channels must be different ones of fused, left, right, drive, mask; it is ('both',).",
        ),
        (Recipe, "channels", "fused", "channels must be a tuple; it is 'fused'."),
        (ModelSettings, "dense", (200,), "dense must be two whole numbers from 1 up; it is (200,)."),
        (ModelSettings, "dense", (200, 0), "dense must be two whole numbers from 1 up; it is (200, 0)."),
        (ModelSettings, "dense", (200.0, 20), "dense must be two whole numbers from 1 up; it is (200.0, 20)."),
        (ModelSettings, "dense", (True, 20), "dense must be two whole numbers from 1 up; it is (True, 20)."),
        (
            TrainingSettings,
            "class_weights",
            "equal",
            "class_weights must be none, balanced, or two numbers above 0; it is 'equal'.",
        ),
        (
            TrainingSettings,
            "class_weights",
            (1.0, 0.0),
            "class_weights must be none, balanced, or two numbers above 0; it is (1.0, 0.0).",
        ),
        (
            TrainingSettings,
            "class_weights",
            (1.0,),
            "class_weights must be none, balanced, or two numbers above 0; it is (1.0,).",
        ),
        (
            TrainingSettings,
            "class_weights",
            2.0,
            "class_weights must be none, balanced, or two numbers above 0; it is 2.0.",
        ),
        (TrainingSettings, "standardise", 1, "standardise must be True or False; it is 1."),
        (TrainingSettings, "model", None, "model must be a ModelSettings; it is None."),
        (TrainingSettings, "momentum", 0.9, "momentum must be 0 unless the optimizer is sgd; it is 0.9."),
        (TrainingSettings, "weight_decay", 0.1, "weight_decay must be 0 unless the optimizer is adamw; it is 0.1."),
    ],
)
def test_other_rules(make: Any, name: str, value: Any, message: str) -> None:
    with pytest.raises(SettingsError, match=f"^{re.escape(message)}"):
        make(**{name: value})


def test_settings_that_contradict_each_other() -> None:
    message = "baseline_ms must be inside the trial of 100 ms; it is 200.0."
    refused(Recipe, message, duration_ms=100.0)
    assert Recipe(duration_ms=200.0).baseline_ms == 200.0
    message = "duration_ms must be at least 4 samples long at rate_hz; it is 50.0."
    refused(SimulationSettings, message, duration_ms=50.0)
    assert SimulationSettings(duration_ms=50.0, rate_hz=1000.0).n_samples == 50


@pytest.mark.parametrize(("rate_hz", "samples"), [(60.0, 600), (1000.0, 10_000), (59.94, 599)])
def test_samples_of_a_simulated_trial(rate_hz: float, samples: int) -> None:
    assert SimulationSettings(rate_hz=rate_hz).n_samples == samples


# Values.


CHANGED: list[Any] = [
    ReadSettings(
        classes=("fake", "real"), missing=(-1.0, 99.0), label="inf", rate_hz=250.0, layout="four-tables", decimal=","
    ),
    SimulationSettings(participants=3, effect_mm=-0.1, sentinel="-1"),
    Recipe(duration_ms=8000.0, range_mm=None, max_gap_ms=math.inf, channels=("left", "mask")),
    Recipe.report(),
    ModelSettings(cell="gru", dense=(30, 5)),
    TrainingSettings(model=ModelSettings(hidden=3), optimizer="adamw", weight_decay=0.1, class_weights=(1.0, 2.5)),
    TrainingSettings.report(),
]


@pytest.mark.parametrize("settings", [*(make() for make in EVERY), *CHANGED], ids=lambda s: type(s).__name__)
def test_json_and_back(settings: Any) -> None:
    text = json.dumps(to_json(settings), allow_nan=False)
    back = from_json(type(settings), json.loads(text))
    assert back == settings
    assert hash(back) == hash(settings)
    assert json.dumps(to_json(back)) == text


def test_infinity_is_written_as_a_word() -> None:
    assert to_json(Recipe.report())["max_gap_ms"] == "inf"


def test_json_of_a_network_with_fewer_settings_is_read_as_what_it_was() -> None:
    data = to_json(ModelSettings.report())
    older = {k: v for k, v in data.items() if k not in ("velocity_steps", "pool_steps")}
    assert from_json(ModelSettings, older) == ModelSettings.report() != ModelSettings()
    assert from_json(ModelSettings, to_json(ModelSettings())) == ModelSettings()


def test_json_of_another_version_is_refused() -> None:
    data = to_json(ModelSettings())
    with pytest.raises(SettingsError, match=r"^ModelSettings has no setting named depth, width\.$"):
        from_json(ModelSettings, data | {"width": 3, "depth": 2})
    with pytest.raises(SettingsError, match=r"^ModelSettings lacks cell, hidden\.$"):
        from_json(ModelSettings, {k: v for k, v in data.items() if k not in ("cell", "hidden")})
    with pytest.raises(SettingsError, match=r"^ModelSettings must be written as a JSON object; it is 5\.$"):
        from_json(TrainingSettings, to_json(TrainingSettings()) | {"model": 5})
    with pytest.raises(SettingsError, match=r"^dropout must be at least 0 and below 1; it is 2\."):
        from_json(ModelSettings, data | {"dropout": 2})


@pytest.mark.parametrize("make", EVERY)
def test_settings_are_values(make: Any) -> None:
    assert make() == make()
    assert hash(make()) == hash(make())
    name = dataclasses.fields(make)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(make(), name, None)
    assert len({make(), make()}) == 1


@pytest.mark.parametrize("settings", CHANGED, ids=lambda s: type(s).__name__)
def test_changed_settings_differ_from_the_defaults(settings: Any) -> None:
    assert settings != type(settings)()


def test_lists_are_held_as_tuples() -> None:
    assert hash(Recipe(channels=["left"], range_mm=[1.0, 9.0])) == hash(Recipe(channels=("left",), range_mm=(1.0, 9.0)))  # type: ignore[arg-type]
    assert hash(ModelSettings(dense=[5, 4])) == hash(ModelSettings(dense=(5, 4)))  # type: ignore[arg-type]
    assert hash(ReadSettings(missing=[-1.0])) == hash(ReadSettings(missing=(-1.0,)))  # type: ignore[arg-type]
    assert TrainingSettings(class_weights=[1.0, 2.0]).class_weights == (1.0, 2.0)  # type: ignore[arg-type]


def test_preset_of_the_report() -> None:
    training = TrainingSettings.report()
    assert to_json(training) == {
        "model": {
            "network": "recurrent",
            "cell": "lstm",
            "hidden": 10,
            "dense": [200, 20],
            "velocity_steps": 0,
            "pool_steps": 1,
            "dropout": 0.5,
        },
        "optimizer": "sgd",
        "learning_rate": 0.001,
        "momentum": 0.0,
        "weight_decay": 0.0,
        "epochs": 10,
        "minibatch_size": 1,
        "class_weights": "none",
        "standardise": False,
        "truncate_from": 1.0,
        "mirror": False,
    }
    recipe = Recipe.report()
    assert recipe.channels == ("fused",)
    assert recipe.max_gap_ms == math.inf
    assert recipe.max_missing == 1.0
    assert (recipe.range_mm, recipe.lowpass_hz, recipe.resample_hz, recipe.baseline_ms, recipe.duration_ms) == (
        None,
    ) * 5


@pytest.mark.parametrize("seed", [0, 1, MAX_SEED])
def test_seeds_that_give_different_keys(seed: int) -> None:
    assert check_seed(seed) == seed


@pytest.mark.parametrize("seed", [-1, MAX_SEED + 1, 1.0, True, None, "1"])
def test_other_seeds_are_refused(seed: Any) -> None:
    with pytest.raises(SettingsError) as caught:
        check_seed(seed)
    assert str(caught.value) == f"seed must be a whole number from 0 to 4294967295; it is {seed!r}."


def test_every_error_of_a_setting_is_one_of_ours() -> None:
    assert issubclass(SettingsError, SmilejaxError)
