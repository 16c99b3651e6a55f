"""`Predictor`: everything needed to classify the trials of a new recording, on disk and back."""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, cast, get_args

import jax
import numpy as np
import pandas as pd

from smilejax import __version__
from smilejax._util.errors import SETTING, CheckpointError, DataError, SettingsError, SmilejaxError, listed
from smilejax._util.summaries import as_html
from smilejax.classifiers.classifier import TrialInfo
from smilejax.classifiers.pupil_level import pupil_level
from smilejax.classifiers.registry import OFFERED
from smilejax.prediction import checkpoint
from smilejax.prediction.ensemble import Arrays, member_logits, members_of, probability_of
from smilejax.preprocess.any_recipe import RECIPE_OF, AnyRecipe, at_rate, kind_of_recipe
from smilejax.preprocess.channels import EYES, FUSED, lanes_of
from smilejax.preprocess.cleaning import clean_and_prepare, settle
from smilejax.preprocess.face_pipeline import require_crops
from smilejax.preprocess.face_recipe import FaceRecipe
from smilejax.preprocess.pipeline import Cleaned
from smilejax.preprocess.recipe import Recipe
from smilejax.preprocess.trial_status import TrialStatus
from smilejax.recordings.any_recording import AnyRecording
from smilejax.recordings.faces import Faces
from smilejax.recordings.kinds import PUPIL
from smilejax.recordings.recording import UNLABELLED, length_ms
from smilejax.recordings.time_zero import without_first
from smilejax.recordings.trials import Trials
from smilejax.settings import Classifier, ReadSettings, TrainingSettings, from_json, to_json
from smilejax.settings.checks import require_kind, require_path
from smilejax.settings.classifier_names import FITTED, has_network
from smilejax.settings.training_settings import BUILT_IN, RECURRENT

if TYPE_CHECKING:
    from smilejax.prediction.stream import PredictionStream
    from smilejax.training import RunResult

CHUNK = 64
"""Trials classified at a time; the last chunk is padded, so that any number of trials runs through one compiled program."""

DIGITS = 7
"""Decimals of what is computed with 32 bits, which hold no more."""
T = TypeVar("T")
PACKAGES = ("jax", "jaxlib", "flax", "optax", "orbax-checkpoint", "numpy", "pandas", "scipy")


def versions() -> dict[str, str]:
    """Versions of Python and of every package that numbers depend on."""
    others = {name: metadata.version(name) for name in PACKAGES}
    return {"smilejax": __version__, "python": platform.python_version(), **others}


@dataclass(frozen=True, repr=False)
class Predictor:
    """A trained model with its preprocessing.

    Arguments:
        variables: parameters and standardisation.
        recipe: the preprocessing, settled: duration and rate are numbers.
        settings: what it was trained with.
        class_names: the two classes; the second is the positive one.
        unit: unit of the recordings it was trained on, and of those it can classify.
        recorded_hz: rate of the recordings it was trained on.
        members: of an ensemble, whose networks have a leading axis of that length and whose probabilities are averaged;
            None for a single model.
        temperature: what logits are divided by, so that probabilities mean what they say; 1 where nothing was fitted.
        start_ms: time of the first sample of every trial relative to onset in the recordings it was trained on.
        classifier: what it is; the arrays are by its parts, see `ensemble`, and `settings` are the network's.
        record: what else is to be known about how it was made, as JSON: seed, source, command.
    """

    variables: Arrays
    recipe: AnyRecipe
    settings: TrainingSettings
    class_names: tuple[str, str]
    unit: str
    recorded_hz: float
    record: Mapping[str, object] = field(default_factory=dict)
    members: int | None = None
    temperature: float = 1.0
    start_ms: float = 0.0
    classifier: Classifier = "network"

    @classmethod
    def of(
        cls,
        result: "RunResult",
        trials: AnyRecording,
        *,
        recipe: AnyRecipe | None = None,
        settings: TrainingSettings | None = None,
        record: Mapping[str, object] | None = None,
    ) -> "Predictor":
        """The predictor of a finished training. Its recipe and settings are those of the result.

        Arguments:
            result: from `train`, or one run with parameters.
            trials: the N recordings it was trained on; they give the classes, the unit and the rate.
            recipe, settings: needed only where the result does not know them (a dataset made by hand, a plan that varies
                settings); otherwise they must be the result's.
            record: JSON to be kept with the model: seed, source, command.

        Raises:
            DataError: the run diverged, so that its parameters are of no use; or the trials are others.
            SettingsError: an argument of another type, a recipe or settings that contradict the result, or that nobody gave.
        """
        from smilejax.training import (  # and with it optax, half a second that predicting need not wait for
            RunResult,
            RunStatus,
        )

        require_kind(result, "result", RunResult, "`smilejax.train` gives one.")
        require_kind(trials, "trials", (Trials, Faces), "Give the recordings that the training was of.")
        if np.ndim(result.status) or result.variables is None:
            raise DataError(
                "a predictor is made of one run with its parameters; this result has "
                + ("no parameters." if result.variables is None else f"{len(result.status)} runs.")
                + " Take train, or train_runs with parameters=True and one of its runs."
            )
        if len(trials) != len(result.logits):
            raise DataError(
                f"trials must be those of the training, {len(result.logits)}; they are {len(trials)}. Give the same recordings."
            )
        given = None if recipe is None else settle(recipe, trials)
        known = cast(AnyRecipe, _known("recipe", cast(object, result.recipe), given))
        settings = _known("settings", result.settings, settings)
        if int(result.status) != RunStatus.OK:
            raise DataError(
                f"the training diverged: its loss is no longer finite at a learning rate of {settings.learning_rate:g}. "
                "Lower the learning rate."
            )
        variables = jax.tree.map(np.asarray, result.variables)
        return cls(
            variables,
            known,
            settings,
            trials.class_names,
            trials.unit,
            trials.rate_hz,
            record or {},
            start_ms=trials.start_ms,
        )

    def __repr__(self) -> str:
        return f"<Predictor: {', '.join(f'{name} {words}' for name, words in self._summary())}>"

    def _repr_html_(self) -> str:
        return as_html("Predictor", self._summary())

    def _summary(self) -> list[tuple[str, str]]:
        model, recipe = self.settings.model, self.recipe
        kind = f"{model.cell} of {model.hidden}" if model.network == RECURRENT else model.network
        if not has_network(self.classifier):
            kind = OFFERED[FITTED[self.classifier]].label
        elif self.classifier != "network":
            kind = f"{kind}, combined with {OFFERED[FITTED[self.classifier]].label}"
        members = "" if self.members is None else f", ensemble of {self.members}"
        begin = f" from {self.start_ms:g} ms" if self.start_ms else ""
        return [
            ("classes", " and ".join(self.class_names)),
            ("network" if self.classifier == "network" else "classifier", f"{kind}{members}"),
            (
                "channels",
                "+".join(recipe.channels)
                if self.crop_side is None
                else f"crops of {self.crop_side} x {self.crop_side} pixels",
            ),
            (
                kind_of_recipe(recipe).trials,
                f"of {recipe.duration_ms:g} ms{begin} at {recipe.resample_hz:g} Hz, in {self.unit}",
            ),
        ]

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
            "start_ms": self.start_ms,
            "classifier": self.classifier,
            "recording": kind_of_recipe(self.recipe).name,
            "recipe": to_json(self.recipe),
            "settings": to_json(self.settings),
            "versions": versions(),
            "made": dict(self.record),
        }
        return checkpoint.save_checkpoint(path, self.variables, record, overwrite=overwrite)

    @property
    def read_settings(self) -> ReadSettings:
        """How new recordings are read in the way of those it was trained on: their columns, patterns and classes.

        Example:
            >>> smilejax.read("new.csv", model.read_settings, labels="optional")    # doctest: +SKIP
        """
        from smilejax.readers.mapping import for_new_recordings  # not needed to predict trials from elsewhere

        source = self.record.get("source")
        kept = source.get("read") if isinstance(source, Mapping) else None
        settings = for_new_recordings(kept) if isinstance(kept, Mapping) else ReadSettings()
        return replace(settings, classes=self.class_names)

    def notes(self, trials: AnyRecording) -> list[str]:
        """What is done to make these trials fit, in words; empty where they fit as they are.

        Raises:
            DataError: they cannot be made to fit: another unit, no sample of an eye the model needs, trials that begin later
                relative to onset than the model's.
        """
        self._check_kind(trials)
        if isinstance(trials, Faces):
            return self._notes_on_faces(trials)
        notes = self._check_pupils(trials)
        if early := self._early(trials):
            notes.append(
                f"recorded from {trials.start_ms:g} ms relative to onset, where the model's trials begin at {self.start_ms:g} "
                f"ms; the first {early * 1000 / trials.rate_hz:g} ms of each are left out"
            )
            trials = without_first(trials, early)
        return notes + self._rates(trials) + self._lengths(trials)

    def _check_kind(self, trials: AnyRecording) -> None:
        require_kind(trials, "trials", (Trials, Faces), "Read them with smilejax.read.")
        kind = kind_of_recipe(self.recipe)
        if trials.kind is not kind:
            raise DataError(f"the model was trained on {kind.signal}; these are recordings of {trials.kind.signal}.")

    def _notes_on_faces(self, faces: Faces) -> list[str]:
        assert isinstance(self.recipe, FaceRecipe)
        if missing := [name for name in self.recipe.measures or () if name not in faces.channels]:
            raise DataError(
                f"the model needs the measures {listed(missing)}, and the recording has {listed(faces.channels)}. "
                "Track the videos as those of the training were."
            )
        if faces.stills != self.stills:
            has, needs = ("single frames", "videos") if faces.stills else ("videos", "single frames")
            raise DataError(
                f"the model was trained on {needs}; these are {has}. A photo is answered only by a model of single frames."
            )
        require_crops(self.recipe, faces)
        return [] if self.stills else self._rates(faces) + self._lengths(faces)

    @property
    def crop_side(self) -> int | None:
        """Height and width in pixels of the crops of faces that it classifies; None of a model of measures."""
        return self.recipe.crop_side if isinstance(self.recipe, FaceRecipe) else None

    @property
    def stills(self) -> bool:
        """Whether it was trained on single frames of faces: photos."""
        assert self.recipe.duration_ms is not None
        return isinstance(self.recipe, FaceRecipe) and self.recipe.duration_ms * self.recorded_hz <= 1000 * (1 + 1e-6)

    def _check_pupils(self, trials: Trials) -> list[str]:
        """What is done about eyes that were not recorded. Raises `DataError` where unit or eyes do not fit."""
        assert isinstance(self.recipe, Recipe)
        if trials.unit != self.unit:
            raise DataError(
                f"the model was trained on pupils in {self.unit}; these are in {trials.unit}. "
                f"Convert the recording to {self.unit}, or state its unit if it was read wrongly: {SETTING.unit} {self.unit}."
            )
        seen = [bool(trials.measured()[:, :, eye].any()) for eye in (0, 1)]
        lanes = lanes_of(self.recipe.channels)
        for at, eye in enumerate(EYES):
            if eye in lanes and not seen[at]:
                raise DataError(
                    f"the model needs the {eye.name} eye, and no sample of it was measured.",
                    hint=f"Give its column ({SETTING(eye.name)}), or train a model on the fused pupil.",
                )
        if not all(seen) and FUSED in lanes:
            return [f"only the {'left' if seen[0] else 'right'} eye was recorded; it stands for the fused pupil"]
        return []

    def _rates(self, trials: AnyRecording) -> list[str]:
        notes = []
        if trials.rate_hz != self.recorded_hz:
            notes.append(
                f"recorded at {trials.rate_hz:g} Hz, where the model's recordings had {self.recorded_hz:g}; "
                f"resampled to the {self.recipe.resample_hz:g} Hz that the model sees"
            )
        if at_rate(self.recipe, trials.rate_hz).lowpass_hz != self.recipe.lowpass_hz:
            notes.append(
                f"no low-pass: a recording at {trials.rate_hz:g} Hz holds nothing above {trials.rate_hz / 2:g} Hz"
            )
        return notes

    def _early(self, trials: Trials) -> int:
        """Samples of each trial before the model's first.

        Raises:
            DataError: the trials begin later than the model's, by more than half a sample.
        """
        late_ms, half_ms = trials.start_ms - self.start_ms, 500 / min(trials.rate_hz, self.recorded_hz)
        if late_ms > half_ms:
            raise DataError(
                f"the model's trials begin at {self.start_ms:g} ms relative to onset; these begin at {trials.start_ms:g} ms.",
                hint=f"Read them from {self.start_ms:g} ms on ({SETTING.window_ms}), or train on a part that both have.",
            )
        return round(-late_ms * trials.rate_hz / 1000) if late_ms < -half_ms else 0

    def _aligned(self, trials: AnyRecording) -> AnyRecording:
        """The trials from the model's first sample on, whose time is then the model's to the last digit."""
        if isinstance(trials, Faces):
            return trials
        return replace(without_first(trials, self._early(trials)), start_ms=self.start_ms)

    def _lengths(self, trials: AnyRecording) -> list[str]:
        assert self.recipe.duration_ms is not None
        surplus = trials.length * 1000 / trials.rate_hz - self.recipe.duration_ms
        sample_ms = 1000 / trials.rate_hz
        counts = {"longer": (surplus > sample_ms).sum(), "shorter": (surplus < -sample_ms).sum()}
        done = {"longer": "cropped", "shorter": "padded"}
        own = f"the model's {self.recipe.duration_ms:g} ms"
        return [
            f"{count} of {len(trials)} {trials.kind.trials} are {word} than {own}; {done[word]}"
            for word, count in counts.items()
            if count
        ]

    def predict(self, trials: AnyRecording) -> pd.DataFrame:
        """Classify each trial, preprocessing included.

        Arguments:
            trials: N recordings; labels are not looked at, but handed on. What `notes` says is done to them.

        Returns:
            A table of N rows in the order of the trials: `trial`, `participant`, `label` (the true class where the recordings
            have it, else empty), `p_<class>` for each of the two classes
            (probabilities, 0 to 1, summing to 1), `predicted` (the more probable class), `proportion_valid` (of the trial's
            samples, those measured and removed by no step of the recipe, 0 to 1) and `status`: `kept`, or why the recipe would
            have kept the trial out of training, so that its prediction is a guess. A trial of which nothing was measured has no
            probabilities and no class.

        Raises:
            DataError: the trials cannot be made to fit; see `notes`.

        Example:
            >>> smilejax.load_model("model").predict(smilejax.read("recording.csv"))    # doctest: +SKIP
        """
        self.notes(trials)
        trials = self._aligned(trials)
        info = trial_info(trials, at_rate(self.recipe, trials.rate_hz))
        dataset = info.dataset
        model = self.settings.model
        logits = member_logits(self.classifier, self.variables, self.members, info, model=model, chunk=CHUNK)
        p = probability_of(logits, self.temperature)
        status = np.asarray(dataset.status)
        known = status != TrialStatus.NOTHING_MEASURED
        p[~known] = np.nan
        predicted = [self.class_names[int(b > a)] if k else None for (a, b), k in zip(p, known, strict=True)]
        label = [None if true == UNLABELLED else trials.class_names[true] for true in trials.label.tolist()]
        return pd.DataFrame(
            {
                "trial": trials.trial,
                "participant": trials.participant,
                "label": pd.array(label, dtype="str"),
                **{f"p_{name}": p[:, k].round(DIGITS) for k, name in enumerate(self.class_names)},
                "predicted": pd.array(predicted, dtype="str"),
                "proportion_valid": np.asarray(dataset.proportion_valid, np.float64).round(DIGITS),
                "status": [TrialStatus(int(v)).words for v in status],
            }
        )

    def stream(self, rate_hz: float | None = None) -> "PredictionStream":
        """A trial classified while it is recorded: samples in, the probability for the trial so far out.

        The recipe must be one that waits for no later sample, as `Recipe.causal()` is. A network that was trained on whole
        trials alone is warned of: train with `TrainingSettings(truncate_from=...)` below 1.

        Arguments:
            rate_hz: of the samples; None takes that of the recordings the model was trained on.

        Raises:
            DataError: the model is of faces, or no network of smilejax's own.
            SettingsError: a step of the recipe needs samples that are yet to come, or the rate does not fit the recipe.

        Example:
            >>> stream = model.stream()                       # doctest: +SKIP
            >>> for step in stream.push([[3.51, 3.49]]):      # doctest: +SKIP
            ...     print(step.time_ms, step.probability)
        """
        from smilejax.prediction.stream import PredictionStream

        return PredictionStream(self, rate_hz)


def trial_info(trials: AnyRecording, recipe: AnyRecipe) -> TrialInfo:
    """Trials as classifiers see them, cleaned by a recipe that is settled."""
    cleaned, dataset = clean_and_prepare(trials, recipe)
    if not isinstance(recipe, Recipe):
        return TrialInfo(dataset, None, length_ms(trials))
    assert isinstance(cleaned, Cleaned)
    subtracted = None if recipe.baseline_ms is None else np.asarray(cleaned.baseline).mean(1)
    return TrialInfo(dataset, pupil_level(dataset, subtracted), length_ms(trials))


def _known(name: str, trained: T | None, given: T | None) -> T:
    """What the result knows, unless what was given contradicts it."""
    if trained is None and given is None:
        raise SettingsError(f"the result does not know its {name}. Give {name}=.")
    if trained is not None and given is not None and given != trained:
        raise SettingsError(
            f"{name} must be those of the training ({listed(_differences(trained, given))}). Leave {name} out."
        )
    return trained if trained is not None else given  # type: ignore[return-value]


def _differences(trained: object, given: object) -> list[str]:
    """Settings that differ, in words: `hidden is 32 instead of 10`."""
    a, b = (_flat(to_json(one)) for one in (trained, given))  # type: ignore[arg-type]
    return [f"{name} is {b.get(name)} instead of {a.get(name)}" for name in a | b if a.get(name) != b.get(name)]


def _flat(settings: Mapping[str, object]) -> dict[str, object]:
    """Settings without levels: those of the model stand among those of the training."""
    flat: dict[str, object] = {}
    for name, value in settings.items():
        flat |= value if isinstance(value, dict) else {name: value}
    return flat


class _ModelRecord(TypedDict):
    """What a checkpoint holds of a model besides arrays; looked at as it is read."""

    recipe: Mapping[str, object]
    settings: Mapping[str, object]
    class_names: Sequence[str]
    unit: str
    recorded_hz: float
    made: Mapping[str, object]
    versions: Mapping[str, object]
    members: object
    temperature: float


def load_model(path: Path | str) -> Predictor:
    """Read a saved model, every file of it verified. Works without the device it was trained on, and runs no code from it.

    Raises:
        CheckpointError: absent, foreign, of another version, incomplete or altered; the message names the file.
    """
    require_path(path, "path")
    variables, content = checkpoint.load_checkpoint(path)
    record = cast(_ModelRecord, content)
    try:
        first, second = record["class_names"]
        predictor = Predictor(
            variables=variables,
            recipe=_recipe(record),
            settings=from_json(TrainingSettings, record["settings"]),
            class_names=(first, second),
            unit=record["unit"],
            recorded_hz=float(record["recorded_hz"]),
            record={**record["made"], "versions": record["versions"]},
            members=_members(record["members"]),
            temperature=float(record["temperature"]),
            start_ms=float(cast(float, record.get("start_ms", 0.0))),  # younger than the schema
            classifier=_classifier(record.get("classifier", "network")),  # likewise
        )
        _check_parts(predictor)
        _check_sizes(predictor)
        networks = predictor.variables["network"] if predictor.classifier == "combined" else predictor.variables
        if len(members_of(cast(Arrays, networks), predictor.members)) < 1 or not 0 < predictor.temperature < np.inf:
            raise ValueError(f"{predictor.members} members, temperature {predictor.temperature}")
    except (KeyError, TypeError, ValueError, IndexError, SmilejaxError) as error:
        raise CheckpointError(f"{path} holds no model that this version of smilejax understands: {error}.") from error
    return predictor


def _recipe(record: Mapping[str, object]) -> AnyRecipe:
    """The recipe of the kind of recording that the record names; pupils, where it is older than faces."""
    kinds = {kind.name: recipe for kind, recipe in RECIPE_OF.items()}
    kind = record.get("recording", PUPIL.name)
    if kind not in kinds:
        raise ValueError(f"the model is of recordings of {kind!r}")
    return from_json(kinds[kind], cast(Mapping[str, object], record["recipe"]))


def _classifier(given: object) -> Classifier:
    if given not in get_args(Classifier):
        raise ValueError(f"the classifier is {given!r}")
    return cast(Classifier, given)


def _check_parts(predictor: Predictor) -> None:
    """That the arrays are those of the classifier that the record names, as far as their names say."""
    classifier, held = predictor.classifier, set(predictor.variables)
    if has_network(classifier) and predictor.settings.model.network not in BUILT_IN:
        from smilejax.models.network import network_of  # and with it Flax, which predicting need not wait for

        network_of(predictor.settings.model)
    parts = {FITTED[classifier]} if classifier in FITTED else set()
    if classifier == "combined":
        parts.add("network")
    if held != parts if parts else held & set(FITTED.values()):
        raise ValueError(
            f"the classifier {classifier!r} has arrays {listed(sorted(parts))}; here are {listed(sorted(held))}"
        )


MOST_STEPS = 10**6
"""Steps of a trial as a model sees it that a saved model may ask for: a day at 10 Hz."""


def _check_sizes(predictor: Predictor) -> None:
    """That the settings ask for no more than the arrays hold: memory is taken by the settings."""
    rate, lasts_ms = predictor.recipe.resample_hz or predictor.recorded_hz, predictor.recipe.duration_ms or 1000.0
    if not rate * lasts_ms / 1000 <= MOST_STEPS:
        raise ValueError(f"a trial has {rate * lasts_ms / 1000:g} steps; at most {MOST_STEPS} are believed")
    model = predictor.settings.model
    if not has_network(predictor.classifier) or model.network != RECURRENT:
        return
    held = predictor.variables["network"] if predictor.classifier == "combined" else predictor.variables
    params = cast(Mapping[str, Mapping[str, Any]], cast(Mapping[str, object], held)["params"])
    sizes = {"hidden": params["recurrent"]["cell"]["w_hh"].shape[-2], "dense": None}
    sizes["dense"] = tuple(params[name]["bias"].shape[-1] for name in ("fc1", "fc2"))
    for name, size in sizes.items():
        if (said := getattr(model, name)) != size:
            raise ValueError(f"the settings say {name} {said}, and the arrays have {size}")


def _members(given: object) -> int | None:
    if given is None:
        return None
    if not isinstance(given, int) or isinstance(given, bool):
        raise TypeError(f"members is {given!r}")
    return given
