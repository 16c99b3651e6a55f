"""The controls of a study: on its folds and under its relabellings, beside the model."""

from dataclasses import replace

import jax
import numpy as np

from smilejax.controls import run_controls
from smilejax.metrics import known_mean
from smilejax.settings import TrainingSettings
from smilejax.study.answers import Trainer, answers_of, held_out
from smilejax.study.material import Control
from smilejax.study.prepared import CONTROLS, Prepared, length_ms

LEVEL_MS = 200.0
"""Span whose mean is the level of a trial without a baseline, in ms: the light reflex starts after that."""


def classifiers(prepared: Prepared) -> list[Control]:
    """The controls that are no network, on the same folds and under the same relabellings."""
    dataset, folds = prepared.dataset, prepared.chosen.folds
    assert folds is not None
    truth = np.asarray(dataset.y)[None]
    made = prepared.relabelled
    labels = truth if made is None else np.concatenate([truth, made.labels])
    key = jax.random.fold_in(jax.random.key(prepared.settings.seed), CONTROLS)
    results = run_controls(
        dataset, folds, labels, baseline=level(prepared), length_ms=length_ms(prepared.trials), key=key
    )
    return [
        Control(one.name, one.words, np.zeros((0, 0, 0)), one.why_not)
        if not one.applicable
        else Control(one.name, one.words, held_out(one.probability[:, :, None], folds.test, 1))
        for one in results
    ]


def level(prepared: Prepared) -> np.ndarray | None:
    """`f32[N]`, the level before the response, mean of the lanes: what the recipe took off, or what it left in."""
    if prepared.recipe.baseline_ms is not None:
        return np.asarray(prepared.cleaned.baseline).mean(1)
    channels = [at for at, channel in enumerate(prepared.dataset.channels) if channel not in ("mask", "drive")]
    if not channels:
        return None
    steps = max(1, round(LEVEL_MS * prepared.dataset.rate_hz / 1000))
    x, valid = np.asarray(prepared.dataset.x)[:, :steps, channels], np.asarray(prepared.dataset.valid)[:, :steps, None]
    return known_mean(np.where(valid, x, np.nan), 1).mean(1).astype(np.float32)


def mask_alone(trainer: Trainer, prepared: Prepared, settings: TrainingSettings) -> Control:
    """The same network with the settings that most folds chose, given only which samples were missing."""
    name, words = "mask", "the same network, given only where samples were missing"
    folds = prepared.chosen.folds
    assert folds is not None
    own = replace(trainer, dataset=prepared.masked, settings=settings, vary={})
    plan = own.plan(folds, prepared.seeds[: prepared.settings.test_seeds])
    answers = answers_of(prepared.masked, plan, own.train(plan, "mask"))
    return Control(name, words, held_out(answers.probability(), folds.test, 1))
