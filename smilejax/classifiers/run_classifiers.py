"""Reference classifiers over folds and labellings: two compiled programs for each, however many folds and labellings."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from jaxtyping import Array, Bool, Float, Int, Key, Shaped

from smilejax._util import summaries
from smilejax._util.errors import DataError, SettingsError, listed
from smilejax._util.keys import check_key
from smilejax.classifiers.classifier import OfferedClassifier, ReferenceClassifier, TrialInfo
from smilejax.classifiers.registry import OFFERED, REFERENCE_CLASSIFIERS
from smilejax.preprocess.dataset import Dataset
from smilejax.settings.classifier_names import ClassifierKind
from smilejax.splits import Folds

Learned = dict[bytes, object]
"""What folds taught a classifier without labels, by the bytes of their training masks."""
WIDTH = 128
"""Labellings predicted at a time, the last chunk filled up with repetitions: memory is that of one chunk, however many there
are. Chunks of twice or four times the size were less than a tenth faster on two cores (400 trials)."""


@dataclass(frozen=True, eq=False, repr=False)
class ReferenceResult:
    """Predictions of one reference classifier.

    Arguments:
        name, label, kind, words: as in `REFERENCE_CLASSIFIERS`.
        probability: `f32[L, F, N]`, P(class 1) of all N trials, scored or not, trained on fold f with labelling l; .5
            throughout where the classifier could not be fitted.
        why_not: why it could not be fitted, in words; an empty string where it was.
    """

    name: str
    label: str
    kind: ClassifierKind
    words: str
    probability: Float[np.ndarray, "L F N"]
    why_not: str = ""

    @property
    def applicable(self) -> bool:
        """Whether the classifier could be fitted."""
        return not self.why_not

    def __repr__(self) -> str:
        return f"ReferenceResult({'; '.join(text for _, text in self._summary())})"

    def _repr_html_(self) -> str:
        return summaries.as_html("ReferenceResult", self._summary())

    def _summary(self) -> list[tuple[str, str]]:
        labellings, folds, n = self.probability.shape
        sizes = (
            summaries.counted(count, noun) for count, noun in ((labellings, "labelling"), (folds, "fold"), (n, "trial"))
        )
        return [
            ("classifier", self.label),
            ("predictions", ", ".join(sizes)),
            *([("not fitted", f"not fitted: {self.why_not}")] if self.why_not else []),
        ]


def run_reference_classifiers(
    dataset: Dataset,
    folds: Folds,
    labels: Int[Array | np.ndarray, "L _"],
    *,
    baseline: Shaped[Array | np.ndarray, " _"] | None,
    length_ms: Shaped[Array | np.ndarray, " _"],
    key: Array,
    covariates: Shaped[Array | np.ndarray, "_ _"] | None = None,
    video: Mapping[str, Shaped[np.ndarray, " _"]] | None = None,
    only: Sequence[str] | None = None,
) -> tuple[ReferenceResult, ...]:
    """Train every reference classifier on every fold with every labelling.

    All that is learned comes from the training trials of the fold; predictions for one labelling do not depend on the others.

    Arguments:
        dataset: N trials.
        folds: F folds.
        labels: `i32[L, N]`, the true labels first, then permutations. 0 or 1 wherever a fold trains; not read elsewhere.
        baseline: `f32[N]`, the pupil's size before the response in the recording's unit, NaN where not known; None where
            there is none.
        length_ms: `f32[N]`, length of each trial in ms.
        key: typed key; it settles which training trials MiniRocket takes its biases from.
        covariates: `f64[N, K]`, what a stimulus table says of each trial's stimulus, NaN where it says nothing; None where none
            was given.
        video: of faces, `f64[N]` by name, what is known of the videos besides the face; see `video_covariates`.
        only: names of the classifiers to run; None runs all whose input was given. The result of one does not depend on which
            others run.

    Returns:
        Results in the order of `REFERENCE_CLASSIFIERS`.

    Raises:
        DataError: shapes that do not fit, or a training trial without a label.
        SettingsError: an unknown name, or the key is none.

    Example:
        >>> import jax, numpy, smilejax
        >>> small = smilejax.SimulationSettings(participants=3, smilers=2, duration_ms=2000)
        >>> study = smilejax.simulate_study(small, key=jax.random.key(0))
        >>> dataset = smilejax.prepare(study.trials, smilejax.Recipe())
        >>> folds, labels = smilejax.by_participant(dataset), numpy.asarray(dataset.y)[None]
        >>> length_ms = numpy.full(12, 2000)
        >>> found = run_reference_classifiers(dataset, folds, labels, baseline=None, length_ms=length_ms, key=jax.random.key(1))
        >>> found[0]
        ReferenceResult(Majority class; 1 labelling, 3 folds, 12 trials)
        >>> float(found[0].probability[0, 0, 0])
        0.5
    """
    check_key(key)
    labels = np.asarray(labels, np.int32)
    info = TrialInfo(
        dataset,
        None if baseline is None else np.asarray(baseline, np.float32),
        np.asarray(length_ms, np.float32),
        None if covariates is None else np.asarray(covariates, np.float64),
        video,
    )
    chosen = _chosen(only, info)
    _check(info, folds, labels)
    return tuple(_run(one, info, folds.train, labels, key_of_classifier(one.name, key)) for one in chosen)


def run_log_odds(
    name: str,
    info: TrialInfo,
    train: Bool[np.ndarray, "F N"],
    labels: Int[np.ndarray, "L N"],
    *,
    key: Array,
    learned: Learned | None = None,
) -> Float[np.ndarray, "L F N"]:
    """Log odds of class 1 of all N trials, trained on each fold with each labelling.

    Arguments:
        name: of `OFFERED`. train: training trials of F folds. labels: 0 or 1 wherever a fold trains; not read elsewhere.
        key: as in `run_reference_classifiers`.
        learned: what folds taught without labels, by their masks: looked up, and added to. For one classifier, one key and the
            same trials.
    """
    classifier = OFFERED[name]
    program = partial(_log_odds, classifier=classifier)
    return _over_folds(classifier, info, train, labels, key_of_classifier(name, key), program, learned)


def _chosen(only: Sequence[str] | None, info: TrialInfo) -> list[ReferenceClassifier[Any, Any]]:
    known = [one.name for one in REFERENCE_CLASSIFIERS]
    if only is not None and (isinstance(only, str) or not set(only) <= set(known)):
        raise SettingsError(f"only must name reference classifiers, of {listed(known)}; it is {only!r}.")
    return [
        one
        for one in REFERENCE_CLASSIFIERS
        if (one.given(info) and not one.why_not_for(info.dataset) if only is None else one.name in only)
    ]


def _check(info: TrialInfo, folds: Folds, labels: npt.NDArray[np.int32]) -> None:
    n = len(info.dataset)
    shapes = {"labels": labels.shape[1:], "folds": folds.train.shape[1:], "length_ms": info.length_ms.shape}
    if info.baseline is not None:
        shapes["baseline"] = info.baseline.shape
    if info.covariates is not None:
        shapes["covariates"] = info.covariates.shape[:1]
    if wrong := [f"{name} has {shape[0]}" for name, shape in shapes.items() if shape != (n,)]:
        raise DataError(
            f"reference classifiers need one value for each of {n} trials; {listed(wrong)}. Make them from this dataset."
        )
    bad = np.any(folds.train, axis=0)[None, :] & (labels != 0) & (labels != 1)
    if bad.any():
        row, trial = np.unravel_index(int(bad.argmax()), bad.shape)
        raise DataError(
            f"labels must be 0 or 1 wherever a fold trains; row {row} has {labels[row, trial]} for the trial in row {trial}. "
            "Leave trials without label out of the training masks."
        )


def key_of_classifier(name: str, key: Key[Array, ""]) -> Key[Array, ""]:
    """By name: what a classifier draws does not depend on which others run."""
    return jax.random.fold_in(key, np.uint32(zlib.crc32(name.encode())))


def _run(
    classifier: ReferenceClassifier[Any, Any],
    info: TrialInfo,
    train: Bool[np.ndarray, "F N"],
    labels: npt.NDArray[np.int32],
    key: Key[Array, ""],
) -> ReferenceResult:
    about = classifier.name, classifier.label, classifier.kind, classifier.words
    if why_not := classifier.reason_against(info):
        return ReferenceResult(*about, np.full((len(labels), *train.shape), 0.5, np.float32), why_not)
    return ReferenceResult(
        *about, _over_folds(classifier, info, train, labels, key, partial(_predict, classifier=classifier))
    )


def _over_folds(
    classifier: ReferenceClassifier[Any, Any],
    info: TrialInfo,
    train: Bool[np.ndarray, "F N"],
    labels: npt.NDArray[np.int32],
    key: Key[Array, ""],
    program: Callable[[Any, Array, Array], Array],
    kept: Learned | None = None,
) -> Float[np.ndarray, "L F N"]:
    """What a program gives for all trials, for every labelling and fold."""
    found = np.empty((len(labels), *train.shape), np.float32)
    seen = classifier.see(info)
    filled = np.concatenate([labels, np.repeat(labels[-1:], -len(labels) % WIDTH, axis=0)])
    chunks = [jnp.asarray(filled[first : first + WIDTH]) for first in range(0, len(filled), WIDTH)]
    for fold, mask in enumerate(map(jnp.asarray, train)):
        learned = None if kept is None else kept.get(train[fold].tobytes())
        if learned is None:
            learned = _learn(seen, mask, key, classifier=classifier)
        if kept is not None:
            kept[train[fold].tobytes()] = learned
        # All chunks are started before the first one is waited for.
        predicted = [program(learned, mask, chunk) for chunk in chunks]
        found[:, fold] = np.concatenate([np.asarray(one) for one in predicted])[: len(labels)]
    return found


# Any: what is seen and learned has the classifier's own types, which a compiled program takes as they are.
@partial(jax.jit, static_argnames="classifier")
def _learn(
    seen: Any, train: Bool[Array, " N"], key: Key[Array, ""], *, classifier: ReferenceClassifier[Any, Any]
) -> Any:
    return classifier.learn(seen, train, key)


@partial(jax.jit, static_argnames="classifier")
def _predict(
    learned: Any, train: Bool[Array, " N"], labels: Int[Array, "W N"], *, classifier: ReferenceClassifier[Any, Any]
) -> Float[Array, "W N"]:
    return classifier.predict(learned, train, labels)


@partial(jax.jit, static_argnames="classifier")
def _log_odds(
    learned: Any, train: Bool[Array, " N"], labels: Int[Array, "W N"], *, classifier: OfferedClassifier[Any, Any]
) -> Float[Array, "W N"]:
    return classifier.log_odds(learned, train, labels)
