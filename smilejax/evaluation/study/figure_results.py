"""Results that are drawn: curves along a trial, along training, and the steps of cleaning. No JAX in here."""

from collections.abc import Mapping
from dataclasses import dataclass

Number = float | None
Numbers = tuple[Number, ...]


@dataclass(frozen=True)
class RocCurve:
    """The ROC curve of the ensemble, all folds together; the first threshold is None: above all probabilities."""

    false_positive_rate: Numbers
    true_positive_rate: Numbers
    threshold: Numbers


@dataclass(frozen=True)
class CurveOverSeeds:
    """Mean over seeds after each epoch; low and high are the least and greatest seed, None of one seed."""

    mean: Numbers
    low: Numbers | None
    high: Numbers | None


@dataclass(frozen=True)
class TrainingCurves:
    """Loss and accuracy after each epoch, on training and held-out trials, mean over folds of each seed."""

    epochs: int
    seeds: int
    train_loss: CurveOverSeeds
    train_accuracy: CurveOverSeeds
    test_loss: CurveOverSeeds
    test_accuracy: CurveOverSeeds


@dataclass(frozen=True)
class TimeCourse:
    """Mean at each step of a trial, and its t interval."""

    mean: Numbers
    low: Numbers
    high: Numbers


@dataclass(frozen=True)
class Dilation:
    """Mean course of each class, and the second minus the first.

    Arguments:
        time_ms: of the steps. channel, unit: what is shown.
        over: "participants" or "trials", whichever means and intervals are over.
        paired: whether the difference was taken within each participant.
    """

    time_ms: Numbers
    channel: str
    unit: str
    over: str
    paired: bool
    classes: Mapping[str, TimeCourse]
    difference: TimeCourse


@dataclass(frozen=True)
class AttributionCourse:
    """Integrated gradients of the log odds at each step: mean over seeds, and sd between them."""

    mean: Numbers
    sd: Numbers


@dataclass(frozen=True)
class OcclusionWindow:
    """By how many nats the cross-entropy rises when a window is hidden: mean over seeds, and sd between them."""

    from_ms: float
    to_ms: float
    loss_rise: Number
    sd: Number


@dataclass(frozen=True)
class AttributionResult:
    """What the network uses along a trial, on trials that it was not trained on.

    Arguments:
        seeds: trainings. trials: of each class. channels: by channel, then class.
    """

    seeds: int
    trials: Mapping[str, int]
    time_ms: Numbers
    channels: Mapping[str, Mapping[str, AttributionCourse]]
    occlusion: tuple[OcclusionWindow, ...]


@dataclass(frozen=True)
class TimeSeries:
    """Values at times; None where missing."""

    time_ms: tuple[float, ...]
    value: Numbers


@dataclass(frozen=True)
class CleaningLine:
    """One line of a panel before and after the step; None on the side where it does not exist (eyes that were joined)."""

    name: str
    before: TimeSeries | None
    after: TimeSeries | None


@dataclass(frozen=True)
class CleaningPanel:
    """One cleaning step on one trial.

    Arguments:
        name, does, source: of the step, in words.
        changed: samples removed, filled or moved; None where the eyes were joined, and nothing can be compared.
    """

    name: str
    does: str
    source: str
    changed: int | None
    lines: tuple[CleaningLine, ...]


@dataclass(frozen=True)
class CleaningPanels:
    """The cleaning of one trial, step by step."""

    participant: str
    trial: str
    unit: str
    steps: tuple[CleaningPanel, ...]
