"""What tests of runs share."""

import pytest
from helpers.small_study import make_dataset

from smilejax import Dataset
from smilejax.splits import Folds, by_participant


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    return make_dataset()


@pytest.fixture(scope="session")
def folds(dataset: Dataset) -> Folds:
    return by_participant(dataset)
