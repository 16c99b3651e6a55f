"""The comparison of classifiers: its file of scores, its differences and tests, what aeon is given, and its tables."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

import smilejax
from smilejax.evaluation.statistics import crossed_interval
from smilejax.splits.check_folds import check_folds

EXPERIMENTS = Path(__file__).resolve().parents[2] / "experiments"
PARTS = ("problems", "scores", "scores_file", "statistics", "tables", "aeon_scores", "aeon_worker")


def dataset_of(participants: int = 4, stimuli: int = 4, steps: int = 8) -> smilejax.Dataset:
    """Every participant and every stimulus, half of either class."""
    participant, stimulus = (of.ravel() for of in np.indices((participants, stimuli), np.int32))
    n = len(stimulus)
    return smilejax.Dataset(
        x=jnp.zeros((n, steps, 1)),
        valid=jnp.zeros((n, steps), bool),
        y=jnp.asarray(stimulus % 2),
        participant=jnp.asarray(participant),
        stimulus=jnp.asarray(stimulus),
        smiler=jnp.asarray(stimulus // 2),
        proportion_valid=jnp.ones(n),
        status=jnp.zeros(n, jnp.int32),
        channels=(),
        class_names=("posed", "genuine"),
        rate_hz=10.0,
    )


@pytest.fixture(scope="module")
def parts() -> Iterator[SimpleNamespace]:
    sys.path.insert(0, str(EXPERIMENTS))
    before = set(sys.modules)
    try:
        found = {name: import_module(f"classifier_benchmark.{name}") for name in PARTS}
        yield SimpleNamespace(**found, script=import_module("benchmark_classifiers"))
    finally:
        sys.path.remove(str(EXPERIMENTS))
        for name in set(sys.modules) - before:
            if name.startswith(("classifier_benchmark", "benchmark_classifiers", "report_study")):
                sys.modules.pop(name)


def rows_of(parts: SimpleNamespace, cells: dict[str, list[tuple[float, float]]], other: str = "MiniRocket") -> list:
    """Rows of simulated studies: of each cell, the network's and another's score in each draw."""
    return [
        parts.scores_file.Row("simulated", cell, draw, name, "default", score)
        for cell, draws in cells.items()
        for draw, pair in enumerate(draws)
        for name, score in zip((parts.scores.NETWORK, other), pair, strict=True)
    ]


# ------------------------------------------------------------------------------------------------- the file of scores


def test_rows_are_read_as_they_were_written_and_added_to(parts: SimpleNamespace, tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    first = parts.scores_file.Row("simulated", "phasic, 0.1 mm, 8 x 6", 2, "MiniRocket", "0.1.0", 0.1 + 0.2)
    second = parts.scores_file.Row(
        "recording", "a, b", 0, "MiniRocket", "default", 0.5, 0.25, -0.125, 0.75, float("nan")
    )
    assert parts.scores_file.read(path) == []
    parts.scores_file.add(path, [first])
    parts.scores_file.add(path, [second])
    found = parts.scores_file.read(path)
    assert found[0] == first
    assert replace(found[1], p=None) == replace(second, p=None)
    assert np.isnan(found[1].p)


def test_a_file_of_other_columns_is_refused_and_left_as_it_is(parts: SimpleNamespace, tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    path.write_text("response,effect_mm\nphasic,0.1\n")
    with pytest.raises(SystemExit, match="must have the columns kind, problem"):
        parts.scores_file.read(path)
    assert path.read_text() == "response,effect_mm\nphasic,0.1\n"


# -------------------------------------------------------------------------------------------------------- differences


def test_the_better_recipe_counts_study_by_study(parts: SimpleNamespace) -> None:
    row = parts.scores_file.Row("simulated", "phasic, 0.1 mm, 8 x 6", 0, "MiniRocket", "default", 0.6)
    scores = parts.statistics.scores_of(
        [row, replace(row, recipe="0.1.0", balanced_accuracy=0.7), replace(row, draw=1)]
    )
    assert [own["MiniRocket"].balanced_accuracy for own in scores.values()] == [0.7, 0.6]


def test_the_overall_difference_weighs_cells_alike_and_is_drawn_within_them(parts: SimpleNamespace) -> None:
    # Within cells studies do not differ, so that the interval has no width, however much cells differ.
    cells = {"phasic, 0.1 mm, 8 x 6": [(0.7, 0.6)] * 2, "late, 0.3 mm, 8 x 6": [(0.8, 0.5)] * 4}
    found = parts.statistics.overall(parts.statistics.scores_of(rows_of(parts, cells)), "MiniRocket")
    assert (found.within, found.studies) == ("cells", 6)
    np.testing.assert_allclose([found.estimate, found.low, found.high], 0.2)


def test_the_interval_is_as_wide_as_the_spread_within_cells_makes_it(parts: SimpleNamespace) -> None:
    # Two studies a cell, .1 above and below the mean: each cell's mean has a variance of (.1 ** 2 + .1 ** 2) / 1 / 2.
    cells = {cell: [(0.8, 0.5), (0.8, 0.7)] for cell in parts.problems.CELLS}
    found = parts.statistics.overall(parts.statistics.scores_of(rows_of(parts, cells)), "MiniRocket")
    assert (found.high - found.low) / 2 == pytest.approx(1.96 * 0.1 / np.sqrt(len(cells)), rel=0.1)


def test_single_studies_are_drawn_within_sizes(parts: SimpleNamespace) -> None:
    cells = {f"phasic, {e:g} mm, 8 x 6": [(0.6 + e, 0.6)] for e in (0.1, 0.15, 0.3)}
    found = parts.statistics.overall(parts.statistics.scores_of(rows_of(parts, cells)), "MiniRocket")
    assert found.within == "sizes"
    assert found.low < found.estimate - 0.02 < found.estimate + 0.02 < found.high
    one = parts.statistics.overall(
        parts.statistics.scores_of(rows_of(parts, {"late, 0.3 mm, 8 x 6": [(0.7, 0.6)]})), "MiniRocket"
    )
    assert one.estimate == pytest.approx(0.1)
    assert np.isnan([one.low, one.high]).all(), "nothing can be said from one study"
    assert parts.statistics.overall({}, "MiniRocket") is None


def test_the_test_of_one_cell_is_a_t_test_and_others_of_its_size_add_to_the_spread(parts: SimpleNamespace) -> None:
    one, other = np.array([0.02, 0.05, 0.03]), np.array([-0.2, 0.1, 0.1])
    (alone,) = parts.statistics.of_one_size({"a": one}, "MiniRocket")
    assert alone.p == pytest.approx(stats.ttest_1samp(one, 0.0).pvalue)
    ends = stats.ttest_1samp(one, 0.0).confidence_interval()
    assert (alone.low, alone.high) == pytest.approx((ends.low, ends.high))
    together = parts.statistics.of_one_size({"a": one, "b": other}, "MiniRocket")
    sd = np.sqrt((one.var(ddof=1) + other.var(ddof=1)) / 2)
    assert together[0].p == pytest.approx(2 * stats.t.sf(one.mean() / (sd / np.sqrt(3)), 4))


def test_a_cell_with_one_study_is_not_tested(parts: SimpleNamespace) -> None:
    (pair,) = parts.statistics.of_one_size({"a": np.array([0.1])}, "MiniRocket")
    assert pair.estimate == 0.1
    assert np.isnan([pair.low, pair.high, pair.p]).all()


def test_p_of_a_recording_agrees_with_its_interval(parts: SimpleNamespace, rng: np.random.Generator) -> None:
    dataset = dataset_of()
    codes = [np.asarray(of) for of in (dataset.y, dataset.participant, dataset.stimulus)]
    for better in (0.5, 0.8, 1.0):
        network = (rng.random(len(dataset)) < better).astype(float)
        other = (rng.random(len(dataset)) < 0.5).astype(float)
        found = parts.scores.difference(network, other, dataset)
        level = 1 - found.p
        for at, holds in ((max(level - 0.01, 0.001), found.p > 0.999), (min(level + 0.01, 0.999), True)):
            ends = crossed_interval(network - other, *codes, difference=True, level=at, seed=0)
            assert (ends.low <= 0 <= ends.high) == holds
        same = parts.scores.difference(network, network, dataset)
        assert (same.estimate, same.p) == (0.0, 1.0)


# --------------------------------------------------------------------------------------------------------------- aeon


def test_gaps_are_filled_for_aeon(parts: SimpleNamespace) -> None:
    dataset = dataset_of()
    x, valid = np.zeros(dataset.x.shape, np.float32), np.zeros(dataset.valid.shape, bool)
    x[0, :5, 0], valid[0, :5] = [0, 2, 0, 6, 0], [False, True, False, True, False]
    filled = parts.aeon_scores.filled(replace(dataset, x=jnp.asarray(x), valid=jnp.asarray(valid)))
    assert filled[0, 0, :6].tolist() == [2, 2, 4, 6, 6, 6]
    assert not filled[1].any()


class Means:
    """A classifier for tests: P(class 1) is the trial's mean."""

    classes_ = np.array([0, 1])
    fitted: tuple[np.ndarray, ...] = ()

    def fit(self, x: np.ndarray, y: np.ndarray) -> "Means":
        type(self).fitted = (*type(self).fitted, x)
        return self

    def predict_proba(self, x: np.ndarray) -> np.ndarray:
        p = x.mean((1, 2))
        return np.stack([1 - p, p], axis=1)


def test_the_worker_standardises_by_training_trials_and_does_each_job_once(
    parts: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator
) -> None:
    monkeypatch.setattr(parts.aeon_worker, "classifier", lambda name: Means())
    monkeypatch.setattr(Means, "fitted", ())
    x, train = rng.normal(3, 2, (6, 2, 5)), np.array([[1, 1, 1, 1, 0, 0], [0, 0, 1, 1, 1, 1]], bool)
    np.savez(tmp_path / "a.npz", x=x, y=np.array([0, 1, 0, 1, 0, 1]), train=train)
    (tmp_path / "jobs.txt").write_text("a\tQUANT\n")
    parts.aeon_worker.fit(tmp_path)
    parts.aeon_worker.fit(tmp_path)
    assert len(Means.fitted) == 2, "one fit for each fold, and none where the result is there"
    for own in Means.fitted:
        np.testing.assert_allclose(own.mean((0, 2)), 0, atol=1e-12)
        np.testing.assert_allclose(own.std((0, 2)), 1)
    found = np.load(tmp_path / "a.QUANT.npy")
    seen = x[train[1]]
    z = (x - seen.mean((0, 2), keepdims=True)) / seen.std((0, 2), keepdims=True)
    np.testing.assert_allclose(found[1], z.mean((1, 2)))


def test_series_are_trained_and_tested_as_published(parts: SimpleNamespace, tmp_path: Path) -> None:
    for name in parts.problems.SERIES:
        y, train = np.array([0, 1, 0, 1, 1, 0]), np.array([1, 1, 1, 0, 0, 0], bool)
        x = np.arange(36.0).reshape(6, 2, 3)
        np.savez(tmp_path / f"{name}.series.npz", x=x, y=y, train=train, class_name="up", classes=4)
    found = list(parts.problems.series(tmp_path))
    assert found[0].name == "ArrowHead: up against 3 others"
    prepared = found[0].prepared("default")
    check_folds(prepared.folds, prepared.dataset)
    assert np.asarray(prepared.dataset.x)[1, 2].tolist() == [8.0, 11.0]
    assert prepared.folds.test.tolist() == [[False, False, False, True, True, True]]


def test_aeon_gets_small_first_draws_and_inception_six_problems(parts: SimpleNamespace) -> None:
    arguments = parts.script.Arguments(Path("scores.csv"))
    every = [
        *(parts.problems.Problem("series", f"{name}: a against the other") for name in parts.problems.SERIES),
        parts.problems.Problem("recording", "PupillometryR: New participants"),
        *parts.problems.simulated_studies(2),
    ]
    assert len(list(parts.script.aeon_problems(every, "InceptionTime", arguments))) == 6
    assert len(list(parts.script.aeon_problems(every, "QUANT", arguments))) == 4 + 9
    stems = {parts.aeon_scores.stem_of(problem) for problem in every}
    assert len(stems) == len(every), "each problem has a file of its own"


# -------------------------------------------------------------------------------------------------------- whole runs


def test_the_tables_name_what_is_worse(parts: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    cells = {
        "phasic, 0.1 mm, 8 x 6": [(0.9, 0.6), (0.9, 0.61), (0.9, 0.59)],
        "late, 0.3 mm, 8 x 6": [(0.5, 0.9), (0.5, 0.91), (0.5, 0.89)],
        "late, 0.3 mm, 12 x 8": [(0.7, 0.6)],
    }
    rows = rows_of(parts, cells)
    rows.append(
        parts.scores_file.Row("recording", "a recording", 0, "pupil features", "0.1.0", 0.6, -0.02, -0.1, 0.06, 0.6)
    )
    parts.tables.show(rows)
    out = capsys.readouterr().out
    assert "| late, 0.3 mm, 8 x 6 | - | - | - | -0.400 (-0.416 to -0.384) | < .001 | < .001 |" in out
    assert "| late, 0.3 mm, 12 x 8 | - | - | - | +0.100 (no interval) | - | - |" in out
    assert "The network is below a reference in 2 of 4 pairs:" in out
    assert "- -0.020 against pupil features: a recording" in out
    assert "After Holm it is worse in 1 pair: late, 0.3 mm, 8 x 6 (MiniRocket), and better in 1 pair." in out


@pytest.mark.weekly
def test_what_is_recorded_is_not_computed_again_and_combined_joins_it(
    parts: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = parts.problems.Simulated("simulated", "phasic, 0.3 mm, 8 x 6", 0, effect_mm=0.3)
    quick = smilejax.TrainingSettings(epochs=2)
    monkeypatch.setattr(parts.scores.smilejax, "TrainingSettings", lambda: quick)
    rows = list(parts.scores.package_rows(problem, set(), with_combined=False))
    pairs = {(row.classifier, row.recipe) for row in rows}
    assert len(rows) == len(pairs) == 7
    assert all(0.0 <= row.balanced_accuracy <= 1.0 and row.p is None for row in rows)
    assert list(parts.scores.package_rows(problem, pairs, with_combined=False)) == []
    (combined,) = parts.scores.package_rows(problem, pairs, with_combined=True)
    assert combined.classifier == "combined"
    by_name = {(row.classifier, row.recipe): row.balanced_accuracy for row in rows}
    assert by_name["MiniRocket", "default"] > 0.6
    # After two epochs the network knows nothing, and MiniRocket decides.
    assert combined.balanced_accuracy > by_name["network together", "default"]
