"""Averages, ranges, sentences and tables over recipes, for planted numbers."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from evaluation.multiverse.made_up_multiverse import multiverse, planted

from smilejax import Recipe
from smilejax.evaluation.multiverse import definition, marginals, overall, recipe_table, sentences, trace_table
from smilejax.evaluation.multiverse.multiverse_tables import in_words

SIX: dict[str, Any] = {"max_gap_ms": (250.0, 400.0), "lowpass_hz": (None, 4.0, 10.0)}
"""The base, 400 ms and 4 Hz, is row 4."""
NAN = math.nan


# Averages.


def test_marginals_are_means_and_ranges_of_the_recipes_with_a_value() -> None:
    accuracy = [0.5, 0.6, 0.7, 0.55, 0.65, 0.75]
    parts = marginals(planted(multiverse(SIX), [0.1, 0.2, 0.3, 0.4, NAN, 0.6], accuracy=accuracy))
    assert [(part.setting, part.value, part.recipes) for part in parts] == [
        *(("max_gap_ms", 250.0, 3), ("max_gap_ms", 400.0, 3)),
        *(("lowpass_hz", None, 2), ("lowpass_hz", 4.0, 2), ("lowpass_hz", 10.0, 2)),
    ]
    assert [part.difference for part in parts] == [
        pytest.approx(numbers)
        for numbers in ((0.2, 0.1, 0.3), (0.5, 0.4, 0.6), (0.25, 0.1, 0.4), (0.2, 0.2, 0.2), (0.45, 0.3, 0.6))
    ]
    assert parts[1].balanced_accuracy == pytest.approx((0.65, 0.55, 0.75))
    # Rows 3 to 5 kept 18 + 19, 20 + 21 and 22 + 23 trials.
    assert parts[1].kept == pytest.approx((37 + 41 + 45) / 3)


def test_recipes_that_keep_too_few_have_no_average() -> None:
    part = marginals(planted(multiverse(SIX), [NAN, NAN, NAN, 0.4, 0.5, 0.6]))[0]
    assert np.isnan(part.difference).all()


def test_a_base_apart_is_part_of_no_average_and_has_a_rank() -> None:
    found = multiverse(SIX, Recipe(max_gap_ms=100.0))
    assert found.grid.apart
    accuracy = [0.5, 0.6, 0.7, 0.55, 0.65, 0.75, 0.9]
    all_ = overall(planted(found, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, -9], accuracy=accuracy))
    assert (all_.recipes, all_.positive, all_.below, all_.difference) == (6, 6, 0, (0.1, pytest.approx(0.35), 0.6))
    assert (all_.difference_rank, all_.balanced_accuracy_rank) == (7, 1)
    assert sum(part.recipes for part in marginals(found)) == 12


def test_overall_counts_intervals_that_exclude_0() -> None:
    half = [0.05, 0.3, 0.1, 0.1, 0.1, 0.1]
    all_ = overall(planted(multiverse(SIX), [0.1, 0.2, -0.3, 0.05, 0.4, NAN], half))
    assert (all_.recipes, all_.above, all_.below, all_.positive, all_.undecided) == (6, 2, 1, 4, 1)
    assert all_.difference == (-0.3, 0.1, 0.4)
    assert all_.difference_rank == 1
    assert overall(planted(multiverse(SIX), [0.1, 0.2, 0.3, 0.05, 0.15, NAN])).difference_rank == 3


def test_without_a_value_of_its_own_the_base_has_no_rank() -> None:
    all_ = overall(planted(multiverse(SIX), [0.1, 0.2, 0.3, 0.4, NAN, 0.5], accuracy=[0.5, 0.5, 0.5, 0.5, NAN, 0.5]))
    assert (all_.difference_rank, all_.balanced_accuracy_rank) == (None, None)


def test_distinct_recipes_are_those_with_different_traces() -> None:
    assert overall(multiverse(SIX)).distinct == 6
    assert overall(multiverse(SIX, same_as=np.array([0, 0, 2, 3, 3, 2]))).distinct == 3


def test_what_moves_most_is_the_setting_whose_means_lie_furthest_apart() -> None:
    """The low-pass makes the widest range; the gap the larger difference of means."""
    name, span = overall(planted(multiverse(SIX), [0.1, 0.2, 0.0, 0.5, 0.6, 0.4])).moves_most
    assert (name, span) == ("max_gap_ms", pytest.approx(0.4))
    name, span = overall(planted(multiverse(SIX), [0.0, 0.2, 0.9, 0.1, 0.2, 0.9])).moves_most
    assert (name, span) == ("lowpass_hz", pytest.approx(0.85))


# Sentences.


def sentences_for(differences: list[float], half: Any = 0.05, **more: Any) -> str:
    return sentences(planted(multiverse(SIX, **more), differences, half))


def test_a_sign_that_all_recipes_share() -> None:
    assert sentences_for([0.1, 0.12, 0.2, 0.15, 0.3, 0.25]) == (
        "The sign does not depend on the recipe: the difference genuine minus posed is positive in all 6 recipes, from 0.1 to "
        "0.3 mm. Between recipes it varies by 0.2 mm, more than the base recipe's 95% interval is wide (0.1 mm). The setting "
        "that changes it most is lowpass_hz (by 0.1 mm on average). Every recipe's 95% interval lies above 0."
    )


def test_a_negative_sign_and_its_unit() -> None:
    assert sentences_for([-0.1, -0.12, -0.2, -0.15, -0.3, -0.25], 0.14, unit="percent") == (
        "The sign does not depend on the recipe: the difference genuine minus posed is negative in all 6 recipes, from -0.3 to "
        "-0.1 % of the baseline. Between recipes it varies by 0.2 % of the baseline, less than the base recipe's 95% interval "
        "is wide (0.28 % of the baseline). The setting that changes it most is lowpass_hz (by 0.1 % of the baseline on "
        "average). The 95% interval lies below 0 in 4 of 6 recipes: whether it excludes 0 depends on the recipe."
    )


def test_a_sign_that_depends_on_the_recipe() -> None:
    assert sentences_for([-0.1, 0.1, 0.2, 0.3, 0.1, 0.2], unit="sd") == (
        "The sign depends on the recipe: the difference genuine minus posed is positive in 5 of 6 recipes and negative in 1, "
        "from -0.1 to 0.3 standard deviations of the baseline. Between recipes it varies by 0.4 standard deviations of the "
        "baseline, more than the base recipe's 95% interval is wide (0.1 standard deviations of the baseline). The setting "
        "that changes it most is max_gap_ms (by 0.133 standard deviations of the baseline on average). The 95% interval lies "
        "above 0 in 5 of 6 recipes, and below 0 in 1."
    )


def test_intervals_that_all_include_0() -> None:
    assert sentences_for([0.1, 0.12, 0.2, 0.15, 0.3, 0.25], 1.0).endswith("No recipe's 95% interval excludes 0.")


def test_recipes_that_keep_too_few_are_counted_separately() -> None:
    assert sentences_for([NAN, 0.12, 0.2, NAN, 0.3, 0.25]).startswith(
        "The sign does not depend on the recipe: the difference genuine minus posed is positive in all 4 recipes, from 0.12 to "
        "0.3 mm. 2 of 6 recipes kept too few trials for a difference. Between recipes it varies by 0.18 mm, "
    )
    assert sentences_for([NAN, 0.12, -0.2, 0.1, 0.3, 0.25]).startswith(
        "The sign depends on the recipe: the difference genuine minus posed is positive in 4 of 5 recipes and negative in 1, "
        "from -0.2 to 0.3 mm. 1 of 6 recipes kept too few trials for a difference. "
    )


def test_a_base_that_keeps_too_few_has_no_interval() -> None:
    assert (
        "Between recipes it varies by 0.2 mm, and the base recipe, which keeps too few trials, has no interval to compare that "
        "with. The setting that changes it most is "
    ) in sentences_for([0.1, 0.12, 0.2, 0.3, NAN, 0.25])


def test_one_recipe_is_compared_with_none() -> None:
    one = multiverse({"max_gap_ms": (400.0,)})
    assert sentences(planted(one, [0.2])) == (
        "Only one recipe gives a difference: genuine minus posed is 0.2 mm. Every recipe's 95% interval lies above 0."
    )
    assert sentences_for([NAN, NAN, -0.2, NAN, NAN, NAN], 1.0) == (
        "Only one recipe gives a difference: genuine minus posed is -0.2 mm. No recipe's 95% interval excludes 0."
    )


def test_the_difference_is_defined_by_what_it_is_averaged_over() -> None:
    by_participants, by_trials = (definition(multiverse(SIX, by=by)) for by in ("participants", "trials"))
    assert by_participants.startswith("The difference is taken within each participant who has trials of both classes")
    assert "then averaged over participants" in by_participants
    assert by_trials.startswith("The difference is that between the means over trials of either class")


@pytest.mark.parametrize(
    ("by", "who"), [("participants", "participants with both classes"), ("trials", "trials of either class")]
)
def test_too_few_for_any_recipe(by: str, who: str) -> None:
    assert sentences_for([NAN] * 6, by=by) == (
        f"Too few {who} are kept for a difference: recipes cannot be compared on this recording."
    )


def test_the_classes_and_the_unit_are_the_recordings() -> None:
    words = sentences_for([0.1, 0.12, 0.2, 0.15, 0.3, 0.25], class_names=("Easy", "Hard"), unit="au")
    assert words.startswith(
        "The sign does not depend on the recipe: the difference Hard minus Easy is positive in all 6 recipes, from 0.1 to "
        "0.3 arbitrary units."
    )


# Tables.


def test_a_recipe_has_a_row_with_its_choices_and_numbers() -> None:
    found = multiverse(SIX, Recipe(max_gap_ms=100.0), unit="au", same_as=np.array([0, 1, 2, 0, 4, 5, 6]))
    table, results = recipe_table(found), found.results
    assert list(table) == [
        *("recipe_number", "base", "max_gap_ms", "lowpass_hz", "kept_posed", "kept_genuine", "participants"),
        *("window_difference_au", "window_low_au", "window_high_au", "window_p"),
        *("whole_difference_au", "whole_low_au", "whole_high_au", "whole_p"),
        *("peak_difference_au", "peak_low_au", "peak_high_au", "peak_ms"),
        *("balanced_accuracy", "balanced_accuracy_low", "balanced_accuracy_high", "auc", "auc_low", "auc_high"),
        *("scored", "same_as"),
    ]
    assert table["recipe_number"].tolist() == list(range(7))
    assert table["base"].tolist() == [False] * 6 + [True]
    assert table["max_gap_ms"].tolist() == [250.0] * 3 + [400.0] * 3 + [100.0]
    assert table["lowpass_hz"].tolist() == ["none", "4", "10"] * 2 + ["4"], "words, where not all are numbers"
    assert table["same_as"].tolist() == [0, 1, 2, 0, 4, 5, 6]
    contrast, score = results.contrast, results.score
    for column, values in {
        "kept_posed": results.kept[:, 0],
        "kept_genuine": results.kept[:, 1],
        "participants": contrast.n_compared,
        "window_low_au": contrast.window.low,
        "window_p": contrast.window.p,
        "whole_difference_au": contrast.whole.difference,
        "peak_high_au": contrast.peak.high,
        "balanced_accuracy_high": score.balanced_accuracy_high,
        "auc_low": score.auc_low,
        "scored": score.n_scored,
    }.items():
        np.testing.assert_array_equal(table[column], values, err_msg=column)


def test_the_column_of_what_was_compared_is_named_after_it() -> None:
    assert "trials" in recipe_table(multiverse(SIX, by="trials"))
    assert "participants" not in recipe_table(multiverse(SIX, by="trials"))


def test_a_recipe_has_a_row_for_each_step_in_time() -> None:
    found = multiverse(SIX, unit="percent")
    table, curve = trace_table(found), found.results.contrast.curve
    assert list(table) == [
        *("recipe_number", "base", "time_ms", "posed_percent", "posed_low_percent", "posed_high_percent"),
        *("genuine_percent", "genuine_low_percent", "genuine_high_percent"),
        *("difference_percent", "difference_low_percent", "difference_high_percent"),
    ]
    assert len(table) == 6 * 30
    one = table[(table["recipe_number"] == 4) & (table["time_ms"] == 350.0)].iloc[0]
    assert one["base"]
    assert one["genuine_low_percent"] == curve.mean_low[4, 1, 7]
    assert one["posed_high_percent"] == curve.mean_high[4, 0, 7]
    assert (one["difference_percent"], one["difference_low_percent"]) == (curve.difference[4, 7], curve.low[4, 7])
    assert table["base"].sum() == 30


def test_tables_survive_a_file(tmp_path: Any) -> None:
    vary = {"max_gap_ms": (250.0, math.inf), "blink_response": (True, False), "range_mm": (None, (1.5, 9.0))}
    table = recipe_table(multiverse(vary, nothing="first"))
    table.to_csv(tmp_path / "table.csv", index=False)
    again = pd.read_csv(tmp_path / "table.csv", dtype={"blink_response": str})  # else pandas takes true for True
    pd.testing.assert_frame_equal(again, table, check_dtype=False)
    table.to_parquet(tmp_path / "table.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "table.parquet"), table, check_dtype=False)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        *((None, "none"), (True, "true"), (False, "false"), (4.0, "4"), (0.25, "0.25"), (math.inf, "inf")),
        *(((1.5, 9.0), "1.5:9"), ("pchip", "pchip"), (4, "4")),
    ],
)
def test_values_are_written_as_the_command_line_takes_them(value: Any, words: str) -> None:
    assert in_words(value) == words
