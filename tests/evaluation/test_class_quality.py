"""What is reported of a difference in quality between the classes."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from smilejax._util.number_text import p_words
from smilejax.evaluation.class_quality import class_warnings

NAMES = ("posed", "genuine")


def even(participants: int = 8, each: int = 4) -> pd.DataFrame:
    """All kept; in half of the participants one class has a little less measured and a blink more, in half the other."""
    rows = [
        {
            "participant": f"p{participant}",
            "class": name,
            "length_ms": 6000.0,
            "proportion_valid": 0.9 - 0.01 * ((participant + (name == "posed")) % 2),
            "blinks": 2 + (participant + (name == "posed")) % 2,
            "status": "kept",
        }
        for participant in range(participants)
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


def test_nothing_is_reported_where_the_classes_are_alike() -> None:
    assert class_warnings(even()) == []


def test_rejections_that_differ_are_reported() -> None:
    table = even()
    rows = table.index[table["class"] == "genuine"][::3]
    table = changed(table, rows, status="too much missing")
    p = scipy.stats.fisher_exact([[0, 32], [11, 21]]).pvalue
    assert class_warnings(table) == [
        "Rejected were 0 of 32 posed trials (0%) and 11 of 32 genuine trials (34%), a larger difference than chance explains "
        f"(Fisher's exact test over trials, p = {p_words(p)}). The classes were not recorded equally well, and the kept trials "
        "of each are a different selection."
    ]


def test_as_many_rejections_in_either_class_are_not() -> None:
    table = even()
    rows = [at for name in NAMES for at in table.index[table["class"] == name][::3]]
    assert class_warnings(changed(table, rows, status="too much missing")) == []


def test_missingness_that_differs_within_participants_is_reported() -> None:
    """By a little, in every participant; between participants it differs by far more."""
    table = even()
    table["proportion_valid"] = (
        0.9 - 0.05 * table["participant"].str[1:].astype(int) - 0.02 * (table["class"] == "genuine")
    )
    assert class_warnings(table) == [
        "More samples are missing in genuine than in posed trials: 2 percentage points more, the mean over 8 participants "
        "(sign-flip test, p = .008; the smallest attainable p is .008). A classifier can go by missing samples instead of "
        "the pupil."
    ]
    swapped = table.assign(proportion_valid=table["proportion_valid"] + 0.04 * (table["class"] == "genuine"))
    assert "More samples are missing in posed than in genuine trials: 2 percentage points" in class_warnings(swapped)[0]


def test_differences_between_participants_are_none_between_classes() -> None:
    """Who has more trials of one class has more missing, and within participants the classes are alike."""
    table = even()
    bad = table["participant"].isin(["p0", "p1", "p2", "p3"])
    table["proportion_valid"] = np.where(bad, 0.6, 0.95)
    drop = table.index[bad & (table["class"] == "posed")][::2]
    assert class_warnings(table.drop(drop)) == []


def test_blinks_that_differ_are_reported_by_the_minute() -> None:
    table = even()
    table["blinks"] = table["participant"].str[1:].astype(int)
    first = table[table["class"] == "posed"].groupby("participant").head(1).index
    table.loc[first, "blinks"] += 4  # one more on the average of four trials
    assert class_warnings(table) == [
        "There are more blinks in posed than in genuine trials: 10 per minute more, the mean over 8 participants (sign-flip "
        "test, p = .008; the smallest attainable p is .008). A classifier can go by blinks instead of the pupil."
    ]
    # As many per trial, in trials half as long, are twice as many per minute.
    shorter = changed(even(), even()["class"] == "posed", length_ms=3000.0)
    assert "There are more blinks in posed than in genuine trials: 25 per minute more" in class_warnings(shorter)[0]


def test_rejected_trials_do_not_count_within_participants() -> None:
    table = even()
    first = table.groupby(["participant", "class"], observed=True).head(1).index
    assert class_warnings(changed(table, first, proportion_valid=0.0, blinks=99, status="too much missing")) == []
    only_one = first[table.loc[first, "class"] == "posed"]
    warnings = class_warnings(changed(table, only_one, proportion_valid=0.0, blinks=99, status="too much missing"))
    assert len(warnings) == 1, "the rejections alone"


def test_one_class_only() -> None:
    table = even()
    alone = table[table["class"] == "posed"]
    assert class_warnings(alone) == ["There is no genuine trial: nothing can be learned of this class."]
    rejected = changed(table, table["class"] == "genuine", status="no baseline")
    assert class_warnings(rejected)[0].startswith(
        "Rejected were 0 of 32 posed trials (0%) and 32 of 32 genuine trials (100%)"
    )
    assert class_warnings(rejected)[1:] == [
        "None of the 32 genuine trials was kept: nothing can be learned of this class.",
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
        "No participant has kept trials of both classes: differences between the classes cannot be separated from "
        "differences between participants."
    ]


@pytest.mark.parametrize(
    ("participants", "words"), [(1, "1 participant with"), (3, "3 participants with"), (5, "5 participants with")]
)
def test_too_few_participants_for_any_p_below_five_in_a_hundred(participants: int, words: str) -> None:
    smallest = {1: "1", 3: ".250", 5: ".062"}[participants]
    assert class_warnings(even(participants)) == [
        "Whether the proportion missing or the blinks differ between the classes cannot be tested: with "
        f"{words} kept trials of both, no p can be smaller than {smallest}."
    ]
    assert class_warnings(even(6)) == []


def test_a_table_from_a_file_gives_the_same_warnings(tmp_path: Path) -> None:
    table = even(9)
    table.loc[table["class"] == "posed", "proportion_valid"] /= 4
    table.to_csv(tmp_path / "table.csv", index=False)
    assert len(class_warnings(table)) == 1
    # A file does not keep the order of the classes: the second one of the alphabet is then the second.
    assert class_warnings(pd.read_csv(tmp_path / "table.csv")) == class_warnings(table)


@pytest.mark.parametrize("participants", [14, 40])
def test_many_participants_give_the_same_warnings_in_every_call(participants: int) -> None:
    table = even(participants)
    table["blinks"] += (table["class"] == "posed") * (table["participant"].str[1:].astype(int) % 3 > 0) * 2
    assert len(class_warnings(table)) == 1
    assert class_warnings(table) == class_warnings(table)
