"""What a study is going to train, part by part, counted before the first training."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from smilejax.evaluation.names import ProtocolName
from smilejax.evaluation.statistics import expected_permutations
from smilejax.evaluation.study.protocols import Protocol
from smilejax.settings import StudySettings, TrainingSettings

Part = Literal[
    "protocol", "inner validation", "permutation test", "missing-data mask alone", "attribution", "final model"
]


@dataclass(frozen=True)
class Trainings:
    """Trainings of one part of a study.

    Arguments:
        part: what they are for. protocol: on whose folds; None of the final model, which has none.
        settings: hyperparameter settings, with each of which everything is trained. labellings: the true labels, and
            permutations at most. folds: training sets. draws: divisions of each for inner validation, else 1. seeds: of each.
        trials: of a training set, least and most; of inner validation before it is divided.
        epochs: of a training; of several settings their mean.
        expected_labellings: mean number where there is nothing to find: the permutation test then stops early.
        counted: whether they are among `PreparedStudy.runs`, whose progress is shown.
    """

    part: Part
    protocol: ProtocolName | None
    settings: int
    labellings: int
    folds: int
    draws: int
    seeds: int
    trials: tuple[int, int]
    epochs: float
    expected_labellings: float
    counted: bool = True

    @property
    def runs(self) -> int:
        """Trainings, at most."""
        return self.settings * self.labellings * self.folds * self.draws * self.seeds

    @property
    def expected_runs(self) -> float:
        """Mean number of trainings where there is nothing to find."""
        return self.runs * self.expected_labellings / self.labellings


@dataclass(frozen=True)
class StudyParts:
    """What determines the trainings of a study.

    Arguments:
        protocols: all; chosen: that of the verdict. variants: hyperparameter settings that each fold chooses among.
        settings: of the study. permutations: K; None where there is no test.
        room_inside: whether validation trials can be drawn inside each fold.
        trials: labelled ones that were kept.
    """

    protocols: tuple[Protocol, ...]
    chosen: Protocol
    variants: tuple[TrainingSettings, ...]
    settings: StudySettings
    permutations: int | None
    room_inside: bool
    trials: int

    def trainings(self) -> tuple[Trainings, ...]:
        """Every part with a training, in the order in which they are trained."""
        return tuple(one for one in self._all() if one.runs)

    def _all(self) -> Iterator[Trainings]:
        s, several = self.settings, len(self.variants) > 1
        for one in self.protocols:
            if one.folds is not None:
                if several or one is self.chosen:
                    yield self._of("inner validation", one, s.inner_seeds, draws=self._draws)
                yield self._of("protocol", one, s.seeds)
        yield from self._test()
        yield self._of("missing-data mask alone", self.chosen, s.test_seeds, settings=1)
        yield self._of("attribution", self.chosen, s.attribution_seeds, settings=1, counted=False)
        both = (self.trials, self.trials)
        yield Trainings("final model", None, 1, 1, 1, 1, s.seeds, both, self._epochs, 1.0, counted=False)

    def _test(self) -> Iterator[Trainings]:
        if self.permutations is None:
            return
        s = self.settings
        labellings = (1 + self.permutations, 1 + expected_permutations(self.permutations, s.stop_after))
        if len(self.variants) > 1:
            yield self._of("permutation test", self.chosen, s.inner_seeds, draws=self._draws, labellings=labellings)
        yield self._of("permutation test", self.chosen, s.test_seeds, labellings=labellings)

    @property
    def _draws(self) -> int:
        return self.settings.inner_draws if self.room_inside else 0

    @property
    def _epochs(self) -> float:
        return sum(one.epochs for one in self.variants) / len(self.variants)

    def _of(
        self,
        part: Part,
        protocol: Protocol,
        seeds: int,
        *,
        draws: int = 1,
        settings: int | None = None,
        labellings: tuple[int, float] = (1, 1.0),
        counted: bool = True,
    ) -> Trainings:
        assert protocol.folds is not None
        sizes = protocol.folds.train.sum(1)
        return Trainings(
            part=part,
            protocol=protocol.name,
            settings=len(self.variants) if settings is None else settings,
            labellings=labellings[0],
            folds=len(protocol.folds),
            draws=draws,
            seeds=seeds,
            trials=(int(sizes.min()), int(sizes.max())),
            epochs=self._epochs,
            expected_labellings=labellings[1],
            counted=counted,
        )
