"""What is shown of a cleaning is what was done."""

import itertools
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import smilejax
from smilejax import Recipe, SimulationSettings
from smilejax.evaluation.study.cleaning_panels import panels, typical
from smilejax.preprocess.pipeline import STAGES, stages
from smilejax.preprocess.reasons import PRESENT
from smilejax.preprocess.recipe_in_words import steps
from smilejax.preprocess.trial_status import TrialStatus


@pytest.fixture(scope="module")
def trials():
    settings = SimulationSettings(participants=2, smilers=2, duration_ms=1500, blinks_per_minute=80)
    return smilejax.simulate_study(settings, key=jax.random.key(0)).trials


@pytest.fixture(scope="module")
def cleaned(trials):
    return smilejax.clean(trials, Recipe())


@pytest.fixture(scope="module")
def seen(trials):
    """The stages of every trial, made of one at a time as for a report: compiled once."""
    alone = [stages(trials.take([row]), Recipe()) for row in range(len(trials))]
    return {
        name: jax.tree.map(lambda *parts: jnp.concatenate(parts), *(one[name] for one in alone)) for name in alone[0]
    }


def test_the_last_stage_is_what_cleaning_gives(seen, cleaned) -> None:
    assert list(seen) == [name for name in STAGES if name in seen]
    last = seen["baseline"]
    np.testing.assert_allclose(last.values, cleaned.trace.values, atol=1e-5)
    np.testing.assert_array_equal(last.reason, cleaned.trace.reason)
    np.testing.assert_array_equal(seen["other eye"].reason, cleaned.eyes.reason)
    np.testing.assert_array_equal(seen["islands"].reason, cleaned.marked)


def test_no_step_gives_back_what_another_took_before_the_filling(seen) -> None:
    marking = [name for name in seen if STAGES.index(name) <= STAGES.index("islands")]
    present = [np.isin(np.asarray(seen[name].reason), PRESENT) for name in marking]
    for before, after in itertools.pairwise(present):
        assert not (after & ~before).any()


def test_stages_are_named_as_recipes_describe_them() -> None:
    named = [step.name for step in steps(replace(Recipe(), blink_response=True), 60.0, in_mm=True)]
    assert set(STAGES) <= set(named)
    assert [name for name in named if name in STAGES] == list(STAGES)


def test_panels_have_before_and_after(trials, cleaned, seen) -> None:
    found = panels(trials, cleaned, Recipe())
    by = {step.name: step for step in found.steps}
    assert found.trial in trials.trial
    assert list(by) == [name for name in STAGES if name in by]
    assert "missing" not in by
    for name, step in by.items():
        assert step.does, name
        for line in step.lines:
            assert line.before or line.after
    row = typical(cleaned)
    marks = seen["blink edges"].reason[row]
    before = seen["partial blinks"].reason[row]
    gone = np.isin(before, PRESENT) & ~np.isin(marks, PRESENT)
    assert by["blink edges"].changed == gone.sum() > 0
    for line, eye in zip(by["blink edges"].lines, (0, 1), strict=True):
        values = [v is None for v in line.after.value]
        assert values == list(~np.isin(marks[:, eye], PRESENT))


def test_a_typical_trial_was_kept_and_blinked(trials, cleaned) -> None:
    row = typical(cleaned)
    assert np.asarray(cleaned.status)[row] == TrialStatus.KEPT
    assert np.asarray(cleaned.quality.blinks)[row] > 0
