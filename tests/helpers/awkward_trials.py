"""Trials that are awkward to write and read again: gaps, lengths, names, one eye, time before onset."""

import numpy as np

from smilejax.recordings.recording import UNLABELLED
from smilejax.recordings.trials import Trials


def awkward_trials(
    rate_hz: float = 60.0, unit: str = "mm", start_ms: float | None = None, *, blinks: bool = True, plain: bool = False
) -> Trials:
    """Five trials of three participants, who take turns: one with both eyes, one with the left and one with the right only.

    Arguments:
        start_ms: time of the first samples; 12 samples before onset by default.
        plain: whether the participants have names of letters and digits.
    """
    rng = np.random.default_rng(29)
    participant = ("p1", "b", "p1", "x", "b") if plain else ("P 1", "b", "P 1", "\u00c5sa", "b")
    length = np.array([90, 70, 85, 90, 60])
    pupil = rng.uniform(2.5, 6.5, (5, 90, 2)).astype(np.float32) * np.float32({"mm": 1, "au": 1000, "px": 20}[unit])
    pupil[0, 5:9, 0] = np.nan
    pupil[1, 60:70] = np.nan  # the end of a trial: its length must survive
    pupil[[1, 4], :, 1] = np.nan
    pupil[3, :, 0] = np.nan
    blink = np.zeros(pupil.shape, bool)
    blink[0, 4:10, 0] = blink[0, 0, 1] = blink[2, 84, :] = True
    for row, n in enumerate(length):
        pupil[row, n:] = np.nan
    return Trials(
        pupil=pupil,
        length=length,
        rate_hz=rate_hz,
        unit=unit,  # type: ignore[arg-type]
        label=np.array([1, 0, 0, 1, UNLABELLED]),
        class_names=("posed", "genuine"),
        trial=("a", "x, 1", '"d"', "t;2", "\u00e9 v"),
        participant=participant,
        stimulus=("v1", "v2", "v1", "v3", "v2"),
        smiler=("s", "s", "q", "q", ""),
        blink=blink if blinks else None,
        start_ms=round(-12000 / rate_hz, 6) if start_ms is None else start_ms,
    )


def assert_equal(a: Trials, b: Trials) -> None:
    """Assert that two sets of trials are the same bit for bit, but for where they came from."""
    np.testing.assert_array_equal(a.length, b.length)
    np.testing.assert_array_equal(
        a.pupil.view(np.uint32)[~np.isnan(a.pupil)], b.pupil.view(np.uint32)[~np.isnan(b.pupil)]
    )
    np.testing.assert_array_equal(a.pupil, b.pupil)
    np.testing.assert_array_equal(a.label, b.label)
    assert (a.rate_hz, a.unit, a.start_ms, a.class_names) == (b.rate_hz, b.unit, b.start_ms, b.class_names)
    assert (a.trial, a.participant, a.stimulus, a.smiler) == (b.trial, b.participant, b.stimulus, b.smiler)
    assert (a.blink is None) == (b.blink is None)
    if a.blink is not None and b.blink is not None:
        np.testing.assert_array_equal(a.blink, b.blink)
