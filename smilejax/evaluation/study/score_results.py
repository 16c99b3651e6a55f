"""How well the network and other classifiers do: scores, intervals and tests of `study.json`. No JAX in here."""

from dataclasses import dataclass
from typing import Literal

from smilejax.evaluation.names import ProtocolName
from smilejax.settings.classifier_names import ClassifierKind

Number = float | None


@dataclass(frozen=True)
class IntervalUnits:
    """What an interval rests on: participants and stimuli (0: not recorded), and trials."""

    participants: int
    stimuli: int
    trials: int


@dataclass(frozen=True)
class ScoreInterval:
    """A score, or a difference of two, with its interval for other participants and stimuli.

    Arguments:
        low, high: None where there is no spread between units, or a class rests on one of them.
        draws: of the bootstrap.
    """

    estimate: Number
    low: Number
    high: Number
    level: float
    draws: int
    units: IntervalUnits


MetricName = Literal["accuracy", "balanced_accuracy", "auc", "f1", "mcc", "brier", "log_loss"]

METRICS: dict[MetricName, str] = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "auc": "area under the ROC curve",
    "f1": "F1",
    "mcc": "Matthews correlation",
    "brier": "Brier score",
    "log_loss": "log loss, nats",
}
"""Labels of the metrics. A new one is a field of the two classes below and its label here, and `evaluation.metrics.measure`."""


@dataclass(frozen=True)
class MetricOverSeeds:
    """Mean over seeds, and standard deviation between them (None of one seed)."""

    mean: Number
    sd: Number


@dataclass(frozen=True)
class MetricsOverSeeds:
    """Metrics of the out-of-fold predictions of single trained networks.

    Arguments:
        confusion: mean numbers of trials by class (rows) and predicted class (columns). A tie (p = .5 exactly) is half a trial
            in either column; it counts half in every score.
    """

    accuracy: MetricOverSeeds
    balanced_accuracy: MetricOverSeeds
    auc: MetricOverSeeds
    f1: MetricOverSeeds
    mcc: MetricOverSeeds
    brier: MetricOverSeeds
    log_loss: MetricOverSeeds
    confusion: tuple[tuple[float, float], tuple[float, float]]

    def of(self, name: MetricName) -> MetricOverSeeds:
        """A metric by its name."""
        found: MetricOverSeeds = getattr(self, name)
        return found


@dataclass(frozen=True)
class EnsembleMetrics:
    """Metrics of the seeds' mean probability; `count` trials were scored. A tie counts half, in the confusion too."""

    accuracy: Number
    balanced_accuracy: Number
    auc: Number
    f1: Number
    mcc: Number
    brier: Number
    log_loss: Number
    count: int
    confusion: tuple[tuple[float, float], tuple[float, float]]


@dataclass(frozen=True)
class AccuracySpread:
    """How much the accuracy of a fold's networks varies between seeds and between folds; see `statistics.score_spread`.

    Arguments:
        low, high: least and greatest accuracy of a seed, mean over folds.
    """

    mean: Number
    sd_seeds: Number
    low: Number
    high: Number
    sd_folds: Number
    var_seeds: Number
    var_folds: Number
    var_residual: Number
    folds: int
    seeds: int
    diverged: int


@dataclass(frozen=True)
class ProtocolScores:
    """The network under one protocol.

    Arguments:
        fold_scheme: how folds were made. balanced_folds: whether folds hold out equally many units of either class.
        leaks, why_it_leaks: whether scores can be too high, and why.
        runs, diverged: trainings, and those without a prediction.
        trials_trained, trials_held_out: least and most of a fold.
        mean_over_seeds: single networks. ensemble: the seeds' mean probability.
        interval: of the balanced accuracy, mean over seeds. It is THE score of the protocol.
        accuracy_spread: between seeds and folds.
    """

    fold_scheme: str
    balanced_folds: bool
    leaks: bool
    why_it_leaks: str
    folds: int
    runs: int
    diverged: int
    trials_scored: int
    trials_trained: tuple[int, int]
    trials_held_out: tuple[int, int]
    mean_over_seeds: MetricsOverSeeds
    ensemble: EnsembleMetrics
    interval: ScoreInterval
    accuracy_spread: AccuracySpread
    why_no_inner_validation: str

    @property
    def sd_between_seeds(self) -> Number:
        """Standard deviation of the balanced accuracy between seeds."""
        return self.mean_over_seeds.balanced_accuracy.sd


@dataclass(frozen=True)
class ProtocolResult:
    """One protocol. `scored_trials` stands after "on"; `scores` is None where the data do not allow it, for `why_not`."""

    name: ProtocolName
    label: str
    scored_trials: str
    why_not: str
    scores: ProtocolScores | None


@dataclass(frozen=True)
class PermutationScores:
    """A score on the true labels among those on permuted labels.

    Arguments:
        p: (1 + at_least) / (1 + count), or at_least / count where the test stopped; one-sided, see
            `statistics.sequential_test`.
        observed: balanced accuracy on the true labels; None where all its runs diverged.
        count: permutations that the test used. at_least: of these, how many scored as high or higher; a diverged one counts.
        smallest_p: the smallest attainable p with all planned permutations. design_smallest_p: with all that the design allows.
        null_mean, null_low, null_high: mean and middle 95% of the permuted scores that were used.
        diverged: permutations without a score.
        reachable: whether p up to alpha is attainable.
        planned: the most permutations that the test could use; None in older studies, whose tests used all.
        stop_after: the number of permutations scoring as high at which the test stops; 0 never stops it.
        stopped: whether it stopped so. It has then used `count` of `planned`.
    """

    p: float
    observed: Number
    count: int
    at_least: int
    smallest_p: float
    design_smallest_p: float
    null_mean: Number
    null_low: Number
    null_high: Number
    diverged: int
    reachable: bool
    planned: int | None = None
    stop_after: int = 0
    stopped: bool = False

    @property
    def most(self) -> int:
        """The most permutations that the test could use."""
        return self.count if self.planned is None else self.planned

    @property
    def stopped_early(self) -> bool:
        """Whether it used fewer permutations than it could have."""
        return self.count < self.most


@dataclass(frozen=True)
class NetworkPermutations:
    """The permutation test of the network.

    Arguments:
        scheme: what labels were permuted among. where: the same in words, to stand after "permuted". why: what in the design
            led to it. needs_more: what it takes more of for a smaller p ("smilers").
        within_folds: whether labels were permuted only among what folds hold out together.
        requested: the most permutations asked for. distinct: labellings that the design allows; None above 2**53.
        seeds: trainings of each fold, for true and permuted labels alike. runs, diverged_runs: trainings.
        test: what came of it. null: balanced accuracy of each permutation that it used, in their order.
    """

    scheme: str
    where: str
    why: str
    needs_more: str
    within_folds: bool
    requested: int
    distinct: int | None
    seeds: int
    runs: int
    diverged_runs: int
    test: PermutationScores
    null: tuple[Number, ...]

    @property
    def judged(self) -> bool:
        """Whether true and permuted labels were trained on, and not all of either diverged."""
        return self.test.observed is not None and self.test.null_mean is not None


@dataclass(frozen=True)
class PermutationTestResult:
    """`scores` is None where there was no test, for `why_not`."""

    why_not: str
    scores: NetworkPermutations | None


@dataclass(frozen=True)
class OverParticipants:
    """Tests over participants, one score each; see `statistics.participant_test`."""

    n: int
    left_out: int
    mean: Number
    sd: Number
    low: Number
    high: Number
    level: float
    t: Number
    df: int
    p: Number
    p_flip: Number
    smallest_p_flip: Number


@dataclass(frozen=True)
class TrialsAsIndependent:
    """A binomial test that takes trials for independent, which they are not; `chance` is what it tests against."""

    correct: int
    count: int
    accuracy: float
    low: float
    high: float
    p: float
    chance: float


@dataclass(frozen=True)
class BetweenParticipants:
    """Whether accuracy differs between participants by more than sampling error; see `statistics.participants_differ`."""

    participants: int
    sd: Number
    p: float


@dataclass(frozen=True)
class ParticipantTests:
    """Tests that the verdict does not rest on. None where there are too few participants or predictions."""

    over_participants: OverParticipants | None
    trials_as_independent: TrialsAsIndependent | None
    between_participants: BetweenParticipants


@dataclass(frozen=True)
class ClassifierTest:
    """Permutation test of one classifier. p_corrected: for their number (Holm 1979)."""

    test: PermutationScores
    p_corrected: float


@dataclass(frozen=True)
class ClassifierScores:
    """A classifier on the folds of the verdict's protocol.

    Arguments:
        interval: of its balanced accuracy. difference: network minus this classifier, on the same trials.
        permutation_test: None where there was none.
    """

    mean_over_seeds: MetricsOverSeeds
    interval: ScoreInterval
    difference: ScoreInterval
    permutation_test: ClassifierTest | None


@dataclass(frozen=True)
class ClassifierResult:
    """A reference classifier or negative control. `scores` is None where it could not be run, for `why_not`."""

    name: str
    kind: ClassifierKind
    label: str
    description: str
    why_not: str
    scores: ClassifierScores | None
