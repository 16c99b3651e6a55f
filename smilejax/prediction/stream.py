"""`PredictionStream`: a trial classified while its samples arrive."""

import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, DataError, DataWarning, SettingsError
from smilejax.prediction.running_network import RunningNetwork
from smilejax.preprocess.any_recipe import at_rate
from smilejax.preprocess.inputs import Inputs
from smilejax.preprocess.pipeline import check_fits, run_program
from smilejax.preprocess.program import Program
from smilejax.preprocess.recipe import Recipe
from smilejax.preprocess.steps import STEPS
from smilejax.preprocess.steps.baseline import window_samples
from smilejax.preprocess.steps.plausible_range import MAX_PUPIL
from smilejax.preprocess.trial_status import TrialStatus
from smilejax.settings.checks import is_number, require
from smilejax.settings.training_settings import RECURRENT

if TYPE_CHECKING:
    from smilejax.prediction.predictor import Predictor

BEGIN, MOST_APART = 10, 1.5
"""So many first samples show the rate: it is another where the median time between them is longer than so many samples."""
WAITING = "waiting for the baseline"
"""Status of steps before the end of the baseline's window."""


@dataclass(frozen=True)
class StreamedStep:
    """What a stream says at one step of what the model sees.

    Arguments:
        time_ms: of the step, relative to onset.
        probability: of each class, in the order of the predictor's `class_names`, for the trial up to this step; None while
            there is none.
        status: "kept"; or why the recipe would reject the trial if it ended here, so that the probability is a guess; or
            "waiting for the baseline".
        proportion_valid: of the trial so far, samples that were measured and accepted, 0 to 1.
    """

    time_ms: float
    probability: tuple[float, float] | None
    status: str
    proportion_valid: float


class PredictionStream:
    """One trial as it is recorded: `Predictor.stream` makes one for each.

    Give it samples by `push`, in pieces of any size; how they are cut changes no bit. After the last sample of a trial its
    probability is that of `Predictor.predict` for the whole trial, to rounding.

    Arguments:
        predictor: the model.
        rate_hz: of the samples; None takes that of the recordings it was trained on.

    Raises:
        DataError: the model cannot be streamed: it is of faces, or no network of smilejax's own.
        SettingsError: a step of the recipe needs samples that are yet to come; or the rate does not fit the recipe.
    """

    def __init__(self, predictor: "Predictor", rate_hz: float | None = None) -> None:
        require(rate_hz is None or (is_number(rate_hz) and rate_hz > 0), "rate_hz", "a number above 0", rate_hz)
        self.predictor, self.rate_hz = predictor, float(rate_hz or predictor.recorded_hz)
        self.recipe = _streamable(predictor, self.rate_hz)
        if predictor.settings.truncate_from == 1:
            warnings.warn(
                "the model was trained on whole trials alone: how good it is before the end of one is not known. Train with "
                f"{SETTING.truncate_from} below 1.",
                DataWarning,
                stacklevel=3,
            )
        self.program = Program.of(self.recipe, self.rate_hz)
        in_mm = predictor.unit == "mm"
        self._numbers = self.program.numbers(self.recipe, in_mm=in_mm, start_ms=predictor.start_ms)
        limits = self.recipe.range_mm if in_mm and self.recipe.range_mm is not None else (0.0, MAX_PUPIL)
        self._limits = np.array([limits], np.float32)
        self._ratio = max(1, round(self.rate_hz / self.program.model_hz))
        self._first_answer = self._end_of_baseline()
        self.network = RunningNetwork(
            predictor.variables,
            predictor.members,
            predictor.settings.model,
            temperature=predictor.temperature,
            steps=self.program.model_samples,
            channels=len(self.recipe.channels),
        )
        samples = self.program.samples
        self._pupil = np.full((1, samples, 2), np.nan, np.float32)
        self._blink = np.zeros((1, samples, 2), bool)
        self.samples = 0
        """Samples of the trial so far."""
        self.surplus = 0
        """Samples beyond the model's duration: they are counted and not looked at."""
        self._first_time: float | None = None
        self._begin: list[float] = []
        self.latest: StreamedStep | None = None
        """What was said last; None before the first step."""

    @property
    def over(self) -> bool:
        """Whether the trial has reached the model's duration."""
        return self.samples >= self.program.samples

    def push(
        self,
        pupil: npt.ArrayLike,
        time_ms: npt.ArrayLike | None = None,
        *,
        blink: npt.ArrayLike | None = None,
    ) -> list[StreamedStep]:
        """The next samples, and what is said at the steps that they complete.

        Arguments:
            pupil: `f[n, 2]`, left and right eye in the predictor's unit, or `f[2]` for one sample; NaN where not measured.
            time_ms: `f[n]`, times on any clock, of which differences alone are used; samples that are left out in between
                count as not measured. None: samples follow each other at the rate.
            blink: `bool[n, 2]`, what the tracker calls a blink.

        Returns:
            One for each step, in order; empty where no step was completed.

        Raises:
            DataError: another shape, infinite values, or times that do not go on or do not fit the rate. Nothing of the piece
                is then taken.
        """
        values, closed = _checked(pupil, blink)
        places = self._places(len(values), time_ms)
        said = []
        for place, value, lids in zip(places.tolist(), values, closed, strict=True):
            while self.samples < min(place, self.program.samples):  # left out by the clock
                said += self._sample(np.full(2, np.nan, np.float32), np.zeros(2, bool))
            if place >= self.program.samples:
                self.surplus += 1
                continue
            said += self._sample(value, lids)
        return said

    def _places(self, n: int, time_ms: npt.ArrayLike | None) -> npt.NDArray[np.int64]:
        """The place of each of n samples in the trial, from 0."""
        after = self.samples + self.surplus
        if time_ms is None:
            if self._first_time is not None and n:
                raise DataError("samples must go on with times, as they began.", hint="Give time_ms.")
            return np.arange(after, after + n)
        times = np.atleast_1d(np.asarray(time_ms, np.float64))
        if times.shape != (n,) or not np.isfinite(times).all():
            raise DataError(f"time_ms must be finite, one for each of {n} samples; it is of shape {list(times.shape)}.")
        if n == 0:
            return np.arange(0)
        if self._first_time is None and after:
            raise DataError("samples must go on without times, as they began.", hint="Leave out time_ms.")
        first = float(times[0]) if self._first_time is None else self._first_time
        exact = (times - first) * self.rate_hz / 1000
        places = np.round(exact).astype(np.int64)
        before = np.concatenate(([after - 1], places[:-1]))
        if (places <= before).any():
            at = int(np.argmax(places <= before))
            raise DataError(
                f"samples must follow each other by {1000 / self.rate_hz:.4g} ms, at {self.rate_hz:g} Hz; the one at "
                f"{times[at]:.10g} ms does not.",
                hint=f"Give them in order, each once, and the rate at which they are recorded ({SETTING.rate_hz}).",
            )
        begin = [*self._begin, *exact[: BEGIN - len(self._begin)].tolist()]
        if len(self._begin) < BEGIN == len(begin) and (apart := float(np.median(np.diff(begin)))) > MOST_APART:
            raise DataError(
                f"the times are of a rate of about {self.rate_hz / apart:.4g} Hz, and the stream was begun for "
                f"{self.rate_hz:g} Hz.",
                hint=f"Begin it with the rate of the recording ({SETTING.rate_hz}).",
            )
        self._first_time, self._begin = first, begin
        return places

    def _sample(self, pupil: npt.NDArray[np.float32], blink: npt.NDArray[np.bool_]) -> list[StreamedStep]:
        """Take one sample of the trial; what is said where it is that of a step."""
        at = self.samples
        self._pupil[0, at] = pupil
        if self.recipe.tracker_blinks:
            self._blink[0, at] = blink
        self.samples += 1
        step, rest = divmod(at, self._ratio)
        if rest or step >= self.program.model_samples:
            return []
        self.latest = self._step(step)
        return [self.latest]

    def _step(self, step: int) -> StreamedStep:
        time_ms = self.predictor.start_ms + step * 1000 / self.program.model_hz
        if step < self._first_answer:
            return StreamedStep(time_ms, None, WAITING, math.nan)
        length = np.array([self.samples], np.int32)
        given = Inputs(self._pupil, length, self._limits, self._blink)
        cleaned, x, valid = run_program(self.program, self._numbers, given, 1, block=1)
        signal, there = np.asarray(x)[0], np.asarray(valid)[0]
        for row in range(self.network.given, step + 1):
            self.network.give(signal[row], bool(there[row]))
        status = TrialStatus(int(np.asarray(cleaned.status)[0]))
        known = status != TrialStatus.NOTHING_MEASURED
        first, second = self.network.probability() if known else (math.nan, math.nan)
        probability = (float(first), float(second)) if known else None
        return StreamedStep(time_ms, probability, status.words, float(np.asarray(cleaned.quality.proportion_valid)[0]))

    def _end_of_baseline(self) -> int:
        """The first step at which the baseline's window is over."""
        if self.recipe.baseline_ms is None:
            return 0
        rates = {"start_ms": self.predictor.start_ms, "rate_hz": self.program.model_hz}
        return window_samples(self.recipe.baseline_ms, **rates)[1] - 1


def _streamable(predictor: "Predictor", rate_hz: float) -> Recipe:
    """The recipe, as it is for this rate, of a model that can be streamed."""
    recipe = predictor.recipe
    if not isinstance(recipe, Recipe):
        raise DataError("only models of pupils are streamed; this one is of faces.")
    if predictor.classifier != "network" or predictor.settings.model.network != RECURRENT:
        name = predictor.settings.model.network if predictor.classifier == "network" else predictor.classifier
        raise DataError(
            f"only the network {RECURRENT!r} is streamed, whose state is carried from step to step; this model is {name!r}.",
            hint="Train one with classifier='network'.",
        )
    recipe = at_rate(recipe, rate_hz)
    check_fits(recipe, rate_hz)
    check_causal(recipe, rate_hz=rate_hz, in_mm=predictor.unit == "mm")
    return recipe


def check_causal(recipe: Recipe, *, rate_hz: float, in_mm: bool) -> None:
    """Refuse a settled recipe with a step that needs samples that are yet to come, naming the steps and what to change.

    Raises:
        SettingsError: such a step is done.
    """
    reasons = {step.name: step.why_not_causal(recipe, rate_hz=rate_hz, in_mm=in_mm) for step in STEPS}
    found = {name: hint for name, hint in reasons.items() if hint}
    if found:
        each = " ".join(f"{name}: {hint}" for name, hint in found.items())
        raise SettingsError(
            f"the model's recipe needs samples that are yet to come, so that it cannot be streamed. {each}",
            hint=f"Train a model with the recipe causal ({SETTING.recipe_name} causal).",
        )


def _checked(
    pupil: npt.ArrayLike, blink: npt.ArrayLike | None
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """Samples `f32[n, 2]` and blinks `bool[n, 2]`."""
    values = np.asarray(pupil, np.float32)
    values = values[None] if values.ndim == 1 and values.shape == (2,) else values
    if values.ndim != 2 or values.shape[1] != 2:
        raise DataError(
            f"pupil must be shaped [n samples, 2 eyes]; it is {list(values.shape)}.", hint="Give NaN for an eye."
        )
    if np.isinf(values).any():
        raise DataError("pupil must be finite, or NaN where it was not measured; it holds infinity.")
    closed = np.zeros(values.shape, bool) if blink is None else np.asarray(blink, bool).reshape(values.shape)
    return values, closed
