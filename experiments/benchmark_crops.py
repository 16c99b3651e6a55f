"""What networks of crops cost: processor time of an epoch, and of the scoring after it.

    python experiments/benchmark_crops.py                     64 single crops, and 64 clips of 20 frames, of 48 x 48 pixels

Pictures are noise: what they show does not change the time. One training on one core, as a plan does it on a CPU; the first
epoch, which compiles, is left out. Times are the processor's, and the clock's beside them; on a machine with other work read
the processor's. A training with curves scores all trials after each epoch; those of a permutation test score them once.
"""

import argparse
import time
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np

from smilejax import Dataset, TrainingSettings, train
from smilejax.preprocess.to_dataset import dataset_of_arrays
from smilejax.training import Programs, make_run


def clips(count: int, frames: int, side: int) -> Dataset:
    """Clips of noise, of two classes."""
    rng = np.random.default_rng(0)
    base = dataset_of_arrays(rng.normal(size=(count, frames, 1)))
    crops = jnp.asarray(rng.integers(0, 256, (count, frames, side, side, 3)), jnp.uint8)
    return replace(base, y=jnp.asarray(np.arange(count) % 2, jnp.int32), crops=crops)


def measured(name: str, dataset: Dataset, settings: TrainingSettings, epochs: int) -> None:
    """Print the time of an epoch."""
    programs = Programs(dataset, settings, devices=jax.local_devices()[:1], width=1)
    run = jax.tree.map(lambda leaf: leaf[None], make_run(dataset, settings, key=jax.random.key(0)))
    began = time.process_time()
    jax.block_until_ready(programs.train(run, 1).logits)
    first = time.process_time() - began
    took = []
    for curves in (False, True):
        processor, clock = time.process_time(), time.perf_counter()
        jax.block_until_ready(programs.train(run, epochs, curves=curves).logits)
        took.append(((time.process_time() - processor) / epochs, (time.perf_counter() - clock) / epochs))
    parameters = sum(leaf.size for leaf in jax.tree.leaves(train(dataset, settings, key=jax.random.key(0)).variables))
    shape = f"{len(dataset)} x {dataset.x.shape[1]}"
    print(
        f"{name:10s} {shape:8s} {parameters:8,d} numbers {took[0][0]:7.3f} s processor ({took[0][1]:.3f} clock); scored each "
        f"epoch {took[1][0]:.3f}; with its compilation the first {first:.1f}",
        flush=True,
    )


def main() -> None:
    """Measure."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--count", type=int, default=64, help="trials")
    options.add_argument("--frames", type=int, default=20, help="of a clip")
    options.add_argument("--side", type=int, default=48, help="of a crop in pixels")
    options.add_argument("--epochs", type=int, default=5)
    given = options.parse_args()
    settings = replace(TrainingSettings.crops(), epochs=1)
    single, several = (clips(given.count, frames, given.side) for frames in (1, given.frames))
    measured("cnn", single, settings, 4 * given.epochs)
    measured("cnn", several, settings, given.epochs)
    measured("convlstm", several, replace(settings, model=replace(settings.model, network="convlstm")), given.epochs)


if __name__ == "__main__":
    main()
