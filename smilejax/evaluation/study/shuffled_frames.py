"""What single frames reach when they are shuffled: the protocol behind accuracies near 100 %, beside that of the verdict.

Frames of one smile are almost alike. Where they are divided at random, the training set holds neighbours of every frame that is
scored, and whoever finds the most similar frame knows the class of the video without knowing anything of the classes.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
from jaxtyping import Bool, Float, Int

from smilejax.evaluation.metrics import balanced_accuracy
from smilejax.evaluation.study.frame_results import FrameScores
from smilejax.evaluation.study.json_numbers import json_number
from smilejax.evaluation.study.raw_results import RawResults
from smilejax.recordings.face_measures import FACE_MEASURES, smile_measures
from smilejax.recordings.kinds import FACE
from smilejax.settings import StudySettings

FRAMES: Final = 10
"""Frames taken of each video, those of its highest course of the smile (our choice)."""
LEAST_VIDEOS: Final = 4
BLOCK: Final = 512
"""Frames compared at once: with 12,000 frames, 50 MB of distances."""


def frame_scores(raw: RawResults, settings: StudySettings) -> FrameScores | None:
    """Single frames of faces by both ways to divide them; None of pupils, and of recordings of single frames."""
    protocol = raw.verdict_protocol
    folds, about = protocol.folds, raw.about
    if about.recording != FACE.name or folds is None or raw.x.shape[1] < 2:
        return None
    video, x = frames_of(raw)
    if len(np.unique(video)) < max(LEAST_VIDEOS, len(folds)):
        return None
    y = raw.y[video]
    split = np.random.default_rng(settings.seed).permutation(len(video)) % len(folds)
    shuffled = split == np.arange(len(folds))[:, None]
    return FrameScores(
        videos=len(np.unique(video)),
        frames=len(video),
        folds=len(folds),
        shuffled=json_number(nearest_accuracy(x, y, ~shuffled, shuffled)),
        whole=json_number(nearest_accuracy(x, y, folds.train[:, video], folds.test[:, video])),
    )


def frames_of(raw: RawResults) -> tuple[Int[np.ndarray, " F"], Float[np.ndarray, "F C"]]:
    """The frames of trials that can be scored, as the network is given them: the video of each, and its measures."""
    names = raw.about.channels
    known = [at for at, name in enumerate(names) if name != "mask"]
    smile = (
        [names.index(name) for name in smile_measures(names)]
        or [at for at in known if names[at] in FACE_MEASURES]
        or known
    )
    usable = raw.valid & np.isfinite(raw.x).all(axis=2)
    course = np.where(usable, raw.x[:, :, smile].mean(axis=2), -np.inf)
    highest = np.argsort(-course, axis=1, kind="stable")[:, :FRAMES]
    there = np.take_along_axis(usable, highest, axis=1)
    there &= (raw.trials["kept"].to_numpy(np.bool_) & (raw.y >= 0))[:, None]
    video, column = np.nonzero(there)
    return video, raw.x[video, highest[video, column]][:, known].astype(np.float64)


def nearest_accuracy(
    x: Float[np.ndarray, "F C"],
    y: Int[np.ndarray, " F"],
    train: Bool[np.ndarray, "K F"],
    test: Bool[np.ndarray, "K F"],
) -> float:
    """Balanced accuracy over frames, each given the class of the most similar frame that its fold trains on.

    Measures are standardised by the frames trained on. A frame that several folds score counts with its mean.

    Example:
        >>> x, y = np.array([[0.0], [0.1], [5.0], [5.1]]), np.array([0, 0, 1, 1])
        >>> mask = np.array([[True, False, True, False]])
        >>> nearest_accuracy(x, y, mask, ~mask)
        1.0
    """
    hits, times = np.zeros(len(y)), np.zeros(len(y))
    for of_training, of_test in zip(train, test, strict=True):
        known, asked = np.flatnonzero(of_training), np.flatnonzero(of_test)
        if not len(known) or not len(asked):
            continue
        spread = x[known].std(axis=0)
        scaled = (x - x[known].mean(axis=0)) / np.where(spread > 0, spread, 1.0)
        hits[asked] += y[known[_nearest(scaled[asked], scaled[known])]] == y[asked]
        times[asked] += 1
    share = np.where(times > 0, hits / np.maximum(times, 1), np.nan)
    return float(balanced_accuracy(share, y))


def _nearest(asked: npt.NDArray[np.float64], known: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """The most similar of the known frames, by Euclidean distance, the first of equal ones."""
    square = (known**2).sum(axis=1)
    blocks = [asked[at : at + BLOCK] for at in range(0, len(asked), BLOCK)]
    return np.concatenate([(square - 2 * block @ known.T).argmin(axis=1) for block in blocks])
