"""Pupil values as a file writes them: what counts as missing."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, ReadError, listed
from smilejax.recordings.source import Finding

MAX_NEGATIVE_MARKERS = 3
"""More different negative numbers than this are no markers of missing samples but differences from a baseline."""


def clean(
    file: str, pupil: npt.NDArray[np.float64], missing: Sequence[float]
) -> tuple[npt.NDArray[np.float64], tuple[Finding, ...]]:
    """Put NaN in place of every missing sample.

    Arguments:
        file: how messages name the file.
        pupil: `f64[S, eyes recorded]`.
        missing: numbers that mark a missing sample, besides NaN, zero and negative ones.

    Returns:
        `f64[S, eyes]`, and how many samples of which kind were missing.

    Raises:
        ReadError: where all are missing, or negative values are too many to be markers.
    """
    with np.errstate(invalid="ignore"):
        beyond = pupil > np.finfo(np.float32).max
    if beyond.any():
        raise ReadError(
            f"{file}: a pupil of {float(pupil[beyond][0]):g} cannot be. If it marks a missing sample: {SETTING.missing}"
        )
    with np.errstate(invalid="ignore"):
        missing_mask = ~(pupil > 0)
    for value in missing:
        missing_mask |= np.isclose(pupil, value, rtol=1e-6, atol=0.0)
    values = pupil[missing_mask]
    given = np.zeros(len(values), np.bool_)
    for value in missing:
        given |= np.isclose(values, value, rtol=1e-6, atol=0.0)
    others = values[~given]
    negative = others[(others < 0) & (others != -1)]
    _check_negative(file, negative)
    if missing_mask.all():
        raise ReadError(
            f"{file}: no sample was measured: all {pupil.size} are empty, zero, negative or marked as missing. "
            f"Check the pupil columns: {SETTING.left}, {SETTING.right}"
        )
    counts = {
        "empty": np.count_nonzero(np.isnan(others)),
        f"given ({listed(missing)})": np.count_nonzero(given),
        "0": np.count_nonzero(others == 0),
        "-1": np.count_nonzero(others == -1),
        "other negative": len(negative),
    }
    parts = [f"{kind}: {n}" for kind, n in counts.items() if n]
    share = f"{len(values)} of {pupil.size} ({len(values) / pupil.size:.1%})"
    finding = Finding("missing samples", f"{share}; {', '.join(parts)}" if parts else share, "inferred")
    return np.where(missing_mask, np.nan, pupil), (finding,)


def _check_negative(file: str, values: npt.NDArray[np.float64]) -> None:
    if not len(values):
        return
    different = np.unique(values)
    if len(different) > MAX_NEGATIVE_MARKERS:
        raise ReadError(
            f"{file}: the pupil holds {len(values)} negative values of {len(different)} kinds "
            f"({listed(different[:3])}, ...), as after a baseline correction. The raw recording is needed; if these "
            f"mark missing samples, name them: {SETTING.missing} VALUE"
        )
