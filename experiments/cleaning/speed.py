"""How long it takes: against the plain version in the same process, and for many recipes."""

import resource
import time
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import jax

from cleaning.independent import REAL, real_trials
from cleaning.plain import plain_cleaning
from cleaning.tables import heading, spread, table
from smilejax import Recipe, SimulationSettings, Trials, clean, simulate_study
from smilejax.preprocess import blocks, pipeline
from smilejax.preprocess.program import Program

PLAIN_TRIALS, REPEATS = 300, 9
MIB = 2**20


class Took(NamedTuple):
    """Seconds by the clock, and of the processor by all threads."""

    clock: float
    processor: float


def timed(work: Callable[[], object]) -> Took:
    """How long a piece of work takes, its arrays waited for."""
    clock, processor = time.perf_counter(), time.process_time()
    jax.block_until_ready(work())
    return Took(time.perf_counter() - clock, time.process_time() - processor)


def run(trials: int, seed: int) -> None:
    """Print the tables of this section. `trials` counts tenths here: 1000 makes 10,000 trials."""
    n = 10 * trials
    study = simulate_study(
        SimulationSettings(participants=max(1, n // 40), smilers=20), key=jax.random.key(seed)
    ).trials
    n = len(study)
    few = min(PLAIN_TRIALS, n)
    heading(
        "Speed",
        f"{n} simulated trials of 600 samples and 2 eyes through the recipe `default`, in one compiled call, against the same "
        f"steps in plain NumPy and SciPy, trial by trial (`tests/helpers/plain_cleaning.py`), timed on {few} trials and "
        f"scaled. {REPEATS} repeats of both in turn, in one process: least / median / most. Processor time counts all threads.",
    )
    compile_s, memory = _compiled(study)
    before = _peak_mib()
    ours, theirs = _in_turn(study, few)
    scale = n / few
    table(
        ["", "by the clock, s", "of the processor, s"],
        [
            ["smilejax, one call", spread((t.clock for t in ours), 2), spread((t.processor for t in ours), 2)],
            [
                "plain NumPy and SciPy, scaled",
                *(spread((scale * getattr(t, w) for t in theirs), 1) for w in Took._fields),
            ],
            [
                "**how many times faster**",
                *(
                    spread((scale * getattr(b, w) / getattr(a, w) for a, b in zip(ours, theirs, strict=True)), 1)
                    for w in Took._fields
                ),
            ],
        ],
    )
    print(f"\nCompiling (lowering and compiling, before the first call): {compile_s:.1f} s.")
    print(
        f"Memory: the compiled program holds {memory.argument_size_in_bytes / MIB:.0f} MiB of input, "
        f"{memory.output_size_in_bytes / MIB:.0f} of output and {memory.temp_size_in_bytes / MIB:.0f} in between; the "
        f"largest the process ever was: {_peak_mib():.0f} MiB ({before:.0f} before the first call)."
    )
    _many_recipes(seed)


def _compiled(trials: Trials):
    """Seconds to lower and compile the program for these trials, and what memory it needs."""
    settled = pipeline.settle(Recipe(), trials)
    program = Program.of(settled, trials.rate_hz)
    given = pipeline.inputs(trials, settled)
    surplus = -len(trials) % blocks.BLOCK
    shapes = [jax.ShapeDtypeStruct((len(a) + surplus, *a.shape[1:]), a.dtype) for a in given]
    numbers = program.numbers(settled, in_mm=True, start_ms=trials.start_ms)
    begin = time.perf_counter()
    lowered = pipeline._run_blocks.lower(numbers, pipeline.Inputs(*shapes), program=program, block=blocks.BLOCK)
    compiled = lowered.compile()
    return time.perf_counter() - begin, compiled.memory_analysis()


def _in_turn(trials: Trials, few: int) -> tuple[list[Took], list[Took]]:
    plain, recipe = plain_cleaning(), Recipe()

    def in_plain() -> None:
        for i in range(few):
            plain.plain_clean(trials.pupil[i], int(trials.length[i]), recipe, rate_hz=trials.rate_hz)

    def in_one_call() -> object:
        return clean(trials, recipe)

    for work in (in_one_call, in_plain):  # compiles; fills caches
        work()
    ours, theirs = [], []
    for _ in range(REPEATS):
        ours.append(timed(in_one_call))
        theirs.append(timed(in_plain))
    return ours, theirs


def _many_recipes(seed: int) -> None:
    from smilejax.evaluation.multiverse.explore import cleaned_traces
    from smilejax.evaluation.multiverse.recipe_grid import recipe_grid

    if REAL.exists():
        trials, whose = real_trials(), "the 48 trials of PupillometryR's sample (600 samples, 2 eyes)"
    else:
        settings = SimulationSettings(participants=8, smilers=3)
        trials = simulate_study(settings, key=jax.random.key(seed)).trials
        whose = "48 simulated trials (600 samples, 2 eyes)"
    grid = recipe_grid(Recipe(), trials=trials)
    settled = [pipeline.settle(replace(recipe, channels=("fused",)), trials) for recipe in grid.recipes]
    took = [timed(lambda: [seen.status for _, seen in cleaned_traces(trials, settled)]) for _ in range(4)]
    programs = len(set(pipeline_programs(settled, trials)))
    first, later = took[0], took[1:]
    print(
        f"\n**Many recipes**: the {len(settled)} recipes of the default grid on {whose}: {first.clock:.1f} s the first time, "
        f"with {programs} programs to compile ({first.processor:.1f} s of the processor); after that "
        f"{spread((t.clock for t in later), 1)} s by the clock, {spread((t.processor for t in later), 1)} s of the processor."
    )


def pipeline_programs(settled: list[Recipe], trials: Trials) -> list[Program]:
    """The programs that these recipes share."""
    from smilejax.preprocess.program import shared

    return shared([Program.of(recipe, trials.rate_hz) for recipe in settled])


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
