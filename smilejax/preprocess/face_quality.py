"""How well faces were tracked, as a table: by video. `smilejax.preprocess.quality_tables` groups it by smiler and class."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from smilejax._util.nan_mean import nan_mean
from smilejax.preprocess.face_pipeline import CleanedFaces
from smilejax.preprocess.face_recipe import FaceRecipe
from smilejax.preprocess.quality_tables import rounded
from smilejax.preprocess.reasons import FACE_REASONS, PRESENT, Reason
from smilejax.preprocess.trial_status import TrialStatus
from smilejax.recordings.faces import Faces


def face_quality(faces: Faces, cleaned: CleanedFaces) -> pd.DataFrame:
    """How well each video was tracked, and when its smile begins: one row per video, in the order of `faces`.

    Arguments:
        faces: what was recorded.
        cleaned: what `clean(faces, recipe)` made of it.

    Returns:
        participant (the smiler), trial (the video), class (categories are the two classes; empty where not known), stimulus
        where recorded.
        length_ms: length of the video.
        proportion_valid: proportion of its frames at which every measure was given and accepted, before anything was filled,
            0 to 1; longest_gap_ms: longest time without such a frame.
        confidence: the tracker's mean, 0 to 1; empty where it gives none.
        onset_ms: onset of the smile from the video's first frame; amplitude: of the smile's course, from the neutral face.
            Empty where the recipe looks for no onset, or none was found.
        proportion_measured, proportion_missing, ...: proportion of the values that ended with each `Reason`; they sum to 1.
        status: in words.
    """
    table: dict[str, object] = {
        "participant": np.array(faces.participant, dtype=object),
        "trial": np.array(faces.trial, dtype=object),
        "class": pd.Categorical.from_codes(faces.label, dtype=pd.CategoricalDtype(list(faces.class_names))),
    }
    if faces.stimulus is not None:
        table["stimulus"] = np.array(faces.stimulus, dtype=object)
    confidence = np.full(len(faces), np.nan)
    if faces.confidence is not None:
        confidence = nan_mean(np.where(faces.inside(), faces.confidence, np.nan).astype(np.float64), 1)
    table |= {
        "length_ms": rounded(faces.length * 1000 / faces.rate_hz),
        "proportion_valid": rounded(cleaned.quality.proportion_valid),
        "longest_gap_ms": rounded(cleaned.quality.longest_gap_ms),
        "confidence": rounded(confidence),
        "onset_ms": rounded(cleaned.smile.onset_ms),
        "amplitude": rounded(cleaned.smile.amplitude),
    }
    counts = np.asarray(cleaned.quality.counts, np.float64)
    values = counts.sum(axis=1) - counts[:, FACE_REASONS.index(Reason.OUTSIDE)]
    for at, reason in enumerate(FACE_REASONS):
        if reason not in (Reason.FILLED, Reason.OUTSIDE):
            table[f"proportion_{reason.name.lower()}"] = rounded(counts[:, at] / np.maximum(values, 1))
    table["status"] = np.array([TrialStatus(int(code)).words for code in np.asarray(cleaned.status)], dtype=object)
    return pd.DataFrame(table)


def kept_ms(faces: Faces, cleaned: CleanedFaces, recipe: FaceRecipe) -> npt.NDArray[np.float32]:
    """`f32[N]`, time from the first frame that is kept of a video to its last one, by a settled recipe."""
    inside = (np.asarray(cleaned.trace.reason) != Reason.OUTSIDE).any(axis=2)
    steps = inside.shape[1] - np.argmax(inside[:, ::-1], axis=1)
    last = np.where(inside.any(axis=1), steps, 0)
    return np.asarray(last * 1000 / (recipe.resample_hz or faces.rate_hz), np.float32)


def face_table(faces: Faces, cleaned: CleanedFaces, recipe: FaceRecipe) -> pd.DataFrame:
    """The cleaned data: one row per video and step in time, at the rate that a model sees, by a settled recipe.

    Returns:
        participant (the smiler), trial (the video), class, stimulus where recorded, status of the video, time_ms relative to
        the smile's onset, or to the video's start where it is not aligned; each measure, empty where it was not measured
        and not filled, and in rejected videos; reason, of the first measure that has no value, or that was filled.
    """
    reason = np.asarray(cleaned.trace.reason)
    within = (reason != Reason.OUTSIDE).any(axis=2)
    kept = np.asarray(cleaned.status) == TrialStatus.KEPT
    shown = np.isin(reason, PRESENT) & kept[:, None, None]
    values = np.where(shown, np.asarray(cleaned.trace.values), np.float32(np.nan))
    video, step = np.nonzero(within)
    rate_hz = recipe.resample_hz or faces.rate_hz
    start_ms = recipe.first_ms(faces.rate_hz) if recipe.aligned else faces.start_ms
    names: dict[str, object] = {"participant": np.array(faces.participant, dtype=object)[video]}
    names["trial"] = np.array(faces.trial, dtype=object)[video]
    names["class"] = pd.Categorical.from_codes(faces.label[video], dtype=pd.CategoricalDtype(list(faces.class_names)))
    if faces.stimulus is not None:
        names["stimulus"] = np.array(faces.stimulus, dtype=object)[video]
    status = np.array([TrialStatus(int(code)).words for code in np.asarray(cleaned.status)], dtype=object)
    names |= {"status": status[video], "time_ms": start_ms + step * 1000.0 / rate_hz}
    names |= {name: values[:, :, at][within] for at, name in enumerate(recipe.measures or ())}
    worst = np.take_along_axis(reason, np.argmax(reason != Reason.MEASURED, axis=2)[:, :, None], axis=2)[:, :, 0]
    words = {code.value: code.words for code in FACE_REASONS}
    names["reason"] = np.array([words[code] for code in worst[within].tolist()], dtype=object)
    return pd.DataFrame(names)
