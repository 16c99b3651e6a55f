"""Pupil values as a file writes them: what counts as missing."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, ReadError, listed
from smilejax.recordings.source import Finding

MAX_NEGATIVE_MARKERS = 3
"""More different negative numbers than this are no markers of missing samples but differences from a baseline."""


def clean(
    file: str,
    pupil: npt.NDArray[np.float64],
    missing: Sequence[float],
    marked_invalid: npt.NDArray[np.bool_] | None = None,
    *,
    called: Sequence[str] = (),
) -> tuple[npt.NDArray[np.float64], tuple[Finding, ...]]:
    """Put NaN in place of every missing sample.

    Arguments:
        file: how messages name the file.
        pupil: `f64[S, eyes recorded]`.
        missing: numbers that mark a missing sample, besides NaN, zero and negative ones.
        called: each eye recorded, as messages name it.
        marked_invalid: `bool[S, eyes recorded]`, where a value stands that the tracker marks as invalid: it is missing too.

    Returns:
        `f64[S, eyes]`, and how many samples of which kind were missing.

    Raises:
        ReadError: where all are missing, or negative values are too many to be markers.
    """
    hidden = np.zeros(pupil.shape, np.bool_)
    if marked_invalid is not None:
        with np.errstate(invalid="ignore"):
            hidden = marked_invalid & (pupil > 0)
        pupil = np.where(hidden, np.nan, pupil)
    with np.errstate(invalid="ignore"):
        beyond = pupil > np.finfo(np.float32).max
    if beyond.any():
        raise ReadError(
            f"{file}: a pupil of {float(pupil[beyond][0]):g} cannot be. If it marks a missing sample: {SETTING.missing}"
        )
    with np.errstate(invalid="ignore"):
        missing_mask = ~(pupil > 0)
    missing_mask |= _given_as_missing(pupil, missing)
    values = pupil[missing_mask & ~hidden]
    given = _given_as_missing(values, missing)
    others = values[~given]
    negative = others[(others < 0) & (others != -1)]
    _check_negative(file, negative)
    if missing_mask.all():
        held = "; ".join(
            f"{name or 'the pupil'}: {_none_measured(pupil[:, at], hidden[:, at], missing)}"
            for at, name in enumerate(called or [""] * pupil.shape[1])
        )
        raise ReadError(
            f"{file}: no sample was measured. Of {len(pupil)} samples: {held}.",
            hint=f"If other columns hold the pupils, name them: {SETTING.left}, {SETTING.right}.",
        )
    parts = _kinds(others, given, int(np.count_nonzero(hidden)), missing)
    lost = np.count_nonzero(missing_mask)
    share = f"{lost} of {pupil.size} ({lost / pupil.size:.1%})"
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


def _given_as_missing(values: npt.NDArray[np.float64], missing: Sequence[float]) -> npt.NDArray[np.bool_]:
    """Which values are among the numbers that mark a missing sample."""
    found = np.zeros(values.shape, np.bool_)
    for value in missing:
        found |= np.isclose(values, value, rtol=1e-6, atol=0.0)
    return found


def _kinds(
    values: npt.NDArray[np.float64], given: npt.NDArray[np.bool_], invalid: int, missing: Sequence[float]
) -> list[str]:
    """How many missing samples are of which kind: "empty: 12".

    Arguments:
        values: of the missing samples, without those of `given`, which are numbers of `missing`.
        invalid: how many hold a value that the tracker marks as invalid.
    """
    counts = {
        "a value that the tracker marks as invalid": invalid,
        "empty": np.count_nonzero(np.isnan(values)),
        f"given ({listed(missing)})": np.count_nonzero(given),
        "0": np.count_nonzero(values == 0),
        "-1": np.count_nonzero(values == -1),
        "other negative": np.count_nonzero((values < 0) & (values != -1)),
    }
    return [f"{kind}: {n}" for kind, n in counts.items() if n]


def _none_measured(values: npt.NDArray[np.float64], hidden: npt.NDArray[np.bool_], missing: Sequence[float]) -> str:
    """What stands in a column without a measured sample: "empty: 12, 0: 4"."""
    shown = values[~hidden]
    given = _given_as_missing(shown, missing)
    return ", ".join(_kinds(shown[~given], given, int(np.count_nonzero(hidden)), missing))
