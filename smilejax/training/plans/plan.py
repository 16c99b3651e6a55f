"""A plan: which trainings, as rows of a table. Every permutation x setting x fold x seed is one run."""

import dataclasses
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
import pandas as pd
from jaxtyping import Int

from smilejax._util.errors import DataError, SettingsError, listed
from smilejax._util.summaries import as_html
from smilejax.preprocess.dataset import Dataset
from smilejax.settings import ModelSettings, TrainingSettings, check_seed
from smilejax.splits import Folds, check_folds
from smilejax.splits.permutations import PermutedLabels, check_classes
from smilejax.training import Run
from smilejax.training.train_state import program_of

SETTINGS = (
    *(f.name for f in dataclasses.fields(TrainingSettings) if f.name != "model"),
    *(f.name for f in dataclasses.fields(ModelSettings)),
)
"""Names of all settings of a training, those of its model among them."""


class Group(NamedTuple):
    """Runs that share a program."""

    settings: TrainingSettings
    rows: npt.NDArray[np.int64]
    """Their rows in the plan."""


SettingValue = bool | int | float | str | tuple[int, ...] | tuple[float, ...]
"""A value of a setting of a training or of its model."""


@dataclass(frozen=True, eq=False, repr=False)
class Plan:
    """R runs: all combinations of permutations, settings, folds and seeds.

    Arguments:
        folds: F folds; a run learns from `folds.train` of one, and its curves are those of `folds.validation`, or of
            `folds.test` where there is none. Logits are kept of all trials.
        settings: of every run, as far as `vary` does not say otherwise.
        seeds: whole numbers from 0 to 2**32 - 1, none twice. A run's key is its seed's, folded with its fold; so runs of
            one fold and seed begin alike under every setting and permutation, which makes them comparable.
        vary: settings of `TrainingSettings` or of its model, and their values. Other rates, weight decays, dropout rates and
            numbers of epochs share a compiled program; each other combination has one of its own.
        permuted: labels to train on besides the true ones, from `permute_labels`.

    Raises:
        SettingsError: a seed twice or out of range, an unknown setting, or values that contradict each other.

    Example:
        >>> import jax, smilejax
        >>> small = smilejax.SimulationSettings(participants=3, smilers=2, duration_ms=2000)
        >>> study = smilejax.simulate_study(small, key=jax.random.key(0))
        >>> dataset = smilejax.prepare(study.trials, smilejax.Recipe())
        >>> plan = Plan(smilejax.by_participant(dataset), seeds=(0, 1), vary={"learning_rate": (0.001, 0.003)})
        >>> len(plan), len(plan.groups)
        (12, 1)
    """

    folds: Folds
    settings: TrainingSettings = field(default_factory=TrainingSettings)
    seeds: tuple[int, ...] = (0,)
    vary: Mapping[str, tuple[SettingValue, ...]] = field(default_factory=dict)
    permuted: PermutedLabels | None = None

    def __post_init__(self) -> None:
        seeds = tuple(check_seed(seed) for seed in self.seeds)
        if not seeds or len(set(seeds)) < len(seeds):
            raise SettingsError(f"seeds must be at least one, and none twice; they are {list(seeds)}.")
        object.__setattr__(self, "seeds", seeds)
        object.__setattr__(self, "vary", {name: _values(name, given) for name, given in self.vary.items()})
        assert len(self.variants) > 0  # made here, so that values that contradict each other are refused at once

    def __repr__(self) -> str:
        return f"<Plan: {', '.join(f'{name} {words}' for name, words in self._summary())}>"

    def _repr_html_(self) -> str:
        return as_html("Plan", self._summary())

    def _summary(self) -> list[tuple[str, str]]:
        found = [
            ("runs", f"{len(self)}"),
            ("folds", f"{len(self.folds)} by {self.folds.scheme}"),
            ("seeds", f"{len(self.seeds)}"),
            *((name, f"{listed(values)}") for name, values in self.vary.items()),
        ]
        return found + ([] if self.permuted is None else [("label permutations", f"{len(self.permuted)}")])

    @cached_property
    def variants(self) -> tuple[TrainingSettings, ...]:
        """All combinations of what varies, those that share a program next to each other."""
        combinations = [
            _varied(self.settings, dict(zip(self.vary, values, strict=True)))
            for values in itertools.product(*self.vary.values())
        ]
        if len(set(combinations)) < len(combinations):
            raise SettingsError(
                "no combination of settings may stand twice in a plan; two that are varied come to the same."
            )
        order = {program_of(settings): place for place, settings in reversed(list(enumerate(combinations)))}
        return tuple(sorted(combinations, key=lambda settings: order[program_of(settings)]))

    @property
    def labellings(self) -> int:
        """The truth and its permutations."""
        return 1 + (0 if self.permuted is None else len(self.permuted))

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Settings, labellings, folds, seeds: `RunResult` arrays reshape to it."""
        return len(self.variants), self.labellings, len(self.folds), len(self.seeds)

    def __len__(self) -> int:
        return int(np.prod(self.shape))

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per run, R in all: `run` from 0, what varies, `labels` ("true", or the number of a permutation from 1),
        `fold` (its name) and `seed`.
        """
        variant, labelling, fold, seed = self.indices(np.arange(len(self)))
        columns: dict[str, object] = {"run": np.arange(len(self))}
        for name in self.vary:
            values = [setting_of(settings, name) for settings in self.variants]
            columns[name] = [values[at] for at in variant]
        columns["labels"] = np.where(labelling == 0, "true", labelling.astype(str))
        columns["fold"] = np.array(self.folds.names, dtype=object)[fold]
        columns["seed"] = np.array(self.seeds)[seed]
        return pd.DataFrame(columns)

    def indices(self, rows: npt.ArrayLike) -> tuple[npt.NDArray[np.intp], ...]:
        """Which setting, labelling, fold and seed runs have, each `[R]`."""
        return np.unravel_index(np.asarray(rows), self.shape)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The runs of each compiled program."""
        per_variant = len(self) // len(self.variants)
        programs: dict[TrainingSettings, list[npt.NDArray[np.int64]]] = {}
        for at, settings in enumerate(self.variants):
            programs.setdefault(program_of(settings), []).append(np.arange(per_variant) + at * per_variant)
        return tuple(Group(settings, np.concatenate(rows)) for settings, rows in programs.items())

    def epochs(self, rows: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Epochs of runs."""
        return np.array([self.variants[at].epochs for at in self.indices(rows)[0]])

    def labels(self, dataset: Dataset, rows: npt.ArrayLike) -> Int[np.ndarray, "R N"]:
        """What runs are trained on."""
        true = np.asarray(dataset.y)[None]
        every = true if self.permuted is None else np.concatenate([true, self.permuted.labels.astype(true.dtype)])
        labels: npt.NDArray[np.int32] = every[self.indices(rows)[1]]
        return labels

    def runs(self, dataset: Dataset, rows: npt.ArrayLike) -> Run:
        """Runs as data, with a leading axis. Made when they are wanted: a plan of any length takes no memory."""
        variant, _, fold, seed = self.indices(rows)
        settings = [self.variants[at] for at in variant]
        scored = self.folds.validation if self.folds.validation.any() else self.folds.test
        seeds = np.array(self.seeds, np.uint32)[seed]
        return Run(
            key=_keys(jnp.asarray(seeds), jnp.asarray(fold.astype(np.uint32))),
            train=jnp.asarray(self.folds.train[fold]),
            validation=jnp.asarray(scored[fold]),
            y=jnp.asarray(self.labels(dataset, rows)),
            learning_rate=jnp.asarray([s.learning_rate for s in settings], jnp.float32),
            weight_decay=jnp.asarray([s.weight_decay for s in settings], jnp.float32),
            dropout=jnp.asarray([s.model.dropout for s in settings], jnp.float32),
        )

    def check(self, dataset: Dataset) -> None:
        """Before any training: folds keep what they promise, and every run is trained on both classes.

        Raises:
            DataError: as `check_folds`, permutations of other trials, or a fold with one class only under one of them.
        """
        check_folds(self.folds, dataset)
        if self.permuted is None:
            return
        if self.permuted.labels.shape[1] != len(dataset):
            raise DataError(
                f"permutations must be of the dataset's {len(dataset)} trials; they are of "
                f"{self.permuted.labels.shape[1]}. Make them from this dataset."
            )
        check_classes(self.folds, self.permuted)


def key_of(seed: int, fold: int) -> jax.Array:
    """The key of a run: hand it to `train` for the same training."""
    return jax.random.fold_in(jax.random.key(seed), fold)


@jax.jit
def _keys(seeds: jax.Array, folds: jax.Array) -> jax.Array:
    return jax.vmap(lambda seed, fold: jax.random.fold_in(jax.random.key(seed), fold))(seeds, folds)


def setting_of(settings: TrainingSettings, name: str) -> SettingValue:
    """The value of a setting of a training, or of its model."""
    value: SettingValue = getattr(settings if hasattr(settings, name) else settings.model, name)
    return value


def _values(name: str, given: object) -> tuple[SettingValue, ...]:
    if name not in SETTINGS:
        raise SettingsError(f"a training has no setting named {name}. It has {listed(sorted(SETTINGS), most=20)}.")
    if isinstance(given, str) or not isinstance(given, list | tuple) or not given:
        raise SettingsError(setting=name, rule="varied over a list of at least one value", value=given)
    if twice := [value for at, value in enumerate(given) if value in given[:at]]:
        raise SettingsError(setting=name, rule=f"varied over different values; {twice[0]!r} stands twice")
    return tuple(given)


def _varied(settings: TrainingSettings, changes: dict[str, Any]) -> TrainingSettings:
    of_model = {f.name for f in dataclasses.fields(ModelSettings)}
    model = replace(settings.model, **{name: value for name, value in changes.items() if name in of_model})
    return replace(settings, model=model, **{name: value for name, value in changes.items() if name not in of_model})


def chunks(rows: npt.NDArray[np.int64], size: int) -> Iterator[npt.NDArray[np.int64]]:
    """Rows in pieces of a size, the last one shorter."""
    for first in range(0, len(rows), size):
        yield rows[first : first + size]
