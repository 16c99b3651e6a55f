"""The permutation test's trainings: as many permutations as the test needs, however they are cut and on whatever devices."""

import contextlib
import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import jax
import numpy as np
import pytest
from helpers.small_study import WHOLE, make_dataset

import smilejax
from smilejax import ModelSettings, Recipe, SimulationSettings, TrainingSettings, by_participant_and_stimulus
from smilejax.evaluation.statistics import permutation_test, stops_at
from smilejax.evaluation.study import compute_results, evaluate, prepare_study
from smilejax.evaluation.study.out_of_fold import OutOfFold, Trainer, mean_over_folds
from smilejax.evaluation.study.raw_results import RawResults
from smilejax.evaluation.study.study_record import results_to_json
from smilejax.evaluation.study.study_tests import labelling_scores
from smilejax.evaluation.study.train_permutations import PermutationTrainings, train_permutations
from smilejax.splits.permutations import permute_labels
from smilejax.training import RunResult, Scores
from smilejax.training.plans import Plan

KEY = jax.random.key(3)


@dataclasses.dataclass(frozen=True)
class Drawn(Trainer):
    """Draws predictions in place of training: they favour the labels trained on, by `strength` if these are the true ones."""

    true: bytes = b""
    strength: float = 0.0
    names: list[str] = dataclasses.field(default_factory=list)

    def train(self, plan: Plan, name: str, *, curves: bool = False) -> RunResult:
        rows = np.arange(len(plan))
        odds = []
        for labels, fold, seed in zip(plan.labels(self.dataset, rows), *plan.indices(rows)[2:], strict=True):
            own = np.random.default_rng([*np.frombuffer(labels.tobytes(), np.uint32), fold, seed])
            strength = self.strength if labels.tobytes() == self.true else 0.0
            odds.append(own.normal(size=len(labels)) + strength * (2.0 * labels - 1))
        logits = np.stack([np.zeros_like(odds), odds], axis=-1).astype(np.float32)
        self.names.append(name)
        self.progress(len(plan))
        count = np.zeros((len(plan), 1), np.int32)
        none = Scores(count.astype(np.float32), count, count)
        return RunResult(none, none, logits, count[:, 0], None)


def drawn_test(
    strength: float, *, stop_after: int = 10, progress: Callable[[int], None] = lambda ended: None
) -> PermutationTrainings:
    """A test of 63 permutations of 16 trials, by 4 folds and 2 seeds."""
    dataset = make_dataset(participants=6, smilers=7)
    true = np.asarray(dataset.y, np.int32).tobytes()
    trainer = Drawn(dataset, TrainingSettings(), {}, None, progress, {}, true=true, strength=strength)
    folds = by_participant_and_stimulus(dataset, participant_blocks=2, stimulus_blocks=2, key=KEY)
    return PermutationTrainings(trainer, folds, (0, 1), permute_labels(dataset, 63, key=KEY), stop_after)


def scores_of(found: OutOfFold, test: PermutationTrainings) -> np.ndarray:
    return labelling_scores(mean_over_folds(found.probability(), test.folds.test, 1), found.labels)


def test_a_study_without_an_effect_stops_early_and_one_with_a_large_effect_does_not() -> None:
    none, large = drawn_test(0.0), drawn_test(3.0)
    found = train_permutations(none)
    everything = train_permutations(dataclasses.replace(none, stop_after=0))
    assert len(everything.labels) == 64
    scores = scores_of(everything, none)
    end = stops_at(scores[0], scores[1:], 10)
    assert end is not None
    assert end < 40
    assert len(found.labels) == 1 + end
    for name in ("logits", "ok", "labels", "chosen"):
        np.testing.assert_array_equal(getattr(found, name), getattr(everything, name)[: 1 + end])
    np.testing.assert_array_equal(found.labels[1:], none.permuted.labels[:end])
    assert len(train_permutations(large).labels) == 64


@pytest.mark.parametrize("least_runs", [1, 8, 50, 10**6])
@pytest.mark.parametrize("strength", [0.0, 0.15])
def test_batches_do_not_change_the_result(strength: float, least_runs: int) -> None:
    """What was trained behind the permutation at which the test stops is left out, and progress comes to the whole."""
    ended: list[int] = []
    spared: list[int] = []
    found = train_permutations(drawn_test(strength, progress=ended.append), least_runs=least_runs, spared=spared.append)
    whole = train_permutations(drawn_test(strength, stop_after=0))
    scores = scores_of(whole, drawn_test(strength))
    test = permutation_test(scores[0], scores[1:], design_smallest_p=0.01, stop_after=10)
    assert len(found.labels) == 1 + test.count
    np.testing.assert_array_equal(found.logits, whole.logits[: 1 + test.count])
    assert sum(ended) + sum(spared) == 64 * 4 * 2
    if least_runs == 1:  # never a labelling more than the test needs
        assert sum(ended) == len(found.labels) * 4 * 2


def test_batches_that_were_begun_are_gone_on_with(tmp_path: Path) -> None:
    """On a machine with other devices, batches may be cut otherwise; those of the folder come first."""
    for name in ("test-0-15", "test-15-16-inner", "test-16-18.tmp", "test-1-99", "other"):
        (tmp_path / "runs" / name).mkdir(parents=True)
        (tmp_path / "runs" / name / "plan.json").touch()
    test = drawn_test(0.0, stop_after=0)
    train_permutations(
        dataclasses.replace(test, trainer=dataclasses.replace(test.trainer, folder=tmp_path)), least_runs=1
    )
    assert test.trainer.names == ["test-0-15", "test-15-16", "test-16-64"]


SETTINGS = dataclasses.replace(WHOLE, seeds=1, permutations=31, stop_after=4, attribution_seeds=0)
TRAINING = TrainingSettings(epochs=3, minibatch_size=8, learning_rate=0.02, model=ModelSettings(hidden=4, dense=(6, 4)))
SMALL = SimulationSettings(participants=4, smilers=6, duration_ms=2000, effect_mm=0.0)


class StopError(Exception):
    """In place of Ctrl-C."""


@pytest.mark.slow
@pytest.mark.parametrize("vary", [{}, {"learning_rate": (0.02, 0.1)}], ids=["one setting", "two settings"])
def test_resuming_and_devices_give_the_same_study(tmp_path: Path, vary: dict[str, tuple[float, ...]]) -> None:
    """One device and no interruption, against several interruptions and two devices: the same results, bit for bit."""
    trials = smilejax.simulate_study(SMALL, key=jax.random.key(5)).trials
    prepared = prepare_study(trials, Recipe(resample_hz=10), TRAINING, SETTINGS, vary=vary)
    devices = jax.local_devices()
    whole, _ = evaluate(prepared, options={"devices": devices[:1]})
    left = 0

    def stop(_: int) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise StopError

    again: RawResults | None = None
    interruptions = 0
    while again is None:
        left = 12 * (1 + interruptions)
        with contextlib.suppress(StopError):
            again, _ = evaluate(
                prepared, folder=tmp_path, progress=stop, options={"devices": devices[: 1 + interruptions % 2]}
            )
        interruptions += again is None
    assert interruptions > 1
    results = compute_results(whole, SETTINGS)
    test = results.permutation_test.scores.test
    assert test.stopped_early
    assert (test.most, test.at_least, test.p) == (31, 4, 4 / test.count)
    assert json.dumps(results_to_json(results)) == json.dumps(results_to_json(compute_results(again, SETTINGS)))
    np.testing.assert_array_equal(whole.permutations.predictions.logits, again.permutations.predictions.logits)
