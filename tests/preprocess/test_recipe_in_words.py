"""A recipe in words: every step that is done, in its order, with the recipe's own numbers, and nothing else."""

import dataclasses
import math
import re
from dataclasses import replace
from typing import Any

import pytest

from smilejax import Recipe
from smilejax.preprocess.face_recipe import FaceRecipe
from smilejax.preprocess.program import Program
from smilejax.preprocess.recipe import RECIPES, RecipeName
from smilejax.preprocess.recipe_in_words import steps
from smilejax.preprocess.steps import STEPS
from smilejax.preprocess.steps.step import Described

ALL = Recipe(
    duration_ms=8000,
    blink_response=True,
    max_baseline_missing=0.4,
    channels=("fused", "left", "drive", "mask"),
)
"""Every step is on."""

SETTLED_BY = {
    "crop": "duration_ms",
    "missing": None,
    "out of range": "range_mm",
    "tracker's blinks": "tracker_blinks",
    "partial blinks": "partial_blink_ms",
    "blink edges": "blink_edge_ms",
    "merge": "blink_merge_ms",
    "too fast": "speed_mads",
    "padded edges": "pad_ms",
    "off the trend": "trend_mads",
    "islands": "island_ms",
    "other eye": "other_eye_ms",
    "fuse the eyes": "channels",
    "reject": "max_missing",
    "fill gaps": "max_gap_ms",
    "blink response": "blink_response",
    "low-pass": "lowpass_hz",
    "resample": "resample_hz",
    "baseline": "baseline_ms",
    "reject by baseline": "baseline_ms",
    "drive": "channels",
    "channels": "channels",
}
"""Each step, and the setting by which the recipe's docstring names it."""

INCLUDED_BY_OTHERS = {"crop", "missing", "dilation speeds", "fuse the eyes", "reject", "channels", "anti-alias"}
"""Steps that are always done, or without words of their own."""


def names(recipe: Recipe, **known: Any) -> list[str]:
    """Names of the steps; the second rejection, which goes by the baseline, is named apart from the first."""
    found = [step.name for step in steps(recipe, **known)]
    if found.count("reject") == 2:
        found[len(found) - 1 - found[::-1].index("reject")] = "reject by baseline"
    return found


def words(recipe: Recipe, **known: Any) -> str:
    return "\n".join(f"{step.name}: {step.does}" for step in steps(recipe, **known))


def source_of(recipe: Recipe, name: str) -> str:
    return next(step.source for step in steps(recipe, in_mm=True) if step.name == name)


def documented() -> list[str]:
    """Settings in the order of the docstring's numbered steps."""
    numbered = (Recipe.__doc__ or "").split("1. Crop")[1].split("`Recipe.named`")[0]
    return re.findall(r"`(\w+)`", numbered)


@pytest.mark.parametrize("recipe", [*map(Recipe.named, RECIPES), ALL], ids=[*RECIPES, "all steps"])
def test_steps_stand_in_the_order_of_the_recipes_docstring(recipe: Recipe) -> None:
    order, at = documented(), 0
    for name in names(recipe, in_mm=True):
        setting = SETTLED_BY[name]
        if setting is not None:
            assert setting in order[at:], f"{name} comes too late"
            at += order[at:].index(setting)


def test_a_recipe_with_every_step_describes_every_step() -> None:
    assert names(ALL, in_mm=True) == list(SETTLED_BY)
    assert set(documented()) >= {setting for setting in SETTLED_BY.values() if setting}


@pytest.mark.parametrize("recipe", [*map(Recipe.named, RECIPES), ALL], ids=[*RECIPES, "all steps"])
def test_what_is_described_is_what_is_compiled(recipe: Recipe) -> None:
    """The steps of the compiled program, for a recording at 100 Hz."""
    settled = replace(recipe, duration_ms=recipe.duration_ms or 5000, resample_hz=recipe.resample_hz or 100)
    program = Program.of(settled, 100.0)
    described = set(names(recipe, rate_hz=100.0, in_mm=True))
    always = INCLUDED_BY_OTHERS | {"out of range", "tracker's blinks", "fill gaps"}
    assert program.steps - always == described & {step.name for step in STEPS if step.name not in always}


OFF: list[tuple[dict[str, Any], set[str]]] = [
    ({"duration_ms": None}, {"crop"}),
    ({"range_mm": None}, {"out of range"}),
    ({"tracker_blinks": False}, {"tracker's blinks"}),
    ({"partial_blink_ms": None}, {"partial blinks"}),
    ({"blink_edge_ms": None}, {"blink edges", "merge"}),
    ({"blink_merge_ms": 0}, {"merge"}),
    ({"speed_mads": None}, {"too fast", "partial blinks"}),
    ({"pad_ms": None}, {"padded edges"}),
    ({"trend_mads": None}, {"off the trend"}),
    ({"island_ms": None}, {"islands"}),
    ({"other_eye_ms": None}, {"other eye"}),
    ({"channels": ("left", "right", "mask")}, {"fuse the eyes", "drive"}),
    ({"max_gap_ms": 0, "blink_response": False}, {"fill gaps", "blink response"}),
    ({"blink_response": False}, {"blink response"}),
    ({"lowpass_hz": None}, {"low-pass"}),
    ({"resample_hz": None}, {"resample"}),
    ({"baseline_ms": None}, {"baseline", "reject by baseline"}),
    ({"channels": ("fused", "mask")}, {"drive"}),
]


@pytest.mark.parametrize(
    ("changes", "absent"), OFF, ids=lambda value: "-".join(value) if isinstance(value, dict) else ""
)
def test_a_step_that_is_off_is_not_described(changes: dict[str, Any], absent: set[str]) -> None:
    left = names(replace(ALL, **changes), in_mm=True)
    assert left == [name for name in SETTLED_BY if name not in absent]


def changed(recipe: Recipe, name: str) -> list[Recipe]:
    """The recipe with another value of one setting: a hundredth more, or each other choice."""
    value = getattr(recipe, name)
    if isinstance(value, bool):
        return [replace(recipe, **{name: not value})]
    if isinstance(value, int):
        return [replace(recipe, **{name: value + 1})]
    if isinstance(value, float):
        return [replace(recipe, **{name: value * 1.01})]
    if name == "channels":
        return [replace(recipe, channels=value[1:]), replace(recipe, channels=value[::-1])]
    if isinstance(value, tuple):
        return [
            replace(recipe, **{name: (value[0] * 1.01, value[1])}),
            replace(recipe, **{name: (value[0], value[1] * 1.01)}),
        ]
    choices = {
        "interpolation": ("pchip", "four-point", "hold"),
        "lowpass_phase": ("causal",),
        "baseline": ("percent", "z"),
        "baseline_statistic": ("median",),
    }
    return [replace(recipe, **{name: choice}) for choice in choices[name]]


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(Recipe)])
def test_every_setting_changes_the_description(name: str) -> None:
    """None is left out: two recipes that read the same are the same."""
    texts = {words(ALL), *(words(recipe) for recipe in changed(ALL, name))}
    assert len(texts) == 1 + len(changed(ALL, name))


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"duration_ms": 3456}, "crop: cut or pad every trial to 3456 ms"),
        ({"range_mm": (2, 7.5)}, "out of range: mark pupils outside 2 to 7.5 mm"),
        (
            {"partial_blink_ms": 321},
            "partial blinks: mark drops of up to 321 ms between a fast closing and a fast opening of the lid",
        ),
        (
            {"blink_edge_ms": 123, "blink_edge_mads": 3.5, "min_speed_per_s": 0.75},
            "blink edges: mark up to 123 ms on either side of gaps, for as long as the pupil's speed is above its median "
            "+ 3.5 MAD and above 0.75 diameters a second",
        ),
        ({"blink_merge_ms": 87}, "merge: mark what lies between gaps of 50 ms or more that are up to 87 ms apart"),
        (
            {"speed_mads": 9, "speed_span_ms": 12.5},
            "too fast: mark samples at which the pupil's speed, measured over 12.5 ms, is above its median + 9 MAD and above 1 "
            "diameter a second",
        ),
        (
            {"pad_ms": 33, "pad_gaps_ms": (60, 1500)},
            "padded edges: mark 33 ms on either side of gaps of 60 to 1500 ms",
        ),
        (
            {"trend_mads": 11, "min_trend_proportion": 0.035},
            "off the trend: mark samples whose distance from a smooth line is above its median + 11 MAD and above 0.035 of the "
            "mean pupil",
        ),
        (
            {"island_ms": 44, "island_gap_ms": 22},
            "islands: mark runs of samples shorter than 44 ms between gaps of more than 22 ms",
        ),
        (
            {"other_eye_ms": 77},
            "other eye: where one eye is missing, take the other plus the difference between them, smoothed over 77 ms",
        ),
        ({"max_missing": 0.255}, "reject: leave out trials with more than 25.5% missing"),
        ({"max_missing": 1}, "reject: leave out trials of which nothing was measured"),
        ({"max_gap_ms": 222}, "fill gaps: fill gaps of up to 222 ms with straight lines"),
        (
            {"max_gap_ms": math.inf, "interpolation": "pchip"},
            "fill gaps: fill gaps of any length with a monotone cubic",
        ),
        (
            {"lowpass_hz": 5.5, "lowpass_order": 3},
            "low-pass: take out what is faster than 5.5 Hz, by a Butterworth filter of order 3, zero-phase",
        ),
        ({"resample_hz": 25}, "resample: resample to 25 Hz, without aliases"),
        (
            {"baseline_ms": 350, "baseline": "percent", "baseline_statistic": "median"},
            "baseline: give the pupil in percent of the median of the first 350 ms",
        ),
        (
            {"max_baseline_missing": 0.125, "min_baseline_mm": 1.75},
            "reject: leave out trials with no baseline or more than 12.5% of its window missing or one under 1.75 mm",
        ),
        ({"drive_n": 9.5, "drive_t_max_ms": 800}, "drive: deconvolve with n = 9.5 and a peak at 800 ms"),
        (
            {"channels": ("left", "mask")},
            "channels: keep left (pupil, left eye), mask (which samples were measured) as the cleaned signal",
        ),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_the_numbers_are_the_recipes_own(changes: dict[str, Any], line: str) -> None:
    assert line in words(replace(ALL, **changes), in_mm=True).splitlines()


def test_the_recordings_rate_and_unit_settle_what_there_is_to_do() -> None:
    assert "resample" not in names(Recipe(), rate_hz=10.0)
    assert "resample: resample from 60 to 10 Hz, without aliases" in words(Recipe(), rate_hz=60.0)
    range_mm = "mark pupils outside 1.5 to 9 mm"
    range_mads = "mark pupils outside the participant's median ± 12 MAD"
    by_unit = {
        unit: [step.does for step in steps(Recipe(), in_mm=unit) if step.name == "out of range"]
        for unit in (True, False)
    }
    assert by_unit == {True: [range_mm], False: [range_mads]}
    unknown = words(Recipe())
    assert f"{range_mm}, where the unit is mm" in unknown
    assert f"{range_mads}, in units other than mm" in unknown
    assert "one under 1.5 mm" in words(Recipe(), in_mm=True)
    assert "one under" not in words(Recipe(), in_mm=False)


def test_lower_limits_of_0_are_not_described() -> None:
    bare = words(Recipe.kret2019(), in_mm=True)
    assert "measured over 16.7 ms, is above its median + 16 MAD\n" in bare
    assert "from a smooth line is above its median + 16 MAD\n" in bare
    assert "take the other plus the difference between them\n" in bare


@pytest.mark.parametrize(
    ("recipe", "name", "source"),
    [
        (Recipe.kret2019(), "too fast", "Kret & Sjak-Shie 2019"),
        (Recipe(), "too fast", "after Kret & Sjak-Shie 2019"),
        (Recipe.kret2019(), "padded edges", "Kret & Sjak-Shie 2019"),
        (Recipe(), "padded edges", "after Kret & Sjak-Shie 2019"),
        (Recipe.kret2019(), "off the trend", "Kret & Sjak-Shie 2019"),
        (Recipe(min_trend_proportion=0, trend_mads=5), "off the trend", "after Kret & Sjak-Shie 2019"),
        (Recipe(), "islands", "Kret & Sjak-Shie 2019"),
        (Recipe(island_gap_ms=41), "islands", "after Kret & Sjak-Shie 2019"),
        (Recipe(), "merge", "Hershman et al. 2018"),
        (Recipe(blink_merge_ms=90), "merge", "after Hershman et al. 2018"),
        (Recipe(), "low-pass", "Kret & Sjak-Shie 2019"),
        (Recipe(lowpass_order=2), "low-pass", "after Kret & Sjak-Shie 2019"),
        (Recipe(max_gap_ms=250), "fill gaps", "Kret & Sjak-Shie 2019"),
        (Recipe(max_gap_ms=400), "fill gaps", "after Kret & Sjak-Shie 2019"),
        (Recipe.report(), "fill gaps", ""),
        (Recipe(range_mm=(1, 9)), "out of range", "after Kret & Sjak-Shie 2019"),
        (ALL, "drive", "Hoeks & Levelt 1993"),
        (replace(ALL, drive_n=9), "drive", "after Hoeks & Levelt 1993"),
    ],
)
def test_whose_numbers_are_not_theirs_are_after_them(recipe: Recipe, name: str, source: str) -> None:
    assert source_of(recipe, name) == source


def test_no_name_or_sentence_is_empty() -> None:
    for recipe in (*map(Recipe.named, RECIPES), ALL):
        for step in steps(recipe):
            assert isinstance(step, Described)
            assert step.name
            assert step.does


IN_ALL = ("out of range", "fill gaps", "resample", "baseline")
KRET = ("too fast", "padded edges", "off the trend", "islands", "other eye", "low-pass")
DONE = {
    "default": {*IN_ALL, *KRET, "tracker's blinks", "partial blinks", "blink edges"},
    "report": {"fill gaps"},
    "kret2019": {*IN_ALL, *KRET},
    "minimal": set(IN_ALL),
    "causal": {*IN_ALL, "low-pass"},
}


@pytest.mark.parametrize("name", RECIPES)
def test_a_named_recipe_states_every_step(name: RecipeName) -> None:
    """A step that is new and on by default does not enter a published recipe unnoticed."""
    recipe = Recipe.named(name)
    done = {step.name for step in STEPS if step.off and getattr(recipe, step.off[0][0]) != step.off[0][1]}
    assert done == DONE[name]


VERBS = (
    "cut",
    "take",
    "mark",
    "where",
    "average",
    "leave",
    "fill",
    "fit",
    "resample",
    "subtract",
    "give",
    "deconvolve",
    "keep",
)
"""What a step's words begin with: captions and methods have them without the step's name."""


@pytest.mark.parametrize("recipe", [*map(Recipe.named, RECIPES), ALL], ids=[*RECIPES, "all steps"])
def test_what_a_step_does_is_a_phrase_of_its_own(recipe: Recipe) -> None:
    for step in steps(recipe, rate_hz=60.0, in_mm=True):
        assert step.does.split()[0] in VERBS, step.does
    for step in steps(FaceRecipe(align="onset", duration_ms=1000.0), 25.0):
        assert step.does.split()[0] in (*VERBS, "begin"), step.does
