"""Tables of quality against numbers by hand, and what is said of a difference between the classes."""

import itertools
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.stats

import smilejax
from smilejax import Reason, Recipe, Trials
from smilejax.preprocess import Cleaned
from smilejax.preprocess.quality_tables import (
    SHARES,
    class_quality,
    class_warnings,
    participant_quality,
    sign_flip,
    sign_flip_smallest,
    trial_quality,
)

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
        "measured": [1.0, 17 / 20, 0.0, 1.0],
        "measured_left": [1.0, 14 / 20, 0.0, 1.0],
        "measured_right": [1.0, 15 / 20, 0.0, 0.0],
        "blinks": [0, 1, 0, 0],
        "longest_gap_ms": [0.0, 300.0, 2000.0, 0.0],
        "baseline_mm": [3.199335, 3.399335, nan, 4.025],
        "proportion_valid": [1.0, 29 / 40, 0.0, 0.5],
        "share_missing": [0.0, 6 / 40, 1.0, 0.5],
        "share_out_of_range": [0.0] * 4,  # those two were filled from the other eye
        "share_from_other_eye": [0.0, 5 / 40, 0.0, 0.0],
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


def test_shares_sum_to_one(table: pd.DataFrame) -> None:
    columns = [column for column in table if column.startswith("share_")]
    assert columns == [f"share_{reason.name.lower()}" for reason in SHARES]
    assert {Reason.FILLED, Reason.OUTSIDE}.isdisjoint(SHARES)
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


def planted(rng: np.random.Generator, people: int = 5, trials: int = 9) -> pd.DataFrame:
    """A table as `trial_quality` gives it, with unequal numbers, gaps in its columns and trials of no class."""
    n = people * trials
    kept = rng.random(n) < 0.7
    holes = rng.random(n) < 0.2
    return pd.DataFrame(
        {
            "participant": rng.choice([f"p{i}" for i in rng.permutation(people)], n),
            "class": pd.Categorical.from_codes(rng.integers(-1, 2, n), categories=list(NAMES)),
            "length_ms": rng.uniform(500, 9000, n),
            "measured": rng.random(n),
            "blinks": rng.integers(0, 9, n),
            "longest_gap_ms": rng.uniform(0, 900, n),
            "eye_correlation": np.where(holes, np.nan, rng.uniform(-1, 1, n)),
            "noise_left_mm": rng.random(n),
            "baseline_mm": np.where(holes, np.nan, rng.uniform(2, 5, n)),
            "proportion_valid": rng.random(n),
            "status": np.where(kept, "kept", "too much missing"),
        }
    )


def by_hand(part: pd.DataFrame) -> dict[str, float]:
    return {
        "trials": len(part),
        "kept": (part["status"] == "kept").sum(),
        "measured": sum(part["measured"]) / len(part),
        "blinks_per_minute": sum(part["blinks"]) / (sum(part["length_ms"]) / 60_000),
        "longest_gap_ms": max(part["longest_gap_ms"]),
        "eye_correlation": np.median(part["eye_correlation"].dropna()),
        "noise_left_mm": np.median(part["noise_left_mm"]),
        "baseline_mm": np.median(part["baseline_mm"].dropna()),
    }


def test_the_table_of_participants_equals_a_plain_loop(rng: np.random.Generator) -> None:
    table = planted(rng)
    found = participant_quality(table)
    people = list(dict.fromkeys(table["participant"]))
    assert found["participant"].tolist() == people
    expected = []
    for person in people:
        part = table[table["participant"] == person]
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
    assert found.loc[1, ["measured", "blinks_per_minute", "baseline_mm"]].isna().all()


def test_a_table_from_a_file_gives_the_same_warnings_and_participants(rng: np.random.Generator, tmp_path: Any) -> None:
    table = planted(rng, people=9, trials=12)
    table.loc[table["class"] == "posed", "measured"] /= 4
    table.to_csv(tmp_path / "table.csv", index=False)
    again = pd.read_csv(tmp_path / "table.csv")
    assert len(class_warnings(table)) == 1
    assert class_warnings(again) == class_warnings(table)
    pd.testing.assert_frame_equal(
        participant_quality(again), participant_quality(table), check_dtype=False, check_like=True
    )


# What differs between the classes.


def even(people: int = 8, each: int = 4) -> pd.DataFrame:
    """All kept; in half of the people one class has a little less measured and a blink more, in half the other."""
    rows = [
        {
            "participant": f"p{person}",
            "class": name,
            "length_ms": 6000.0,
            "measured": 0.9 - 0.01 * ((person + (name == "posed")) % 2),
            "blinks": 2 + (person + (name == "posed")) % 2,
            "status": "kept",
        }
        for person in range(people)
        for name in NAMES
        for _ in range(each)
    ]
    table = pd.DataFrame(rows)
    return table.assign(**{"class": pd.Categorical(table["class"], categories=list(NAMES))})


def changed(table: pd.DataFrame, where: Any, **values: Any) -> pd.DataFrame:
    table = table.copy()
    for column, value in values.items():
        table.loc[where, column] = value
    return table


def test_nothing_is_said_where_the_classes_are_alike() -> None:
    assert class_warnings(even()) == []


def test_rejections_that_differ_are_told() -> None:
    table = even()
    rows = table.index[table["class"] == "genuine"][::3]
    table = changed(table, rows, verdict="too much missing")
    p = scipy.stats.fisher_exact([[0, 32], [11, 21]]).pvalue
    assert class_warnings(table) == [
        "Rejected are 0 of 32 posed trials (0%) and 11 of 32 genuine trials (34%): further apart than chance puts them "
        f"(Fisher's exact test over trials, p = {p:.2g}). The classes were not recorded equally well, and what is left of "
        "them is a different selection."
    ]


def test_as_many_rejections_in_either_class_are_not() -> None:
    table = even()
    rows = [at for name in NAMES for at in table.index[table["class"] == name][::3]]
    assert class_warnings(changed(table, rows, verdict="too much missing")) == []


def test_missingness_that_differs_within_participants_is_told() -> None:
    """By a little, in every participant; between participants it differs by far more."""
    table = even()
    table["measured"] = 0.9 - 0.05 * table["participant"].str[1:].astype(int) - 0.02 * (table["class"] == "genuine")
    assert class_warnings(table) == [
        "More is missing in genuine than in posed trials: by 2 percentage points, the mean over 8 participants (sign-flip "
        "test, p = 0.0078; the smallest possible is 0.0078). A classifier can go by what is missing instead of the pupil."
    ]
    swapped = table.assign(measured=table["measured"] + 0.04 * (table["class"] == "genuine"))
    assert "More is missing in posed than in genuine trials: by 2 percentage points" in class_warnings(swapped)[0]


def test_differences_between_participants_are_none_between_classes() -> None:
    """Who has more trials of one class has more missing, and within participants the classes are alike."""
    table = even()
    bad = table["participant"].isin(["p0", "p1", "p2", "p3"])
    table["measured"] = np.where(bad, 0.6, 0.95)
    drop = table.index[bad & (table["class"] == "posed")][::2]
    assert class_warnings(table.drop(drop)) == []


def test_blinks_that_differ_are_told_by_the_minute() -> None:
    table = even()
    table["blinks"] = table["participant"].str[1:].astype(int)
    first = table[table["class"] == "posed"].groupby("participant").head(1).index
    table.loc[first, "blinks"] += 4  # one more on the average of four trials
    assert class_warnings(table) == [
        "There are more blinks in posed than in genuine trials: by 10 per minute, the mean over 8 participants (sign-flip "
        "test, p = 0.0078; the smallest possible is 0.0078). A classifier can go by blinks instead of the pupil."
    ]
    # As many per trial, in trials half as long, are twice as many per minute.
    shorter = changed(even(), even()["class"] == "posed", length_ms=3000.0)
    assert "There are more blinks in posed than in genuine trials: by 25 per minute" in class_warnings(shorter)[0]


def test_rejected_trials_do_not_count_within_participants() -> None:
    table = even()
    first = table.groupby(["participant", "class"], observed=True).head(1).index
    assert class_warnings(changed(table, first, measured=0.0, blinks=99, verdict="too much missing")) == []
    only_one = first[table.loc[first, "class"] == "posed"]
    said = class_warnings(changed(table, only_one, measured=0.0, blinks=99, verdict="too much missing"))
    assert len(said) == 1, "the rejections alone"


def test_one_class_only() -> None:
    table = even()
    alone = table[table["class"] == "posed"]
    assert class_warnings(alone) == ["There is no genuine trial: nothing can be learned of this class."]
    gone = changed(table, table["class"] == "genuine", verdict="no baseline")
    assert class_warnings(gone)[0].startswith(
        "Rejected are 0 of 32 posed trials (0%) and 32 of 32 genuine trials (100%)"
    )
    assert class_warnings(gone)[1:] == [
        "No genuine trial was kept, of 32: nothing can be learned of this class.",
    ]


def test_no_class_at_all() -> None:
    table = even()
    none = table.assign(**{"class": pd.Categorical([None] * len(table), categories=list(NAMES))})
    assert class_warnings(none) == []


def test_no_participant_with_both_classes() -> None:
    table = even()
    of_class = np.where(table["participant"].str[1:].astype(int) % 2 == 0, "posed", "genuine")
    table = table.assign(**{"class": pd.Categorical(of_class, categories=list(NAMES))})
    assert class_warnings(table) == [
        "No participant has kept trials of both classes, so that what differs between the classes cannot be told from "
        "what differs between people."
    ]


@pytest.mark.parametrize(
    ("people", "words"), [(1, "1 participant with"), (3, "3 participants with"), (5, "5 participants with")]
)
def test_too_few_participants_for_any_p_below_five_in_a_hundred(people: int, words: str) -> None:
    smallest = {1: "1", 3: "0.25", 5: "0.0625"}[people]
    assert class_warnings(even(people)) == [
        f"Whether share missing or blinks differ between the classes cannot be tested: with {words} kept trials of both, "
        f"no p can be smaller than {smallest}."
    ]
    assert class_warnings(even(6)) == []


# The test itself.


def plain_sign_flip(d: np.ndarray) -> float:
    """The share of all patterns of signs whose sum lies as far from 0."""
    sums = [sum(sign * value for sign, value in zip(signs, d, strict=True)) for signs in _patterns(len(d))]
    return float(np.mean([abs(total) >= abs(d.sum()) - 1e-12 for total in sums]))


def _patterns(n: int) -> Any:
    return itertools.product((-1, 1), repeat=n)


@pytest.mark.parametrize("n", [1, 2, 6, 9])
def test_sign_flip_equals_all_patterns_of_signs_and_scipys(n: int, rng: np.random.Generator) -> None:
    d = rng.normal(0.4, 1, n)
    assert sign_flip(d) == plain_sign_flip(d)
    if n > 1:
        theirs = scipy.stats.permutation_test(
            (d,), np.mean, permutation_type="samples", n_resamples=np.inf, alternative="two-sided"
        )
        assert sign_flip(d) == pytest.approx(theirs.pvalue)


def test_sign_flip_has_two_sides_and_no_scale(rng: np.random.Generator) -> None:
    d = rng.normal(0.5, 1, 10)
    assert sign_flip(-d) == sign_flip(d) == sign_flip(1e-6 * d) == sign_flip(d[::-1])
    assert sign_flip([1.0, 1.0]) == 0.5, "both of one sign, either sign"


def test_ties_are_as_extreme() -> None:
    """Sums of the same numbers in another order differ in the last bit."""
    d = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.7])
    assert sign_flip(d * 3) == 2 / 2**8
    assert sign_flip([0.1, 0.2, -0.3]) == 1.0


def test_many_participants_are_drawn_the_same_in_every_call(rng: np.random.Generator) -> None:
    d = rng.normal(0.1, 1, 15)
    assert sign_flip(d) == sign_flip(d)
    signs = 1 - 2.0 * ((np.arange(2**15)[:, None] >> np.arange(15)) & 1)
    exact = np.mean(np.abs(signs @ d) >= abs(d.sum()) - 1e-12)
    assert 0.02 < exact < 0.5
    assert sign_flip(d) == pytest.approx(exact, abs=4 * math.sqrt(exact * (1 - exact) / 10_000))


@pytest.mark.parametrize("n", [0, 1, 5, 13, 14, 40, 400])
def test_no_p_is_0_and_the_smallest_is_known(n: int) -> None:
    p = sign_flip(np.ones(n))
    assert 0 < sign_flip_smallest(n) <= p <= 1
    assert n == 14 or p == pytest.approx(sign_flip_smallest(n)), (
        "of 10,000 draws of 2^14, one or two are all of one sign"
    )


def test_a_difference_that_is_not_known_gives_no_p() -> None:
    assert math.isnan(sign_flip([1.0, math.nan, 2.0]))
