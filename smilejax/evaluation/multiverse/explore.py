"""All recipes of a grid on one recording, with as few compiled programs as there are recipe structures."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import jax
import numpy as np
import numpy.typing as npt
from jaxtyping import Array

from smilejax._util import summaries
from smilejax._util.errors import SettingsError
from smilejax._util.json_files import sha256_of_arrays
from smilejax.evaluation.class_difference.contrast import By, Contrast, compared_over, contrast
from smilejax.evaluation.multiverse.quick_classifier import QuickScore, assign_folds, binned, quick_score
from smilejax.evaluation.multiverse.recipe_grid import RecipeGrid
from smilejax.evaluation.statistics.mean_interval import Floats
from smilejax.preprocess.channels import FUSED_PUPIL
from smilejax.preprocess.dataset import codes
from smilejax.preprocess.inputs import Inputs, inputs
from smilejax.preprocess.pipeline import run_program, settle
from smilejax.preprocess.program import Program, shared
from smilejax.preprocess.recipe import Recipe
from smilejax.preprocess.trial_status import TrialStatus
from smilejax.recordings.both_classes import require_both_classes
from smilejax.recordings.trials import Trials

WINDOW_FROM_MS = 1000.0
"""Where the window begins by default: the light reflex to the onset of a stimulus is past its minimum by then, and the response
to the content of the stimulus comes later (Bradley et al. 2008 average from 2 s; Partala & Surakka 2003 from the onset). Our
choice."""


class FusedTraces(NamedTuple):
    """N trials cleaned by one recipe, on the host."""

    x: npt.NDArray[np.float32]
    """`f32[N, T]`, the fused pupil at the recipe's rate; 0 where not valid."""
    valid: npt.NDArray[np.bool_]
    """`bool[N, T]`."""
    status: npt.NDArray[np.int32]
    """`i32[N]`, a `TrialStatus`."""


class RecipeResults(NamedTuple):
    """What is found in the traces of one recipe; in a `Multiverse` every array has a leading axis R."""

    kept: npt.NDArray[np.int64]
    """`i64[..., 2]`, trials kept of either class."""
    contrast: Contrast
    score: QuickScore


@dataclass(frozen=True, eq=False)
class Multiverse:
    """The difference between the classes under each of R recipes.

    Arguments:
        grid: the recipes.
        results: for each recipe, every array with a leading axis R.
        same_as: `i64[R]`, the first recipe with identical traces and kept trials: its own row, where there is none before it.
        time_ms: `f64[T]`, of each step of the traces; window_ms: of the window's difference, the end excluded.
        class_names: the two classes; differences are second minus first. unit: of differences.
        by: what differences are averaged over. split_by: what the folds of the score are made of.
        programs: cleaning programs that were compiled, or found compiled.
        compile_s: time that the first call of each took beyond a later one; run_s: all other time.
    """

    grid: RecipeGrid
    results: RecipeResults
    same_as: npt.NDArray[np.int64]
    time_ms: Floats
    window_ms: tuple[float, float]
    class_names: tuple[str, str]
    unit: str
    by: By
    split_by: By
    programs: int
    compile_s: float
    run_s: float

    def __repr__(self) -> str:
        return f"Multiverse({'; '.join(text for _, text in self._summary())})"

    def _repr_html_(self) -> str:
        return summaries.as_html("Multiverse", self._summary())

    def _summary(self) -> list[tuple[str, str]]:
        first, second = self.class_names
        window = self.results.contrast.window.difference
        known = window[np.isfinite(window)]
        found = f"{known.min():.3g} to {known.max():.3g} {self.unit}" if known.size else "too few trials kept"
        return [
            ("recipes", summaries.counted(len(self.grid), "recipe")),
            ("difference", f"{second} minus {first}, over {self.by}: {found}"),
        ]


def explore(
    trials: Trials,
    grid: RecipeGrid,
    *,
    key: Array,
    window_ms: tuple[float, float] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Multiverse:
    """The difference between the classes, and how well a classifier distinguishes them, under every recipe of a grid.

    How the difference is averaged is defined in `class_difference`. To report the recipe with the best value is selection:
    its interval and p hold for a recipe chosen beforehand. Intervals over time hold at each step on its own (pointwise), not
    for the whole curve.

    Arguments:
        trials: N recordings of both classes.
        grid: from `recipe_grid`.
        key: typed PRNG key that settles the folds of the classifier; they are the same for all recipes.
        window_ms: from and to of the window whose mean difference is given, in ms relative to onset; None takes
            1000 ms to the end, or from 0 on in a trial that is not longer.
        progress: called with the number of recipes done, after each.

    Raises:
        DataError: trials of one class only.
        SettingsError: a recipe does not fit the recording, the window holds no step, or the key is none.

    Example:
        >>> import jax, smilejax  # doctest: +SKIP
        >>> settings = smilejax.SimulationSettings(participants=4, smilers=2, duration_ms=2000)  # doctest: +SKIP
        >>> trials = smilejax.simulate_study(settings, key=jax.random.key(0)).trials  # doctest: +SKIP
        >>> vary = {"max_missing": (0.25, 0.5), "max_gap_ms": (250, 400)}  # doctest: +SKIP
        >>> grid = recipe_grid(smilejax.Recipe(), vary, trials)  # doctest: +SKIP
        >>> found = explore(trials, grid, key=jax.random.key(1))  # doctest: +SKIP
        >>> found.results.contrast.window.difference.shape, found.programs  # doctest: +SKIP
        ((4,), 1)
    """
    label, participant = np.asarray(trials.label), codes(trials.participant, len(trials))
    require_both_classes(trials, "a difference")
    settled = [settle(recipe, trials) for recipe in grid.recipes]
    time_ms = _times(settled[0], trials)
    window = _window(window_ms, time_ms, settled[0], trials.start_ms)
    by = compared_over(participant, label)
    fold, split_by = assign_folds(participant, label, key=key)
    group = participant if split_by == "participants" else np.arange(len(trials), dtype=np.int32)
    results, digests = [], []
    clock = _Clock()
    for row, (program, traces) in enumerate(clock.timed(cleaned_traces(trials, settled))):
        kept = (traces.status == TrialStatus.KEPT) & (label >= 0)
        x = traces.x.astype(np.float64)
        difference = contrast(x[kept], traces.valid[kept], label[kept], participant[kept], time_ms, window, by)
        score = quick_score(binned(x, traces.valid, _rate_hz(program)), kept, label, group, fold)
        results.append(RecipeResults(np.bincount(label[kept], minlength=2), difference, score))
        digests.append(_digest(traces))
        if progress is not None:
            progress(row + 1)
    return Multiverse(
        grid=grid,
        results=jax.tree.map(lambda *leaves: np.stack(leaves), *results),
        same_as=np.array([digests.index(own) for own in digests]),
        time_ms=time_ms,
        window_ms=window,
        class_names=trials.class_names,
        unit={"subtract": trials.unit, "percent": "percent", "z": "sd"}[settled[0].baseline],
        by=by,
        split_by=split_by,
        programs=len(clock.first),
        compile_s=clock.compile_s(),
        run_s=clock.total_s() - clock.compile_s(),
    )


def cleaned_traces(trials: Trials, settled: list[Recipe]) -> Iterator[tuple[Program, FusedTraces]]:
    """The trials cleaned by each of R settled recipes, one recipe after another; nothing is kept between them.

    Recipes of one structure share a compiled program where they can: see `program.shared`.
    """
    programs = shared([Program.of(recipe, trials.rate_hz) for recipe in settled])
    prepared: dict[tuple[object, ...], Inputs] = {}
    for recipe, program in zip(settled, programs, strict=True):
        what = (recipe.duration_ms, recipe.range_mm, recipe.range_mads, recipe.tracker_blinks)
        if what not in prepared:
            prepared[what] = inputs(trials, recipe)
        numbers = program.numbers(recipe, in_mm=trials.unit == "mm", start_ms=trials.start_ms)
        cleaned, x, valid = run_program(program, numbers, prepared[what], len(trials))
        at = program.channels.index(FUSED_PUPIL.name)
        yield program, FusedTraces(np.asarray(x)[:, :, at], np.asarray(valid), np.asarray(cleaned.status))


class _Clock:
    """How long recipes took, and how much of it was compilation."""

    def __init__(self) -> None:
        self.first: dict[Program, float] = {}
        self.later: dict[Program, list[float]] = {}
        self.began = time.perf_counter()

    def timed(self, items: Iterator[tuple[Program, FusedTraces]]) -> Iterator[tuple[Program, FusedTraces]]:
        """The same items; the time spent waiting for each is recorded."""
        while True:
            before = time.perf_counter()
            try:
                program, traces = next(items)
            except StopIteration:
                return
            took = time.perf_counter() - before
            if program in self.first:
                self.later[program].append(took)
            else:
                self.first[program], self.later[program] = took, []
            yield program, traces

    def compile_s(self) -> float:
        """First calls minus the median of later calls of the same program; the whole of a first call that was the only one."""
        usual = {program: float(np.median(took)) if took else 0.0 for program, took in self.later.items()}
        return sum(max(took - usual[program], 0.0) for program, took in self.first.items())

    def total_s(self) -> float:
        """Since the start."""
        return time.perf_counter() - self.began


def _rate_hz(program: Program) -> float:
    return program.model_hz


def _times(settled: Recipe, trials: Trials) -> Floats:
    program = Program.of(settled, trials.rate_hz)
    steps: Floats = np.arange(program.model_samples, dtype=np.float64) * 1000.0 / _rate_hz(program)
    return trials.start_ms + steps


def _window(
    given: tuple[float, float] | None, time_ms: Floats, settled: Recipe, start_ms: float
) -> tuple[float, float]:
    assert settled.duration_ms is not None
    end = start_ms + settled.duration_ms
    if given is None:
        starts = (WINDOW_FROM_MS, 0.0, start_ms)
        return next(at for at in starts if start_ms <= at <= time_ms[-1]), end
    low, high = float(given[0]), min(float(given[1]), end)
    if not (start_ms <= low < high and ((time_ms >= low - 1e-6) & (time_ms < high - 1e-6)).any()):
        raise SettingsError(
            setting="window_ms",
            rule=f"two times, the first below the second, with a step of the trial between them (steps are at {start_ms:g} to "
            f"{time_ms[-1]:g} ms)",
            value=given,
        )
    return low, high


def _digest(traces: FusedTraces) -> str:
    """Equal for equal traces and kept trials, and for no others."""
    return sha256_of_arrays(np.where(traces.valid, traces.x, np.nan), traces.status)
