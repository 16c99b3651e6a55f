"""What a study measured as named arrays, and back."""

import io
from dataclasses import fields
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from smilejax.evaluation.study.attribution import Attribution
from smilejax.evaluation.study.out_of_fold import Curves, OutOfFold
from smilejax.evaluation.study.raw_results import (
    KEPT,
    ClassifierPredictions,
    PermutationPredictions,
    ProtocolPredictions,
    RawResults,
)
from smilejax.evaluation.study.score_results import ProtocolResult
from smilejax.evaluation.study.study_results import StudyResults
from smilejax.splits import Folds
from smilejax.splits.permutations import PermutedLabels

T = TypeVar("T", OutOfFold, Curves, Attribution)
Arrays = dict[str, npt.NDArray[np.generic]]
MEASURED_COLUMNS = (
    "participant",
    "trial",
    "stimulus",
    "smiler",
    "label",
    "class",
    "status",
    "kept",
    "proportion_valid",
    "length_ms",
    "baseline",
)
"""Columns of the table of trials that were measured, besides the user's own; the others follow from predictions."""


def arrays_of(raw: RawResults) -> Arrays:
    """Every array of a study by name."""
    arrays: Arrays = {"x": raw.x, "valid": raw.valid, "time_ms": raw.time_ms}
    for one in raw.protocols:
        if one.folds is None:
            continue
        arrays |= _of(one.folds, f"{one.name}/folds")
        arrays |= _of(one.predictions, f"{one.name}/predictions") | _of(one.curves, f"{one.name}/curves")
        for name in ("inner_logits", "inner", "variant_accuracy"):
            if (values := getattr(one, name)) is not None:
                arrays[f"{one.name}/{name}"] = values
    tested = raw.permutations
    arrays |= _of(tested.predictions, "permutations/predictions") | _of(tested.permuted, "permutations/permuted")
    arrays |= {f"classifiers/{one.name}": one.probability for one in raw.classifiers}
    return arrays | _of(raw.attribution, "attribution")


def raw_results_of(arrays: Arrays, trials: pd.DataFrame, results: StudyResults) -> RawResults:
    """What was measured, from arrays, the table of trials, and `study.json`.

    Raises:
        KeyError: an array or a column is missing.
    """
    return RawResults(
        trials=trials[[*MEASURED_COLUMNS, *(name for name in trials.columns if str(name).startswith(KEPT))]],
        x=arrays["x"],
        valid=arrays["valid"],
        time_ms=arrays["time_ms"],
        protocols=tuple(_protocol(one, arrays) for one in results.protocols),
        permutations=PermutationPredictions(
            part_of(OutOfFold, arrays, "permutations/predictions"),
            permuted_of(arrays),
            results.permutation_test.why_not,
        ),
        classifiers=tuple(
            ClassifierPredictions(one.name, one.description, arrays[f"classifiers/{one.name}"], one.why_not)
            for one in results.classifiers
        ),
        attribution=part_of(Attribution, arrays, "attribution"),
        cleaning=results.cleaning,
        about=results.about,
    )


def _protocol(one: ProtocolResult, arrays: Arrays) -> ProtocolPredictions:
    if one.scores is None:
        return ProtocolPredictions(one.name, None, one.why_not)
    return ProtocolPredictions(
        name=one.name,
        folds=folds_of(arrays, one.name),
        predictions=part_of(OutOfFold, arrays, f"{one.name}/predictions"),
        curves=part_of(Curves, arrays, f"{one.name}/curves"),
        inner_logits=arrays.get(f"{one.name}/inner_logits"),
        inner=arrays.get(f"{one.name}/inner"),
        why_no_inner_validation=one.scores.why_no_inner_validation,
        variant_accuracy=arrays.get(f"{one.name}/variant_accuracy"),
        balanced_folds=one.scores.balanced_folds,
    )


def _of(value: OutOfFold | Curves | Attribution | Folds | PermutedLabels | None, above: str) -> Arrays:
    """The fields of a dataclass as arrays; texts too. Nothing where there is no value."""
    if value is None:
        return {}
    return {
        f"{above}/{f.name}": _array(getattr(value, f.name)) for f in fields(value) if getattr(value, f.name) is not None
    }


def _array(value: object) -> npt.NDArray[np.generic]:
    array = np.asarray(value)
    if array.dtype == object and isinstance(value, int):
        return np.asarray(hex(value))  # in decimals Python writes 4300 digits and no more
    return array.astype(np.str_) if array.dtype == object else array


def part_of(cls: type[T], arrays: Arrays, above: str) -> T | None:
    """A dataclass of arrays; None where they are not there."""
    names = [f.name for f in fields(cls)]
    if f"{above}/{names[0]}" not in arrays:
        return None
    return cls(**{name: arrays[f"{above}/{name}"] for name in names})


def folds_of(arrays: Arrays, name: str) -> Folds:
    """The folds of a protocol."""
    part = {f.name: arrays.get(f"{name}/folds/{f.name}") for f in fields(Folds)}
    times = part.pop("times_scored")
    texts = {key: str(part.pop(key)) for key in ("scheme", "why_leaky")}
    lists = {key: tuple(str(v) for v in part.pop(key)) for key in ("apart", "names")}  # type: ignore[union-attr]
    leaky = bool(part.pop("leaky"))
    return Folds(**texts, **lists, leaky=leaky, times_scored=None if times is None else int(times), **part)  # type: ignore[arg-type]


def permuted_of(arrays: Arrays) -> PermutedLabels | None:
    """The permuted labels; None where there was no test."""
    part = {f.name: arrays.get(f"permutations/permuted/{f.name}") for f in fields(PermutedLabels)}
    if part["labels"] is None:
        return None
    return PermutedLabels(
        str(part["scheme"]),  # type: ignore[arg-type]
        str(part["why"]),
        part["labels"],
        int(str(part["distinct"]), 0),  # may be too large for any array but one of text
        within_folds=bool(part["within_folds"]),
    )


def packed(arrays: Arrays) -> bytes:
    """Arrays as the content of an `.npz` file."""
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)  # type: ignore[arg-type]
    return content.getvalue()
