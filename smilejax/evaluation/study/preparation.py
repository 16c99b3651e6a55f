"""What a study will train, and on what. Whatever the data do not allow fails here, before the first training."""

from contextlib import suppress
from dataclasses import dataclass, replace

import jax
import numpy as np

from smilejax._util.errors import SETTING, DataError, SettingsError, listed
from smilejax.classifiers.classifier import TrialInfo
from smilejax.classifiers.registry import OFFERED
from smilejax.evaluation.study.given_covariates import GivenCovariates, given_covariates
from smilejax.evaluation.study.hyperparameters import inner_folds
from smilejax.evaluation.study.out_of_fold import Vary
from smilejax.evaluation.study.planned_trainings import StudyParts, Trainings
from smilejax.evaluation.study.protocols import Protocol, protocols, verdict_protocol
from smilejax.evaluation.study.study_data import StudyData, study_data
from smilejax.models.network_input import network_data
from smilejax.preprocess.any_recipe import AnyRecipe
from smilejax.preprocess.dataset import Dataset
from smilejax.preprocess.face_recipe import FaceRecipe
from smilejax.preprocess.recipe import Recipe
from smilejax.recordings.both_classes import require_both_classes
from smilejax.recordings.kept_columns import kept_column
from smilejax.recordings.kinds import kind_of
from smilejax.recordings.recording import Recording, length_ms
from smilejax.recordings.stimulus_table import StimulusTable
from smilejax.settings import StudySettings, TrainingSettings
from smilejax.settings.checks import require_kind
from smilejax.settings.classifier_names import FITTED, has_network
from smilejax.splits import Folds, folds_of_column
from smilejax.splits.permutations import PermutedLabels, check_scheme, permute_labels_for_folds
from smilejax.training.plans import Plan

FOLDS, PERMUTATIONS, INNER, REFERENCE_CLASSIFIERS = range(4)
"""Folded into the study's key for what is drawn, each of them once: another order gives other folds, permutations and
validation trials to the same seed. Runs have keys of their own seeds."""


@dataclass(frozen=True, eq=False)
class PreparedStudy:
    """A study before its first training: what will be trained, on what.

    Arguments:
        trials: the recording. data: what its preprocessing made of it; dataset: as the network sees it; masked: the
            missing-data mask alone.
        protocols: all; `chosen`: the strictest that the data allow.
        permuted: for the test; None where there is none, and `why_not` then says why.
        room_inside: whether validation trials can be drawn inside each fold of the chosen protocol.
        recipe, training, vary: as given. settings: as given, as far as they concern the classifier judged.
        covariates: of the stimulus table; None where none was given.
    """

    trials: Recording
    data: StudyData
    protocols: tuple[Protocol, ...]
    chosen: Protocol
    permuted: PermutedLabels | None
    why_not: str
    room_inside: bool
    recipe: AnyRecipe
    training: TrainingSettings
    vary: Vary
    settings: StudySettings
    covariates: GivenCovariates | None = None

    @property
    def dataset(self) -> Dataset:
        """The trials as the network sees them."""
        return self.data.dataset

    @property
    def masked(self) -> Dataset:
        """The missing-data mask alone."""
        return self.data.masked

    @property
    def seeds(self) -> tuple[int, ...]:
        """Seeds of the trainings."""
        return tuple(range(self.settings.seed, self.settings.seed + self.settings.seeds))

    @property
    def variants(self) -> tuple[TrainingSettings, ...]:
        """Hyperparameter settings that each fold chooses among."""
        assert self.chosen.folds is not None
        return Plan(self.chosen.folds, self.training, vary=self.vary).variants

    @property
    def several(self) -> bool:
        """Whether there is anything to choose."""
        return len(self.variants) > 1

    @property
    def may_stop_early(self) -> bool:
        """Whether the permutation test can end before all permutations are trained."""
        return self.permuted is not None and 0 < self.settings.stop_after < len(self.permuted)

    @property
    def trainings(self) -> tuple[Trainings, ...]:
        """Every part of the study with its trainings, in the order in which they are made."""
        dataset = self.dataset
        return StudyParts(
            self.protocols,
            self.chosen,
            self.variants,
            self.settings,
            permutations=None if self.permuted is None else len(self.permuted),
            room_inside=self.room_inside,
            trials=int((dataset.kept & (np.asarray(dataset.y) >= 0)).sum()),
        ).trainings()

    @property
    def runs(self) -> int:
        """Trainings for scores and tests, at most. Attribution and the final model take `further_runs` more."""
        return sum(one.runs for one in self.trainings if one.counted)

    @property
    def further_runs(self) -> int:
        """Trainings that no score rests on: those that attribution repeats, and the final model's."""
        return sum(one.runs for one in self.trainings if not one.counted)


def prepare_study(
    trials: Recording,
    recipe: AnyRecipe,
    training: TrainingSettings,
    settings: StudySettings,
    *,
    vary: Vary | None = None,
    stimulus_table: StimulusTable | None = None,
) -> PreparedStudy:
    """Clean, assign to folds and permute labels: whatever the data do not allow fails here, or is left out and said why.

    Arguments:
        stimulus_table: what is known of the stimuli besides their class. It adds a negative control, and limits to the verdict
            where the classes differ in it; nothing else of the study depends on it.

    Raises:
        DataError: one class only, no trial kept, no protocol possible, a scheme that the design does not allow, or a stimulus
            table that does not fit the recordings.
        SettingsError: an argument of another type, a recipe that does not fit, or settings that cannot be chosen among.
    """
    require_kind(trials, "trials", Recording, "Read it with `smilejax.read`.")
    require_kind(recipe, "recipe", (Recipe, FaceRecipe))
    require_kind(training, "training", TrainingSettings)
    require_kind(settings, "settings", StudySettings)
    settings = settings.in_effect()
    if training.model.of_pictures:
        settings = replace(settings, attribution_seeds=0)  # attribution is of channels
    if stimulus_table is not None:
        require_kind(stimulus_table, "stimulus_table", StimulusTable, "Read it with `smilejax.read_stimulus_table`.")
    require_both_classes(trials, "a study")
    covariates = None if stimulus_table is None else given_covariates(trials, stimulus_table)
    key = jax.random.key(settings.seed)
    data = study_data(trials, recipe)
    dataset = data.dataset
    _require_kept(trials, dataset)
    if settings.scheme is not None:
        check_scheme(dataset, settings.scheme)
    for column in settings.by:
        kept_column(trials, column, setting="by")
    found = protocols(
        dataset, settings, key=jax.random.fold_in(key, FOLDS), given=_given_folds(trials, dataset, settings)
    )
    chosen = verdict_protocol(found)
    assert chosen.folds is not None
    vary = dict(vary or {})
    _require_fits(settings, training, vary, dataset, trials)
    several = len(Plan(chosen.folds, training, vary=vary).variants) > 1
    inside = None
    # Without inner validation trials there is no calibration, and the study says why; where hyperparameters are to be chosen,
    # that is refused below.
    with suppress(DataError):
        inside = inner_folds(chosen.folds, dataset, settings, key=inner_key(settings))
    permuted, why_not = _permuted(dataset, chosen, settings, key, inside=inside if several else None)
    prepared = PreparedStudy(
        trials=trials,
        data=data,
        protocols=found,
        chosen=chosen,
        permuted=permuted,
        why_not=why_not,
        room_inside=inside is not None,
        recipe=recipe,
        training=training,
        vary=vary,
        settings=settings,
        covariates=covariates,
    )
    if prepared.several:
        _require_inner(prepared)
    return prepared


def _given_folds(trials: Recording, dataset: Dataset, settings: StudySettings) -> Folds | None:
    """The folds of the column that the settings name; None where they name none."""
    if settings.folds_from is None:
        return None
    values = kept_column(trials, settings.folds_from, setting="folds_from")
    people = {"participant": trials.participant, "trial": trials.trial}
    return folds_of_column(dataset, values, column=settings.folds_from, names=people, kind=kind_of(trials))


def _require_kept(trials: Recording, dataset: Dataset) -> None:
    kept = [int((dataset.kept & (trials.label == k)).sum()) for k in (0, 1)]
    if 0 in kept:
        raise DataError(
            f"a study needs trials of both classes after cleaning; the recipe kept {kept[0]} {trials.class_names[0]} and "
            f"{kept[1]} {trials.class_names[1]}. See why with `smilejax clean`, and raise {SETTING.max_missing} "
            "or change the recipe."
        )


def _require_fits(
    settings: StudySettings, training: TrainingSettings, vary: Vary, dataset: Dataset, trials: Recording
) -> None:
    """Whether the classifier judged can be trained on these trials, and has the hyperparameters that are to be chosen."""
    judged = settings.classifier
    network_data(dataset, training.model)
    if vary and not has_network(judged):
        raise SettingsError(
            f"{listed(sorted(vary))} is chosen among values, and the classifier {judged!r} has no such setting. Leave it out, "
            f"or judge the network ({SETTING.classifier} network)."
        )
    if judged in FITTED:
        info = TrialInfo(dataset, None, length_ms(trials))
        if why_not := OFFERED[FITTED[judged]].reason_against(info):
            raise DataError(
                f"the classifier {judged!r} cannot be trained: {why_not}. Judge another ({SETTING.classifier})."
            )


def _require_inner(prepared: PreparedStudy) -> None:
    for one in prepared.protocols:
        if one.folds is None:
            continue
        try:
            inner_folds(one.folds, prepared.dataset, prepared.settings, key=inner_key(prepared.settings))
        except DataError as error:
            raise SettingsError(
                f"hyperparameters can be chosen only on validation trials inside each fold, and the protocol {one.name!r} "
                f"leaves none: {error.marked} Give one value of each hyperparameter."
            ) from error


def _permuted(
    dataset: Dataset, chosen: Protocol, settings: StudySettings, key: jax.Array, *, inside: Folds | None
) -> tuple[PermutedLabels | None, str]:
    """The permutations of the test, as many as were requested or exist; or None and why.

    Where hyperparameters are chosen, on folds `inside`, each of these has both classes to train on under every permutation.
    """
    if not settings.permutations:
        return None, "none was requested."
    folds = chosen.folds
    assert folds is not None
    key = jax.random.fold_in(key, PERMUTATIONS)
    try:
        return (
            permute_labels_for_folds(
                folds,
                dataset,
                settings.permutations,
                scheme=settings.scheme,
                balanced=chosen.balanced,
                inside=inside,
                key=key,
            ),
            "",
        )
    except DataError as error:
        return None, error.reason


def inner_key(settings: StudySettings) -> jax.Array:
    """The key that inner validation trials are drawn with."""
    return jax.random.fold_in(jax.random.key(settings.seed), INNER)
