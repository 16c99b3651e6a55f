"""Everything that `study.json` holds, typed. No JAX in here: the report and the terminal read results and nothing else.

`None` stands for a number that does not exist. Proportions and scores run from 0 to 1, times are in ms. docs/study.md describes
each field.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast, get_args

from smilejax._util import summaries
from smilejax._util.number_text import percent
from smilejax._util.typed_json import JsonValue
from smilejax.evaluation.names import CONCLUSIONS, JUDGED, Conclusion, ProtocolName
from smilejax.evaluation.study.covariate_results import CovariateResult
from smilejax.evaluation.study.difference_results import ClassDifferenceResult
from smilejax.evaluation.study.figure_results import (
    AttributionResult,
    CleaningPanels,
    Dilation,
    RocCurve,
    TrainingCurves,
)
from smilejax.evaluation.study.frame_results import FrameScores
from smilejax.evaluation.study.score_results import (
    ClassifierResult,
    ParticipantTests,
    PermutationTestResult,
    ProtocolResult,
    ProtocolScores,
    ScoreInterval,
)
from smilejax.evaluation.study.subgroup_results import ColumnResult
from smilejax.recordings.kinds import FACE
from smilejax.recordings.source import ExcludedByHand
from smilejax.recordings.stimulus_table import StimulusTable
from smilejax.recordings.wording import Wording
from smilejax.settings import Classifier
from smilejax.settings.training_settings import NETWORKS_OF_PICTURES

SCHEMA = 2
"""Version of the fields here. A study of another version is refused, not guessed at."""
KIND = "smilejax study"
Number = float | None


@dataclass(frozen=True)
class Verdict:
    """What a study found.

    Arguments:
        conclusion: of `smilejax.evaluation.names.CONCLUSIONS`, from which label and colour follow.
        headline: one sentence with balanced accuracy, interval and p.
        findings: what else the numbers show: permutations, other classifiers, stimuli, seeds, calibration.
        limits: what could not be judged, or only weakly, and why.
    """

    conclusion: Conclusion
    headline: str
    findings: tuple[str, ...]
    limits: tuple[str, ...]

    def _repr_html_(self) -> str:
        rows = [("conclusion", CONCLUSIONS[self.conclusion].label), ("headline", self.headline)]
        rows += [("" if at else "findings", one) for at, one in enumerate(self.findings)]
        rows += [("" if at else "limits", one) for at, one in enumerate(self.limits)]
        return summaries.as_html("Verdict", rows)


@dataclass(frozen=True)
class MajorityClass:
    """The larger class of the labelled trials that were kept, and its proportion: the accuracy of always predicting it."""

    name: str
    proportion: float


@dataclass(frozen=True)
class ExcludedTrials:
    """How many trials of each class were left out for one reason."""

    status: str
    classes: Mapping[str, int]


@dataclass(frozen=True)
class DataSummary:
    """What was recorded, and what was left out.

    Arguments:
        trials, kept, unlabelled: numbers of trials.
        participants, stimuli, smilers: how many; None where they were not recorded.
        classes, kept_classes: trials of each class.
        majority: None without a labelled trial.
        confounded: whether each participant has one label, and each stimulus too.
        one_trial_per_class: whether no participant has two trials of one class.
        proportion_valid: mean over trials of the proportion of valid samples before filling.
        steps, channels: of the network's input.
        notes: differences between the classes in data quality.
    """

    trials: int
    kept: int
    unlabelled: int
    participants: int
    stimuli: int | None
    smilers: int | None
    classes: Mapping[str, int]
    kept_classes: Mapping[str, int]
    majority: MajorityClass | None
    excluded: tuple[ExcludedTrials, ...]
    confounded: bool
    one_trial_per_class: bool
    proportion_valid: Number
    steps: int
    channels: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class HyperparameterDifference:
    """Accuracy of one setting minus the first's, over folds: corrected resampled t test; see `statistics.corrected_t`."""

    mean: Number
    se: Number
    t: Number
    df: int
    p: Number
    low: Number
    high: Number
    level: float
    p_corrected: Number


@dataclass(frozen=True)
class HyperparameterSetting:
    """One setting: how many folds chose it, and its accuracy on the trials that they score."""

    settings: Mapping[str, JsonValue]
    chosen: int
    accuracy: Number
    difference: HyperparameterDifference | None


@dataclass(frozen=True)
class HyperparameterChoice:
    """Which settings the folds chose, and how all would have done."""

    folds: int
    settings: tuple[HyperparameterSetting, ...]


@dataclass(frozen=True)
class CalibrationBin:
    """Trials in one bin of the probability of the second class: mean probability, and the proportion of that class."""

    low: float
    high: float
    mean_probability: Number
    proportion: Number
    count: int


@dataclass(frozen=True)
class CalibrationScores:
    """Calibration of one set of probabilities.

    Arguments:
        error: expected calibration error. null_median, null_low, null_high: of a perfectly calibrated model with these
            probabilities, median and middle 95%.
    """

    error: Number
    null_median: Number
    null_low: Number
    null_high: Number
    log_loss: Number
    brier: Number
    bins: tuple[CalibrationBin, ...]


@dataclass(frozen=True)
class TemperatureResult:
    """Temperatures of the folds, their median, and the one that the final model has.

    Arguments:
        helps: whether scaling by the folds' own temperatures made neither log loss nor Brier score of the out-of-fold
            predictions worse. final: `median` where it helps, else 1.
    """

    folds: tuple[Number, ...]
    median: float
    helps: bool
    final: float


@dataclass(frozen=True)
class CalibrationResult:
    """Calibration of the ensemble, as trained and after temperature scaling inside the folds; None where there is none.

    Arguments:
        why_not: why no temperature was fitted; empty where one was.
    """

    why_not: str
    as_trained: CalibrationScores | None
    scaled: CalibrationScores | None
    temperature: TemperatureResult | None


@dataclass(frozen=True)
class SeveralObservers:
    """Predictions of k participants (observers) of one stimulus averaged.

    Arguments:
        observers: k. balanced_accuracy, low, high: None where it rests on too few stimuli.
        stimuli: that have so many observers. fewer_observers: that have not.
        all_groups: whether all groups of k were gone through, or some were drawn.
    """

    observers: int
    balanced_accuracy: Number
    low: Number
    high: Number
    stimuli: int
    fewer_observers: int
    all_groups: bool


@dataclass(frozen=True)
class GroupResult:
    """The trials of one participant or stimulus. balanced_accuracy: None where only one class was scored."""

    name: str
    trials: int
    scored: int
    scored_by_class: Mapping[str, int]
    accuracy: Number
    balanced_accuracy: Number
    mean_probability: Number
    proportion_valid: Number


@dataclass(frozen=True)
class SourceFinding:
    """One thing a reader settled about a file, and how."""

    what: str
    value: str
    how: str


@dataclass(frozen=True)
class SourceRecord:
    """Where the recording came from. by_hand: trials that a table of exclusions left out, by reason."""

    name: str
    layout: str
    findings: tuple[SourceFinding, ...]
    by_hand: tuple[ExcludedByHand, ...] = ()


@dataclass(frozen=True)
class About:
    """What a study was made of and how.

    Arguments:
        simulated: whether the recording came from the simulator.
        unit, recorded_hz: of the recording. model_unit, model_hz: of the network's input.
        recipe, training, study: settings. vary: hyperparameters and their values. variants: every combination.
        final_variant: number of the one that most folds chose. runs: trainings.
        notes: which part of the trials the baseline is of, where that was not given, and differences between the classes in
            data quality.
        start_ms: time of the first sample of every trial relative to onset, to which all times here are relative.
        stimulus_table: what was given of the stimuli with labelled trials; None where nothing was.
        recording: kind of recording, pupil or face.
    """

    class_names: tuple[str, str]
    channels: tuple[str, ...]
    simulated: bool
    unit: str
    model_unit: str
    recorded_hz: float
    model_hz: float
    source: SourceRecord
    recipe: Mapping[str, JsonValue]
    training: Mapping[str, JsonValue]
    vary: Mapping[str, tuple[JsonValue, ...]]
    variants: tuple[Mapping[str, JsonValue], ...]
    final_variant: int
    study: Mapping[str, JsonValue]
    runs: int
    notes: tuple[str, ...]
    start_ms: float = 0.0
    stimulus_table: StimulusTable | None = None
    recording: str = "pupil"


@dataclass(frozen=True, repr=False)
class StudyResults:
    """Every number of a study.

    Arguments:
        class_names: the second is the positive one.
        alpha: an effect is called found at p up to this. level: of intervals.
        data: what was recorded, and what was left out.
        protocols: the scores under each protocol, from the strictest.
        verdict_protocol: whose scores the verdict is about, and the classifiers', calibration, ROC and all below are of.
        known_minus_new_stimuli: balanced accuracy on known minus new stimuli, participants new in both, on the same trials.
        permutation_test: of what is judged. participant_tests: tests that the verdict does not rest on.
        classifiers: reference classifiers and negative controls on the same folds.
        hyperparameters: which settings the folds chose; None where there was one.
        calibration, roc: of the ensemble. several_observers: predictions of several participants of one stimulus averaged.
        participants, stimuli: scores of the trials of each.
        training_curves: loss and accuracy by epoch; None of classifiers that have no epochs.
        dilation: the mean cleaned signal of either class over time.
        attribution: which times the network's predictions rest on; None where none was computed.
        cleaning: one trial step by step. about: what the study was made of and how.
        class_difference: in the cleaned signal, whatever any classifier makes of it; None in studies that are older.
        covariates: of the stimulus table by class; empty where none was given.
        subgroups: accuracy and missing data by columns of the user's own; empty where none was asked for.
        frames: single frames of faces, shuffled and by the folds of the verdict; None of pupils and of single frames.
    """

    verdict: Verdict
    class_names: tuple[str, str]
    alpha: float
    level: float
    data: DataSummary
    protocols: tuple[ProtocolResult, ...]
    verdict_protocol: ProtocolName
    known_minus_new_stimuli: ScoreInterval | None
    permutation_test: PermutationTestResult
    participant_tests: ParticipantTests
    classifiers: tuple[ClassifierResult, ...]
    hyperparameters: HyperparameterChoice | None
    calibration: CalibrationResult
    roc: RocCurve | None
    several_observers: tuple[SeveralObservers, ...]
    participants: tuple[GroupResult, ...]
    stimuli: tuple[GroupResult, ...]
    training_curves: TrainingCurves | None
    dilation: Dilation
    attribution: AttributionResult | None
    cleaning: CleaningPanels
    about: About
    class_difference: ClassDifferenceResult | None = None
    covariates: tuple[CovariateResult, ...] = ()
    subgroups: tuple[ColumnResult, ...] = ()
    frames: FrameScores | None = None

    @property
    def wording(self) -> Wording:
        """How sentences on this study are worded; names from the data stay as they are."""
        groups = (one.name for one in (*self.participants, *self.stimuli))
        about = (*self.class_names, *self.about.channels, self.about.source.name, self.cleaning.trial)
        return Wording(self.about.recording, (*groups, *about, *self._named_by_the_user()))

    def _named_by_the_user(self) -> Iterator[str]:
        """Headings and words of the user's own tables, which stand in sentences."""
        for column in self.subgroups:
            yield from (column.column, *(group.name for group in column.groups))
        yield from (one.reason for one in self.about.source.by_hand)
        asked = self.about.study.get("folds_from")
        if isinstance(asked, str):
            yield asked
        if (table := self.about.stimulus_table) is not None:
            yield table.name
            for one in table.covariates:
                yield from (one.name, *(one.words or ()))

    @property
    def single_frames(self) -> bool:
        """Whether the network is given single frames of faces, which have no course in time and no rate."""
        return self.about.recording == FACE.name and self.data.steps == 1

    @property
    def crop_side(self) -> int | None:
        """Height and width, in pixels, of the crops that the network is given; None where it is given channels."""
        model = self.about.training.get("model")
        of_pictures = isinstance(model, Mapping) and model.get("network") in NETWORKS_OF_PICTURES
        side = self.about.recipe.get("crop_side") if of_pictures else None
        return side if isinstance(side, int) else None

    def protocol(self, name: ProtocolName) -> ProtocolResult:
        """A protocol by its name."""
        return next(one for one in self.protocols if one.name == name)

    def __repr__(self) -> str:
        return f"StudyResults({'; '.join(text for _, text in self.summary())})"

    def _repr_html_(self) -> str:
        return summaries.as_html("StudyResults", self.summary())

    def summary(self) -> list[tuple[str, str]]:
        """Name and text of each line of a short description."""
        first, second = self.class_names
        balanced = percent(self.verdict_scores.interval.estimate)
        return [
            ("classes", f"{second} from {first}"),
            ("score", f"{self.protocol(self.verdict_protocol).label}: balanced accuracy {balanced}"),
            ("conclusion", self.verdict.conclusion),
        ]

    @property
    def judged(self) -> Classifier:
        """The classifier that the study judges; older studies judged the network."""
        name = self.about.study.get("classifier", "network")
        assert name in get_args(Classifier)
        return cast(Classifier, name)

    @property
    def the_judged(self) -> str:
        """What is judged, within a sentence: "the network"."""
        return JUDGED[self.judged]

    @property
    def verdict_scores(self) -> ProtocolScores:
        """The scores that the verdict is about."""
        scores = self.protocol(self.verdict_protocol).scores
        assert scores is not None  # the verdict is by a protocol that the data allow
        return scores
