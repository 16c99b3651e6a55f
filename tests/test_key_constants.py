"""What is folded into a key, by place: another order would draw other folds, permutations and seeds for the same study."""

import pytest

from smilejax.cli import simulated, train_command, train_many_command
from smilejax.evaluation import power
from smilejax.evaluation.study import preparation, protocols


@pytest.mark.parametrize(
    ("module", "names", "values"),
    [
        (preparation, ("FOLDS", "PERMUTATIONS", "INNER", "REFERENCE_CLASSIFIERS"), (0, 1, 2, 3)),
        (power, ("STUDY", "FOLDS", "PERMUTATIONS", "CLASSIFIER"), (0, 1, 2, 3)),
        (protocols, ("BALANCED",), (1,)),
        (train_command, ("TRAINING", "PARTICIPANTS"), (1, 2)),
        (train_many_command, ("FOLDS", "PERMUTATIONS"), (0, 1)),
        (simulated, ("STUDY", "NEW"), (0, 3)),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_constants_of_keys_are_what_they_were(module: object, names: tuple[str, ...], values: tuple[int, ...]) -> None:
    assert tuple(getattr(module, name) for name in names) == values
