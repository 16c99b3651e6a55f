"""Whether everything runs on an accelerator, and how fast trainings are there; takes at most five minutes.

    python experiments/benchmark_accelerator.py                 on the accelerator that JAX chooses by itself
    python experiments/benchmark_accelerator.py --minutes 10

First it checks: cleaning, `train`, `train_runs` with up to 4096 runs, `evaluate`, a model saved there and loaded on a CPU,
agreement with the CPU over the first 20 steps, and that nothing goes to the host within an epoch. Each check prints a line,
and what fails does not stop the next. Then it times trainings against their number R, PyTorch's loop over cuDNN's LSTM on
the same GPU (where torch is installed), and the share of the device's bandwidth and arithmetic that is used. Compiling
stands apart. Without an accelerator it goes through the same steps on the CPU at small sizes (a dry run), and its times
mean nothing. It needs no file besides the project. It leaves with 1 where a check failed, and with 2 where time ran out
within a step.
"""

import argparse
import os
import tempfile
import threading
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import jax
from accelerator.checks import Setup, run_checks
from accelerator.made_trials import DRY, FULL, Clock, Sizes
from accelerator.timings import against_torch, runs_a_second, shares_of_peaks

CHECKS, RATES, TORCH = 0.55, 0.7, 0.8
"""Shares of the time that is left, for the checks, then the runs a second, then PyTorch; the peaks have the rest."""


def first_line(device: jax.Device) -> str:
    """What is measured, on what."""
    if device.platform == "cpu":
        return "Dry run on the CPU: there is no accelerator here, sizes are small, and nothing is measured."
    return f"Measured on {device.device_kind} ({device.platform}), one of {len(jax.local_devices())}."


def stop_after(seconds: float, tidy: Callable[[], None]) -> threading.Timer:
    """End the process then, whatever it is at: a compilation, or a program on a device, cannot be interrupted otherwise.

    Arguments:
        tidy: called before.
    """

    def stop() -> None:
        print("\nTime is over: the step above was not ended, and nothing after it was done.", flush=True)
        tidy()
        os._exit(2)

    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    return timer


def measure(device: jax.Device, sizes: Sizes, clock: Clock) -> None:
    """Print every table of times."""
    print("\n## Runs a second\n")
    print(
        f"{sizes.trials} trials of {sizes.steps} steps, {sizes.epochs} epoch(s), minibatches of 16, Adam; runs are trained in"
    )
    print("groups of a width. Median (least to greatest) of the repeats.\n")
    timed = runs_a_second(sizes, device, Clock.of(RATES * clock.left))
    print("\n## PyTorch's loop on the same device\n")
    on_gpu = device.platform == "gpu"
    against_torch(timed, sizes, on_gpu=on_gpu, clock=Clock.of(TORCH * clock.left))
    print("\n## Shares of the device's peaks\n", flush=True)
    shares_of_peaks(timed, sizes, device)


def main() -> int:
    """Check, then measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=5.0, help="most time that all takes together, above 0")
    given = parser.parse_args()
    if not given.minutes > 0:
        parser.error(f"--minutes must be above 0; it is {given.minutes:g}")
    seconds = 60 * given.minutes
    started, clock, folder = time.monotonic(), Clock.of(0.9 * seconds), tempfile.TemporaryDirectory()
    timer = stop_after(seconds, folder.cleanup)
    device = jax.local_devices()[0]
    sizes = DRY if device.platform == "cpu" else FULL
    print(first_line(device))
    print(f"smilejax with {', '.join(f'{name} {metadata.version(name)}' for name in ('jax', 'jaxlib', 'numpy'))}.\n")
    print("## Checks\n", flush=True)
    with folder:
        failed = run_checks(Setup(device, sizes, Path(folder.name)), Clock.of(CHECKS * clock.left))
        measure(device, sizes, clock)
    timer.cancel()
    print(f"\n{failed} check(s) failed. {time.monotonic() - started:.0f} s in all.")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
