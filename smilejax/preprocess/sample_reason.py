"""`SampleReason`: why a sample is what it is. Each step that marks or fills samples defines its own; here are the others."""

from dataclasses import dataclass

import numpy as np

VALUES = (0, 8, 9)
"""Numbers of the reasons that carry a value: measured, filled from its neighbours, filled from the other eye."""
FIRST_FURTHER_VALUE = 128
"""Further steps that fill samples take numbers from here up, and steps that take samples away take numbers below."""


@dataclass(frozen=True)
class SampleReason:
    """One reason.

    Arguments:
        name: its name in `smilejax.Reason`.
        number: 0 to 255, by which it is saved. It is never changed or used again.
        words: as tables and figures print it.
        colour: in figures, as `#RRGGBB`: of Okabe & Ito (2008), which people with any colour vision can distinguish, or grey.
        rank: which of two reasons a sample keeps that is made of both eyes: the lower rank. A value goes before none, a
            measured one first; without a value, what the tracker or the eyelid did goes before what a step made of it.
    """

    name: str
    number: int
    words: str
    colour: str
    rank: int

    @property
    def carries_value(self) -> bool:
        """Whether samples with this reason have a value."""
        return carries_value(self.number)

    @property
    def code(self) -> np.uint8:
        """The reason as a `Trace` holds it."""
        return np.uint8(self.number)


def carries_value(number: int) -> bool:
    """Whether samples with the reason of this number have a value."""
    return number in VALUES or number >= FIRST_FURTHER_VALUE


MEASURED = SampleReason("MEASURED", 0, "measured", "#E6E6E6", rank=10)
OUTSIDE = SampleReason("OUTSIDE", 10, "outside the trial", "#FFFFFF", rank=0)
