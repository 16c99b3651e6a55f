"""Which recipes a grid holds, which it drops, and what it refuses."""

import math
from dataclasses import replace
from typing import Any

import jax
import pytest

import smilejax
from smilejax import Recipe, SimulationSettings, Trials
from smilejax._util.errors import SettingsError
from smilejax.evaluation.multiverse import DEFAULT_VARY, MAX_RECIPES, recipe_grid
from smilejax.evaluation.multiverse.recipe_grid import COMMON

FUSED = ("fused",)


@pytest.fixture(scope="module")
def trials() -> Trials:
    settings = SimulationSettings(participants=2, smilers=1, duration_ms=1000)
    return smilejax.simulate_study(settings, key=jax.random.key(0)).trials


def refused(vary: dict[str, Any], base: Recipe | None = None, trials: Trials | None = None, **more: Any) -> str:
    with pytest.raises(SettingsError) as caught:
        recipe_grid(base or Recipe(), vary, trials, **more)
    return str(caught.value)


def test_a_grid_is_the_product_in_the_order_given() -> None:
    grid = recipe_grid(Recipe(), {"max_missing": (0.5, 0.25), "lowpass_hz": (None, 4.0, 10.0)})
    assert grid.choices == ((0.5, None), (0.5, 4.0), (0.5, 10.0), (0.25, None), (0.25, 4.0), (0.25, 10.0))
    for recipe, (max_missing, lowpass_hz) in zip(grid.recipes, grid.choices, strict=True):
        assert recipe == Recipe(max_missing=max_missing, lowpass_hz=lowpass_hz, channels=FUSED)
    assert (grid.base, grid.apart, len(grid), list(grid.combinations)) == (1, False, 6, [0, 1, 2, 3, 4, 5])
    assert grid.rows_with("lowpass_hz", 4.0) == [1, 4]
    assert grid.rows_with("max_missing", 0.25) == [3, 4, 5]


def test_a_base_that_is_no_combination_stands_apart() -> None:
    grid = recipe_grid(Recipe(), {"max_gap_ms": (100.0, 200.0)})
    assert grid.recipes[2] == Recipe(channels=FUSED)
    assert (grid.base, grid.apart, len(grid), list(grid.combinations)) == (2, True, 3, [0, 1])
    assert grid.choices[2] == (400.0,)
    assert grid.rows_with("max_gap_ms", 400.0) == []
    other = recipe_grid(Recipe(speed_mads=5.0), {"max_gap_ms": (400.0, 200.0), "recipe": ("default", "minimal")})
    assert other.apart
    assert other.choices[other.base] == (400.0, "other"), "its name is none of those with a name"


def test_a_named_recipe_brings_all_its_settings_but_those_that_a_grid_has_in_common() -> None:
    base = Recipe(duration_ms=2000, resample_hz=10, baseline="percent", speed_mads=5)
    grid = recipe_grid(base, {"recipe": ("kret2019", "minimal"), "max_gap_ms": (100,)})
    common = {name: getattr(base, name) for name in COMMON} | {"channels": FUSED}
    assert grid.recipes[0] == replace(Recipe.kret2019(), **common, max_gap_ms=100.0)
    assert grid.recipes[1] == replace(Recipe.minimal(), **common, max_gap_ms=100.0)
    assert grid.choices == (("kret2019", 100.0), ("minimal", 100.0), ("other", 400.0))
    named = recipe_grid(Recipe.kret2019(), {"recipe": ("default", "kret2019")})
    assert (named.base, named.apart) == (1, False)


def test_a_recipe_without_a_baseline_is_no_contradiction_where_one_is_put_on_top() -> None:
    grid = recipe_grid(Recipe(baseline="z"), {"recipe": ("report",), "baseline_ms": (100.0, 200.0)})
    assert [recipe.baseline_ms for recipe in grid.recipes[:2]] == [100.0, 200.0]
    assert grid.dropped == ()


def test_whole_numbers_lists_and_repetitions_are_held_as_recipes_hold_them() -> None:
    vary = {"max_gap_ms": [400, 400.0, 250], "lowpass_order": [2, 4], "pad_gaps_ms": ([75, 2000],)}
    grid = recipe_grid(Recipe(), vary)
    assert grid.vary == {"max_gap_ms": (400.0, 250.0), "lowpass_order": (2, 4), "pad_gaps_ms": ((75, 2000),)}
    assert (len(grid), grid.base, grid.apart) == (4, 1, False)


def test_the_default_grid_holds_the_default_recipe(trials: Trials) -> None:
    grid = recipe_grid(Recipe(), trials=trials)
    assert len(grid) == math.prod(map(len, DEFAULT_VARY.values())) == 108
    assert grid.choices[grid.base] == ("default", 400.0, "linear", 200.0, 0.5)
    assert len(set(grid.recipes)) == 108
    assert grid.dropped == ()


def test_the_pupil_seen_is_the_fused_one() -> None:
    grid = recipe_grid(Recipe(channels=("left", "mask")), {"max_missing": (0.2, 0.5)})
    assert {recipe.channels for recipe in grid.recipes} == {FUSED}


def test_combinations_that_contradict_themselves_or_the_recording_are_dropped_with_the_rule(trials: Trials) -> None:
    grid = recipe_grid(Recipe(), {"blink_response": (True, False), "max_gap_ms": (0, 400)})
    assert grid.choices == ((True, 400.0), (False, 0.0), (False, 400.0))
    assert grid.dropped == (
        (
            (True, 0.0),
            "blink_response must be False where max_gap_ms is 0; it is True. Blinks must be filled before their response is "
            "fitted.",
        ),
    )
    assert grid.base == 2
    base = Recipe(baseline="percent")
    said = refused({"baseline_ms": (None, 200.0)}, base)
    assert said == "baseline must be subtract where baseline_ms is None; it is 'percent'. Give a window."
    fits = recipe_grid(Recipe(), {"min_baseline_mm": (0, 5), "range_mm": ((1.5, 9), (1.5, 4.5))}, trials)
    assert [chosen for chosen, _ in fits.dropped] == [(5.0, (1.5, 4.5))]


def test_a_value_in_no_combination_is_a_mistake(trials: Trials) -> None:
    assert refused({"lowpass_hz": (4, 30)}, trials=trials).startswith(
        "lowpass_hz must be below half the recording's rate of 60 Hz; it is 30."
    )
    assert len(recipe_grid(Recipe(), {"lowpass_hz": (4, 30)})) == 2, "without the recording that is not known"
    assert refused({"max_missing": (0.5, 7)}) == "max_missing must be a number at least 0 and at most 1; it is 7.0."
    assert refused({"max_missing": (0.5, math.nan)}).startswith("max_missing must be a number at least 0")
    assert refused({"recipe": ("default", "kret")}).startswith("recipe must be one of ")
    assert "it is 'no'" in refused({"blink_response": ("no",)})


def test_a_base_that_does_not_fit_the_recording_is_refused(trials: Trials) -> None:
    said = refused({"max_missing": (0.5,)}, Recipe(resample_hz=100), trials)
    assert said.startswith("resample_hz must be at most the recording's rate of 60 Hz; it is 100.")


def test_unknown_settings_are_refused() -> None:
    assert refused({"max_gap": (250,)}).startswith("a recipe has no setting named max_gap. It has ")


@pytest.mark.parametrize("name", COMMON)
def test_what_all_recipes_have_in_common_cannot_vary(name: str) -> None:
    assert refused({name: (1,), "max_missing": (0.5,)}) == (
        "duration_ms, resample_hz, channels, baseline, drive_n, drive_t_max_ms must be the same in all recipes of a grid, "
        f"or their differences could not be compared; it varies {name}. Run once for each value."
    )


def test_a_grid_must_vary_something_over_a_list() -> None:
    assert refused({}) == (
        "a grid must vary at least one setting; none was given. Leave vary out for the default grid."
    )
    assert refused({"max_missing": ()}) == "max_missing must be varied over a list of at least one value; it is ()."
    assert refused({"interpolation": "linear"}) == (
        "interpolation must be varied over a list of at least one value; it is 'linear'."
    )


def test_too_many_combinations_are_refused_before_they_are_made() -> None:
    vary = {"blink_edge_ms": range(1, 101), "max_gap_ms": range(300), "lowpass_hz": (None, 4)}
    assert refused({name: tuple(values) for name, values in vary.items()}) == (
        f"a grid must have at most {MAX_RECIPES} combinations; these are 60000 (blink_edge_ms 100 x max_gap_ms 300 x "
        "lowpass_hz 2). Give fewer values; without max_gap_ms there are 200."
    )
    few = {"max_missing": (0.1, 0.2), "lowpass_hz": (None, 4, 10)}
    assert "at most 5 combinations; these are 6" in refused(few, most=5)
    assert len(recipe_grid(Recipe(max_missing=0.1), few, most=6)) == 6
