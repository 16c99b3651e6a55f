"""How a study is evaluated: how many trainings, folds, permutations and draws."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import ClassVar, Literal, Self, get_args

from smilejax._util.errors import SETTING
from smilejax.settings.checks import hold_tuple, require, require_choice, require_count, require_number
from smilejax.settings.classifier_names import Classifier, has_seeds

Scheme = Literal["within smiler pairs", "stimulus", "smiler", "participant", "within participant", "trial"]
"""Units among which labels are permuted; see `smilejax.splits.permutations`."""


@dataclass(frozen=True)
class StudySettings:
    """How a study is evaluated. The defaults take a few minutes for 48 trials on two cores."""

    classifier: Classifier = "network"
    """What is judged; rocket is MiniRocket, combined the mean of network and MiniRocket, features are of pupils, dynamics of
    smiles."""
    seeds: int = 10
    """Trainings of each fold on the true labels; scores are means over them."""
    permutations: int = 99
    """Label permutations of the permutation test, at most; the network is trained on each. Fewer where fewer exist, 0 for no
    test."""
    stop_after: int = 10
    """Permutations scoring as high as the study itself, or higher, at which the permutation test stops: with 99 permutations,
    a study without an effect needs a third of them on average. p is exact. 0 never stops early, nor is it possible with fewer
    permutations."""
    scheme: Scheme | None = None
    """Units among which labels are permuted: within smiler pairs, stimulus, smiler, participant, within participant or trial;
    None finds them from the design of the study."""
    test_seeds: int = 1
    """Trainings of each fold in the permutation test, on true and permuted labels alike; at most `seeds`. One is enough: the
    standard deviation of permuted scores is .080 with one on a recording of 47 trials, and .074 with two."""
    participant_folds: int = 10
    """Folds over participants, where only participants are new; each is a fold where there are no more of them."""
    stimulus_folds: int = 10
    """Folds over stimuli, or over smilers where these are known, likewise."""
    blocks: int = 4
    """Blocks of participants and of stimuli, where both are new: each pair of blocks is a fold."""
    shuffled_folds: int = 5
    """Folds of shuffled trials, the protocol that leaks."""
    folds_from: str | None = None
    """Column with the folds, as published ones: trials of one value are scored together. The recordings keep it (`columns`); no
    participant may be in two folds. None assigns participants to folds at random."""
    by: tuple[str, ...] = ()
    """Columns, as age or sex, for whose groups accuracy and missing data are given. The recordings keep them (`columns`)."""
    inner_draws: int = 2
    """Validation sets drawn inside each fold, for calibration and for the choice of hyperparameters."""
    inner_proportion: float = 0.25
    """Proportion of a fold's training participants or stimuli in a validation set, above 0 and below 1."""
    inner_seeds: int = 5
    """Trainings for each validation set; at most `seeds`."""
    attribution_seeds: int = 3
    """Trainings of each fold that attributions are computed for; at most `seeds`, 0 for none."""
    draws: int = 2000
    """Bootstrap draws of participants and stimuli, at least 100."""
    level: float = 0.95
    """Level of confidence intervals, above .5 and below 1."""
    alpha: float = 0.05
    """Significance level: significant is p up to this, above 0 and at most .5."""
    seed: int = 0
    """First seed of the trainings, and that of folds, permutations and draws, 0 to 2**32 - 1."""

    younger: ClassVar[Mapping[str, object]] = MappingProxyType(
        {"stop_after": 0, "classifier": "network", "folds_from": None, "by": ()}
    )
    """Settings that are younger than some stored files, and what was done before there were any: tests used all permutations,
    and the network was judged."""

    def __post_init__(self) -> None:
        require_choice(self, "classifier", get_args(Classifier))
        for name in ("seeds", "test_seeds", "inner_draws", "inner_seeds"):
            require_count(self, name, 1)
        for name in ("participant_folds", "stimulus_folds", "blocks", "shuffled_folds"):
            require_count(self, name, 2)
        for name in ("permutations", "stop_after", "attribution_seeds", "seed"):
            require_count(self, name, 0)
        require_count(self, "draws", 100)
        if isinstance(self.by, str):  # one name, as one writes it in Python
            object.__setattr__(self, "by", (self.by,))
        hold_tuple(self, "by")
        asked = (*self.by, *(() if self.folds_from is None else (self.folds_from,)))
        require(all(isinstance(one, str) and one.strip() for one in asked), "by", "names of columns", asked)
        known = get_args(Scheme)
        require(self.scheme in (None, *known), "scheme", f"one of {', '.join(known)}", self.scheme)
        for name in ("test_seeds", "inner_seeds", "attribution_seeds"):
            given = getattr(self, name)
            require(given <= self.seeds, name, f"at most {SETTING.seeds}, which is {self.seeds}", given)
        require_number(self, "inner_proportion", 0, 1, open_low=True)
        require(self.inner_proportion < 1, "inner_proportion", "below 1", self.inner_proportion)
        require_number(self, "level", 0.5, 1, open_low=True)
        require(self.level < 1, "level", "below 1", self.level)
        require_number(self, "alpha", 0, 0.5, open_low=True)
        highest = self.seed + self.seeds - 1
        require(highest < 2**32, "seed", "at most 2**32 less the number of seeds", self.seed)

    def in_effect(self) -> Self:
        """What remains of the settings for the classifier judged: what is only fitted has one seed and no attribution, and
        its permutations cost so little that all are used.
        """
        if has_seeds(self.classifier):
            return self
        return replace(self, seeds=1, test_seeds=1, inner_seeds=1, attribution_seeds=0, stop_after=0)

    @classmethod
    def with_seeds(cls, seeds: int) -> Self:
        """The defaults, with no more seeds of the test, of validation and of attribution than there are.

        Example:
            >>> few = StudySettings.with_seeds(1)
            >>> few.test_seeds, few.inner_seeds, few.attribution_seeds
            (1, 1, 1)
        """
        rest = {f"{name}_seeds": min(getattr(cls, f"{name}_seeds"), seeds) for name in ("test", "inner", "attribution")}
        return cls(seeds=seeds, **rest)
