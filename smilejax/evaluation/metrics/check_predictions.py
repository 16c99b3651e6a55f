"""Checks of probabilities and labels before they are scored."""

import numpy as np
import numpy.typing as npt


def check_scored(p: npt.NDArray[np.floating], y: npt.NDArray[np.integer], scored: npt.NDArray[np.bool_]) -> None:
    """Raise `ValueError` unless every scored trial has a probability from 0 to 1 and a label, 0 or 1."""
    outside = scored & ~((p >= 0) & (p <= 1))
    if outside.any():
        raise ValueError(
            f"a probability must lie from 0 to 1 where its trial is scored; {p[outside][0]} arrived "
            f"({int(outside.sum())} such). Give probabilities and not logits, and leave diverged runs out of the mask."
        )
    unlabelled = scored & (y != 0) & (y != 1)
    if unlabelled.any():
        found = np.broadcast_to(y, unlabelled.shape)[unlabelled][0]
        raise ValueError(
            f"a scored trial must have label 0 or 1; {found} arrived ({int(unlabelled.sum())} such). Leave unlabelled "
            "trials out of the mask."
        )
