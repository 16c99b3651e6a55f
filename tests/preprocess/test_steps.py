"""The table of steps is the one place from which recipe, program, reasons and words follow."""

import dataclasses
import subprocess
import sys
import textwrap
from types import SimpleNamespace

import pytest

from smilejax import Reason, Recipe
from smilejax.preprocess.channels import CHANNELS, Channel, ChannelName, lanes_of, mask_channel
from smilejax.preprocess.face_steps import FACE_STEPS
from smilejax.preprocess.pipeline import STAGES
from smilejax.preprocess.program import Program
from smilejax.preprocess.reasons import PRECEDENCE, PRESENT
from smilejax.preprocess.recipe import RECIPES
from smilejax.preprocess.sample_reason import SampleReason, carries_value
from smilejax.preprocess.steps import STEPS, StepSettings, reasons_of

ALONE = ["smilejax.preprocess.recipe", "smilejax.preprocess.steps", "smilejax.preprocess.channels",
         "smilejax.preprocess.reasons", "smilejax.preprocess.recipe_in_words", "smilejax.preprocess.trial_status"]  # fmt: skip


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "code", [*(f"import {name}" for name in ALONE), "from smilejax import Reason, Recipe, TrialStatus"]
)
def test_what_a_step_says_needs_no_jax(code: str) -> None:
    words = "from smilejax.preprocess.recipe_in_words import steps; from smilejax import Recipe; steps(Recipe())"
    assert run(f"{code}\n{words}\nimport sys\nprint('jax' in sys.modules)") == "False\n"


def test_a_recipe_has_the_settings_of_the_table_in_its_order() -> None:
    settings = [step.settings for step in STEPS if step.settings is not None]
    assert list(StepSettings.__bases__) == settings[::-1]
    names = [field.name for one in settings for field in dataclasses.fields(one)]
    assert [field.name for field in dataclasses.fields(Recipe)] == names
    assert len(set(names)) == len(names), "two steps have a setting of the same name"


def test_every_setting_has_a_docstring_and_belongs_to_one_step() -> None:
    of_all = {field.name for step in STEPS if step.settings for field in dataclasses.fields(step.settings)}
    for step in STEPS:
        fields = set() if step.settings is None else {field.name for field in dataclasses.fields(step.settings)}
        assert {name for name, _ in step.off} <= fields, step
        assert set(step.compiled) <= (of_all if step.settings is None else fields), step  # the anti-alias has no own


def test_names_and_reasons_are_no_ones_twice() -> None:
    assert len({step.name for step in STEPS}) == len(STEPS)
    reasons = reasons_of((*STEPS, *FACE_STEPS))
    for what in ("number", "name", "words", "colour", "rank"):
        assert len({getattr(reason, what) for reason in reasons}) == len(reasons), what
    assert [(r.name, r.value) for r in Reason] == [(reason.name, reason.number) for reason in reasons]


@pytest.mark.parametrize(("number", "rank", "what"), [(11, 110, "number, 11"), (12, 55, "rank, 55")])
def test_a_number_or_a_rank_that_is_taken_is_refused(number: int, rank: int, what: str) -> None:
    """Which of the two a file then meant would depend on the order of a set."""
    taken = SimpleNamespace(reasons=(SampleReason("EVERY", number, "every so many", "#123456", rank=rank),))
    with pytest.raises(ValueError, match=f"have the same {what}"):
        reasons_of((*STEPS, *FACE_STEPS, taken))


def test_numbers_of_reasons_are_those_of_saved_files() -> None:
    """Changing one would give saved recordings another meaning."""
    assert {reason.name: reason.value for reason in Reason} == {
        "MEASURED": 0, "MISSING": 1, "OUT_OF_RANGE": 2, "TOO_FAST": 3, "OFF_TREND": 4, "ISLAND": 5, "PADDED": 6, "BLINK": 7,
        "FILLED": 8, "FROM_OTHER_EYE": 9, "OUTSIDE": 10, "LOW_CONFIDENCE": 11,
    }  # fmt: skip


def test_precedence_and_presence_follow_from_the_reasons() -> None:
    assert [reason.name for reason in PRECEDENCE] == [
        "OUTSIDE", "MEASURED", "FROM_OTHER_EYE", "FILLED", "BLINK", "MISSING", "OUT_OF_RANGE", "TOO_FAST", "OFF_TREND",
        "PADDED", "ISLAND",
    ]  # fmt: skip
    assert {reason.name for reason in PRESENT} == {"MEASURED", "FROM_OTHER_EYE", "FILLED"}
    assert {reason.value for reason in PRESENT} == {number for number in range(11) if carries_value(number)}


def test_stages_are_the_steps_that_change_samples() -> None:
    assert STAGES == (
        "missing", "out of range", "tracker's blinks", "partial blinks", "blink edges", "too fast", "padded edges",
        "off the trend", "islands", "other eye", "fuse the eyes", "fill gaps", "blink response", "low-pass", "resample",
        "baseline",
    )  # fmt: skip


@pytest.mark.parametrize("name", RECIPES)
def test_a_step_that_is_left_out_keeps_default_choices_and_neutral_numbers(name: str) -> None:
    recipe = dataclasses.replace(Recipe.named(name), duration_ms=1000.0, lowpass_hz=None, lowpass_order=3)
    program = Program.of(recipe, 60.0)
    assert "low-pass" not in program.steps
    assert program.settings.lowpass_order == StepSettings().lowpass_order
    assert float(program.numbers(recipe, in_mm=True, start_ms=0.0)["low-pass"]["D"]) == 1.0


def test_channels_are_those_that_options_name() -> None:
    assert list(CHANNELS) == list(ChannelName.__args__)
    assert [name for name, channel in CHANNELS.items() if channel.mask] == ["mask"]
    assert [name for name, channel in CHANNELS.items() if not channel.standardised] == ["mask"]
    assert [name for name, channel in CHANNELS.items() if not channel.level] == ["drive", "mask"]
    assert [lane.name for lane in lanes_of(("mask", "right", "drive", "fused"))] == ["right", "fused"]
    assert [lane.name for lane in lanes_of(("mask",))] == ["fused"]


def test_a_channel_need_not_be_of_a_pupil() -> None:
    lips, seen = Channel("lip corner distance", "distance of the lip corners"), mask_channel("seen")
    assert (lips.mask, lips.standardised, lips.lane, str(lips)) == (False, True, None, "lip corner distance")
    assert (seen.mask, seen.standardised, seen.described) == (True, False, "seen")
    assert hash(lips) != hash(seen)


TOY = """
    import dataclasses
    from dataclasses import dataclass
    import numpy as np
    # One module for the step ...
    from smilejax.preprocess.sample_reason import SampleReason
    from smilejax.preprocess.steps.step import Described, Step
    from smilejax.settings.checks import require_number

    EVERY = SampleReason("EVERY", 12, "every so many", "#123456", rank=110)

    @dataclass(frozen=True)
    class ToySettings:
        toy_every: float | None = 7.0

    class Toy(Step):
        name, settings, off, reasons = "toy", ToySettings, (("toy_every", None),), (EVERY,)
        def check(self, recipe):
            require_number(recipe, "toy_every", 1, optional=True)
        def words(self, recipe, known):
            if recipe.toy_every:
                yield Described("toy", f"mark every {recipe.toy_every:g}th sample", "our choice")
        def numbers(self, recipe, program, *, in_mm, start_ms):
            return {"every": recipe.toy_every or np.inf}
        def run(self, state, numbers, program):
            import jax.numpy as jnp
            from smilejax.preprocess.signal.trace import along, mark
            at = jnp.arange(state.trace.values.shape[0], dtype=jnp.float32) % numbers["every"] == 3
            where = along(at, state.trace.values) & state.trace.present
            return dataclasses.replace(state, trace=mark(state.trace, where, EVERY.code))

    # ... and the table.
    from smilejax.preprocess import steps
    at = steps.STEPS.index(steps.ISLANDS) + 1
    steps.STEPS = (*steps.STEPS[:at], Toy(), *steps.STEPS[at:])
    steps.StepSettings = dataclass(frozen=True)(type("StepSettings", (ToySettings, steps.StepSettings), {}))
"""
USE = """
    import jax, smilejax
    from smilejax import Reason, Recipe
    from smilejax.preprocess.pipeline import STAGES
    from smilejax.preprocess.recipe_in_words import steps as words
    print(Recipe(toy_every=5).toy_every, Reason.EVERY.words, Reason.EVERY.colour, "toy" in STAGES)
    print([w.does for w in words(Recipe()) if w.name == "toy"], [w for w in words(Recipe.minimal()) if w.name == "toy"])
    trials = smilejax.simulate_study(smilejax.SimulationSettings(participants=2, smilers=2, duration_ms=1000.0),
                                     key=jax.random.key(0)).trials
    cleaned = smilejax.clean(trials, smilejax.Recipe.minimal())
    with_toy = dataclasses.replace(smilejax.Recipe.minimal(), toy_every=7.0)
    marked = np.asarray(smilejax.clean(trials, with_toy).marked)
    print((np.asarray(cleaned.marked) == Reason.EVERY).sum(), sorted(set(np.nonzero(marked == Reason.EVERY)[1] % 7)))
    from smilejax.preprocess.quality_tables import trial_quality
    table = trial_quality(trials, smilejax.clean(trials, with_toy), with_toy)
    print(bool(0.05 < table["proportion_every"].mean() <= 9 / 60 + 1e-6))
    try:
        Recipe(toy_every=0.5)
    except smilejax.SmilejaxError as error:
        print(error)
"""


@pytest.mark.slow
def test_a_new_step_is_a_module_and_its_lines_in_the_table() -> None:
    """Settings, checks, words, reason, colour, program, stages and tables follow from these two."""
    assert run(textwrap.dedent(TOY) + textwrap.dedent(USE)).splitlines() == [
        "5.0 every so many #123456 True",
        "['mark every 7th sample'] []",
        "0 [np.int64(3)]",
        "True",
        "toy_every must be a number at least 1 or None; it is 0.5.",
    ]
