"""Studies whose predictions are drawn, not trained, so that results and verdicts are made in milliseconds."""

from dataclasses import replace

import jax
import numpy as np
import pandas as pd
from helpers.small_study import make_dataset

from smilejax import Dataset, permute_labels
from smilejax._util.errors import DataError
from smilejax.evaluation.study.attribution import Attribution
from smilejax.evaluation.study.figure_results import CleaningPanels
from smilejax.evaluation.study.out_of_fold import Curves, OutOfFold
from smilejax.evaluation.study.protocols import NAMES, protocols, verdict_protocol
from smilejax.evaluation.study.raw_results import (
    ClassifierPredictions,
    PermutationPredictions,
    ProtocolPredictions,
    RawResults,
)
from smilejax.evaluation.study.study_results import About, SourceRecord
from smilejax.preprocess.recipe import Recipe
from smilejax.settings import StudySettings, TrainingSettings, to_json
from smilejax.splits.permutations import permute_labels_for_folds

SETTINGS = StudySettings(seeds=3, permutations=31, test_seeds=2, blocks=3, inner_draws=2, inner_seeds=2, draws=200)


def make_predictions(rng, labels, folds, seeds, strength, by_row=None) -> OutOfFold:
    """Logits that favour the labels trained on, by `strength` for the true labels and not at all for permutations."""
    shape = (len(labels), len(folds), seeds, labels.shape[1])
    lean = np.where(np.arange(len(labels)) == 0, strength, 0.0)[:, None, None, None]
    odds = lean * (2 * labels[:, None, None] - 1) + rng.normal(size=shape)
    odds = odds + (0.0 if by_row is None else by_row)
    logits = np.stack([-odds / 2, odds / 2], axis=-1).astype(np.float32)
    return OutOfFold(logits, np.ones(shape[:3], bool), labels.astype(np.int32), np.zeros(shape[:2], np.int32))


def make_raw_results(
    *,
    strength: dict[str, float] | float = 2.0,
    classifiers: dict[str, float] | None = None,
    dataset: Dataset | None = None,
    permutations: int | None = None,
    seed: int = 0,
    settings: StudySettings = SETTINGS,
    inner: bool = True,
) -> RawResults:
    """A study of `dataset` (by default 8 participants, 6 smilers) with predictions of given strength."""
    rng = np.random.default_rng(seed)
    dataset = make_dataset(participants=8, smilers=6) if dataset is None else dataset
    y, n = np.asarray(dataset.y), len(dataset)
    strengths = dict.fromkeys(NAMES, strength) if isinstance(strength, float) else strength
    found = protocols(dataset, settings, key=jax.random.key(seed))
    scored = []
    for one in found:
        if one.folds is None:
            scored.append(ProtocolPredictions(one.name, None, one.why_not))
            continue
        predictions = make_predictions(rng, y[None], one.folds, settings.seeds, strengths[one.name])
        shape = (len(one.folds), settings.inner_draws, settings.inner_seeds, n, 2)
        scored.append(
            ProtocolPredictions(
                one.name,
                one.folds,
                predictions=predictions,
                curves=Curves(*(rng.uniform(0.2, 0.8, (len(one.folds), settings.seeds, 4)) for _ in range(4))),
                inner_logits=rng.normal(size=shape) if inner else None,
                inner=np.stack([one.folds.train & (rng.random(n) < 0.5) for _ in range(2)], 1) if inner else None,
                why_no_inner_validation="" if inner else "no draw leaves both classes.",
                variant_accuracy=np.full((1, len(one.folds)), 0.5),
                balanced_folds=one.balanced,
            )
        )
    chosen = verdict_protocol(found)
    tested = PermutationPredictions(None, None, "none was requested.")
    count = settings.permutations if permutations is None else permutations
    if count:
        try:
            made = (
                permute_labels_for_folds(chosen.folds, dataset, count, balanced=True, key=jax.random.key(seed + 1))
                if chosen.balanced
                else permute_labels(dataset, count, key=jax.random.key(seed + 1))
            )
            labels = np.concatenate([y[None], made.labels])
            tested = PermutationPredictions(
                make_predictions(rng, labels, chosen.folds, settings.test_seeds, strengths[chosen.name]), made
            )
        except DataError as error:
            tested = PermutationPredictions(None, None, str(error))
    return RawResults(
        trials=table_of(dataset),
        x=np.asarray(dataset.x),
        valid=np.asarray(dataset.valid),
        time_ms=np.arange(dataset.x.shape[1]) * 50.0,
        protocols=tuple(scored),
        permutations=tested,
        classifiers=tuple(
            make_classifier_predictions(rng, name, value, y, tested) for name, value in (classifiers or {}).items()
        ),
        attribution=Attribution(
            rng.normal(size=(2, 2, *dataset.x.shape[1:])),
            rng.normal(size=(2, 3)),
            np.array([0, 3, 6, 9]),
            np.array([4, 4]),
        ),
        cleaning=CleaningPanels("0", "t0", "mm", ()),
        about=make_about(dataset, settings),
    )


def make_about(dataset: Dataset, settings: StudySettings, *, simulated: bool = False) -> About:
    """What a study says of itself."""
    return About(
        class_names=dataset.class_names,
        channels=tuple(channel.name for channel in dataset.channels),
        simulated=simulated,
        unit="mm",
        model_unit="mm",
        recorded_hz=20.0,
        model_hz=20.0,
        source=SourceRecord("memory", "arrays", ()),
        recipe=to_json(Recipe()),
        training=to_json(TrainingSettings()),
        vary={},
        variants=({},),
        final_variant=0,
        study=to_json(settings),
        runs=1,
        notes=(),
    )


def make_classifier_predictions(
    rng, name: str, strength: float, y: np.ndarray, tested: PermutationPredictions
) -> ClassifierPredictions:
    """A classifier that is as good as `strength` says, on the true labels alone."""
    labels = y[None] if tested.permuted is None else np.concatenate([y[None], tested.permuted.labels])
    lean = np.where(np.arange(len(labels)) == 0, strength, 0.0)[:, None, None]
    odds = lean * (2 * labels[:, None] - 1) + rng.normal(size=(len(labels), 1, len(y)))
    return ClassifierPredictions(name, f"classifier {name}", 1 / (1 + np.exp(-odds)))


def table_of(dataset: Dataset) -> pd.DataFrame:
    """The table of trials that `evaluate` makes."""
    n, y = len(dataset), np.asarray(dataset.y)

    def names(codes, letter):
        codes = np.asarray(codes)
        return [None if c < 0 else f"{letter}{c}" for c in codes]

    return pd.DataFrame(
        {
            "participant": names(dataset.participant, "p"),
            "trial": [f"t{row}" for row in range(n)],
            "stimulus": names(dataset.stimulus, "v"),
            "smiler": names(dataset.smiler, "s"),
            "label": y,
            "class": [dataset.class_names[k] if k >= 0 else None for k in y],
            "status": ["kept" if kept else "too much missing" for kept in dataset.kept],
            "kept": dataset.kept,
            "proportion_valid": 0.9,
            "length_ms": 450.0,
            "baseline": 3.5,
        }
    ).astype({"stimulus": object, "smiler": object})


def without_stimuli(dataset: Dataset) -> Dataset:
    """The same without a record of stimuli."""
    none = np.full(len(dataset), -1, np.int32)
    return replace(dataset, stimulus=jax.numpy.asarray(none), smiler=jax.numpy.asarray(none))


def take(dataset: Dataset, rows: np.ndarray) -> Dataset:
    """Some trials of a dataset."""
    return jax.tree.map(lambda leaf: leaf[np.asarray(rows)], dataset)
