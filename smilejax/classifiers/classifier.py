"""What a reference classifier is: its name and words, and three pure functions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
from jaxtyping import Array, Bool, Float, Int, Key

from smilejax.preprocess.any_recipe import kind_of_recipe
from smilejax.preprocess.dataset import Dataset
from smilejax.recordings.kinds import Kind as RecordingKind
from smilejax.settings.classifier_names import ClassifierKind

SeenT = TypeVar("SeenT")
LearnedT = TypeVar("LearnedT")


class TrialInfo(NamedTuple):
    """What reference classifiers may see of N trials."""

    dataset: Dataset
    baseline: npt.NDArray[np.float32] | None
    """`f32[N]`, the pupil's size before the response in the recording's unit, NaN where not known; None where there is none."""
    length_ms: npt.NDArray[np.float32]
    """`f32[N]`, length of each trial."""
    covariates: npt.NDArray[np.float64] | None = None
    """`f64[N, K]`, what a stimulus table says of each trial's stimulus, NaN where nothing; None where none was given."""
    video: Mapping[str, npt.NDArray[np.float64]] | None = None
    """Of faces, `f64[N]` by name: what is known of the videos besides the face, see `video_covariates`."""


def always_given(info: TrialInfo) -> bool:
    """`given` of a classifier that sees what every study has."""
    return True


@dataclass(frozen=True)
class Comparison:
    """A classifier that the network is compared with.

    Arguments:
        name: short and unique, for files, options and columns; the random numbers of the classifier follow from it.
        label: what tables and figures call it.
        kind: "reference", which sees the pupil's response as the network does, or "negative control", which sees nothing of
            it: where that does as well as the network, the response need not be what the network uses.
        words: what it does and what it sees, for a report.
        only_for: the kind of recording that it reads; None for any.
    """

    name: str
    label: str
    kind: ClassifierKind
    words: str
    only_for: RecordingKind | None = field(default=None, kw_only=True)

    def why_not_for(self, dataset: Dataset) -> str:
        """Why it cannot be fitted to this kind of recording, in words; an empty string where it can, and for arrays."""
        if self.only_for is None or dataset.recipe is None:
            return ""
        kind = kind_of_recipe(dataset.recipe)
        return (
            ""
            if kind is self.only_for
            else f"it reads {self.only_for.signal}, and these are recordings of {kind.signal}"
        )


@dataclass(frozen=True)
class ReferenceClassifier(Comparison, Generic[SeenT, LearnedT]):
    """A classifier that is fitted in closed form or in a few steps, for many labellings at once.

    Arguments:
        why_not: why it cannot be fitted to these trials, in words; an empty string where it can. See `reason_against`.
        see: what it sees of all trials, as arrays `[N, ...]` or `[..., N]`. Nothing is learned here.
        learn: what the training trials of a fold teach without their labels: `(seen, train bool[N], key)` to arrays.
        predict: P(class 1) of all trials after training on each of W labellings, `f32[W, N]`:
            `(learned, train bool[N], labels i32[W, N])`. Labels of trials outside the training mask are not read.
        given: whether what it sees was given at all; where it was not, it runs only where it is asked for by its name.
    """

    why_not: Callable[[TrialInfo], str]
    see: Callable[[TrialInfo], SeenT]
    learn: Callable[[SeenT, Bool[Array, " N"], Key[Array, ""]], LearnedT]
    predict: Callable[[LearnedT, Bool[Array, " N"], Int[Array, "W N"]], Float[Array, "W N"]]
    given: Callable[[TrialInfo], bool] = always_given

    def reason_against(self, info: TrialInfo) -> str:
        """Why it cannot be fitted: another kind of recording, or `why_not`; an empty string where it can."""
        return self.why_not_for(info.dataset) or self.why_not(info)


@dataclass(frozen=True, kw_only=True)
class OfferedClassifier(ReferenceClassifier[SeenT, LearnedT]):
    """A reference classifier that can be judged, trained and saved in place of the network, or together with it.

    Arguments:
        log_odds: as `predict`, but the log odds of class 1 and not its probability.
        fit: what is kept of a training on one labelling, by name: `(seen, train bool[N], labels i32[N], key)` to arrays.
        apply: log odds of M trials, `f32[M]`, from what was kept and what is seen of them; to rounding those of `log_odds`.
    """

    log_odds: Callable[[LearnedT, Bool[Array, " N"], Int[Array, "W N"]], Float[Array, "W N"]]
    fit: Callable[[SeenT, Bool[Array, " N"], Int[Array, " N"], Key[Array, ""]], dict[str, Array]]
    apply: Callable[[Mapping[str, Array], SeenT], Float[Array, " M"]]


def always_possible(info: TrialInfo) -> str:
    """`why_not` of a classifier that can be fitted to any trials."""
    return ""
