"""The summary of a plan: sums and counts by hand."""

import jax
import numpy as np
from helpers.small_study import SMALL

from smilejax.splits.permutations import permute_labels
from smilejax.training import RunResult, Scores
from smilejax.training.plans import Plan, runs_table
from smilejax.training.plans.runs_table import hits


def _made_up(dataset, plan: Plan) -> RunResult:
    """Random answers, the last run of the truth and one of a permutation diverged."""
    rng = np.random.default_rng(3)
    n, runs = len(dataset), len(plan)
    scores = Scores(
        loss_sum=rng.random((runs, 2)).astype(np.float32),
        correct=rng.integers(0, 10, (runs, 2)),
        count=np.full((runs, 2), 10),
    )
    status = np.zeros(runs, np.int32)
    status[[7, 9]] = 1
    return RunResult(scores, scores, rng.normal(size=(runs, n, 2)).astype(np.float32), status, None)


def test_accuracy_is_of_test_trials_over_folds_then_over_seeds(dataset, folds) -> None:
    plan = Plan(folds, SMALL, seeds=(0, 1), permuted=permute_labels(dataset, 2, key=jax.random.key(0)))
    result = _made_up(dataset, plan)
    right = hits(dataset, plan, result)
    shares: dict[tuple[str, int], list[float]] = {}
    for row, said in plan.table.iterrows():
        fold = folds.names.index(said["fold"])
        y = np.asarray(dataset.y) if said["labels"] == "true" else plan.permuted.labels[int(said["labels"]) - 1]
        for trial in range(len(dataset)):
            if not folds.test[fold, trial] or result.status[row]:
                assert np.isnan(right[row, trial])
                continue
            hit = float((result.logits[row, trial, 1] > result.logits[row, trial, 0]) == (y[trial] == 1))
            assert right[row, trial] == hit
            shares.setdefault((said["labels"], said["seed"]), []).append(hit)
    table = runs_table(dataset, plan, result).set_index("labels")
    for labels, keys in (("true", ("true",)), ("permuted", ("1", "2"))):
        of_seeds = [np.mean(shares[key, seed]) for key in keys for seed in (0, 1)]
        np.testing.assert_allclose(table.loc[labels, "accuracy"], np.mean(of_seeds))
        np.testing.assert_allclose(table.loc[labels, "accuracy_sd"], np.std(of_seeds, ddof=1))
        assert (table.loc[labels, "accuracy_low"], table.loc[labels, "accuracy_high"]) == (min(of_seeds), max(of_seeds))
    assert table["runs"].tolist() == [8, 16]
    assert table["diverged"].tolist() == [1, 1]
    kept = [row for row in range(8) if row != 7]
    np.testing.assert_allclose(
        table.loc["true", "train_loss"], (result.train.loss_sum[kept, -1] / 10).mean(), rtol=1e-6
    )


def test_where_all_diverged_nothing_is_said(dataset, folds) -> None:
    plan = Plan(folds, SMALL)
    result = _made_up(dataset, Plan(folds, SMALL, seeds=(0, 1, 2, 3)))
    result = jax.tree.map(lambda leaf: leaf[:4], result)
    object.__setattr__(result, "status", np.ones(4, np.int32))
    row = runs_table(dataset, plan, result).iloc[0]
    assert row["diverged"] == row["runs"] == 4
    assert np.isnan([row["accuracy"], row["accuracy_low"], row["train_loss"]]).all()


def test_equal_logits_count_half(dataset, folds) -> None:
    plan = Plan(folds, SMALL, seeds=(0, 1))
    result = _made_up(dataset, Plan(folds, SMALL, seeds=(0, 1, 2, 3)))
    logits = np.where(np.arange(len(dataset))[:, None] % 2, np.asarray(result.logits), 1.0)[: len(plan)]
    found = hits(dataset, plan, RunResult(result.train, result.validation, logits, np.zeros(len(plan), np.int32), None))
    assert set(found[:, ::2][np.isfinite(found[:, ::2])]) == {0.5}
    assert set(found[:, 1::2][np.isfinite(found[:, 1::2])]) == {0.0, 1.0}
