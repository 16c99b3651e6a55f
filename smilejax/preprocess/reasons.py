"""`Reason`: every reason that a sample can have, gathered from the steps. No jax in here."""

import enum
import textwrap
from typing import TYPE_CHECKING

import numpy as np

from smilejax.preprocess.face_steps import FACE_STEPS
from smilejax.preprocess.sample_reason import SampleReason, carries_value
from smilejax.preprocess.steps import STEPS, reasons_of

_ALL: dict[int, SampleReason] = {reason.number: reason for reason in reasons_of((*STEPS, *FACE_STEPS))}


class _Members(enum.EnumType):
    """The members come from the table of steps, which type checkers cannot follow: to them, any name may be one."""

    if TYPE_CHECKING:

        def __getattr__(cls, name: str) -> "Reason": ...


class _Reason(enum.IntEnum, metaclass=_Members):
    """Why a sample is what it is. It stays with the sample to the end of the pipeline, and is saved by number.

    The members are two of every trace and the reasons of the cleaning steps, in the order of their numbers:
    {members}.

    Example:
        >>> from smilejax import Reason
        >>> Reason.TOO_FAST, Reason(8).words
        (<Reason.TOO_FAST: 3>, 'filled from its neighbours')
    """

    @property
    def words(self) -> str:
        """The reason as tables print it."""
        return _ALL[self.value].words

    @property
    def colour(self) -> str:
        """The reason's colour in figures, `#RRGGBB`."""
        return _ALL[self.value].colour

    @property
    def code(self) -> np.uint8:
        """The reason as traces hold it."""
        return np.uint8(self.value)


if TYPE_CHECKING:

    class Reason(_Reason):
        """See `_Reason`."""
else:
    Reason = _Reason("Reason", {reason.name: number for number, reason in _ALL.items()}, module=__name__)
    _members = [f"{reason.name} ({reason.words})" for _, reason in sorted(_ALL.items())]
    Reason.__doc__ = _Reason.__doc__.format(members="\n    ".join(textwrap.wrap(", ".join(_members), 120)))

PRESENT: tuple[Reason, ...] = tuple(reason for reason in Reason if carries_value(reason.value))
"""Reasons of samples that carry a value."""
PUPIL_REASONS: tuple[Reason, ...] = tuple(Reason(reason.number) for reason in reasons_of(STEPS))
"""Reasons that samples of pupils can have, in the order of their numbers."""
FACE_REASONS: tuple[Reason, ...] = tuple(Reason(reason.number) for reason in reasons_of(FACE_STEPS))
"""Reasons that frames of faces can have, likewise."""
PRECEDENCE: tuple[Reason, ...] = tuple(sorted(PUPIL_REASONS, key=lambda reason: _ALL[reason.value].rank))
"""Which of two reasons a sample of a pupil made of both eyes keeps, the first: see `SampleReason.rank`."""
