"""Single frames of faces, shuffled and of new smilers: as results hold it. No JAX in here."""

from dataclasses import dataclass

Number = float | None


@dataclass(frozen=True)
class FrameScores:
    """Frames about the apex of each smile, each given the class of the most similar frame of the training set.

    Arguments:
        videos, frames: how many frames of how many videos. folds: of either split, as many as the verdict has.
        shuffled: balanced accuracy over frames where frames are divided at random, so that frames of one video are on both
            sides.
        whole: where the folds of the verdict divide them, so that its trials are whole.
    """

    videos: int
    frames: int
    folds: int
    shuffled: Number
    whole: Number
