"""`Recording`: what every kind of recording has. Splits, training, evaluation and report use nothing else of it."""

from typing import Protocol, Self, runtime_checkable

import numpy as np
import numpy.typing as npt

from smilejax.recordings.source import Source

UNLABELLED = -1
"""Label of a trial whose class is not known, as in a recording to be predicted."""


@runtime_checkable
class Recording(Protocol):
    """N trials of a kind of signal, with their labels and names. `Trials` (pupils) is one kind.

    A new kind is a class with these members, and a function that makes a `Dataset` of it, registered with
    `smilejax.preprocess.to_dataset.to_dataset`. Nothing that follows knows the signal itself: not its name, unit, or number
    of channels.
    """

    @property
    def trial(self) -> tuple[str, ...]:
        """N names of trials, unique within a participant."""
        ...

    @property
    def participant(self) -> tuple[str, ...]:
        """N names of the participants who were recorded."""
        ...

    @property
    def stimulus(self) -> tuple[str, ...] | None:
        """N names of the stimuli, or None where they were not recorded."""
        ...

    @property
    def smiler(self) -> tuple[str, ...] | None:
        """N names of the people shown in the stimuli, or None."""
        ...

    @property
    def label(self) -> npt.NDArray[np.int32]:
        """`i32[N]`, class 0 or 1, or `UNLABELLED`."""
        ...

    @property
    def class_names(self) -> tuple[str, str]:
        """Names of class 0 and class 1; the second is the positive one."""
        ...

    @property
    def length(self) -> npt.NDArray[np.int32]:
        """`i32[N]`, samples of each trial."""
        ...

    @property
    def rate_hz(self) -> float:
        """Samples per second."""
        ...

    @property
    def start_ms(self) -> float:
        """Time of the first sample of every trial relative to its onset (time zero), in ms; 0 where trials begin with it."""
        ...

    @property
    def unit(self) -> str:
        """Unit of the signal, as a report prints it."""
        ...

    @property
    def source(self) -> Source:
        """Where the recording came from."""
        ...

    @property
    def shape(self) -> tuple[int, int, int]:
        """Trials, samples of the longest, channels: `(N, T, C)`."""
        ...

    def __len__(self) -> int:
        """N, the number of trials."""
        ...

    def take(self, rows: npt.ArrayLike) -> Self:
        """The trials in the given rows (indices, or a mask over N), in that order."""
        ...


def length_ms(recording: Recording) -> npt.NDArray[np.float32]:
    """`f32[N]`, length of each trial in ms."""
    return (recording.length * 1000 / recording.rate_hz).astype(np.float32)
