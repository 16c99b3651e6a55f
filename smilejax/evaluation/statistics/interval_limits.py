"""What intervals share: their level, and where they are cut."""

from typing import Any

import numpy as np

from smilejax.settings.checks import is_number, require


def check_level(level: float) -> None:
    """Raise `SettingsError` unless a level lies above 0 and below 1."""
    require(is_number(level) and 0 < level < 1, "level", "above 0 and below 1", level)


def bounded(low: Any, high: Any, limits: tuple[float, float]) -> tuple[Any, Any]:
    """An interval cut to what its score can be; NaN stays."""
    return np.clip(low, *limits), np.clip(high, *limits)
