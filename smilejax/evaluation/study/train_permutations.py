"""The permutation test's trainings: the true labels and permutations of them in their order, no more than the test needs.

Labellings are trained in batches, each a plan of its own, and the test's rule is looked at after each (`sequential_test`). A
batch holds the permutations that the test needs at least, or a few more where devices would otherwise be idle. Where the test
stops within a batch, what was trained behind that permutation is left out. So neither batches nor devices nor an interruption
change a result.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from jaxtyping import Int

from smilejax.evaluation.statistics import least_needed, stops_at
from smilejax.evaluation.study.hyperparameters import train_inside
from smilejax.evaluation.study.out_of_fold import OutOfFold, Trainer, mean_over_folds, out_of_fold_predictions
from smilejax.evaluation.study.study_tests import labelling_scores
from smilejax.settings import StudySettings
from smilejax.splits import Folds
from smilejax.splits.permutations import PermutedLabels
from smilejax.training.programs import places, usual_width

LEAST_RUNS = 32
"""Runs of a batch at least, where so many are left: eight cores have four each, so that few wait for the last one."""


@dataclass(frozen=True, eq=False)
class PermutationTrainings:
    """What a permutation test trains, and on what.

    Arguments:
        trainer: of the network; its dataset has the true labels.
        folds: of the verdict. seeds: trainings of each fold and labelling. permuted: K permutations in their order.
        stop_after: the number of permutations scoring as high at which the test stops; 0 never stops it.
        inside: folds inside `folds`, on which each labelling chooses its hyperparameters; None where there is one setting.
        settings: of the study, for `inside`.
    """

    trainer: Trainer
    folds: Folds
    seeds: tuple[int, ...]
    permuted: PermutedLabels
    stop_after: int
    inside: Folds | None = None
    settings: StudySettings | None = None

    @property
    def runs_of_labelling(self) -> int:
        """Trainings of one labelling."""
        inner = 0 if self.inside is None or self.settings is None else len(self.inside) * self.settings.inner_seeds
        return len(self.trainer.plan(self.folds, self.seeds).variants) * (len(self.folds) * len(self.seeds) + inner)


def train_permutations(
    tested: PermutationTrainings, *, least_runs: int | None = None, spared: Callable[[int], None] | None = None
) -> OutOfFold:
    """Train the true labels, then permutations until the test ends.

    Arguments:
        least_runs: of a batch, from 1; None takes what keeps the devices busy. It changes no result.
        spared: called with the number of trainings that a test which stopped early did without.

    Returns:
        Predictions under the true labels and the permutations up to the last that the test uses, L = 1 + l.
    """
    every = np.concatenate([np.asarray(tested.trainer.dataset.y)[None], tested.permuted.labels]).astype(np.int32)
    least = _labellings(tested, least_runs)
    parts: list[OutOfFold] = []
    scores = np.zeros(0)
    needed = 1 + _needed(tested, np.array([np.nan]))  # the true labels, and what no score can make superfluous
    while needed:
        first = len(scores)
        last = _kept_batch(tested.trainer.folder, first) or first + max(needed, least)
        part = _train(tested, every[first : min(last, len(every))], first)
        parts.append(part)
        p = mean_over_folds(part.probability(), tested.folds.test, 1)
        scores = np.concatenate([scores, labelling_scores(p, part.labels)])
        needed = _needed(tested, scores)
    if spared is not None and len(scores) < len(every):
        spared((len(every) - len(scores)) * tested.runs_of_labelling)
    end = stops_at(float(scores[0]), scores[1:], tested.stop_after)
    return _first(parts, len(scores) if end is None else 1 + end)


def _needed(tested: PermutationTrainings, scores: npt.NDArray[np.float64]) -> int:
    """Permutations that the test needs at least, besides those with a score behind that of the true labels."""
    return least_needed(float(scores[0]), scores[1:], planned=len(tested.permuted), stop_after=tested.stop_after)


def _labellings(tested: PermutationTrainings, least_runs: int | None) -> int:
    """Labellings of a batch at least, so that all devices have something to do."""
    if least_runs is None:
        options = tested.trainer.options
        at_once = len(places(options.get("devices")))
        least_runs = max(LEAST_RUNS, at_once * (options.get("width") or usual_width()))
    return max(1, -(-least_runs // tested.runs_of_labelling))


def _name(first: int, last: int) -> str:
    """Folder of the labellings from `first` to before `last`; 0 is that of the true labels."""
    return f"test-{first}-{last}"


def _kept_batch(folder: Path | None, first: int) -> int | None:
    """Where a batch ends that an interrupted study had begun; on a machine with other devices it may be cut otherwise."""
    if folder is None:
        return None
    names = (path.parent.name for path in (folder / "runs").glob(f"test-{first}-*/plan.json"))
    found = (re.fullmatch(rf"test-{first}-(\d+)(-inner)?", name) for name in names)
    return max((int(match[1]) for match in found if match is not None), default=None)


def _train(tested: PermutationTrainings, labels: Int[np.ndarray, "B N"], first: int) -> OutOfFold:
    """Train some labellings, each with its own choice of hyperparameters."""
    # A plan trains the labels of its dataset and permutations of them: here the first of the batch, and the others. Whether
    # folds leak is a matter of the true labels, and settled; chance could give each stimulus one permuted label.
    trainer = replace(tested.trainer, dataset=replace(tested.trainer.dataset, y=jnp.asarray(labels[0])))
    folds = replace(tested.folds, leaky=True)
    permuted = replace(tested.permuted, labels=labels[1:]) if len(labels) > 1 else None
    name, chosen = _name(first, first + len(labels)), None
    if tested.inside is not None and tested.settings is not None:
        inner = train_inside(
            trainer, replace(tested.inside, leaky=True), tested.settings, f"{name}-inner", permuted=permuted
        )
        chosen = inner.chosen()
    plan = trainer.plan(folds, tested.seeds, permuted)
    return out_of_fold_predictions(trainer.dataset, plan, trainer.train(plan, name), chosen)


def _first(parts: list[OutOfFold], count: int) -> OutOfFold:
    """The first labellings of all parts together."""
    names = ("logits", "ok", "labels", "chosen")
    return OutOfFold(*(np.concatenate([getattr(part, name) for part in parts])[:count] for name in names))
