"""What tests of plans share."""

from collections.abc import Iterator

import pytest
from helpers.children import children_ended
from helpers.small_study import make_dataset

from smilejax import Dataset
from smilejax.splits import Folds, by_participant


@pytest.fixture(scope="module", autouse=True)
def no_child_is_left() -> Iterator[None]:
    """Processes that a module's tests started have ended with it, also where a test failed or timed out."""
    with children_ended():
        yield


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    return make_dataset()


@pytest.fixture(scope="session")
def folds(dataset: Dataset) -> Folds:
    return by_participant(dataset)
