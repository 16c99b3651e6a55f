"""The members of a model: every seed trained on the same trials, whatever the classifier."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import jax
import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, DataError
from smilejax.classifiers.classifier import TrialInfo
from smilejax.classifiers.combined import as_logits, combined_log_odds, log_odds_of
from smilejax.classifiers.keep_fitted import fit_kept, kept_log_odds
from smilejax.classifiers.registry import OFFERED
from smilejax.prediction.ensemble import Arrays
from smilejax.prediction.predictor import CHUNK
from smilejax.settings import Classifier, TrainingSettings
from smilejax.settings.classifier_names import FITTED, has_network
from smilejax.training import OnEpochEnd, Programs, Run, RunResult, RunStatus, make_run
from smilejax.training.programs import DeviceOptions

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class MembersToTrain:
    """What the members of a model are trained on, and how.

    Arguments:
        info: N trials as classifiers see them. classifier, settings: what is trained; the settings are the network's.
        seeds: of the networks, one or more; what is fitted takes the first.
        key: the key of a network from its seed.
        train, validation: `bool[N]`; None as in `make_run`.
    """

    info: TrialInfo
    classifier: Classifier
    settings: TrainingSettings
    seeds: tuple[int, ...]
    key: Callable[[int], jax.Array]
    train: Mask | None = None
    validation: Mask | None = None

    def runs(self) -> list[Run]:
        """The networks' trainings as data, checked; masks and labels are those of every classifier."""
        return [
            make_run(
                self.info.dataset,
                self.settings,
                key=self.key(seed),
                train_mask=self.train,
                validation_mask=self.validation,
            )
            for seed in self.seeds
        ]


@dataclass(frozen=True, eq=False)
class Members:
    """Trained members.

    Arguments:
        variables: see `ensemble`; networks with a leading axis of those S that did not diverge. None where all did.
        logits: `f32[S, N, 2]` of all trials; S is 1 without a network.
        diverged: runs that diverged and are not among the members.
        result: of the networks, the diverged ones too, without parameters; None where there are none.
    """

    variables: Arrays | None
    logits: npt.NDArray[np.float32]
    diverged: int
    result: RunResult | None

    @property
    def count(self) -> int | None:
        """Members of a `Predictor`: networks; None without."""
        return None if self.result is None else len(self.logits)


def train_members(
    wanted: MembersToTrain, where: DeviceOptions, *, curves: bool = False, on_epoch_end: OnEpochEnd | None = None
) -> Members:
    """Train every seed on the same trials.

    Arguments:
        curves, on_epoch_end: as in `Programs.train`.

    Raises:
        DataError: as `make_run`, or trials that the classifier cannot be fitted to.
    """
    runs = wanted.runs()
    if wanted.classifier in FITTED and (why_not := OFFERED[FITTED[wanted.classifier]].reason_against(wanted.info)):
        raise DataError(
            f"the classifier {wanted.classifier!r} cannot be trained: {why_not}. Train another ({SETTING.classifier})."
        )
    if not has_network(wanted.classifier):
        return _fitted(wanted, runs)
    result = _networks(wanted, runs, where, curves, on_epoch_end)
    ok = np.flatnonzero(np.asarray(result.status) == RunStatus.OK)
    diverged, logits = len(runs) - len(ok), np.asarray(result.logits)[ok]
    networks: Arrays = jax.tree.map(lambda leaf: np.asarray(leaf)[ok], result.variables)
    without = replace(result, variables=None)
    if not len(ok):
        return Members(None, logits, diverged, without)
    if wanted.classifier == "network":
        return Members(networks, logits, diverged, without)
    others = _fitted(wanted, runs)
    assert others.variables is not None
    combined = as_logits(combined_log_odds(log_odds_of(logits), log_odds_of(others.logits)))
    return Members({"network": networks, **others.variables}, combined, diverged, without)


def _networks(
    wanted: MembersToTrain, runs: list[Run], where: DeviceOptions, curves: bool, on_epoch_end: OnEpochEnd | None
) -> RunResult:
    """The networks of all seeds, on the host, with a leading axis."""
    programs = Programs(wanted.info.dataset, wanted.settings, **where)
    parts = []
    for first in range(0, len(runs), programs.runs_at_once):
        chunk = jax.tree.map(lambda *leaves: jax.numpy.stack(leaves), *runs[first : first + programs.runs_at_once])
        part = programs.train(chunk, wanted.settings.epochs, curves=curves, on_epoch_end=on_epoch_end)
        parts.append(jax.tree.map(np.asarray, part))
    together: RunResult = jax.tree.map(lambda *leaves: np.concatenate(leaves), *parts)
    return together


def _fitted(wanted: MembersToTrain, runs: list[Run]) -> Members:
    """A classifier that is fitted: one member."""
    name, train, y = FITTED[wanted.classifier], np.asarray(runs[0].train), np.asarray(runs[0].y)
    kept = fit_kept(name, wanted.info, train, y, key=jax.random.key(wanted.seeds[0]))
    odds = kept_log_odds(name, kept, wanted.info, chunk=CHUNK)
    return Members({name: kept}, as_logits(odds[None]), 0, None)
