"""Recordings from a later first sample on."""

from dataclasses import replace

import numpy as np

from smilejax.recordings.trials import MIN_SAMPLES, Trials


def without_first(trials: Trials, samples: int) -> Trials:
    """The recordings without the first so many samples of every trial; what is left stays at its time relative to onset.

    A trial that had ended by then is left with `MIN_SAMPLES` missing ones, so that rows keep their meaning.

    Example:
        >>> names = {"class_names": ("posed", "genuine"), "trial": ("a",), "participant": ("p",)}
        >>> pupil, length = np.full((1, 8, 2), 3.0), np.array([8])
        >>> trials = Trials(pupil=pupil, length=length, rate_hz=10.0, unit="mm", label=np.array([0]), start_ms=-200.0, **names)
        >>> later = without_first(trials, 2)
        >>> later.shape, later.start_ms
        ((1, 6, 2), 0.0)
    """
    if samples <= 0:
        return trials
    length = np.maximum(trials.length - samples, MIN_SAMPLES).astype(np.int32)
    width = max(int(length.max()), trials.pupil.shape[1] - samples)
    surplus = ((0, 0), (0, width - max(trials.pupil.shape[1] - samples, 0)), (0, 0))
    given = np.where(trials.inside()[:, :, None], trials.pupil, np.float32(np.nan))
    blink = None if trials.blink is None else np.pad(trials.blink[:, samples:], surplus)
    return replace(
        trials,
        pupil=np.pad(given[:, samples:], surplus, constant_values=np.nan),
        length=length,
        blink=blink,
        start_ms=trials.start_ms + samples * 1000 / trials.rate_hz,
    )
