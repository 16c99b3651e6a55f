"""Checks and limits that all intervals share."""

import numpy as np
import numpy.typing as npt

from smilejax.settings.checks import is_number, require

Floats = npt.NDArray[np.float64]


def check_level(level: float) -> None:
    """Raise `SettingsError` unless a level lies above 0 and below 1."""
    require(is_number(level) and 0 < level < 1, "level", "above 0 and below 1", level)


def bounded(low: float | Floats, high: float | Floats, limits: tuple[float, float]) -> tuple[Floats, Floats]:
    """An interval cut to what its score can be; NaN stays."""
    return np.asarray(np.clip(low, *limits)), np.asarray(np.clip(high, *limits))
