"""`Predictor`: everything needed to answer for a new recording, on disk and back."""

import platform
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jax
import numpy as np
import pandas as pd
from scipy.special import softmax

from smilejax import __version__
from smilejax._util.errors import CheckpointError, DataError, SmilejaxError
from smilejax.models.network import Variables, logits
from smilejax.prediction import checkpoint
from smilejax.preprocess.channels import EYES, FUSED, lanes_of
from smilejax.preprocess.dataset import Dataset
from smilejax.preprocess.pipeline import prepare_settled, settle
from smilejax.preprocess.recipe import Recipe
from smilejax.preprocess.trial_status import TrialStatus
from smilejax.recordings.trials import Trials, Unit
from smilejax.settings import TrainingSettings, from_json, to_json

if TYPE_CHECKING:
    from smilejax.training import RunResult

CHUNK = 64
"""Trials answered at a time; the last chunk is padded, so that any number of trials runs through one compiled program."""

PACKAGES = ("jax", "jaxlib", "flax", "optax", "orbax-checkpoint", "numpy", "pandas", "scipy")


def versions() -> dict[str, str]:
    """Versions of Python and of every package that numbers depend on."""
    others = {name: metadata.version(name) for name in PACKAGES}
    return {"smilejax": __version__, "python": platform.python_version(), **others}


@dataclass(frozen=True)
class Predictor:
    """A trained model with its preprocessing.

    Arguments:
        variables: parameters and scaling.
        recipe: the preprocessing, settled: duration and rate are numbers.
        settings: what it was trained with.
        class_names: the two classes; the second is the positive one.
        unit: unit of the recordings it was trained on, and of those it answers for.
        recorded_hz: rate of the recordings it was trained on.
        members: of an ensemble, whose variables have a leading axis of that length and whose probabilities are averaged;
            None for a single model.
        temperature: what logits are divided by, so that probabilities mean what they say; 1 where nothing was fitted.
        record: whatever else is to be known about its making, as JSON: seed, source, command.
    """

    variables: Variables
    recipe: Recipe
    settings: TrainingSettings
    class_names: tuple[str, str]
    unit: Unit
    recorded_hz: float
    record: Mapping[str, Any] = field(default_factory=dict)
    members: int | None = None
    temperature: float = 1.0

    @classmethod
    def of(
        cls,
        result: "RunResult",
        trials: Trials,
        recipe: Recipe,
        settings: TrainingSettings,
        record: Mapping[str, Any] | None = None,
    ) -> "Predictor":
        """The predictor of a finished training on `prepare(trials, recipe)`. `record` (JSON) is kept with it.

        Raises:
            DataError: the run diverged; its parameters answer nothing.
        """
        from smilejax.training import RunStatus  # and with it optax, half a second that predicting need not wait for

        if int(result.status) != RunStatus.OK:
            raise DataError(
                f"the training diverged: its loss is no longer a number at a learning rate of {settings.learning_rate:g}. "
                "Lower the learning rate."
            )
        variables = jax.tree.map(np.asarray, result.variables)
        return cls(
            variables, settle(recipe, trials), settings, trials.class_names, trials.unit, trials.rate_hz, record or {}
        )

    def save(self, path: Path | str, *, overwrite: bool = False) -> Path:
        """Write everything to a folder, readable JSON beside the arrays; see `smilejax.prediction.checkpoint`.

        Raises:
            OutputError: a model stands there and `overwrite` is False, or the place cannot be written.
        """
        record = {
            "class_names": list(self.class_names),
            "unit": self.unit,
            "recorded_hz": self.recorded_hz,
            "members": self.members,
            "temperature": self.temperature,
            "recipe": to_json(self.recipe),
            "settings": to_json(self.settings),
            "versions": versions(),
            "made": dict(self.record),
        }
        return checkpoint.save(path, self.variables, record, overwrite=overwrite)

    def notes(self, trials: Trials) -> list[str]:
        """What is done to make these trials fit, in words; empty where they fit as they are.

        Raises:
            DataError: they cannot be made to fit: another unit, no sample of an eye the model needs.
        """
        if trials.unit != self.unit:
            raise DataError(
                f"the model was trained on pupils in {self.unit}; these are in {trials.unit}. "
                f"Convert the recording to {self.unit}, or state its unit if it was taken wrongly (--unit {self.unit})."
            )
        seen = [bool(trials.measured()[:, :, eye].any()) for eye in (0, 1)]
        lanes = lanes_of(self.recipe.channels)
        for at, eye in enumerate(EYES):
            if eye in lanes and not seen[at]:
                raise DataError(
                    f"the model needs the {eye.name} eye, and no sample of it was measured. "
                    f"Give its column (--{eye.name}), or train a model on the fused pupil."
                )
        said = []
        if not all(seen) and FUSED in lanes:
            said.append(f"only the {'left' if seen[0] else 'right'} eye was recorded; it stands for the fused pupil")
        if trials.rate_hz != self.recorded_hz:
            said.append(
                f"recorded at {trials.rate_hz:g} Hz, where the model's recordings had {self.recorded_hz:g}; "
                f"resampled to the {self.recipe.resample_hz:g} Hz that the model sees"
            )
        if self._fitted_to(trials).lowpass_hz != self.recipe.lowpass_hz:
            said.append(
                f"no low-pass: a recording at {trials.rate_hz:g} Hz holds nothing above {trials.rate_hz / 2:g} Hz"
            )
        return said + self._lengths(trials)

    def _lengths(self, trials: Trials) -> list[str]:
        assert self.recipe.duration_ms is not None
        surplus = trials.length * 1000 / trials.rate_hz - self.recipe.duration_ms
        sample_ms = 1000 / trials.rate_hz
        counts = {"longer": (surplus > sample_ms).sum(), "shorter": (surplus < -sample_ms).sum()}
        done = {"longer": "cropped", "shorter": "padded"}
        return [
            f"{count} of {len(trials)} trials are {word} than the model's {self.recipe.duration_ms:g} ms; {done[word]}"
            for word, count in counts.items()
            if count
        ]

    def _fitted_to(self, trials: Trials) -> Recipe:
        """The recipe for a recording of this rate: one too slow for the low-pass needs none."""
        slow = self.recipe.lowpass_hz is not None and self.recipe.lowpass_hz >= trials.rate_hz / 2
        return replace(self.recipe, lowpass_hz=None if slow else self.recipe.lowpass_hz)

    def _each(self) -> list[Variables]:
        """The variables of each member."""
        if self.members is None:
            return [self.variables]
        return [jax.tree.map(lambda leaf, at=at: leaf[at], self.variables) for at in range(self.members)]

    def _probabilities(self, dataset: Dataset) -> np.ndarray:
        """`f64[N, 2]`, mean over members, at the temperature."""
        of_members = [softmax(self._logits(one, dataset) / self.temperature, axis=-1) for one in self._each()]
        mean: np.ndarray = np.mean(of_members, axis=0)
        return mean

    def _logits(self, variables: Variables, dataset: Dataset) -> np.ndarray:
        """`f64[N, 2]`, in chunks of one size."""
        n = len(dataset)
        surplus = -n % CHUNK
        x, valid = np.asarray(dataset.x), np.asarray(dataset.valid)
        x = np.concatenate([x, np.zeros((surplus, *x.shape[1:]), x.dtype)])
        valid = np.concatenate([valid, np.zeros((surplus, *valid.shape[1:]), bool)])
        parts = [slice(first, first + CHUNK) for first in range(0, n, CHUNK)]
        return np.concatenate(
            [np.asarray(logits(variables, x[p], valid[p], model=self.settings.model), np.float64) for p in parts]
        )[:n]

    def predict(self, trials: Trials) -> pd.DataFrame:
        """Answer for each trial, preprocessing included.

        Arguments:
            trials: N recordings; labels are not looked at. What `notes` says is done to them.

        Returns:
            A table of N rows in the order of the trials: `trial`, `participant`, `p_<class>` for each of the two classes
            (0 to 1, summing to 1), `label` (the likelier class), `proportion_valid` (of the trial's samples, those
            measured and accepted by every step of the recipe, 0 to 1) and `status`: `kept`, or why the recipe would have kept
            the trial out of training, so that its prediction is a guess. A trial of which nothing was measured has no
            probabilities and no label.

        Raises:
            DataError: the trials cannot be made to fit; see `notes`.

        Example:
            >>> smilejax.load_model("model").predict(smilejax.read("recording.csv"))    # doctest: +SKIP
        """
        self.notes(trials)
        dataset = prepare_settled(trials, self._fitted_to(trials))
        p, status = self._probabilities(dataset), np.asarray(dataset.status)
        known = status != TrialStatus.NOTHING_MEASURED
        p[~known] = np.nan
        label = [self.class_names[int(b > a)] if k else None for (a, b), k in zip(p, known, strict=True)]
        return pd.DataFrame(
            {
                "trial": trials.trial,
                "participant": trials.participant,
                **{f"p_{name}": p[:, k] for k, name in enumerate(self.class_names)},
                "label": pd.array(label, dtype="str"),
                "proportion_valid": np.asarray(dataset.proportion_valid, np.float64),
                "status": [TrialStatus(int(v)).words for v in status],
            }
        )


def load_model(path: Path | str) -> Predictor:
    """Read a saved model, every file of it verified. Works without the device it was trained on, and runs no code from it.

    Raises:
        CheckpointError: absent, foreign, of another version, incomplete or altered; the message names the file.
    """
    variables, record = checkpoint.load(path)
    try:
        predictor = Predictor(
            variables=variables,
            recipe=from_json(Recipe, record["recipe"]),
            settings=from_json(TrainingSettings, record["settings"]),
            class_names=tuple(record["class_names"]),
            unit=record["unit"],
            recorded_hz=float(record["recorded_hz"]),
            record={**record["made"], "versions": record["versions"]},
            # Models saved before there were ensembles say neither.
            members=_members(record.get("members")),
            temperature=float(record.get("temperature", 1.0)),
        )
        if len(predictor._each()) < 1 or not 0 < predictor.temperature < np.inf:
            raise ValueError(f"{predictor.members} members, temperature {predictor.temperature}")
    except (KeyError, TypeError, ValueError, IndexError, SmilejaxError) as error:
        raise CheckpointError(f"{path} holds no model that this version of smilejax understands: {error}.") from error
    return predictor


def _members(given: Any) -> int | None:
    if given is None:
        return None
    if not isinstance(given, int) or isinstance(given, bool):
        raise TypeError(f"members is {given!r}")
    return given
