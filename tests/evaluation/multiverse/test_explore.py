"""All recipes of a grid on one recording: as each would be alone, with few programs, and reported progress."""

from dataclasses import replace
from typing import Any

import jax
import numpy as np
import pytest

import smilejax
from smilejax import Recipe, Trials, TrialStatus
from smilejax._util.errors import DataError, SettingsError, SmilejaxError
from smilejax.evaluation.class_difference.contrast import contrast
from smilejax.evaluation.multiverse import Multiverse, RecipeGrid, cleaned_traces, explore, recipe_grid
from smilejax.evaluation.multiverse.quick_classifier import assign_folds, binned, quick_score
from smilejax.preprocess import pipeline
from smilejax.preprocess.pipeline import settle

KEY = jax.random.key(2)
BASE = replace(Recipe.minimal(), duration_ms=1500.0, resample_hz=20.0)
VARY = {"baseline_ms": (None, 200.0), "pad_ms": (None, 20.0), "max_gap_ms": (50.0, 250.0)}


@pytest.fixture(scope="module")
def trials() -> Trials:
    """Four participants, four trials each, with gaps; one trial of no class, one with too much missing."""
    rng = np.random.default_rng(3)
    level = 3 + 0.3 * rng.normal(size=(16, 1)) + np.cumsum(0.02 * rng.normal(size=(16, 90)), axis=1)
    pupil = level[:, :, None] + 0.01 * rng.normal(size=(16, 90, 2))
    for row in range(16):
        for _ in range(3):
            at, length = rng.integers(0, 85), rng.integers(2, 20)
            pupil[row, at : at + length, rng.integers(0, 2) :] = np.nan
    pupil[9, :60] = np.nan
    label = np.arange(16) % 2
    label[5] = -1
    return Trials(
        pupil=pupil,
        length=np.full(16, 90),
        rate_hz=60.0,
        unit="mm",
        label=label,
        class_names=("posed", "genuine"),
        trial=tuple(f"t{row}" for row in range(16)),
        participant=tuple(f"p{row // 4}" for row in range(16)),
    )


@pytest.fixture(scope="module")
def grid(trials: Trials) -> RecipeGrid:
    return recipe_grid(BASE, VARY, trials)


@pytest.fixture(scope="module")
def progress() -> list[int]:
    """What progress was called with."""
    return []


@pytest.fixture(scope="module")
def compiled() -> list[int]:
    """How many programs were compiled before and after."""
    return []


@pytest.fixture(scope="module")
def found(trials: Trials, grid: RecipeGrid, progress: list[int], compiled: list[int]) -> Multiverse:
    compiled.append(pipeline._run_blocks._cache_size())
    made = explore(trials, grid, key=KEY, window_ms=(300.0, 1200.0), progress=progress.append)
    compiled.append(pipeline._run_blocks._cache_size())
    return made


@pytest.mark.parametrize("rows", [(0, 6), pytest.param((1, 2, 3, 4, 5, 7), marks=pytest.mark.weekly)])
def test_every_recipe_is_as_if_it_had_been_prepared_alone(
    trials: Trials, grid: RecipeGrid, found: Multiverse, rows: tuple[int, ...]
) -> None:
    """Traces, kept trials, differences and scores: a shared program with steps that do nothing changes none of them."""
    assert len(grid.recipes) == 8
    settled = [settle(recipe, trials) for recipe in grid.recipes]
    fold, _ = assign_folds(_participants(trials), trials.label, key=KEY)
    for row, (_, seen) in enumerate(cleaned_traces(trials, settled)):
        if row not in rows:
            continue
        alone = smilejax.prepare(trials, grid.recipes[row])
        np.testing.assert_array_equal(seen.status, alone.status)
        np.testing.assert_array_equal(seen.valid, alone.valid)
        # Two programs round differently: by a few last bits of a pupil of 4 mm.
        np.testing.assert_allclose(seen.x, np.asarray(alone.x)[:, :, 0], rtol=0, atol=4e-6)
        kept = alone.kept & (trials.label >= 0)
        x, valid = np.asarray(alone.x)[kept][:, :, 0].astype(np.float64), np.asarray(alone.valid)[kept]
        y, own = trials.label[kept], _participants(trials)[kept]
        one = jax.tree.map(lambda leaf, at=row: leaf[at], found.results)
        assert one.kept.tolist() == [int((y == k).sum()) for k in (0, 1)]
        difference = contrast(x, valid, y, own, found.time_ms, (300.0, 1200.0), "participants")
        jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-5), one.contrast, difference)
        whole, inside = np.asarray(alone.x)[:, :, 0].astype(np.float64), np.asarray(alone.valid)
        held = quick_score(binned(whole, inside, 20.0), kept, trials.label, _participants(trials), fold)
        jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-5), one.score, held)


def _participants(trials: Trials) -> np.ndarray:
    return np.array([list(dict.fromkeys(trials.participant)).index(name) for name in trials.participant], np.int32)


def test_the_grid_is_not_one_recipe_eight_times(found: Multiverse) -> None:
    assert len(np.unique(found.results.contrast.window.difference)) > 4
    assert len(np.unique(found.results.score.auc)) > 1


def test_trials_without_class_and_rejected_ones_are_not_counted(trials: Trials, found: Multiverse) -> None:
    status = np.asarray(smilejax.prepare(trials, found.grid.recipes[found.grid.base]).status)
    assert status[9] == TrialStatus.TOO_MUCH_MISSING
    assert found.results.kept[found.grid.base].sum() == (status == TrialStatus.KEPT).sum() - 1 <= 14
    assert (found.results.score.n_scored == found.results.kept.sum(1)).all()


def test_recipes_that_differ_in_numbers_share_a_program(
    trials: Trials, found: Multiverse, progress: list[int], compiled: list[int]
) -> None:
    """With a baseline and without are two programs; lengths, and whether edges are padded, are numbers."""
    assert found.programs == 2
    assert compiled[1] - compiled[0] == 2
    assert progress == [1, 2, 3, 4, 5, 6, 7, 8]
    other_numbers = VARY | {"max_gap_ms": (70.0, 90.0), "max_missing": (0.3,), "range_mm": ((2.0, 8.0),)}
    before = pipeline._run_blocks._cache_size()
    assert explore(trials, recipe_grid(BASE, other_numbers, trials), key=KEY).programs == 2
    assert pipeline._run_blocks._cache_size() == before, "found compiled"


def test_time_is_divided_into_compiling_and_running(found: Multiverse) -> None:
    assert found.compile_s > 0
    assert found.run_s > 0


def test_recipes_with_identical_traces_are_marked(trials: Trials) -> None:
    """Without a walk nothing depends on its speed; what is filled depends on the gap."""
    vary = {"pad_ms": (None, 20.0), "blink_edge_mads": (2.0, 3.0), "max_gap_ms": (50.0, 250.0)}
    found = explore(trials, recipe_grid(BASE, vary, trials), key=KEY)
    assert found.same_as.tolist() == [0, 1, 0, 1, 4, 5, 4, 5]
    assert found.programs == 1
    difference = found.results.contrast.window.difference
    np.testing.assert_array_equal(difference[[0, 1, 4, 5]], difference[[2, 3, 6, 7]])


def test_kept_trials_alone_make_a_recipe_another(trials: Trials) -> None:
    found = explore(trials, recipe_grid(BASE, {"max_missing": (0.99, 0.98, 0.5)}, trials), key=KEY)
    assert found.same_as.tolist() == [0, 0, 2]


@pytest.mark.parametrize("unit", ["mm", "au"])
def test_what_is_settled_before_the_program_varies_too(trials: Trials, unit: Any) -> None:
    """The plausible range is found on the host; the tracker's blinks are read there."""
    blink = np.zeros(trials.pupil.shape, bool)
    blink[:, 30:40] = True
    given = replace(trials, unit=unit, blink=blink)
    vary = {"range_mm": ((1.5, 9.0), (2.9, 3.1)), "range_mads": (12.0, 1.0), "tracker_blinks": (True, False)}
    grid = recipe_grid(BASE, vary, given)
    for (_, seen), recipe in zip(
        cleaned_traces(given, [settle(r, given) for r in grid.recipes]), grid.recipes, strict=True
    ):
        np.testing.assert_array_equal(seen.valid, smilejax.prepare(given, recipe).valid)
    assert len(set(explore(given, grid, key=KEY).same_as.tolist())) == 4, "one of the two ranges matters in a unit"


@pytest.mark.parametrize(("participants", "split_by"), [(1, "trials"), (16, "participants")])
def test_the_interval_takes_as_independent_what_folds_are_made_of(
    trials: Trials, participants: int, split_by: str
) -> None:
    given = replace(trials, participant=tuple(f"p{row % participants}" for row in range(16)))
    few = recipe_grid(BASE, {"max_gap_ms": (250.0,)}, trials)
    one, same, other = (explore(given, few, key=jax.random.key(seed)) for seed in (0, 0, 1))
    assert (one.by, one.split_by) == ("trials", split_by)
    dataset = smilejax.prepare(given, few.recipes[0])
    kept = dataset.kept & (given.label >= 0)
    x, valid = np.asarray(dataset.x)[:, :, 0].astype(np.float64), np.asarray(dataset.valid)
    fold, _ = assign_folds(_participants(given), given.label, key=jax.random.key(0))
    alone = quick_score(binned(x, valid, 20.0), kept, given.label, np.arange(16, dtype=np.int32), fold)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a[0], b, atol=1e-5), one.results.score, alone)
    assert np.isfinite(alone[:6]).all()
    jax.tree.map(np.testing.assert_array_equal, one.results, same.results)
    jax.tree.map(np.testing.assert_array_equal, one.results.contrast, other.results.contrast)
    assert one.results.score.auc != other.results.score.auc, "the key settles the folds"


def test_a_planted_difference_is_found(trials: Trials) -> None:
    """Half a millimetre more over the trial, where there is nothing else but a little noise."""
    rng = np.random.default_rng(0)
    pupil = 3 + 0.002 * rng.normal(size=trials.pupil.shape)
    rise = 0.5 * np.arange(90) / 90
    planted = pupil + rise[:, None] * (trials.label == 1)[:, None, None]
    few = recipe_grid(replace(BASE, baseline_ms=50.0), {"max_gap_ms": (100.0, 250.0)}, trials)
    nothing, found = (explore(replace(trials, pupil=given), few, key=KEY) for given in (pupil, planted))
    np.testing.assert_allclose(found.results.contrast.curve.difference, np.tile(rise[::3], (2, 1)), atol=0.006)
    np.testing.assert_allclose(nothing.results.contrast.curve.difference, 0.0, atol=0.006)
    window = found.results.contrast.window
    np.testing.assert_allclose(window.difference, rise[60::3].mean(), atol=0.003)
    assert (window.low > 0.4).all()
    assert (window.p < 1e-4).all()
    np.testing.assert_array_equal(found.results.contrast.peak_ms, [1450.0, 1450.0])
    np.testing.assert_array_equal(found.results.score.auc, [1.0, 1.0])
    assert (nothing.results.score.auc < 0.9).all()


@pytest.mark.parametrize(
    ("baseline", "unit"), [("subtract", "mm"), pytest.param("percent", "percent", marks=pytest.mark.weekly)]
)
def test_the_unit_is_that_of_the_correction(trials: Trials, baseline: Any, unit: str) -> None:
    base = replace(BASE, baseline=baseline)
    assert explore(trials, recipe_grid(base, {"max_missing": (0.5,)}, trials), key=KEY).unit == unit


# The window.


def window(trials: Trials, given: Any, **changes: Any) -> tuple[float, float]:
    base = replace(BASE, **changes)
    return explore(trials, recipe_grid(base, {"max_missing": (0.5,)}, trials), key=KEY, window_ms=given).window_ms


def test_a_window_is_cut_to_the_trial_and_starts_at_a_second_by_default(trials: Trials) -> None:
    assert window(trials, None) == (1000.0, 1500.0)
    assert window(trials, (500, 99_000)) == (500.0, 1500.0)


@pytest.mark.weekly
def test_a_trial_of_a_second_is_a_window(trials: Trials) -> None:
    assert window(trials, None, duration_ms=1000.0) == (0.0, 1000.0), "no longer than a second: all of it"


def test_a_window_is_relative_to_onset(trials: Trials) -> None:
    """The same samples, half a second of them before onset: the same differences, at earlier times."""
    early = replace(trials, start_ms=-500.0)
    base = replace(BASE, baseline_ms=None)
    found, moved = (
        explore(one, recipe_grid(base, {"max_missing": (0.5,)}, one), key=KEY, window_ms=given)
        for one, given in ((trials, (500.0, 1000.0)), (early, (0.0, 500.0)))
    )
    assert (moved.window_ms, moved.time_ms[0]) == ((0.0, 500.0), -500.0)
    np.testing.assert_array_equal(found.time_ms - 500, moved.time_ms)
    np.testing.assert_array_equal(found.results.contrast.window.difference, moved.results.contrast.window.difference)
    assert window(early, None, baseline_ms=None) == (0.0, 1000.0)
    assert window(early, (-400, -100), baseline_ms=None) == (-400.0, -100.0)


@pytest.mark.parametrize(
    "given", [(1500.0, 1600.0), (800.0, 800.0), (900.0, 300.0), (-100.0, 500.0), (901.0, 949.0), (float("nan"), 900.0)]
)
def test_a_window_without_a_step_is_refused(trials: Trials, given: tuple[float, float]) -> None:
    with pytest.raises(SettingsError) as caught:
        window(trials, given)
    assert str(caught.value) == (
        "window_ms must be two times, the first below the second, with a step of the trial between them (steps are at 0 to "
        f"1450 ms); it is {given!r}."
    )


# What is refused.


@pytest.mark.parametrize(("label", "counts"), [(0, "16 posed and 0 genuine"), (1, "0 posed and 16 genuine")])
def test_one_class_has_no_difference(trials: Trials, grid: RecipeGrid, label: int, counts: str) -> None:
    with pytest.raises(DataError) as caught:
        explore(replace(trials, label=np.full(16, label)), grid, key=KEY)
    assert str(caught.value) == (
        f"a difference needs trials of both classes; there are {counts}. Check the labels with `smilejax check`."
    )


def test_a_key_must_be_a_key(trials: Trials, grid: RecipeGrid) -> None:
    with pytest.raises(SmilejaxError, match="key"):
        explore(trials, grid, key=7)  # type: ignore[arg-type]


def test_a_recipe_must_fit_the_recording(trials: Trials) -> None:
    with pytest.raises(SettingsError, match="lowpass_hz must be below half the recording's rate of 60 Hz; it is 30"):
        explore(trials, recipe_grid(BASE, {"lowpass_hz": (4.0, 30.0)}), key=KEY)
