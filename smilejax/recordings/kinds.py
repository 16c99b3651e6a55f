"""Kinds of recording, and the words in which each is spoken of: in one place, for messages, tables, verdict and report."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of recording.

    Arguments:
        name: as files and options have it.
        signal: what was recorded, as in "recordings of pupils".
        trial, trials: what one recording is, and several.
        participant, participants: who was recorded.
    """

    name: str
    signal: str
    trial: str = "trial"
    trials: str = "trials"
    participant: str = "participant"
    participants: str = "participants"


PUPIL = Kind("pupil", "pupils")
"""The pupils of those who watch smiles: `Trials`."""
FACE = Kind("face", "faces", trial="video", trials="videos", participant="smiler", participants="smilers")
"""The faces of those who smile: `Faces`."""
