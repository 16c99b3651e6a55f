"""Inner validation: hyperparameters and temperature of each fold, on validation trials that it does not score.

Each fold's training trials are divided again, `inner_draws` times, with the same groups kept apart. Hyperparameters are
chosen on the smaller part; the fold's own runs are then trained on all its training trials. (Varma & Simon 2006 on what
happens otherwise.)
"""

from dataclasses import dataclass, replace

import jax
import numpy as np
import numpy.typing as npt
from jaxtyping import Array, Bool, Float, Int

from smilejax._util.errors import DataError
from smilejax._util.softmax import log_softmax
from smilejax.evaluation.study.out_of_fold import Trainer
from smilejax.preprocess.dataset import Dataset
from smilejax.settings import StudySettings
from smilejax.splits import Folds, inner_validation
from smilejax.splits.permutations import PermutedLabels
from smilejax.training import RunStatus


@dataclass(frozen=True, eq=False)
class InnerValidation:
    """Predictions for inner validation trials, for every setting, labelling, fold and draw.

    Arguments:
        logits: `f32[V, L, F, D, S, N, 2]`. ok: `bool[V, L, F, D, S]`. labels: `i32[L, N]`.
        validation: `bool[F, D, N]`.
    """

    logits: Float[np.ndarray, "V L F D S N 2"]
    ok: Bool[np.ndarray, "V L F D S"]
    labels: Int[np.ndarray, "L N"]
    validation: Bool[np.ndarray, "F D N"]

    def losses(self) -> Float[np.ndarray, "V L F"]:
        """Mean cross-entropy on validation trials over draws and seeds, in nats; infinite where any run diverged."""
        loss = -np.take_along_axis(
            log_softmax(self.logits.astype(np.float64)),
            np.clip(self.labels, 0, 1)[None, :, None, None, None, :, None],
            axis=-1,
        )[..., 0]
        mask = self.validation[None, None, :, :, None]
        total = np.where(mask, loss, 0.0).sum((3, 4, 5)) / (self.validation.sum((1, 2)) * loss.shape[4])
        return np.where(self.ok.all((3, 4)), total, np.inf)

    def chosen(self) -> Int[np.ndarray, "L F"]:
        """The setting with the least loss, for each labelling and fold; the first of equals."""
        least: npt.NDArray[np.int32] = self.losses().argmin(0).astype(np.int32)
        return least

    def of(self, chosen: Int[np.ndarray, " F"]) -> Float[np.ndarray, "F D S N 2"]:
        """Logits under the true labels of the setting that each fold took; NaN where a run diverged."""
        folds = np.arange(len(chosen))
        ok = self.ok[chosen, 0, folds]
        return np.where(ok[..., None, None], self.logits[chosen, 0, folds], np.nan)


def inner_folds(folds: Folds, dataset: Dataset, settings: StudySettings, *, key: Array) -> Folds:
    """Each fold `inner_draws` times, with different validation trials: draw d of fold f is fold f * draws + d.

    Raises:
        DataError: the training trials of a fold cannot be divided.
    """
    draws = [
        inner_validation(folds, dataset, settings.inner_proportion, stratified=False, key=jax.random.fold_in(key, draw))
        for draw in range(settings.inner_draws)
    ]

    def interleaved(name: str) -> npt.NDArray[np.bool_]:
        parts = np.stack([draw.part(name) for draw in draws], axis=1)
        return parts.reshape(-1, parts.shape[-1])

    return replace(
        folds,
        train=interleaved("train"),
        # Here the validation trials are scored; the fold's own test trials take no part.
        test=interleaved("validation"),
        validation=np.zeros_like(interleaved("validation")),
        names=tuple(f"{name}, draw {draw + 1}" for name in folds.names for draw in range(len(draws))),
        repeat=np.repeat(folds.repeat, len(draws)),
        times_scored=None,
    )


def train_inside(
    trainer: Trainer, inside: Folds, settings: StudySettings, name: str, *, permuted: PermutedLabels | None = None
) -> InnerValidation:
    """Train on what the validation sets leave.

    Arguments:
        inside: of `inner_folds`.

    Raises:
        DataError: a training set with one class under a permutation.
    """
    seeds = tuple(range(settings.seed, settings.seed + settings.inner_seeds))
    plan = trainer.plan(inside, seeds, permuted)
    result = trainer.train(plan, name)
    variants, labellings, places, n_seeds = plan.shape
    folds = places // settings.inner_draws
    shape = (variants, labellings, folds, settings.inner_draws, n_seeds)
    rows = np.ravel_multi_index((0, np.arange(labellings), 0, 0), plan.shape)
    return InnerValidation(
        np.asarray(result.logits).reshape(*shape, len(trainer.dataset), 2),
        (np.asarray(result.status) == RunStatus.OK).reshape(shape),
        plan.labels(trainer.dataset, rows),
        inside.test.reshape(folds, settings.inner_draws, -1),
    )


def try_inner(
    trainer: Trainer, folds: Folds, settings: StudySettings, name: str, *, key: Array
) -> tuple[InnerValidation | None, str]:
    """As `train_inside` of `inner_folds`, or None and why it is not possible."""
    try:
        return train_inside(trainer, inner_folds(folds, trainer.dataset, settings, key=key), settings, name), ""
    except DataError as error:
        return None, error.reason
