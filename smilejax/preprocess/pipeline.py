"""The steps composed: `Trials` -> `Dataset`, all trials in one compiled call.

The order is that of `smilejax.preprocess.steps.STEPS`. Rates and lengths are settled on the host; inside, trials run next to
each other, and no step looks from one to another.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, UInt8

from smilejax._util.kept_programs import KeptProgram
from smilejax.preprocess.blocks import Watch, block_width, filled_up, first_of, over_blocks, run_steps
from smilejax.preprocess.channels import CHANNELS
from smilejax.preprocess.dataset import Dataset, labels_and_groups
from smilejax.preprocess.inputs import EMPTY, Inputs, inputs
from smilejax.preprocess.program import Numbers, Program, TracedNumbers
from smilejax.preprocess.recipe import Recipe
from smilejax.preprocess.sample_reason import MEASURED
from smilejax.preprocess.signal.trace import Trace
from smilejax.preprocess.state import State
from smilejax.preprocess.steps import STEPS
from smilejax.preprocess.steps.blink_response import hidden_by_blinks
from smilejax.preprocess.trial_quality import Quality, assess
from smilejax.recordings.trials import Trials
from smilejax.settings.checks import require_kind

STAGES = tuple(step.name for step in STEPS if step.shown)
"""Steps that change samples, in their order."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Cleaned:
    """What the steps made of N trials, before channels are chosen.

    Arguments:
        trace: pupil and reasons of the lanes, `[N, T, L]`, at the recipe's rate.
        eyes: pupil and reasons of both eyes, `[N, T', 2]`, at the recording's rate: marked, and filled from each other.
        marked: `u8[N, T', 2]`, reasons of both eyes before that: why a sample was taken away.
        quality: what was measured, and how well.
        baseline: `f32[N, L]`, the level of the baseline window, in the recording's unit; 0 without a baseline step.
        blink_response: `f32[N, L]`, size of the response to blinks that was taken out; 0 without that step.
        status: `i32[N]`, a `TrialStatus`.
    """

    trace: Trace
    eyes: Trace
    marked: UInt8[Array, "..."]
    quality: Quality
    baseline: Float[Array, "..."]
    blink_response: Float[Array, "..."]
    status: Int[Array, "..."]


def settle(recipe: Recipe, trials: Trials) -> Recipe:
    """The recipe with what it leaves to the recording filled in: duration, rate, and where a baseline of so many ms stands.

    Raises:
        SettingsError: the recipe contradicts the recording: cut-off above Nyquist, resampling above the rate, a
            duration or baseline shorter than a sample or longer than the trial, a baseline outside of it.
    """
    require_kind(trials, "trials", Trials, "Read a file with smilejax.read, or simulate one.")
    require_kind(recipe, "recipe", Recipe)
    found: dict[str, object] = {}
    for step in STEPS:
        found |= step.settle(recipe, rate_hz=trials.rate_hz, duration_ms=trials.duration_ms, start_ms=trials.start_ms)
    settled: Recipe = replace(recipe, **found)  # type: ignore[arg-type]  # checked when made
    check_fits(settled, trials.rate_hz)
    return settled


def check_fits(recipe: Recipe, rate_hz: float) -> None:
    """Refuse a settled recipe that a recording at `rate_hz` cannot follow, with the numbers. Raises `SettingsError`."""
    for step in STEPS:
        step.check_rate(recipe, rate_hz)


def stages(trials: Trials, recipe: Recipe) -> dict[str, Trace]:
    """What each step made of the trials, by the step's name, in the order in which they are done.

    One compiled call; for a few trials to look at, since every stage is kept.

    Returns:
        Traces `[N, T, L]`: of both eyes up to "other eye", of what the channels need from "fuse the eyes" on. "missing" is the
        recording as it was. A step that the recipe leaves out may be there and have changed nothing.

    Raises:
        SettingsError: the recipe does not fit the recording.
    """
    settled = settle(recipe, trials)
    program = Program.of(settled, trials.rate_hz)
    numbers = program.numbers(settled, in_mm=trials.unit == "mm", start_ms=trials.start_ms)
    seen = _stages(numbers, inputs(trials, settled), program=program)  # jit hands dicts back by the alphabet
    return {name: seen[name] for name in STAGES if name in seen}


def clean_and_prepare(trials: Trials, recipe: Recipe) -> tuple[Cleaned, Dataset]:
    """Cleaned traces and dataset by a recipe that is settled, as a saved model's is; the recording may then have any rate."""
    check_fits(recipe, trials.rate_hz)
    cleaned, x, valid = _made(trials, recipe)
    return cleaned, Dataset(
        x=x,
        valid=valid,
        **labels_and_groups(trials),
        proportion_valid=cleaned.quality.proportion_valid,
        status=cleaned.status,
        channels=tuple(CHANNELS[name] for name in recipe.channels),
        class_names=trials.class_names,
        rate_hz=recipe.resample_hz or trials.rate_hz,
        recipe=recipe,
        start_ms=trials.start_ms,
    )


def clean_rows(trials: Trials, settled: Recipe, rows: Sequence[int]) -> Cleaned:
    """What a settled recipe makes of some trials, as among all: what is plausible is found from the whole recording.

    Arguments:
        rows: which, 0 to N - 1, in any order.
    """
    program = Program.of(settled, trials.rate_hz)
    numbers = program.numbers(settled, in_mm=trials.unit == "mm", start_ms=trials.start_ms)
    given = Inputs(*(part[list(rows)] for part in inputs(trials, settled)))
    return run_program(program, numbers, given, len(rows))[0]


def _made(trials: Trials, settled: Recipe) -> tuple[Cleaned, Array, Array]:
    """What a settled recipe's own program makes of trials."""
    program = Program.of(settled, trials.rate_hz)
    numbers = program.numbers(settled, in_mm=trials.unit == "mm", start_ms=trials.start_ms)
    return run_program(program, numbers, inputs(trials, settled), len(trials))


def run_program(
    program: Program, numbers: Numbers, given: Inputs, n: int, *, block: int | None = None
) -> tuple[Cleaned, Array, Array]:
    """Run a compiled program over N trials, in blocks of one width, the last padded with empty trials.

    Arguments:
        block: trials of a block; None for the width at which a trial gives the same bits among any others.

    Returns:
        What the steps made, `x f32[N, T, C]` and `valid bool[N, T]`.
    """
    block = block or block_width(program.samples, n)
    surplus = -n % block
    result = _CLEANING(numbers, filled_up(given, EMPTY, surplus), program=program, block=block)
    return first_of(result, n) if surplus else result


def _described(*, program: Program, block: int) -> str | None:
    """A program of the steps that there are, in words; a table of other steps may compute anything."""
    if program.table is not STEPS:
        return None
    return repr((replace(program, table=(), steps=frozenset()), sorted(program.steps), block))


@partial(jax.jit, static_argnames=("program", "block"))
def _run_blocks(
    numbers: TracedNumbers, given: Inputs, *, program: Program, block: int
) -> tuple[Cleaned, Float[Array, "N T C"], Bool[Array, "N T"]]:
    return over_blocks(lambda part: clean_trials(program, numbers, _time_first(part)), given, block)


_CLEANING: KeptProgram[tuple[Cleaned, Array, Array]] = KeptProgram(
    "cleaning", ("_util", "settings", "recordings", "preprocess"), lambda *_, **__: _run_blocks, _described
)


@partial(jax.jit, static_argnames="program")
def _stages(numbers: TracedNumbers, given: Inputs, *, program: Program) -> dict[str, Trace]:
    seen: dict[str, Trace] = {}
    clean_trials(program, numbers, _time_first(given), watch=seen.__setitem__)
    return jax.tree.map(lambda a: jnp.moveaxis(a, -1, 0), seen)


def _time_first(given: Inputs) -> State:
    """What the first step gets: time first, trials next to each other behind it (see `Trace`)."""
    pupil, blink = jnp.moveaxis(given.pupil, 0, -1), jnp.moveaxis(given.blink, 0, -1)
    raw = Trace(pupil, jnp.full(pupil.shape, MEASURED.code))
    limits = jnp.asarray(given.limits).T
    return State(raw, jnp.asarray(given.length), marked=raw, limits=limits, blink=blink, eyes=raw)


def clean_trials(
    program: Program, numbers: TracedNumbers, state: State, watch: Watch = lambda step, trace: None
) -> tuple[Cleaned, Float[Array, "T C *B"], Bool[Array, "T *B"]]:
    """Every step of a program on one trial or on B next to each other, in order. Pure; for `jit` the program is static.

    What it gives has trials behind, as what it takes; `clean` puts them first. `watch` is handed what each step made.
    """
    state = run_steps(program, numbers, state, watch)
    assert state.x is not None
    assert state.valid is not None
    return _cleaned(state, rate_hz=program.rate_hz), state.x, state.valid


def _cleaned(state: State, *, rate_hz: float) -> Cleaned:
    """What the last step leaves, assessed; 0 for what a step that is left out would have found."""
    assert state.proportion_valid is not None
    assert state.status is not None
    assert state.eyes is not None
    none = jnp.zeros(state.trace.values.shape[1:], state.trace.values.dtype)
    hidden = hidden_by_blinks(state.marked, rate_hz=rate_hz)
    return Cleaned(
        trace=state.trace,
        eyes=state.eyes,
        marked=state.marked.reason,
        quality=assess(state.eyes, state.marked, state.proportion_valid, hidden, rate_hz=rate_hz),
        baseline=none if state.baseline is None else state.baseline,
        blink_response=none if state.blink_response is None else state.blink_response,
        status=state.status,
    )
