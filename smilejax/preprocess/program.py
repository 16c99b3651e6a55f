"""A recipe for a recording's rate, in two parts: what a compiled program is made for, and the numbers it is given.

Two hundred recipes that differ in thresholds are then one program, called two hundred times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from jaxtyping import Array

from smilejax.preprocess.any_recipe import AnyRecipe
from smilejax.preprocess.steps import STEPS, StepSettings, reasons_of
from smilejax.preprocess.steps.step import Step
from smilejax.settings import samples_in

Numbers = dict[str, dict[str, np.ndarray]]
"""The numbers of a recipe, a pytree of `f32`: by the step's name and the number's. A step that the recipe leaves out has
neutral ones."""
TracedNumbers = dict[str, dict[str, Array]]
"""The same inside a compiled program."""
P = TypeVar("P", bound="Program")


@dataclass(frozen=True)
class Program:
    """What is compiled: shapes, which steps there are, and choices between formulas. Hashable, static in `jit`.

    Arguments:
        rate_hz: the recording's rate; model_hz: the rate of what the model sees.
        duration_ms: length of every trial.
        channels: names of what the model sees.
        steps: names of the steps that are done.
        settings: settings that the program is made for (`Step.compiled`), of the steps that are done; the defaults elsewhere.
        table: the steps that there are, in their order.
    """

    rate_hz: float
    model_hz: float
    duration_ms: float
    channels: tuple[str, ...]
    steps: frozenset[str]
    settings: StepSettings
    table: tuple[Step[Any], ...] = STEPS  # Any: their recipe is of pupils, or of faces

    @classmethod
    def of(cls: type[P], recipe: AnyRecipe, rate_hz: float, table: tuple[Step[Any], ...] = STEPS) -> P:
        """The program of a settled recipe for recordings of a rate."""
        assert recipe.duration_ms is not None
        done = [step for step in table if step.included(recipe, rate_hz)]
        return cls(
            rate_hz=rate_hz,
            model_hz=recipe.resample_hz or rate_hz,
            duration_ms=recipe.duration_ms,
            channels=recipe.channels,
            steps=frozenset(step.name for step in done),
            settings=StepSettings(**{name: getattr(recipe, name) for step in done for name in step.compiled}),
            table=table,
        )

    @property
    def samples(self) -> int:
        """Samples of a trial at the recording's rate."""
        return samples_in(self.duration_ms, self.rate_hz)

    @property
    def model_samples(self) -> int:
        """Samples of a trial that a model sees."""
        return samples_in(self.duration_ms, self.model_hz)

    @property
    def precedence(self) -> tuple[np.uint8, ...]:
        """Codes of all reasons, by `SampleReason.rank`."""
        return tuple(reason.code for reason in sorted(reasons_of(self.table), key=lambda reason: reason.rank))

    def numbers(self, recipe: AnyRecipe, *, in_mm: bool, start_ms: float) -> Numbers:
        """The numbers of a settled recipe, whose own program this is, or one with more steps.

        Arguments:
            in_mm: whether the recording's unit is mm. start_ms: time of its first samples relative to onset.
        """
        return {
            step.name: {name: np.asarray(value, np.float32) for name, value in given.items()}
            for step in self.table
            if (given := step.numbers(recipe, self, in_mm=in_mm, start_ms=start_ms))
        }


def shared(programs: Sequence[Program]) -> list[Program]:
    """The same programs with steps that change nothing added, so that as many as can be are one and the same."""

    def key(program: Program) -> Program:
        # A step with neutral numbers leaves every value alone.
        fixed = {step.name for step in program.table if not step.neutral}
        return replace(program, steps=program.steps & fixed)

    steps: dict[Program, frozenset[str]] = {}
    for program in programs:
        steps[key(program)] = steps.get(key(program), frozenset()) | program.steps
    return [replace(program, steps=steps[key(program)]) for program in programs]
