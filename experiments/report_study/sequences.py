"""Each eye a sequence of its own, as in the project report."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

import smilejax

SETTINGS = smilejax.ReadSettings(rate_hz=60, label_from="sheet: A* = fake, * = real", classes=("fake", "real"))
"""How the two workbooks are read: real smiles are on the sheets L1 to L5 and H1 to H5, acted ones on A1 to A10."""
VIDEO_MS = 10_000.0
"""Length of the videos; what was recorded after them is not used (Hossain et al. 2016)."""


@dataclass(frozen=True, eq=False)
class Sequences:
    """Recordings of single eyes.

    Arguments:
        trials: N sequences, of which one eye is missing throughout.
        viewing: `i64[N]`, which viewing of a video by a participant a sequence is of; the two eyes of one share it.
    """

    trials: smilejax.Trials
    viewing: npt.NDArray[np.int64]


def read_sequences(path: Path) -> Sequences:
    """The sequences of the two workbooks."""
    return each_eye_alone(smilejax.read(path, SETTINGS))


def each_eye_alone(trials: smilejax.Trials) -> Sequences:
    """A sequence for each eye that was recorded: first all left ones, then all right ones."""
    recorded = trials.measured().any(1)
    rows = np.concatenate([np.flatnonzero(recorded[:, eye]) for eye in (0, 1)])
    eyes = np.repeat((0, 1), recorded.sum(0))
    pupil = trials.pupil[rows]
    pupil[np.arange(len(rows)), :, 1 - eyes] = np.nan
    names = tuple(f"{trials.trial[row]}, {('left', 'right')[eye]}" for row, eye in zip(rows, eyes, strict=True))
    sequences = replace(
        trials,
        pupil=pupil,
        length=trials.length[rows],
        label=trials.label[rows],
        trial=names,
        participant=tuple(trials.participant[row] for row in rows),
        stimulus=None if trials.stimulus is None else tuple(trials.stimulus[row] for row in rows),
        smiler=None if trials.smiler is None else tuple(trials.smiler[row] for row in rows),
        blink=None if trials.blink is None else trials.blink[rows],
    )
    return Sequences(sequences, rows.astype(np.int64))
