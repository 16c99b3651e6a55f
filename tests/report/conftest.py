"""A study to be shown."""

from typing import Any

import pytest
from report.study_variants import fresh


@pytest.fixture
def study() -> dict[str, Any]:
    """A copy, to be changed at will."""
    return fresh()
