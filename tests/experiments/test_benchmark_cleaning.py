"""The benchmark of the cleaning counts what it says it counts, and its page says what the code does."""

import sys
from pathlib import Path
from types import SimpleNamespace

import jax
import numpy as np
import pytest

import smilejax
from smilejax import Destruction, Reason, Recipe, TrialStatus
from smilejax.preprocess.reasons import FACE_REASONS, PUPIL_REASONS
from smilejax.preprocess.recipe import RECIPES

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "cleaning.md"


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    monkeypatch.syspath_prepend(str(ROOT / "experiments"))
    from cleaning import against_truth, rates, recipes, tables

    yield SimpleNamespace(truth=against_truth, rates=rates, recipes=recipes, tables=tables)
    for name in [n for n in sys.modules if n.split(".")[0] == "cleaning"]:
        del sys.modules[name]


def test_the_spread_of_equal_studies_is_that_of_their_mean(bench: SimpleNamespace) -> None:
    over = np.array([1.0, 3.0, 2.0, 6.0])
    value, error = bench.tables.ratio(over, np.full(4, 10.0))
    assert value == pytest.approx(0.3)
    assert error == pytest.approx((over / 10).std(ddof=1) / 2)
    assert bench.tables.ratio(np.array([8.0]), np.array([2.0]), root=True)[0] == 2.0


def test_runs_and_lines(bench: SimpleNamespace) -> None:
    marked = np.array([[0, 1, 1, 0, 1], [1, 0, 0, 0, 0]], bool)
    assert bench.truth.run_length(marked).tolist() == [[0, 2, 2, 0, 1], [1, 0, 0, 0, 0]]
    values = np.array([[1.0, 9.0, 9.0, 4.0, 9.0]])
    assert bench.truth.on_lines(values, np.array([[1, 0, 0, 1, 0]], bool)).tolist() == [[1.0, 2.0, 3.0, 4.0, 4.0]]


def test_edges_agree_within_a_frame_and_no_further(bench: SimpleNamespace) -> None:
    def mask(*marked: int) -> np.ndarray:
        m = np.zeros((1, 20), bool)
        m[0, list(marked)] = True
        return m

    a = mask(5, 6, 7, 8)
    for b, edges, beyond in (
        (mask(5, 6, 7, 8), 4, []),
        (mask(6, 7, 8, 9), 4, []),
        (mask(7, 8), 2, [5, 6]),
        (mask(5, 8), 4, [6, 7]),
        (mask(5, 6, 7, 8, 15), 4, [15]),
    ):
        assert bench.rates.edges_within_a_frame(a, b)[0] == edges
        assert np.flatnonzero(bench.rates.beyond_a_frame(a, b)[0]).tolist() == beyond


def test_a_recipe_against_the_truth(bench: SimpleNamespace) -> None:
    """Counted once more by hand, on a recipe that marks nothing and fills all."""
    settings = smilejax.SimulationSettings(participants=1, smilers=5, duration_ms=4000.0, blinks_per_minute=20.0)
    study = smilejax.simulate_study(settings, key=jax.random.key(0))
    found = bench.truth.compare(study, Recipe.report())
    destroyed, missing = study.truth.destroyed, np.isnan(study.trials.pupil)
    assert found.recall()[0] == pytest.approx(missing.sum() / (destroyed != 0).sum())
    assert found.recall(bench.truth.WRONG)[0] == 0.0
    assert found.lost()[0] == 0.0
    assert found.precision()[0] == 1.0
    truth = study.truth.clean_mm.mean(-1)
    square = count = 0
    for trial in range(10):
        seen = ~missing[trial].all(-1)
        with np.errstate(invalid="ignore"):
            mean = np.nansum(study.trials.pupil[trial], -1) / np.maximum((~missing[trial]).sum(-1), 1)
        filled = np.interp(np.arange(len(seen)), np.flatnonzero(seen), mean[seen])
        square += np.sum((filled - truth[trial])[~seen] ** 2)
        count += np.count_nonzero(~seen)
    assert found.gaps.count[0] == count > 0
    assert found.gaps.rms()[0] == pytest.approx(np.sqrt(square / count), rel=1e-4)
    assert found.whole.count[0] == found.samples[0] == truth.size


@pytest.mark.weekly
def test_the_finished_trace_is_compared_where_and_when_it_is(bench: SimpleNamespace) -> None:
    """Without noise and artefacts what is left is the low-pass, the rate and the baseline added back: next to nothing."""
    quiet = dict.fromkeys(("noise_mm", "blinks_per_minute", "losses_per_minute", "spikes_per_minute"), 0.0)
    # At 30 Hz every other step of 20 Hz lies between two samples.
    settings = smilejax.SimulationSettings(participants=1, smilers=5, rate_hz=30.0, **quiet)
    found = bench.truth.compare(smilejax.simulate_study(settings, key=jax.random.key(0)), Recipe(resample_hz=20.0))
    assert found.kept[0] == 10
    assert found.done_whole.count[0] == 10 * 200
    assert found.done_whole.rms()[0] < 2e-3


def test_the_page_has_the_recipes_as_they_are(bench: SimpleNamespace) -> None:
    """Printed by `python experiments/benchmark_cleaning.py recipes`."""
    page = PAGE.read_text()
    for name in RECIPES:
        assert bench.recipes.described(name) in page, name


def test_the_page_names_every_reason_status_and_kind() -> None:
    page, of_faces = PAGE.read_text(), PAGE.with_name("faces.md").read_text()
    for reason in Reason:
        row = f"| {reason.value} | `{reason.name}` | {reason.words} |"
        assert (row in page) == (reason in PUPIL_REASONS), row
        assert (row in of_faces) == (reason in FACE_REASONS), row
    for status in TrialStatus:
        row = f"| {status.value} | {status.words} |"
        assert row in (of_faces if status in (TrialStatus.NO_NEUTRAL_FACE, TrialStatus.NO_ONSET) else page), row
    for kind in list(Destruction)[1:]:
        assert kind.name.lower() in page
