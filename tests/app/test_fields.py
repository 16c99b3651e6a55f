"""Settings as fields, made from the settings themselves."""

import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smilejax import FaceRecipe, ReadSettings, Recipe, StudySettings
from smilejax._util.errors import SETTING, ReadError, SettingsError
from smilejax.app.fields import (
    changed,
    fields_of,
    label_of,
    options_for,
    problem_of,
    range_of,
    reading_groups,
    recipe_groups,
    typed_text,
    value_of,
)
from smilejax.cli.evaluate_command import COMMAND
from smilejax.cli.parsing import parse_options
from smilejax.preprocess.recipe import RECIPES

FIELDS = {one.name: one for one in fields_of(Recipe)}
READING = {one.name: one for one in fields_of(ReadSettings)}


@pytest.mark.parametrize("recipe", [Recipe, FaceRecipe])
def test_every_setting_of_a_recipe_has_a_field(recipe: type) -> None:
    shown = [field.name for group in recipe_groups(recipe) for field in group.fields]
    assert sorted(shown) == sorted(one.name for one in dataclasses.fields(recipe))
    assert all(field.about for group in recipe_groups(recipe) for field in group.fields)


def test_every_setting_of_reading_has_a_field_but_exclusions() -> None:
    shown = [field.name for group in reading_groups() for field in group.fields]
    assert sorted([*shown, "exclude"]) == sorted(one.name for one in dataclasses.fields(ReadSettings))


@pytest.mark.parametrize("recipe", [Recipe, FaceRecipe])
def test_sliders_stay_where_a_setting_can_be(recipe: type) -> None:
    found = 0
    for field in fields_of(recipe):
        reach = range_of(field, recipe)
        if reach is None:
            continue
        found += 1
        whole = int if isinstance(field.default, int) else float
        for value in (reach.low, reach.high, reach.low + reach.step):
            assert getattr(changed(recipe(), field.name, whole(value)), field.name) == whole(value)
        assert reach.low <= field.default <= reach.high
        assert 3 <= (reach.high - reach.low) / reach.step <= 500
    assert found > (15 if recipe is Recipe else 6)


def test_a_proportion_has_a_slider_to_1() -> None:
    assert range_of(FIELDS["max_missing"], Recipe).high == 1.0
    assert range_of(FIELDS["max_baseline_missing"], Recipe).high == 1.0
    assert range_of(FIELDS["channels"], Recipe) is None


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("max_gap_ms", "250", 250.0),
        ("max_gap_ms", "inf", math.inf),
        ("max_gap_ms", "", 400.0),
        ("lowpass_hz", "", None),
        ("lowpass_hz", "none", None),
        ("lowpass_order", "2", 2),
        ("range_mm", "1.5, 9", (1.5, 9.0)),
        ("baseline_ms", "-200 0", (-200.0, 0.0)),
        ("baseline_ms", "200", 200.0),
        ("channels", "left right mask", ("left", "right", "mask")),
    ],
)
def test_texts_of_a_recipe(name: str, text: str, value: object) -> None:
    assert value_of(FIELDS[name], text) == value


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("classes", "Easy 'so hard'", ("Easy", "so hard")),
        ("classes", "easy task, hard task", ("easy task", "hard task")),
        ("participant", "Subject id, first", "Subject id, first"),
        ("trial", "block 'trial no'", ("block", "trial no")),
        ("missing", "-1, -9999", (-1.0, -9999.0)),
        ("label_from", "sheet: A* = fake, * = real", "sheet: A* = fake, * = real"),
        ("window_ms", "-200 4000", (-200.0, 4000.0)),
        ("rate_hz", "", None),
    ],
)
def test_texts_of_reading(name: str, text: str, value: object) -> None:
    assert value_of(READING[name], text) == value
    assert value_of(READING[name], typed_text(READING[name], value)) == value


@pytest.mark.parametrize(
    ("name", "text"), [("max_gap_ms", "many"), ("lowpass_order", "1.5"), ("range_mm", "1 2 3"), ("range_mm", "'1")]
)
def test_a_text_that_is_no_value_says_the_rule(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} must be .*; it is") as caught:
        value_of(FIELDS[name], text)
    assert caught.value.setting == name


@given(st.floats(1, 1e4), st.sampled_from([None, 0.1, 3.3333333333333335]), st.booleans(), st.sampled_from(RECIPES))
def test_a_recipe_as_options_is_read_back(gap: float, lowpass: float | None, blinks: bool, name) -> None:
    """What the command of an evaluation gets is the recipe of the app, every digit of it."""
    base = Recipe.named(name)
    recipe = dataclasses.replace(
        base, max_gap_ms=gap, lowpass_hz=lowpass, tracker_blinks=blinks, baseline_ms=(0.0, 500.0)
    )
    words = ["data.csv", "--out", "x", *options_for(recipe, Recipe())]
    assert parse_options(COMMAND, words).recipe == recipe


def test_reading_as_options_is_read_back() -> None:
    settings = ReadSettings(
        classes=("so Easy", "Hard"),
        trial=("block", "a b"),
        missing=(-1.0, -2.5),
        window_ms=(-200.0, 1e3),
        area=True,
        label="-x",
    )
    words = ["data.csv", "--out", "x", *options_for(settings, ReadSettings())]
    assert parse_options(COMMAND, words).read == settings


def test_a_study_as_options_is_read_back() -> None:
    assert options_for(StudySettings(), StudySettings()) == []
    assert options_for(StudySettings(permutations=19), StudySettings()) == ["--permutations", "19"]


def test_a_problem_calls_settings_as_fields_are_called() -> None:
    problem = problem_of(
        SettingsError(setting="max_gap_ms", rule=f"below {SETTING.pad_ms}", value=2.5, hint=f"Lower {SETTING.pad_ms}.")
    )
    assert (problem.field, problem.text) == ("max_gap_ms", "'max gap' must be below 'pad'; it is 2.5.")
    assert problem.hint == "Lower 'pad'."
    assert problem_of(ReadError("x.csv: no.", setting="time")).field == "time"
    assert label_of("resample_hz") == "resample"
