"""All recipes of a grid on one recording, with as few compiled programs as there are different structures."""

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import numpy as np
import numpy.typing as npt
from jaxtyping import Array

from smilejax._util.errors import DataError, SettingsError
from smilejax.evaluation.multiverse.class_difference import By, Contrast, Floats, contrast, unit_of
from smilejax.evaluation.multiverse.quick_classifier import Score, binned, folds, score
from smilejax.evaluation.multiverse.recipe_grid import RecipeGrid
from smilejax.preprocess.channels import FUSED_PUPIL
from smilejax.preprocess.dataset import codes
from smilejax.preprocess.pipeline import Inputs, inputs, run, settle
from smilejax.preprocess.program import Program, shared
from smilejax.preprocess.recipe import Recipe
from smilejax.preprocess.trial_status import TrialStatus
from smilejax.recordings.trials import Trials

WINDOW_FROM_MS = 1000.0
"""Where the window begins unless told: the light reflex to the onset of a stimulus has passed its trough by then, and what
the stimulus means shows later (Bradley et al. 2008 average from 2 s on; Partala & Surakka 2003 from the onset). Our choice."""


class Seen(NamedTuple):
    """What one recipe made of N trials, on the host."""

    x: npt.NDArray[np.float32]
    """`f32[N, T]`, the fused pupil at the recipe's rate; 0 where not valid."""
    valid: npt.NDArray[np.bool_]
    """`bool[N, T]`."""
    status: npt.NDArray[np.int32]
    """`i32[N]`, a `TrialStatus`."""


class RecipeResults(NamedTuple):
    """What one recipe's cleaned_traces say; in a `Multiverse` every number has a leading axis R."""

    kept: Any
    """`i64[2]`, trials kept of either class."""
    contrast: Contrast
    score: Score


@dataclass(frozen=True, eq=False)
class Multiverse:
    """The finding under each of R recipes.

    Arguments:
        grid: the recipes.
        results: per recipe, each number with a leading axis R.
        same_as: `i64[R]`, the first recipe with the very same cleaned_traces and verdicts: its own row, where none is before it.
        time_ms: `f64[T]`, of each step of the cleaned_traces; window_ms: of the window's difference, the end excluded.
        class_names: the two classes; differences are second minus first. unit: of differences.
        by: what differences are taken over. split_by: what the folds of the score are made of.
        programs: programs that were compiled, or found compiled.
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


def explore(
    trials: Trials,
    grid: RecipeGrid,
    *,
    key: Array,
    window_ms: tuple[float, float] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Multiverse:
    """The finding under every recipe of a grid: the difference between the classes, and how well they are told apart.

    To report the recipe with the best value is selection: its interval and p hold for a recipe chosen beforehand. Intervals
    over time hold at each step on its own (pointwise), not for the whole curve.

    Arguments:
        trials: N recordings of both classes.
        grid: from `recipe_grid`.
        key: typed PRNG key that settles the folds of the score; they are the same for all recipes.
        window_ms: from and to of the window whose mean difference is given, in ms from the start of the trial; None takes
            1000 ms to the end, or the whole of a trial that is not longer.
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
    _require_both_classes(trials)
    settled = [settle(recipe, trials) for recipe in grid.recipes]
    time_ms = _times(settled[0], trials)
    window = _window(window_ms, time_ms, settled[0])
    by = unit_of(participant, label)
    fold, split_by = folds(participant, label, key=key)
    group = participant if split_by == "participants" else np.arange(len(trials), dtype=np.int32)
    outcomes, prints = [], []
    clock = _Clock()
    for row, (program, seen) in enumerate(clock.timed(cleaned_traces(trials, settled))):
        kept = (seen.status == TrialStatus.KEPT) & (label >= 0)
        x, valid, y = seen.x[kept].astype(np.float64), seen.valid[kept], label[kept]
        outcomes.append(
            RecipeResults(
                np.array([(y == k).sum() for k in (0, 1)]),
                contrast(x, valid, y, participant[kept], time_ms, window, by),
                score(binned(x, valid, _rate_hz(program)), y, group[kept], fold[kept]),
            )
        )
        prints.append(_fingerprint(seen))
        if progress is not None:
            progress(row + 1)
    return Multiverse(
        grid=grid,
        results=jax.tree.map(lambda *leaves: np.stack(leaves), *outcomes),
        same_as=np.array([prints.index(own) for own in prints]),
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


def cleaned_traces(trials: Trials, settled: list[Recipe]) -> Iterator[tuple[Program, Seen]]:
    """What each of R settled recipes makes of the trials, one after another; nothing is kept between them.

    Recipes of one structure run through one compiled program, as many as can be: see `program.shared`.
    """
    programs = shared([Program.of(recipe, trials.rate_hz) for recipe in settled])
    given: dict[tuple[Any, ...], Inputs] = {}
    for recipe, program in zip(settled, programs, strict=True):
        what = (recipe.duration_ms, recipe.range_mm, recipe.range_mads, recipe.tracker_blinks)
        if what not in given:
            given[what] = inputs(trials, recipe)
        numbers = program.numbers(recipe, in_mm=trials.unit == "mm")
        cleaned, x, valid = run(program, numbers, given[what], len(trials))
        at = program.channels.index(FUSED_PUPIL.name)
        yield program, Seen(np.asarray(x)[:, :, at], np.asarray(valid), np.asarray(cleaned.status))


class _Clock:
    """How long recipes took, and what of it was compiling."""

    def __init__(self) -> None:
        self.first: dict[Program, float] = {}
        self.later: dict[Program, list[float]] = {}
        self.began = time.perf_counter()

    def timed(self, given: Iterator[tuple[Program, Seen]]) -> Iterator[tuple[Program, Seen]]:
        """The same items; what is timed is the wait for each."""
        while True:
            before = time.perf_counter()
            try:
                program, seen = next(given)
            except StopIteration:
                return
            took = time.perf_counter() - before
            if program in self.first:
                self.later[program].append(took)
            else:
                self.first[program], self.later[program] = took, []
            yield program, seen

    def compile_s(self) -> float:
        """First calls, less what later ones of the same program take; all of a first call that stayed the only one."""
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
    return steps


def _window(given: tuple[float, float] | None, time_ms: Floats, settled: Recipe) -> tuple[float, float]:
    assert settled.duration_ms is not None
    end = settled.duration_ms
    if given is None:
        return (WINDOW_FROM_MS, end) if time_ms[-1] >= WINDOW_FROM_MS else (0.0, end)
    low, high = float(given[0]), min(float(given[1]), end)
    if not (0 <= low < high and ((time_ms >= low - 1e-6) & (time_ms < high - 1e-6)).any()):
        raise SettingsError(
            f"window_ms must be two times, the first below the second, with a step of the trial between them; "
            f"it is {given[0]:g} to {given[1]:g}, and trials have steps from 0 to {time_ms[-1]:g} ms."
        )
    return low, high


def _require_both_classes(trials: Trials) -> None:
    counts = [int((trials.label == k).sum()) for k in (0, 1)]
    if 0 in counts:
        raise DataError(
            f"a difference needs trials of both classes; there are {counts[0]} {trials.class_names[0]} and "
            f"{counts[1]} {trials.class_names[1]}. Check the labels with `smilejax check`."
        )


def _fingerprint(seen: Seen) -> bytes:
    """Equal for equal cleaned_traces and verdicts, and for no others."""
    digest = hashlib.blake2b(digest_size=16)
    for values in (np.where(seen.valid, seen.x, np.nan), seen.status):
        digest.update(np.ascontiguousarray(values).tobytes())
    return digest.digest()
