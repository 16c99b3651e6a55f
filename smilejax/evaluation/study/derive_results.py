"""All results of a study from what it measured. Pure; draws follow from the seed in the settings."""

from dataclasses import replace

from smilejax.evaluation.study import figure_data, group_data, study_tests
from smilejax.evaluation.study.calibration import calibration_result
from smilejax.evaluation.study.compute_scores import known_minus_new_stimuli, protocol_result
from smilejax.evaluation.study.covariates_by_class import covariate_results
from smilejax.evaluation.study.derive_difference import class_difference
from smilejax.evaluation.study.raw_results import RawResults
from smilejax.evaluation.study.shuffled_frames import frame_scores
from smilejax.evaluation.study.study_results import StudyResults, Verdict
from smilejax.evaluation.study.subgroups import subgroup_results
from smilejax.evaluation.study.verdict_in_words import verdict
from smilejax.settings import StudySettings

_UNWRITTEN = Verdict("not judged", "", (), ())


def compute_results(raw: RawResults, settings: StudySettings) -> StudyResults:
    """Everything that follows from predictions, and the verdict in words.

    The same `raw` and `settings` give the same results; nothing is trained.
    """
    results = StudyResults(
        verdict=_UNWRITTEN,
        class_names=raw.about.class_names,
        alpha=settings.alpha,
        level=settings.level,
        data=group_data.data_summary(raw),
        protocols=tuple(protocol_result(one, raw, settings) for one in raw.protocols),
        verdict_protocol=raw.verdict_protocol.name,
        known_minus_new_stimuli=known_minus_new_stimuli(raw, settings),
        permutation_test=study_tests.network_permutation_test(raw, settings),
        participant_tests=study_tests.participant_tests(raw, settings),
        classifiers=study_tests.classifier_results(raw, settings),
        hyperparameters=study_tests.hyperparameter_choice(raw),
        calibration=calibration_result(raw, settings),
        roc=figure_data.roc_curve(raw),
        several_observers=group_data.several_observers(raw, settings),
        participants=group_data.group_results(raw, "participant"),
        stimuli=group_data.group_results(raw, "stimulus"),
        training_curves=figure_data.training_curves(raw.verdict_protocol.curves),
        dilation=figure_data.dilation(raw, settings),
        attribution=figure_data.attribution_result(raw.attribution, raw),
        cleaning=raw.cleaning,
        about=raw.about,
        class_difference=class_difference(raw, settings),
        covariates=covariate_results(raw, settings.seed),
        subgroups=subgroup_results(raw, settings),
        frames=frame_scores(raw, settings),
    )
    return replace(results, verdict=verdict(results))
