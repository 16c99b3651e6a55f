"""Power by simulation, against a plain loop over studies; what a design cannot reach, and what is refused."""

from dataclasses import replace

import jax
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from smilejax import PowerSettings, Recipe, SimulationSettings, TrainingSettings, prepare, simulate_study
from smilejax._util.errors import DataError, SettingsError
from smilejax.evaluation import power as module
from smilejax.evaluation.power import JudgedStudy, judge, power
from smilejax.settings import ModelSettings

pytestmark = pytest.mark.slow  # judges dozens of studies

SIMULATION = SimulationSettings(
    participants=4,
    smilers=6,
    rate_hz=20,
    duration_ms=3000,
    effect_onset_ms=500,
    spikes_per_minute=0,
    losses_per_minute=0,
    island_share=0,
)
RECIPE = Recipe.minimal()
SETTINGS = PowerSettings(studies=3, permutations=19, classifier="features", blocks=2, alpha=0.05, seed=2)


def of(effects: tuple[float, ...], settings: PowerSettings = SETTINGS, **more: object) -> pd.DataFrame:
    return power(SIMULATION, settings, effects_mm=effects, recipe=RECIPE, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def calls() -> list[int]:
    """What progress was called with."""
    return []


@pytest.fixture(scope="module")
def table(calls: list[int]) -> pd.DataFrame:
    return of((0.0, 0.3, 1.5), progress=calls.append)


def test_a_row_counts_the_studies_that_a_plain_loop_judges_significant(table: pd.DataFrame) -> None:
    for number, row in list(enumerate(table.itertuples()))[::2]:
        judged = []
        design = SimulationSettings(**{**vars(SIMULATION), "effect_mm": row.effect_mm})
        for study in range(3):
            key = jax.random.fold_in(jax.random.fold_in(jax.random.key(2), number), study)
            trials = simulate_study(design, key=jax.random.fold_in(key, 0)).trials
            judged.append(judge(trials, prepare(trials, RECIPE), SETTINGS, TrainingSettings(), key=key))
        significant = sum(one.p <= 0.05 for one in judged)
        assert (row.studies, row.judged, row.significant) == (3, 3, significant)
        assert row.power == significant / 3
        interval = stats.binomtest(significant, 3).proportion_ci(0.95, method="wilson")
        assert (row.low, row.high) == pytest.approx((interval.low, interval.high))
        assert row.balanced_accuracy == pytest.approx(np.mean([one.balanced_accuracy for one in judged]))
        assert row.scored_on == "participant-and-stimulus" == judged[0].protocol
        assert row.permutations == 19 == judged[0].permutations


def test_the_size_of_a_design_stands_in_its_row(table: pd.DataFrame) -> None:
    assert table["effect_mm"].tolist() == [0.0, 0.3, 1.5]
    assert table[["participants", "smilers", "stimuli", "trials"]].drop_duplicates().to_numpy().tolist() == [
        [4, 6, 12, 48]
    ]


def test_power_grows_with_the_effect(table: pd.DataFrame) -> None:
    """From none to five times the default effect."""
    assert table["power"].is_monotonic_increasing
    assert table["balanced_accuracy"].is_monotonic_increasing
    assert table["power"].iloc[0] < 0.5
    assert table["power"].iloc[-1] == 1.0


def test_progress_is_called_after_every_study(table: pd.DataFrame, calls: list[int]) -> None:
    assert calls == [1] * 9


def test_p_is_among_the_values_that_the_permutations_allow(table: pd.DataFrame) -> None:
    assert table["smallest_p"].tolist() == [1 / 20] * 3
    assert (table["note"] == "").all(), "p = 1 / 20 is .05, which is significant"


def test_a_design_that_cannot_reach_alpha_has_no_power_and_says_so() -> None:
    few = PowerSettings(studies=2, permutations=18, classifier="features", blocks=2, alpha=0.05, seed=2)
    row = of((1.5,), few).iloc[0]
    assert (row["smallest_p"], row["permutations"]) == (1 / 19, 18)
    assert (row["significant"], row["power"], row["judged"]) == (0, 0.0, 2)
    assert row["note"] == "no study of this size can reach p = 0.05"


def test_studies_that_cannot_be_judged_count_as_not_significant(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of three has no folds; the two others are significant."""
    verdicts = iter([JudgedStudy(0.01, 0.8, 99, "participant"), None, JudgedStudy(0.05, 0.7, 49, "participant")])

    def judged(*_: object, **more: object) -> JudgedStudy:
        one = next(verdicts)
        if one is None:
            raise DataError("no fold has both classes.")
        return one

    monkeypatch.setattr(module, "judge", judged)
    row = of((0.3,)).iloc[0]
    assert (row["studies"], row["judged"], row["significant"]) == (3, 2, 2)
    assert row["power"] == pytest.approx(2 / 3)
    assert row["note"] == "1 of 3 studies could not be judged: no fold has both classes."
    assert (row["permutations"], row["smallest_p"]) == (49, 1 / 50)
    assert row["balanced_accuracy"] == pytest.approx(0.75)


def test_a_design_of_which_no_study_can_be_judged_has_no_power(monkeypatch: pytest.MonkeyPatch) -> None:
    def judged(*_: object, **more: object) -> JudgedStudy:
        raise DataError("nothing was kept.")

    monkeypatch.setattr(module, "judge", judged)
    row = of((0.3,)).iloc[0]
    assert np.isnan(row[["power", "low", "high", "balanced_accuracy", "smallest_p"]].astype(float)).all()
    assert (row["judged"], row["scored_on"]) == (0, "")
    assert row["note"] == "3 of 3 studies could not be judged: nothing was kept."


def test_the_networks_test_stops_early_and_those_of_other_classifiers_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of the first five permutations score as high: p = 2 / 5, though p as small as 1 / 20 was attainable."""

    def trained(*given: object) -> np.ndarray:
        *_, stop_after = given
        assert stop_after == 2
        return np.array([0.6, 0.5, 0.7, 0.5, 0.4, 0.6])

    monkeypatch.setattr(module, "_network", trained)
    trials = simulate_study(replace(SIMULATION, effect_mm=0.0), key=jax.random.key(0)).trials
    dataset = prepare(trials, RECIPE)

    def judged(classifier: str, stop_after: int) -> JudgedStudy:
        settings = replace(SETTINGS, stop_after=stop_after, classifier=classifier)
        return judge(trials, dataset, settings, TrainingSettings(), key=jax.random.key(1))

    network, features = judged("network", 2), judged("features", 1)
    assert (network.p, network.permutations) == (2 / 5, 19)
    assert features.p == judged("features", 0).p
    assert 0.05 < features.p < 1  # some permutation scored as high, so that a test which stops would have another p


def test_the_network_can_be_the_classifier() -> None:
    settings = PowerSettings(studies=1, permutations=2, classifier="network", blocks=2, alpha=0.4, seed=2)
    training = TrainingSettings(epochs=3, learning_rate=0.01, model=ModelSettings(hidden=4, dense=(6, 4)))
    row = of((1.5,), settings, training=training).iloc[0]
    assert (row["judged"], row["permutations"], row["smallest_p"]) == (1, 2, 1 / 3)
    assert 0 <= row["balanced_accuracy"] <= 1


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        (
            {"effects_mm": (0.1, -1.0)},
            r"effect_mm must be a number from 0 up, in mm; it is -1\.0\. An effect of the other",
        ),
        ({"participants": (8, 1)}, r"participants must be a whole number from 2 up; it is 1\. Studies are judged on"),
        ({"participants": (0,)}, r"participants must be a whole number from 1 up; it is 0"),
        ({"effects_mm": (11.0,)}, r"effect_mm must be a number at least -10 and at most 10; it is 11"),
        ({"smilers": (0,)}, r"smilers must be a whole number from 1 up; it is 0"),
    ],
)
def test_grids_that_are_refused(
    grid: dict[str, tuple[float, ...]], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **more: object) -> None:
        raise AssertionError("nothing may be simulated before the whole grid is checked")

    monkeypatch.setattr(module, "simulate_study", never)
    with pytest.raises(SettingsError, match=message):
        power(SIMULATION, SETTINGS, **grid)  # type: ignore[arg-type]
