"""Numbers as results and JSON hold them: `None` for what is not finite."""

import numpy as np
import numpy.typing as npt
import pandas as pd


def json_number(value: float | np.floating | npt.NDArray[np.floating]) -> float | None:
    """A float, or None where it is NaN or infinite.

    Arguments:
        value: one number; an array must hold one.
    """
    plain = float(value)
    return plain if np.isfinite(plain) else None


def json_numbers(values: npt.NDArray[np.floating], digits: int = 6) -> tuple[float | None, ...]:
    """Numbers of a figure, rounded: six digits are finer than any line is drawn."""
    return tuple(round(float(v), digits) if np.isfinite(v) else None for v in np.asarray(values, np.float64))


def rows(table: pd.DataFrame) -> list[dict[str, float]]:
    """The rows of a table of numbers (counts and flags too) by their columns."""
    names = [str(name) for name in table.columns]
    return [dict(zip(names, row, strict=True)) for row in table.to_numpy(np.float64).tolist()]
