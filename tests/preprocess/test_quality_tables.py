"""Tables of quality against numbers by hand."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import smilejax
from smilejax import Reason, Recipe, Trials
from smilejax.preprocess import Cleaned
from smilejax.preprocess.quality_tables import (
    SAMPLE_REASONS,
    class_quality,
    participant_quality,
    trial_quality,
)
from smilejax.recordings.recorded_eyes import recorded_eyes

RECIPE = replace(Recipe.minimal(), other_eye_ms=0.0, resample_hz=None)
"""Range, one eye from the other, baseline: reasons that can be planted."""
NAMES = ("posed", "genuine")


def four_trials(unit: str = "mm", scale: float = 1.0, **more: Any) -> Trials:
    """At 10 Hz: a whole one; one with gaps in one eye and in both and a pupil of 12 mm; nothing; one eye of half the length."""
    t = np.arange(20)
    pupil = np.full((4, 20, 2), np.nan)
    pupil[0, :, 0] = 3 + 0.1 * np.sin(t) + 0.03 * np.cos(3 * t)
    pupil[0, :, 1] = 1.1 * pupil[0, :, 0] + 0.02 * (t % 3)
    pupil[1] = pupil[0] + 0.2
    pupil[1, 4:7, 0], pupil[1, 10:12, 1], pupil[1, 14:17] = np.nan, 12.0, np.nan
    pupil[3, :10, 0] = 4 + 0.05 * (t[:10] % 4)
    return Trials(
        pupil=scale * pupil,
        length=np.array([20, 20, 20, 10]),
        rate_hz=10.0,
        unit=unit,
        label=np.array([0, 1, 1, -1]),
        class_names=NAMES,
        trial=("a", "b", "c", "d"),
        participant=("p", "p", "q", "q"),
        **more,
    )


@pytest.fixture(scope="module")
def cleaned() -> Cleaned:
    return smilejax.clean(four_trials(), RECIPE)


@pytest.fixture(scope="module")
def table(cleaned: Cleaned) -> pd.DataFrame:
    return trial_quality(four_trials(), cleaned, RECIPE)


def test_a_trials_numbers_are_those_by_hand(table: pd.DataFrame) -> None:
    nan = math.nan
    assert table["trial"].tolist() == ["a", "b", "c", "d"]
    assert table["participant"].tolist() == ["p", "p", "q", "q"]
    assert table["class"].astype(object).where(table["class"].notna(), None).tolist() == [*NAMES, "genuine", None]
    assert table["class"].cat.categories.tolist() == list(NAMES)
    expected = {
        "length_ms": [2000.0, 2000.0, 2000.0, 1000.0],
        "proportion_valid": [1.0, 17 / 20, 0.0, 1.0],
        "proportion_valid_left": [1.0, 14 / 20, 0.0, 1.0],
        "proportion_valid_right": [1.0, 15 / 20, nan, nan],
        "blinks": [0, 1, 0, 0],
        "longest_gap_ms": [0.0, 300.0, 2000.0, 0.0],
        "baseline_mm": [3.199335, 3.399335, nan, 4.025],
        "proportion_measured": [1.0, 29 / 40, 0.0, 1.0],
        "proportion_missing": [0.0, 6 / 40, 1.0, 0.0],
        "proportion_out_of_range": [0.0] * 4,  # those two were filled from the other eye
        "proportion_from_other_eye": [0.0, 5 / 40, 0.0, 0.0],
    }
    for column, values in expected.items():
        np.testing.assert_allclose(table[column], values, atol=2e-6, err_msg=column)
    assert table["status"].tolist() == ["kept", "kept", "nothing measured", "kept"]


def test_eyes_are_compared_and_noise_is_taken_over_measured_samples_only(table: pd.DataFrame) -> None:
    seen = four_trials().pupil[1].astype(np.float64)
    seen[seen == 12] = np.nan
    both = np.isfinite(seen).all(1)
    r = np.corrcoef(seen[both].T)[0, 1]
    np.testing.assert_allclose(table["eye_correlation"], [table["eye_correlation"][0], r, np.nan, np.nan], rtol=1e-5)
    for eye, name in enumerate(("left", "right")):
        about = seen[1:-1, eye] - (seen[:-2, eye] + seen[2:, eye]) / 2
        noise = 1.4826 * np.nanmedian(np.abs(about)) / math.sqrt(1.5)
        assert table[f"noise_{name}_mm"][1] == pytest.approx(noise, rel=1e-4)
    assert np.isnan(table["noise_left_mm"][2])
    assert np.isnan(table["noise_right_mm"][3])


def test_proportions_sum_to_one(table: pd.DataFrame) -> None:
    columns = [c for c in table if c.startswith("proportion_") and not c.startswith("proportion_valid")]
    assert columns == [f"proportion_{reason.name.lower()}" for reason in SAMPLE_REASONS]
    assert {Reason.FILLED, Reason.OUTSIDE}.isdisjoint(SAMPLE_REASONS)
    np.testing.assert_allclose(table[columns].sum(axis=1), 1.0, atol=1e-6)


def test_units_stand_in_the_names_and_the_numbers_are_in_them(table: pd.DataFrame) -> None:
    trials = four_trials("au", 100.0, stimulus=("s", "t", "s", "t"))
    recipe = replace(RECIPE, range_mads=50.0)
    other = trial_quality(trials, smilejax.clean(trials, recipe), recipe)
    renamed = [column.replace("_mm", "_au") for column in table]
    renamed.insert(renamed.index("length_ms"), "stimulus")
    assert list(other) == renamed
    assert other["stimulus"].tolist() == ["s", "t", "s", "t"]
    np.testing.assert_allclose(other["baseline_au"], 100 * table["baseline_mm"], rtol=1e-5)
    np.testing.assert_allclose(other["noise_left_au"], 100 * table["noise_left_mm"], rtol=1e-3)
    np.testing.assert_allclose(other["proportion_valid"], table["proportion_valid"])


def test_without_a_baseline_step_no_trial_has_one(cleaned: Cleaned) -> None:
    table = trial_quality(four_trials(), cleaned, replace(RECIPE, baseline_ms=None))
    assert table["baseline_mm"].isna().all()


def test_an_eye_that_never_changes_has_no_correlation() -> None:
    pupil = four_trials().pupil.copy()
    pupil[0, :, 1] = 3.5
    trials = replace(four_trials(), pupil=pupil)
    table = trial_quality(trials, smilejax.clean(trials, RECIPE), RECIPE)
    assert np.isnan(table["eye_correlation"][0])
    assert table["eye_correlation"][1] > 0.9


def planted(rng: np.random.Generator, participants: int = 5, trials: int = 9) -> pd.DataFrame:
    """A table as `trial_quality` gives it, with unequal numbers, gaps in its columns and trials of no class."""
    n = participants * trials
    kept = rng.random(n) < 0.7
    holes = rng.random(n) < 0.2
    return pd.DataFrame(
        {
            "participant": rng.choice([f"p{i}" for i in rng.permutation(participants)], n),
            "class": pd.Categorical.from_codes(rng.integers(-1, 2, n), categories=list(NAMES)),
            "length_ms": rng.uniform(500, 9000, n),
            "proportion_valid": rng.random(n),
            "blinks": rng.integers(0, 9, n),
            "longest_gap_ms": rng.uniform(0, 900, n),
            "eye_correlation": np.where(holes, np.nan, rng.uniform(-1, 1, n)),
            "noise_left_mm": rng.random(n),
            "baseline_mm": np.where(holes, np.nan, rng.uniform(2, 5, n)),
            "status": np.where(kept, "kept", "too much missing"),
        }
    )


def by_hand(part: pd.DataFrame) -> dict[str, float]:
    return {
        "trials": len(part),
        "kept": (part["status"] == "kept").sum(),
        "proportion_valid": sum(part["proportion_valid"]) / len(part),
        "blinks_per_minute": sum(part["blinks"]) / (sum(part["length_ms"]) / 60_000),
        "longest_gap_ms": max(part["longest_gap_ms"]),
        "eye_correlation": np.median(part["eye_correlation"].dropna()),
        "noise_left_mm": np.median(part["noise_left_mm"]),
        "baseline_mm": np.median(part["baseline_mm"].dropna()),
    }


def test_the_table_of_participants_equals_a_plain_loop(rng: np.random.Generator) -> None:
    table = planted(rng)
    found = participant_quality(table)
    participants = list(dict.fromkeys(table["participant"]))
    assert found["participant"].tolist() == participants
    expected = []
    for participant in participants:
        part = table[table["participant"] == participant]
        row = by_hand(part)
        for name in NAMES:
            here = part[part["class"] == name]
            row |= {f"trials_{name}": len(here), f"kept_{name}": (here["status"] == "kept").sum()}
        expected.append(row)
    pd.testing.assert_frame_equal(found.drop(columns="participant"), pd.DataFrame(expected), check_like=True)


def test_the_table_of_classes_equals_a_plain_loop_and_leaves_out_unknown_ones(rng: np.random.Generator) -> None:
    table = planted(rng)
    found = class_quality(table)
    assert found["class"].tolist() == list(NAMES), "in their order, which is not the alphabet's"
    expected = pd.DataFrame([by_hand(table[table["class"] == name]) for name in NAMES])
    pd.testing.assert_frame_equal(found.drop(columns="class"), expected, check_like=True)
    assert found["trials"].sum() < len(table)


def test_a_class_without_trials_has_an_empty_row(rng: np.random.Generator) -> None:
    table = planted(rng)
    found = class_quality(table[table["class"] != "genuine"])
    assert found["trials"].tolist() == [(table["class"] == "posed").sum(), 0]
    assert found.loc[1, ["proportion_valid", "blinks_per_minute", "baseline_mm"]].isna().all()


def test_a_table_from_a_file_gives_the_same_participants(rng: np.random.Generator, tmp_path: Path) -> None:
    table = planted(rng, participants=9, trials=12)
    table.to_csv(tmp_path / "table.csv", index=False)
    pd.testing.assert_frame_equal(
        participant_quality(pd.read_csv(tmp_path / "table.csv")),
        participant_quality(table),
        check_dtype=False,
        check_like=True,
    )


def one_eye(trials: Trials, rows: list[int], eye: int) -> Trials:
    """The trials without a sample of one eye in some rows."""
    pupil = trials.pupil.copy()
    pupil[rows, :, eye] = np.nan
    return replace(trials, pupil=pupil)


def test_an_eye_that_was_never_recorded_is_not_missing(table: pd.DataFrame) -> None:
    """Monocular: what is missing is missing of the eye that there is."""
    trials = one_eye(four_trials(), [0, 1, 2, 3], 1)
    found = trial_quality(trials, smilejax.clean(trials, RECIPE), RECIPE)
    np.testing.assert_allclose(found["proportion_missing"], [0.0, 6 / 20, 1.0, 0.0], atol=1e-6)
    np.testing.assert_allclose(found["proportion_measured"], [1.0, 14 / 20, 0.0, 1.0], atol=1e-6)
    np.testing.assert_allclose(found["proportion_valid"], [1.0, 14 / 20, 0.0, 1.0], atol=1e-6)
    np.testing.assert_allclose(found["proportion_valid_left"], [1.0, 14 / 20, 0.0, 1.0], atol=1e-6)
    assert found["proportion_valid_right"].isna().all()
    np.testing.assert_array_equal(found["length_ms"], table["length_ms"])
    np.testing.assert_allclose(
        found.filter(like="proportion_").filter(regex="^(?!.*valid)").sum(axis=1), 1.0, atol=1e-6
    )


def test_an_eye_lost_in_some_trials_is_missing_in_these() -> None:
    """Participant p has a right eye in trial a: in trial b it is missing. Participant q never had one."""
    trials = one_eye(four_trials(), [1, 2, 3], 1)
    assert recorded_eyes(trials).tolist() == [[True, True], [True, True], [True, False], [True, False]]
    found = trial_quality(trials, smilejax.clean(trials, RECIPE), RECIPE)
    np.testing.assert_allclose(found["proportion_missing"], [0.0, (6 + 20) / 40, 1.0, 0.0], atol=1e-6)


def test_where_nothing_was_seen_the_eyes_of_the_others_count() -> None:
    pupil = four_trials().pupil.copy()
    pupil[2:] = np.nan
    assert recorded_eyes(replace(four_trials(), pupil=pupil)).all()
    assert recorded_eyes(one_eye(replace(four_trials(), pupil=pupil), [0, 1], 0))[2:].tolist() == [[False, True]] * 2
