"""The final model: an ensemble of the study's seeds, each trained on all labelled trials that were kept."""

from dataclasses import dataclass

from smilejax.classifiers.classifier import TrialInfo
from smilejax.evaluation.study.comparisons import pupil_baseline
from smilejax.evaluation.study.preparation import PreparedStudy
from smilejax.prediction.ensemble import Arrays
from smilejax.prediction.train_members import MembersToTrain, train_members
from smilejax.recordings.recording import length_ms
from smilejax.settings import Classifier, TrainingSettings
from smilejax.training.plans.plan import key_of
from smilejax.training.programs import DeviceOptions

ALL_TRIALS = 2**32 - 1
"""In place of the fold's number in these runs' keys: no fold of a plan has it."""


@dataclass(frozen=True, eq=False)
class FinalModel:
    """An ensemble.

    Arguments:
        variables: networks with a leading axis of members, see `prediction.ensemble`. members: number of networks; None
            without. settings: what they were trained with. classifier: what the model is.
        diverged: runs that diverged and are not among the members.
    """

    variables: Arrays
    settings: TrainingSettings
    classifier: Classifier
    members: int | None
    diverged: int


def train_final(prepared: PreparedStudy, settings: TrainingSettings, options: DeviceOptions) -> FinalModel | None:
    """Train each seed on every labelled trial that was kept; None where all diverged."""
    judged = prepared.settings.classifier
    info = TrialInfo(prepared.dataset, pupil_baseline(prepared), length_ms(prepared.trials))
    wanted = MembersToTrain(info, judged, settings, prepared.seeds, lambda seed: key_of(seed, ALL_TRIALS))
    members = train_members(wanted, options)
    if members.variables is None:
        return None
    return FinalModel(members.variables, settings, judged, members.count, members.diverged)
