"""`evaluate`: from recordings to a study. Everything is settled and checked before the first training."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pandas as pd

from smilejax.controls import mask_only, mask_recipe, run_controls
from smilejax.dataset import Dataset, Verdict
from smilejax.errors import DataError, SettingsError
from smilejax.preprocess import Cleaned, clean, prepare
from smilejax.preprocess.pipeline import settle
from smilejax.quality import class_warnings, trial_quality
from smilejax.relabelling import Relabelled, relabel, with_both_classes
from smilejax.runs import Plan
from smilejax.runs.plan import setting_of
from smilejax.settings import Recipe, StudySettings, TrainingSettings, to_json
from smilejax.splits import Folds
from smilejax.study import choosing, steps
from smilejax.study.answers import Answers, Trainer, answers_of, curves_of, held_out
from smilejax.study.attention import Attention, attend
from smilejax.study.choosing import Inner, inner_folds, train_inner
from smilejax.study.final import Final, train_final
from smilejax.study.material import Control, Material, Scored, Tested
from smilejax.study.protocols import Protocol, protocols, strongest
from smilejax.tables import unit_of
from smilejax.training import Status
from smilejax.trials import Trials

LEVEL_MS = 200.0
"""Span whose mean is the level of a trial without a baseline, in ms: the light reflex starts after that."""
FOLDS, RELABELLINGS, INNER, CONTROLS = range(4)
"""What is folded into the study's key, for what is drawn. Runs have keys of their own seeds."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """A study before its first training: what will be trained, on what.

    Arguments:
        trials, cleaned, dataset: the recordings, cleaned, and as the model sees them. masked: the missing-data mask alone.
        protocols: all; `chosen`: the strongest that the data allow.
        relabelled: for the test; None where there is none, and `why_not` then says why.
        recipe, training, vary, settings: as given.
    """

    trials: Trials
    cleaned: Cleaned
    dataset: Dataset
    masked: Dataset
    protocols: tuple[Protocol, ...]
    chosen: Protocol
    relabelled: Relabelled | None
    why_not: str
    recipe: Recipe
    training: TrainingSettings
    vary: Mapping[str, tuple[Any, ...]]
    settings: StudySettings

    @property
    def seeds(self) -> tuple[int, ...]:
        """Seeds of the trainings."""
        return tuple(range(self.settings.seed, self.settings.seed + self.settings.seeds))

    @property
    def variants(self) -> tuple[TrainingSettings, ...]:
        """Settings that each fold chooses among."""
        assert self.chosen.folds is not None
        return Plan(self.chosen.folds, self.training, vary=self.vary).variants

    @property
    def several(self) -> bool:
        """Whether there is anything to choose."""
        return len(self.variants) > 1

    @property
    def runs(self) -> int:
        """Trainings of the whole study, those of the final model and of attention not counted."""
        s, variants = self.settings, len(self.variants)
        folds = {one.name: len(one.folds) for one in self.protocols if one.folds is not None}
        own = folds[self.chosen.name]
        labellings = 0 if self.relabelled is None else 1 + len(self.relabelled)
        inner = s.inner_draws * s.inner_seeds
        inside = sum(folds.values()) * inner if self.several else own * inner
        test = labellings * own * (s.test_seeds + (inner if self.several else 0))
        return variants * (sum(folds.values()) * s.seeds + inside + test) + own * s.test_seeds


def prepare_study(
    trials: Trials,
    recipe: Recipe,
    training: TrainingSettings,
    settings: StudySettings,
    *,
    vary: Mapping[str, tuple[Any, ...]] | None = None,
) -> Prepared:
    """Clean, divide and relabel: all that can fail for a reason in the data does so here, or is left out and said.

    Raises:
        DataError: one class only, no trial kept, or no protocol possible.
        SettingsError: a recipe that does not fit, or settings that cannot be chosen among.
    """
    _require_both_classes(trials)
    key = jax.random.key(settings.seed)
    cleaned, dataset = clean(trials, recipe), prepare(trials, recipe)
    _require_kept(trials, dataset)
    found = protocols(dataset, settings, key=jax.random.fold_in(key, FOLDS))
    chosen = strongest(found)
    assert chosen.folds is not None
    relabelled, why_not = _relabelled(dataset, chosen.folds, settings, key)
    vary = dict(vary or {})
    if relabelled is not None and len(Plan(chosen.folds, training, vary=vary).variants) > 1:
        relabelled, why_not = _with_choice(dataset, chosen.folds, relabelled, settings)
    prepared = Prepared(
        trials=trials,
        cleaned=cleaned,
        dataset=dataset,
        masked=mask_only(prepare(trials, mask_recipe(recipe)), length_ms=_length_ms(trials)),
        protocols=found,
        chosen=chosen,
        relabelled=relabelled,
        why_not=why_not,
        recipe=recipe,
        training=training,
        vary=vary,
        settings=settings,
    )
    if prepared.several:
        _require_inner(prepared)
    return prepared


def evaluate(
    prepared: Prepared,
    *,
    folder: Path | None = None,
    progress: Callable[[int], None] | None = None,
    said: Callable[[str], None] | None = None,
    options: Mapping[str, Any] | None = None,
) -> tuple[Material, Final | None]:
    """Train everything, and collect what came of it.

    Arguments:
        folder: where runs are kept as they end, below `runs/`; trainings that are there already are not done again.
        progress: told how many more runs have ended. said: told what is being done.
        options: further ones of `train_runs`: `devices`, `width`, `memory_bytes`.

    Returns:
        The material, and the model of use, which is None where all its runs diverged.
    """
    tell, options = said or (lambda words: None), dict(options or {})
    trainer = Trainer(prepared.dataset, prepared.training, prepared.vary, folder, progress or (lambda n: None), options)
    tell("training")
    scored = tuple(_scored(one, trainer, prepared) for one in prepared.protocols)
    tested = _tested(trainer, prepared)
    tell("running controls")
    controls = (*_controls(prepared), _mask_only(trainer, prepared, prepared.variants[_favourite(scored)]))
    tell("asking what was looked at")
    devices = {name: value for name, value in options.items() if name in ("devices", "width")}
    attention = _attention(prepared, scored, devices)
    tell("training the final model")
    final = train_final(prepared.dataset, prepared.variants[_favourite(scored)], prepared.seeds, devices)
    tell("cleaning one trial step by step")
    material = _material(prepared, scored, tested, controls, attention, favourite=_favourite(scored))
    return material, final


def _require_both_classes(trials: Trials) -> None:
    counts = [int((trials.label == k).sum()) for k in (0, 1)]
    if 0 in counts:
        raise DataError(
            f"a study needs trials of both classes; there are {counts[0]} {trials.class_names[0]} and {counts[1]} "
            f"{trials.class_names[1]}. Check the labels with `smilejax check`."
        )


def _require_kept(trials: Trials, dataset: Dataset) -> None:
    kept = [int((dataset.kept & (trials.label == k)).sum()) for k in (0, 1)]
    if 0 in kept:
        raise DataError(
            f"a study needs trials of both classes after cleaning; the recipe kept {kept[0]} {trials.class_names[0]} and "
            f"{kept[1]} {trials.class_names[1]}. See why with `smilejax clean`, and raise --max-missing or change the recipe."
        )


def _require_inner(prepared: Prepared) -> None:
    for one in prepared.protocols:
        if one.folds is None:
            continue
        try:
            inner_folds(one.folds, prepared.dataset, prepared.settings, key=_inner_key(prepared.settings))
        except DataError as error:
            raise SettingsError(
                f"settings can be chosen only on validation trials inside each fold, and by {one.name} there is no room for "
                f"them: {error} Give one value of each setting."
            ) from error


def _relabelled(
    dataset: Dataset, folds: Folds, settings: StudySettings, key: jax.Array
) -> tuple[Relabelled | None, str]:
    """The relabellings of the test, as many as were asked for or exist; or None and why."""
    if not settings.relabellings:
        return None, "None was asked for (--relabellings)."
    key = jax.random.fold_in(key, RELABELLINGS)
    try:
        exist = relabel(dataset, 1, key=key).distinct - 1
        # More than are wanted: some may leave a fold with one class to train on.
        drawn = relabel(dataset, min(2 * settings.relabellings, exist), key=key)
    except DataError as error:
        return None, str(error)
    relabelled = with_both_classes(folds, dataset, drawn, settings.relabellings)
    if relabelled is None:
        return None, f"Under each of {len(drawn)} relabellings some fold would be trained on one class only."
    return relabelled, ""


def _with_choice(
    dataset: Dataset, folds: Folds, relabelled: Relabelled, settings: StudySettings
) -> tuple[Relabelled | None, str]:
    """The relabellings under which settings can be chosen too: inside each fold there are both classes to train on."""
    try:
        kept = with_both_classes(inner_folds(folds, dataset, settings, key=_inner_key(settings)), dataset, relabelled)
    except DataError:  # that nothing can be chosen at all is said elsewhere
        return relabelled, ""
    why_not = f"Under each of {len(relabelled)} relabellings some fold would choose its settings on one class only."
    return kept, "" if kept is not None else why_not


def _inner_key(settings: StudySettings) -> jax.Array:
    return jax.random.fold_in(jax.random.key(settings.seed), INNER)


def _scored(one: Protocol, trainer: Trainer, prepared: Prepared) -> Scored:
    """Train one protocol on the true labels."""
    if one.folds is None:
        return Scored(one.name, None, one.why_not)
    inner, why_not = None, "It is done for the protocol of the verdict alone."
    if prepared.several or one is prepared.chosen:
        inner, why_not = _inner(trainer, one.folds, prepared, f"{one.name}-inner")
    chosen = np.zeros((1, len(one.folds)), np.int32) if inner is None else inner.chosen()
    plan = trainer.plan(one.folds, prepared.seeds)
    result = trainer.train(plan, one.name, curves=True)
    taken = None if inner is None else inner.of(chosen[0])
    return Scored(
        name=one.name,
        folds=one.folds,
        answers=answers_of(trainer.dataset, plan, result, chosen),
        curves=curves_of(plan, result, chosen[0]),
        inner_logits=taken,
        inner=None if inner is None else inner.validation,
        why_not_inner=why_not,
        variants=_variant_accuracy(plan, result, trainer.dataset),
    )


def _variant_accuracy(plan: Plan, result: Any, dataset: Dataset) -> np.ndarray:
    """`f64[V, F]`, accuracy on the trials that each fold scores, mean over seeds that ended well."""
    variants, _, folds, seeds = plan.shape
    right = np.asarray(result.logits).reshape(variants, folds, seeds, len(dataset), 2).argmax(-1) == np.asarray(
        dataset.y
    )
    test = plan.folds.test[None, :, None]
    accuracy = np.where(test, right, False).sum(-1) / test.sum(-1)
    ok = (np.asarray(result.status) == Status.OK).reshape(variants, folds, seeds)
    count = ok.sum(2)
    total = np.where(ok, accuracy, 0.0).sum(2)
    return np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0)


def _inner(
    trainer: Trainer, folds: Folds, prepared: Prepared, name: str, relabelled: Relabelled | None = None
) -> tuple[Inner | None, str]:
    key = _inner_key(prepared.settings)
    if prepared.several:  # that it can be was settled before
        return train_inner(trainer, folds, prepared.settings, name, key=key, relabelled=relabelled), ""
    return choosing.try_inner(trainer, folds, prepared.settings, name, key=key)


def _tested(trainer: Trainer, prepared: Prepared) -> Tested:
    """Train the truth and its relabellings, each with its own choice of settings."""
    if prepared.relabelled is None:
        return Tested(None, None, prepared.why_not)
    folds = prepared.chosen.folds
    assert folds is not None
    chosen = None
    if prepared.several:
        inner, _ = _inner(trainer, folds, prepared, "test-inner", prepared.relabelled)
        chosen = None if inner is None else inner.chosen()
    plan = trainer.plan(folds, prepared.seeds[: prepared.settings.test_seeds], prepared.relabelled)
    result = trainer.train(plan, "test")
    return Tested(answers_of(trainer.dataset, plan, result, chosen), prepared.relabelled)


def _controls(prepared: Prepared) -> list[Control]:
    """The controls that are no network, on the same folds and under the same relabellings."""
    dataset, folds = prepared.dataset, prepared.chosen.folds
    assert folds is not None
    truth = np.asarray(dataset.y)[None]
    made = prepared.relabelled
    labels = truth if made is None else np.concatenate([truth, made.labels])
    key = jax.random.fold_in(jax.random.key(prepared.settings.seed), CONTROLS)
    results = run_controls(
        dataset, folds, labels, baseline=_baseline(prepared), length_ms=_length_ms(prepared.trials), key=key
    )
    return [
        Control(one.name, one.words, np.zeros((0, 0, 0)), one.why_not)
        if not one.applicable
        else Control(one.name, one.words, held_out(one.probability[:, :, None], folds.test, 1))
        for one in results
    ]


def _baseline(prepared: Prepared) -> np.ndarray | None:
    """`f32[N]`, the level before the response, mean of the lanes: what the recipe took off, or what it left in."""
    if prepared.recipe.baseline_ms is not None:
        return np.asarray(prepared.cleaned.baseline).mean(1)
    channels = [at for at, channel in enumerate(prepared.dataset.channels) if channel not in ("mask", "drive")]
    if not channels:
        return None
    steps = max(1, round(LEVEL_MS * prepared.dataset.rate_hz / 1000))
    x, valid = np.asarray(prepared.dataset.x)[:, :steps, channels], np.asarray(prepared.dataset.valid)[:, :steps, None]
    count = valid.sum(1)
    level = np.divide(
        np.where(valid, x, 0.0).sum(1), count, out=np.full((len(x), len(channels)), np.nan), where=count > 0
    )
    return level.mean(1).astype(np.float32)


def _length_ms(trials: Trials) -> np.ndarray:
    return (trials.length * 1000 / trials.rate_hz).astype(np.float32)


def _mask_only(trainer: Trainer, prepared: Prepared, settings: TrainingSettings) -> Control:
    """The same network with the settings that most folds chose, given only which samples were missing."""
    name, words = "mask", "the same network, given only where samples were missing"
    folds = prepared.chosen.folds
    assert folds is not None
    own = replace(trainer, dataset=prepared.masked, settings=settings, vary={})
    plan = own.plan(folds, prepared.seeds[: prepared.settings.test_seeds])
    answers: Answers = answers_of(prepared.masked, plan, own.train(plan, "mask"))
    return Control(name, words, held_out(answers.probability(), folds.test, 1))


def _attention(prepared: Prepared, scored: tuple[Scored, ...], devices: dict[str, Any]) -> Attention | None:
    count = prepared.settings.attention_seeds
    own = next(one for one in scored if one.name == prepared.chosen.name)
    assert own.folds is not None
    assert own.answers is not None
    if not count or not own.answers.ok[0, :, :count].any():
        return None
    plan = Plan(own.folds, prepared.training, seeds=prepared.seeds[:count], vary=prepared.vary)
    return attend(prepared.dataset, plan, own.answers.chosen[0], devices)


def _favourite(scored: tuple[Scored, ...]) -> int:
    """The setting that most folds of the verdict's protocol chose."""
    own = next(one for one in scored if one.folds is not None)
    assert own.answers is not None
    return int(np.bincount(own.answers.chosen[0]).argmax())


def _material(
    prepared: Prepared,
    scored: tuple[Scored, ...],
    tested: Tested,
    controls: tuple[Control, ...],
    attention: Attention | None,
    *,
    favourite: int,
) -> Material:
    trials, dataset, recipe = prepared.trials, prepared.dataset, settle(prepared.recipe, prepared.trials)
    quality = trial_quality(trials, prepared.cleaned, recipe)
    about = {
        "class_names": list(trials.class_names),
        "channels": list(dataset.channels),
        "unit": trials.unit,
        "model_unit": unit_of(trials, recipe),
        "recorded_hz": trials.rate_hz,
        "model_hz": dataset.rate_hz,
        "source": trials.source.as_json(),
        "recipe": to_json(recipe),
        "training": to_json(prepared.training),
        "vary": {name: list(values) for name, values in prepared.vary.items()},
        "variants": [{name: setting_of(one, name) for name in prepared.vary} for one in prepared.variants],
        "favourite": favourite,
        "study": to_json(prepared.settings),
        "runs": prepared.runs,
        "notes": class_warnings(quality),
    }
    steps_hz = dataset.rate_hz
    return Material(
        trials=_table(prepared),
        x=np.asarray(dataset.x),
        valid=np.asarray(dataset.valid),
        time_ms=np.arange(dataset.x.shape[1]) * 1000 / steps_hz,
        scored=scored,
        tested=tested,
        controls=controls,
        attention=attention,
        steps=steps.panels(trials, prepared.cleaned, prepared.recipe),
        about=about,
    )


def _table(prepared: Prepared) -> pd.DataFrame:
    trials, dataset = prepared.trials, prepared.dataset
    n = len(trials)
    classes = [trials.class_names[k] if k >= 0 else None for k in trials.label]
    baseline = _baseline(prepared)
    return pd.DataFrame(
        {
            "participant": np.array(trials.participant, dtype=object),
            "trial": np.array(trials.trial, dtype=object),
            "stimulus": np.array(trials.stimulus or [None] * n, dtype=object),
            "smiler": np.array(trials.smiler or [None] * n, dtype=object),
            "label": trials.label.astype(np.int32),
            "class": np.array(classes, dtype=object),
            "verdict": [Verdict(int(code)).words for code in np.asarray(dataset.verdict)],
            "kept": dataset.kept,
            "measured": np.asarray(dataset.measured, np.float64),
            "length_ms": _length_ms(trials).astype(np.float64),
            "baseline": np.full(n, np.nan) if baseline is None else baseline.astype(np.float64),
        }
    )
