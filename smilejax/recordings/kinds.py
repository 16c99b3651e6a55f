"""Kinds of recording, and the words in which each is spoken of: in one place, for messages, tables, verdict and report."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of recording.

    Arguments:
        name: as files and options have it.
        signal: what was recorded, as in "recordings of pupils".
        response: what a classifier is to go by.
        trial, trials: what one recording is, and several.
        participant, participants: who was recorded.
        sample: one value in time.
        first_part: what the first part of a trial may be, to be read after "only their first part is to be used".
        watches: whether participants watch stimuli that show others, so that a stimulus has several observers.
    """

    name: str
    signal: str
    response: str
    trial: str = "trial"
    trials: str = "trials"
    participant: str = "participant"
    participants: str = "participants"
    sample: str = "sample"
    first_part: str = ", as the time of a video"
    watches: bool = True


PUPIL = Kind("pupil", "pupils", "pupil")
"""The pupils of those who watch smiles: `Trials`."""
FACE = Kind(
    "face",
    "faces",
    "smile",
    trial="video",
    trials="videos",
    participant="smiler",
    participants="smilers",
    sample="frame",
    first_part="",
    watches=False,
)
"""The faces of those who smile: `Faces`."""


def kind_of(recording: object) -> Kind:
    """The kind of a recording; a kind of recording of your own that has no `kind` is spoken of as pupils are."""
    kind = getattr(recording, "kind", PUPIL)
    return kind if isinstance(kind, Kind) else PUPIL
