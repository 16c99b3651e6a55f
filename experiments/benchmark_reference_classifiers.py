"""How fast the reference classifiers are, and how many MiniRocket features are needed: simulated studies at 20 Hz, T = 200.

    python experiments/benchmark_reference_classifiers.py                # both sections
    python experiments/benchmark_reference_classifiers.py speed          # about a minute
    python experiments/benchmark_reference_classifiers.py features       # about four

Times are of a second call, without compilation. Accuracies are of held-out participants in six folds, each over six studies
of 96 trials, with the standard error over studies.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
import tyro
from tyro.conf import Positional

import smilejax
from smilejax.classifiers import REFERENCE_CLASSIFIERS, minirocket, ridge, run_reference_classifiers

SIZES = ((6, 4, 8), (25, 8, 16))
"""Participants, smilers and folds: 48 and 400 trials."""
LABELLINGS = 1001
PER_KERNEL = (10, 20, 30, 60, 119)
"""Features of each of 84 kernels; 119 are the paper's 9996."""


def study(participants: int, smilers: int, seed: int = 0, effect_mm: float = 0.3) -> smilejax.Dataset:
    """A simulated study as the model sees it."""
    settings = smilejax.SimulationSettings(participants=participants, smilers=smilers, effect_mm=effect_mm)
    trials = smilejax.simulate_study(settings, key=jax.random.key(seed)).trials
    return smilejax.prepare(trials, smilejax.Recipe(resample_hz=20.0, channels=("fused", "mask")))


def speed() -> None:
    """Seconds of each classifier for the true labels and 1000 permutations."""
    print(f"{os.cpu_count()} cores, {jax.devices()[0].device_kind}; {LABELLINGS} labellings, seconds")
    print("trials  folds  " + "  ".join(f"{one.name:>9}" for one in REFERENCE_CLASSIFIERS) + "      all")
    for participants, smilers, folds in SIZES:
        dataset = study(participants, smilers)
        split = smilejax.shuffle_trials(dataset, folds=folds, key=jax.random.key(0))
        rng, y = np.random.default_rng(0), np.asarray(dataset.y)
        labels = np.stack([y, *(rng.permutation(y) for _ in range(LABELLINGS - 1))])
        baseline, length_ms = rng.normal(3.5, 0.5, len(y)), np.full(len(y), 10_000.0)
        took = []
        for one in REFERENCE_CLASSIFIERS:
            for _ in range(2):
                began = time.perf_counter()
                run_reference_classifiers(
                    dataset,
                    split,
                    labels,
                    baseline=baseline,
                    length_ms=length_ms,
                    key=jax.random.key(1),
                    only=[one.name],
                )
                last = time.perf_counter() - began
            took.append(last)
        print(f"{len(y):6d} {folds:6d}  " + "  ".join(f"{s:9.2f}" for s in took) + f"  {sum(took):7.2f}", flush=True)


def features() -> None:
    """Accuracy by the number of features."""
    make = jax.jit(minirocket.minirocket_features, static_argnames="per_kernel")
    learn, predict = jax.jit(ridge.fit_ridge), jax.jit(ridge.ridge_decisions)
    print("effect  " + "  ".join(f"{84 * each:>12}" for each in PER_KERNEL) + "   (features)")
    for effect_mm in (0.15, 0.3):
        found = np.zeros((6, len(PER_KERNEL)))
        for seed in range(6):
            dataset = study(12, 4, seed, effect_mm)
            split = smilejax.by_participant(dataset, folds=6, key=jax.random.key(seed))
            seen, y = minirocket.channels_first(dataset.x[:, :, :1], dataset.valid), np.asarray(dataset.y)
            for column, each in enumerate(PER_KERNEL):
                hits = []
                for train, test in zip(split.train, split.test, strict=True):
                    mask = jnp.asarray(train)
                    gram = learn(make(seen, mask, jax.random.key(1), per_kernel=each), mask)
                    p = np.asarray(predict(gram, mask, dataset.y[None]))[0]
                    hits.append(((p > 0.5) == y)[test])
                found[seed, column] = np.concatenate(hits).mean()
        error = found.std(0, ddof=1) / np.sqrt(len(found))
        cells = (f"{mean:.3f} +- {e:.3f}" for mean, e in zip(found.mean(0), error, strict=True))
        print(f"{effect_mm:4.2f} mm  " + "  ".join(cells), flush=True)


SECTIONS: dict[str, Callable[[], None]] = {"speed": speed, "features": features}


@dataclass(frozen=True)
class Arguments:
    """What this script takes."""

    sections: Positional[tuple[Literal["speed", "features"], ...]] = ("speed", "features")
    """Sections to run."""


def main(args: Arguments) -> None:
    """Run the sections named."""
    for name in args.sections:
        SECTIONS[name]()


if __name__ == "__main__":
    main(tyro.cli(Arguments, description=__doc__))
