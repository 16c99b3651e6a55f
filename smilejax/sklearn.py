"""`TrialClassifier`: the network as a scikit-learn estimator, over recordings or arrays. Needs the extra `sklearn`."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self, TypedDict, cast

import jax
import numpy as np
import numpy.typing as npt

from smilejax._util.errors import DataError, SettingsError, SmilejaxError
from smilejax.models.network import Variables
from smilejax.prediction import checkpoint
from smilejax.prediction.ensemble import mean_probability, members_of
from smilejax.prediction.zipped import unzipped, zipped
from smilejax.preprocess.cleaning import prepare_settled
from smilejax.preprocess.dataset import Dataset
from smilejax.preprocess.pipeline import settle
from smilejax.preprocess.recipe import Recipe
from smilejax.preprocess.to_dataset import dataset_of_arrays, to_dataset
from smilejax.preprocess.trial_status import TrialStatus
from smilejax.recordings.recording import UNLABELLED, Recording
from smilejax.recordings.trials import Trials
from smilejax.settings import ModelSettings, TrainingSettings, from_json, to_json
from smilejax.settings.training_settings import Cell, Optimizer
from smilejax.training import RunStatus, train

try:
    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.utils import Tags, check_random_state
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data
except ImportError as error:  # pragma: no cover - the tests have scikit-learn
    raise SmilejaxError(
        "smilejax.TrialClassifier needs scikit-learn. Install it: pip install 'smilejax[sklearn]'"
    ) from error

if TYPE_CHECKING:
    from numpy.random import RandomState

Layout = Literal["NTC", "NCT"]
"""Order of the axes of an array: trials, steps, channels, or trials, channels, steps."""
Signals = Recording | npt.ArrayLike
"""What is classified: a recording, or an array `[N, T]` or `[N, T, C]` with NaN for missing samples."""

ROWS = 32
"""Trials are padded to a multiple of this many, so that the folds of a cross-validation share a compiled program."""
MAX_DRAWN_SEED = 2**31 - 1


class InputError(DataError, ValueError):
    """What was handed to a `TrialClassifier` cannot be used. A `ValueError` too, as scikit-learn expects."""


class TrialClassifier(ClassifierMixin, BaseEstimator):
    """The network of `smilejax.train` as a scikit-learn classifier of two classes.

    It classifies the trials of a recording (`Trials`, or another kind), or arrays: `[N, T, C]` trials x steps x channels, or
    `[N, T]` for one channel. In arrays NaN is a missing sample and is filled within its trial
    (`smilejax.preprocess.to_dataset.dataset_of_arrays`); recordings go through the recipe. Trials that the recipe rejects are
    not trained on. A trial of which nothing was measured is predicted by the class frequencies of the training trials.

    Standardisation is fitted to the training trials only. The split is the caller's: for new participants use
    `LeaveOneGroupOut` or `GroupKFold` with `groups=trials.participant`.

    Arguments:
        recipe: cleaning of `Trials`; None is the default recipe. Not used for arrays.
        cell, hidden, dense, velocity_steps, pool_steps, dropout: as in `ModelSettings`.
        optimizer, learning_rate, momentum, weight_decay, epochs, minibatch_size, class_weights, truncate_from: as in
            `TrainingSettings`.
        standardise: whether signals are scaled to mean 0 and standard deviation 1 over the training trials.
        n_seeds: number of trainings whose probabilities are averaged.
        random_state: settles initial weights, order of trials and dropout; None draws it from NumPy's global state.
        layout: order of the axes of arrays with three: "NTC" or "NCT". None is "NTC", but refuses more channels than steps,
            which are a swapped array more often than not.

    Attributes:
        classes_: the two classes, sorted.
        n_features_in_: T, steps of the arrays (samples of the longest trial of a recording).
        members_: number of trainings that ended well.
        recipe_: for `Trials`, the recipe with duration and rate filled in; None for anything else.

    Example:
        >>> import jax, numpy, smilejax
        >>> from sklearn.model_selection import LeaveOneGroupOut, cross_val_score
        >>> settings = smilejax.SimulationSettings(participants=2, smilers=2, duration_ms=2000)
        >>> trials = smilejax.simulate_study(settings, key=jax.random.key(0)).trials
        >>> y = numpy.array(trials.class_names)[trials.label]
        >>> classifier = smilejax.TrialClassifier(epochs=1, random_state=0)
        >>> cv = LeaveOneGroupOut()
        >>> cross_val_score(classifier, trials, y, groups=trials.participant, cv=cv, scoring="balanced_accuracy").shape
        (2,)
    """

    classes_: npt.NDArray[np.generic]
    n_features_in_: int
    members_: int
    recipe_: Recipe | None
    _unit: str | None
    _shape: tuple[int, ...]
    _variables: Variables
    _prior: npt.NDArray[np.float64]

    def __init__(
        self,
        *,
        recipe: Recipe | None = None,
        cell: Cell = "lstm",
        hidden: int = 10,
        dense: tuple[int, int] = (200, 20),
        velocity_steps: int = 5,
        pool_steps: int = 10,
        dropout: float = 0.5,
        optimizer: Optimizer = "adam",
        learning_rate: float = 0.003,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        epochs: int = 40,
        minibatch_size: int = 16,
        class_weights: Literal["none", "balanced"] | tuple[float, float] = "none",
        standardise: bool = True,
        truncate_from: float = 1.0,
        n_seeds: int = 1,
        random_state: "int | RandomState | None" = None,
        layout: Layout | None = None,
    ) -> None:
        # scikit-learn's convention: parameters are held as they are, and checked by `fit`.
        self.recipe = recipe
        self.cell = cell
        self.hidden = hidden
        self.dense = dense
        self.velocity_steps = velocity_steps
        self.pool_steps = pool_steps
        self.dropout = dropout
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.weight_decay = weight_decay
        self.epochs = epochs
        self.minibatch_size = minibatch_size
        self.class_weights = class_weights
        self.standardise = standardise
        self.truncate_from = truncate_from
        self.n_seeds = n_seeds
        self.random_state = random_state
        self.layout = layout

    def fit(self, X: Signals, y: npt.ArrayLike | None = None, groups: npt.ArrayLike | None = None) -> Self:
        """Train on all trials with a label.

        Arguments:
            X: N trials.
            y: N labels of two classes, numbers or words. None takes the labels of a recording; trials without are left out.
            groups: not used; who is held out is for the splitter to say. Taken so that `fit(X, y, groups=...)` works.

        Returns:
            Itself.

        Raises:
            InputError: shapes or labels that cannot be used, one class only, or all trainings diverged.
            SettingsError: a parameter out of its range.
        """
        settings = self.settings()
        if type(self.n_seeds) is not int or self.n_seeds < 1:
            raise SettingsError(f"n_seeds must be a whole number from 1 up; it is {self.n_seeds!r}.")
        dataset, codes = self._training_data(X, y)
        seeds = check_random_state(self.random_state).randint(MAX_DRAWN_SEED, size=self.n_seeds)
        kept = dataset.kept & (codes >= 0)
        if len(np.unique(codes[kept])) < 2:
            raise InputError(
                f"training needs trials of both classes; those that are left have {np.unique(codes[kept])}."
            )
        counts = np.bincount(codes[kept], minlength=2)
        padded = _padded(replace(dataset, y=jax.numpy.asarray(codes)), ROWS)
        results = [train(padded, settings, key=jax.random.key(int(seed))) for seed in seeds]
        ended_well = [result.variables for result in results if int(result.status) == RunStatus.OK]
        if not ended_well:
            raise InputError(f"every training diverged at a learning rate of {self.learning_rate:g}. Lower it.")
        self._variables = jax.tree.map(lambda *leaves: np.stack([np.asarray(leaf) for leaf in leaves]), *ended_well)
        self._prior = counts / counts.sum()
        self.members_ = len(ended_well)
        return self

    def predict_proba(self, X: Signals) -> npt.NDArray[np.float64]:
        """`f64[N, 2]`, probability of each class in the order of `classes_`; mean over the trainings.

        Raises:
            InputError: trials of another length, unit or number of channels than those trained on.
        """
        check_is_fitted(self)
        dataset = self._seen(X)
        members = members_of(self._variables, self.members_)
        mean = mean_probability(members, dataset.x, dataset.valid, model=self.settings().model, chunk=ROWS)
        nothing = np.asarray(dataset.status) == TrialStatus.NOTHING_MEASURED
        return np.where(nothing[:, None], self._prior[None, :], mean)

    def predict(self, X: Signals) -> npt.NDArray[np.generic]:
        """`[N]`, the likelier class of each trial."""
        check_is_fitted(self)
        likelier: npt.NDArray[np.generic] = self.classes_[self.predict_proba(X).argmax(axis=1)]
        return likelier

    def score(self, X: Signals, y: npt.ArrayLike | None = None, sample_weight: npt.ArrayLike | None = None) -> float:
        """Accuracy, as every scikit-learn classifier scores. For balanced accuracy give `scoring="balanced_accuracy"`.

        Arguments:
            X: N trials. y: their classes; None takes the labels of a recording, all of which must be known.
            sample_weight: N weights.
        """
        if y is None:
            y = _names_of(X, unlabelled_allowed=False)
        return float(super().score(X, y, sample_weight=sample_weight))

    def settings(self) -> TrainingSettings:
        """The parameters as `TrainingSettings`. Raises `SettingsError` for one out of its range."""
        model = {f.name: getattr(self, f.name) for f in fields(ModelSettings) if hasattr(self, f.name)}
        own = {f.name: getattr(self, f.name) for f in fields(TrainingSettings) if hasattr(self, f.name)}
        return TrainingSettings(model=ModelSettings(**model), **own)

    def __sklearn_tags__(self) -> Tags:
        """Two classes, missing values, arrays of three axes."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = True
        tags.input_tags.three_d_array = True
        return tags

    def _training_data(self, X: Signals, y: npt.ArrayLike | None) -> tuple[Dataset, npt.NDArray[np.int32]]:
        """What is trained on, and `i32[N]`, the class of each trial, -1 where unknown."""
        if isinstance(X, Recording):
            labels = _names_of(X) if y is None else _column(y)
            if len(labels) != len(X):
                raise InputError(f"y must have a label for each of {len(X)} trials; it has {len(labels)}.")
            self.n_features_in_ = X.shape[1]
            self.recipe_ = settle(self.recipe or Recipe(), X) if isinstance(X, Trials) else None
            self._unit = X.unit
            dataset = self._of_recording(X)
            unknown = X.label < 0 if y is None else np.zeros(len(X), bool)
        else:
            if y is None:
                raise InputError("y must be given with an array: requires y to be passed, but the target y is None.")
            checked, labels = validate_data(
                self, X, y, dtype=np.float32, allow_nd=True, ensure_all_finite="allow-nan", ensure_min_samples=2
            )
            labels, self.recipe_, self._unit = _column(labels), None, None
            dataset = dataset_of_arrays(self._as_ntc(checked))
            unknown = np.zeros(len(labels), bool)
        check_classification_targets(labels[~unknown])
        self.classes_, codes = np.unique(labels[~unknown], return_inverse=True)
        if len(self.classes_) != 2:
            raise InputError(
                "Only binary classification is supported: y must have two classes; the number of classes is "
                f"{len(self.classes_)}."
            )
        self._shape = tuple(int(size) for size in dataset.x.shape[1:])
        every = np.full(len(labels), -1, np.int32)
        every[~unknown] = codes
        return dataset, every

    def _seen(self, X: Signals) -> Dataset:
        """What the network sees of trials to predict, checked against those trained on."""
        if isinstance(X, Recording):
            if self._unit is None or X.unit != self._unit:
                known = "arrays" if self._unit is None else f"a recording in {self._unit}"
                raise InputError(f"X must be like what was trained on, {known}; it is a recording in {X.unit}.")
            dataset = self._of_recording(X)
        else:
            if self._unit is not None:
                raise InputError(f"X must be a recording in {self._unit}, as what was trained on; it is an array.")
            checked = validate_data(
                self, X, dtype=np.float32, allow_nd=True, ensure_all_finite="allow-nan", reset=False
            )
            dataset = dataset_of_arrays(self._as_ntc(checked))
        if dataset.x.shape[1:] != self._shape:
            raise InputError(
                f"trials must have the {self._shape[0]} steps and {self._shape[1]} channels (the mask included) that were "
                f"trained on; these have {dataset.x.shape[1]} and {dataset.x.shape[2]}."
            )
        return dataset

    def _of_recording(self, X: Recording) -> Dataset:
        if isinstance(X, Trials) and self.recipe_ is not None:
            return prepare_settled(X, self.recipe_)
        return to_dataset(X, self.recipe)

    def _as_ntc(self, x: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """An array as `[N, T, C]`."""
        if self.layout not in (None, "NTC", "NCT"):
            raise SettingsError(f"layout must be one of NTC, NCT or None; it is {self.layout!r}.")
        if x.ndim == 2:
            return x[:, :, None]
        if x.ndim != 3:
            raise InputError(f"X must be shaped [N, T] or [N, T, C]; it is {list(x.shape)}.")
        if self.layout == "NCT":
            return np.moveaxis(x, 1, 2)
        if self.layout is None and x.shape[2] > x.shape[1]:
            raise InputError(
                f"X must be shaped [N trials, T steps, C channels]; with {x.shape[1]} steps of {x.shape[2]} channels it looks "
                "swapped. Give layout='NCT' if the channels come first, or layout='NTC' if there really are more channels."
            )
        return x

    def __getstate__(self) -> dict[str, object]:
        """Parameters, and what was learned as the bytes of a checkpoint: arrays and JSON, checked when read; no code."""
        state = dict(super().__getstate__())
        if not hasattr(self, "classes_"):
            return state
        for name in _LEARNED:
            state.pop(name)
        record = {
            "n_features_in": self.n_features_in_,
            "members": self.members_,
            "recipe": None if self.recipe_ is None else to_json(self.recipe_),
            "unit": self._unit,
            "shape": list(self._shape),
        }
        arrays = {"variables": self._variables, "prior": self._prior}
        with tempfile.TemporaryDirectory() as folder:
            path = checkpoint.save_checkpoint(Path(folder) / "model", arrays, record)
            state["_checkpoint"] = zipped(path)
        state["_classes"] = self.classes_
        return state

    def __setstate__(self, state: dict[str, object]) -> None:
        state = dict(state)
        packed, classes = state.pop("_checkpoint", None), state.pop("_classes", None)
        super().__setstate__(state)
        if not isinstance(packed, bytes) or not isinstance(classes, np.ndarray):
            return
        with tempfile.TemporaryDirectory() as folder:
            arrays, content = checkpoint.load_checkpoint(unzipped(packed, Path(folder) / "model"))
        record = cast(_Record, content)
        recipe = record["recipe"]
        self.classes_ = classes
        self.n_features_in_, self.members_ = int(record["n_features_in"]), int(record["members"])
        self.recipe_ = None if recipe is None else from_json(Recipe, recipe)
        self._unit, self._shape = record["unit"], tuple(record["shape"])
        self._variables = cast(Variables, arrays["variables"])
        self._prior = np.asarray(arrays["prior"])


class _Record(TypedDict):
    """What the checkpoint in a pickle holds besides arrays."""

    n_features_in: int
    members: int
    recipe: Mapping[str, object] | None
    unit: str | None
    shape: Sequence[int]


_LEARNED = ("classes_", "n_features_in_", "members_", "recipe_", "_unit", "_shape", "_variables", "_prior")


def _names_of(X: Signals, *, unlabelled_allowed: bool = True) -> npt.NDArray[np.str_]:
    """`[N]`, the class of each trial of a recording by its name; the first one's where unknown."""
    if not isinstance(X, Recording):
        raise InputError("y must be given with an array; only a recording has labels of its own.")
    if not unlabelled_allowed and np.any(X.label < 0):
        raise InputError(f"every trial must have a label; {int(np.sum(X.label < 0))} of {len(X)} have none.")
    return np.array(X.class_names)[np.maximum(X.label, 0)]


def _column(y: npt.ArrayLike) -> npt.NDArray[np.generic]:
    return np.asarray(column_or_1d(y, warn=True))


def _padded(dataset: Dataset, multiple: int) -> Dataset:
    """The dataset with empty trials behind it, up to a multiple of so many; they are rejected, and train nothing."""
    surplus = -len(dataset) % multiple
    if not surplus:
        return dataset

    def longer(values: jax.Array, filler: float = 0) -> jax.Array:
        given = np.asarray(values)  # on the host: nothing is compiled for another number of trials
        return jax.numpy.asarray(np.concatenate([given, np.full((surplus, *given.shape[1:]), filler, given.dtype)]))

    return replace(
        dataset,
        x=longer(dataset.x),
        valid=longer(dataset.valid),
        y=longer(dataset.y, UNLABELLED),
        participant=longer(dataset.participant, -1),
        stimulus=longer(dataset.stimulus, -1),
        smiler=longer(dataset.smiler, -1),
        proportion_valid=longer(dataset.proportion_valid),
        status=longer(dataset.status, TrialStatus.NOTHING_MEASURED.value),
    )
