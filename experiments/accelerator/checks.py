"""Whether everything runs on a device: each check prints a line, ok or failed with why, and the next one follows."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd

import smilejax
from accelerator.made_trials import Clock, Sizes, dataset_of, plan_of
from smilejax import Dataset, RunStatus, TrainingSettings
from smilejax.models import network
from smilejax.training import Programs, Run, RunResult, make_run, programs
from smilejax.training.plans import train_runs
from smilejax.training.train_state import run_keys

STEPS, TRIALS, BATCH = 20, 81, 4
"""Steps over which device and CPU are compared: an epoch of 80 training trials in minibatches of 4."""
CLOSE_PARAMETERS = 1e-4
"""Largest difference of a parameter after 20 steps of SGD at full precision; they move by some .1."""
CLOSE_LOGITS = 0.05
"""Largest difference of a logit after 20 steps of the default training, products in the device's own precision (TF32 has 10
bits after the point). Adam divides by the size of the gradient, so that rounding of small gradients counts."""
CLOSE_PREDICTIONS = 0.01
"""Largest difference of a predicted probability between device and CPU, likewise."""


@dataclass(frozen=True)
class Setup:
    """What checks share.

    Arguments:
        device: the accelerator, or the CPU in a dry run. sizes: how large runs are.
        folder: for files, empty at first.
    """

    device: jax.Device
    sizes: Sizes
    folder: Path


class CheckError(Exception):
    """A check found something else than it should."""


def require(fulfilled: bool, otherwise: str) -> None:
    """Raise `CheckError`, saying what was found, unless fulfilled."""
    if not fulfilled:
        raise CheckError(otherwise)


def run_checks(setup: Setup, clock: Clock) -> int:
    """Run every check while there is time, print a line for each, and return how many failed."""
    failed = 0
    for words, check in checks(setup):
        if not clock.left:
            print(f"not done  {words}: no time left", flush=True)
            continue
        before = time.monotonic()
        try:
            found = check()
        except Exception as error:  # whatever is wrong with the device: the next check says more
            failed += 1
            print(f"failed    {words}: {_first_line(error)}", flush=True)
        else:
            print(f"ok        {words}: {found} [{time.monotonic() - before:.1f} s]", flush=True)
    return failed


def _first_line(error: Exception) -> str:
    text = str(error).strip().split("\n")[0][:300]
    return text if isinstance(error, CheckError) else f"{type(error).__name__}: {text}"


def checks(setup: Setup) -> list[tuple[str, Callable[[], str]]]:
    """Every check, in words and as what does it and says what it found."""
    return [
        ("cleaning", lambda: cleaning(setup)),
        ("train", lambda: one_training(setup)),
        (f"first {STEPS} steps as on the CPU, SGD at full precision", lambda: as_on_the_cpu(setup)),
        (f"first {STEPS} steps as on the CPU, default training", lambda: default_as_on_the_cpu(setup)),
        ("no transfer from or to the host within an epoch", lambda: no_transfer(setup)),
        *((f"train_runs, R {runs}", lambda runs=runs: many_runs(setup, runs)) for runs in setup.sizes.checked_runs),
        ("a model saved here predicts alike on a CPU", lambda: saved_model(setup)),
        ("evaluate a small study", lambda: small_study(setup)),
    ]


@cache
def simulated() -> smilejax.Trials:
    """Recordings of 4 participants who watch 4 smilers: 32 trials."""
    settings = smilejax.SimulationSettings(participants=4, smilers=4, duration_ms=4000)
    return smilejax.simulate_study(settings, key=jax.random.key(0)).trials


def cpu() -> jax.Device | None:
    """The CPU as a device of this process, or None (as where JAX_PLATFORMS leaves it out)."""
    try:
        return jax.devices("cpu")[0]
    except RuntimeError:
        return None


def on(array: jax.Array, device: jax.Device) -> bool:
    """Whether an array lies on a device alone."""
    return array.devices() == {device}


def cleaning(setup: Setup) -> str:
    """Clean on the device, and compare with the CPU where there is one."""
    trials = simulated()
    dataset = smilejax.prepare(trials, smilejax.Recipe())
    require(on(dataset.x, setup.device), f"the dataset lies on {dataset.x.devices()}")
    kept = int(dataset.kept.sum())
    require(kept > 0, "no trial was kept")
    other = cpu()
    if other in (None, setup.device):
        return f"{kept} of {len(trials)} trials kept; no other device here to compare with"
    with jax.default_device(other):
        there = smilejax.prepare(trials, smilejax.Recipe())
    require(
        bool((np.asarray(there.status) == np.asarray(dataset.status)).all()), "other trials are kept than on the CPU"
    )
    same = np.asarray(there.valid) & np.asarray(dataset.valid)
    differing = int((np.asarray(there.valid) != np.asarray(dataset.valid)).sum())
    require(differing == 0, f"{differing} of {same.size} samples are valid here or on the CPU only")
    worst = float(np.abs(np.asarray(there.x) - np.asarray(dataset.x))[same].max())
    require(worst < 1e-3, f"samples differ from the CPU's by up to {worst:.2g} mm")
    return f"{kept} of {len(trials)} trials kept; samples differ from the CPU's by at most {worst:.1g} mm"


def one_training(setup: Setup) -> str:
    """`train`, whose loss must fall."""
    dataset = dataset_of(setup.sizes.trials, setup.sizes.steps)
    result = smilejax.train(dataset, TrainingSettings(epochs=5), key=jax.random.key(0))
    require(on(jnp.asarray(result.logits), setup.device), "the result lies elsewhere")
    require(int(result.status) == RunStatus.OK, "the training diverged")
    first, last = result.train.loss[0], result.train.loss[-1]
    require(bool(last < first), f"the loss went from {first:.3f} to {last:.3f}")
    return f"loss {first:.3f} to {last:.3f}"


def many_runs(setup: Setup, runs: int) -> str:
    """`train_runs` with R seeds, each of which must end with numbers of its own."""
    dataset = dataset_of(setup.sizes.trials, setup.sizes.steps)
    plan = plan_of(dataset, TrainingSettings(epochs=1), runs)
    result = train_runs(dataset, plan, devices=[setup.device], curves=False)
    logits = np.asarray(result.logits)
    require(logits.shape == (runs, len(dataset), 2), f"logits are shaped {list(logits.shape)}")
    require(bool(np.isfinite(logits).all()), "some logits are not finite")
    require(bool((np.asarray(result.status) == RunStatus.OK).all()), "some runs diverged")
    distinct = len(np.unique(logits.reshape(runs, -1), axis=0))
    require(distinct == runs, f"only {distinct} of {runs} runs differ from each other")
    return f"{runs} finite runs, each of its own"


@contextmanager
def without_kernel() -> Iterator[None]:
    """The scan in place of the CPU's native kernel."""
    before = os.environ.get("SMILEJAX_NATIVE")
    os.environ["SMILEJAX_NATIVE"] = "0"
    try:
        yield
    finally:
        if before is None:
            del os.environ["SMILEJAX_NATIVE"]
        else:
            os.environ["SMILEJAX_NATIVE"] = before


def first_run(dataset: Dataset, settings: TrainingSettings) -> Run:
    """The run whose first steps are compared, on all trials but the first."""
    return make_run(dataset, settings, key=jax.random.key(1), train_mask=np.arange(len(dataset)) > 0)


def first_steps(dataset: Dataset, settings: TrainingSettings, device: jax.Device) -> RunResult:
    """One run of 20 steps on a device, on the host."""
    run = first_run(dataset, settings)
    alone = jax.tree.map(lambda leaf: leaf[None], run)
    made = Programs(dataset, settings, devices=[device], width=1)
    return jax.tree.map(np.asarray, made.train(alone, settings.epochs))


def both_devices(setup: Setup, settings: TrainingSettings, *, exact: bool) -> tuple[RunResult, RunResult]:
    """The first steps on the device and on the CPU.

    Arguments:
        exact: whether products are computed in full float32 on both.
    """
    other = cpu()
    if other is None:
        raise CheckError("there is no CPU in this process to compare with (JAX_PLATFORMS leaves it out)")
    dataset = dataset_of(TRIALS, setup.sizes.steps)
    precision = jax.default_matmul_precision("highest") if exact else nullcontext()
    # Compiled programs are found again by their settings, to which the precision of products does not belong.
    programs.compiled.clear()
    try:
        with precision:
            here = first_steps(dataset, settings, setup.device)  # in a dry run by the kernel, where it was built
            with without_kernel():
                return here, first_steps(dataset, settings, other)
    finally:
        programs.compiled.clear()


def as_on_the_cpu(setup: Setup) -> str:
    """20 steps of SGD with momentum, parameter by parameter."""
    settings = TrainingSettings(optimizer="sgd", momentum=0.9, learning_rate=0.05, epochs=1, minibatch_size=BATCH)
    here, there = both_devices(setup, settings, exact=True)
    dataset = dataset_of(TRIALS, setup.sizes.steps)
    key = run_keys(first_run(dataset, settings))[0]
    start = network.init(settings.model, samples=setup.sizes.steps, channels=1, key=key)
    worst, moved = (farthest(here.variables["params"], other["params"]) for other in (there.variables, start))
    require(moved > 100 * CLOSE_PARAMETERS, f"parameters moved by {moved:.2g} at most: too little to compare")
    require(worst <= CLOSE_PARAMETERS, f"parameters differ by up to {worst:.2g}, more than {CLOSE_PARAMETERS:g}")
    return f"parameters moved by up to {moved:.2g} and differ by at most {worst:.1g}"


def farthest(one: object, other: object) -> float:
    """Largest difference of two trees of arrays."""
    pairs = zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True)
    return max(float(np.abs(np.asarray(a) - np.asarray(b)).max()) for a, b in pairs)


def default_as_on_the_cpu(setup: Setup) -> str:
    """20 steps of the default training, as the device multiplies by itself."""
    here, there = both_devices(setup, TrainingSettings(epochs=1, minibatch_size=BATCH), exact=False)
    worst = float(np.abs(np.asarray(here.logits) - np.asarray(there.logits)).max())
    require(worst <= CLOSE_LOGITS, f"logits differ by up to {worst:.2g}, more than {CLOSE_LOGITS:g}")
    return f"logits differ by at most {worst:.1g}"


def no_transfer(setup: Setup) -> str:
    """An epoch of a group of runs, with every transfer between host and device refused; and what its program holds.

    The guard sees what Python hands over. Within a program a device could still call its host, so that its text is read too.
    """
    settings = TrainingSettings(epochs=1)
    dataset, width = dataset_of(setup.sizes.trials, setup.sizes.steps), 2
    made = Programs(dataset, settings, devices=[setup.device], width=width)
    runs = plan_of(dataset, settings, width).runs(dataset, np.arange(width))
    x, valid = made.data[setup.device]
    runs = jax.device_put(runs, setup.device)
    state = programs._begin(x, valid, runs, None, shape=made.shape)
    program, count = made._compiled(setup.device, runs.key), jax.device_put(np.int32(1), setup.device)
    with jax.transfer_guard("disallow"):
        state, logits, _, _ = jax.block_until_ready(program(x, valid, runs, state, count))
    require(bool(np.isfinite(np.asarray(logits)).all()), "the epoch's logits are not finite")
    text = program.as_text() or ""
    calls = sorted(
        set(re.findall(r"\b(?:infeed|outfeed|send|recv)\(|custom_call_target=\"[^\"]*callback[^\"]*\"", text))
    )
    require(not calls, f"its program calls the host: {', '.join(calls)}")
    open_ended = sum(" while(" in line and "known_trip_count" not in line for line in text.splitlines())
    return f"none; {open_ended} loops of its program have a length that XLA does not know (a GPU asks the host after each pass)"


def saved_model(setup: Setup) -> str:
    """Train and save a model on the device, and have a process without accelerator load it and predict."""
    trials = simulated()
    recording, model = setup.folder / "recording.csv", setup.folder / "model"
    smilejax.write_tidy(trials, recording)
    predictor = smilejax.train_model(trials, training=TrainingSettings(epochs=5), seeds=2)
    predictor.save(model)
    here = predictor.predict(trials)
    out = setup.folder / "predictions.csv"
    done = subprocess.run(
        [sys.executable, "-m", "smilejax", "predict", str(model), str(recording), "--out", str(out)],
        env=os.environ | {"JAX_PLATFORMS": "cpu"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    require(done.returncode == 0, f"smilejax predict on the CPU: {(done.stderr or done.stdout).strip()[-300:]}")
    there = pd.read_csv(out)
    columns = [f"p_{name}" for name in trials.class_names]
    require(len(there) == len(here), f"{len(there)} predictions in place of {len(here)}")
    worst = float(np.nanmax(np.abs(there[columns].to_numpy() - here[columns].to_numpy())))
    require(worst <= CLOSE_PREDICTIONS, f"probabilities differ by up to {worst:.2g}, more than {CLOSE_PREDICTIONS:g}")
    return f"{len(here)} trials, probabilities differ by at most {worst:.1g}"


def small_study(setup: Setup) -> str:
    """`evaluate` from recordings to results, with few seeds and permutations."""
    few = smilejax.StudySettings(
        seeds=1, permutations=4, stop_after=0, blocks=2, participant_folds=2, stimulus_folds=2, shuffled_folds=2,
        inner_draws=1, inner_seeds=1, attribution_seeds=1, draws=100,
    )  # fmt: skip
    prepared = smilejax.prepare_study(simulated(), smilejax.Recipe(), TrainingSettings(epochs=2), few)
    raw, final = smilejax.evaluate(prepared, options={"devices": [setup.device]})
    require(final is not None, "every final training diverged")
    results = smilejax.compute_results(raw, prepared.settings)
    return f"{prepared.runs} trainings; {type(results).__name__}"
