"""A study to be shown."""

import copy
from typing import Any

import pytest
from report.study_variants import STUDY


@pytest.fixture
def study() -> dict[str, Any]:
    """A copy, to be changed at will."""
    return copy.deepcopy(STUDY)
