"""Trials, folds and settings that checks and timings share, and a clock for the time that each may take."""

import time
from dataclasses import dataclass, replace

import jax.numpy as jnp
import numpy as np

from smilejax import Dataset, ModelSettings, TrainingSettings
from smilejax.preprocess.channels import CHANNELS
from smilejax.splits import Folds
from smilejax.training.plans import Plan


@dataclass(frozen=True)
class Clock:
    """Time that a section may take.

    Arguments:
        end: when it is over, by `time.monotonic`.
    """

    end: float

    @classmethod
    def of(cls, seconds: float) -> "Clock":
        """From now on."""
        return cls(time.monotonic() + seconds)

    @property
    def left(self) -> float:
        """Seconds left, 0 at least."""
        return max(0.0, self.end - time.monotonic())


@dataclass(frozen=True)
class Sizes:
    """How large everything is.

    Arguments:
        trials, steps: N and T of the timed dataset. epochs: of a timed training.
        checked_runs: R of the checks of `train_runs`, growing.
        timed: R and the width of groups in which they are trained.
        compared: R at which PyTorch's loop is compared.
        matrix, copied_mib: of the measured peaks.
    """

    trials: int
    steps: int
    epochs: int
    checked_runs: tuple[int, ...]
    timed: tuple[tuple[int, int], ...]
    compared: int
    matrix: int
    copied_mib: int


FULL = Sizes(
    trials=144,
    steps=100,
    epochs=10,
    checked_runs=(1, 16, 256, 1024, 4096),
    timed=((1, 1), (16, 16), (256, 256), (1024, 256), (1024, 1024), (4096, 256), (4096, 1024)),
    compared=1024,
    matrix=8192,
    copied_mib=1024,
)
DRY = Sizes(
    trials=32,
    steps=20,
    epochs=1,
    checked_runs=(1, 4, 8),
    timed=((1, 1), (4, 1), (4, 2)),
    compared=4,
    matrix=128,
    copied_mib=1,
)
RECIPES = {
    "default": TrainingSettings(),
    "report's network": TrainingSettings(model=ModelSettings.report()),
}
"""What is timed: the default, and the default's training of the project report's network."""


def timed_settings(name: str, sizes: Sizes) -> TrainingSettings:
    """The settings of that name, for as many epochs as are timed."""
    return replace(RECIPES[name], epochs=sizes.epochs)


def dataset_of(trials: int, steps: int) -> Dataset:
    """Trials at 10 Hz, one channel, the class in their level."""
    rng = np.random.default_rng(0)
    y = np.arange(trials) % 2
    x = 0.1 * np.cumsum(rng.normal(size=(trials, steps)), axis=1) + 0.3 * y[:, None]
    stimulus = np.arange(trials) % 8
    return Dataset(
        x=jnp.asarray(x[:, :, None], jnp.float32),
        valid=jnp.ones((trials, steps), bool),
        y=jnp.asarray(y, jnp.int32),
        participant=jnp.asarray(np.arange(trials) // 8, jnp.int32),
        stimulus=jnp.asarray(stimulus, jnp.int32),
        smiler=jnp.asarray(stimulus // 2, jnp.int32),
        proportion_valid=jnp.ones(trials),
        status=jnp.zeros(trials, jnp.int32),
        channels=(CHANNELS["fused"],),
        class_names=("posed", "genuine"),
        rate_hz=10.0,
    )


def plan_of(dataset: Dataset, settings: TrainingSettings, runs: int) -> Plan:
    """So many seeds, trained on all trials but the first."""
    test = np.zeros((1, len(dataset)), bool)
    test[0, 0] = True
    folds = Folds(
        scheme="benchmark",
        apart=(),
        leaky=True,
        why_leaky="every trial but one is trained on",
        train=~test,
        test=test,
        validation=np.zeros_like(test),
        names=("all",),
        repeat=np.zeros(1, np.int32),
        times_scored=None,
    )
    return Plan(folds, settings, seeds=tuple(range(runs)))
