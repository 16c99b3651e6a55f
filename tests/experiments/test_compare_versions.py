"""Two versions: how arrays are compared, and that every key of a frozen study of 03116ae has its present name."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def script() -> Iterator[SimpleNamespace]:
    paths = [str(ROOT / "experiments"), str(ROOT / "experiments" / "versions")]
    sys.path[:0] = paths
    try:
        import compare_versions
        import names

        yield SimpleNamespace(compare=compare_versions, names=names)
    finally:
        sys.path[:] = [path for path in sys.path if path not in paths]
        for module in ("compare_versions", "names"):
            sys.modules.pop(module, None)


def test_a_group_counts_what_is_identical_differs_and_is_missing(script: SimpleNamespace) -> None:
    old = {
        "a|same": np.array([1.0, np.nan]),
        "a|close": np.array([1.0, 2.0], np.float32),
        "a|shape": np.zeros(3),
        "a|gone": np.zeros(1),
        "b|labels": np.array([0, 1]),
    }
    new = old | {"a|close": np.array([1.0, 2.5], np.float32), "a|shape": np.zeros(4)}
    del new["a|gone"]
    table, differing, missing = script.compare.compared(old, new)
    assert table.to_numpy().tolist() == [["a", 4, 1, 2, 1, np.inf], ["b", 1, 1, 0, 0, 0.0]]
    assert (differing, missing) == (["a|close", "a|shape"], ["a|gone"])


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ([1.0, 2.0], [1.0, 2.25], 0.25),
        ([np.nan, 1.0], [np.nan, 1.0], 0.0),
        ([np.inf, 1.0], [np.inf, 1.5], 0.5),
        ([np.nan, 1.0], [0.0, 1.0], np.inf),
        ([True, False], [True, True], 1.0),
    ],
)
def test_the_largest_difference(script: SimpleNamespace, one: list[float], other: list[float], expected: float) -> None:
    assert script.compare.largest(np.array(one), np.array(other)) == expected


@pytest.mark.parametrize(
    ("old", "present"),
    [
        ("cleaning|default/mm/x", "cleaning|default/mm/x"),
        ("study arrays|both/answers/logits", "study arrays|participant-and-stimulus/predictions/logits"),
        ("study arrays|tested/relabelled/labels", "study arrays|permutations/permuted/labels"),
        (
            "study numbers|protocols/0/metrics/auc/mean",
            "study numbers|protocols/0/scores/mean_over_seeds/auc/mean",
        ),
        (
            "study numbers|controls/2/test/floor",
            "study numbers|classifiers/2/scores/permutation_test/test/design_smallest_p",
        ),
        (
            "study numbers|controls/2/test/p_corrected",
            "study numbers|classifiers/2/scores/permutation_test/p_corrected",
        ),
        ("study numbers|test/p", "study numbers|permutation_test/scores/test/p"),
        ("study numbers|test/null", "study numbers|permutation_test/scores/null"),
        ("study numbers|people/differ/people", "study numbers|participant_tests/between_participants/participants"),
        ("study numbers|participants/3/scored_posed", "study numbers|participants/3/scored_by_class/posed"),
    ],
)
def test_keys_of_03116ae_have_their_present_names(script: SimpleNamespace, old: str, present: str) -> None:
    assert script.names.present_name(old) == present
