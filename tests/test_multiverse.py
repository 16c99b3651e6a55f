"""The multiverse: differences and scores by plain recomputation, and every recipe as if it had been run alone."""

from dataclasses import replace

import jax
import numpy as np
import pytest
from scipy import stats

import smilejax
from smilejax import Recipe, SimulationSettings
from smilejax.errors import DataError, SettingsError
from smilejax.multiverse import explore, marginals, overall, recipe_grid, recipe_table, sentences, trace_table
from smilejax.multiverse.contrast import contrast, unit_of
from smilejax.multiverse.scoring import binned, folds, held_out, score

TIME_MS = np.arange(12) * 100.0
VARY = {"max_gap_ms": (100.0, 400.0), "max_missing": (0.25, 0.5), "baseline_ms": (None, 200.0)}


@pytest.fixture(scope="module")
def trials():
    settings = SimulationSettings(participants=4, smilers=2, duration_ms=2500, effect_onset_ms=500, effect_mm=0.6)
    return smilejax.simulate_study(settings, key=jax.random.key(1)).trials


@pytest.fixture(scope="module")
def found(trials):
    return explore(trials, recipe_grid(Recipe(), VARY, trials), key=jax.random.key(0))


def _made_up(seed: int = 0):
    """Traces with gaps, of 5 participants with unequal numbers of trials."""
    rng = np.random.default_rng(seed)
    participant = np.array([0] * 6 + [1] * 4 + [2] * 5 + [3] * 3 + [4] * 4, np.int32)
    label = (rng.permutation(len(participant)) % 2).astype(np.int32)
    label[:2], label[6:8] = (0, 1), (0, 1)
    x = np.cumsum(rng.normal(size=(len(label), 12)), axis=1) + 0.4 * label[:, None] + participant[:, None]
    valid = rng.random(x.shape) < 0.85
    return np.where(valid, x, 0.0), valid, label, participant


def test_a_windows_difference_is_a_t_test_over_participants() -> None:
    x, valid, label, participant = _made_up()
    got = contrast(x, valid, label, participant, TIME_MS, (300.0, 900.0), unit_of(participant, label))
    steps = (TIME_MS >= 300) & (TIME_MS < 900)
    apart = []
    for person in range(5):
        means = []
        for k in (0, 1):
            rows = (participant == person) & (label == k)
            if not rows.any():
                break
            own = np.where(valid[rows], x[rows], np.nan)
            means.append([np.nanmean(own[:, t]) if valid[rows][:, t].any() else np.nan for t in range(12)])
        if len(means) == 2:
            apart.append(np.nanmean((np.array(means[1]) - np.array(means[0]))[steps]))
    test = stats.ttest_1samp(apart, 0)
    interval = test.confidence_interval()
    assert got.units == len(apart) >= 3
    np.testing.assert_allclose(
        [got.window.difference, got.window.low, got.window.high, got.window.p],
        [np.mean(apart), interval.low, interval.high, test.pvalue],
    )


def test_by_trials_it_is_welchs() -> None:
    x, valid, label, _ = _made_up()
    everyone = np.arange(len(label), dtype=np.int32)
    assert unit_of(everyone, label) == "trials"
    got = contrast(x, valid, label, everyone, TIME_MS, (0.0, 1200.0), "trials")
    means = np.array([np.mean(row[there]) for row, there in zip(x, valid, strict=True)])
    test = stats.ttest_ind(means[label == 1], means[label == 0], equal_var=False)
    np.testing.assert_allclose(got.whole.p, test.pvalue)
    np.testing.assert_allclose([got.whole.low, got.whole.high], test.confidence_interval())
    at = int(np.argmax(np.abs(got.curve.difference)))
    assert got.peak_ms == TIME_MS[at]
    assert got.peak.difference == got.curve.difference[at]


def test_bins_are_means_of_what_is_valid() -> None:
    x, valid, *_ = _made_up()
    got = binned(x, valid, 30.0)
    assert got.shape == (len(x), 4)
    for trial in range(len(x)):
        for bin_ in range(4):
            steps = slice(3 * bin_, 3 * bin_ + 3)
            own = x[trial, steps][valid[trial, steps]]
            np.testing.assert_allclose(got[trial, bin_], own.mean() if own.size else np.nan)


def test_scores_are_counts_of_held_out_answers() -> None:
    x, valid, label, participant = _made_up()
    seen = binned(x, valid, 30.0)
    fold, by = folds(participant, label, key=jax.random.key(0))
    assert by == "participants"
    assert all(len(set(fold[participant == person])) == 1 for person in range(5))
    answers = held_out(seen, label, fold)
    got = score(seen, label, participant, fold)
    hits = [np.mean((answers[label == k] > 0) == k) for k in (0, 1)]
    np.testing.assert_allclose(got.accuracy, np.mean(hits))
    pairs = [(a > b) + 0.5 * (a == b) for a in answers[label == 1] for b in answers[label == 0]]
    np.testing.assert_allclose(got.auc, np.mean(pairs))


def test_what_is_held_out_is_not_learned_from() -> None:
    x, valid, label, participant = _made_up()
    seen, fold = binned(x, valid, 30.0), participant
    before = held_out(seen, label, fold)
    changed = seen.copy()
    changed[fold == 2] = changed[fold == 2] * 50 + 7
    others_label = np.where(fold == 2, 1 - label, label)
    after = held_out(changed, others_label, fold)
    # Of fold 2 itself the answers change with its trials; what answers them does not: give it the old trials back.
    again = held_out(np.where((fold == 2)[:, None], seen, changed), np.where(fold == 2, label, others_label), fold)
    np.testing.assert_array_equal(again[fold == 2], before[fold == 2])
    assert np.abs(after[fold == 0] - before[fold == 0]).max() > 1e-6  # fold 0 does learn from fold 2


def test_every_recipe_is_as_if_run_alone(trials, found) -> None:
    assert len(found.grid) == 8
    assert found.programs == 2  # with a baseline and without: other numbers are the same program
    label = np.asarray(trials.label)
    for row in (0, 3, found.grid.base):
        dataset = smilejax.prepare(trials, found.grid.recipes[row])
        kept = dataset.kept
        assert found.outcome.kept[row].tolist() == [int((label[kept] == k).sum()) for k in (0, 1)]
        x, valid = np.asarray(dataset.x)[:, :, 0].astype(np.float64), np.asarray(dataset.valid)
        people = np.asarray(dataset.participant)
        alone = contrast(x[kept], valid[kept], label[kept], people[kept], found.time_ms, found.window_ms, found.by)
        np.testing.assert_allclose(found.outcome.contrast.window.difference[row], alone.window.difference, atol=1e-5)
        np.testing.assert_allclose(found.outcome.contrast.curve.mean[row], alone.curve.mean, atol=1e-5)


def test_tables_hold_every_recipe(found) -> None:
    table, traces = recipe_table(found), trace_table(found)
    assert len(table) == 8
    assert table["base"].sum() == 1
    assert table.loc[table["base"], ["max_gap_ms", "max_missing"]].to_numpy().tolist() == [[400.0, 0.5]]
    np.testing.assert_array_equal(table["window_difference_mm"], found.outcome.contrast.window.difference)
    assert len(traces) == 8 * len(found.time_ms)
    means = {(m.setting, m.value): m for m in marginals(found)}
    rows = table["max_gap_ms"] == 400.0
    np.testing.assert_allclose(means["max_gap_ms", 400.0].difference[0], table.loc[rows, "window_difference_mm"].mean())
    assert means["max_gap_ms", 400.0].recipes == 4


def _planted(found, differences: np.ndarray, half: float):
    window = found.outcome.contrast.window._replace(
        difference=differences, low=differences - half, high=differences + half
    )
    return replace(found, outcome=found.outcome._replace(contrast=found.outcome.contrast._replace(window=window)))


def test_the_wording_follows_the_numbers(found) -> None:
    up = _planted(found, np.linspace(0.1, 0.4, 8), 0.05)
    assert overall(up).above == 8
    assert "The sign holds: genuine lies above posed in all 8 recipes, by 0.1 to 0.4 mm" in sentences(up)
    assert "Every recipe's 95 % interval lies above 0." in sentences(up)
    mixed = _planted(found, np.linspace(-0.3, 0.4, 8), 1.0)
    assert "The sign does not hold: genuine lies above posed in 4 of 8 recipes, and below in 4" in sentences(mixed)
    assert "No recipe's 95 % interval leaves out 0." in sentences(mixed)
    none = _planted(found, np.full(8, np.nan), 1.0)
    assert "Too few participants with both classes are kept" in sentences(none)


@pytest.mark.parametrize(
    ("vary", "message"),
    [
        ({"nonsense": (1,)}, "nonsense"),
        ({"max_gap_ms": (100, -5)}, "max_gap_ms must be a number from 0 up, or inf; it is -5"),
        ({"lowpass_hz": (4, 100)}, "lowpass_hz must be below half the recording's rate of 60 Hz; it is 100"),
        ({"channels": (("left",),)}, "must be the same in all recipes of a grid"),
        ({"max_gap_ms": tuple(range(60)), "walk_ms": tuple(range(1, 60))}, "at most 2000 combinations; these are 3540"),
        ({}, "must vary at least one setting"),
    ],
)
def test_a_grid_that_makes_no_sense_is_refused(trials, vary: dict, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        recipe_grid(Recipe(), vary, trials)


def test_contradictions_within_a_grid_are_dropped_and_told(trials) -> None:
    grid = recipe_grid(Recipe(baseline="percent"), {"baseline_ms": (200.0, 500.0), "max_gap_ms": (0.0, 400.0)}, trials)
    assert (len(grid), len(grid.dropped)) == (4, 0)
    grid = recipe_grid(Recipe(), {"blink_response": (False, True), "max_gap_ms": (0.0, 400.0)}, trials)
    assert len(grid) == 3
    assert grid.dropped[0][0] == (True, 0.0)
    assert "blink_response must be False where max_gap_ms is 0" in grid.dropped[0][1]


def test_one_class_is_no_contrast(trials) -> None:
    only = trials.take(np.asarray(trials.label) == 0)
    with pytest.raises(DataError, match="a difference needs trials of both classes; there are 8 posed and 0 genuine"):
        explore(only, recipe_grid(Recipe(), VARY), key=jax.random.key(0))
