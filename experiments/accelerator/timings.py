"""How fast trainings are on a device: tables that are printed row by row, each within its time."""

import math
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import jax

from accelerator import torch_loop
from accelerator.made_trials import RECIPES, Clock, Sizes, dataset_of, plan_of, timed_settings
from accelerator.peaks import PEAKS, Peaks, measured, shares
from smilejax import Dataset, TrainingSettings
from smilejax.training import Programs
from smilejax.training.plans import train_runs

REPEATS = 5


@dataclass(frozen=True)
class Timed:
    """Runs a second of one kind of training at one R and width: of each repeat."""

    name: str
    runs: int
    width: int
    compile_s: float
    rates: tuple[float, ...]

    @property
    def rate(self) -> float:
        """Median."""
        return statistics.median(self.rates)


def spread(values: Sequence[float]) -> str:
    """Median, least and greatest, to three digits."""
    return f"{statistics.median(values):.3g} ({min(values):.3g} to {max(values):.3g})"


def steps_per_run(settings: TrainingSettings, trials: int) -> int:
    """Steps of the optimiser in a run that trains on all trials but one."""
    return settings.epochs * math.ceil((trials - 1) / settings.minibatch_size)


def runs_a_second(sizes: Sizes, device: jax.Device, clock: Clock) -> list[Timed]:
    """Print and return the runs a second of every kind of training against R, as far as the time goes."""
    dataset = dataset_of(sizes.trials, sizes.steps)
    print("| training | R | width | compile, s | runs a second | repeats |\n|---|---|---|---|---|---|", flush=True)
    found: list[Timed] = []
    for place, name in enumerate(RECIPES):
        part = Clock.of(clock.left / (len(RECIPES) - place))
        found += _of_one_kind(name, dataset, sizes, device, part)
    return found


def _of_one_kind(name: str, dataset: Dataset, sizes: Sizes, device: jax.Device, clock: Clock) -> Iterator[Timed]:
    """The rows of one kind of training. What the row before took says whether there is time for the next one."""
    settings = timed_settings(name, sizes)
    compiling, per_run = 0.0, 0.0
    for runs, width in sizes.timed:
        # The time per run falls with the width, so that a narrower row's is an upper bound.
        if compiling + 2 * per_run * runs > clock.left:
            print(f"| {name} | {runs} | {width} | no time left | | |", flush=True)
            continue
        one = _timed(name, dataset, settings, runs, width, device, clock)
        compiling, per_run = max(compiling, one.compile_s), 1 / one.rate
        print(
            f"| {name} | {runs} | {width} | {one.compile_s:.1f} | {spread(one.rates)} | {len(one.rates)} |", flush=True
        )
        yield one


def _timed(
    name: str, dataset: Dataset, settings: TrainingSettings, runs: int, width: int, device: jax.Device, clock: Clock
) -> Timed:
    before = time.perf_counter()
    Programs(dataset, settings, devices=[device], width=width).memory_bytes()  # compiles
    train_runs(dataset, plan_of(dataset, settings, width), devices=[device], width=width, curves=False)
    compile_s = time.perf_counter() - before
    plan = plan_of(dataset, settings, runs)
    rates: list[float] = []
    while len(rates) < REPEATS and (not rates or clock.left > runs / rates[-1]):
        before = time.perf_counter()
        train_runs(dataset, plan, devices=[device], width=width, curves=False)
        rates.append(runs / (time.perf_counter() - before))
    return Timed(name, runs, width, compile_s, tuple(rates))


def against_torch(timed: Sequence[Timed], sizes: Sizes, *, on_gpu: bool, clock: Clock) -> None:
    """Print what PyTorch's loop takes for the same trainings on the same device, and the ratios."""
    missing = torch_loop.why_not(on_gpu)
    if missing:
        print(f"Not compared: {missing}.")
        return
    dataset = dataset_of(sizes.trials, sizes.steps)
    print("| training | PyTorch, s per model | R | here, s per model | ratio |\n|---|---|---|---|---|")
    for place, name in enumerate(RECIPES):
        part, settings = Clock.of(clock.left / (len(RECIPES) - place)), timed_settings(name, sizes)
        torch_loop.seconds_per_model(dataset, settings, seed=0, on_gpu=on_gpu)  # cuDNN chooses its algorithms
        took: list[float] = []
        while len(took) < REPEATS and (not took or part.left > took[-1]):
            took.append(torch_loop.seconds_per_model(dataset, settings, seed=1 + len(took), on_gpu=on_gpu))
        ours = [one for one in timed if one.name == name and one.runs <= sizes.compared]
        if not ours:
            print(f"| {name} | {spread(took)} | | no time left | |", flush=True)
            continue
        best = max(ours, key=lambda one: (one.runs, one.rate))
        per_model = [1 / rate for rate in best.rates]
        ratio = statistics.median(took) * best.rate
        print(f"| {name} | {spread(took)} | {best.runs} | {spread(per_model)} | {ratio:.3g} |", flush=True)


def shares_of_peaks(timed: Sequence[Timed], sizes: Sizes, device: jax.Device) -> None:
    """Print the device's peaks and what the trainings use of them."""
    reached = measured(device, size=sizes.matrix, mebibytes=sizes.copied_mib)
    known = PEAKS.get(device.device_kind)
    for peaks in (reached,) if known is None else (reached, known):
        print(_words(peaks))
    peaks = known or reached
    print(
        f"Shares of: {peaks.source}. Counted is what a step needs at least: matrix products, and traffic of parameters.\n"
    )
    print("| training | R | width | share of bandwidth | share of arithmetic |\n|---|---|---|---|---|")
    for one in timed:
        settings = timed_settings(one.name, sizes)
        of_run = steps_per_run(settings, sizes.trials)
        part = shares(one.rate, of_run, settings, peaks, steps=sizes.steps, channels=1)
        print(f"| {one.name} | {one.runs} | {one.width} | {part.bandwidth:.2%} | {part.arithmetic:.3%} |", flush=True)


def _words(peaks: Peaks) -> str:
    return f"- {peaks.gigabytes:.4g} GB/s, {peaks.teraflops:.3g} TFLOP/s of float32 ({peaks.source})"
