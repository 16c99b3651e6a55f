"""Controls over folds and labellings: two compiled programs for each, whatever the folds and labellings are many."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from jaxtyping import Array, Bool, Float, Int, Key, Shaped

from smilejax._util.errors import DataError, SettingsError, listed
from smilejax._util.keys import check_key
from smilejax.evaluation.reference.registry import REFERENCE_CLASSIFIERS, Given, ReferenceClassifier
from smilejax.preprocess.dataset import Dataset
from smilejax.splits import Folds

WIDTH = 128
"""Labellings answered at a time, the last ones filled up with repetitions: memory is that of so many, however many there
are. Twice or four times as many were less than a tenth faster on two cores (400 trials)."""


@dataclass(frozen=True, eq=False)
class ReferenceResult:
    """What a control says.

    Arguments:
        name, words: as in `REFERENCE_CLASSIFIERS`.
        probability: `f32[L, F, N]`, P(class 1) of all N trials, scored or not, trained on fold f with labelling l; .5
            throughout where the control is not applicable.
        applicable: whether it could be run; why_not: if not, why, in words.
    """

    name: str
    words: str
    probability: Float[np.ndarray, "L F N"]
    applicable: bool
    why_not: str


def run_reference_classifiers(
    dataset: Dataset,
    folds: Folds,
    labels: Int[Array | np.ndarray, "L _"],
    *,
    baseline: Shaped[Array | np.ndarray, " _"] | None,
    length_ms: Shaped[Array | np.ndarray, " _"],
    key: Array,
    only: Sequence[str] | None = None,
) -> tuple[ReferenceResult, ...]:
    """Train every control on every fold with every labelling.

    All that is learned comes from the fold's training trials; a labelling's answers do not depend on the others.

    Arguments:
        dataset: N trials.
        folds: F folds.
        labels: `i32[L, N]`, the truth first, then permutations. 0 or 1 wherever a fold trains; not looked at elsewhere.
        baseline: `f32[N]`, the pupil's level before the response in the recording's unit, NaN where not known; None where
            there is none.
        length_ms: `f32[N]`, length of each trial in ms.
        key: typed key, for the training trials that biases are drawn from.
        only: names of the controls to run; None runs all. OutOfFold do not depend on it.

    Returns:
        Results in the order of `REFERENCE_CLASSIFIERS`.

    Raises:
        DataError: shapes that do not fit, or a training trial without label.
        SettingsError: an unknown name, or the key is none.

    Example:
        >>> import jax, numpy, smilejax
        >>> study = smilejax.simulate_study(smilejax.SimulationSettings(participants=3, smilers=2), key=jax.random.key(0))
        >>> dataset = smilejax.prepare(study.trials, smilejax.Recipe())
        >>> folds, labels = smilejax.by_participant(dataset), numpy.asarray(dataset.y)[None]
        >>> length_ms = numpy.full(12, 10_000)
        >>> found = run_reference_classifiers(dataset, folds, labels, baseline=None, length_ms=length_ms, key=jax.random.key(1))
        >>> found[0].name, found[0].probability.shape, float(found[0].probability[0, 0, 0])
        ('majority', (1, 3, 12), 0.5)
    """
    check_key(key)
    chosen = _chosen(only)
    labels = np.asarray(labels, np.int32)
    given = Given(
        dataset, None if baseline is None else np.asarray(baseline, np.float32), np.asarray(length_ms, np.float32)
    )
    _check(given, folds, labels)
    return tuple(_run(control, given, folds.train, labels, _key_of(control, key)) for control in chosen)


def _chosen(only: Sequence[str] | None) -> list[ReferenceClassifier]:
    known = [control.name for control in REFERENCE_CLASSIFIERS]
    if only is not None and (isinstance(only, str) or not set(only) <= set(known)):
        raise SettingsError(f"only must name controls, of {listed(known)}; it is {only!r}.")
    return [control for control in REFERENCE_CLASSIFIERS if only is None or control.name in only]


def _check(given: Given, folds: Folds, labels: npt.NDArray[np.int32]) -> None:
    n = len(given.dataset)
    shapes = {"labels": labels.shape[1:], "folds": folds.train.shape[1:], "length_ms": given.length_ms.shape}
    if given.baseline is not None:
        shapes["baseline"] = given.baseline.shape
    if wrong := [f"{name} {shape[0]}" for name, shape in shapes.items() if shape != (n,)]:
        raise DataError(
            f"controls need one value for each of {n} trials; there are of {listed(wrong)}. Make them again."
        )
    bad = np.any(folds.train, axis=0)[None, :] & (labels != 0) & (labels != 1)
    if bad.any():
        row, trial = np.unravel_index(int(bad.argmax()), bad.shape)
        raise DataError(
            f"labels must be 0 or 1 wherever a fold trains; row {row} has {labels[row, trial]} for the trial in row {trial}. "
            "Leave trials without label out of the training masks."
        )


def _key_of(control: ReferenceClassifier, key: Key[Array, ""]) -> Key[Array, ""]:
    """By name: what a control draws does not depend on which others run."""
    return jax.random.fold_in(key, np.uint32(zlib.crc32(control.name.encode())))


def _run(
    control: ReferenceClassifier,
    given: Given,
    train: Bool[np.ndarray, "F N"],
    labels: npt.NDArray[np.int32],
    key: Key[Array, ""],
) -> ReferenceResult:
    probability = np.full((len(labels), *train.shape), 0.5, np.float32)
    if why_not := control.why_not(given):
        return ReferenceResult(control.name, control.words, probability, False, why_not)
    seen = control.see(given)
    filled = np.concatenate([labels, np.repeat(labels[-1:], -len(labels) % WIDTH, axis=0)])
    chunks = [jnp.asarray(filled[first : first + WIDTH]) for first in range(0, len(filled), WIDTH)]
    for fold, mask in enumerate(map(jnp.asarray, train)):
        learned = _learn(seen, mask, key, control=control)
        # All chunks are started before the first one is waited for.
        answers = [_answer(learned, mask, chunk, control=control) for chunk in chunks]
        probability[:, fold] = np.concatenate([np.asarray(answer) for answer in answers])[: len(labels)]
    return ReferenceResult(control.name, control.words, probability, True, "")


@partial(jax.jit, static_argnames="control")
def _learn(seen: Any, train: Bool[Array, " N"], key: Key[Array, ""], *, control: ReferenceClassifier) -> Any:
    return control.learn(seen, train, key)


@partial(jax.jit, static_argnames="control")
def _answer(
    learned: Any, train: Bool[Array, " N"], labels: Int[Array, "W N"], *, control: ReferenceClassifier
) -> Array:
    return control.answer(learned, train, labels)
